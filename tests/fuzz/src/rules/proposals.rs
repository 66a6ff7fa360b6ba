//! What fuzzed authorities propose: markets that may be sound, terms that may fit, params, offices and freezes.

use std::net::SocketAddr;

use chain::account::AccountId;
use chain::authority::Authority;
use chain::authority_set::AuthorityAct;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::market::{Market, MarketId, MarketStatus};
use chain::operation::Operation;
use chain::param::{Param, ParamChange, ParamsChange};
use chain::proposal::{AuthoritiesChange, Change, MarketChange, Office};
use chain::quantity::Quantity;
use chain::state::{Key, Object};
use chain::time::Millis;
use runtime::state::{State, View};

use super::voters::{admission, proof, voter};
use crate::input::Input;

/// Keys that may come to vote: few, so that some come twice.
const VOTERS: u8 = 8;

pub(super) fn propose(input: &mut Input<'_>, accounts: &[AccountId], state: &State) -> Operation {
    if input.once_in(2) {
        return Operation::Propose { change: of_the_network(input, accounts, state) };
    }
    let number = MarketId(u32::from(input.byte() % 3));
    let Some(Object::Market(market)) = state.get(&Key::Market(number)) else {
        return add(input, state);
    };
    if input.once_in(3) {
        return add(input, state);
    }
    let mut terms = market.terms();
    match input.below(5) {
        0 => terms.quantity_min = Quantity(input.number()),
        1 => terms.lead = Millis(input.number()),
        2 => terms.k_bps = u16::from(input.byte()) * 64,
        3 => terms.horizon_slots = input.number(),
        _ => {
            terms.status = match terms.status {
                MarketStatus::Open => MarketStatus::Closed,
                MarketStatus::Closed => MarketStatus::Open,
            };
        }
    }
    Operation::Propose { change: Change::Market(MarketChange::Set { market: number, terms }) }
}

fn add(input: &mut Input<'_>, state: &State) -> Operation {
    let Some(Object::Market(first)) = state.get(&Key::Market(MarketId(0))) else {
        unreachable!("the world has a market")
    };
    let name = input.pick(&["spare", "cpu", "GPU"]).to_string();
    let market = Market { name, ..first.as_ref().clone() };
    Operation::Propose { change: Change::Market(MarketChange::Add(Box::new(market))) }
}

/// What else authorities decide; most often something that can be done.
fn of_the_network(input: &mut Input<'_>, accounts: &[AccountId], state: &State) -> Change {
    let account = input.pick(accounts);
    match input.below(8) {
        0..4 => params(input, state),
        4 => Change::Freeze(account),
        5 => Change::Unfreeze(account),
        6 => {
            let office = input.pick(&[Office::Cashier, Office::Treasury]);
            Change::Appoint { office, account }
        }
        _ => {
            let chain = View::new(state, &[]).params().chain;
            let (mut joins, mut leaves) = (Vec::new(), Vec::new());
            if input.once_in(2) {
                joins.push(admission(input.byte() % VOTERS, (chain, account)));
            }
            if joins.is_empty() || input.once_in(4) {
                leaves.push(input.pick(accounts));
            }
            let change = AuthoritiesChange::new(joins, leaves);
            Change::Authorities(change.expect("somebody is to join or to leave"))
        }
    }
}

fn params(input: &mut Input<'_>, state: &State) -> Change {
    let params = View::new(state, &[]).params();
    let count = 1 + input.below(3);
    let changes: Vec<ParamChange> = (0..count)
        .map(|_| {
            let param = input.pick(&Param::ALL);
            let before = if input.once_in(16) { 1 } else { params.value(param) };
            ParamChange { param, before, value: u128::from(input.number()) }
        })
        .collect();
    let first = changes.first().copied();
    let change = ParamsChange::new(changes).or_else(|| ParamsChange::new(first));
    Change::Params(change.expect("one param is a change"))
}

/// An approval, most often of what the proposal changes.
pub(super) fn approve(proposal: ObjectId, input: &mut Input<'_>, state: &State) -> Operation {
    let view = View::new(state, &[]);
    let change = view.proposal(&proposal).filter(|_| !input.once_in(8));
    let change = change.map_or(Hash::ZERO, |proposal| proposal.change.digest());
    Operation::Approve { proposal, change }
}

/// What an authority's account asks for.
pub(super) fn authority(input: &mut Input<'_>, state: &State) -> Operation {
    let view = View::new(state, &[]);
    let next = &view.authorities().next;
    let place = usize::from(input.byte()) % next.len();
    let Authority { key, account } = next[place];
    let act = if input.once_in(3) {
        let number = input.byte() % VOTERS;
        let proof = proof(number, (view.params().chain, account), Some(key));
        AuthorityAct::Rotate { key: voter(number), proof }
    } else {
        let port = u16::from(input.byte());
        let address = SocketAddr::from(([10, 0, 0, input.byte()], port));
        AuthorityAct::Move { address: (!input.once_in(4)).then_some(address) }
    };
    Operation::Authority { key, act }
}
