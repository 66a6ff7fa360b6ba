//! Standing orders: every window of the pattern has its order once, none costs more than it may, and all of
//! them end.

mod patterns;

use chain::amount::Amount;
use chain::event::Event;
use chain::id::ObjectId;
use chain::limits::{BLOCK_STANDING_MAX, OPERATIONS_MAX, STANDING_RETRY_MS, STANDING_SPAN_MAX_MS};
use chain::market::Market;
use chain::operation::{Operation, OrderPlace};
use chain::quantity::{Price, Quantity};
use chain::standing::{
    DAY, Day, Days, Standing, StandingAct, StandingClosed, StandingEvent, StandingState,
    StandingTerms, Weekdays,
};
use chain::state::{Key, Object};
use chain::time::{Millis, Time, Window};
use runtime::block::Applied;
use runtime::rejection::Rejection;

use super::floor::{
    Floor, HOUR, ORDER_DEPOSIT, Trader, ask, bid, fills, hourly, immediate, saturday,
};

const CASH: u64 = 100_000;
const WEEK: u64 = 7 * 24 * HOUR;
const SATURDAY: u8 = 32;

/// Every Saturday for four weeks, placed a day ahead.
fn saturdays(template: OrderPlace) -> StandingTerms {
    StandingTerms {
        until: Time(template.window.start.0 + 3 * WEEK + 1),
        template,
        weekdays: Weekdays::from_bits(SATURDAY).expect("a day"),
        skip: Days::default(),
        horizon: DAY,
        budget: None,
    }
}

fn put(terms: StandingTerms) -> Operation {
    Operation::StandingPut(Box::new(terms))
}

fn act(standing: ObjectId, act: StandingAct) -> Operation {
    Operation::Standing { standing, act }
}

fn floor() -> Floor {
    Floor::new(&[hourly()], 3, CASH)
}

/// A block at `time` in which a trader does something that is not refused.
fn does(floor: &mut Floor, time: u64, trader: Trader, operation: Operation) -> Applied {
    assert_eq!(floor.refusal(trader, operation.clone()), None);
    floor.block(time, &[(trader, vec![operation])])
}

fn standing(floor: &Floor, id: ObjectId) -> Option<Standing> {
    match floor.state.get(&Key::Standing(id)) {
        Some(Object::Standing(standing)) => Some(standing.as_ref().clone()),
        _ => None,
    }
}

/// Puts what the first trader wants, in the next block.
fn puts(floor: &mut Floor, terms: StandingTerms) -> (ObjectId, Applied) {
    let id = floor.next_id(0);
    let time = floor.now().0 + 1;
    (id, does(floor, time, 0, put(terms)))
}

/// The orders that a block placed, with their windows.
fn placed(applied: &Applied) -> Vec<(ObjectId, Window)> {
    let order = |event: &Event| match event {
        Event::Standing(StandingEvent::Placed { order, window, .. }) => Some((*order, *window)),
        _ => None,
    };
    applied.receipts.matching.iter().filter_map(order).collect()
}

fn missed(applied: &Applied) -> Vec<(Rejection, Option<u64>)> {
    let miss = |event: &Event| match event {
        Event::Standing(StandingEvent::Missed { code, again, .. }) => {
            Some((Rejection::from_code(*code)?, again.map(|time| time.0)))
        }
        _ => None,
    };
    applied.receipts.matching.iter().filter_map(miss).collect()
}

fn ended(applied: &Applied) -> Option<StandingClosed> {
    let all = applied.receipts.transactions.iter().flat_map(|receipt| match &receipt.outcome {
        chain::receipt::Outcome::Applied { events } => events.as_slice(),
        chain::receipt::Outcome::Failed { .. } => &[],
    });
    let end = |event: &Event| match event {
        Event::Standing(StandingEvent::Ended { reason, .. }) => Some(*reason),
        _ => None,
    };
    all.chain(&applied.receipts.matching).find_map(end)
}

fn later(window: Window, weeks: u64) -> Window {
    Window { start: Time(window.start.0 + weeks * WEEK), end: Time(window.end.0 + weeks * WEEK) }
}

#[test]
fn weekly_ask_serves_the_saturday_payroll_of_every_week() {
    let mut floor = floor();
    let day = saturday(0, 24);
    let (id, applied) = puts(&mut floor, saturdays(ask(10, 40, day)));
    assert_eq!(placed(&applied), [], "the first Saturday begins two days later");
    for week in 0..4 {
        let due = day.start.0 + week * WEEK - DAY.0;
        floor.block(due.max(floor.now().0 + 1), &[]);
        let payroll = immediate(bid(10, 50, later(saturday(12, 18), week)));
        let bid = floor.next_id(1);
        let applied = floor.block(floor.now().0 + 1, &[(1, vec![Operation::OrderPlace(payroll)])]);
        let [(order, window)] = placed(&applied)[..] else { panic!("week {week}: {applied:?}") };
        assert_eq!(window, later(day, week));
        assert_eq!(fills(&[bid, order], &applied), [(0, 1, 10, 45, 2_700)], "in the same block");
        assert_eq!(ended(&applied), (week == 3).then_some(StandingClosed::Completed));
    }
    assert_eq!(standing(&floor, id), None);
}

#[test]
fn put_within_the_horizon_places_in_its_own_block() {
    let mut floor = floor();
    let terms =
        StandingTerms { horizon: Millis(3 * DAY.0), ..saturdays(ask(5, 40, saturday(0, 2))) };
    let (id, applied) = puts(&mut floor, terms);
    let [(order, window)] = placed(&applied)[..] else { panic!("{applied:?}") };
    assert_eq!(window, saturday(0, 2));
    let order = floor.order(order).expect("it rests");
    assert_eq!((order.standing, order.window), (Some(id), window));
    assert_eq!(floor.available(0), CASH - 2 * ORDER_DEPOSIT);
    let standing = standing(&floor, id).expect("three weeks are to come");
    assert_eq!((standing.next, standing.placed), (later(window, 1), 1));
}

#[test]
fn days_to_skip_are_passed_over() {
    let mut floor = floor();
    let skip = Days::new(vec![Day(2 + 7), Day(5)]).expect("two days");
    let terms = StandingTerms { skip, ..saturdays(ask(5, 40, saturday(0, 2))) };
    let (id, _) = puts(&mut floor, terms);
    floor.block(DAY.0, &[]);
    let applied = floor.block(DAY.0 + 1, &[]);
    assert_eq!(placed(&applied).len(), 1);
    assert_eq!(standing(&floor, id).map(|it| it.next), Some(later(saturday(0, 2), 2)));
}

#[test]
fn order_without_money_is_tried_again_until_its_window_passes() {
    let mut floor = floor();
    let needed = 60 * 10 * 2;
    let template = bid(10, 60, saturday(0, 2));
    let (id, _) = puts(&mut floor, saturdays(template));
    let spare = needed + ORDER_DEPOSIT - 1;
    let to = floor.account_of(2);
    let pay = |amount| Operation::Transfer {
        to,
        amount: Amount::from_u64(amount),
        memo: chain::memo::Memo::default(),
    };
    let amount = floor.available(0) - spare;
    does(&mut floor, 2, 0, pay(amount));
    floor.block(DAY.0, &[]);
    let applied = floor.block(DAY.0 + 1, &[]);
    let broke = Rejection::BalanceTooLow;
    assert_eq!(missed(&applied), [(broke, Some(DAY.0 + STANDING_RETRY_MS))]);
    assert_eq!(standing(&floor, id).map(|it| it.next), Some(saturday(0, 2)));
    let to = floor.account_of(0);
    let one =
        Operation::Transfer { to, amount: Amount::from_u64(1), memo: chain::memo::Memo::default() };
    does(&mut floor, DAY.0 + STANDING_RETRY_MS, 2, one);
    let applied = floor.block(DAY.0 + STANDING_RETRY_MS + 1, &[]);
    assert_eq!(placed(&applied).len(), 1, "an hour later there is enough");

    // The next week's finds no money until its window begins.
    let mut tries = 0;
    while tries < 200 {
        let time = floor.now().0 + HOUR;
        let applied = floor.block(time, &[(0, vec![pay(1)])]);
        let Some((reason, again)) = missed(&applied).first().copied() else { continue };
        assert_eq!(reason, broke);
        tries += 1;
        if again.is_none() {
            break;
        }
    }
    assert_eq!(tries, 24, "once an hour for a day");
    assert_eq!(standing(&floor, id).map(|it| it.next), Some(later(saturday(0, 2), 2)));
}

#[test]
fn budget_counts_what_is_set_aside_and_paid_and_nothing_else() {
    let mut floor = floor();
    let template = bid(10, 60, saturday(0, 2));
    let budget = Some(Amount::from_u64(1_100 + 1_300));
    let (id, _) = puts(&mut floor, StandingTerms { budget, ..saturdays(template) });
    let committed = |floor: &Floor| standing(floor, id).map(|it| it.committed.base_units());
    floor.block(DAY.0, &[]);
    let [(first, _)] = placed(&floor.block(DAY.0 + 1, &[]))[..] else {
        panic!("the first Saturday")
    };
    assert_eq!(committed(&floor), Some(1_200));
    does(&mut floor, DAY.0 + 2, 1, Operation::OrderPlace(ask(10, 50, saturday(0, 2))));
    assert_eq!(floor.order(first), None, "bought");
    assert_eq!(committed(&floor), Some(10 * 55 * 2), "what the match left counts back");
    floor.block(WEEK + DAY.0, &[]);
    let [(second, _)] = placed(&floor.block(WEEK + DAY.0 + 1, &[]))[..] else {
        panic!("the second")
    };
    assert_eq!(committed(&floor), Some(2_300));
    let dearer = |limit| Operation::OrderAmend {
        order: second,
        quantity: Quantity(10),
        limit: Price(limit),
        stretch: None,
    };
    assert_eq!(floor.refusal(0, dearer(66)), Some(Rejection::BudgetExceeded));
    assert_eq!(floor.refusal(0, dearer(65)), None);
    floor.block(2 * WEEK + DAY.0, &[]);
    let applied = floor.block(2 * WEEK + DAY.0 + 1, &[]);
    assert_eq!(committed(&floor), Some(2_300), "the second found nothing and counts back");
    assert_eq!(placed(&applied).len(), 1);
}

#[test]
fn paused_one_lets_windows_pass_and_a_resumed_one_goes_on() {
    let mut floor = floor();
    let (id, _) = puts(&mut floor, saturdays(ask(5, 40, saturday(0, 2))));
    does(&mut floor, 2, 0, act(id, StandingAct::Pause));
    let unchanged = Some(Rejection::StandingUnchanged);
    assert_eq!(floor.refusal(0, act(id, StandingAct::Pause)), unchanged);
    floor.block(WEEK + DAY.0, &[]);
    assert_eq!(placed(&floor.block(WEEK + DAY.0 + 1, &[])), []);
    let applied = does(&mut floor, WEEK + DAY.0 + 2, 0, act(id, StandingAct::Resume));
    assert_eq!(placed(&applied)[0].1, later(saturday(0, 2), 1), "the first that is still ahead");
    assert_eq!(floor.refusal(0, act(id, StandingAct::Resume)), unchanged);
    does(&mut floor, WEEK + DAY.0 + 3, 0, act(id, StandingAct::Pause));
    let until = standing(&floor, id).expect("paused").terms.until.0;
    floor.block(until, &[]);
    let applied = floor.block(until + 1, &[]);
    assert_eq!(ended(&applied), Some(StandingClosed::Completed), "a paused one ends too");
    assert_eq!(floor.available(0), CASH);
}

#[test]
fn resumed_one_that_placed_an_order_for_a_window_places_no_second() {
    let mut floor = floor();
    let terms =
        StandingTerms { horizon: Millis(3 * DAY.0), ..saturdays(ask(5, 40, saturday(0, 2))) };
    let (id, applied) = puts(&mut floor, terms);
    assert_eq!(placed(&applied).len(), 1);
    does(&mut floor, 2, 0, act(id, StandingAct::Pause));
    let applied = does(&mut floor, 3, 0, act(id, StandingAct::Resume));
    assert_eq!(placed(&applied), []);
    assert_eq!(standing(&floor, id).map(|it| it.next), Some(later(saturday(0, 2), 1)));
}

#[test]
fn end_beats_the_order_of_its_block_and_leaves_those_before() {
    let mut floor = floor();
    let (id, _) = puts(&mut floor, saturdays(ask(5, 40, saturday(0, 2))));
    floor.block(DAY.0, &[]);
    let stranger = Some(Rejection::NotOwner);
    assert_eq!(floor.refusal(1, act(id, StandingAct::End)), stranger);
    let applied = does(&mut floor, DAY.0 + 1, 0, act(id, StandingAct::End));
    assert_eq!((placed(&applied), ended(&applied)), (vec![], Some(StandingClosed::Ended)));
    assert_eq!(floor.available(0), CASH);
    let unknown = Some(Rejection::StandingUnknown);
    assert_eq!(floor.refusal(0, act(id, StandingAct::Pause)), unknown);
}

#[test]
fn more_than_a_block_may_place_wait_with_their_turn_kept() {
    let traders = u8::try_from(BLOCK_STANDING_MAX / OPERATIONS_MAX + 1).expect("few traders");
    let mut floor = Floor::new(&[hourly()], traders, CASH);
    let one = || put(saturdays(ask(1, 40, saturday(0, 2))));
    let asked: Vec<_> = (0..usize::from(traders))
        .map(|trader| (trader, (0..OPERATIONS_MAX).map(|_| one()).collect()))
        .collect();
    let all = asked.len() * OPERATIONS_MAX;
    floor.block(1, &asked);
    floor.block(DAY.0, &[]);
    let first = placed(&floor.block(DAY.0 + 1, &[])).len();
    let second = placed(&floor.block(DAY.0 + 2, &[])).len();
    assert_eq!((first, second), (BLOCK_STANDING_MAX, all - BLOCK_STANDING_MAX));
    assert_eq!(placed(&floor.block(DAY.0 + 3, &[])), []);
}

#[test]
fn pattern_that_cannot_be_is_refused() {
    let market = Market { lead: Millis(2 * HOUR), ..hourly() };
    let floor = Floor::new(&[market], 1, CASH);
    let weekly = |template| saturdays(template);
    let (offer, window) = (weekly(ask(5, 40, saturday(0, 2))), saturday(0, 2));
    let need = weekly(OrderPlace {
        time_in_force: chain::order::TimeInForce::Until(Time(window.start.0 - 2 * HOUR)),
        ..bid(5, 40, window)
    });
    let days = |bits| Weekdays::from_bits(bits).expect("days");
    let horizon = |hours, terms: &StandingTerms| StandingTerms {
        horizon: Millis(hours * HOUR),
        ..terms.clone()
    };
    let until = |time, terms: &StandingTerms| StandingTerms { until: Time(time), ..terms.clone() };
    let budget = |amount, terms: &StandingTerms| StandingTerms {
        budget: Some(Amount::from_u64(amount)),
        ..terms.clone()
    };
    let with = |template: OrderPlace| StandingTerms { template, ..offer.clone() };
    for (terms, reason) in [
        (offer.clone(), None),
        (need.clone(), None),
        (with(ask(0, 40, window)), Some(Rejection::QuantityTooSmall)),
        (with(ask(5, 0, window)), Some(Rejection::LimitNotOnTick)),
        (StandingTerms { weekdays: days(64 + 1), ..offer.clone() }, Some(Rejection::StandingDay)),
        (StandingTerms { weekdays: days(127), ..offer.clone() }, None),
        (until(window.start.0, &offer), Some(Rejection::StandingEnd)),
        (until(window.start.0 + 1, &offer), None),
        (until(STANDING_SPAN_MAX_MS, &offer), None),
        (until(STANDING_SPAN_MAX_MS + 1, &offer), Some(Rejection::StandingEnd)),
        (horizon(0, &offer), None),
        (horizon(14 * 24 - 2, &offer), None),
        (horizon(14 * 24 - 1, &offer), Some(Rejection::StandingHorizon)),
        (horizon(2, &need), Some(Rejection::StandingHorizon)),
        (horizon(3, &need), None),
        (budget(0, &need), Some(Rejection::StandingBudget)),
        (budget(1, &need), None),
        (budget(1, &offer), Some(Rejection::StandingBudget)),
    ] {
        let shown = format!("{terms:?}");
        assert_eq!(floor.refusal(0, put(terms)), reason, "{shown}");
    }
    let floor = Floor::new(&[Market { slot: Millis(7 * HOUR), ..hourly() }], 1, CASH);
    let odd = Window { start: Time(49 * HOUR), end: Time(56 * HOUR) };
    assert_eq!(floor.refusal(0, put(weekly(ask(5, 40, odd)))), Some(Rejection::WindowNotOnSlots));
    let poor = Floor::new(&[hourly()], 1, ORDER_DEPOSIT - 1);
    assert_eq!(poor.refusal(0, put(offer)), Some(Rejection::BalanceTooLow));
}

#[test]
fn running_one_says_so() {
    let mut floor = floor();
    let (id, _) = puts(&mut floor, saturdays(ask(5, 40, saturday(0, 2))));
    let standing = standing(&floor, id).expect("it stands");
    assert_eq!(standing.state, StandingState::Running);
    assert_eq!(standing.due, Time(DAY.0), "a day before the first Saturday");
}
