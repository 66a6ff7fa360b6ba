//! Deadlines: the runtime fires what is due, the oldest first, so that nothing waits for somebody's
//! transaction to end.
//!
//! What is due is decided once, at the beginning of a block. What does not fit waits for the next block
//! and is still the oldest there. One that an earlier one has taken back does not fire.

use chain::limits::BLOCK_TIMERS_MAX;
use chain::state::Key;
use chain::timer::{Timer, TimerKind};

use crate::draft::Draft;
use crate::rules::{agent, channel, contract, hold, order, proposal, quote, refund};

/// Fires what is due.
pub(crate) fn fire_due(draft: &mut Draft<'_>) {
    let context = draft.context();
    let (time, height) = (context.parent_time, context.height);
    for timer in draft.view().timers_due(time, height, BLOCK_TIMERS_MAX) {
        if draft.view().get(&Key::Timer(timer)).is_some() {
            fire(draft, &timer);
        }
    }
}

fn fire(draft: &mut Draft<'_>, timer: &Timer) {
    draft.clear_timer(timer.due, timer.kind, timer.object);
    match timer.kind {
        TimerKind::ContractDue => contract::fall_due(draft, timer.object),
        TimerKind::HoldExpire => hold::expire(draft, timer.object),
        TimerKind::OrderExpire => order::expire(draft, timer.object),
        TimerKind::ChannelClose => channel::close_due(draft, timer.object),
        TimerKind::RefundEnd => refund::forget(draft, timer.object),
        TimerKind::AgentExpire => agent::expire(draft, timer.object),
        TimerKind::CancelAll => order::cancel_due(draft, timer.object),
        TimerKind::QuoteEnd => quote::forget(draft, timer.object),
        TimerKind::StandingDue => unreachable!("standing orders have a queue of their own"),
        TimerKind::ProposalDue => proposal::fall_due(draft, timer.object),
    }
}
