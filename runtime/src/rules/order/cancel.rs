//! Taking orders back: one, several at once, or all at a time unless their owner moves it.
//!
//! A cancel takes effect before the match of its block.

use chain::account::AccountId;
use chain::event::Event;
use chain::id::ObjectId;
use chain::limits::SWITCH_ORDERS_MAX;
use chain::order::{CancelScope, OrderClosed};
use chain::switch::CancelSwitch;
use chain::time::Time;
use chain::timer::{Due, TimerKind};

use super::{close, own};
use crate::context::Step;
use crate::draft::Draft;
use crate::rejection::Rejection;

/// Takes an order back; its owner may at any time.
pub(crate) fn cancel(draft: &mut Draft<'_>, step: &Step, id: ObjectId) -> Result<(), Rejection> {
    own(draft, step, id)?;

    // From here on the order ends.
    close(draft, id, OrderClosed::Cancelled);
    Ok(())
}

/// Takes back the sender's orders within `scope`, in order of name. There may be none.
pub(crate) fn cancel_all(
    draft: &mut Draft<'_>,
    step: &Step,
    scope: CancelScope,
) -> Result<(), Rejection> {
    if scope.market().is_some_and(|market| draft.view().market(market).is_none()) {
        return Err(Rejection::MarketUnknown);
    }

    // From here on the orders end.
    let view = draft.view();
    let covered = |id: &ObjectId| view.order(id).is_some_and(|order| scope.covers(order));
    let orders: Vec<ObjectId> = view.orders_of(step.sender).into_iter().filter(covered).collect();
    for id in orders {
        close(draft, id, OrderClosed::Cancelled);
    }
    Ok(())
}

/// Sets the time at which all of the sender's orders end, or takes it back.
pub(crate) fn cancel_at(
    draft: &mut Draft<'_>,
    step: &Step,
    time: Option<Time>,
) -> Result<(), Rejection> {
    let (now, span_max) = (draft.context().parent_time, draft.params().hold_span_max);
    let id = CancelSwitch::id(step.sender);
    let before = draft.view().switch(&id);
    match time {
        Some(time) if time <= now => return Err(Rejection::CancelTimePassed),
        Some(time) if time > now.after(span_max) => return Err(Rejection::CancelTimeTooFar),
        None if before.is_none() => return Err(Rejection::CancelTimeUnset),
        Some(_) | None => {}
    }

    // From here on the time is set.
    if let Some(before) = before {
        draft.clear_timer(Due::Time(before.time), TimerKind::CancelAll, id);
    }
    if let Some(time) = time {
        draft.set_timer(Due::Time(time), TimerKind::CancelAll, id);
    }
    let account = step.sender;
    draft.put_switch(id, time.map(|time| CancelSwitch { account, time }));
    draft.emit(Event::CancelAtSet { account, time });
    Ok(())
}

/// Ends orders of the account whose time has come; the timer has fired. Where there are more than may end
/// at once, it is set again and fires in the next block.
pub(crate) fn cancel_due(draft: &mut Draft<'_>, id: ObjectId) {
    let switch = draft.view().switch(&id).expect("a timer belongs to a switch that stands");
    let CancelSwitch { account, time } = switch;
    let orders: Vec<ObjectId> = orders_of(draft, account, SWITCH_ORDERS_MAX.saturating_add(1));
    for order in orders.iter().take(SWITCH_ORDERS_MAX) {
        close(draft, *order, OrderClosed::Cancelled);
    }
    if orders.len() > SWITCH_ORDERS_MAX {
        draft.set_timer(Due::Time(time), TimerKind::CancelAll, id);
    } else {
        draft.put_switch(id, None);
        draft.emit(Event::CancelAtSet { account, time: None });
    }
}

/// Ends the orders of an account that is frozen: some at once, the rest in the blocks to come. The time at which
/// it wanted them to end is forgotten.
pub(crate) fn cancel_now(draft: &mut Draft<'_>, account: AccountId) {
    let (id, time) = (CancelSwitch::id(account), draft.context().parent_time);
    if let Some(before) = draft.view().switch(&id) {
        draft.clear_timer(Due::Time(before.time), TimerKind::CancelAll, id);
    }
    draft.put_switch(id, Some(CancelSwitch { account, time }));
    cancel_due(draft, id);
}

fn orders_of(draft: &Draft<'_>, account: AccountId, count: usize) -> Vec<ObjectId> {
    draft.view().orders_of(account).into_iter().take(count).collect()
}
