//! Money that leaves the naive ledger, and money that comes back to whoever paid it.

use chain::account::AccountId;
use chain::hash::Hash;
use chain::id::ObjectId;

use super::{Code, Model, check};

/// Money that is to leave the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Its name.
    pub id: ObjectId,
    /// Whose money.
    pub owner: AccountId,
    /// How much.
    pub amount: u128,
    /// Until when.
    pub expires: u64,
}

/// What something that has ended had paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The name of what paid.
    pub of: ObjectId,
    /// Who paid.
    pub payer: AccountId,
    /// Who was paid.
    pub payee: AccountId,
    /// How much.
    pub captured: u128,
    /// How much came back.
    pub refunded: u128,
    /// Until when more may.
    pub until: u64,
}

impl Model {
    pub(super) fn remember(
        &mut self,
        of: ObjectId,
        (payer, payee): (AccountId, AccountId),
        captured: u128,
        refunded: u128,
    ) {
        let until = self.parent_time + self.params.refund_span.0;
        if captured > 0 {
            self.payments.push(Payment { of, payer, payee, captured, refunded, until });
        }
    }

    pub(super) fn refund(
        &mut self,
        sender: AccountId,
        of: ObjectId,
        amount: u128,
    ) -> Result<(), Code> {
        check(amount > 0, 20)?;
        let available = self.available(sender);
        let hold = self.holds.iter_mut().find(|hold| hold.id == of && hold.captured > 0);
        let payment = self.payments.iter_mut().find(|payment| payment.of == of);
        let (payer, payee, captured, refunded) = match (hold, payment) {
            (Some(it), _) => (it.owner, it.beneficiary, it.captured, &mut it.refunded),
            (None, Some(it)) => (it.payer, it.payee, it.captured, &mut it.refunded),
            (None, None) => return Err(110),
        };
        check(sender == payee, 111)?;
        check(*refunded + amount <= captured, 112)?;
        check(amount <= available, 22)?;
        *refunded += amount;
        self.pay(payee, payer, amount);
        Ok(())
    }

    pub(super) fn withdraw(
        &mut self,
        owner: AccountId,
        id: ObjectId,
        amount: u128,
    ) -> Result<(), Code> {
        check(amount > 0, 20)?;
        let needed = amount + self.params.deposits.hold.base_units();
        check(needed <= self.available(owner), 22)?;
        self.account_mut(owner).held += needed;
        let expires = self.parent_time + self.params.withdrawal_span.0;
        self.withdrawals.push(Withdrawal { id, owner, amount, expires });
        Ok(())
    }

    /// The withdrawal that the cashier answers.
    pub(super) fn answered(&self, sender: AccountId, id: ObjectId) -> Result<usize, Code> {
        check(sender == self.params.cashier, 24)?;
        check(self.holds.iter().all(|hold| hold.id != id), 49)?;
        self.withdrawals.iter().position(|withdrawal| withdrawal.id == id).ok_or(40)
    }

    pub(super) fn confirm(
        &mut self,
        sender: AccountId,
        id: ObjectId,
        reference: Hash,
    ) -> Result<(), Code> {
        let index = self.answered(sender, id)?;
        check(!self.references.contains(&reference), 25)?;
        self.references.push(reference);
        let Withdrawal { owner, amount, .. } = self.withdrawals[index];
        self.end_withdrawal(index);
        self.account_mut(owner).cash -= amount;
        self.burned += amount;
        Ok(())
    }

    pub(super) fn end_withdrawal(&mut self, index: usize) {
        let Withdrawal { owner, amount, .. } = self.withdrawals.remove(index);
        self.account_mut(owner).held -= amount + self.params.deposits.hold.base_units();
    }
}
