//! Conditions: what each side of a deal says besides what is traded, and whether both fit.

use chain::account::AccountId;
use chain::conditions::{Conditions, agree};
use chain::order::Side;

use crate::draft::Draft;
use crate::rejection::Rejection;

/// Checks the conditions of an order of `owner`.
pub(crate) fn check(
    draft: &Draft<'_>,
    owner: AccountId,
    side: Side,
    conditions: &Conditions,
) -> Result<(), Rejection> {
    match side {
        Side::Bid(_) => check_buyer(draft, owner, conditions),
        Side::Ask(_) => check_seller(draft, owner, conditions),
    }
}

/// Checks what `buyer` says: it is paid nothing, and whom it names are other accounts that exist.
pub(crate) fn check_buyer(
    draft: &Draft<'_>,
    buyer: AccountId,
    conditions: &Conditions,
) -> Result<(), Rejection> {
    if !conditions.split.is_empty() {
        return Err(Rejection::BuyerSplits);
    }
    check_named(draft, buyer, conditions.user.into_iter().chain(conditions.broker))
}

/// Checks what `seller` says: it uses nothing, and whom it names are other accounts that exist.
pub(crate) fn check_seller(
    draft: &Draft<'_>,
    seller: AccountId,
    conditions: &Conditions,
) -> Result<(), Rejection> {
    if conditions.user.is_some() {
        return Err(Rejection::SellerUses);
    }
    let shares = conditions.split.iter().map(|share| share.account);
    check_named(draft, seller, shares.chain(conditions.broker))
}

/// Checks that a buyer takes what is sold as it is `sold`.
pub(crate) fn check_both(sold: &Conditions, bought: &Conditions) -> Result<(), Rejection> {
    if !bought.kind.accepts(sold.kind) {
        return Err(Rejection::KindNotAccepted);
    }
    if agree(bought.agreement, sold.agreement) { Ok(()) } else { Err(Rejection::AgreementMismatch) }
}

fn check_named(
    draft: &Draft<'_>,
    by: AccountId,
    mut named: impl Iterator<Item = AccountId>,
) -> Result<(), Rejection> {
    named.try_for_each(|account| {
        if account == by {
            return Err(Rejection::RecipientIsSender);
        }
        draft.view().account(&account).map(|_| ()).ok_or(Rejection::RecipientUnknown)
    })
}
