//! One book for each reason, written out by hand. The order that is asked about is the first.

mod agreement;

use chain::account::AccountId;
use chain::attribute::Evidence;
use chain::conditions::{Conditions, Kind};
use chain::hash::Hash;
use chain::market::Grade;
use chain::order::{AskTerms, BidTerms, TimeInForce};
use chain::parties::{Accounts, Parties};
use chain::predicate::{Predicate, Predicates, Test};
use chain::state::{Key, Object};
use chain::time::{Millis, Window};
use chain::word::Word;

use super::*;
use crate::state::State;
use crate::testing;

const NOW: Time = Time(5);

fn market() -> Market {
    Market { grades: vec!["proven".into()], ..testing::market() }
}

/// An order of its own owner; among equals, the one with the lower number is first.
fn order(number: u8, side: Side, (quantity, limit): (u64, u64), slots: (u64, u64)) -> Order {
    let window = Window { start: Time(slots.0 * 10), end: Time(slots.1 * 10) };
    Order {
        quantity: Quantity(quantity),
        limit: Price(limit),
        time_in_force: TimeInForce::Until(window.end),
        ..testing::order(number, side, window)
    }
}

fn bid(number: u8, terms: (u64, u64), slots: (u64, u64)) -> Order {
    let any = BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None };
    order(number, Side::Bid(any), terms, slots)
}

fn all_or_none(bid: Order) -> Order {
    let terms = BidTerms { fill: FillRule::AllOrNone, sellers_max: None };
    Order { side: Side::Bid(terms), ..bid }
}

fn of_sellers(most: u16, bid: Order) -> Order {
    let terms = BidTerms { fill: FillRule::AllOrNone, sellers_max: Some(most) };
    Order { side: Side::Bid(terms), ..bid }
}

fn ask(number: u8, terms: (u64, u64), slots: (u64, u64)) -> Order {
    order(number, Side::Ask(AskTerms::OWN), terms, slots)
}

fn denying(number: u8, mut order: Order) -> Order {
    order.parties.deny = Accounts::new(vec![AccountId([number; 20])]).unwrap();
    order
}

fn explained(orders: &[Order]) -> Explanation {
    let market = (Key::Market(MarketId(0)), Object::Market(Box::new(market())));
    let named =
        |order: &Order| (Key::Order(ObjectId(order.tie.0)), Object::Order(Box::new(order.clone())));
    let state = State::from_objects(orders.iter().map(named).chain([market]));
    let first = &orders[0];
    explain(&View::new(&state, &[]), NOW, ObjectId(first.tie.0), first)
}

fn reason(orders: &[Order]) -> Reason {
    explained(orders).reason
}

#[test]
fn nobody_is_there() {
    assert_eq!(reason(&[bid(1, (10, 50), (2, 4))]), Reason::Window { overlapping: 0 });
    assert_eq!(reason(&[ask(1, (10, 50), (2, 4))]), Reason::Window { overlapping: 0 });
}

#[test]
fn hosts_lack_what_is_asked_for() {
    let key = Word::new("tee").unwrap();
    let tee = Predicate { key, test: Test::Set, evidence: Evidence::Declared };
    let choosy =
        Order { predicates: Predicates::new(vec![tee]).unwrap(), ..bid(1, (10, 50), (2, 4)) };
    // An ask without a host has nothing of what is asked for.
    let orders = [choosy.clone(), ask(2, (10, 10), (2, 5)), ask(3, (10, 90), (2, 5))];
    assert_eq!(reason(&orders), Reason::Host { orders: 2 });
    let passed = Passed {
        orders: 2,
        window: 2,
        grade: 2,
        kind: 2,
        agreement: 2,
        party: 2,
        ..Passed::default()
    };
    assert_eq!(explained(&orders).passed, passed);
    assert_eq!(reason(&[ask(2, (10, 10), (2, 5)), choosy]), Reason::Host { orders: 1 });
}

#[test]
fn capacity_in_part_of_the_window_is_none() {
    let bid = bid(1, (10, 50), (2, 6));
    let asks = [ask(2, (10, 10), (2, 5)), ask(3, (10, 10), (3, 8)), ask(4, (10, 10), (7, 9))];
    let [first, second, third] = asks;
    let orders = [bid, first, second, third];
    assert_eq!(reason(&orders), Reason::Window { overlapping: 2 });
    assert_eq!(explained(&orders).passed, Passed { orders: 3, ..Passed::default() });
}

#[test]
fn so_many_agree_to_another_text() {
    let text = |order: Order, byte| {
        let agreement = Some(Hash([byte; 32]));
        Order { conditions: Conditions { agreement, ..Conditions::default() }, ..order }
    };
    let ask = || text(ask(2, (10, 40), (0, 9)), 1);
    let bid = || bid(1, (10, 50), (2, 4));
    assert_eq!(reason(&[bid(), ask()]), Reason::Agreement { orders: 1 });
    assert_eq!(reason(&[ask(), text(bid(), 2)]), Reason::Agreement { orders: 1 });
    assert_eq!(reason(&[text(bid(), 1), ask()]), Reason::Trades(Quantity(10)));
}

#[test]
fn so_many_offers_may_be_taken_back() {
    let kind = Kind::Interruptible { notice: Millis(10) };
    let back =
        |ask: Order| Order { conditions: Conditions { kind, ..Conditions::default() }, ..ask };
    let orders =
        [bid(1, (10, 50), (2, 4)), back(ask(2, (10, 40), (0, 9))), back(ask(3, (10, 45), (0, 9)))];
    assert_eq!(reason(&orders), Reason::Kind { orders: 2 });
}

#[test]
fn grade_is_too_low_at_so_many_offers() {
    let bid = Order { grade: Grade(1), ..bid(1, (10, 50), (2, 4)) };
    let asks = [ask(2, (10, 10), (2, 4)), ask(3, (10, 10), (0, 8)), ask(4, (10, 10), (9, 10))];
    let [first, second, third] = asks;
    let orders = [bid, first.clone(), second, third];
    assert_eq!(reason(&orders), Reason::Grade { orders: 2 });
    assert_eq!(explained(&orders).passed.window, 2);
    assert_eq!(reason(&[first, orders[0].clone()]), Reason::Grade { orders: 1 });
}

#[test]
fn parties_keep_orders_apart() {
    let (bid, ask) = (bid(1, (10, 50), (2, 4)), ask(2, (10, 40), (2, 4)));
    assert_eq!(reason(&[denying(2, bid.clone()), ask.clone()]), Reason::Party { orders: 1 });
    assert_eq!(reason(&[bid.clone(), denying(1, ask.clone())]), Reason::Party { orders: 1 });
    assert_eq!(reason(&[denying(1, ask.clone()), bid.clone()]), Reason::Party { orders: 1 });
    let own = Order { owner: bid.owner, ..ask };
    assert_eq!(reason(&[bid, own]), Reason::Party { orders: 1 });
}

#[test]
fn price_is_short_by_the_nearest_that_would_do() {
    let (bid, cheap, dear) =
        (bid(1, (10, 50), (2, 4)), ask(2, (10, 57), (2, 4)), ask(3, (10, 70), (2, 4)));
    let orders = [bid.clone(), dear.clone(), cheap];
    assert_eq!(reason(&orders), Reason::Price { short: Price(7) });
    assert_eq!(reason(&[dear, bid.clone()]), Reason::Price { short: Price(20) });
    // Ten units are to be had at 57, eleven at 70.
    let more = all_or_none(Order { quantity: Quantity(11), ..bid });
    let [_, dear, cheap] = orders;
    assert_eq!(reason(&[more.clone(), dear, cheap.clone()]), Reason::Price { short: Price(20) });
    assert_eq!(reason(&[more, cheap]), Reason::Fill { short: Quantity(1) });
}

#[test]
fn stretches_count_where_there_are_any() {
    let stretched = |price, order| Order { stretch: Some(Price(price)), ..order };
    let need = stretched(60, bid(1, (10, 50), (2, 4)));
    let offer = ask(2, (10, 57), (2, 4));
    assert_eq!(reason(&[need.clone(), offer.clone()]), Reason::Trades(Quantity(10)));
    assert_eq!(reason(&[offer, need.clone()]), Reason::Trades(Quantity(10)));
    let dear = ask(2, (10, 64), (2, 4));
    assert_eq!(reason(&[need.clone(), dear.clone()]), Reason::Price { short: Price(4) });
    assert_eq!(reason(&[dear, need]), Reason::Price { short: Price(4) });
    let (need, offer) = (bid(1, (10, 50), (2, 4)), stretched(53, ask(2, (10, 60), (2, 4))));
    assert_eq!(reason(&[need.clone(), offer.clone()]), Reason::Price { short: Price(3) });
    assert_eq!(reason(&[offer, need]), Reason::Price { short: Price(3) });
}

#[test]
fn higher_bids_come_first() {
    let (high, low) = (bid(1, (60, 50), (2, 4)), bid(2, (60, 35), (2, 4)));
    let offer = ask(3, (60, 30), (2, 4));
    let orders = [low.clone(), high, offer.clone()];
    assert_eq!(reason(&orders), Reason::Outranked(Quantity(60)));
    // What was sold before counts alike.
    let window = Window { start: Time(30), end: Time(40) };
    let sold = vec![chain::order::Sold { window, quantity: Quantity(60) }];
    let sold_out = Order { sold, ..offer };
    assert_eq!(reason(&[low.clone(), sold_out.clone()]), Reason::Outranked(Quantity(60)));
    assert_eq!(reason(&[sold_out, low]), Reason::Outranked(Quantity(60)));
}

#[test]
fn cheaper_asks_come_first() {
    let (cheap, dear) = (ask(2, (60, 30), (2, 4)), ask(1, (60, 40), (2, 4)));
    let orders = [dear, cheap, bid(3, (60, 50), (2, 4))];
    assert_eq!(reason(&orders), Reason::Outranked(Quantity(60)));
}

#[test]
fn all_or_none_is_short_by_what_is_missing() {
    let bid = all_or_none(bid(1, (50, 60), (2, 4)));
    let orders = [bid, ask(2, (40, 30), (2, 4)), ask(3, (4, 60), (2, 4))];
    assert_eq!(reason(&orders), Reason::Fill { short: Quantity(6) });
    let [bid, offer, other] = orders;
    assert_eq!(reason(&[offer, bid, other]), Reason::Fill { short: Quantity(6) });
}

#[test]
fn too_many_sellers_are_needed() {
    let bid = of_sellers(1, bid(1, (50, 60), (2, 4)));
    let asks = [ask(2, (40, 30), (2, 4)), ask(3, (40, 30), (2, 4))];
    let [first, second] = asks;
    assert_eq!(reason(&[bid.clone(), first.clone(), second.clone()]), Reason::Sellers);
    assert_eq!(reason(&[first, second, bid]), Reason::Sellers);
}

#[test]
fn order_that_trades_next_says_how_much() {
    let orders = [bid(1, (50, 60), (2, 4)), ask(2, (40, 30), (2, 4))];
    assert_eq!(reason(&orders), Reason::Trades(Quantity(40)));
    let [bid, ask] = orders;
    assert_eq!(reason(&[ask, bid]), Reason::Trades(Quantity(40)));
}

#[test]
fn order_whose_end_has_come_is_over() {
    let late = bid(1, (50, 60), (0, 4));
    assert_eq!(reason(&[late, ask(2, (50, 30), (0, 4))]), Reason::Over);
    let late = Order { time_in_force: TimeInForce::Until(NOW), ..ask(1, (50, 60), (0, 4)) };
    assert_eq!(reason(&[late]), Reason::Over);
}

#[test]
fn order_that_was_never_placed_is_asked_about_as_if_it_were() {
    let market = (Key::Market(MarketId(0)), Object::Market(Box::new(market())));
    let offer = ask(2, (10, 57), (2, 4));
    let named = (Key::Order(ObjectId(offer.tie.0)), Object::Order(Box::new(offer)));
    let state = State::from_objects([named, market]);
    let bid = bid(1, (10, 50), (2, 4));
    let found = explain(&View::new(&state, &[]), NOW, ObjectId([1; 32]), &bid);
    assert_eq!(found.reason, Reason::Price { short: Price(7) });
    let all = Passed {
        orders: 1,
        window: 1,
        grade: 1,
        kind: 1,
        agreement: 1,
        party: 1,
        host: 1,
        room: 1,
        price: 0,
    };
    assert_eq!(found.passed, all);
}

#[test]
fn own_ask_and_one_that_denies_are_no_offers_however_dear() {
    let bid = bid(1, (10, 50), (2, 4));
    let own = Order { owner: bid.owner, ..ask(2, (10, 60), (2, 4)) };
    let other = denying(1, ask(3, (10, 70), (2, 4)));
    assert_eq!(reason(&[bid.clone(), own, other]), Reason::Party { orders: 2 });
    let kin = Order { owner: bid.owner, ..ask(2, (10, 60), (2, 4)) };
    assert_eq!(reason(&[kin, bid]), Reason::Party { orders: 1 });
}
