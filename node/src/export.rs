//! A state as JSON, one object a line, for people and for programs.
//!
//! Every object has its kind, its key and its canonical bytes, from which the state root follows; those that clients
//! ask for have besides what they are told of them.

use chain::address::Network;
use chain::block::Header;
use chain::market::{Market, MarketId};
use chain::state::{Key, Object};
use rpc::canonical::Canonical;
use rpc::translate::{AccountFacts, Translator};
use rpc::types::ObjectStatus;
use runtime::state::{State, View};
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::rejection_of_code;

/// The form of the lines.
const SCHEMA: u32 = 1;

/// Writes the state after one block.
#[derive(Debug)]
pub struct Export<'a> {
    state: &'a State,
    header: &'a Header,
    translate: Translator,
}

impl<'a> Export<'a> {
    /// The state after the block with this `header`, on a chain of `network`.
    pub const fn new(state: &'a State, header: &'a Header, network: Network) -> Self {
        Self { state, header, translate: Translator::new(network, rejection_of_code) }
    }

    /// The lines: the first says what is exported, each other is an object, in order of key.
    pub fn lines(&self) -> impl Iterator<Item = Value> {
        let head = json!({
            "schema": SCHEMA,
            "chain": self.header.chain.to_string(),
            "height": self.header.height.0,
            "block_hash": self.header.digest().to_string(),
            "state_root": self.header.state_root.to_string(),
            "time": self.header.time.0,
            "objects": self.state.iter().count(),
        });
        [head].into_iter().chain(self.state.iter().map(|(key, object)| self.line(key, object)))
    }

    fn line(&self, key: &Key, object: &Object) -> Value {
        json!({
            "kind": kind(key),
            "key": Canonical(*key).to_string(),
            "bytes": Canonical(object.clone()).to_string(),
            "value": self.value(key, object),
        })
    }

    /// What clients are told of the object; null for what they never ask for.
    fn value(&self, key: &Key, object: &Object) -> Value {
        let (translate, open) = (&self.translate, ObjectStatus::Open);
        match (key, object) {
            (Key::Account(id), Object::Account(account)) => {
                let view = View::new(self.state, &[]);
                let (name, signers) = (view.name_of(id), view.signers(id));
                let next = account.nonce;
                let facts = AccountFacts { id: *id, account: *account, next, name, signers };
                written(translate.account_view(&facts))
            }
            (Key::Supply, Object::Supply(supply)) => json!({
                "minted": supply.minted.base_units().to_string(),
                "burned": supply.burned.base_units().to_string(),
                "supply": supply.cash().base_units().to_string(),
            }),
            (Key::Market(id), Object::Market(market)) => written(translate.market(*id, market)),
            (Key::Hold(id), Object::Hold(hold)) => written(translate.hold(*id, hold, open)),
            (Key::Order(id), Object::Order(order)) => {
                written(translate.order_detail(*id, order, self.market(order.market), open))
            }
            (Key::Contract(id), Object::Contract(contract)) => {
                let market = self.market(contract.market);
                written(translate.contract(*id, contract, market, open))
            }
            (Key::Channel(id), Object::Channel(channel)) => {
                written(translate.channel(*id, channel, open))
            }
            (Key::Captured(id), Object::Captured(captured)) => {
                written(translate.payment(*id, captured, Some(captured.until)))
            }
            (Key::Agent(_), Object::Agent(agent)) => written(translate.agent(agent)),
            (Key::Host(id), Object::Host(host)) => written(translate.host(*id, host)),
            (Key::Pool(id), Object::Pool(pool)) => {
                written(translate.pool(*id, pool, self.market(id.market)))
            }
            (Key::Standing(id), Object::Standing(standing)) => {
                let market = self.market(standing.terms.template.market);
                written(translate.standing(*id, standing, market, open))
            }
            (Key::Proposal(id), Object::Proposal(proposal)) => {
                written(translate.proposal(*id, proposal))
            }
            _ => Value::Null,
        }
    }

    fn market(&self, id: MarketId) -> &Market {
        View::new(self.state, &[]).market(id).expect("markets are never taken away")
    }
}

/// What an object is.
const fn kind(key: &Key) -> &'static str {
    match key {
        Key::Params => "params",
        Key::Supply => "supply",
        Key::Account(_) => "account",
        Key::Reference(_) => "reference",
        Key::Market(_) => "market",
        Key::Hold(_) => "hold",
        Key::Order(_) => "order",
        Key::Contract(_) => "contract",
        Key::Channel(_) => "channel",
        Key::Timer(_) => "timer",
        Key::Captured(_) => "payment",
        Key::Name(_) => "name",
        Key::NameOf(_) => "name_of",
        Key::Signers(_) => "signers",
        Key::Agent(_) => "agent",
        Key::CancelSwitch(_) => "cancel_switch",
        Key::QuoteUse(_) => "quote_use",
        Key::Host(_) => "host",
        Key::Pool(_) => "pool",
        Key::Standing(_) => "standing",
        Key::Book(_) => "book",
        Key::Proposal(_) => "proposal",
        Key::Authorities => "authorities",
    }
}

fn written(view: impl Serialize) -> Value {
    serde_json::to_value(view).expect("what clients are told is JSON")
}
