//! Standing orders: the runtime places an order for every window of a weekly pattern, some time ahead.
//!
//! ```text
//! put ─► Running ─ due: the order of the next window is placed, or missed ─► the last is placed: over
//!           └ pause ─► Paused ─ resume ─► Running    └─ due: no further window begins: over
//! ```
//!
//! What it places are ordinary orders, each with a hold and a deposit of its own. One that cannot be placed is
//! tried again until its window can be traded no more: whoever lacks money for an hour keeps the
//! window. What was tried in vain is reported and costs nothing.
//!
//! Invariant: a standing order has exactly one deadline, `due`, which stands in the queue of what comes before
//! the match. Its open bids and the contracts that came of its bids never cost more than its budget.

mod budget;

use chain::amount::Amount;
use chain::event::Event;
use chain::id::ObjectId;
use chain::limits::{BLOCK_STANDING_MAX, STANDING_RETRY_MS, STANDING_SPAN_MAX_MS};
use chain::market::Market;
use chain::order::{Side, TimeInForce};
use chain::standing::{
    DAY, Day, Standing, StandingAct, StandingClosed, StandingEvent, StandingState, StandingTerms,
};
use chain::state::Key;
use chain::time::{Millis, Time, Window};
use chain::timer::{Due, TimerKind};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::{conditions, order};

pub(crate) use budget::{check, commit, give_back};

/// What stands in the names of the orders that a standing order places, among what the runtime makes.
const PLACES: u8 = 3;

/// Has an order placed for every window of a pattern; the first may trade in this block.
pub(crate) fn put(
    draft: &mut Draft<'_>,
    step: &Step,
    terms: &StandingTerms,
) -> Result<(), Rejection> {
    let (context, deposit) = (*draft.context(), draft.params().deposits.order);
    let market = draft.view().market(terms.template.market).ok_or(Rejection::MarketUnknown)?;
    order::check_open(market)?;
    order::check_terms(market, &terms.template)?;
    order::check_source(&draft.view(), step.sender, &terms.template)?;
    conditions::check(draft, step.sender, terms.template.side, &terms.template.conditions)?;
    check_pattern(market, terms, context.parent_time)?;
    let next = upcoming(market, terms, Day(0), context.parent_time);
    let next = next.ok_or(Rejection::StandingEnd)?;
    money::check_available(&money::account(draft, &step.sender), [deposit])?;

    // From here on the order stands.
    let id = step.object_id(context.chain);
    money::set_aside(draft, step.sender, deposit);
    let standing = Standing {
        owner: step.sender,
        terms: terms.clone(),
        state: StandingState::Running,
        next,
        due: terms.placed_at(next),
        placed: 0,
        committed: Amount::ZERO,
        deposit,
    };
    moved(draft, id, standing);
    Ok(())
}

/// Pauses, resumes or ends a standing order of the sender.
pub(crate) fn act(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
    act: StandingAct,
) -> Result<(), Rejection> {
    let now = draft.context().parent_time;
    let standing = draft.view().standing(&id).ok_or(Rejection::StandingUnknown)?.clone();
    if standing.owner != step.sender {
        return Err(Rejection::NotOwner);
    }
    let before = Due::Match(standing.due);
    let standing = match (act, standing.state) {
        (StandingAct::Pause, StandingState::Running) => {
            Standing { state: StandingState::Paused, due: standing.terms.until, ..standing }
        }
        (StandingAct::Resume, StandingState::Paused) => {
            let market = market_of(draft, &standing);
            let next = upcoming(market, &standing.terms, Day::of(standing.next.start), now);
            let next = next.ok_or(Rejection::StandingEnd)?;
            let due = standing.terms.placed_at(next);
            Standing { state: StandingState::Running, next, due, ..standing }
        }
        (StandingAct::End, _) => {
            draft.clear_timer(before, TimerKind::StandingDue, id);
            end(draft, id, standing, StandingClosed::Ended);
            return Ok(());
        }
        (StandingAct::Pause | StandingAct::Resume, _) => return Err(Rejection::StandingUnchanged),
    };

    // From here on it has changed.
    draft.clear_timer(before, TimerKind::StandingDue, id);
    moved(draft, id, standing);
    Ok(())
}

/// Gives the standing orders their turn that are due after a block's transactions, the oldest first.
pub(crate) fn place_due(draft: &mut Draft<'_>) {
    let now = draft.context().parent_time;
    for timer in draft.view().standing_due(now, BLOCK_STANDING_MAX) {
        debug_assert!(draft.view().get(&Key::Timer(timer)).is_some());
        draft.clear_timer(timer.due, timer.kind, timer.object);
        fall_due(draft, timer.object);
    }
}

/// The timer of a standing order has fired: it places its next order, or is over.
fn fall_due(draft: &mut Draft<'_>, id: ObjectId) {
    let standing = draft.view().standing(&id).expect("a timer belongs to one that stands").clone();
    if standing.state == StandingState::Paused {
        return end(draft, id, standing, StandingClosed::Completed);
    }
    let (context, owner, window) = (*draft.context(), standing.owner, standing.next);
    let order = ObjectId::of_runtime(context.chain, id, id, context.height, PLACES);
    let place = standing.terms.order(window);
    let last = order::last_point(market_of(draft, &standing), place.side, window);
    let placing = order::Placing { owner, order, standing: Some(id) };
    match order::stand(draft, &placing, &place) {
        Ok(()) => {
            // What stands now counts its money already.
            let standing = draft.view().standing(&id).expect("it has just placed an order").clone();
            let placed = standing.placed.saturating_add(1);
            draft.emit(Event::Standing(StandingEvent::Placed {
                standing: id,
                owner,
                order,
                window,
            }));
            pass(draft, id, Standing { placed, ..standing });
        }
        Err(reason) => {
            let again = context.parent_time.after(Millis(STANDING_RETRY_MS));
            let again = (again < last && again < end_of(&place.time_in_force)).then_some(again);
            let code = reason.code();
            draft.emit(Event::Standing(StandingEvent::Missed {
                standing: id,
                owner,
                window,
                code,
                again,
            }));
            match again {
                Some(due) => keep(draft, id, Standing { due, ..standing }),
                None => pass(draft, id, standing),
            }
        }
    }
}

/// Goes on to the window after the next, or ends where there is none.
fn pass(draft: &mut Draft<'_>, id: ObjectId, standing: Standing) {
    match standing.terms.window_from(Day::of(standing.next.start).next()) {
        Some(next) => {
            let due = standing.terms.placed_at(next);
            keep(draft, id, Standing { next, due, ..standing });
        }
        None => end(draft, id, standing, StandingClosed::Completed),
    }
}

/// Writes a standing order that begins, pauses or goes on.
fn moved(draft: &mut Draft<'_>, id: ObjectId, standing: Standing) {
    let Standing { owner, state, next, .. } = standing;
    keep(draft, id, standing);
    draft.emit(Event::Standing(StandingEvent::Moved { standing: id, owner, state, next }));
}

/// Writes a standing order and sets its timer, which does not stand.
fn keep(draft: &mut Draft<'_>, id: ObjectId, standing: Standing) {
    draft.set_timer(Due::Match(standing.due), TimerKind::StandingDue, id);
    draft.put_standing(id, standing);
}

/// Ends a standing order whose timer does not stand any more: its deposit is available again.
fn end(draft: &mut Draft<'_>, id: ObjectId, standing: Standing, reason: StandingClosed) {
    let Standing { owner, placed, committed, deposit, .. } = standing;
    money::free(draft, owner, deposit);
    draft.end_standing(id, standing);
    draft.emit(Event::Standing(StandingEvent::Ended {
        standing: id,
        owner,
        placed,
        committed,
        reason,
    }));
}

/// The first window of the pattern, on `from` or later, that can still be traded.
fn upcoming(market: &Market, terms: &StandingTerms, from: Day, now: Time) -> Option<Window> {
    let first = terms.template.window;
    // A window that began longer ago than it lasts is over.
    let length = first.end.since(first.start);
    let mut from = from.max(Day::of(Time(now.0.saturating_sub(length.0))));
    loop {
        let window = terms.window_from(from)?;
        if order::last_point(market, terms.template.side, window) > now {
            return Some(window);
        }
        from = Day::of(window.start).next();
    }
}

/// Checks when orders are to be placed, as seen `now`, the parent block's time.
fn check_pattern(market: &Market, terms: &StandingTerms, now: Time) -> Result<(), Rejection> {
    let StandingTerms { template, until, horizon, budget, .. } = terms;
    let placed = terms.placed_at(template.window);
    let last = order::last_point(market, template.side, template.window);
    if DAY.0.checked_rem(market.slot.0) != Some(0) {
        return Err(Rejection::WindowNotOnSlots);
    }
    if !terms.weekdays.include(Day::of(template.window.start)) {
        return Err(Rejection::StandingDay);
    }
    if *until > now.after(Millis(STANDING_SPAN_MAX_MS)) {
        return Err(Rejection::StandingEnd);
    }
    let length = template.window.end.since(template.window.start);
    let ahead = Millis(horizon.0.saturating_add(length.0));
    if last <= placed || ahead > market.slot.times(market.horizon_slots) {
        return Err(Rejection::StandingHorizon);
    }
    match template.time_in_force {
        TimeInForce::Until(until) if until <= placed => return Err(Rejection::OrderEndPassed),
        TimeInForce::Until(until) if until > last => return Err(Rejection::OrderEndTooFar),
        TimeInForce::Until(_) | TimeInForce::ImmediateOrCancel => {}
    }
    match (template.side, budget) {
        (Side::Ask(_), Some(_)) => Err(Rejection::StandingBudget),
        (Side::Bid(_), Some(budget)) if budget.is_zero() => Err(Rejection::StandingBudget),
        (Side::Ask(_) | Side::Bid(_), _) => Ok(()),
    }
}

/// When an order ends by itself.
const fn end_of(time_in_force: &TimeInForce) -> Time {
    match time_in_force {
        TimeInForce::ImmediateOrCancel => Time(u64::MAX),
        TimeInForce::Until(until) => *until,
    }
}

fn market_of<'d>(draft: &'d Draft<'_>, standing: &Standing) -> &'d Market {
    let market = draft.view().market(standing.terms.template.market);
    market.expect("a standing order is for a market")
}
