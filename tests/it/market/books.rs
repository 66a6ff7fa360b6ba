//! Random books: after every block the runtime and the naive model have the same trades, prices, and
//! open orders, and what must hold of a market holds.

mod compare;
mod picks;

use std::collections::{BTreeMap, BTreeSet};

use chain::account::AccountId;
use chain::conditions::Conditions;
use chain::event::Event;
use chain::hash::{Domain, Hash};
use chain::height::Height;
use chain::id::ObjectId;
use chain::market::{Grade, Market, MarketId};
use chain::operation::{Operation, OrderPlace};
use chain::order::{
    AskTerms, BidTerms, CancelScope, FillRule, Order, OrderClosed, Pass, Sellers, Side, TimeInForce,
};
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::receipt::Outcome;
use chain::state::{Key, Object};
use chain::time::{Time, Window};
use chain::transaction::{Transaction, VerifiedTransaction};
use runtime::block::{Applied, apply_block};
use runtime::state::{State, View};
use tests::market_model::{MarketModel, ModelMatch, ModelTrade};
use tests::random::Random;

use super::floor::{CHAIN, Floor, Trader, closed};
use picks::{agreement, kind, market, parties, stretch};

mod hosts;

use hosts::Sale;

/// Books that are played; or as many as `TALLY_LONG` says.
const BOOKS: u64 = 1_000;
const BLOCKS: u64 = 6;
const TRADERS: usize = 5;
const SLOT: u64 = 1_000;

struct Trading {
    random: Random,
    floor: Floor,
    models: Vec<MarketModel>,
    ranges: Ranges,
    /// Those of every order ever placed.
    terms: BTreeMap<ObjectId, Terms>,
    /// The host behind every ask that has one, and none for every other order.
    sources: BTreeMap<ObjectId, Option<ObjectId>>,
    /// When all orders of an account end.
    switches: BTreeMap<AccountId, Time>,
    /// The host of each trader, and the trader's account.
    hosts: Vec<(ObjectId, AccountId)>,
    /// What was sold out of pools and is not over.
    sales: BTreeMap<ObjectId, Sale>,
    counts: Counts,
}

/// How many trades and cells were compared.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    trades: usize,
    /// Cells of preferred sellers.
    preferred: usize,
    /// Trades with asks over pools.
    out_of_pools: usize,
    /// Cells that traded of bids that ask something of hosts.
    choosy: usize,
    /// Cells of the second pass.
    ranges: usize,
    /// Those of them in which limits and stretches of all trades have no point in common.
    without_plain_price: usize,
}

/// An order's prices as they are now, and its window.
#[derive(Clone, Copy, Debug)]
struct Terms {
    limit: Price,
    stretch: Option<Price>,
    window: Window,
}

/// Whether the orders of a book have stretches; in one of four, none has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ranges {
    None,
    Some,
}

#[test]
fn random_books_agree_with_the_model() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let first: u64 = number("TALLY_FROM").unwrap_or(0);
    let count: u64 = number("TALLY_LONG").unwrap_or(BOOKS);
    let mut sum = Counts::default();
    for seed in first..first + count {
        let _told = TellSeed(seed);
        let mut trading = Trading::new(seed);
        for _ in 0..BLOCKS {
            trading.block(seed);
        }
        let Counts { trades, preferred, out_of_pools, choosy, ranges, without_plain_price } =
            trading.counts;
        sum.trades += trades;
        sum.preferred += preferred;
        sum.out_of_pools += out_of_pools;
        sum.choosy += choosy;
        sum.ranges += ranges;
        sum.without_plain_price += without_plain_price;
    }
    assert!(sum.trades > 6_000, "too few trades were compared: {sum:?}");
    assert!(sum.preferred > 200, "too few cells of preferred sellers were compared: {sum:?}");
    assert!(sum.out_of_pools > 2_000, "too few trades were out of pools: {sum:?}");
    assert!(sum.choosy > 200, "too few cells of choosy bids were compared: {sum:?}");
    assert!(sum.ranges > 500, "too few cells of the second pass were compared: {sum:?}");
    assert!(sum.without_plain_price > 0, "no cell of the second pass was a hard one: {sum:?}");
    println!("{sum:?}");
}

/// Tells which book it was when the runtime itself gives up.
struct TellSeed(u64);

impl Drop for TellSeed {
    #[expect(clippy::print_stdout, reason = "a test that ends may say why")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("seed {}", self.0);
        }
    }
}

impl Trading {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let markets: Vec<Market> = (0..2).map(|number| market(&mut random, number)).collect();
        let traders = u8::try_from(TRADERS).expect("few traders");
        let floor = Floor::new(&markets, traders, 200_000);
        let models = markets.into_iter().map(MarketModel::new).collect();
        let mut trading = Self {
            random,
            floor,
            models,
            ranges: if seed.is_multiple_of(4) { Ranges::None } else { Ranges::Some },
            terms: BTreeMap::new(),
            sources: BTreeMap::new(),
            switches: BTreeMap::new(),
            hosts: Vec::new(),
            sales: BTreeMap::new(),
            counts: Counts::default(),
        };
        trading.settle_in();
        trading
    }

    fn block(&mut self, seed: u64) {
        let time = self.floor.now().0 + 1 + self.random.below(SLOT * 3 / 2);
        let asked = self.asked();
        let transactions = self.floor.sign(&asked);
        let applied = self.floor.apply(time, &transactions);
        self.check_permuted(time, &transactions, &applied);
        self.check_read_back(time, &transactions, &applied);

        let now = self.floor.now();
        let over = self.run_out(now);
        let expired: BTreeMap<_, _> = closed(&applied.receipts.timers).into_iter().collect();
        assert_eq!(expired, over, "seed {seed}: expired");
        self.follow_contracts(&applied.receipts.timers);
        for (transaction, receipt) in transactions.iter().zip(&applied.receipts.transactions) {
            if let Outcome::Applied { events } = &receipt.outcome {
                self.follow(time, transaction.transaction());
                self.follow_contracts(events);
            }
        }
        let matches: Vec<ModelMatch> =
            self.models.iter_mut().map(|model| model.clear(now)).collect();
        self.floor.commit(time, &applied);
        self.compare(seed, &applied, &matches);
        self.check_left(seed, &matches);
    }

    /// Ends in the models what has run out when the parent block's time is `now`, the earlier first.
    fn run_out(&mut self, now: Time) -> BTreeMap<ObjectId, OrderClosed> {
        let due =
            |(account, time): (&AccountId, &Time)| (*time <= now).then_some((*time, *account));
        let mut due: Vec<(Time, AccountId)> = self.switches.iter().filter_map(due).collect();
        due.sort_unstable();
        let mut over = BTreeMap::new();
        for (time, account) in due {
            for model in &mut self.models {
                over.extend(model.expire(time).into_iter().map(|id| (id, OrderClosed::Expired)));
                let cancelled = model.cancel_all(|order| order.owner == account);
                over.extend(cancelled.into_iter().map(|id| (id, OrderClosed::Cancelled)));
            }
            self.switches.remove(&account);
        }
        let expired = self.models.iter_mut().flat_map(|model| model.expire(now));
        over.extend(expired.map(|id| (id, OrderClosed::Expired)));
        over
    }

    /// Does in the models what a transaction that was applied asked for.
    fn follow(&mut self, time: u64, transaction: &Transaction) {
        let context = self.floor.context(time);
        for (number, operation) in (0..).zip(&transaction.operations) {
            match operation {
                Operation::OrderPlace(place) => {
                    let (sender, nonce) = (transaction.sender, transaction.nonce);
                    let id = ObjectId::of_operation(CHAIN, sender, nonce, number);
                    let tie = Hash::of(Domain::Tie, &[&context.parent.0, &id.0]);
                    let order = order(place, sender, context.height, tie);
                    let (limit, stretch, window) = (place.limit, place.stretch, place.window);
                    self.terms.insert(id, Terms { limit, stretch, window });
                    self.sources.insert(id, place.side.host());
                    self.models[place.market.0 as usize].place(id, order);
                }
                Operation::OrderCancel { order } => {
                    self.model_of(*order).cancel(*order);
                }
                Operation::OrderAmend { order, quantity, limit, stretch } => {
                    let tie = Hash::of(Domain::Tie, &[&context.parent.0, &order.0]);
                    let to = (*quantity, *limit, *stretch);
                    let waiting = (context.height, tie);
                    let terms = self.terms.get_mut(order).expect("an order of the books");
                    (terms.limit, terms.stretch) = (*limit, *stretch);
                    self.model_of(*order).amend(*order, to, waiting);
                }
                Operation::OrderCancelAll { scope } => {
                    let own = |order: &Order| order.owner == transaction.sender;
                    for model in &mut self.models {
                        model.cancel_all(|order| own(order) && scope.covers(order));
                    }
                }
                Operation::CancelAt { time } => {
                    self.switches.remove(&transaction.sender);
                    self.switches.extend(time.map(|time| (transaction.sender, time)));
                }
                other => self.follow_host(other),
            }
        }
    }

    fn model_of(&mut self, order: ObjectId) -> &mut MarketModel {
        let has = |model: &&mut MarketModel| model.orders.contains_key(&order);
        self.models.iter_mut().find(has).expect("an open order")
    }

    /// What some of the traders ask for: orders, most of them sound, and changes to their own.
    fn asked(&mut self) -> Vec<(Trader, Vec<Operation>)> {
        let mut asked = Vec::new();
        for trader in 0..TRADERS {
            if self.random.once_in(2) {
                continue;
            }
            let mut operations: Vec<Operation> = (0..=self.random.below(6))
                .map(|_| Operation::OrderPlace(self.place(trader)))
                .collect();
            let owner = self.floor.account_of(trader);
            let orders = self.models.iter().flat_map(|model| &model.orders);
            let own: Vec<(ObjectId, Order)> = orders
                .filter(|(_, order)| order.placed.owner == owner)
                .filter(|(_, order)| {
                    order.placed.time_in_force > TimeInForce::Until(self.floor.now())
                })
                .map(|(id, order)| (*id, order.placed.clone()))
                .collect();
            operations.extend(self.command(&own));
            if self.random.once_in(6) {
                operations = vec![self.host_command(trader)];
            }
            asked.push((trader, operations));
        }
        asked
    }

    /// Something done to one's `own` orders, if anything.
    fn command(&mut self, own: &[(ObjectId, Order)]) -> Option<Operation> {
        let now = self.floor.now().0;
        let random = &mut self.random;
        if own.is_empty() || random.once_in(2) {
            let time = (!random.once_in(4)).then(|| Time(now + 1 + random.below(3 * SLOT)));
            return random.once_in(6).then_some(Operation::CancelAt { time });
        }
        let (id, order) = random.pick(own);
        Some(match random.below(8) {
            0..3 => Operation::OrderCancel { order: *id },
            3 => Operation::OrderCancelAll {
                scope: *random.pick(&[
                    CancelScope::All,
                    CancelScope::Market(order.market),
                    CancelScope::Bids(order.market),
                    CancelScope::Asks(order.market),
                ]),
            },
            _ => {
                let market = &self.models[order.market.0 as usize].market;
                let lots = 1 + random.below(10);
                let (quantity, limit) =
                    (market.lot.0 * lots, market.tick.0 * (1 + random.below(9)));
                let stretch = stretch(random, order.side, (limit, market.tick));
                let (quantity, limit) = (Quantity(quantity), Price(limit));
                Operation::OrderAmend { order: *id, quantity, limit, stretch }
            }
        })
    }

    fn place(&mut self, trader: Trader) -> OrderPlace {
        let host = self.random.once_in(2).then(|| self.hosts[trader].0);
        let traders: Vec<AccountId> = (0..TRADERS).map(|it| self.floor.account_of(it)).collect();
        let random = &mut self.random;
        let number = if random.once_in(6) { 1 } else { 0 };
        let market = &self.models[number as usize].market;
        let lot = market.lot.0;
        let first = (self.floor.now().0 + market.lead.0) / SLOT + 1;
        let is_bid = random.once_in(2);
        let start = first + random.below(4);
        let slots = 1 + random.below(if is_bid { 3 } else { 6 });
        let window = Window { start: Time(start * SLOT), end: Time((start + slots) * SLOT) };
        let quantity = lot * (1 + random.below(8));
        let fill = match random.below(4) {
            0 => FillRule::AllOrNone,
            1 => FillRule::AtLeast(Quantity(lot * random.below(quantity / lot + 1))),
            _ => FillRule::AtLeast(Quantity(0)),
        };
        let sellers_max =
            random.once_in(4).then(|| 1 + u16::try_from(random.below(2)).expect("a small number"));
        let last = if is_bid { start * SLOT - market.lead.0 } else { window.end.0 };
        let time_in_force = match random.below(4) {
            0 => TimeInForce::ImmediateOrCancel,
            1 => TimeInForce::Until(Time(last - random.below(SLOT / 2))),
            _ => TimeInForce::Until(Time(last)),
        };
        let parties = parties(random, &traders, is_bid);
        let predicates = if is_bid { hosts::predicates(random) } else { Predicates::default() };
        let level = if is_bid { 2 + random.below(8) } else { 1 + random.below(8) };
        let side = if is_bid {
            Side::Bid(BidTerms { fill, sellers_max })
        } else {
            Side::Ask(AskTerms { host })
        };
        let stretch = match self.ranges {
            Ranges::None => None,
            Ranges::Some => stretch(random, side, (market.tick.0 * level, market.tick)),
        };
        OrderPlace {
            market: MarketId(number),
            side,
            quantity: Quantity(quantity),
            window,
            limit: Price(market.tick.0 * level),
            time_in_force,
            grade: Grade(if random.once_in(3) { 1 + random.below(2) as u8 } else { 0 }),
            parties,
            conditions: Conditions {
                kind: kind(random),
                agreement: agreement(random, is_bid),
                ..Conditions::default()
            },
            predicates,
            stretch,
        }
    }

    /// Traders' transactions in another order change nothing.
    fn check_permuted(&self, time: u64, transactions: &[VerifiedTransaction], applied: &Applied) {
        let mut turned = transactions.to_vec();
        turned.reverse();
        let other = self.floor.apply(time, &turned);
        assert_eq!(other.changes, applied.changes);
        assert_eq!(other.receipts.matching, applied.receipts.matching);
    }

    /// A state read back, which knows nothing of markets at rest, comes to the same.
    fn check_read_back(&self, time: u64, transactions: &[VerifiedTransaction], applied: &Applied) {
        let objects = self.floor.state.iter().map(|(key, object)| (*key, object.clone()));
        let state = State::from_objects(objects);
        let view = View::new(&state, &[]);
        let other =
            apply_block(view, self.floor.context(time), transactions).expect("a valid block");
        assert_eq!(&other, applied);
    }
}

fn order(place: &OrderPlace, owner: AccountId, placed: Height, tie: Hash) -> Order {
    Order {
        owner,
        market: place.market,
        side: place.side,
        quantity: place.quantity,
        filled: Quantity(0),
        window: place.window,
        limit: place.limit,
        time_in_force: place.time_in_force,
        grade: place.grade,
        parties: place.parties.clone(),
        placed,
        tie,
        hold: None,
        sold: Vec::new(),
        predicates: place.predicates.clone(),
        conditions: place.conditions.clone(),
        stretch: place.stretch,
        standing: None,
        deposit: chain::amount::Amount::ZERO,
    }
}

impl Terms {
    /// The worst price for the owner at which the order trades in `pass`.
    fn worst(self, pass: Pass) -> Price {
        match pass {
            Pass::First => self.limit,
            Pass::Second => self.stretch.unwrap_or(self.limit),
        }
    }
}
