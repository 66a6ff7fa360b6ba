//! Freezing: an account keeps all that it has, and only brings to an end what it has begun.
//!
//! ```text
//!   frozen    is still paid; what it holds for others is still theirs to take; its contracts and channels go
//!             on to their end; its orders are taken back
//!   may not   move money out, set any aside anew, or promise anything
//! ```

use chain::account::{Account, AccountId, AccountStatus};
use chain::event::Event;
use chain::id::ObjectId;
use chain::operation::Operation;
use chain::proposal::ProposalEvent;
use chain::standing::StandingAct;

use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::order;
use crate::state::View;

/// What a proposal does to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freezing {
    Freeze,
    Unfreeze,
}

impl Freezing {
    const fn status(self) -> AccountStatus {
        match self {
            Self::Freeze => AccountStatus::Frozen,
            Self::Unfreeze => AccountStatus::Open,
        }
    }
}

/// Checks that an account can be frozen, or released.
pub(crate) fn check(
    view: &View<'_>,
    account: &AccountId,
    freezing: Freezing,
) -> Result<(), Rejection> {
    let before = view.account(account).ok_or(Rejection::AccountUnknown)?;
    let (params, set) = (view.params(), view.authorities());
    let votes = set.voting.iter().chain(&set.next).any(|it| it.account == *account);
    let office = votes || params.cashier == *account || params.treasury == *account;
    if office && freezing == Freezing::Freeze {
        return Err(Rejection::AccountInOffice);
    }
    if before.status == freezing.status() { Err(Rejection::FreezeUnchanged) } else { Ok(()) }
}

/// Freezes or releases an account, which was just checked. The orders of one that is frozen end, some in every
/// block.
pub(crate) fn make(
    draft: &mut Draft<'_>,
    proposal: ObjectId,
    account: AccountId,
    freezing: Freezing,
) {
    let before = money::account(draft, &account);
    draft.put_account(account, Account { status: freezing.status(), ..before });
    match freezing {
        Freezing::Freeze => {
            draft.emit(Event::Proposal(ProposalEvent::Frozen { proposal, account }));
            order::cancel_now(draft, account);
        }
        Freezing::Unfreeze => {
            draft.emit(Event::Proposal(ProposalEvent::Unfrozen { proposal, account }));
        }
    }
}

/// Checks that there is such an account, and that it is not frozen.
pub(crate) fn check_open(view: &View<'_>, account: &AccountId) -> Result<(), Rejection> {
    let account = view.account(account).ok_or(Rejection::AccountUnknown)?;
    check_status(&account)
}

/// Checks that the account is not frozen.
pub(crate) const fn check_status(account: &Account) -> Result<(), Rejection> {
    match account.status {
        AccountStatus::Open => Ok(()),
        AccountStatus::Frozen => Err(Rejection::AccountFrozen),
    }
}

/// Checks that the sender may do this: one that is frozen, only what ends something it has begun.
pub(crate) fn check_sender(sender: &Account, operation: &Operation) -> Result<(), Rejection> {
    if ends_something(operation) { Ok(()) } else { check_status(sender) }
}

const fn ends_something(operation: &Operation) -> bool {
    match operation {
        Operation::HoldCapture { .. }
        | Operation::HoldRelease { .. }
        | Operation::OrderCancel { .. }
        | Operation::OrderCancelAll { .. }
        | Operation::VoucherSubmit { .. }
        | Operation::CloseByPayee { .. }
        | Operation::CloseByPayer { .. }
        | Operation::Contract { .. }
        | Operation::AgentRevoke { .. }
        | Operation::HostClose { .. }
        | Operation::Standing { act: StandingAct::Pause | StandingAct::End, .. } => true,
        Operation::Transfer { .. }
        | Operation::Deposit { .. }
        | Operation::HoldOpen { .. }
        | Operation::OrderPlace(_)
        | Operation::ChannelOpen { .. }
        | Operation::WithdrawRequest { .. }
        | Operation::WithdrawConfirm { .. }
        | Operation::WithdrawReject { .. }
        | Operation::Refund { .. }
        | Operation::AccountUpdate { .. }
        | Operation::KeySet { .. }
        | Operation::AgentGrant { .. }
        | Operation::OrderAmend { .. }
        | Operation::CancelAt { .. }
        | Operation::QuoteAccept { .. }
        | Operation::HostRegister { .. }
        | Operation::HostUpdate { .. }
        | Operation::PoolSet { .. }
        | Operation::PoolBlackout { .. }
        | Operation::StandingPut(_)
        | Operation::Standing { act: StandingAct::Resume, .. }
        | Operation::Propose { .. }
        | Operation::Approve { .. }
        | Operation::Authority { .. } => false,
    }
}

#[cfg(test)]
mod tests;
