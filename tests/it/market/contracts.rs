//! Random schedules: whatever the parties of contracts do, or leave undone, the runtime and the naive model
//! agree on every state and every sum after every block, and in the end all money is where it belongs.

use std::collections::{BTreeMap, BTreeSet};

use chain::account::AccountId;
use chain::amount::Amount;
use chain::conditions::{Conditions, Kind, Share, Split};
use chain::contract::{
    ContractAct, ContractClosed, ContractState, Delivery, Extent, Staged, Verdict,
};
use chain::event::Event;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::market::{Grade, MarketId};
use chain::memo::Memo;
use chain::operation::Operation;
use chain::order::TimeInForce;
use chain::quantity::{Price, Quantity};
use chain::quote::{Capacity, Offer, Quote};
use chain::receipt::Outcome;
use chain::sealed::Sealed;
use chain::state::{Key, Object};
use chain::time::{Millis, Time, Window};
use chain::transaction::VerifiedTransaction;
use runtime::block::Applied;
use runtime::state::{Changes, View};
use tests::contract_model::ContractModel;
use tests::quote_model::QuoteModel;
use tests::random::Random;

use super::floor::{CHAIN, Floor, HOUR, Trader, ask, bid, hourly, immediate, on};

const SCHEDULES: u64 = 300;
const BLOCKS: u64 = 60;
/// The block before which the network changes what it has agreed on.
const AGREED_ANEW: usize = 25;
const TRADERS: u8 = 4;
const CASH: u64 = 100_000;

struct Trading {
    random: Random,
    floor: Floor,
    models: BTreeMap<ObjectId, ContractModel>,
    quotes: BTreeMap<ObjectId, QuoteModel>,
    /// Every block so far: its time and transactions.
    blocks: Vec<(u64, Vec<VerifiedTransaction>)>,
}

#[test]
fn random_schedules_agree_with_the_model() {
    let mut reasons: BTreeMap<ContractClosed, u32> = BTreeMap::new();
    let mut refused: BTreeSet<u16> = BTreeSet::new();
    for seed in 0..SCHEDULES {
        let mut trading = Trading::new(seed);
        for _ in 0..BLOCKS {
            refused.extend(trading.block(seed));
        }
        trading.run_out(seed);
        trading.replay();
        for model in trading.models.values() {
            let ContractState::Closed(reason) = model.state else { panic!("seed {seed}") };
            *reasons.entry(reason).or_default() += 1;
        }
    }
    assert_eq!(reasons.len(), 8, "every end is met: {reasons:?}");
    assert!(reasons.values().all(|count| *count > 20), "and often: {reasons:?}");
    assert!(
        refused.is_superset(&BTreeSet::from([
            20, 62, 66, 110, 112, 150, 151, 152, 153, 154, 156, 166, 161, 162, 163, 164, 165, 167,
            170, 171
        ])),
        "{refused:?}"
    );
}

/// A floor with one market, where contracts bear a commission.
fn floor() -> Floor {
    let mut floor = Floor::new(&[hourly()], TRADERS, CASH);
    let mut params = View::new(&floor.state, &[]).params().clone();
    params.contracts.commission_bps = 333;
    let objects = [(Key::Params, Some(Object::Params(Box::new(params))))].into();
    floor.state.commit(&Changes { objects, ..Changes::default() });
    floor
}

/// The network agrees on something else, under which contracts that run do not fall.
fn agree_anew(floor: &mut Floor) {
    let mut params = View::new(&floor.state, &[]).params().clone();
    let terms = &mut params.contracts;
    for span in [
        &mut terms.stage_grace,
        &mut terms.ready_grace,
        &mut terms.result_grace,
        &mut terms.sign_off_grace,
        &mut terms.dispute_span,
    ] {
        span.0 = span.0 / 3 + 1;
    }
    (terms.holdback_bps, terms.booking_bps, terms.commission_bps) = (2_345, 777, 98);
    let objects = [(Key::Params, Some(Object::Params(Box::new(params))))].into();
    floor.state.commit(&Changes { objects, ..Changes::default() });
}

impl Trading {
    fn new(seed: u64) -> Self {
        let floor = floor();
        let (models, quotes) = (BTreeMap::new(), BTreeMap::new());
        Self { random: Random::new(seed), floor, models, quotes, blocks: Vec::new() }
    }

    /// A block of orders, acts or nothing. Answers with the codes of what it refused.
    fn block(&mut self, seed: u64) -> Vec<u16> {
        let asked = match self.random.below(6) {
            0 => self.orders(),
            1 => Vec::new(),
            2 => self.acceptances(),
            _ => self.acts(),
        };
        let time = self.next_time();
        let now = self.floor.now().0;
        if self.blocks.len() == AGREED_ANEW {
            agree_anew(&mut self.floor);
        }
        let transactions = self.floor.sign(&asked);
        let applied = self.floor.apply(time, &transactions);
        self.models.values_mut().for_each(|model| model.begin_block(now));
        let mut refused = Vec::new();
        for ((trader, operations), receipt) in asked.iter().zip(&applied.receipts.transactions) {
            let sender = self.floor.account_of(*trader);
            let actual = match receipt.outcome {
                Outcome::Applied { .. } => Ok(()),
                Outcome::Failed { code, .. } => Err(code),
            };
            let expected = match operations.as_slice() {
                [Operation::Contract { contract, act }] => {
                    self.model(*contract).act(now, sender, act)
                }
                [Operation::Refund { of, amount, .. }] => {
                    self.model(*of).refund(now, sender, amount.base_units())
                }
                [Operation::QuoteAccept { quote, quantity, conditions }] => {
                    let model = self.quotes.get_mut(&quote.quote.id()).expect("one of the test");
                    model.accept(now, sender, quantity.0, conditions)
                }
                _ => Ok(()),
            };
            assert_eq!(actual, expected, "seed {seed}: {operations:?}");
            refused.extend(actual.err());
        }
        self.floor.commit(time, &applied);
        self.blocks.push((time, transactions));
        self.meet(&applied, now);
        self.compare(seed);
        self.compare_quotes(seed, now);
        self.check_treasury(seed);
        refused
    }

    fn model(&mut self, contract: ObjectId) -> &mut ContractModel {
        self.models.get_mut(&contract).expect("a contract of the test")
    }

    /// The contracts that a block made.
    fn meet(&mut self, applied: &Applied, now: u64) {
        let view = View::new(&self.floor.state, &[]);
        let accepted = applied.receipts.transactions.iter().flat_map(|it| it.outcome.events());
        for event in applied.receipts.matching.iter().chain(accepted) {
            match event {
                Event::Matched { contract: id, .. } => {
                    let contract = view.contract(id).expect("it was just made");
                    self.models.insert(*id, ContractModel::new(contract, HOUR, view.params(), now));
                }
                Event::QuoteAccepted { quote, contract, taker, quantity, .. } => {
                    let (model, contract) = (&self.quotes[quote], view.contract(contract).unwrap());
                    let Capacity { window, price, .. } = *model.capacity();
                    assert_eq!((contract.buyer, contract.seller), model.parties(*taker));
                    let made = (contract.window, contract.price, contract.quantity);
                    assert_eq!(made, (window, price, *quantity));
                }
                _ => {}
            }
        }
    }

    /// Soon, or at a deadline, or long after all of them.
    fn next_time(&mut self) -> u64 {
        let now = self.floor.now().0;
        let open = self.models.values().filter(|model| !model.is_closed());
        let due: Vec<u64> = open.map(|model| model.due).collect();
        match self.random.below(8) {
            0 if !due.is_empty() => (*self.random.pick(&due)).max(now + 1),
            1 => now + 1 + self.random.below(3 * HOUR),
            2..5 => now + 1 + self.random.below(HOUR / 2),
            _ => now + 1,
        }
    }

    /// Two traders who meet.
    fn orders(&mut self) -> Vec<(Trader, Vec<Operation>)> {
        let buyer = self.random.below(TRADERS.into());
        let seller = (buyer + 1 + self.random.below(u64::from(TRADERS) - 1)) % u64::from(TRADERS);
        let first = self.floor.now().0 / HOUR + 1 + self.random.below(3);
        let last = first + 1 + self.random.below(4);
        let window = Window { start: Time(first * HOUR), end: Time(last * HOUR) };
        let (quantity, price) = (1 + self.random.below(7), 1 + self.random.below(50));
        let kind = self.kind();
        let bid = bid(quantity, price + self.random.below(3), window);
        let bought = self.brought(buyer, (kind, None));
        let bought = Conditions { split: Split::default(), ..bought };
        let sold = Conditions { user: None, ..self.brought(seller, (kind, None)) };
        let bid = on(bought, immediate(bid));
        let ask = on(sold, immediate(ask(quantity, price, window)));
        assert_eq!(ask.time_in_force, TimeInForce::ImmediateOrCancel);
        [(buyer, bid), (seller, ask)]
            .into_iter()
            .map(|(trader, order)| {
                let trader = usize::try_from(trader).expect("few traders");
                (trader, vec![Operation::OrderPlace(order)])
            })
            .collect()
    }

    /// Some traders accept quotes, some of them new, each as many units as it likes.
    fn acceptances(&mut self) -> Vec<(Trader, Vec<Operation>)> {
        let mut asked: BTreeMap<Trader, Vec<Operation>> = BTreeMap::new();
        for taker in 0..usize::from(TRADERS) {
            if self.quotes.is_empty() || self.random.once_in(3) {
                let model = self.quote();
                self.quotes.insert(model.signed.quote.id(), model);
            }
            let known: Vec<ObjectId> = self.quotes.keys().copied().collect();
            let quote = Box::new(self.quotes[self.random.pick(&known)].signed.clone());
            let quantity = Quantity(self.random.below(6));
            let (kind, agreement) = (self.kind(), self.agreement());
            let number = u64::try_from(taker).expect("few traders");
            let conditions = self.brought(number, (kind, agreement));
            let accept = Operation::QuoteAccept { quote, quantity, conditions };
            asked.insert(taker, vec![accept]);
        }
        asked.into_iter().collect()
    }

    /// What some trader signs, or somebody else in its name.
    fn quote(&mut self) -> QuoteModel {
        let mut trader = || usize::try_from(self.random.below(TRADERS.into())).expect("few");
        let (maker, named, other) = (trader(), trader(), trader());
        let first = self.floor.now().0 / HOUR + 1 + self.random.below(3);
        let last = first + 1 + self.random.below(4);
        let capacity = Capacity {
            market: MarketId(0),
            window: Window { start: Time(first * HOUR), end: Time(last * HOUR) },
            quantity: Quantity(1 + self.random.below(9)),
            price: Price(1 + self.random.below(50)),
            grade: Grade::BASE,
        };
        let sells = self.random.once_in(2);
        let (kind, agreement) = (self.kind(), self.agreement());
        let number = u64::try_from(maker).expect("few traders");
        let conditions = self.brought(number, (kind, agreement));
        let signer = if self.random.once_in(8) { other } else { maker };
        let quote = Quote {
            chain: CHAIN,
            maker: self.floor.account_of(maker),
            taker: self.random.once_in(4).then(|| self.floor.account_of(named)),
            expires: Time(self.floor.now().0 + self.random.below(2 * HOUR)),
            salt: self.random.below(1 << 32),
            offer: if sells { Offer::Sell(capacity) } else { Offer::Buy(capacity) },
            conditions,
        };
        let signed = quote.sign_with(&[self.floor.key_of(signer).clone()]);
        QuoteModel::new(signed, signer == maker)
    }

    /// The conditions of `trader`, with a broker, a user and a share for another at times, and one of few agreements.
    fn brought(&mut self, trader: u64, (kind, agreement): (Kind, Option<Hash>)) -> Conditions {
        let mut other = |chance| {
            let other =
                (trader + 1 + self.random.below(u64::from(TRADERS) - 1)) % u64::from(TRADERS);
            let other = usize::try_from(other).expect("few traders");
            self.random.once_in(chance).then(|| self.floor.account_of(other))
        };
        let (broker, user, friend) = (other(2), other(4), other(4));
        let share = friend.map(|account| Share { account, bps: 3_333 });
        let split = Split::new(share.into_iter().collect()).expect("one share is within the whole");
        Conditions { kind, split, agreement, broker, user }
    }

    /// Mostly none, or one of two texts.
    fn agreement(&mut self) -> Option<Hash> {
        let text = u8::try_from(self.random.below(2)).expect("one of two");
        self.random.once_in(3).then_some(Hash([text; 32]))
    }

    /// Firm, or with one of few notices.
    fn kind(&mut self) -> Kind {
        let notice = Millis(HOUR / 2 * self.random.below(4));
        if self.random.once_in(2) { Kind::Firm } else { Kind::Interruptible { notice } }
    }

    /// What is known of every quote after a block whose parent's time was `now`.
    fn compare_quotes(&self, seed: u64, now: u64) {
        let view = View::new(&self.floor.state, &[]);
        for (id, model) in &self.quotes {
            let used = view.quote_use(id).map(|it| it.used.0);
            assert_eq!(used, model.known(now), "seed {seed}: {model:?}");
        }
    }

    /// Some traders act in a contract each, most often in the way that moves it on.
    fn acts(&mut self) -> Vec<(Trader, Vec<Operation>)> {
        let open = self.models.iter().filter(|(_, model)| !model.is_closed());
        let mut ids: Vec<ObjectId> = open.map(|(id, _)| *id).collect();
        ids.extend(self.models.keys().last().copied());
        let mut asked: BTreeMap<Trader, Vec<Operation>> = BTreeMap::new();
        for _ in 0..TRADERS {
            if ids.is_empty() {
                break;
            }
            let contract = *self.random.pick(&ids);
            let model = self.models[&contract].clone();
            let (trader, operation) = if self.random.once_in(6) {
                let trader = self.trader(model.seller);
                let amount = Amount::from_u64(self.random.below(40));
                (trader, Operation::Refund { of: contract, amount, reason: Memo::default() })
            } else {
                let (trader, act) = self.act(&model);
                (trader, Operation::Contract { contract, act })
            };
            asked.insert(trader, vec![operation]);
        }
        asked.into_iter().collect()
    }

    fn act(&mut self, model: &ContractModel) -> (Trader, ContractAct) {
        let (buyer, seller) = (self.trader(model.buyer), self.trader(model.seller));
        if self.random.once_in(3) {
            let trader = usize::try_from(self.random.below(TRADERS.into())).expect("few traders");
            return (trader, self.any_act());
        }
        match model.state {
            ContractState::Matched => (buyer, staged()),
            ContractState::Staging => (seller, ready()),
            ContractState::Active if self.random.once_in(4) => (buyer, ContractAct::EndEarly),
            ContractState::Active if self.random.once_in(3) => (seller, ContractAct::ReclaimStart),
            ContractState::Active => (seller, result(Extent::Partial)),
            ContractState::Ended => (seller, result(Extent::Whole)),
            ContractState::SignOff => (buyer, verdict(Verdict::Reject)),
            _ => (buyer, verdict(Verdict::Accept)),
        }
    }

    fn any_act(&mut self) -> ContractAct {
        let extent = if self.random.once_in(2) { Extent::Whole } else { Extent::Partial };
        match self.random.below(10) {
            0 => ContractAct::EndpointPublish { endpoint: Sealed::default() },
            1 => staged(),
            2 => ready(),
            3 | 4 => result(extent),
            5 => verdict(Verdict::Accept),
            6 => verdict(Verdict::Reject),
            7 => ContractAct::EndEarly,
            8 => ContractAct::ReclaimStart,
            _ => ContractAct::Abort,
        }
    }

    fn trader(&self, account: AccountId) -> Trader {
        let mut traders = 0..usize::from(TRADERS);
        traders.find(|trader| self.floor.account_of(*trader) == account).expect("a trader")
    }

    /// Every contract, and every trader's money.
    fn compare(&self, seed: u64) {
        let view = View::new(&self.floor.state, &[]);
        for (id, model) in &self.models {
            let contract = view.contract(id);
            assert_eq!(contract.is_none(), model.is_closed(), "seed {seed}: {model:?}");
            let Some(contract) = contract else { continue };
            let actual = (contract.state, contract.due.0, contract.paid.base_units());
            assert_eq!(actual, (model.state, model.due, model.paid), "seed {seed}: {model:?}");
            let hold = view.hold(&contract.hold).expect("a contract has a hold");
            let held = hold.amount.base_units() - hold.captured.base_units();
            assert_eq!(held, model.held(), "seed {seed}: {model:?}");
        }
        for trader in 0..usize::from(TRADERS) {
            let id = self.floor.account_of(trader);
            let bought = self.models.values().filter(|model| model.buyer == id);
            let (spent, held): (u128, u128) = bought.fold((0, 0), |(spent, held), model| {
                (spent + model.paid - model.refunded, held + model.held())
            });
            let sold = self.models.values().filter(|model| model.seller == id);
            let sold: i128 = sold.map(ContractModel::earned).sum();
            let brought: u128 = self.models.values().map(|model| model.brought(id)).sum();
            let earned = sold + i128::try_from(brought).expect("a small sum");
            let cash = i128::from(CASH) + earned - i128::try_from(spent).expect("a small sum");
            let account = self.floor.account(trader);
            let expected = (u128::try_from(cash).expect("nobody owes anything"), held);
            let actual = (account.cash.base_units(), account.held.base_units());
            assert_eq!(actual, expected, "seed {seed}: trader {trader}");
        }
    }

    /// Commission and net payouts together are what was paid and not given back.
    fn check_treasury(&self, seed: u64) {
        let view = View::new(&self.floor.state, &[]);
        let treasury = view.account(&view.params().treasury).expect("there is one");
        let commission: u128 = self.models.values().map(|model| model.commission).sum();
        assert_eq!(treasury.cash.base_units(), commission, "seed {seed}");
    }

    /// Nobody acts any more, until no contract is left.
    fn run_out(&mut self, seed: u64) {
        let mut rounds = 0;
        while self.models.values().any(|model| !model.is_closed()) {
            let open = self.models.values().filter(|model| !model.is_closed());
            let next = open.map(|model| model.due).min().expect("one is open");
            let now = self.floor.now().0;
            self.models.values_mut().for_each(|model| model.begin_block(now));
            let time = next.max(now + 1);
            self.floor.block(time, &[]);
            self.blocks.push((time, Vec::new()));
            self.compare(seed);
            rounds += 1;
            assert!(rounds < 1_000, "seed {seed}: contracts do not end");
        }
        let holds = self.floor.state.iter().filter(|(_, object)| matches!(object, Object::Hold(_)));
        assert_eq!(holds.count(), 0, "seed {seed}: no hold outlives its contract");
    }

    /// The same blocks lead to the same state.
    fn replay(&self) {
        let mut again = floor();
        for (index, (time, transactions)) in self.blocks.iter().enumerate() {
            if index == AGREED_ANEW {
                agree_anew(&mut again);
            }
            let applied = again.apply(*time, transactions);
            again.commit(*time, &applied);
        }
        let digests = |floor: &Floor| -> Vec<(Key, Hash)> {
            floor.state.iter().map(|(key, object)| (*key, object.digest())).collect()
        };
        assert_eq!(digests(&again), digests(&self.floor));
    }
}

fn staged() -> ContractAct {
    let location = Sealed::default();
    ContractAct::StageReady(Staged { digests: vec![Hash([1; 32])], location })
}

const fn ready() -> ContractAct {
    ContractAct::HostReady { fingerprint: Hash([2; 32]) }
}

fn result(extent: Extent) -> ContractAct {
    let location = Sealed::default();
    ContractAct::ResultPost(Delivery { digest: Hash([3; 32]), location, extent })
}

const fn verdict(verdict: Verdict) -> ContractAct {
    ContractAct::SignOff { verdict }
}
