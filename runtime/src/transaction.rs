//! One transaction: the door, the fee, and its operations, all of them or none.

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::height::{Height, Nonce};
use chain::limits::VALID_FOR_BLOCKS_MAX;
use chain::operation::Operation;
use chain::params::Params;
use chain::receipt::{Outcome, Receipt};
use chain::transaction::{SignedTransaction, VerifiedTransaction};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::{channel, deposit, hold, order, refund, transfer, voucher, withdrawal};
use crate::state::View;

/// Checks what a transaction must fulfil to stand in the block at `height`, where its sender's next
/// nonce is `nonce`. Returns its fee in base units.
///
/// # Errors
/// The first of the door's reasons that holds, in the order of their codes.
pub fn check_door(
    view: &View<'_>,
    height: Height,
    verified: &VerifiedTransaction,
    nonce: Nonce,
) -> Result<Amount, Rejection> {
    check_terms(view, height, verified.signed(), verified.bytes(), nonce)
}

/// The same for a transaction of so many `bytes`, signed, whose signatures nobody has verified yet: what
/// is refused here need not be verified at all.
///
/// # Errors
/// As [`check_door`].
pub fn check_terms(
    view: &View<'_>,
    height: Height,
    signed: &SignedTransaction,
    bytes: usize,
    nonce: Nonce,
) -> Result<Amount, Rejection> {
    let sender = view.account(&signed.transaction.sender);
    let door = Door { params: view.params(), height, sender, nonce };
    door.check(signed, bytes).map(|admitted| admitted.fee)
}

/// What the door judges a transaction by.
struct Door<'a> {
    params: &'a Params,
    height: Height,
    sender: Option<Account>,
    nonce: Nonce,
}

/// A transaction's sender as it stands, and the fee the transaction pays.
pub(crate) struct Admitted {
    sender: Account,
    fee: Amount,
}

impl Door<'_> {
    fn check(&self, signed: &SignedTransaction, bytes: usize) -> Result<Admitted, Rejection> {
        let transaction = &signed.transaction;
        if transaction.chain != self.params.chain {
            return Err(Rejection::ChainMismatch);
        }
        if transaction.valid_until < self.height {
            return Err(Rejection::Expired);
        }
        if transaction.valid_until > self.height.after(VALID_FOR_BLOCKS_MAX) {
            return Err(Rejection::ExpiryTooFar);
        }
        let sender = self.sender.ok_or(Rejection::SenderUnknown)?;
        if !names_sender_alone(signed) {
            return Err(Rejection::SignerNotSender);
        }
        if transaction.nonce < self.nonce {
            return Err(Rejection::NonceTooLow);
        }
        if transaction.nonce > self.nonce {
            return Err(Rejection::NonceTooHigh);
        }
        let fee = self.params.fees.of(bytes, transaction.operations.len());
        let fee = fee.filter(|fee| *fee <= transaction.fee_max).ok_or(Rejection::FeeAboveMax)?;
        if fee > sender.available() {
            return Err(Rejection::FeeNotCovered);
        }
        Ok(Admitted { sender, fee })
    }
}

/// Checks the door at this point of a block.
pub(crate) fn admit(
    draft: &Draft<'_>,
    verified: &VerifiedTransaction,
) -> Result<Admitted, Rejection> {
    let sender = draft.view().account(&verified.transaction().sender);
    let nonce = sender.unwrap_or_default().nonce;
    let door = Door { params: draft.params(), height: draft.context().height, sender, nonce };
    door.check(verified.signed(), verified.bytes())
}

/// Applies a transaction that was admitted at this point of the block. Nonce and fee are taken in any
/// case; the rest takes effect only if no operation is refused.
pub(crate) fn apply(
    draft: &mut Draft<'_>,
    verified: &VerifiedTransaction,
    admitted: Admitted,
) -> Receipt {
    let (transaction, Admitted { sender, fee }) = (verified.transaction(), admitted);
    let nonce = sender.nonce.next().expect("nobody signs 2^64 transactions");
    let charged = Account { nonce, ..money::debited(sender, fee) };
    draft.put_account(transaction.sender, charged);
    draft.commit_transaction();
    for (operation, index) in transaction.operations.iter().zip(0_u8..) {
        let step = Step { sender: transaction.sender, nonce: transaction.nonce, operation: index };
        if let Err(rejection) = apply_operation(draft, &step, operation) {
            draft.undo_transaction();
            let outcome = Outcome::Failed { operation: index, code: rejection.code() };
            return Receipt { transaction: verified.id(), fee, outcome };
        }
    }
    draft.commit_transaction();
    let outcome = Outcome::Applied { events: draft.take_events() };
    Receipt { transaction: verified.id(), fee, outcome }
}

/// True when the sender's one key is the only one that signed.
fn names_sender_alone(signed: &SignedTransaction) -> bool {
    let sender = signed.transaction.sender;
    matches!(signed.witnesses[..], [witness] if AccountId::of_key(&witness.key) == sender)
}

fn apply_operation(
    draft: &mut Draft<'_>,
    step: &Step,
    operation: &Operation,
) -> Result<(), Rejection> {
    match *operation {
        Operation::Transfer { to, amount, .. } => transfer::apply(draft, step, to, amount),
        Operation::Deposit { to, amount, reference } => {
            deposit::apply(draft, step, to, amount, reference)
        }
        Operation::HoldOpen { amount, beneficiary, expires } => {
            hold::open(draft, step, amount, beneficiary, expires)
        }
        Operation::HoldCapture { hold, cumulative } => hold::capture(draft, step, hold, cumulative),
        Operation::HoldRelease { hold } => hold::release(draft, step, hold),
        Operation::OrderPlace(ref place) => order::place(draft, step, place),
        Operation::OrderCancel { order } => order::cancel(draft, step, order),
        Operation::ChannelOpen { payee, amount, voucher_key, settle_delay } => {
            let terms = channel::Terms { payee, amount, voucher_key, settle_delay };
            channel::open(draft, step, &terms)
        }
        Operation::VoucherSubmit { ref voucher } => voucher::submit(draft, voucher),
        Operation::CloseByPayee { channel } => channel::close_by_payee(draft, step, channel),
        Operation::CloseByPayer { channel } => channel::close_by_payer(draft, step, channel),
        Operation::WithdrawRequest { amount, ref target } => {
            withdrawal::request(draft, step, amount, target)
        }
        Operation::WithdrawConfirm { hold, reference } => {
            withdrawal::confirm(draft, step, hold, reference)
        }
        Operation::WithdrawReject { hold, ref reason } => {
            withdrawal::reject(draft, step, hold, reason)
        }
        Operation::Refund { of, amount, ref reason } => {
            refund::apply(draft, step, of, amount, reason)
        }
    }
}

#[cfg(test)]
mod tests;
