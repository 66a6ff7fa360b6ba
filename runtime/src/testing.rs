//! The harness of the rules' tests: a ledger driven by a script, so that a test is data and one call.
//!
//! A script is a list of statements, separated by `;`. The first says who is there with how much cash;
//! before it, `given NAME VALUE ...` may change a parameter. Then, in any order:
//!
//! ```text
//! alice -> bob 5                              alice 10/2, bob 3        (cash/held; none held is left out)
//! cashier deposits 5 to bob as r              time 50                  (a block at that time)
//! alice holds 5 for bob until 50 as h         block                    (an empty block)
//! bob captures 5 of h      bob releases h     gone h                   (the object has ended)
//! alice opens c to bob 5 delay 10             carol submits 1/30 of c [signed by dora] [on elsewhere]
//! bob collects c  (payee)  alice closes c  (payer)
//! alice withdraws 5 as w   cashier confirms w as r  cashier rejects w     bob refunds 2 of h
//! alice is called hall     alice is called nothing  alice keys 2 of a b c
//! alice grants k pay,hold 9 until 50                alice revokes k
//! ```
//!
//! `via a,b` after a request has it signed by those keys instead of the sender's own.
//!
//! Every request is a block of its own, one millisecond after the last. `A & B` is one transaction of two
//! operations, `A | B` two transactions in a block. A request ends with the name of the rejection it is
//! expected to meet, as in `alice -> bob 11 BALANCE_TOO_LOW`; `NAME@1` says which operation is refused.
//!
//! Every block is applied twice on the committed state, once on an overlay over the first state, and once
//! on a state made anew of its objects, which must agree; all invariants are checked after it.

use std::collections::BTreeMap;

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::attribute::Schema;
use chain::authority::{Authority, AuthorityKey};
use chain::authority_set::AuthoritySet;
use chain::hash::{Domain, Hash};
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::market::{Market, MarketStatus};
use chain::operation::Operation;
use chain::params::{ContractTerms, Deposits, Fees, Params, ProposalTerms};
use chain::quantity::{Price, Quantity};
use chain::receipt::Outcome;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::time::{Millis, Time};
use chain::transaction::{Transaction, VerifiedTransaction};

use crate::block::{Applied, InvalidBlock, apply_block};
use crate::context::BlockContext;
use crate::invariants;
use crate::posting;
use crate::rejection::Rejection;
use crate::state::{Changes, State, View};

pub(crate) mod council;
mod order;
mod request;

pub(crate) use order::order;

/// Runs a script; panics where the ledger does something else.
pub(crate) fn check(script: &str) {
    run(script);
}

/// Runs a script and returns the ledger after it.
pub(crate) fn run(script: &str) -> Ledger {
    let mut statements = script.split(';').map(str::trim).filter(|text| !text.is_empty());
    let mut params = params();
    let mut first = statements.next().expect("a script begins with balances");
    while let Some(given) = first.strip_prefix("given ") {
        give(&mut params, given);
        first = statements.next().expect("balances follow what is given");
    }
    let mut ledger = Ledger::new(params, &balances(first));
    statements.for_each(|statement| ledger.step(statement));
    ledger
}

/// The chain that tests run on.
pub(crate) fn chain() -> Hash {
    Hash::of(Domain::Genesis, &[b"test"])
}

/// The key of the account called `name`.
pub(crate) fn key(name: &str) -> SecretKey {
    SecretKey::from_bytes(Hash::of(Domain::Account, &[name.as_bytes()]).as_bytes()).unwrap()
}

/// The account called `name`.
pub(crate) fn account(name: &str) -> AccountId {
    AccountId::of_key(&key(name).public_key())
}

/// Parameters without fees and deposits: accounts `cashier`, `treasury` and `proposer`.
pub(crate) fn params() -> Params {
    let zero = Amount::ZERO;
    Params {
        chain: chain(),
        version: 1,
        upgrade: None,
        epoch_blocks: 10,
        cashier: account("cashier"),
        treasury: account("treasury"),
        fees: Fees { base: zero, per_byte: zero, per_operation: zero, proposer_bps: 5_000 },
        deposits: Deposits {
            account: zero,
            hold: zero,
            order: zero,
            channel: zero,
            name: zero,
            keys: zero,
            agent: zero,
            host: zero,
            pool: zero,
            proposal: zero,
        },
        settle_delay_min: Millis(10),
        settle_delay_max: Millis(1_000),
        settle_blocks: 2,
        hold_span_max: Millis(1_000),
        withdrawal_span: Millis(100),
        refund_span: Millis(200),
        contracts: ContractTerms {
            stage_grace: Millis(20),
            ready_grace: Millis(15),
            result_grace: Millis(30),
            sign_off_grace: Millis(40),
            dispute_span: Millis(50),
            holdback_bps: 1_000,
            booking_bps: 2_000,
            commission_bps: 0,
            commission_bps_max: 1_000,
            broker_bps: 2_000,
        },
        proposals: ProposalTerms { span: Millis(100), delay: Millis(10) },
    }
}

/// One authority votes: that of the account `proposer`.
pub(crate) fn authorities() -> AuthoritySet {
    let account = account("proposer");
    AuthoritySet::new(vec![Authority { key: AuthorityKey([7; 32]), account }])
}

/// A market of cores by slots of ten milliseconds, in which anything goes.
pub(crate) fn market() -> Market {
    Market {
        name: "cpu".to_owned(),
        unit: "core".to_owned(),
        slot: Millis(10),
        lot: Quantity(1),
        tick: Price(1),
        quantity_min: Quantity(1),
        horizon_slots: 100,
        lead: Millis(0),
        k_bps: 5_000,
        grades: Vec::new(),
        attributes: Schema::default(),
        status: MarketStatus::Open,
    }
}

/// A ledger under test.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    first: State,
    history: Vec<Changes>,
    last: Option<Applied>,
    pub(crate) state: State,
    pub(crate) height: Height,
    pub(crate) time: Time,
    names: BTreeMap<String, ObjectId>,
    /// What was asked for when accounts were opened, block by block.
    account_deposits: Vec<Amount>,
}

impl Ledger {
    /// A ledger at genesis, at time 0, where each of `balances` is an account with so much cash.
    pub(crate) fn new(params: Params, balances: &[(AccountId, Account)]) -> Self {
        let minted = Amount::sum(balances.iter().map(|(_, account)| account.cash)).unwrap();
        let named = balances.iter().copied();
        // As every genesis does, whether or not the script names them.
        let set = authorities();
        let paid = [account("proposer"), params.treasury].map(|id| (id, Account::default()));
        let paid = paid.into_iter();
        let accounts = paid.chain(named).map(|(id, it)| (Key::Account(id), Object::Account(it)));
        let accounts: Vec<_> = accounts.collect();
        let singles = [
            (Key::Params, Object::Params(Box::new(params))),
            (Key::Supply, Object::Supply(Supply { minted, burned: Amount::ZERO })),
            (Key::Authorities, Object::Authorities(Box::new(set))),
        ];
        Self::of_state(State::from_objects(singles.into_iter().chain(accounts)))
    }

    /// A ledger at genesis with this state.
    pub(crate) fn of_state(state: State) -> Self {
        Self {
            first: state.clone(),
            history: Vec::new(),
            last: None,
            state,
            height: Height::GENESIS,
            time: Time(0),
            names: BTreeMap::new(),
            account_deposits: Vec::new(),
        }
    }

    /// The object a script called `name`; one that does not exist if it called none so.
    pub(crate) fn object(&self, name: &str) -> ObjectId {
        let unknown = ObjectId(Hash::of(Domain::Operation, &[name.as_bytes()]).0);
        self.names.get(name).copied().unwrap_or(unknown)
    }

    /// Calls the object `id` `name` from here on.
    pub(crate) fn call(&mut self, name: &str, id: ObjectId) {
        self.names.insert(name.to_owned(), id);
    }

    /// The last form of what stood under `key` and has ended.
    pub(crate) fn ended(&self, key: &Key) -> Option<&Object> {
        self.history.iter().find_map(|changes| changes.ended.get(key))
    }

    /// Applies one operation of `sender`, which is refused.
    pub(crate) fn refuses(&mut self, sender: &str, operation: Operation, rejection: Rejection) {
        let transaction = self.sign(sender, 0, vec![operation]);
        let applied = self.apply(self.time.after(Millis(1)), &[transaction]).unwrap();
        let outcome = Outcome::Failed { operation: 0, code: rejection.code() };
        assert_eq!(applied.receipts.transactions[0].outcome, outcome);
    }

    /// The account called `name`, as it stands.
    pub(crate) fn account(&self, name: &str) -> Option<Account> {
        View::new(&self.state, &[]).account(&account(name))
    }

    /// Signs `operations` as the next transaction of `sender` but `skipped`.
    pub(crate) fn sign(
        &self,
        sender: &str,
        skipped: u64,
        operations: Vec<Operation>,
    ) -> VerifiedTransaction {
        self.sign_by(&[sender], sender, skipped, operations)
    }

    pub(crate) fn sign_by(
        &self,
        signers: &[&str],
        sender: &str,
        skipped: u64,
        operations: Vec<Operation>,
    ) -> VerifiedTransaction {
        let nonce = self.account(sender).unwrap_or_default().nonce;
        let transaction = Transaction {
            chain: chain(),
            sender: account(sender),
            nonce: Nonce(nonce.0 + skipped),
            valid_until: self.height.after(100),
            fee_max: Amount::MAX,
            operations,
        };
        let keys: Vec<SecretKey> = signers.iter().map(|name| key(name)).collect();
        transaction.sign_with(&keys).verify().unwrap()
    }

    /// What the next block's header says, when it comes one millisecond after the last.
    pub(crate) fn context(&self) -> BlockContext {
        let height = self.height.next();
        BlockContext {
            chain: chain(),
            height,
            epoch: height.0 / 10,
            parent: Hash::of(Domain::Header, &[&self.height.0.to_le_bytes()]),
            parent_time: self.time,
            time: self.time.after(Millis(1)),
            proposer: AuthorityKey([7; 32]),
        }
    }

    /// Applies and commits the next block, at `time`.
    pub(crate) fn apply(
        &mut self,
        time: Time,
        transactions: &[VerifiedTransaction],
    ) -> Result<Applied, InvalidBlock> {
        let context = BlockContext { time, ..self.context() };
        let applied = apply_block(View::new(&self.state, &[]), context, transactions);
        let again = apply_block(View::new(&self.state, &[]), context, transactions);
        assert_eq!(applied, again, "the same block twice");
        let ancestors: Vec<&Changes> = self.history.iter().collect();
        let overlay = apply_block(View::new(&self.first, &ancestors), context, transactions);
        assert_eq!(applied, overlay, "the same block on uncommitted ancestors");
        let objects = self.state.iter().map(|(key, object)| (*key, object.clone()));
        let restarted = State::from_objects(objects);
        let restarted = apply_block(View::new(&restarted, &[]), context, transactions);
        assert_eq!(applied, restarted, "the same block after a restart");
        let applied = applied?;
        posting::tests::check(&self.state, &applied);
        self.state.commit(&applied.changes);
        self.history.push(applied.changes.clone());
        self.last = Some(applied.clone());
        (self.height, self.time) = (context.height, time);
        let checked = invariants::check_after(&self.state, &self.account_deposits);
        assert_eq!(checked, Ok(()), "after height {}", self.height);
        let deposit = View::new(&self.state, &[]).params().deposits.account;
        self.account_deposits.push(deposit);
        Ok(applied)
    }

    /// Changes what the network has agreed on, from the next block on.
    pub(crate) fn agree(&mut self, change: impl FnOnce(&mut Params)) {
        let mut params = View::new(&self.state, &[]).params().clone();
        change(&mut params);
        self.put(Key::Params, Object::Params(Box::new(params)));
    }

    /// Lets these vote, from the next block on.
    pub(crate) fn govern(&mut self, authorities: Vec<Authority>) {
        let set = AuthoritySet::new(authorities);
        self.put(Key::Authorities, Object::Authorities(Box::new(set)));
    }

    fn put(&mut self, key: Key, object: Object) {
        let objects = [(key, Some(object))].into();
        let changes = Changes { objects, ..Changes::default() };
        self.state.commit(&changes);
        self.history.push(changes);
    }

    /// Runs one statement of a script.
    pub(crate) fn step(&mut self, statement: &str) {
        let words: Vec<&str> = statement.split_whitespace().collect();
        match words[..] {
            ["block"] => self.block(self.time.after(Millis(1)), statement, &[]),
            ["time", time] => self.block(Time(number(time)), statement, &[]),
            ["gone", name] => self.expect_gone(name),
            _ if is_balances(&words) => self.expect(statement),
            _ => {
                let requests: Vec<&str> = statement.split('|').collect();
                self.block(self.time.after(Millis(1)), statement, &requests);
            }
        }
    }

    /// Runs one statement of a script, which makes a block, and says what the block did.
    pub(crate) fn last(&mut self, statement: &str) -> Applied {
        self.step(statement);
        self.last.clone().expect("the statement made a block")
    }

    /// The transaction that `words` ask for: the next of its sender but `skipped`.
    fn transaction(&mut self, words: &[&str], skipped: u64) -> VerifiedTransaction {
        let (words, signers) = match words {
            [words @ .., "via", signers] => (words, signers.split(',').collect()),
            words => (words, vec![words[0]]),
        };
        let sender = words[0];
        let nonce = Nonce(self.account(sender).unwrap_or_default().nonce.0 + skipped);
        let operations = words.split(|word| *word == "&").zip(0..);
        let operations = operations.map(|(words, index)| {
            self.operation(words, ObjectId::of_operation(chain(), account(sender), nonce, index))
        });
        let operations = operations.collect();
        self.sign_by(&signers, sender, skipped, operations)
    }

    /// True when what `request` asks for passes the door.
    pub(crate) fn admits(&mut self, request: &str) -> bool {
        let words: Vec<&str> = request.split_whitespace().collect();
        let transaction = self.transaction(&words, 0);
        self.apply(self.time.after(Millis(1)), &[transaction]).is_ok()
    }

    fn block(&mut self, time: Time, statement: &str, requests: &[&str]) {
        let mut transactions = Vec::new();
        let mut expected = Vec::new();
        for request in requests {
            let mut words: Vec<&str> = request.split_whitespace().collect();
            let code = words.pop_if(|word| is_code(word));
            let sender = words[0];
            let earlier = transactions
                .iter()
                .filter(|it: &&VerifiedTransaction| it.transaction().sender == account(sender));
            let skipped = u64::try_from(earlier.count()).unwrap();
            transactions.push(self.transaction(&words, skipped));
            expected.push(code);
        }
        match self.apply(time, &transactions) {
            Ok(applied) => {
                let outcomes = applied.receipts.transactions.iter().map(|it| &it.outcome);
                for (outcome, code) in outcomes.zip(&expected) {
                    assert_eq!(refusal(outcome), *code, "{statement}");
                }
            }
            Err(InvalidBlock::Transaction { index, rejection }) => {
                assert_eq!(Some(rejection.name()), expected[index], "{statement}");
            }
            Err(other) => panic!("{statement}: {other}"),
        }
    }

    fn expect(&self, statement: &str) {
        for (name, expected) in named_balances(statement) {
            let actual = self.account(name).unwrap_or_default();
            let (actual, expected) = ((actual.cash, actual.held), (expected.cash, expected.held));
            assert_eq!(actual, expected, "{name} at height {}: {statement}", self.height);
        }
    }

    fn expect_gone(&self, name: &str) {
        let id = self.object(name);
        for key in [Key::Hold(id), Key::Channel(id)] {
            assert_eq!(self.state.get(&key), None, "{name}");
        }
        let ended = |changes: &Changes| {
            changes.ended.contains_key(&Key::Hold(id))
                || changes.ended.contains_key(&Key::Channel(id))
        };
        assert_eq!(self.history.iter().filter(|it| ended(it)).count(), 1, "{name} ended once");
    }
}

/// Who refused what: `NAME`, or `NAME@1` for another operation than the first.
fn refusal(outcome: &Outcome) -> Option<&'static str> {
    match *outcome {
        Outcome::Applied { .. } => None,
        Outcome::Failed { operation, code } => {
            let name = Rejection::from_code(code).unwrap().name();
            Some(if operation == 0 { name } else { format!("{name}@{operation}").leak() })
        }
    }
}

fn is_code(word: &str) -> bool {
    word.len() > 3
        && word.starts_with(|it: char| it.is_ascii_uppercase())
        && word.chars().all(|it| it.is_ascii_uppercase() || "_@1234".contains(it))
}

fn is_balances(words: &[&str]) -> bool {
    words.len() >= 2
        && (words[1].starts_with(|it: char| it.is_ascii_digit()) || words[1].starts_with("MAX"))
}

fn give(params: &mut Params, given: &str) {
    let words: Vec<&str> = given.split_whitespace().collect();
    for pair in words.chunks(2) {
        let [name, value] = *pair else { panic!("NAME VALUE: {given}") };
        match name {
            "base" => params.fees.base = amount(value),
            "byte" => params.fees.per_byte = amount(value),
            "operation" => params.fees.per_operation = amount(value),
            "share" => params.fees.proposer_bps = value.parse().unwrap(),
            "account" => params.deposits.account = amount(value),
            "hold" => params.deposits.hold = amount(value),
            "channel" => params.deposits.channel = amount(value),
            "blocks" => params.settle_blocks = number(value),
            "order" => params.deposits.order = amount(value),
            "name" => params.deposits.name = amount(value),
            "keys" => params.deposits.keys = amount(value),
            "agent" => params.deposits.agent = amount(value),
            "host" => params.deposits.host = amount(value),
            "pool" => params.deposits.pool = amount(value),
            "commission" => params.contracts.commission_bps = value.parse().unwrap(),
            _ => panic!("no such parameter: {name}"),
        }
    }
}

fn balances(text: &str) -> Vec<(AccountId, Account)> {
    named_balances(text).map(|(name, balance)| (account(name), balance)).collect()
}

fn named_balances(text: &str) -> impl Iterator<Item = (&str, Account)> {
    text.split(',').map(|balance| {
        let (name, sums) = balance.trim().split_once(' ').expect("NAME CASH");
        let (cash, held) = sums.split_once('/').unwrap_or((sums, "0"));
        (name, Account { cash: amount(cash), held: amount(held), ..Account::default() })
    })
}

fn amount(text: &str) -> Amount {
    let units = if text == "MAX" { Amount::MAX.base_units() } else { text.parse().expect(text) };
    Amount::new(units).expect(text)
}

fn number(text: &str) -> u64 {
    text.parse().expect(text)
}
