//! What a standing order may spend: what its open bids have set aside and its contracts were made for is
//! within its budget.
//!
//! What a bid sets aside counts when it is placed. What a match or the bid's end gives back counts back; what a
//! contract gives back does not, as it was spent when the contract was made. An order outlives the standing
//! one that placed it, and then nobody counts.

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::standing::Standing;

use crate::draft::Draft;
use crate::rejection::Rejection;

/// Checks that `more` is within what is left of the budget.
pub(crate) fn check(
    draft: &Draft<'_>,
    standing: Option<ObjectId>,
    more: Amount,
) -> Result<(), Rejection> {
    let Some(standing) = standing.and_then(|id| draft.view().standing(&id)) else { return Ok(()) };
    let committed = standing.committed.checked_add(more);
    match standing.terms.budget {
        Some(budget) if committed.is_none_or(|committed| committed > budget) => {
            Err(Rejection::BudgetExceeded)
        }
        Some(_) | None => Ok(()),
    }
}

/// Counts what a bid of a standing order sets aside.
pub(crate) fn commit(draft: &mut Draft<'_>, standing: Option<ObjectId>, more: Amount) {
    // Without a budget a sum beyond all amounts stays at the largest.
    change(draft, standing, |committed| committed.checked_add(more).or(Some(Amount::MAX)));
}

/// Counts back what a bid of a standing order set aside and does not need.
pub(crate) fn give_back(draft: &mut Draft<'_>, standing: Option<ObjectId>, less: Amount) {
    change(draft, standing, |committed| committed.checked_sub(less));
}

fn change(
    draft: &mut Draft<'_>,
    standing: Option<ObjectId>,
    change: impl Fn(Amount) -> Option<Amount>,
) {
    let Some(id) = standing else { return };
    let Some(standing) = draft.view().standing(&id).cloned() else { return };
    let committed = change(standing.committed).expect("what is counted back was counted");
    draft.put_standing(id, Standing { committed, ..standing });
}
