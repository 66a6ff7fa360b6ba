//! Movements of money, the only places that change what an account holds.
//!
//! Nothing here refuses: a rule has checked everything before it calls. What a rule missed is a broken
//! invariant and stops the node. No sum overflows upwards, because all cash together is the supply, and
//! the supply is an amount.

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::event::Event;
use chain::hold::{Hold, HoldClosed};
use chain::id::ObjectId;
use chain::supply::Supply;

use crate::draft::Draft;
use crate::rejection::Rejection;
use crate::rules::refund;

/// The account `id`, which the caller knows to exist.
pub(crate) fn account(draft: &Draft<'_>, id: &AccountId) -> Account {
    draft.view().account(id).expect("an account that takes part exists, and none is removed")
}

/// Checks that `account` has all of `needs` available together.
pub(crate) fn check_available<const N: usize>(
    account: &Account,
    needs: [Amount; N],
) -> Result<(), Rejection> {
    let enough = Amount::sum(needs).is_some_and(|total| total <= account.available());
    if enough { Ok(()) } else { Err(Rejection::BalanceTooLow) }
}

/// The account with `amount` more cash.
pub(crate) fn credited(mut account: Account, amount: Amount) -> Account {
    account.cash = account.cash.checked_add(amount).expect("cash stays within the supply");
    account
}

/// The account with `amount` less cash, which it has available.
pub(crate) fn debited(mut account: Account, amount: Amount) -> Account {
    assert!(amount <= account.available(), "only what is available is paid");
    account.cash = account.cash.checked_sub(amount).expect("no more is available than there is");
    account
}

/// The account that `by` opens at its own cost: the deposit is credited and held there. Taking it from
/// `by`, and writing both, is left to the caller.
pub(crate) fn opened(draft: &mut Draft<'_>, account: AccountId, by: AccountId) -> Account {
    let deposit = draft.params().deposits.account;
    draft.emit(Event::AccountOpened { account, by, deposit });
    Account { cash: deposit, held: deposit, ..Account::default() }
}

/// Moves `amount` of what `from` has available to `to`, and reports it; nothing where there is nothing to move.
pub(crate) fn transfer(draft: &mut Draft<'_>, from: AccountId, to: AccountId, amount: Amount) {
    if amount.is_zero() {
        return;
    }
    pay(draft, from, to, amount);
    draft.emit(Event::Transferred { from, to, amount });
}

/// Moves `amount` of what `from` has available to `to`. What it is for is the caller's to report.
pub(crate) fn pay(draft: &mut Draft<'_>, from: AccountId, to: AccountId, amount: Amount) {
    let payer = debited(account(draft, &from), amount);
    draft.put_account(from, payer);
    let payee = credited(account(draft, &to), amount);
    draft.put_account(to, payee);
}

/// Sets a part of an account's available money aside.
pub(crate) fn set_aside(draft: &mut Draft<'_>, id: AccountId, amount: Amount) {
    let mut account = account(draft, &id);
    assert!(amount <= account.available(), "only what is available is set aside");
    account.held = account.held.checked_add(amount).expect("no more is held than there is");
    draft.put_account(id, account);
}

/// Makes money that was set aside available again.
pub(crate) fn free(draft: &mut Draft<'_>, id: AccountId, amount: Amount) {
    draft.put_account(id, freed(account(draft, &id), amount));
}

fn freed(mut account: Account, amount: Amount) -> Account {
    account.held = account.held.checked_sub(amount).expect("only what is held is freed");
    account
}

/// Opens a hold and sets its money aside, and its deposit where it bears one.
pub(crate) fn open_hold(draft: &mut Draft<'_>, id: ObjectId, hold: Hold) {
    let needs = hold.amount.checked_add(hold.deposit);
    set_aside(draft, hold.owner, needs.expect("no more is set aside than there is"));
    draft.put_hold(id, hold.clone());
    draft.emit(Event::HoldOpened { hold: id, terms: hold });
}

/// Pays `amount` out of a hold to `to`. A hold with nothing left stays open: the caller ends it.
pub(crate) fn capture_hold(draft: &mut Draft<'_>, id: ObjectId, to: AccountId, amount: Amount) {
    let mut hold = hold(draft, &id);
    let cumulative = hold.captured.checked_add(amount).filter(|sum| *sum <= hold.amount);
    let cumulative = cumulative.expect("no more is captured than is held");
    hold.captured = cumulative;
    let owner = freed(account(draft, &hold.owner), amount);
    draft.put_account(hold.owner, debited(owner, amount));
    draft.put_account(to, credited(account(draft, &to), amount));
    let from = hold.owner;
    draft.put_hold(id, hold);
    draft.emit(Event::HoldCaptured { hold: id, from, to, amount, cumulative });
}

/// Takes all that is in a hold off the ledger. Returns whose it was, and how much. The caller ends the
/// hold, in which nothing is left.
pub(crate) fn burn_hold(draft: &mut Draft<'_>, id: ObjectId) -> (AccountId, Amount) {
    let mut hold = hold(draft, &id);
    let (from, amount) = (hold.owner, hold.amount);
    assert!(hold.captured.is_zero(), "nothing else draws on a hold that is burned");
    hold.captured = amount;
    draft.put_hold(id, hold);
    let owner = freed(account(draft, &from), amount);
    draft.put_account(from, debited(owner, amount));
    let supply = draft.view().supply();
    let burned = supply.burned.checked_add(amount).expect("no more leaves the ledger than came");
    draft.put_supply(Supply { burned, ..supply });
    (from, amount)
}

/// Makes a hold larger: `amount` of what its owner has available is set aside for it.
pub(crate) fn grow_hold(draft: &mut Draft<'_>, id: ObjectId, amount: Amount) {
    let mut hold = hold(draft, &id);
    hold.amount = hold.amount.checked_add(amount).expect("no more is set aside than there is");
    set_aside(draft, hold.owner, amount);
    draft.put_hold(id, hold);
}

/// Makes a hold smaller: `amount` of what is left in it is available to its owner again.
pub(crate) fn shrink_hold(draft: &mut Draft<'_>, id: ObjectId, amount: Amount) {
    let mut hold = hold(draft, &id);
    let rest = hold.amount.checked_sub(amount).filter(|rest| *rest >= hold.captured);
    hold.amount = rest.expect("no more leaves a hold than is left in it");
    free(draft, hold.owner, amount);
    draft.put_hold(id, hold);
}

/// Ends a hold: what is left, and the deposit, are available to its owner again. Returns what was left.
/// What it paid is kept for refunds. A hold's timer is the caller's to clear.
pub(crate) fn close_hold(draft: &mut Draft<'_>, id: ObjectId, reason: HoldClosed) -> Amount {
    let hold = hold(draft, &id);
    let returned = hold.amount.checked_sub(hold.captured).expect("captured is within the amount");
    let rest = returned.checked_add(hold.deposit);
    let owner = hold.owner;
    free(draft, owner, rest.expect("no more is held than there is"));
    refund::keep(draft, id, &hold);
    draft.end_hold(id, hold);
    draft.emit(Event::HoldClosed { hold: id, owner, returned, reason });
    returned
}

fn hold(draft: &Draft<'_>, id: &ObjectId) -> Hold {
    draft.view().hold(id).expect("a hold that is drawn on is open")
}
