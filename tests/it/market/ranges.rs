//! The second pass: what finds no match at its limit goes as far as its stretch, and nothing that trades at
//! the limits is moved by that.

use chain::event::Event;
use chain::operation::{Operation, OrderPlace};
use chain::order::{FillRule, Pass};
use chain::quantity::{Price, Quantity};
use runtime::block::Applied;
use runtime::rejection::Rejection;

use super::floor::{
    Fill, Floor, ORDER_DEPOSIT, ask, bid, filled, fills, hourly, immediate, saturday, sellers,
    stretched,
};

/// The orders, one trader each, trade as `expected` says.
fn check(orders: &[OrderPlace], expected: &[Fill]) -> Applied {
    let mut floor = Floor::new(&[hourly()], 5, 1_000_000);
    let (ids, applied) = floor.place(orders);
    assert_eq!(fills(&ids, &applied), expected);
    applied
}

fn act(floor: &mut Floor, operation: Operation) {
    assert_eq!(floor.refusal(0, operation.clone()), None);
    floor.block(floor.now().0 + 1, &[(0, vec![operation])]);
}

fn passes(applied: &Applied) -> Vec<(Pass, u64)> {
    let cells = applied.receipts.matching.iter().filter_map(|event| match event {
        Event::CellCleared { pass, price, .. } => Some((*pass, price.0)),
        _ => None,
    });
    cells.collect()
}

#[test]
fn ranges_that_overlap_trade_between_the_limits() {
    let window = saturday(0, 2);
    let need = stretched(60, bid(10, 50, window));
    let applied = check(&[need, stretched(45, ask(10, 55, window))], &[(0, 1, 10, 52, 1_040)]);
    assert_eq!(passes(&applied), [(Pass::Second, 52)]);
}

#[test]
fn ranges_that_do_not_reach_one_another_do_not_trade() {
    let window = saturday(0, 2);
    let need = stretched(52, bid(10, 50, window));
    check(&[need, stretched(53, ask(10, 55, window))], &[]);
}

#[test]
fn firm_price_is_met_by_the_one_who_stretches() {
    let window = saturday(0, 1);
    check(&[stretched(90, bid(10, 50, window)), ask(10, 70, window)], &[(0, 1, 10, 70, 700)]);
    check(&[bid(10, 50, window), stretched(30, ask(10, 70, window))], &[(0, 1, 10, 50, 500)]);
}

#[test]
fn cell_without_a_point_between_all_limits_trades_at_a_stretch() {
    let window = saturday(0, 1);
    let asks = [stretched(40, ask(10, 60, window)), stretched(80, ask(10, 100, window))];
    let [cheap, dear] = asks;
    let need = stretched(90, bid(20, 50, window));
    check(&[need, cheap, dear], &[(0, 1, 10, 80, 800), (0, 2, 10, 80, 800)]);
}

#[test]
fn price_lies_beyond_no_stretch_left_idle() {
    let window = saturday(0, 1);
    // The bid that goes without would have paid 58; the ask that stays idle would take 57.
    let needs = [stretched(60, bid(10, 40, window)), stretched(58, bid(10, 40, window))];
    let [first, second] = needs;
    let offer = stretched(50, ask(10, 90, window));
    check(&[first, second, offer], &[(0, 2, 10, 59, 590)]);
    let (first, need) = (stretched(50, ask(10, 90, window)), stretched(60, bid(10, 40, window)));
    let idle = stretched(57, ask(10, 90, window));
    check(&[need, first, idle], &[(0, 1, 10, 53, 530)]);
}

#[test]
fn stretches_move_no_price_of_the_first_pass() {
    let window = saturday(0, 1);
    let orders = |reach: fn(u64, OrderPlace) -> OrderPlace| {
        [
            bid(10, 60, window),
            reach(90, bid(10, 30, window)),
            ask(12, 40, window),
            reach(20, ask(10, 70, window)),
        ]
    };
    let firm = check(&orders(|_, order| order), &[(0, 2, 10, 40, 400)]);
    assert_eq!(passes(&firm), [(Pass::First, 40)]);
    let ranges = check(&orders(stretched), &[(0, 2, 10, 40, 400), (1, 3, 10, 35, 350)]);
    assert_eq!(passes(&ranges), [(Pass::First, 40), (Pass::Second, 35)]);
}

#[test]
fn bid_may_trade_with_an_ask_in_both_passes() {
    let window = saturday(0, 1);
    let need = stretched(70, bid(20, 50, window));
    let orders = [need, ask(5, 40, window), ask(15, 65, window)];
    let applied = check(&orders, &[(0, 1, 5, 50, 250), (0, 2, 15, 65, 975)]);
    assert_eq!(passes(&applied), [(Pass::First, 50), (Pass::Second, 65)]);
}

#[test]
fn fill_rule_counts_what_both_passes_find() {
    let window = saturday(0, 1);
    let whole = |quantity| stretched(70, filled(FillRule::AllOrNone, bid(quantity, 50, window)));
    let offers = [ask(5, 40, window), ask(5, 65, window)];
    let [near, far] = offers;
    check(&[whole(10), near.clone(), far.clone()], &[(0, 1, 5, 65, 325), (0, 2, 5, 65, 325)]);
    check(&[whole(11), near.clone(), far.clone()], &[]);
    let some = filled(FillRule::AtLeast(Quantity(5)), bid(8, 50, window));
    check(&[stretched(70, some), near, far], &[(0, 1, 5, 50, 250), (0, 2, 3, 65, 195)]);
}

#[test]
fn sellers_of_both_passes_count_together() {
    let window = saturday(0, 1);
    let need = |most| stretched(70, sellers(most, bid(10, 50, window)));
    let offers = [ask(5, 40, window), ask(5, 65, window)];
    let [near, far] = offers;
    check(&[need(1), near.clone(), far.clone()], &[(0, 1, 5, 50, 250)]);
    check(&[need(2), near, far], &[(0, 1, 5, 50, 250), (0, 2, 5, 65, 325)]);
}

#[test]
fn bid_that_needs_another_seller_raises_nobodys_price() {
    let window = saturday(0, 1);
    // In the second pass the first bid stops at the first ask that it finds. What it would have paid says
    // nothing: the second bid buys there for less.
    let one = stretched(60, sellers(1, bid(10, 15, window)));
    let other = stretched(20, bid(5, 5, window));
    let offers = [ask(5, 10, window), stretched(20, ask(5, 30, window))];
    let [near, far] = offers;
    check(&[one, other, near, far], &[(0, 2, 5, 15, 75), (1, 3, 5, 20, 100)]);
}

#[test]
fn hold_covers_the_stretch_and_returns_what_the_price_leaves() {
    let mut floor = Floor::new(&[hourly()], 2, 10_000);
    let window = saturday(0, 2);
    floor.place(&[stretched(60, bid(10, 50, window))]);
    assert_eq!(floor.available(0), 10_000 - ORDER_DEPOSIT - 60 * 10 * 2);
    let (_, applied) = floor.place_by(&[(1, immediate(ask(4, 55, window)))]);
    assert_eq!(passes(&applied), [(Pass::Second, 60)], "the rest of the bid would pay so much");
    assert_eq!(floor.available(0), 10_000 - ORDER_DEPOSIT - 60 * 10 * 2);
    let (_, applied) = floor.place_by(&[(1, ask(6, 55, window))]);
    assert_eq!(passes(&applied), [(Pass::Second, 55)]);
    assert_eq!(floor.available(0), 10_000 - (60 * 4 + 55 * 6) * 2);
}

#[test]
fn amended_stretch_moves_hold_and_rank() {
    let mut floor = Floor::new(&[hourly()], 1, 10_000);
    let window = saturday(0, 2);
    let (ids, _) = floor.place(&[stretched(60, bid(10, 50, window))]);
    let placed = floor.order(ids[0]).unwrap().placed;
    let amend = |stretch: Option<u64>| Operation::OrderAmend {
        order: ids[0],
        quantity: Quantity(10),
        limit: Price(50),
        stretch: stretch.map(Price),
    };
    assert_eq!(floor.refusal(0, amend(Some(60))), Some(Rejection::OrderUnchanged));
    assert_eq!(floor.refusal(0, amend(Some(49))), Some(Rejection::StretchWithinLimit));
    let held = |floor: &Floor| 10_000 - ORDER_DEPOSIT - floor.available(0);
    act(&mut floor, amend(Some(70)));
    assert_eq!((held(&floor), floor.order(ids[0]).unwrap().placed), (70 * 20, placed));
    act(&mut floor, amend(None));
    assert_eq!(held(&floor), 50 * 20);
    assert!(floor.order(ids[0]).unwrap().placed > placed, "it goes less far than before");
}
