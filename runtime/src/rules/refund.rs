//! Refunds: whoever was paid gives some of it back, out of its own available money, and never more than
//! it was paid.
//!
//! What an open hold or contract paid stands in its hold. When that ends, what it paid is kept for a span
//! of its own, so that giving back is bound to the payment for as long as it is possible at all.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::captured::Captured;
use chain::event::Event;
use chain::hold::{Hold, Purpose};
use chain::id::ObjectId;
use chain::memo::Memo;
use chain::timer::{Due, TimerKind};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::commission::{self, Kept, Rates};

/// Gives `amount` of what `of` paid back to its payer.
pub(crate) fn apply(
    draft: &mut Draft<'_>,
    step: &Step,
    of: ObjectId,
    amount: Amount,
    reason: &Memo,
) -> Result<(), Rejection> {
    if amount.is_zero() {
        return Err(Rejection::AmountZero);
    }
    let payment = payment(draft, &of).ok_or(Rejection::CaptureUnknown)?;
    if step.sender != payment.payee() {
        return Err(Rejection::NotPaid);
    }
    let cumulative = payment.refunded(amount).ok_or(Rejection::RefundTooHigh)?;
    money::check_available(&money::account(draft, &step.sender), [amount])?;

    // From here on the refund succeeds.
    let to = payment.payer();
    money::pay(draft, step.sender, to, amount);
    let (rates, kept) = (payment.rates(), payment.kept(cumulative));
    match payment {
        Payment::Open { id, hold, .. } => {
            draft.put_hold(id, Hold { refunded: cumulative, ..hold });
        }
        Payment::Ended(captured) => {
            draft.put_captured(of, Captured { refunded: cumulative, ..captured });
        }
    }
    let (from, reason) = (step.sender, reason.clone());
    draft.emit(Event::Refunded { of, from, to, amount, cumulative, reason });
    commission::give_back(draft, of, from, rates, kept);
    Ok(())
}

/// Keeps what a hold has paid, for it ends now: under the name of what its users know it by.
pub(crate) fn keep(draft: &mut Draft<'_>, id: ObjectId, hold: &Hold) {
    let payer = paid_by(draft, id, hold).filter(|_| !hold.captured.is_zero());
    let Some(PaidBy { of, payee, rates }) = payer else { return };
    let Rates { bps: commission_bps, shared_bps } = rates;
    let until = draft.context().parent_time.after(draft.params().refund_span);
    let Hold { owner: payer, captured, refunded, .. } = *hold;
    let kept = Captured { payer, payee, captured, refunded, commission_bps, shared_bps, until };
    draft.put_captured(of, kept);
    draft.set_timer(Due::Time(until), TimerKind::RefundEnd, of);
}

/// Forgets what was paid; the timer of it has fired.
pub(crate) fn forget(draft: &mut Draft<'_>, of: ObjectId) {
    draft.remove_captured(of);
}

/// A payment that may be given back.
enum Payment {
    /// The hold it came out of is open.
    Open { id: ObjectId, hold: Hold, payee: AccountId, rates: Rates },
    /// What paid has ended.
    Ended(Captured),
}

impl Payment {
    const fn payer(&self) -> AccountId {
        match self {
            Self::Open { hold, .. } => hold.owner,
            Self::Ended(captured) => captured.payer,
        }
    }

    const fn payee(&self) -> AccountId {
        match self {
            Self::Open { payee, .. } => *payee,
            Self::Ended(captured) => captured.payee,
        }
    }

    const fn rates(&self) -> Rates {
        match self {
            Self::Open { rates, .. } => *rates,
            Self::Ended(Captured { commission_bps: bps, shared_bps, .. }) => {
                Rates { bps: *bps, shared_bps: *shared_bps }
            }
        }
    }

    /// How much was given back, and how much paid.
    const fn sums(&self) -> (Amount, Amount) {
        match self {
            Self::Open { hold, .. } => (hold.refunded, hold.captured),
            Self::Ended(captured) => (captured.refunded, captured.captured),
        }
    }

    /// What the payee keeps now, and once `cumulative` is given back in all.
    fn kept(&self, cumulative: Amount) -> Kept {
        let (refunded, captured) = self.sums();
        let less = |back| captured.checked_sub(back).expect("no more is refunded than was paid");
        Kept { before: less(refunded), after: less(cumulative) }
    }

    /// How much is given back in all once `amount` more is; `None` when that is more than was paid.
    fn refunded(&self, amount: Amount) -> Option<Amount> {
        let (refunded, captured) = self.sums();
        refunded.checked_add(amount).filter(|sum| *sum <= captured)
    }
}

/// What the hold, contract or channel called `of` has paid, if anything.
fn payment(draft: &Draft<'_>, of: &ObjectId) -> Option<Payment> {
    let view = draft.view();
    if let Some(captured) = view.captured(of) {
        return Some(Payment::Ended(captured));
    }
    let id = view.contract(of).map_or(*of, |contract| contract.hold);
    let hold = view.hold(&id).filter(|hold| !hold.captured.is_zero())?;
    let PaidBy { of: known_as, payee, rates } = paid_by(draft, id, &hold)?;
    (known_as == *of).then_some(Payment::Open { id, hold, payee, rates })
}

/// Whom a hold pays, and under which name its users know it: that of the contract or channel it belongs
/// to, or its own.
struct PaidBy {
    of: ObjectId,
    payee: AccountId,
    /// The parts of it that are others'.
    rates: Rates,
}

/// Whom a hold pays; `None` for those that pay nobody.
fn paid_by(draft: &Draft<'_>, id: ObjectId, hold: &Hold) -> Option<PaidBy> {
    match hold.purpose {
        Purpose::User { beneficiary, .. } => {
            Some(PaidBy { of: id, payee: beneficiary, rates: Rates::NONE })
        }
        Purpose::Contract { contract } => {
            let found = draft.view().contract(&contract).expect("its hold ends before a contract");
            Some(PaidBy { of: contract, payee: found.seller, rates: Rates::of(found) })
        }
        Purpose::Channel { channel } => {
            let found = draft.view().channel(&channel).expect("its hold ends before a channel");
            Some(PaidBy { of: channel, payee: found.payee, rates: Rates::NONE })
        }
        Purpose::Bid { .. } | Purpose::Withdrawal { .. } => None,
    }
}

#[cfg(test)]
mod tests;
