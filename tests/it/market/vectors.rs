//! The golden vectors: what the market must do with given orders, worked out by hand. Slots of one hour,
//! prices in the middle, ticks and lots of one; one trader an order.

use chain::market::Market;
use chain::operation::OrderPlace;
use chain::order::{FillRule, Sold};
use chain::quantity::Quantity;

use super::floor::{Fill, Floor, ask, bid, filled, fills, graded, hourly, immediate, saturday};
use super::hosts::{asking, flag, flag_set, over, trusted};

/// The orders trade as `expected` says, and what is left of each afterwards is as `left` says: the open
/// units of a bid, the least that an ask has left in a slot; nothing for an order that has ended.
fn check(orders: &[OrderPlace], expected: &[Fill], left: &[Option<u64>]) {
    let mut floor = Floor::new(&[hourly()], 4, 1_000_000);
    let (ids, applied) = floor.place(orders);
    assert_eq!(fills(&ids, &applied), expected);
    let rest: Vec<Option<u64>> = ids
        .iter()
        .map(|id| {
            let order = floor.order(*id)?;
            let sold = order.sold.iter().map(|sold| sold.quantity.0).max().unwrap_or(0);
            Some(order.quantity.0 - order.filled.0 - sold)
        })
        .collect();
    assert_eq!(rest, left);
}

#[test]
fn v1_saturday_payroll() {
    let mut floor = Floor::new(&[hourly()], 5, 60_000);
    let emergency = immediate(bid(100, 50, saturday(12, 18)));
    let (ids, applied) = floor.place(&[ask(100, 40, saturday(0, 24)), emergency]);
    assert_eq!(fills(&ids, &applied), [(1, 0, 100, 45, 27_000)]);
    assert_eq!(floor.order(ids[1]), None);
    let sold = &floor.order(ids[0]).unwrap().sold;
    assert_eq!(*sold, [Sold { window: saturday(12, 18), quantity: Quantity(100) }]);
    assert_eq!(floor.available(1), 60_000 - 27_000);

    // What lies before and after is still on offer, and nothing across.
    let across = bid(1, 100, saturday(11, 13));
    let (early, late) = (bid(100, 40, saturday(0, 12)), bid(100, 40, saturday(18, 24)));
    let (later, applied) = floor.place_by(&[(2, early), (3, late), (4, across)]);
    let ids = [ids, later].concat();
    assert_eq!(fills(&ids, &applied), [(2, 0, 100, 40, 48_000), (3, 0, 100, 40, 24_000)]);
    assert_eq!(floor.order(ids[0]), None, "every slot is sold");
    assert!(floor.order(ids[4]).is_some(), "nothing was free across");
}

#[test]
fn v2_repeat_until_filled() {
    let window = saturday(0, 2);
    check(
        &[bid(100, 50, window), ask(60, 30, window), ask(30, 35, window), ask(50, 45, window)],
        &[(0, 1, 60, 45, 5_400), (0, 2, 30, 45, 2_700), (0, 3, 10, 45, 900)],
        &[None, None, None, Some(40)],
    );
}

#[test]
fn v3_more_buyers() {
    let window = saturday(0, 4);
    check(
        &[ask(100, 30, window), bid(60, 50, window), bid(60, 40, window), bid(60, 35, window)],
        &[(1, 0, 60, 40, 9_600), (2, 0, 40, 40, 6_400)],
        &[None, None, Some(20), Some(60)],
    );
}

#[test]
fn v4_more_sellers() {
    let window = saturday(0, 4);
    check(
        &[bid(60, 50, window), ask(40, 30, window), ask(40, 32, window), ask(40, 34, window)],
        &[(0, 1, 40, 32, 5_120), (0, 2, 20, 32, 2_560)],
        &[None, None, Some(20), Some(40)],
    );
}

#[test]
fn v5_whole_window() {
    let (early, late) = (ask(10, 10, saturday(8, 12)), ask(10, 10, saturday(12, 20)));
    check(
        &[bid(10, 50, saturday(10, 14)), early, late, ask(10, 40, saturday(8, 16))],
        &[(0, 3, 10, 45, 1_800)],
        &[None, Some(10), Some(10), Some(0)],
    );
}

#[test]
fn v6_touch() {
    let window = saturday(0, 1);
    check(&[bid(1, 40, window), ask(1, 40, window)], &[(0, 1, 1, 40, 40)], &[None, None]);
}

#[test]
fn v7_all_or_none() {
    let window = saturday(0, 2);
    let whole = filled(FillRule::AllOrNone, bid(50, 60, window));
    check(
        &[whole, bid(30, 50, window), ask(40, 30, window)],
        &[(1, 2, 30, 30, 1_800)],
        &[Some(50), None, Some(10)],
    );
}

#[test]
fn v8_grades() {
    let window = saturday(0, 2);
    check(
        &[
            graded(1, bid(10, 60, window)),
            bid(10, 55, window),
            graded(1, ask(10, 30, window)),
            ask(10, 35, window),
        ],
        &[(0, 2, 10, 45, 900), (1, 3, 10, 45, 900)],
        &[None, None, None, None],
    );
}

#[test]
fn v8_by_what_hosts_say() {
    let window = saturday(0, 2);
    let market = Market { attributes: trusted(), ..hourly() };
    let mut floor = Floor::new(&[market], 5, 1_000_000);
    let host = floor.host(4, flag("tee"), 10);
    let choosy = asking(flag_set("tee"), bid(10, 60, window));
    let (ids, applied) = floor.place_by(&[
        (0, choosy),
        (1, bid(10, 55, window)),
        (4, over(host, ask(10, 30, window))),
        (3, ask(10, 35, window)),
    ]);
    assert_eq!(fills(&ids, &applied), [(0, 2, 10, 45, 900), (1, 3, 10, 45, 900)]);
}

#[test]
fn v9_literal_patent_numbers() {
    let orders = [ask(100, 41, saturday(0, 24)), immediate(bid(100, 16, saturday(12, 18)))];
    check(&orders, &[], &[Some(100), None]);
}
