//! How orders and contracts live and end, and what becomes of the money.

use chain::amount::Amount;
use chain::contract::{ContractAct, Delivery, Extent, Staged, Verdict};
use chain::event::Event;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::memo::Memo;
use chain::operation::{Operation, OrderPlace};
use chain::order::{FillRule, OrderClosed, TimeInForce};
use chain::quantity::{Price, Quantity};
use chain::receipt::Outcome;
use chain::sealed::Sealed;
use chain::time::{Millis, Time};
use runtime::block::Applied;

use super::floor::{
    Floor, HOUR, ORDER_DEPOSIT, ask, bid, closed, filled, fills, hourly, immediate, saturday,
    sellers,
};

const CASH: u64 = 1_000_000;

fn floor() -> Floor {
    Floor::new(&[hourly()], 6, CASH)
}

fn cancel(order: ObjectId) -> Operation {
    Operation::OrderCancel { order }
}

#[test]
fn bid_sets_its_limit_aside_until_it_is_cancelled() {
    let mut floor = floor();
    let (ids, _) = floor.place(&[bid(10, 50, saturday(0, 4))]);
    assert_eq!(floor.available(0), CASH - 2_000 - ORDER_DEPOSIT);
    let applied = floor.block(floor.now().0 + 1, &[(0, vec![cancel(ids[0])])]);
    assert_eq!(floor.available(0), CASH);
    assert_eq!(floor.account(0).orders, 0);
    let Outcome::Applied { events } = &applied.receipts.transactions[0].outcome else {
        panic!("the cancel is accepted")
    };
    assert_eq!(closed(events), [(ids[0], OrderClosed::Cancelled)]);
}

#[test]
fn what_is_set_aside_above_the_price_is_free_at_once() {
    let mut floor = floor();
    let (ids, applied) = floor.place(&[bid(10, 50, saturday(0, 4)), ask(4, 30, saturday(0, 4))]);
    // The bid is left wanting 6 units, so it pays its own limit for the 4.
    assert_eq!(fills(&ids, &applied), [(0, 1, 4, 50, 800)]);
    assert_eq!(floor.available(0), CASH - 2_000 - ORDER_DEPOSIT);

    // A bid that gets everything at 40 keeps nothing aside but the contract's 1 600.
    let mut floor = self::floor();
    let (ids, applied) = floor.place(&[bid(10, 50, saturday(0, 4)), ask(10, 30, saturday(0, 4))]);
    assert_eq!(fills(&ids, &applied), [(0, 1, 10, 40, 1_600)]);
    assert_eq!(floor.available(0), CASH - 1_600);
    assert_eq!(floor.available(1), CASH);
    let ended = [(ids[0], OrderClosed::Filled), (ids[1], OrderClosed::SoldOut)];
    assert_eq!(closed(&applied.receipts.matching), ended);
}

#[test]
fn cancel_beats_the_match_of_its_block() {
    let mut floor = floor();
    let (ids, _) = floor.place(&[ask(10, 30, saturday(0, 4))]);
    let crossing = Operation::OrderPlace(bid(10, 50, saturday(0, 4)));
    let asked = [(1, vec![crossing]), (0, vec![cancel(ids[0])])];
    let applied = floor.block(floor.now().0 + 1, &asked);
    assert_eq!(closed(&applied.receipts.matching), []);
    assert_eq!(floor.available(0), CASH);
}

#[test]
fn order_expires_when_its_time_has_come() {
    let mut floor = floor();
    let window = saturday(0, 4);
    let (start, end) = (window.start.0, window.end.0);
    let (ids, _) = floor.place(&[bid(10, 20, window), ask(10, 30, window)]);
    let timers = |applied: &Applied| closed(&applied.receipts.timers);
    assert_eq!(timers(&floor.block(start - 1, &[])), []);
    assert_eq!(timers(&floor.block(start, &[])), [], "judged by the parent's time");
    let applied = floor.block(start + 1, &[]);
    assert_eq!(timers(&applied), [(ids[0], OrderClosed::Expired)]);
    assert_eq!(floor.available(0), CASH);
    floor.block(end, &[]);
    let applied = floor.block(end + 1, &[]);
    assert_eq!(timers(&applied), [(ids[1], OrderClosed::Expired)]);
    assert_eq!(floor.available(1), CASH);
}

#[test]
fn immediate_orders_end_in_their_block_and_say_why() {
    let window = saturday(0, 4);
    let mut floor = floor();
    let whole = filled(FillRule::AllOrNone, bid(20, 60, window));
    let orders = [
        ask(10, 30, window),
        immediate(whole),
        immediate(bid(10, 29, window)),
        immediate(ask(10, 70, window)),
    ];
    let (ids, applied) = floor.place(&orders);
    let ended = [
        (ids[1], OrderClosed::FillRule),
        (ids[2], OrderClosed::NotMatched),
        (ids[3], OrderClosed::NotMatched),
    ];
    assert_eq!(closed(&applied.receipts.matching), ended);
    assert!((1..4).all(|trader| floor.available(trader) == CASH));

    // One that gets a part keeps it; the rest does not stay.
    let (ids, applied) = floor.place_by(&[(4, immediate(bid(15, 50, window)))]);
    assert_eq!(closed(&applied.receipts.matching)[0], (ids[0], OrderClosed::NotMatched));
    assert_eq!(floor.available(4), CASH - 10 * 50 * 4);
}

#[test]
fn least_fill_is_of_one_block_and_of_what_is_open() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let least = filled(FillRule::AtLeast(Quantity(6)), bid(10, 50, window));
    let (ids, applied) = floor.place(&[least, ask(5, 30, window)]);
    assert_eq!(fills(&ids, &applied), []);
    let (more, applied) = floor.place_by(&[(2, ask(2, 40, window))]);
    let ids = [ids, more].concat();
    assert_eq!(fills(&ids, &applied), [(0, 1, 5, 50, 250), (0, 2, 2, 50, 100)]);
    // Three units are open now; they need not be six, but they must come together.
    let (more, applied) = floor.place_by(&[(3, ask(2, 40, window))]);
    let ids = [ids, more].concat();
    assert_eq!(fills(&ids, &applied), []);
    let (more, applied) = floor.place_by(&[(4, ask(1, 40, window))]);
    let ids = [ids, more].concat();
    assert_eq!(fills(&ids, &applied), [(0, 3, 2, 45, 90), (0, 4, 1, 45, 45)]);
}

#[test]
fn sellers_are_counted_by_account_and_cheapest_first() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let two = sellers(2, bid(30, 60, window));
    let (asks, _) = floor.place_by(&[
        (1, ask(10, 30, window)),
        (2, ask(10, 40, window)),
        (3, ask(10, 50, window)),
    ]);
    let (again, _) = floor.place_by(&[(1, ask(5, 35, window))]);
    let (bids, applied) = floor.place_by(&[(0, two)]);
    let ids = [bids, asks, again].concat();
    // The two cheapest are one seller's; the third seller would be one too many, and is idle at 50.
    let expected = [(0, 1, 10, 45, 450), (0, 2, 10, 45, 450), (0, 4, 5, 45, 225)];
    assert_eq!(fills(&ids, &applied), expected);
    // In the next block the count begins anew, although nobody has asked for anything.
    let applied = floor.block(floor.now().0 + 1, &[]);
    assert_eq!(fills(&ids, &applied), [(0, 3, 5, 50, 250)]);
}

/// Without sellers counted anew a bid could not come to match by the trades of others alone.
#[test]
fn trades_of_others_can_make_room_for_a_bid_that_counts_sellers() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let whole = sellers(2, filled(FillRule::AllOrNone, bid(15, 60, window)));
    let orders =
        [whole, ask(5, 30, window), ask(5, 31, window), ask(10, 32, window), bid(5, 30, window)];
    let (ids, applied) = floor.place(&orders);
    assert_eq!(fills(&ids, &applied), [(4, 1, 5, 30, 150)]);
    let applied = floor.block(floor.now().0 + 1, &[]);
    assert_eq!(fills(&ids, &applied), [(0, 2, 5, 46, 230), (0, 3, 10, 46, 460)]);
}

#[test]
fn own_ask_is_passed_over_and_makes_a_cell() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let own = Operation::OrderPlace(ask(10, 30, window));
    let mut ids = vec![floor.next_id(0)];
    floor.block(floor.now().0 + 1, &[(0, vec![own])]);
    let orders = [(0, bid(10, 60, window)), (1, ask(10, 55, window)), (2, bid(10, 40, window))];
    let (placed, applied) = floor.place_by(&orders);
    ids.extend(placed);
    assert_eq!(fills(&ids, &applied), [(1, 2, 10, 57, 570), (3, 0, 10, 35, 350)]);
    let cells: Vec<_> = applied
        .receipts
        .matching
        .iter()
        .filter_map(|event| match event {
            Event::CellCleared { bidder, price, .. } => Some((*bidder, price.0)),
            _ => None,
        })
        .collect();
    assert_eq!(cells, [(None, 35), (Some(floor.account_of(0)), 57)]);
}

#[test]
fn price_is_rounded_down_to_a_tick() {
    let market = Market { tick: Price(10), k_bps: 3_333, ..hourly() };
    let mut floor = Floor::new(&[market], 2, CASH);
    let orders = [bid(10, 80, saturday(0, 1)), ask(10, 30, saturday(0, 1))];
    let (ids, applied) = floor.place(&orders);
    // 30 + 50 * 0.3333 = 46.665
    assert_eq!(fills(&ids, &applied), [(0, 1, 10, 40, 400)]);
}

/// Trader 0 buys ten units at 50 of trader 1 for the first four hours, and both are ready for the start.
/// Answers with the contract and its hold.
fn staged_contract(floor: &mut Floor) -> (ObjectId, ObjectId) {
    let window = saturday(0, 4);
    let (_, applied) = floor.place(&[bid(10, 50, window), ask(10, 50, window)]);
    let matched = applied.receipts.matching.iter().find_map(|event| match event {
        Event::Matched { contract, hold, .. } => Some((*contract, *hold)),
        _ => None,
    });
    let (contract, hold) = matched.expect("they match");
    let staged = Staged { digests: vec![Hash([1; 32])], location: Sealed::default() };
    let stage = act(contract, ContractAct::StageReady(staged));
    let ready = act(contract, ContractAct::HostReady { fingerprint: Hash([2; 32]) });
    floor.block(floor.now().0 + 1, &[(0, vec![stage]), (1, vec![ready])]);
    (contract, hold)
}

fn act(contract: ObjectId, act: ContractAct) -> Operation {
    Operation::Contract { contract, act }
}

/// The seller posts a result and the buyer accepts it, in one block.
fn sign_off(floor: &mut Floor, contract: ObjectId) -> Applied {
    let result =
        Delivery { digest: Hash([3; 32]), location: Sealed::default(), extent: Extent::Whole };
    let post = act(contract, ContractAct::ResultPost(result));
    let accept = act(contract, ContractAct::SignOff { verdict: Verdict::Accept });
    floor.block(floor.now().0 + 1, &[(1, vec![post]), (0, vec![accept])])
}

#[test]
fn contract_pays_by_the_slot_and_what_is_held_back_when_it_closes() {
    let mut floor = floor();
    let (contract, _) = staged_contract(&mut floor);
    let paid_at = |floor: &mut Floor, time: u64| {
        let applied = floor.block(time, &[]);
        applied.receipts.timers.iter().find_map(|event| match event {
            Event::ContractPaid { slots_paid, amount, .. } => {
                Some((*slots_paid, amount.base_units()))
            }
            _ => None,
        })
    };
    let start = saturday(0, 4).start.0;
    assert_eq!(paid_at(&mut floor, start + HOUR - 1), None);
    assert_eq!(paid_at(&mut floor, start + HOUR), None, "the parent's time counts");
    assert_eq!(paid_at(&mut floor, start + HOUR + 1), Some((1, 450)));
    // Two slots pass without a block: both are paid at once.
    assert_eq!(paid_at(&mut floor, start + 3 * HOUR + 5), None);
    assert_eq!(paid_at(&mut floor, start + 3 * HOUR + 6), Some((3, 900)));
    assert_eq!(floor.available(1), CASH + 1_350);
    assert_eq!(paid_at(&mut floor, start + 9 * HOUR), None);
    assert_eq!(paid_at(&mut floor, start + 9 * HOUR + 1), Some((4, 450)));
    let applied = sign_off(&mut floor, contract);
    assert_eq!(code(&applied), None);
    assert_eq!((floor.available(0), floor.available(1)), (CASH - 2_000, CASH + 2_000));
    assert_eq!(paid_at(&mut floor, start + 20 * HOUR), None);
}

/// How the only transaction of a block failed, if it did.
fn code(applied: &Applied) -> Option<u16> {
    match applied.receipts.transactions[0].outcome {
        Outcome::Applied { .. } => None,
        Outcome::Failed { code, .. } => Some(code),
    }
}

#[test]
fn contract_is_refunded_while_it_runs_and_for_the_refund_span_after_its_end() {
    let mut floor = floor();
    let (contract, hold) = staged_contract(&mut floor);
    let refund = |of, amount| {
        let (amount, reason) = (Amount::from_u64(amount), Memo::default());
        vec![Operation::Refund { of, amount, reason }]
    };
    let try_at = |floor: &mut Floor, time, trader, of, amount| {
        code(&floor.block(time, &[(trader, refund(of, amount))]))
    };
    let start = saturday(0, 4).start.0;
    assert_eq!(try_at(&mut floor, start, 1, contract, 1), Some(110), "nothing is paid yet");
    assert_eq!(try_at(&mut floor, start + HOUR, 1, contract, 1), Some(110), "the parent counts");
    assert_eq!(try_at(&mut floor, start + HOUR + 1, 1, contract, 451), Some(112), "one slot");
    assert_eq!(try_at(&mut floor, start + HOUR + 2, 1, contract, 300), None);
    assert_eq!(try_at(&mut floor, start + HOUR + 3, 0, contract, 1), Some(111));
    assert_eq!(try_at(&mut floor, start + HOUR + 4, 1, hold, 1), Some(110), "the contract's name");
    assert_eq!(try_at(&mut floor, start + 4 * HOUR, 1, contract, 1_051), Some(112));
    assert_eq!(try_at(&mut floor, start + 4 * HOUR + 1, 1, contract, 1_501), Some(112));
    // It closes in the block after, which judges by the time of this one.
    assert_eq!(code(&sign_off(&mut floor, contract)), None);
    assert_eq!(try_at(&mut floor, start + 4 * HOUR + 3, 1, contract, 1_701), Some(112));
    assert_eq!(try_at(&mut floor, start + 5 * HOUR, 1, contract, 1_700), None);
    assert_eq!(try_at(&mut floor, start + 5 * HOUR + 1, 1, contract, 1), Some(112));
    assert_eq!(try_at(&mut floor, start + 5 * HOUR + 2, 1, contract, 1), Some(110), "forgotten");
    assert_eq!((floor.available(0), floor.available(1)), (CASH, CASH));
}

#[test]
fn ask_is_sold_out_when_the_slots_still_ahead_are() {
    let market = Market { lead: Millis(HOUR), ..hourly() };
    let mut floor = Floor::new(&[market], 3, CASH);
    let (ids, _) = floor.place(&[ask(10, 30, saturday(0, 6))]);
    // At 2:30 the slots from 4:00 on can still be traded.
    floor.block(saturday(0, 6).start.0 + 5 * HOUR / 2, &[]);
    let until = TimeInForce::Until(Time(saturday(4, 6).start.0 - HOUR));
    let last = OrderPlace { time_in_force: until, ..bid(10, 30, saturday(4, 6)) };
    let (_, applied) = floor.place_by(&[(1, last)]);
    assert!(closed(&applied.receipts.matching).contains(&(ids[0], OrderClosed::SoldOut)));
    assert_eq!(floor.available(0), CASH);
}

#[test]
fn markets_do_not_meet() {
    let mut floor = Floor::new(&[hourly(), hourly()], 2, CASH);
    let other = OrderPlace { market: MarketId(1), ..ask(10, 30, saturday(0, 1)) };
    let (ids, applied) = floor.place(&[bid(10, 50, saturday(0, 1)), other]);
    assert_eq!(fills(&ids, &applied), []);
}
