//! The people of a fuzzed chain, and what they ask for: anything, most often something that fits.

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey};
use chain::authority_set::AuthoritySet;
use chain::hash::{Domain, Hash};
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::limits::AUTHORITIES_MAX;
use chain::market::{Market, MarketId, MarketStatus};
use chain::params::{ContractTerms, Deposits, Fees, Params, ProposalTerms};
use chain::quantity::{Price, Quantity};
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::time::{Millis, Time};
use chain::transaction::{Transaction, VerifiedTransaction};
use runtime::context::BlockContext;
use runtime::state::{State, View};

use super::hosts;
use super::operations::operation;
use crate::input::Input;

/// The chain of the fuzzed world.
pub(super) const CHAIN: Hash = Hash([0xc0; 32]);
/// Milliseconds of its markets' slots.
pub(super) const SLOT: u64 = 64;
const AUTHORITY: AuthorityKey = AuthorityKey([0xa0; 32]);
/// Keys in all; the first is the cashier's, the second the treasury's and the authority's.
const KEYS: u8 = 7;
/// How many of them have an account at first.
const FOUNDED: u8 = 5;
const CASH: u64 = 100_000;

/// Who is there, and where the chain stands.
pub(super) struct World {
    pub(super) keys: Vec<SecretKey>,
    /// Names of objects that were made, or would have been.
    pub(super) objects: Vec<ObjectId>,
    pub(super) time: u64,
    parent_time: u64,
    height: u64,
    params: Params,
    markets: Vec<Market>,
    /// How often each key has sent in the block that is being made.
    sent: Vec<u64>,
}

impl World {
    pub(super) fn new(input: &mut Input<'_>) -> Self {
        let keys: Vec<SecretKey> = (1..=KEYS).map(key).collect();
        let params = params(&keys, input);
        let markets = (0..2).map(|number| market(number, input)).collect();
        let sent = vec![0; keys.len()];
        let (objects, time) = (Vec::new(), 10 * SLOT);
        Self { keys, objects, time, parent_time: time, height: 0, params, markets, sent }
    }

    /// The state of the genesis.
    pub(super) fn state(&self) -> State {
        let (cash, held) = (Amount::from_u64(CASH), self.params.deposits.account);
        let account = Object::Account(Account { cash, held, ..Account::default() });
        let founded = self.keys.iter().take(FOUNDED.into());
        let accounts = founded.map(|key| (Key::Account(account_of(key)), account.clone()));
        let markets = (0..).zip(&self.markets).map(|(number, market)| {
            (Key::Market(MarketId(number)), Object::Market(Box::new(market.clone())))
        });
        let minted = Amount::from_u64(CASH * u64::from(FOUNDED));
        State::from_objects(accounts.chain(markets).chain([
            (Key::Params, Object::Params(Box::new(self.params.clone()))),
            (Key::Supply, Object::Supply(Supply { minted, burned: Amount::ZERO })),
            (
                Key::Authorities,
                Object::Authorities(Box::new(AuthoritySet::new(vec![Authority {
                    key: AUTHORITY,
                    account: self.params.treasury,
                }]))),
            ),
        ]))
    }

    /// The accounts of all keys, whether or not they are open.
    pub(super) fn accounts(&self) -> Vec<AccountId> {
        self.keys.iter().map(account_of).collect()
    }

    pub(super) fn begin_block(&mut self, input: &mut Input<'_>) {
        self.parent_time = self.time;
        self.time = self.time.saturating_add(match input.below(16) {
            15 => 1_000,
            14 => 10_000_000,
            _ => 1 + input.below(SLOT),
        });
        self.height += 1;
        self.sent.fill(0);
    }

    /// What the header of the block that is being made says. Those who vote propose in turn.
    pub(super) fn context(&self, state: &State) -> BlockContext {
        let voting = View::new(state, &[]).authorities().voting.iter();
        let turn = usize::try_from(self.height).expect("few blocks");
        let proposer = voting.cycle().nth(turn % AUTHORITIES_MAX).expect("somebody votes").key;
        BlockContext {
            chain: CHAIN,
            height: Height(self.height),
            epoch: self.height / self.params.epoch_blocks,
            parent: Hash::of(Domain::Header, &[&self.height.to_le_bytes()]),
            parent_time: Time(self.parent_time),
            time: Time(self.time),
            proposer,
        }
    }

    /// A transaction of anybody, most often with the nonce that fits.
    pub(super) fn transaction(
        &mut self,
        input: &mut Input<'_>,
        state: &State,
    ) -> VerifiedTransaction {
        let sender = usize::from(input.byte()) % self.keys.len();
        let id = account_of(&self.keys[sender]);
        let account = View::new(state, &[]).account(&id).unwrap_or_default();
        let off = if input.once_in(32) { input.below(3) } else { 1 };
        let nonce = Nonce((account.nonce.0 + self.sent[sender] + off).saturating_sub(1));
        self.sent[sender] += 1;
        let count = 1 + input.below(3);
        let operations = (0..count).map(|_| operation(self, input, state)).collect();
        for index in 0..u8::try_from(count).expect("few operations") {
            self.objects.push(ObjectId::of_operation(CHAIN, id, nonce, index));
        }
        let transaction = Transaction {
            chain: CHAIN,
            sender: id,
            nonce,
            valid_until: Height(self.height + 10),
            fee_max: if input.once_in(32) { input.amount() } else { Amount::MAX },
            operations,
        };
        let keys = self.signers(sender, input, state);
        transaction.sign_with(&keys).verify().expect("all of its signatures are made here")
    }

    /// Who signs for a sender: most often whoever should, sometimes an agent or a stranger.
    fn signers(&self, sender: usize, input: &mut Input<'_>, state: &State) -> Vec<SecretKey> {
        let own = &self.keys[sender];
        if input.once_in(8) {
            return vec![self.key(input).clone()];
        }
        let Some(Object::Signers(set)) = state.get(&Key::Signers(account_of(own))) else {
            return vec![own.clone()];
        };
        let in_set = |key: &&SecretKey| set.signers.keys().contains(&key.public_key());
        self.keys.iter().filter(in_set).take(set.signers.threshold().into()).cloned().collect()
    }

    pub(super) fn account(&self, input: &mut Input<'_>) -> AccountId {
        account_of(self.key(input))
    }

    pub(super) fn key(&self, input: &mut Input<'_>) -> &SecretKey {
        &self.keys[usize::from(input.byte()) % self.keys.len()]
    }
}

fn key(byte: u8) -> SecretKey {
    SecretKey::from_bytes(&[byte; 32]).expect("below the order of the curve")
}

fn account_of(key: &SecretKey) -> AccountId {
    AccountId::of_key(&key.public_key())
}

fn params(keys: &[SecretKey], input: &mut Input<'_>) -> Params {
    let amount = Amount::from_u64;
    let treasury = account_of(&keys[1]);
    Params {
        chain: CHAIN,
        version: 1,
        upgrade: None,
        epoch_blocks: 5,
        cashier: account_of(&keys[0]),
        treasury,
        fees: Fees {
            base: amount(input.below(20)),
            per_byte: amount(0),
            per_operation: amount(input.below(4)),
            proposer_bps: input.pick(&[0, 1, 3_333, 10_000]),
        },
        deposits: Deposits {
            account: amount(input.below(60)),
            hold: amount(input.below(10)),
            order: amount(input.below(10)),
            channel: amount(input.below(10)),
            name: amount(input.below(10)),
            keys: amount(input.below(10)),
            agent: amount(input.below(10)),
            host: amount(input.below(10)),
            pool: amount(input.below(10)),
            proposal: amount(input.below(10)),
        },
        settle_delay_min: Millis(10),
        settle_delay_max: Millis(1_000),
        settle_blocks: 2,
        hold_span_max: Millis(2_000),
        withdrawal_span: Millis(500),
        refund_span: Millis(1_000),
        contracts: ContractTerms {
            stage_grace: Millis(1 + input.below(200)),
            ready_grace: Millis(1 + input.below(200)),
            result_grace: Millis(1 + input.below(200)),
            sign_off_grace: Millis(1 + input.below(200)),
            dispute_span: Millis(1 + input.below(200)),
            holdback_bps: input.pick(&[0, 1_000, 3_333, 10_000]),
            booking_bps: input.pick(&[0, 1, 3_333, 10_000]),
            commission_bps: input.pick(&[0, 1, 333, 10_000]),
            commission_bps_max: 10_000,
            broker_bps: 2_500,
        },
        proposals: ProposalTerms { span: Millis(3_600_000), delay: Millis(60_000) },
    }
}

fn market(number: u8, input: &mut Input<'_>) -> Market {
    let lot = 1 + input.below(3);
    Market {
        name: format!("market{number}"),
        unit: "core".to_owned(),
        slot: Millis(SLOT),
        lot: Quantity(lot),
        tick: Price(input.pick(&[1, 5, 7])),
        quantity_min: Quantity(lot),
        horizon_slots: 200,
        lead: Millis(input.pick(&[0, 30, SLOT])),
        k_bps: input.pick(&[0, 3_333, 5_000, 10_000]),
        grades: vec!["proven".into(), "best".into()],
        attributes: hosts::schema(),
        status: MarketStatus::Open,
    }
}
