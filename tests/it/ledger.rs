//! Random transactions: the runtime agrees with a naive ledger after every block, and every invariant holds
//! over the whole state.

use std::collections::BTreeMap;

use chain::account::{Account, AccountId};
use chain::agent::{Agent, Scope, Scopes};
use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey};
use chain::authority_set::AuthoritySet;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::keys::{PublicKey, SecretKey};
use chain::memo::Memo;
use chain::name::Name;
use chain::operation::Operation;
use chain::params::{ContractTerms, Deposits, Fees, Params, ProposalTerms};
use chain::receipt::Outcome;
use chain::signers::Signers;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::target::Target;
use chain::time::{Millis, Time};
use chain::transaction::{Transaction, VerifiedTransaction};
use chain::voucher::Voucher;
use runtime::block::BlockRun;
use runtime::context::BlockContext;
use runtime::invariants;
use runtime::posting::{BlockStep, Posting};
use runtime::state::{State, View};
use tests::ledger_model::{self, Model};
use tests::random::Random;

const CHAIN: Hash = Hash([0xc0; 32]);
const AUTHORITY: AuthorityKey = AuthorityKey([0xa0; 32]);
/// Accounts of the genesis; the first is the cashier, the second the treasury and the authority's.
const FOUNDED: u8 = 6;
/// Keys in all; the last ones have no account at first.
const KEYS: u8 = 8;
const FOUNDED_CASH: u64 = 100_000;

struct World {
    random: Random,
    keys: Vec<SecretKey>,
    state: State,
    model: Model,
    height: u64,
    time: u64,
    /// Names of holds and channels that were ever opened, or would have been.
    objects: Vec<ObjectId>,
    operations: usize,
    failed: usize,
}

fn amount(base_units: u64) -> Amount {
    Amount::from_u64(base_units)
}

fn key(index: u8) -> SecretKey {
    SecretKey::from_bytes(&[index + 1; 32]).unwrap()
}

fn account_of(key: &SecretKey) -> AccountId {
    AccountId::of_key(&key.public_key())
}

fn params() -> Params {
    let (cashier, treasury) = (account_of(&key(0)), account_of(&key(1)));
    Params {
        chain: CHAIN,
        version: 1,
        upgrade: None,
        epoch_blocks: 1_000_000,
        cashier,
        treasury,
        fees: Fees {
            base: amount(10),
            per_byte: amount(0),
            per_operation: amount(3),
            proposer_bps: 3_333,
        },
        deposits: Deposits {
            account: amount(50),
            hold: amount(7),
            order: amount(5),
            channel: amount(9),
            name: amount(11),
            keys: amount(13),
            agent: amount(6),
            host: amount(8),
            pool: amount(3),
            proposal: amount(7),
        },
        settle_delay_min: Millis(10),
        settle_delay_max: Millis(1_000),
        settle_blocks: 3,
        hold_span_max: Millis(2_000),
        withdrawal_span: Millis(700),
        refund_span: Millis(900),
        contracts: ContractTerms {
            stage_grace: Millis(10),
            ready_grace: Millis(10),
            result_grace: Millis(10),
            sign_off_grace: Millis(10),
            dispute_span: Millis(10),
            holdback_bps: 0,
            booking_bps: 0,
            commission_bps: 0,
            commission_bps_max: 0,
            broker_bps: 2_500,
        },
        proposals: ProposalTerms { span: Millis(3_600_000), delay: Millis(60_000) },
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let keys: Vec<SecretKey> = (0..KEYS).map(key).collect();
        let params = params();
        let authority = Authority { key: AUTHORITY, account: params.treasury };
        let deposit = params.deposits.account;
        let founded: Vec<AccountId> = keys.iter().take(FOUNDED.into()).map(account_of).collect();
        let minted = amount(FOUNDED_CASH * u64::from(FOUNDED));
        let account = Account { cash: amount(FOUNDED_CASH), held: deposit, ..Account::default() };
        let objects = founded.iter().map(|id| (Key::Account(*id), Object::Account(account)));
        let objects = objects.chain([
            (Key::Params, Object::Params(Box::new(params.clone()))),
            (Key::Supply, Object::Supply(Supply { minted, burned: Amount::ZERO })),
            (Key::Authorities, Object::Authorities(Box::new(AuthoritySet::new(vec![authority])))),
        ]);
        let account = |id: &AccountId| ledger_model::Account {
            id: *id,
            cash: FOUNDED_CASH.into(),
            held: deposit.base_units(),
            nonce: 0,
        };
        let model = Model {
            params,
            accounts: founded.iter().map(account).collect(),
            holds: Vec::new(),
            channels: Vec::new(),
            withdrawals: Vec::new(),
            payments: Vec::new(),
            names: Vec::new(),
            signers: Vec::new(),
            agents: Vec::new(),
            references: Vec::new(),
            minted: minted.base_units(),
            burned: 0,
            height: 0,
            parent_time: 0,
        };
        Self {
            random: Random::new(seed),
            keys,
            state: State::from_objects(objects),
            model,
            height: 0,
            time: 1_000,
            objects: Vec::new(),
            operations: 0,
            failed: 0,
        }
    }

    fn account(&mut self) -> AccountId {
        account_of(self.random.pick(&self.keys))
    }

    /// Any object's name, most often one of the last.
    fn object(&mut self) -> ObjectId {
        match self.objects.len() {
            0 => ObjectId([1; 32]),
            count => {
                let recent = self.random.below(count.min(30) as u64);
                self.objects[count - 1 - usize::try_from(recent).unwrap()]
            }
        }
    }

    /// A sum that is often small, sometimes zero and sometimes too much.
    fn sum(&mut self) -> Amount {
        let bound = *self.random.pick(&[1, 100, 3_000, 30_000, 200_000]);
        amount(self.random.below(bound))
    }

    fn operation(&mut self) -> Operation {
        let to = self.account();
        let amount = self.sum();
        let object = self.object();
        match self.random.below(17) {
            0 | 1 => Operation::Transfer { to, amount, memo: Memo::default() },
            2 => {
                let reference = Hash([u8::try_from(self.random.below(60)).unwrap(); 32]);
                Operation::Deposit { to, amount, reference }
            }
            3 => {
                let expires = Time((self.time + self.random.below(2_500)).saturating_sub(200));
                Operation::HoldOpen { amount, beneficiary: to, expires }
            }
            4 | 5 => Operation::HoldCapture { hold: object, cumulative: amount },
            6 => Operation::HoldRelease { hold: object },
            7 => Operation::ChannelOpen {
                payee: to,
                amount,
                voucher_key: self.random.pick(&self.keys).public_key(),
                settle_delay: Millis(self.random.below(1_100)),
            },
            8 => self.voucher(object, amount),
            9 => Operation::WithdrawRequest { amount, target: Target::new("a bank").unwrap() },
            10 => {
                let reference = Hash([u8::try_from(self.random.below(60)).unwrap(); 32]);
                Operation::WithdrawConfirm { hold: self.waiting(object), reference }
            }
            13 | 14 => self.access(),
            11 if self.random.once_in(3) => {
                Operation::WithdrawReject { hold: self.waiting(object), reason: Memo::default() }
            }
            11 | 12 => Operation::Refund { of: self.paid(object), amount, reason: Memo::default() },
            _ if self.random.once_in(2) => Operation::CloseByPayee { channel: object },
            _ => Operation::CloseByPayer { channel: object },
        }
    }

    /// Most often a withdrawal that waits, or else `object`.
    fn waiting(&mut self, object: ObjectId) -> ObjectId {
        if self.model.withdrawals.is_empty() || self.random.once_in(4) {
            return object;
        }
        self.random.pick(&self.model.withdrawals).id
    }

    /// Most often something that paid and has ended, or else `object`.
    fn paid(&mut self, object: ObjectId) -> ObjectId {
        if self.model.payments.is_empty() || self.random.once_in(3) {
            return object;
        }
        self.random.pick(&self.model.payments).of
    }

    /// A name, a set of keys, a grant or its end.
    fn access(&mut self) -> Operation {
        let key = self.random.pick(&self.keys).public_key();
        match self.random.below(6) {
            0 => {
                let name = *self.random.pick(&["one", "two", "three", "four"]);
                let name = if self.random.once_in(4) { None } else { Name::new(name) };
                Operation::AccountUpdate { name }
            }
            1 => {
                let first = usize::try_from(self.random.below(6)).unwrap();
                let keys = self.keys[first..].iter().take(3).map(SecretKey::public_key).collect();
                let threshold = u8::try_from(self.random.below(3)).unwrap() + 1;
                let signers = Signers::new(threshold, keys);
                let own = || Signers::new(1, vec![key]).unwrap();
                Operation::KeySet { signers: signers.unwrap_or_else(own) }
            }
            2..=4 => {
                let scopes = Scope::ALL.into_iter().filter(|_| !self.random.once_in(4));
                let scopes =
                    Scopes::new(scopes.collect::<Vec<_>>().into_iter().chain([Scope::Pay]));
                let expires = Time((self.time + self.random.below(2_000)).saturating_sub(100));
                Operation::AgentGrant { key, scopes: scopes.unwrap(), cap: self.sum(), expires }
            }
            _ => Operation::AgentRevoke { key },
        }
    }

    /// Who signs for `sender`: most often whoever must, or one of its agents, sometimes anybody.
    fn signers_of(&mut self, sender: AccountId) -> Vec<SecretKey> {
        let model = &self.model;
        let agents: Vec<_> = model.agents.iter().filter(|it| it.account == sender).collect();
        let set = model.signers.iter().find(|(account, _)| *account == sender);
        let wanted: Vec<PublicKey> = match set {
            _ if !agents.is_empty() && self.random.once_in(3) => {
                vec![self.random.pick(&agents).key]
            }
            Some((_, signers)) => {
                signers.keys().iter().take(signers.threshold().into()).copied().collect()
            }
            None => Vec::new(),
        };
        let is_wanted = |key: &&SecretKey| match wanted[..] {
            [] => account_of(key) == sender,
            _ => wanted.contains(&key.public_key()),
        };
        let fitting = self.keys.iter().filter(is_wanted).cloned().collect();
        if self.random.once_in(20) { vec![self.random.pick(&self.keys).clone()] } else { fitting }
    }

    fn voucher(&mut self, channel: ObjectId, cumulative: Amount) -> Operation {
        let chain = if self.random.once_in(20) { Hash::ZERO } else { CHAIN };
        let open = self.model.channels.iter().find(|open| open.id == channel);
        let owner = open.map(|open| open.key);
        let fitting = self.keys.iter().find(|key| Some(key.public_key()) == owner).cloned();
        let any = self.random.pick(&self.keys).clone();
        let key = fitting.filter(|_| !self.random.once_in(8)).unwrap_or(any);
        let sequence = self.random.below(20);
        let voucher = Voucher { chain, channel, sequence, cumulative }.sign(&key);
        Operation::VoucherSubmit { voucher }
    }

    /// A transaction whose sender often has something to do with an open hold or channel.
    fn transaction(&mut self, nonces: &[(AccountId, u64)]) -> VerifiedTransaction {
        let count = 1 + self.random.below(3);
        let operations: Vec<Operation> = (0..count).map(|_| self.operation()).collect();
        let fitting = self.fitting_sender(operations.first().expect("at least one"));
        let fitting = fitting.filter(|_| !self.random.once_in(5));
        let sender = fitting.unwrap_or_else(|| self.account());
        let signers = self.signers_of(sender);
        let nonce = nonces.iter().find(|(id, _)| *id == sender).map_or(0, |(_, nonce)| *nonce);
        let nonce = if self.random.once_in(30) { nonce + 1 } else { nonce };
        for index in 0..u8::try_from(count).unwrap() {
            self.objects.push(ObjectId::of_operation(CHAIN, sender, Nonce(nonce), index));
        }
        let transaction = Transaction {
            chain: CHAIN,
            sender,
            nonce: Nonce(nonce),
            valid_until: Height(self.height + 10),
            fee_max: amount(self.random.below(30) + 10),
            operations,
        };
        transaction.sign_with(&signers).verify().unwrap()
    }

    /// Who may do this, where only one may.
    fn fitting_sender(&self, operation: &Operation) -> Option<AccountId> {
        let hold = |id| self.model.holds.iter().find(|hold| hold.id == id);
        let channel = |id| self.model.channels.iter().find(|channel| channel.id == id);
        match operation {
            Operation::Deposit { .. }
            | Operation::WithdrawConfirm { .. }
            | Operation::WithdrawReject { .. } => Some(self.model.params.cashier),
            Operation::Refund { of, .. } => {
                let ended = self.model.payments.iter().find(|payment| payment.of == *of);
                let open = hold(*of).map(|hold| hold.beneficiary);
                ended.map(|payment| payment.payee).or(open)
            }
            Operation::HoldCapture { hold: id, .. } | Operation::HoldRelease { hold: id } => {
                hold(*id).map(|hold| hold.beneficiary)
            }
            Operation::CloseByPayee { channel: id } => channel(*id).map(|channel| channel.payee),
            Operation::CloseByPayer { channel: id } => channel(*id).map(|channel| channel.payer),
            _ => None,
        }
    }

    fn block(&mut self) {
        let parent_time = self.time;
        self.height += 1;
        self.time += 1 + self.random.below(150);
        let context = BlockContext {
            chain: CHAIN,
            height: Height(self.height),
            epoch: self.height / 1_000_000,
            parent: Hash([7; 32]),
            parent_time: Time(parent_time),
            time: Time(self.time),
            proposer: AUTHORITY,
        };
        self.model.begin_block(self.height, parent_time);
        let mut steps = vec![(BlockStep::Timers, self.model.accounts.clone())];
        let state = self.state.clone();
        let mut run = BlockRun::begin(View::new(&state, &[]), context).unwrap();
        let mut fees = 0;
        for _ in 0..self.random.below(10) {
            let nonces: Vec<_> =
                self.model.accounts.iter().map(|account| (account.id, account.nonce)).collect();
            let transaction = self.transaction(&nonces);
            let expected = self.model.apply(&transaction);
            let actual = run.execute(&transaction).ok().map(|receipt| {
                let failed = match &receipt.outcome {
                    Outcome::Applied { .. } => None,
                    Outcome::Failed { operation, code } => Some((*operation, *code)),
                };
                (receipt.fee.base_units(), failed)
            });
            assert_eq!(actual, expected, "{:?}", transaction.transaction());
            if let Some((fee, failed)) = actual {
                let step = BlockStep::Transaction(u32::try_from(steps.len() - 1).unwrap());
                steps.push((step, self.model.accounts.clone()));
                fees += fee;
                self.operations += transaction.transaction().operations.len();
                self.failed += usize::from(failed.is_some());
            }
        }
        let applied = run.finish();
        self.model.end_block(fees, account_of(&self.keys[1]));
        steps.push((BlockStep::Fees, self.model.accounts.clone()));
        self.compare_postings(&applied.postings, &steps);
        self.state.commit(&applied.changes);
        self.compare();
    }

    /// After each step of a block, the postings so far lead to the accounts that the model has there.
    fn compare_postings(
        &self,
        postings: &[Posting],
        steps: &[(BlockStep, Vec<ledger_model::Account>)],
    ) {
        let view = View::new(&self.state, &[]);
        let mut sums: BTreeMap<AccountId, (u128, u128)> = BTreeMap::new();
        let mut rest = postings.iter().peekable();
        for (step, expected) in steps {
            while let Some(posting) = rest.next_if(|posting| posting.step <= *step) {
                let (cash, held) = (posting.cash.base_units(), posting.held.base_units());
                sums.insert(posting.account, (cash, held));
            }
            for ledger_model::Account { id, cash, held, .. } in expected {
                let before = view.account(id).unwrap_or_default();
                let before = (before.cash.base_units(), before.held.base_units());
                let sum = *sums.get(id).unwrap_or(&before);
                assert_eq!(sum, (*cash, *held), "{id:?} after {step:?}");
            }
        }
        assert_eq!(rest.next(), None, "no step comes after the last");
    }

    fn compare_access(&self, view: &View<'_>) {
        for (account, name) in &self.model.names {
            assert_eq!((view.named(name), view.name_of(account)), (Some(*account), Some(*name)));
        }
        for (account, signers) in &self.model.signers {
            assert_eq!(view.signers(account), Some(signers));
        }
        for expected in &self.model.agents {
            let agent = view.agent(&Agent::id(expected.account, &expected.key));
            let agent = agent.expect("the model has it");
            let actual = (agent.scopes, agent.cap.base_units(), agent.spent.base_units());
            assert_eq!(actual, (expected.scopes, expected.cap, expected.spent));
        }
    }

    fn compare(&self) {
        invariants::check(&self.state).unwrap_or_else(|violation| panic!("{violation}"));
        let view = View::new(&self.state, &[]);
        for expected in &self.model.accounts {
            let account = view.account(&expected.id).expect("the model has it");
            let actual = ledger_model::Account {
                id: expected.id,
                cash: account.cash.base_units(),
                held: account.held.base_units(),
                nonce: account.nonce.0,
            };
            assert_eq!(actual, *expected);
        }
        for expected in &self.model.channels {
            let channel = view.channel(&expected.id).expect("the model has it");
            let best = channel.best.map(|best| (best.sequence, best.cumulative.base_units()));
            assert_eq!((best, channel.funded.base_units()), (expected.best, expected.funded));
        }
        for expected in &self.model.holds {
            let hold = view.hold(&expected.id).expect("the model has it");
            let actual = (hold.captured.base_units(), hold.refunded.base_units());
            assert_eq!(actual, (expected.captured, expected.refunded));
        }
        for expected in &self.model.payments {
            let payment = view.captured(&expected.of).expect("the model has it");
            let actual = (payment.captured.base_units(), payment.refunded.base_units());
            assert_eq!(actual, (expected.captured, expected.refunded));
        }
        let count = |is: fn(&Key) -> bool| self.state.iter().filter(|(key, _)| is(key)).count();
        assert_eq!(count(|key| matches!(key, Key::Account(_))), self.model.accounts.len());
        let model = &self.model;
        let holds = model.holds.len() + model.channels.len() + model.withdrawals.len();
        assert_eq!(count(|key| matches!(key, Key::Hold(_))), holds);
        assert_eq!(count(|key| matches!(key, Key::Channel(_))), self.model.channels.len());
        self.compare_access(&view);
        assert_eq!(count(|key| matches!(key, Key::Captured(_))), self.model.payments.len());
        assert_eq!(count(|key| matches!(key, Key::Name(_))), self.model.names.len());
        assert_eq!(count(|key| matches!(key, Key::Signers(_))), self.model.signers.len());
        assert_eq!(count(|key| matches!(key, Key::Agent(_))), self.model.agents.len());
        let supply = view.supply();
        let supply = (supply.minted.base_units(), supply.burned.base_units());
        assert_eq!(supply, (self.model.minted, self.model.burned));
    }
}

#[test]
fn ten_thousand_random_operations_agree_with_the_naive_ledger() {
    let (mut operations, mut failed, mut seed) = (0, 0, 0);
    while operations < 10_000 {
        println!("seed {seed}");
        let mut world = World::new(seed);
        (0..100).for_each(|_| world.block());
        operations += world.operations;
        failed += world.failed;
        seed += 1;
    }
    assert!(failed * 5 < operations * 4, "most of what is tried should not fail: {failed}");
}
