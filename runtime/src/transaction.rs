//! One transaction: the door, the fee, and its operations, all of them or none.

use chain::account::Account;
use chain::agent::Agent;
use chain::amount::Amount;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::limits::VALID_FOR_BLOCKS_MAX;
use chain::operation::Operation;
use chain::params::Params;
use chain::receipt::{Outcome, Receipt};
use chain::transaction::{SignedTransaction, Transaction, VerifiedTransaction};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::{
    agent, authority, channel, contract, deposit, freeze, hold, host, keys, name, order, pool,
    proposal, quote, refund, standing, transfer, voucher, withdrawal,
};
use crate::signing;
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
    let door = Door { view: *view, params: view.params(), height, sender, nonce };
    door.check(signed, bytes).map(|admitted| admitted.fee)
}

/// What the door judges a transaction by.
struct Door<'a> {
    view: View<'a>,
    params: &'a Params,
    height: Height,
    sender: Option<Account>,
    nonce: Nonce,
}

/// A transaction's sender as it stands, the agent that acts for it if one does, and the fee the
/// transaction pays.
pub(crate) struct Admitted {
    sender: Account,
    agent: Option<Agent>,
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
        let agent = signing::check(&self.view, transaction.sender, &sender, &signed.witnesses)
            .map_err(|signing::NotSigned| Rejection::SignerNotSender)?;
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
        if let Some(agent) = &agent {
            agent::check(agent, &transaction.operations, fee)?;
        }
        Ok(Admitted { sender, agent, fee })
    }
}

/// Checks the door at this point of a block.
pub(crate) fn admit(
    draft: &Draft<'_>,
    verified: &VerifiedTransaction,
) -> Result<Admitted, Rejection> {
    let sender = draft.view().account(&verified.transaction().sender);
    let nonce = sender.unwrap_or_default().nonce;
    admit_as(draft, verified.signed(), verified.bytes(), sender, nonce)
}

/// Checks the door at this point of a block, where the sender's next nonce is taken to be `nonce`, for a
/// transaction of so many `bytes`, signed, whose signatures nobody has verified.
pub(crate) fn admit_at(
    draft: &Draft<'_>,
    signed: &SignedTransaction,
    bytes: usize,
    nonce: Nonce,
) -> Result<Admitted, Rejection> {
    let sender = draft.view().account(&signed.transaction.sender);
    admit_as(draft, signed, bytes, sender, nonce)
}

fn admit_as(
    draft: &Draft<'_>,
    signed: &SignedTransaction,
    bytes: usize,
    sender: Option<Account>,
    nonce: Nonce,
) -> Result<Admitted, Rejection> {
    let (context, params) = (draft.context(), draft.params());
    let door = Door { view: draft.view(), params, height: context.height, sender, nonce };
    let admitted = door.check(signed, bytes)?;
    // One that has run out and still waits for its timer, because too many were due, is no agent.
    match admitted.agent {
        Some(agent) if agent.expires <= context.parent_time => Err(Rejection::SignerNotSender),
        _ => Ok(admitted),
    }
}

/// Applies a transaction that was admitted at this point of the block. Nonce and fee are taken in any
/// case; the rest takes effect only if no operation is refused.
pub(crate) fn apply(
    draft: &mut Draft<'_>,
    id: Hash,
    transaction: &Transaction,
    admitted: &Admitted,
) -> Receipt {
    let Admitted { sender, agent, fee } = *admitted;
    let nonce = sender.nonce.next().expect("nobody signs 2^64 transactions");
    let charged = Account { nonce, ..money::debited(sender, fee) };
    draft.put_account(transaction.sender, charged);
    let mut agent =
        agent.map(|it| agent::charged(it, fee).expect("the door saw the fee within the cap"));
    put_agent(draft, agent);
    draft.commit_transaction();
    for (operation, index) in transaction.operations.iter().zip(0_u8..) {
        let step = Step { sender: transaction.sender, nonce: transaction.nonce, operation: index };
        let applied = freeze::check_sender(&sender, operation).and_then(|()| match &mut agent {
            None => apply_operation(draft, &step, operation),
            Some(agent) => apply_by_agent(draft, &step, operation, agent),
        });
        if let Err(rejection) = applied {
            draft.undo_transaction();
            let outcome = Outcome::Failed { operation: index, code: rejection.code() };
            return Receipt { transaction: id, fee, outcome };
        }
    }
    put_agent(draft, agent);
    draft.commit_transaction();
    let outcome = Outcome::Applied { events: draft.take_events() };
    Receipt { transaction: id, fee, outcome }
}

fn put_agent(draft: &mut Draft<'_>, agent: Option<Agent>) {
    if let Some(agent) = agent {
        draft.put_agent(Agent::id(agent.account, &agent.key), agent);
    }
}

/// Applies an operation, and counts what it took out of the sender's available money towards the agent's
/// cap.
fn apply_by_agent(
    draft: &mut Draft<'_>,
    step: &Step,
    operation: &Operation,
    agent: &mut Agent,
) -> Result<(), Rejection> {
    let before = money::account(draft, &step.sender).available();
    apply_operation(draft, step, operation)?;
    let after = money::account(draft, &step.sender).available();
    let taken = before.checked_sub(after).unwrap_or_default();
    *agent = agent::charged(*agent, taken).ok_or(Rejection::AgentCapExceeded)?;
    Ok(())
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
        Operation::AccountUpdate { name } => name::update(draft, step, name),
        Operation::KeySet { ref signers } => keys::set(draft, step, signers),
        Operation::AgentGrant { key, scopes, cap, expires } => {
            agent::grant(draft, step, &agent::Terms { key, scopes, cap, expires })
        }
        Operation::AgentRevoke { ref key } => agent::revoke(draft, step, key),
        Operation::OrderAmend { order, quantity, limit, stretch } => {
            order::amend(draft, step, order, order::Terms { quantity, limit, stretch })
        }
        Operation::OrderCancelAll { scope } => order::cancel_all(draft, step, scope),
        Operation::CancelAt { time } => order::cancel_at(draft, step, time),
        Operation::Contract { contract, ref act } => contract::apply(draft, step, contract, act),
        Operation::QuoteAccept { ref quote, quantity, ref conditions } => {
            quote::accept(draft, step, quote, (quantity, conditions))
        }
        Operation::HostRegister { ref attributes, ref endpoint } => {
            host::register(draft, step, attributes, endpoint)
        }
        Operation::HostUpdate { host, ref attributes, ref endpoint } => {
            host::update(draft, step, host, (attributes, endpoint))
        }
        Operation::HostClose { host } => host::close(draft, step, host),
        Operation::PoolSet { pool, capacity } => pool::set(draft, step, pool, capacity),
        Operation::PoolBlackout { pool, window, change } => {
            pool::blackout(draft, step, pool, (window, change))
        }
        Operation::StandingPut(ref terms) => standing::put(draft, step, terms),
        Operation::Standing { standing, act } => standing::act(draft, step, standing, act),
        Operation::Propose { ref change } => proposal::propose(draft, step, change),
        Operation::Approve { proposal, change } => proposal::approve(draft, step, proposal, change),
        Operation::Authority { key, act } => authority::act(draft, step, key, act),
    }
}

#[cfg(test)]
mod tests;
