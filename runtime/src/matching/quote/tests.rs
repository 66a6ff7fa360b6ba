//! Quotes on books written out by hand.

use chain::conditions::Conditions;
use chain::market::{Grade, MarketId};
use chain::order::{AskTerms, BidTerms, FillRule, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::state::{Key, Object};
use chain::time::Window;

use super::super::explain::Reason;
use super::*;
use crate::state::State;
use crate::testing;

fn place(side: Side, quantity: u64, limit: u64) -> OrderPlace {
    let window = Window { start: Time(20), end: Time(40) };
    OrderPlace {
        market: MarketId(0),
        side,
        quantity: Quantity(quantity),
        window,
        limit: Price(limit),
        time_in_force: TimeInForce::ImmediateOrCancel,
        grade: Grade::BASE,
        parties: Parties::default(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
        stretch: None,
    }
}

fn bid(quantity: u64, limit: u64) -> OrderPlace {
    let terms = BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None };
    place(Side::Bid(terms), quantity, limit)
}

/// A book of these orders, each of its own owner, in order of rank.
fn book(orders: &[OrderPlace]) -> State {
    let market = (Key::Market(MarketId(0)), Object::Market(Box::new(testing::market())));
    let orders = (1_u8..).zip(orders).map(|(number, place)| {
        let order = order::placed(owner(number), place, (Height(1), Hash([number; 32])));
        (Key::Order(ObjectId([number; 32])), Object::Order(Box::new(order)))
    });
    State::from_objects(orders.chain([market]))
}

fn owner(number: u8) -> AccountId {
    AccountId([number; 20])
}

fn quoted(state: &State, place: &OrderPlace) -> Result<Quote, Rejection> {
    quote(&View::new(state, &[]), Time(5), owner(99), place)
}

fn fill(number: u8, quantity: u64, price: u64) -> QuotedFill {
    let (order, owner) = (ObjectId([number; 32]), owner(number));
    QuotedFill { order, owner, quantity: Quantity(quantity), price: Price(price), slots: 2 }
}

#[test]
fn quote_names_fills_price_and_total() {
    let asks =
        [(60, 30), (30, 35), (50, 45)].map(|(q, limit)| place(Side::Ask(AskTerms::OWN), q, limit));
    let quote = quoted(&book(&asks), &bid(100, 50)).unwrap();
    assert_eq!(quote.fills, [fill(1, 60, 45), fill(2, 30, 45), fill(3, 10, 45)]);
    assert_eq!(quote.total, Amount::from_u64(9_000));
    assert_eq!(quote.hold, Amount::from_u64(10_000));
    assert_eq!(quote.why_not, None);
}

#[test]
fn quote_of_an_ask_is_what_it_earns() {
    let quote = quoted(&book(&[bid(10, 50)]), &place(Side::Ask(AskTerms::OWN), 40, 40)).unwrap();
    assert_eq!(quote.fills, [fill(1, 10, 40)]);
    assert_eq!((quote.total, quote.hold), (Amount::from_u64(800), Amount::ZERO));
}

#[test]
fn quote_comes_last_among_equals() {
    let orders = [bid(10, 50), place(Side::Ask(AskTerms::OWN), 10, 40)];
    let quote = quoted(&book(&orders), &bid(10, 50)).unwrap();
    assert_eq!(quote.fills, []);
    assert_eq!(quote.why_not.unwrap().reason, Reason::Outranked(Quantity(10)));
}

#[test]
fn quote_of_nothing_says_why() {
    let quote = quoted(&book(&[place(Side::Ask(AskTerms::OWN), 10, 55)]), &bid(10, 50)).unwrap();
    assert_eq!((quote.fills.len(), quote.total), (0, Amount::ZERO));
    assert_eq!(quote.why_not.unwrap().reason, Reason::Price { short: Price(5) });
}

#[test]
fn order_that_nobody_could_place_is_refused() {
    let state = book(&[]);
    assert_eq!(quoted(&state, &bid(0, 50)), Err(Rejection::QuantityTooSmall));
    let elsewhere = OrderPlace { market: MarketId(9), ..bid(10, 50) };
    assert_eq!(quoted(&state, &elsewhere), Err(Rejection::MarketUnknown));
    let dear = OrderPlace { limit: Price(u64::MAX), ..bid(u64::MAX, 50) };
    assert_eq!(quoted(&state, &dear), Err(Rejection::BalanceTooLow));
}

#[test]
fn ask_over_a_pool_that_is_not_there_is_refused() {
    let state = book(&[bid(10, 50)]);
    let terms = AskTerms { host: Some(ObjectId([9; 32])) };
    let quoted = quote(&View::new(&state, &[]), Time(5), owner(2), &place(Side::Ask(terms), 5, 40));
    assert_eq!(quoted, Err(Rejection::HostUnknown));
}
