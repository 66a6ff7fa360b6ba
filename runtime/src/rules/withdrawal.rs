//! Withdrawals: money set aside that is to leave the ledger, until the cashier has answered.
//!
//! ```text
//! requested ─► confirmed by the cashier: the money is gone │ rejected by the cashier │ expired, by a timer
//! ```
//!
//! Confirming comes before paying outside: it is final, so that the money cannot be paid outside and
//! return here as well. A cashier that cannot pay what it has confirmed deposits it again.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::event::Event;
use chain::hash::Hash;
use chain::hold::{Hold, HoldClosed, Purpose};
use chain::id::ObjectId;
use chain::memo::Memo;
use chain::state::Key;
use chain::target::Target;
use chain::time::Time;
use chain::timer::{Due, TimerKind};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::freeze;

/// Sets `amount` of the sender's available money aside, to leave for `target`.
pub(crate) fn request(
    draft: &mut Draft<'_>,
    step: &Step,
    amount: Amount,
    target: &Target,
) -> Result<(), Rejection> {
    let params = draft.params();
    if amount.is_zero() {
        return Err(Rejection::AmountZero);
    }
    let owner = money::account(draft, &step.sender);
    money::check_available(&owner, [amount, params.deposits.hold])?;

    // From here on the withdrawal waits.
    let id = step.object_id(draft.context().chain);
    let expires = draft.context().parent_time.after(params.withdrawal_span);
    let purpose = Purpose::Withdrawal { target: target.clone(), expires };
    let deposit = params.deposits.hold;
    money::open_hold(draft, id, Hold { deposit, ..Hold::new(step.sender, purpose, amount) });
    draft.set_timer(Due::Time(expires), TimerKind::HoldExpire, id);
    Ok(())
}

/// The cashier takes the money off the ledger.
pub(crate) fn confirm(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
    reference: Hash,
) -> Result<(), Rejection> {
    let (expires, owner) = waiting(draft, step, &id)?;
    if draft.view().get(&Key::Reference(reference)).is_some() {
        return Err(Rejection::ReferenceUsed);
    }
    freeze::check_status(&money::account(draft, &owner))?;

    // From here on the money leaves.
    draft.put_reference(reference);
    let (from, amount) = money::burn_hold(draft, id);
    draft.emit(Event::Withdrawn { hold: id, from, amount, reference });
    end(draft, id, expires, HoldClosed::Spent);
    Ok(())
}

/// The cashier gives the money back.
pub(crate) fn reject(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
    reason: &Memo,
) -> Result<(), Rejection> {
    let (expires, _) = waiting(draft, step, &id)?;

    // From here on the money returns.
    draft.emit(Event::WithdrawalRejected { hold: id, reason: reason.clone() });
    end(draft, id, expires, HoldClosed::Rejected);
    Ok(())
}

fn end(draft: &mut Draft<'_>, id: ObjectId, expires: Time, reason: HoldClosed) {
    draft.clear_timer(Due::Time(expires), TimerKind::HoldExpire, id);
    money::close_hold(draft, id, reason);
}

/// Checks that the sender is the cashier and may still answer. Returns when the withdrawal ends by itself, and
/// whose it is.
fn waiting(draft: &Draft<'_>, step: &Step, id: &ObjectId) -> Result<(Time, AccountId), Rejection> {
    if step.sender != draft.params().cashier {
        return Err(Rejection::NotCashier);
    }
    let hold = draft.view().hold(id).ok_or(Rejection::HoldUnknown)?;
    let Purpose::Withdrawal { expires, .. } = hold.purpose else {
        return Err(Rejection::NotWithdrawal);
    };
    if draft.context().parent_time >= expires {
        return Err(Rejection::HoldExpired);
    }
    Ok((expires, hold.owner))
}

#[cfg(test)]
mod tests;
