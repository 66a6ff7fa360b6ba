//! Holds that users open: money set aside for a beneficiary, who takes it out step by step.
//!
//! ```text
//! opened ─ captured, many times ─► released by the beneficiary │ expired │ spent, once all is captured
//! ```
//!
//! A capture says how much is captured in all, so one that is applied again or late changes nothing. A
//! timer ends the hold at its end; no transaction is needed. A hold that has run out and still waits for
//! its timer, because too many were due at once, can no longer be captured, and its owner may end it.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::hold::{Hold, HoldClosed, Purpose};
use chain::id::ObjectId;
use chain::time::Time;
use chain::timer::{Due, TimerKind};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;

/// Sets `amount` of the sender's available money aside for `beneficiary`.
pub(crate) fn open(
    draft: &mut Draft<'_>,
    step: &Step,
    amount: Amount,
    beneficiary: AccountId,
    expires: Time,
) -> Result<(), Rejection> {
    let (context, params) = (*draft.context(), draft.params());
    if amount.is_zero() {
        return Err(Rejection::AmountZero);
    }
    if beneficiary == step.sender {
        return Err(Rejection::RecipientIsSender);
    }
    if draft.view().account(&beneficiary).is_none() {
        return Err(Rejection::RecipientUnknown);
    }
    if expires <= context.parent_time {
        return Err(Rejection::HoldEndPassed);
    }
    if expires > context.parent_time.after(params.hold_span_max) {
        return Err(Rejection::HoldEndTooFar);
    }
    let owner = money::account(draft, &step.sender);
    money::check_available(&owner, [amount, params.deposits.hold])?;

    // From here on the hold opens.
    let id = step.object_id(context.chain);
    let purpose = Purpose::User { beneficiary, expires };
    let deposit = params.deposits.hold;
    money::open_hold(draft, id, Hold { deposit, ..Hold::new(step.sender, purpose, amount) });
    draft.set_timer(Due::Time(expires), TimerKind::HoldExpire, id);
    Ok(())
}

/// The beneficiary takes out so much that `cumulative` is captured in all.
pub(crate) fn capture(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
    cumulative: Amount,
) -> Result<(), Rejection> {
    let (hold, beneficiary, expires) = users_hold(draft, &id)?;
    if step.sender != beneficiary {
        return Err(Rejection::NotBeneficiary);
    }
    if draft.context().parent_time >= expires {
        return Err(Rejection::HoldExpired);
    }
    let amount = cumulative.checked_sub(hold.captured).filter(|amount| !amount.is_zero());
    let amount = amount.ok_or(Rejection::CaptureTooLow)?;
    if cumulative > hold.amount {
        return Err(Rejection::CaptureTooHigh);
    }

    // From here on the capture succeeds.
    money::capture_hold(draft, id, beneficiary, amount);
    if cumulative == hold.amount {
        draft.clear_timer(Due::Time(expires), TimerKind::HoldExpire, id);
        money::close_hold(draft, id, HoldClosed::Spent);
    }
    Ok(())
}

/// Ends a hold: its beneficiary at any time, its owner once it has run out.
pub(crate) fn release(draft: &mut Draft<'_>, step: &Step, id: ObjectId) -> Result<(), Rejection> {
    let (hold, beneficiary, expires) = users_hold(draft, &id)?;
    let expired = draft.context().parent_time >= expires;
    if step.sender == hold.owner && !expired {
        return Err(Rejection::HoldNotExpired);
    }
    if step.sender != hold.owner && step.sender != beneficiary {
        return Err(Rejection::NotBeneficiary);
    }

    // From here on the hold ends.
    draft.clear_timer(Due::Time(expires), TimerKind::HoldExpire, id);
    let reason = if expired { HoldClosed::Expired } else { HoldClosed::Released };
    money::close_hold(draft, id, reason);
    Ok(())
}

/// Ends a hold that has run out, a user's or a withdrawal's; its timer has fired.
pub(crate) fn expire(draft: &mut Draft<'_>, id: ObjectId) {
    money::close_hold(draft, id, HoldClosed::Expired);
}

/// A hold that a user opened, with its beneficiary and its end.
fn users_hold(draft: &Draft<'_>, id: &ObjectId) -> Result<(Hold, AccountId, Time), Rejection> {
    let hold = draft.view().hold(id).ok_or(Rejection::HoldUnknown)?;
    match hold.purpose {
        Purpose::User { beneficiary, expires } => Ok((hold, beneficiary, expires)),
        Purpose::Bid { .. }
        | Purpose::Contract { .. }
        | Purpose::Channel { .. }
        | Purpose::Withdrawal { .. } => Err(Rejection::HoldBound),
    }
}

#[cfg(test)]
mod tests;
