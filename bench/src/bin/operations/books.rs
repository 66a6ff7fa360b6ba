//! `apply_block` with orders that all match, on books in which many others rest: what an order costs must
//! not grow with those. Holds, contracts and events are included; signatures, state tree and store are not.

use chain::account::AccountId;
use chain::conditions::Conditions;
use chain::event::Event;
use chain::hash::{Domain, Hash};
use chain::height::Height;
use chain::id::ObjectId;
use chain::market::{Grade, Market, MarketId};
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Order, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::state::{Key, Object};
use chain::time::{Millis, Time, Window};
use chain::transaction::VerifiedTransaction;

use crate::fixture::Fixture;
use crate::timing::Timing;

/// Orders in a block, each of an account of its own: bids and asks in turns.
const ORDERS: u32 = 1_000;
/// Orders that rest.
const RESTING: [u32; 3] = [1_000, 100_000, 1_000_000];
const MARKET: MarketId = MarketId(0);
/// A slot of the developers' markets.
const SLOT: Millis = Millis(3_600_000);
const UNITS: Quantity = Quantity(10);
/// New asks and bids, which meet; resting ones stand apart from these.
const ASKED: u64 = 40;
const BID: u64 = 50;

/// Which windows and grades orders are for.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// One window for all.
    Identical,
    /// Four windows a day for a week, in three grades.
    Quarters,
    /// Any window of up to a day within a month.
    Rectangles,
}

impl Shape {
    const ALL: [Self; 3] = [Self::Identical, Self::Quarters, Self::Rectangles];

    const fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Quarters => "quarters",
            Self::Rectangles => "rectangles",
        }
    }

    /// The window and grade of the order or pair of this number, from the time of the genesis on.
    fn terms(self, genesis: Time, number: u64) -> (Window, Grade) {
        let digest = Hash::of(Domain::Reference, &[&number.to_le_bytes()]);
        let [a, b, c, ..] = digest.0;
        let (a, b, c) = (u64::from(a), u64::from(b), u64::from(c));
        let (start, slots, grade) = match self {
            Self::Identical => (1, 6, 0),
            Self::Quarters => (1 + 6 * (a % 28), 6, c % 3),
            Self::Rectangles => (1 + (a * 256 + b) % 700, 1 + c % 24, 0),
        };
        let start = genesis.after(SLOT.times(start));
        let grade = Grade(u8::try_from(grade).expect("it is small"));
        (Window { start, end: start.after(SLOT.times(slots)) }, grade)
    }
}

/// The operations measured here. An item is an order.
pub(crate) fn measure() -> Vec<Timing> {
    let mut timings = Vec::new();
    for shape in Shape::ALL {
        for resting in RESTING {
            let mut fixture = Fixture::new(ORDERS, ORDERS + 1);
            let time = fixture.time;
            fixture.change(|market: &mut Market| {
                market.grades = vec!["better".to_owned(), "best".to_owned()];
            });
            fixture.add((0..resting).map(|number| rest(shape, time, number.into())));
            let block: Vec<VerifiedTransaction> = (0..ORDERS as usize)
                .map(|number| fixture.transaction(number, vec![order(shape, time, number)]))
                .collect();
            let events = fixture.apply(&block).receipts.matching.len();
            assert!(events >= ORDERS as usize, "every bid is filled: {events} events");
            let name = format!("apply_block/books={},resting={resting}", shape.name());
            timings.push(Timing::measure(&name, ORDERS, || fixture.apply(&block)));
        }
    }
    timings.extend(RESTING.map(|resting| hostile("apart", resting, apart)));
    timings.extend(RESTING.map(|resting| hostile("barred", resting, barred)));
    timings
}

/// One pair of orders on a book in which all the others cross and none may trade. An item is a block. In how
/// many blocks of a hundred the pair's bid is filled is part of the name: all of them where the work of a
/// block is enough.
fn hostile(name: &str, resting: u32, other: impl Fn(Time, u64) -> (Key, Object)) -> Timing {
    let mut fixture = Fixture::new(2, 3);
    let time = fixture.time;
    fixture.change(|market: &mut Market| market.grades = vec!["better".to_owned()]);
    fixture.add((0..resting).map(|number| other(time, number.into())));
    let block: Vec<VerifiedTransaction> = (0..2)
        .map(|number| fixture.transaction(number, vec![order(Shape::Identical, time, number)]))
        .collect();
    let is_filled = |number: &u8| {
        let events = fixture.apply_after(Hash([*number; 32]), &block).receipts.matching;
        events.iter().any(|event| matches!(event, Event::Matched { .. }))
    };
    let filled = (0..100).filter(is_filled).count();
    let name = format!("apply_block/hostile={name},resting={resting},filled={filled}%");
    Timing::measure(&name, 1, || fixture.apply(&block))
}

const fn bid() -> Side {
    Side::Bid(BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None })
}

/// One of a pair of orders that match one another, and others of their window.
fn order(shape: Shape, genesis: Time, number: usize) -> Operation {
    let (window, grade) = shape.terms(genesis, (number / 2) as u64);
    let is_bid = number.is_multiple_of(2);
    Operation::OrderPlace(OrderPlace {
        market: MARKET,
        side: if is_bid { bid() } else { Side::Ask(AskTerms::OWN) },
        quantity: UNITS,
        window,
        limit: Price(if is_bid { BID } else { ASKED }),
        time_in_force: TimeInForce::Until(window.start),
        grade,
        parties: Parties::default(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
        stretch: None,
    })
}

/// An order that crosses those of the other side and is for another window: a bid above all asks, and an ask
/// below all bids.
fn apart(genesis: Time, number: u64) -> (Key, Object) {
    let (key, object) = rest(Shape::Identical, genesis, number);
    let Object::Order(order) = object else { unreachable!("what rests is an order") };
    let (days, limit) = match order.side {
        Side::Bid(_) => (2, BID + 1 + number % 30),
        Side::Ask(_) => (3, ASKED - 1 - number % 30),
    };
    let start = genesis.after(SLOT.times(24 * days));
    let window = Window { start, end: start.after(SLOT.times(6)) };
    let time_in_force = TimeInForce::Until(window.start);
    let order = Order { window, limit: Price(limit), time_in_force, ..*order };
    (key, Object::Order(Box::new(order)))
}

/// An order that meets many of the other side, and whose grade lets it trade with none: bids above all asks,
/// for windows of their own, and asks below all bids, for a month.
fn barred(genesis: Time, number: u64) -> (Key, Object) {
    let (key, object) = rest(Shape::Rectangles, genesis, number);
    let Object::Order(order) = object else { unreachable!("what rests is an order") };
    let month = Window { start: genesis, end: genesis.after(SLOT.times(730)) };
    let (window, grade, limit) = match order.side {
        Side::Bid(_) => (order.window, Grade(1), BID + 1 + number % 30),
        Side::Ask(_) => (month, Grade::BASE, ASKED - 1 - number % 30),
    };
    let order = Order { window, grade, limit: Price(limit), ..*order };
    (key, Object::Order(Box::new(order)))
}

/// An order that rests: a bid below all asks, or an ask above all bids.
fn rest(shape: Shape, genesis: Time, number: u64) -> (Key, Object) {
    let (window, grade) = shape.terms(genesis, number);
    let is_bid = number.is_multiple_of(2);
    let id = ObjectId(Hash::of(Domain::Reference, &[b"resting", &number.to_le_bytes()]).0);
    let away = number % 30;
    let order = Order {
        owner: AccountId([7; 20]),
        market: MARKET,
        side: if is_bid { bid() } else { Side::Ask(AskTerms::OWN) },
        quantity: UNITS,
        filled: Quantity::ZERO,
        window,
        limit: Price(if is_bid { ASKED - 1 - away } else { BID + 1 + away }),
        time_in_force: TimeInForce::Until(window.start),
        grade,
        parties: Parties::default(),
        predicates: Predicates::default(),
        placed: Height(0),
        tie: Hash(id.0),
        hold: None,
        sold: Vec::new(),
        conditions: Conditions::default(),
        stretch: None,
        standing: None,
        deposit: chain::amount::Amount::ZERO,
    };
    (Key::Order(id), Object::Order(Box::new(order)))
}
