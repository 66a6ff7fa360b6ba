//! With whom orders trade, and whom they prefer: grades and parties, and the cells that come of them.

use chain::account::AccountId;
use chain::event::Event;
use chain::market::Grade;
use chain::operation::Operation;
use chain::order::Sellers;
use chain::parties::{Accounts, Parties, Preference};
use runtime::block::Applied;
use runtime::rejection::Rejection;

use super::floor::{Floor, Trader, ask, bid, deny, fills, graded, hourly, saturday, with};

const CASH: u64 = 1_000_000;

fn floor() -> Floor {
    Floor::new(&[hourly()], 6, CASH)
}

fn accounts(floor: &Floor, traders: &[Trader]) -> Accounts {
    let accounts: Vec<AccountId> = traders.iter().map(|it| floor.account_of(*it)).collect();
    Accounts::new(accounts).expect("few traders")
}

fn only(floor: &Floor, traders: &[Trader]) -> Parties {
    Parties { only: accounts(floor, traders), ..Parties::default() }
}

fn prefer(floor: &Floor, traders: &[Trader], tolerance_bps: u16) -> Parties {
    let prefer = Preference::new(accounts(floor, traders), tolerance_bps);
    Parties { prefer, ..Parties::default() }
}

/// Bidder, sellers and price of the cells that cleared.
fn cells(applied: &Applied) -> Vec<(Option<AccountId>, Sellers, u64)> {
    let cell = |event: &Event| match event {
        Event::CellCleared { bidder, sellers, price, .. } => Some((*bidder, *sellers, price.0)),
        _ => None,
    };
    applied.receipts.matching.iter().filter_map(cell).collect()
}

#[test]
fn ask_serves_its_own_grade_and_lower_ones() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let orders = [graded(1, bid(10, 60, window)), ask(10, 30, window)];
    let (ids, applied) = floor.place(&orders);
    assert_eq!(fills(&ids, &applied), []);
    let (more, applied) =
        floor.place_by(&[(2, graded(1, ask(20, 40, window))), (3, bid(20, 60, window))]);
    let ids = [ids, more].concat();
    // The proven ask alone serves the first bid; what is left of it, and the other ask, serve the second.
    let expected = [(0, 2, 10, 50, 500), (3, 1, 10, 50, 500), (3, 2, 10, 50, 500)];
    assert_eq!(fills(&ids, &applied), expected);
}

#[test]
fn grade_that_the_market_lacks_is_refused() {
    let floor = floor();
    let refusal = |grade| {
        let order = graded(grade, ask(10, 30, saturday(0, 1)));
        floor.refusal(0, Operation::OrderPlace(order))
    };
    assert_eq!(refusal(Grade::BASE.0), None);
    assert_eq!(refusal(1), None);
    assert_eq!(refusal(2), Some(Rejection::GradeUnknown));
}

#[test]
fn ask_that_prefers_somebody_is_refused() {
    let floor = floor();
    let order = with(prefer(&floor, &[1], 0), ask(10, 30, saturday(0, 1)));
    assert_eq!(floor.refusal(0, Operation::OrderPlace(order)), Some(Rejection::AskPrefers));
}

#[test]
fn bid_trades_with_those_it_names_alone_and_not_with_those_it_denies() {
    let window = saturday(0, 1);
    for (parties, expected) in [
        (only as fn(&Floor, &[Trader]) -> Parties, (0, 2, 10, 50, 500)),
        (deny, (0, 1, 10, 45, 450)),
    ] {
        let mut floor = floor();
        let picky = with(parties(&floor, &[2]), bid(10, 60, window));
        let (ids, applied) = floor.place(&[picky, ask(10, 30, window), ask(10, 40, window)]);
        assert_eq!(fills(&ids, &applied), [expected]);
    }
}

#[test]
fn ask_trades_with_those_it_names_alone_and_not_with_those_it_denies() {
    let window = saturday(0, 1);
    for (parties, buyer) in [(only as fn(&Floor, &[Trader]) -> Parties, 2), (deny, 1)] {
        let mut floor = floor();
        let picky = with(parties(&floor, &[2]), ask(10, 30, window));
        let (ids, applied) = floor.place(&[picky, bid(10, 60, window), bid(10, 60, window)]);
        let buyers: Vec<usize> = fills(&ids, &applied).iter().map(|fill| fill.0).collect();
        assert_eq!(buyers, [buyer]);
        let named = Some(floor.account_of(2));
        let (bidder, ..) = cells(&applied)[0];
        assert_eq!(bidder, if buyer == 2 { named } else { None }, "whom an ask names is apart");
    }
}

#[test]
fn preferred_seller_may_be_dearer_by_the_tolerance() {
    let window = saturday(0, 1);
    // 55 less a tenth is 49.5, and less than 50; 56 less a tenth is 50.4, and more.
    for (limit, seller) in [(55, 2), (56, 1)] {
        let mut floor = floor();
        let faithful = with(prefer(&floor, &[2], 1_000), bid(10, 60, window));
        let (ids, applied) = floor.place(&[faithful, ask(10, 50, window), ask(10, limit, window)]);
        let sellers: Vec<usize> = fills(&ids, &applied).iter().map(|fill| fill.1).collect();
        assert_eq!(sellers, [seller], "{limit}");
    }
}

#[test]
fn preferred_seller_comes_first_among_equals_but_never_beyond_the_limit() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let early = floor.place_by(&[(1, ask(10, 45, window))]).0;
    let faithful = with(prefer(&floor, &[2], 5_000), bid(10, 80, window));
    let (more, applied) = floor.place_by(&[(0, faithful), (2, ask(10, 90, window))]);
    let ids = [early, more].concat();
    // 90 counts as 45 and comes first, but is above the bid's 80.
    assert_eq!(fills(&ids, &applied), [(1, 0, 10, 62, 620)]);
}

#[test]
fn preferred_sellers_and_others_have_a_price_each() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let faithful = with(prefer(&floor, &[2], 1_000), bid(20, 60, window));
    let orders = [faithful, ask(10, 50, window), ask(10, 55, window), ask(10, 52, window)];
    let (ids, applied) = floor.place(&orders);
    // The preferred ask bears no price below its 55 although one at 52 is idle; the other price does.
    assert_eq!(fills(&ids, &applied), [(0, 1, 10, 51, 510), (0, 2, 10, 57, 570)]);
    assert_eq!(cells(&applied), [(None, Sellers::Any, 51), (None, Sellers::Preferred, 57)]);
}

#[test]
fn bids_of_other_parties_have_other_prices() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let picky = with(deny(&floor, &[2]), bid(10, 60, window));
    let orders = [picky, bid(10, 50, window), ask(10, 20, window), ask(10, 40, window)];
    let (ids, applied) = floor.place(&orders);
    assert_eq!(fills(&ids, &applied), [(0, 3, 10, 50, 500), (1, 2, 10, 35, 350)]);
}

#[test]
fn market_stays_at_rest_while_orders_exclude_each_other() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let picky = with(only(&floor, &[3]), ask(10, 30, window));
    let (ids, applied) = floor.place(&[bid(10, 60, window), picky]);
    assert_eq!(fills(&ids, &applied), []);
    floor.block(floor.now().0 + 1, &[]);
    let (more, applied) = floor.place_by(&[(3, bid(10, 40, window))]);
    let ids = [ids, more].concat();
    assert_eq!(fills(&ids, &applied), [(2, 1, 10, 35, 350)]);
}
