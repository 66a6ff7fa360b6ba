//! A ledger to measure on: a developer's chain with accounts whose keys everybody knows.

use bench::rates::key;
use chain::account::AccountId;
use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey};
use chain::hash::{Domain, Hash};
use chain::height::{Height, Nonce};
use chain::keys::SecretKey;
use chain::market::{Market, MarketId};
use chain::operation::Operation;
use chain::state::{Key, Object};
use chain::time::{Millis, Time};
use chain::transaction::{Transaction, VerifiedTransaction};
use genesis::{Genesis, dev_spec};
use runtime::block::{Applied, apply_block};
use runtime::context::BlockContext;
use runtime::state::{Changes, State, View};

/// Who proposes every block.
const PROPOSER: AuthorityKey = AuthorityKey([9; 32]);

/// A chain at its genesis.
#[derive(Debug)]
pub(crate) struct Fixture {
    chain: Hash,
    state: State,
    /// The time of the genesis.
    pub(crate) time: Time,
    senders: Vec<(SecretKey, AccountId)>,
    others: Vec<AccountId>,
}

impl Fixture {
    /// A chain on which `accounts` accounts have money, and the first `senders` of them sign.
    pub(crate) fn new(senders: u32, accounts: u32) -> Self {
        let account = |key: &SecretKey| AccountId::of_key(&key.public_key());
        let senders: Vec<(SecretKey, AccountId)> = (0..senders)
            .map(|number| key(number.into()))
            .map(|key| (key.clone(), account(&key)))
            .collect();
        let others: Vec<AccountId> = (0..accounts).skip(senders.len()).map(keyless).collect();
        let [office, cashier, treasury] = [u32::MAX, u32::MAX - 1, u32::MAX - 2].map(keyless);
        let funded: Vec<AccountId> =
            senders.iter().map(|(_, account)| *account).chain(others.iter().copied()).collect();
        let authority = Authority { key: PROPOSER, account: office };
        let spec = dev_spec(authority, cashier, treasury, &funded);
        let genesis: Genesis = spec.genesis().expect("a developer's genesis holds");
        let state = State::from_objects(genesis.initial_state());
        Self { chain: genesis.hash(), state, time: genesis.time, senders, others }
    }

    /// Changes the first market.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Market)) {
        let key = Key::Market(MarketId(0));
        let market = self.state.get(&key).cloned();
        let Some(Object::Market(mut market)) = market else {
            unreachable!("a developer's chain has markets")
        };
        change(&mut market);
        self.add([(key, Object::Market(market))]);
    }

    /// Adds objects to the state, or puts them in place of others.
    pub(crate) fn add(&mut self, objects: impl IntoIterator<Item = (Key, Object)>) {
        let objects = objects.into_iter().map(|(key, object)| (key, Some(object)));
        self.state.commit(&Changes { objects: objects.collect(), ..Changes::default() });
    }

    /// Somebody who is paid.
    pub(crate) fn recipient(&self, number: usize) -> AccountId {
        self.others[number % self.others.len()]
    }

    /// The first transaction of sender `number`, verified.
    pub(crate) fn transaction(
        &self,
        number: usize,
        operations: Vec<Operation>,
    ) -> VerifiedTransaction {
        let (key, sender) = &self.senders[number];
        let transaction = Transaction {
            chain: self.chain,
            sender: *sender,
            nonce: Nonce(0),
            valid_until: Height(1),
            fee_max: Amount::from_u64(1_000_000),
            operations,
        };
        transaction.sign(key).verify().expect("it was just signed")
    }

    /// Applies block 1 with these transactions. The state stays as it was, so it can be done again.
    pub(crate) fn apply(&self, transactions: &[VerifiedTransaction]) -> Applied {
        self.apply_after(Hash::ZERO, transactions)
    }

    /// The same as if the block before had another digest.
    pub(crate) fn apply_after(
        &self,
        parent: Hash,
        transactions: &[VerifiedTransaction],
    ) -> Applied {
        let context = BlockContext {
            chain: self.chain,
            height: Height(1),
            epoch: 0,
            parent,
            parent_time: self.time,
            time: self.time.after(Millis(1)),
            proposer: PROPOSER,
        };
        let view = View::new(&self.state, &[]);
        apply_block(view, context, transactions).expect("the block is one of an honest node")
    }
}

/// An account that nobody has the key of.
fn keyless(number: u32) -> AccountId {
    let digest = Hash::of(Domain::Reference, &[&number.to_le_bytes()]);
    let mut account = AccountId::default();
    account.0.iter_mut().zip(digest.0).for_each(|(to, from)| *to = from);
    account
}
