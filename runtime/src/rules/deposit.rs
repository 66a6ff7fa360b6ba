//! A deposit puts outside money on the ledger: by the cashier alone, and once for each reference.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::event::Event;
use chain::hash::Hash;
use chain::state::Key;
use chain::supply::Supply;

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;

/// Mints `amount` for `to`. A new account's deposit is the cashier's to pay, out of its own money.
pub(crate) fn apply(
    draft: &mut Draft<'_>,
    step: &Step,
    to: AccountId,
    amount: Amount,
    reference: Hash,
) -> Result<(), Rejection> {
    if step.sender != draft.params().cashier {
        return Err(Rejection::NotCashier);
    }
    if amount.is_zero() {
        return Err(Rejection::AmountZero);
    }
    if draft.view().get(&Key::Reference(reference)).is_some() {
        return Err(Rejection::ReferenceUsed);
    }
    let supply = draft.view().supply();
    let minted = supply.minted.checked_add(amount).ok_or(Rejection::SupplyTooLarge)?;
    let (cashier, recipient) = (money::account(draft, &step.sender), draft.view().account(&to));
    let opening = draft.params().deposits.account;
    if recipient.is_none() {
        money::check_available(&cashier, [opening])?;
    }

    // From here on the deposit succeeds.
    let recipient = recipient.unwrap_or_else(|| {
        draft.put_account(step.sender, money::debited(cashier, opening));
        money::opened(draft, to, step.sender)
    });
    draft.put_account(to, money::credited(recipient, amount));
    draft.put_reference(reference);
    draft.put_supply(Supply { minted, ..supply });
    draft.emit(Event::Deposited { to, amount, reference });
    Ok(())
}

#[cfg(test)]
mod tests;
