//! What of the network itself changes by proposal: its params, who holds its offices, and the version of its
//! rules. A block runs by the params that its parent left, so that a change counts from the next block on.

use chain::account::AccountId;
use chain::event::Event;
use chain::id::ObjectId;
use chain::param::ParamsChange;
use chain::params::{Params, Upgrade};
use chain::proposal::{Office, ProposalEvent};

use crate::draft::Draft;
use crate::rejection::Rejection;
use crate::rules::freeze;
use crate::state::View;

/// Checks a change of params. Returns what they are then.
pub(super) fn check_params(view: &View<'_>, change: &ParamsChange) -> Result<Params, Rejection> {
    let mut params = view.params().clone();
    for change in change.iter() {
        if params.value(change.param) != change.before {
            return Err(Rejection::ParamMismatch);
        }
        if change.value == change.before {
            return Err(Rejection::ParamUnchanged);
        }
        params.set(change.param, change.value).ok_or(Rejection::ParamUnsound)?;
    }
    let within = change.iter().all(|change| params.is_within(change.param));
    if within { Ok(params) } else { Err(Rejection::ParamUnsound) }
}

/// Makes a change of params, which was just checked, and gave `params`.
pub(super) fn set_params(
    draft: &mut Draft<'_>,
    proposal: ObjectId,
    change: &ParamsChange,
    params: Params,
) {
    draft.put_params(params);
    for change in change.iter() {
        let change = *change;
        draft.emit(Event::Proposal(ProposalEvent::ParamSet { proposal, change }));
    }
}

/// Checks that `account` can hold the office from then on.
pub(super) fn check_office(
    view: &View<'_>,
    office: Office,
    account: &AccountId,
) -> Result<(), Rejection> {
    freeze::check_open(view, account)?;
    if holder(view.params(), office) == *account { Err(Rejection::OfficeUnchanged) } else { Ok(()) }
}

/// Gives the office to `account`, which was just checked.
pub(super) fn appoint(
    draft: &mut Draft<'_>,
    proposal: ObjectId,
    office: Office,
    account: AccountId,
) {
    let mut params = draft.view().params().clone();
    let before = holder(&params, office);
    match office {
        Office::Cashier => params.cashier = account,
        Office::Treasury => params.treasury = account,
    }
    draft.put_params(params);
    let appointed = ProposalEvent::Appointed { proposal, office, before, account };
    draft.emit(Event::Proposal(appointed));
}

const fn holder(params: &Params, office: Office) -> AccountId {
    match office {
        Office::Cashier => params.cashier,
        Office::Treasury => params.treasury,
    }
}

/// Checks that other rules can begin at a height, or that there are such to be called off.
pub(super) fn check_upgrade(draft: &Draft<'_>, upgrade: Option<Upgrade>) -> Result<(), Rejection> {
    let (view, height) = (draft.view(), draft.context().height);
    let params = view.params();
    if let Some(upgrade) = upgrade {
        if Some(upgrade.version) != params.version.checked_add(1) {
            return Err(Rejection::VersionNotNext);
        }
        let first = upgrade.height.0.checked_rem(params.epoch_blocks) == Some(0);
        if !first || upgrade.height <= height {
            return Err(Rejection::UpgradeHeight);
        }
    }
    if params.upgrade == upgrade { Err(Rejection::UpgradeUnchanged) } else { Ok(()) }
}

/// Lets other rules begin at a height, or calls them off, which was just checked.
pub(super) fn set_upgrade(draft: &mut Draft<'_>, proposal: ObjectId, upgrade: Option<Upgrade>) {
    let params = draft.view().params().clone();
    draft.put_params(Params { upgrade, ..params });
    draft.emit(Event::Proposal(ProposalEvent::UpgradeSet { proposal, upgrade }));
}

#[cfg(test)]
mod tests;
