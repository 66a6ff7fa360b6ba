//! Commission: the network's part of what contracts pay. It is taken from the seller when it is paid, and
//! returned as the seller gives back what it was paid.
//!
//! Invariant: of what a seller was paid and has not given back, the commission is one share, rounded down
//! once. So many small payments cost no more than one large one, and a full refund returns all of it.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::event::Event;
use chain::id::ObjectId;

use crate::draft::Draft;
use crate::money;

/// What a seller keeps of the payments of one contract, before and after something was paid or given back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(crate) before: Amount,
    pub(crate) after: Amount,
}

/// Takes what a payment adds to the commission of contract `of`; `seller` has just been paid. Returns how much
/// that is.
pub(crate) fn take(
    draft: &mut Draft<'_>,
    of: ObjectId,
    seller: AccountId,
    bps: u16,
    kept: Kept,
) -> Amount {
    let amount = difference(kept.after, kept.before, bps);
    if amount.is_zero() {
        return amount;
    }
    let treasury = draft.params().treasury;
    let payer = money::debited(money::account(draft, &seller), amount);
    draft.put_account(seller, payer);
    let payee = money::credited(money::account(draft, &treasury), amount);
    draft.put_account(treasury, payee);
    draft.emit(Event::CommissionTaken { of, from: seller, amount });
    amount
}

/// Returns the commission of what `seller` has just given back of what contract `of` paid. A treasury that has
/// less available returns what it has: a refund never waits for it.
pub(crate) fn give_back(
    draft: &mut Draft<'_>,
    of: ObjectId,
    seller: AccountId,
    bps: u16,
    kept: Kept,
) {
    let treasury = draft.params().treasury;
    let payer = money::account(draft, &treasury);
    let amount = difference(kept.before, kept.after, bps).min(payer.available());
    if amount.is_zero() {
        return;
    }
    draft.put_account(treasury, money::debited(payer, amount));
    let payee = money::credited(money::account(draft, &seller), amount);
    draft.put_account(seller, payee);
    draft.emit(Event::CommissionReturned { of, to: seller, amount });
}

/// How much more commission is due of `more` than of `less`.
fn difference(more: Amount, less: Amount, bps: u16) -> Amount {
    let due = |sum: Amount| sum.share(bps).expect("a share is within the whole");
    due(more).checked_sub(due(less)).expect("the commission of a larger sum is no smaller")
}

#[cfg(test)]
mod tests;
