//! A transaction counts once, on one chain, and until it expires: a whole run is offered again to three
//! other networks, to its own, to its own after a restart, and after its end.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey};
use chain::conditions::Conditions;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::market::{Grade, MarketId};
use chain::memo::Memo;
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::time::{Millis, Time, Window};
use chain::transaction::{Transaction, VerifiedTransaction};
use chain::voucher::Voucher;
use genesis::{Genesis, dev_spec};
use runtime::block::{Applied, BlockRun};
use runtime::context::BlockContext;
use runtime::rejection::Rejection;
use runtime::state::{State, View};

const HOUR: u64 = 3_600_000;
const VALID_FOR: u64 = 50;

/// A network with one block a second.
struct Chain {
    genesis: Genesis,
    state: State,
    height: u64,
}

fn key(byte: u8) -> SecretKey {
    SecretKey::from_bytes(&[byte; 32]).unwrap()
}

fn account(byte: u8) -> AccountId {
    AccountId::of_key(&key(byte).public_key())
}

impl Chain {
    /// A network called `name`, on which everybody has the same money as on the others.
    fn new(name: &str) -> Self {
        let authority = Authority { key: AuthorityKey([4; 32]), account: account(4) };
        let mut spec = dev_spec(authority, account(5), account(6), &[account(1), account(2)]);
        name.clone_into(&mut spec.name);
        let genesis = spec.genesis().unwrap();
        let state = State::from_objects(genesis.initial_state());
        Self { genesis, state, height: 0 }
    }

    fn time(&self, height: u64) -> Time {
        self.genesis.time.after(Millis(1_000 * height))
    }

    fn context(&self) -> BlockContext {
        let height = self.height + 1;
        BlockContext {
            chain: self.genesis.hash(),
            height: Height(height),
            epoch: height / self.genesis.epoch_blocks,
            parent: Hash([7; 32]),
            parent_time: self.time(self.height),
            time: self.time(height),
            proposer: AuthorityKey([4; 32]),
        }
    }

    /// What a block does that is offered `transactions`, and why it refuses those that it does.
    fn offered(&self, transactions: &[VerifiedTransaction]) -> (Applied, Vec<Rejection>) {
        let mut run = BlockRun::begin(View::new(&self.state, &[]), self.context()).unwrap();
        let refused = transactions.iter().filter_map(|it| run.execute(it).err()).collect();
        (run.finish(), refused)
    }

    fn commit(&mut self, applied: &Applied) {
        self.state.commit(&applied.changes);
        self.height += 1;
    }

    /// Signs the next transaction of `sender` on this chain.
    fn sign(&self, sender: u8, nonce: u64, operation: Operation) -> VerifiedTransaction {
        let transaction = Transaction {
            chain: self.genesis.hash(),
            sender: account(sender),
            nonce: Nonce(nonce),
            valid_until: Height(VALID_FOR),
            fee_max: Amount::MAX,
            operations: vec![operation],
        };
        transaction.sign(&key(sender)).verify().unwrap()
    }

    /// One transaction of most kinds; the first three are the cashier's and those of account 1.
    fn run(&self) -> Vec<VerifiedTransaction> {
        let (chain, amount) = (self.genesis.hash(), Amount::from_u64(1_000_000));
        let made = |nonce| ObjectId::of_operation(chain, account(1), Nonce(nonce), 0);
        let start = Time((self.genesis.time.0 / HOUR + 2) * HOUR);
        let ask = OrderPlace {
            market: MarketId(0),
            side: Side::Ask(AskTerms::OWN),
            quantity: Quantity(100),
            window: Window { start, end: Time(start.0 + 24 * HOUR) },
            limit: Price(40),
            time_in_force: TimeInForce::Until(start),
            grade: Grade::BASE,
            parties: Parties::default(),
            conditions: Conditions::default(),
            predicates: Predicates::default(),
            stretch: None,
        };
        let voucher = Voucher { chain, channel: made(2), sequence: 1, cumulative: amount };
        let beneficiary = account(2);
        let expires = self.genesis.time.after(Millis(HOUR));
        vec![
            self.sign(
                5,
                0,
                Operation::Deposit { to: account(1), amount, reference: Hash([9; 32]) },
            ),
            self.sign(1, 0, Operation::Transfer { to: account(2), amount, memo: Memo::default() }),
            self.sign(1, 1, Operation::HoldOpen { amount, beneficiary, expires }),
            self.sign(
                1,
                2,
                Operation::ChannelOpen {
                    payee: account(2),
                    amount,
                    voucher_key: key(1).public_key(),
                    settle_delay: self.genesis.settle_delay_min,
                },
            ),
            self.sign(1, 3, Operation::OrderPlace(ask)),
            self.sign(2, 0, Operation::HoldCapture { hold: made(1), cumulative: amount }),
            self.sign(2, 1, Operation::VoucherSubmit { voucher: voucher.sign(&key(1)) }),
            self.sign(2, 2, Operation::CloseByPayee { channel: made(2) }),
        ]
    }
}

/// Nothing of `transactions` counts: each is refused as `why`, and the block is one without any.
fn check_refused(chain: &Chain, transactions: &[VerifiedTransaction], why: &Rejection) {
    let (empty, none) = chain.offered(&[]);
    let (applied, refused) = chain.offered(transactions);
    assert_eq!(none, []);
    assert_eq!(refused, vec![*why; transactions.len()]);
    assert_eq!(applied, empty, "a refused transaction changes nothing");
}

#[test]
fn run_offered_to_other_networks_is_refused() {
    let own = Chain::new("own");
    let run = own.run();
    assert_eq!(own.offered(&run).1, [], "the run is sound");
    for name in ["first", "second", "third"] {
        check_refused(&Chain::new(name), &run, &Rejection::ChainMismatch);
    }
}

#[test]
fn run_offered_again_is_refused_also_after_a_restart() {
    let mut chain = Chain::new("own");
    let run = chain.run();
    let (applied, refused) = chain.offered(&run);
    assert_eq!((refused.as_slice(), applied.receipts.transactions.len()), (&[][..], run.len()));
    chain.commit(&applied);
    for _ in 0..3 {
        check_refused(&chain, &run, &Rejection::NonceTooLow);
        let objects = chain.state.iter().map(|(key, object)| (*key, object.clone()));
        let restarted = State::from_objects(objects);
        let restarted = Chain { state: restarted, genesis: chain.genesis.clone(), ..chain };
        check_refused(&restarted, &run, &Rejection::NonceTooLow);
        let (empty, _) = chain.offered(&[]);
        chain.commit(&empty);
    }
}

#[test]
fn run_offered_after_its_end_is_refused_whether_it_was_settled_or_not() {
    let mut chain = Chain::new("own");
    let run = chain.run();
    chain.height = VALID_FOR - 1;
    assert_eq!(chain.offered(&run).1, [], "the last block that may hold it");
    chain.height = VALID_FOR;
    check_refused(&chain, &run, &Rejection::Expired);
    chain.height = VALID_FOR - 1;
    let (applied, _) = chain.offered(&run);
    chain.commit(&applied);
    check_refused(&chain, &run, &Rejection::Expired);
}
