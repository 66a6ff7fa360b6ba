//! What owners do to their orders: amending, taking back several, and setting a time at which all end.

use chain::event::Event;
use chain::height::Height;
use chain::id::ObjectId;
use chain::limits::SWITCH_ORDERS_MAX;
use chain::market::MarketId;
use chain::operation::{Operation, OrderPlace};
use chain::order::{CancelScope, OrderClosed, TimeInForce};
use chain::quantity::{Price, Quantity};
use chain::receipt::Outcome;
use chain::time::{Millis, Time};
use runtime::block::Applied;
use runtime::rejection::Rejection;

use super::floor::{
    Floor, HOUR, ORDER_DEPOSIT, Trader, ask, bid, closed, fills, hourly, immediate, saturday,
};

const CASH: u64 = 1_000_000;

fn floor() -> Floor {
    Floor::new(&[hourly(), hourly()], 4, CASH)
}

fn amend(order: ObjectId, quantity: u64, limit: u64) -> Operation {
    let (quantity, limit) = (Quantity(quantity), Price(limit));
    Operation::OrderAmend { order, quantity, limit, stretch: None }
}

/// A block one millisecond later in which one trader does something that is not refused.
fn act(floor: &mut Floor, trader: Trader, operation: Operation) -> Applied {
    let applied = floor.block(floor.now().0 + 1, &[(trader, vec![operation])]);
    let outcome = &applied.receipts.transactions[0].outcome;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    applied
}

/// What the only transaction of a block reports.
fn events(applied: &Applied) -> &[Event] {
    applied.receipts.transactions[0].outcome.events()
}

#[test]
fn amended_bid_sets_aside_what_it_is_for() {
    let mut floor = floor();
    let (ids, _) = floor.place(&[bid(10, 50, saturday(0, 4))]);
    for (quantity, limit) in [(20, 60), (5, 70), (5, 20), (12, 20)] {
        let applied = act(&mut floor, 0, amend(ids[0], quantity, limit));
        let held = quantity * limit * 4;
        assert_eq!(floor.available(0), CASH - held - ORDER_DEPOSIT);
        let reported = events(&applied).iter().find_map(|event| match event {
            Event::OrderAmended { held, .. } => Some(held.base_units()),
            _ => None,
        });
        assert_eq!(reported, Some(u128::from(held)));
    }
}

#[test]
fn amended_bid_is_for_what_it_got_and_more() {
    let mut floor = floor();
    let (ids, applied) = floor.place(&[bid(10, 50, saturday(0, 1)), ask(4, 50, saturday(0, 1))]);
    assert_eq!(fills(&ids, &applied), [(0, 1, 4, 50, 200)]);
    let refusal = |quantity| floor.refusal(0, amend(ids[0], quantity, 50));
    assert_eq!(refusal(3), Some(Rejection::QuantityTraded));
    assert_eq!(refusal(4), Some(Rejection::QuantityTraded));
    assert_eq!(refusal(5), None);
    act(&mut floor, 0, amend(ids[0], 5, 40));
    assert_eq!(floor.available(0), CASH - 200 - 40 - ORDER_DEPOSIT);
}

#[test]
fn amended_ask_offers_no_less_than_it_sold() {
    let mut floor = floor();
    let (ids, _) = floor.place(&[ask(10, 50, saturday(0, 4)), bid(6, 50, saturday(1, 2))]);
    assert_eq!(floor.refusal(0, amend(ids[0], 5, 50)), Some(Rejection::QuantityTraded));
    act(&mut floor, 0, amend(ids[0], 6, 50));
    let (more, applied) =
        floor.place_by(&[(2, bid(1, 90, saturday(1, 2))), (3, bid(6, 90, saturday(2, 3)))]);
    let ids = [ids, more].concat();
    assert_eq!(fills(&ids, &applied), [(3, 0, 6, 70, 420)]);
}

#[test]
fn less_or_better_keeps_the_rank_and_anything_else_waits_anew() {
    for (quantity, limit, keeps) in
        [(10, 60, true), (9, 50, true), (9, 51, true), (11, 60, false), (9, 49, false)]
    {
        let mut floor = floor();
        let (ids, _) = floor.place(&[bid(10, 50, saturday(0, 1))]);
        let before = floor.order(ids[0]).unwrap().clone();
        act(&mut floor, 0, amend(ids[0], quantity, limit));
        let after = floor.order(ids[0]).unwrap();
        let rank = |height, tie| (height, tie) == (after.placed, after.tie);
        assert_eq!(rank(before.placed, before.tie), keeps, "{quantity} at {limit}");
        assert_eq!(after.placed == Height(2), !keeps, "{quantity} at {limit}");
    }
    for (quantity, limit, keeps) in
        [(10, 40, true), (9, 50, true), (11, 40, false), (10, 51, false), (9, 51, false)]
    {
        let mut floor = floor();
        let (ids, _) = floor.place(&[ask(10, 50, saturday(0, 1))]);
        act(&mut floor, 0, amend(ids[0], quantity, limit));
        let kept = floor.order(ids[0]).unwrap().placed == Height(1);
        assert_eq!(kept, keeps, "{quantity} at {limit}");
    }
}

#[test]
fn amended_order_trades_in_its_block_although_its_market_was_at_rest() {
    let mut floor = floor();
    let (ids, applied) = floor.place(&[bid(10, 20, saturday(0, 1)), ask(10, 30, saturday(0, 1))]);
    assert_eq!(fills(&ids, &applied), []);
    let applied = act(&mut floor, 1, amend(ids[1], 10, 20));
    assert_eq!(fills(&ids, &applied), [(0, 1, 10, 20, 200)]);
}

#[test]
fn what_cannot_be_amended_is_refused() {
    let mut floor = floor();
    let window = saturday(0, 4);
    let (ids, _) = floor.place(&[bid(10, 50, window), ask(10, 90, window)]);
    let refused = |trader, quantity, limit| floor.refusal(trader, amend(ids[0], quantity, limit));
    let unknown = amend(ObjectId([1; 32]), 10, 50);
    assert_eq!(floor.refusal(0, unknown), Some(Rejection::OrderUnknown));
    assert_eq!(refused(1, 10, 60), Some(Rejection::NotOwner));
    assert_eq!(refused(0, 0, 60), Some(Rejection::QuantityTooSmall));
    assert_eq!(refused(0, 10, 0), Some(Rejection::LimitNotOnTick));
    assert_eq!(refused(0, 10, 50), Some(Rejection::OrderUnchanged));
    let most = (CASH - ORDER_DEPOSIT) / 4;
    assert_eq!(refused(0, 1, most), None);
    assert_eq!(refused(0, 1, most + 1), Some(Rejection::BalanceTooLow));
    assert_eq!(refused(0, u64::MAX, u64::MAX), Some(Rejection::BalanceTooLow));
    // Its timer has not fired yet, but nothing can be traded any more.
    floor.block(window.start.0, &[]);
    let late = floor.apply(window.start.0 + 1, &floor.sign(&[(0, vec![amend(ids[0], 10, 60)])]));
    let Outcome::Failed { code, .. } = late.receipts.transactions[0].outcome else {
        panic!("the order has run out")
    };
    assert_eq!(Rejection::from_code(code), Some(Rejection::OrderUnknown), "its timer came first");
}

#[test]
fn scope_says_which_orders_are_taken_back() {
    let other = |order| OrderPlace { market: MarketId(1), ..order };
    let window = saturday(0, 1);
    let orders = [
        bid(1, 10, window),
        ask(1, 90, window),
        other(bid(1, 10, window)),
        other(ask(1, 90, window)),
    ];
    for (scope, ended) in [
        (CancelScope::All, vec![0, 1, 2, 3]),
        (CancelScope::Market(MarketId(1)), vec![2, 3]),
        (CancelScope::Bids(MarketId(0)), vec![0]),
        (CancelScope::Asks(MarketId(1)), vec![3]),
    ] {
        let mut floor = floor();
        let placed: Vec<ObjectId> =
            orders.iter().map(|order| floor.place_by(&[(0, order.clone())]).0[0]).collect();
        floor.place_by(&[(1, bid(1, 10, window))]);
        let applied = act(&mut floor, 0, Operation::OrderCancelAll { scope });
        let mut expected: Vec<_> =
            ended.iter().map(|at: &usize| (placed[*at], OrderClosed::Cancelled)).collect();
        expected.sort_unstable();
        assert_eq!(closed(events(&applied)), expected, "{scope:?}");
        assert_eq!(floor.account(0).orders as usize, 4 - ended.len());
        assert_eq!(floor.account(1).orders, 1);
    }
}

#[test]
fn taking_nothing_back_is_no_failure_but_an_unknown_market_is() {
    let floor = floor();
    let all = |scope| floor.refusal(0, Operation::OrderCancelAll { scope });
    assert_eq!(all(CancelScope::All), None);
    assert_eq!(all(CancelScope::Bids(MarketId(2))), Some(Rejection::MarketUnknown));
}

#[test]
fn orders_of_this_block_are_taken_back_too() {
    let mut floor = floor();
    let place = Operation::OrderPlace(bid(1, 10, saturday(0, 1)));
    let all = Operation::OrderCancelAll { scope: CancelScope::All };
    floor.block(floor.now().0 + 1, &[(0, vec![place, all])]);
    assert_eq!(floor.account(0).orders, 0);
    assert_eq!(floor.available(0), CASH);
}

#[test]
fn orders_end_at_the_time_that_was_set() {
    let mut floor = floor();
    let (ids, _) = floor.place(&[bid(1, 10, saturday(0, 1)), bid(1, 10, saturday(0, 1))]);
    let at = floor.now().0 + 1_000;
    act(&mut floor, 0, Operation::CancelAt { time: Some(Time(at + 5_000)) });
    act(&mut floor, 0, Operation::CancelAt { time: Some(Time(at)) });
    assert_eq!(closed(&floor.block(at, &[]).receipts.timers), [], "the parent's time counts");
    let applied = floor.block(at + 1, &[]);
    assert_eq!(closed(&applied.receipts.timers), [(ids[0], OrderClosed::Cancelled)]);
    assert_eq!(floor.available(0), CASH);
    // The time is used up: what is placed later stands.
    floor.place(&[bid(1, 10, saturday(0, 1))]);
    floor.block(at + 6_000, &[]);
    floor.block(at + 6_001, &[]);
    assert_eq!(floor.account(0).orders, 1);
}

#[test]
fn time_that_was_taken_back_ends_nothing() {
    let mut floor = floor();
    floor.place(&[bid(1, 10, saturday(0, 1))]);
    let at = floor.now().0 + 1_000;
    act(&mut floor, 0, Operation::CancelAt { time: Some(Time(at)) });
    act(&mut floor, 0, Operation::CancelAt { time: None });
    floor.block(at, &[]);
    floor.block(at + 1, &[]);
    assert_eq!(floor.account(0).orders, 1);
    let again = Operation::CancelAt { time: None };
    assert_eq!(floor.refusal(0, again), Some(Rejection::CancelTimeUnset));
}

#[test]
fn time_to_cancel_at_lies_ahead_but_not_too_far() {
    let floor = Floor::new(&[hourly()], 1, CASH);
    let at = |time| floor.refusal(0, Operation::CancelAt { time: Some(Time(time)) });
    let now = floor.now().0;
    assert_eq!(at(now), Some(Rejection::CancelTimePassed));
    assert_eq!(at(now + 1), None);
    assert_eq!(at(now + HOUR), None);
    assert_eq!(at(now + HOUR + 1), Some(Rejection::CancelTimeTooFar));
}

#[test]
fn many_orders_end_over_several_blocks() {
    let mut floor = floor();
    let count = SWITCH_ORDERS_MAX + 1;
    let order = |at: u64| {
        let window = saturday(at / 2, at / 2 + 1);
        Operation::OrderPlace(bid(1, 10, window))
    };
    for at in 0..count as u64 / 8 + 1 {
        let now = floor.now().0 + 1;
        floor.block(now, &[(0, (0..8).map(|_| order(at)).collect())]);
    }
    let placed = floor.account(0).orders as usize;
    let at = floor.now().0 + 1_000;
    act(&mut floor, 0, Operation::CancelAt { time: Some(Time(at)) });
    floor.block(at, &[]);
    floor.block(at + 1, &[]);
    assert_eq!(floor.account(0).orders as usize, placed - SWITCH_ORDERS_MAX);
    floor.block(at + 2, &[]);
    assert_eq!((floor.account(0).orders, floor.available(0)), (0, CASH));
}

#[test]
fn order_for_now_can_be_amended_in_its_block() {
    let mut floor = floor();
    let window = saturday(0, 1);
    let (asks, _) = floor.place_by(&[(1, ask(10, 30, window))]);
    let id = floor.next_id(0);
    let place = Operation::OrderPlace(immediate(bid(5, 20, window)));
    let applied = floor.block(floor.now().0 + 1, &[(0, vec![place, amend(id, 10, 40)])]);
    let ids = [vec![id], asks].concat();
    assert_eq!(fills(&ids, &applied), [(0, 1, 10, 35, 350)]);
}

#[test]
fn lead_bounds_amending_as_it_bounds_trading() {
    let market = chain::market::Market { lead: Millis(HOUR), ..hourly() };
    let mut floor = Floor::new(&[market], 1, CASH);
    let window = saturday(0, 1);
    let last = window.start.0 - HOUR;
    let order = OrderPlace { time_in_force: TimeInForce::Until(Time(last)), ..bid(1, 10, window) };
    let (ids, _) = floor.place(&[order]);
    floor.block(last - 1, &[]);
    act(&mut floor, 0, amend(ids[0], 1, 20));
    assert_eq!(floor.now().0, last);
    assert_eq!(floor.refusal(0, amend(ids[0], 1, 30)), Some(Rejection::OrderUnknown));
}
