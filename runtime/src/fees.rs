//! Fees: charged with each transaction, collected over a block, and paid out at its end.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::event::Event;

use crate::draft::Draft;
use crate::money;

/// Pays the fees of a block: the proposer's part, rounded down, to its account, the rest to the
/// treasury. A genesis has both accounts.
pub(crate) fn pay_out(draft: &mut Draft<'_>, fees: Amount, proposer: AccountId) {
    if fees.is_zero() {
        return;
    }
    let params = draft.params();
    let share = fees.share(params.fees.proposer_bps).filter(|share| *share <= fees);
    let proposer_amount = share.expect("the proposer's part is a part");
    let treasury_amount = fees.checked_sub(proposer_amount).expect("a part is not above the whole");
    credit(draft, proposer, proposer_amount);
    credit(draft, params.treasury, treasury_amount);
    draft.emit(Event::FeesPaid { proposer, proposer_amount, treasury_amount });
}

fn credit(draft: &mut Draft<'_>, id: AccountId, amount: Amount) {
    let account = money::credited(money::account(draft, &id), amount);
    draft.put_account(id, account);
}

#[cfg(test)]
mod tests;
