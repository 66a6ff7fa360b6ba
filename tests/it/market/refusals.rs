//! Every reason to refuse an order or a cancel, and the edge next to it that is accepted.

use chain::id::ObjectId;
use chain::limits::{ACCOUNT_ORDERS_MAX, OPERATIONS_MAX, WINDOW_SLOTS_MAX};
use chain::market::{Market, MarketId};
use chain::operation::{Operation, OrderPlace};
use chain::order::{FillRule, TimeInForce};
use chain::quantity::{Price, Quantity};
use chain::time::{Millis, Time, Window};
use runtime::rejection::Rejection;

use super::floor::{
    Floor, HOUR, ORDER_DEPOSIT, ask, bid, filled, hourly, immediate, saturday, sellers, stretched,
};

/// A market in which every bound shows: lots of 4, ticks of 5, at least 8 units, a lead of two hours.
fn market() -> Market {
    let (lot, tick) = (Quantity(4), Price(5));
    let quantity_min = Quantity(8);
    Market { lot, tick, quantity_min, lead: Millis(2 * HOUR), horizon_slots: 96, ..hourly() }
}

/// The order is refused for `reason`, or accepted, by a trader with 100 000.
fn check(order: OrderPlace, reason: impl Into<Option<Rejection>>) {
    let floor = Floor::new(&[market()], 1, 100_000);
    let shown = format!("{order:?}");
    assert_eq!(floor.refusal(0, Operation::OrderPlace(order)), reason.into(), "{shown}");
}

/// A bid that ends at the last point at which it can trade.
fn due_bid(quantity: u64, limit: u64, window: Window) -> OrderPlace {
    let last = window.start.0.saturating_sub(2 * HOUR);
    until(last, bid(quantity, limit, window))
}

fn until(time: u64, order: OrderPlace) -> OrderPlace {
    OrderPlace { time_in_force: TimeInForce::Until(Time(time)), ..order }
}

fn hours(from: u64, to: u64) -> Window {
    Window { start: Time(from * HOUR), end: Time(to * HOUR) }
}

#[test]
fn order_in_no_market_is_refused() {
    let order = OrderPlace { market: MarketId(1), ..ask(8, 10, saturday(0, 1)) };
    check(order, Rejection::MarketUnknown);
}

#[test]
fn quantity_off_the_lots_or_too_small_is_refused() {
    for (quantity, reason) in [
        (0, Some(Rejection::QuantityTooSmall)),
        (4, Some(Rejection::QuantityTooSmall)),
        (6, Some(Rejection::QuantityNotInLots)),
        (8, None),
        (13, Some(Rejection::QuantityNotInLots)),
        (u64::MAX - 3, None),
    ] {
        check(ask(quantity, 10, saturday(0, 1)), reason);
    }
}

#[test]
fn limit_of_zero_or_off_the_ticks_is_refused() {
    let refused = Some(Rejection::LimitNotOnTick);
    for (limit, reason) in [(0, refused), (4, refused), (5, None), (12, refused), (15, None)] {
        check(ask(8, limit, saturday(0, 1)), reason);
        check(due_bid(8, limit, saturday(0, 1)), reason);
    }
}

#[test]
fn stretch_off_the_ticks_or_on_the_near_side_of_the_limit_is_refused() {
    let (off, near) = (Some(Rejection::StretchNotOnTick), Some(Rejection::StretchWithinLimit));
    for (stretch, of_bid, of_ask) in [
        (0, off, off),
        (9, off, off),
        (5, near, None),
        (10, None, None),
        (15, None, near),
        (u64::MAX - 1, off, off),
    ] {
        check(stretched(stretch, due_bid(8, 10, saturday(0, 1))), of_bid);
        check(stretched(stretch, ask(8, 10, saturday(0, 1))), of_ask);
    }
    let broke = Some(Rejection::BalanceTooLow);
    check(stretched(12_500, due_bid(8, 10, saturday(0, 1))), broke);
    check(stretched(12_490, due_bid(8, 10, saturday(0, 1))), None);
}

#[test]
fn window_that_is_none_of_slots_is_refused() {
    let refused = Rejection::WindowNotOnSlots;
    check(ask(8, 10, saturday(1, 1)), refused);
    check(ask(8, 10, saturday(2, 1)), refused);
    let late = Window { end: Time(saturday(0, 1).end.0 + 1), ..saturday(0, 1) };
    check(ask(8, 10, late), refused);
    let early = Window { start: Time(saturday(0, 1).start.0 + 1), ..saturday(0, 1) };
    check(ask(8, 10, early), refused);
}

#[test]
fn window_longer_than_the_limit_is_refused() {
    check(ask(8, 10, hours(0, WINDOW_SLOTS_MAX + 1)), Rejection::WindowTooLong);
    check(ask(8, 10, hours(0, WINDOW_SLOTS_MAX)), Rejection::WindowTooFar);
}

#[test]
fn bid_within_the_lead_and_ask_that_is_over_are_refused() {
    let mut floor = Floor::new(&[market()], 1, 100_000);
    floor.block(3 * HOUR, &[]);
    for (order, reason) in [
        (immediate(bid(8, 10, hours(5, 6))), Some(Rejection::WindowTooSoon)),
        (immediate(bid(8, 10, hours(6, 7))), None),
        (immediate(bid(8, 10, hours(1, 9))), Some(Rejection::WindowTooSoon)),
        (immediate(ask(8, 10, hours(1, 3))), Some(Rejection::WindowTooSoon)),
        (immediate(ask(8, 10, hours(1, 4))), None),
    ] {
        assert_eq!(floor.refusal(0, Operation::OrderPlace(order.clone())), reason, "{order:?}");
    }
    let floor = Floor::new(&[market()], 1, 100_000);
    let order = immediate(bid(8, 10, hours(1, 2)));
    let reason = floor.refusal(0, Operation::OrderPlace(order));
    assert_eq!(reason, Some(Rejection::WindowTooSoon), "the lead reaches before the first time");
}

#[test]
fn window_beyond_the_horizon_is_refused() {
    check(ask(8, 10, hours(90, 97)), Rejection::WindowTooFar);
    check(ask(8, 10, hours(90, 96)), None);
    check(due_bid(8, 10, hours(90, 97)), Rejection::WindowTooFar);
}

#[test]
fn end_that_has_passed_or_outlives_the_order_is_refused() {
    let window = saturday(0, 4);
    let (start, end) = (window.start.0, window.end.0);
    for (order, reason) in [
        (until(0, ask(8, 10, window)), Some(Rejection::OrderEndPassed)),
        (until(1, ask(8, 10, window)), None),
        (until(end, ask(8, 10, window)), None),
        (until(end + 1, ask(8, 10, window)), Some(Rejection::OrderEndTooFar)),
        (until(0, bid(8, 10, window)), Some(Rejection::OrderEndPassed)),
        (until(start - 2 * HOUR, bid(8, 10, window)), None),
        (until(start - 2 * HOUR + 1, bid(8, 10, window)), Some(Rejection::OrderEndTooFar)),
    ] {
        check(order, reason);
    }
}

#[test]
fn fill_rule_that_nothing_can_meet_is_refused() {
    let order = due_bid(12, 10, saturday(0, 1));
    for (least, reason) in [
        (0, None),
        (4, None),
        (6, Some(Rejection::QuantityNotInLots)),
        (12, None),
        (16, Some(Rejection::FillTooLarge)),
    ] {
        check(filled(FillRule::AtLeast(Quantity(least)), order.clone()), reason);
    }
    check(filled(FillRule::AllOrNone, order), None);
}

#[test]
fn bid_from_no_seller_is_refused() {
    check(sellers(0, due_bid(8, 10, saturday(0, 1))), Rejection::SellersZero);
    check(sellers(1, due_bid(8, 10, saturday(0, 1))), None);
}

#[test]
fn bid_beyond_available_money_is_refused() {
    // 100 units at 245 over 4 slots are 98 000; with the deposit that leaves 1 995 of 100 000.
    let order = due_bid(100, 245, saturday(0, 4));
    let cost = 98_000 + ORDER_DEPOSIT;
    for (cash, reason) in [(cost, None), (cost - 1, Some(Rejection::BalanceTooLow))] {
        let floor = Floor::new(&[market()], 1, cash);
        assert_eq!(floor.refusal(0, Operation::OrderPlace(order.clone())), reason, "{cash}");
    }
    let floor = Floor::new(&[market()], 1, ORDER_DEPOSIT - 1);
    let order = ask(8, 10, saturday(0, 1));
    let reason = floor.refusal(0, Operation::OrderPlace(order));
    assert_eq!(reason, Some(Rejection::BalanceTooLow));
}

#[test]
fn cost_that_no_amount_can_say_is_refused() {
    let most = u64::MAX - u64::MAX % 20;
    check(due_bid(most, most, saturday(0, 4)), Rejection::BalanceTooLow);
}

#[test]
fn open_orders_of_an_account_are_bounded() {
    let mut floor = Floor::new(&[market()], 1, 100_000);
    let order = Operation::OrderPlace(ask(8, 10, saturday(0, 1)));
    let mut placed = 0;
    while placed < ACCOUNT_ORDERS_MAX {
        let next = (ACCOUNT_ORDERS_MAX - placed).min(u32::try_from(OPERATIONS_MAX).unwrap());
        floor.block(floor.now().0 + 1, &[(0, vec![order.clone(); next as usize])]);
        placed += next;
        assert_eq!(floor.account(0).orders, placed);
    }
    assert_eq!(floor.refusal(0, order), Some(Rejection::TooManyOrders));
}

#[test]
fn cancel_of_no_order_or_by_another_is_refused() {
    let mut floor = Floor::new(&[market()], 2, 100_000);
    let unknown = Operation::OrderCancel { order: ObjectId([1; 32]) };
    assert_eq!(floor.refusal(0, unknown), Some(Rejection::OrderUnknown));

    let (ids, _) = floor.place(&[ask(8, 10, saturday(0, 1))]);
    let cancel = Operation::OrderCancel { order: ids[0] };
    assert_eq!(floor.refusal(1, cancel.clone()), Some(Rejection::NotOwner));
    assert_eq!(floor.refusal(0, cancel.clone()), None);
    floor.block(floor.now().0 + 1, &[(0, vec![cancel.clone()])]);
    assert_eq!(floor.refusal(0, cancel), Some(Rejection::OrderUnknown));
}
