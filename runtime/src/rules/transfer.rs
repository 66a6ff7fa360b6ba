//! A transfer moves available money from its sender to another account, and opens that account at the
//! sender's cost if there is none.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::event::Event;

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;

/// Pays `amount` to `to`.
pub(crate) fn apply(
    draft: &mut Draft<'_>,
    step: &Step,
    to: AccountId,
    amount: Amount,
) -> Result<(), Rejection> {
    if amount.is_zero() {
        return Err(Rejection::AmountZero);
    }
    if to == step.sender {
        return Err(Rejection::RecipientIsSender);
    }
    let (sender, recipient) = (money::account(draft, &step.sender), draft.view().account(&to));
    let opening = draft.params().deposits.account;
    let deposit = if recipient.is_none() { opening } else { Amount::ZERO };
    money::check_available(&sender, [amount, deposit])?;

    // From here on the transfer succeeds.
    let recipient = recipient.unwrap_or_else(|| money::opened(draft, to, step.sender));
    draft.put_account(step.sender, money::debited(money::debited(sender, deposit), amount));
    draft.put_account(to, money::credited(recipient, amount));
    draft.emit(Event::Transferred { from: step.sender, to, amount });
    Ok(())
}

#[cfg(test)]
mod tests;
