//! Agents: keys that an account lets do some things, up to a sum and for a time.
//!
//! ```text
//! granted ─ used, until its cap is ─► revoked by its account │ expired, by a timer
//! ```
//!
//! What an agent uses up is the fee of each of its transactions and whatever else they take out of the
//! account's available money, deposits included. What comes back does not count back.

use chain::agent::{Agent, Scope, Scopes};
use chain::amount::Amount;
use chain::event::Event;
use chain::id::ObjectId;
use chain::keys::PublicKey;
use chain::operation::Operation;
use chain::time::Time;
use chain::timer::{Due, TimerKind};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;

/// What is granted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) key: PublicKey,
    pub(crate) scopes: Scopes,
    pub(crate) cap: Amount,
    pub(crate) expires: Time,
}

/// Lets a key act for the sender.
pub(crate) fn grant(draft: &mut Draft<'_>, step: &Step, terms: &Terms) -> Result<(), Rejection> {
    let Terms { key, scopes, cap, expires } = *terms;
    let (account, deposit) = (step.sender, draft.params().deposits.agent);
    if cap.is_zero() {
        return Err(Rejection::AmountZero);
    }
    if !key.is_on_curve() {
        return Err(Rejection::KeyInvalid);
    }
    let id = Agent::id(account, &key);
    if draft.view().agent(&id).is_some() {
        return Err(Rejection::AgentKnown);
    }
    if expires <= draft.context().parent_time {
        return Err(Rejection::AgentEndPassed);
    }
    money::check_available(&money::account(draft, &account), [deposit])?;

    // From here on the key is an agent.
    money::set_aside(draft, account, deposit);
    let spent = Amount::ZERO;
    draft.put_agent(id, Agent { account, key, scopes, cap, spent, expires, deposit });
    draft.set_timer(Due::Time(expires), TimerKind::AgentExpire, id);
    draft.emit(Event::AgentGranted { account, key, scopes, cap, expires });
    Ok(())
}

/// Takes a grant of the sender back.
pub(crate) fn revoke(draft: &mut Draft<'_>, step: &Step, key: &PublicKey) -> Result<(), Rejection> {
    let agent = draft.view().agent(&Agent::id(step.sender, key)).ok_or(Rejection::AgentUnknown)?;

    // From here on the key is no agent.
    let id = Agent::id(agent.account, &agent.key);
    draft.clear_timer(Due::Time(agent.expires), TimerKind::AgentExpire, id);
    end(draft, &agent);
    Ok(())
}

/// Ends a grant that has run out; its timer has fired.
pub(crate) fn expire(draft: &mut Draft<'_>, id: ObjectId) {
    let agent = draft.view().agent(&id).expect("a grant with a timer has not ended");
    end(draft, &agent);
}

fn end(draft: &mut Draft<'_>, agent: &Agent) {
    let Agent { account, key, spent, deposit, .. } = *agent;
    money::free(draft, account, deposit);
    draft.remove_agent(Agent::id(account, &key));
    draft.emit(Event::AgentEnded { account, key, spent });
}

/// Checks what is known of a transaction before it runs: that every operation is in the agent's scopes,
/// and that the fee and the sums that they name are left of its cap.
pub(crate) fn check(agent: &Agent, operations: &[Operation], fee: Amount) -> Result<(), Rejection> {
    let allowed = |operation: &Operation| {
        Scope::of(operation).is_some_and(|scope| agent.scopes.contains(scope))
    };
    if !operations.iter().all(allowed) {
        return Err(Rejection::AgentOutOfScope);
    }
    let named = Amount::sum(operations.iter().map(named).chain([fee]));
    if named.is_some_and(|named| named <= agent.left()) {
        Ok(())
    } else {
        Err(Rejection::AgentCapExceeded)
    }
}

/// The agent once `amount` more was used, which is left of its cap.
pub(crate) fn charged(agent: Agent, amount: Amount) -> Option<Agent> {
    let spent = agent.spent.checked_add(amount).filter(|spent| *spent <= agent.cap)?;
    Some(Agent { spent, ..agent })
}

/// What an operation says that it takes out of its sender's available money; it may take more.
const fn named(operation: &Operation) -> Amount {
    match operation {
        Operation::Transfer { amount, .. }
        | Operation::HoldOpen { amount, .. }
        | Operation::ChannelOpen { amount, .. }
        | Operation::WithdrawRequest { amount, .. }
        | Operation::Refund { amount, .. } => *amount,
        Operation::Deposit { .. }
        | Operation::HoldCapture { .. }
        | Operation::HoldRelease { .. }
        | Operation::OrderPlace(_)
        | Operation::OrderCancel { .. }
        | Operation::VoucherSubmit { .. }
        | Operation::CloseByPayee { .. }
        | Operation::CloseByPayer { .. }
        | Operation::WithdrawConfirm { .. }
        | Operation::WithdrawReject { .. }
        | Operation::AccountUpdate { .. }
        | Operation::KeySet { .. }
        | Operation::AgentGrant { .. }
        | Operation::AgentRevoke { .. }
        | Operation::OrderAmend { .. }
        | Operation::OrderCancelAll { .. }
        | Operation::CancelAt { .. }
        | Operation::Contract { .. }
        | Operation::QuoteAccept { .. }
        | Operation::HostRegister { .. }
        | Operation::HostUpdate { .. }
        | Operation::HostClose { .. }
        | Operation::PoolSet { .. }
        | Operation::PoolBlackout { .. }
        | Operation::StandingPut(_)
        | Operation::Standing { .. }
        | Operation::Propose { .. }
        | Operation::Approve { .. }
        | Operation::Authority { .. } => Amount::ZERO,
    }
}

#[cfg(test)]
mod tests;
