//! Who votes, and what authorities decide, as clients see them.

use chain::authority::Authority;
use chain::authority_set::{AuthorityAct, AuthorityEvent, AuthoritySet};
use chain::block::Header;
use chain::certificate::Voters;
use chain::height::Height;
use chain::operation::Operation;
use chain::param::{ParamChange, ParamUnit};
use chain::params::{Params, Upgrade};
use chain::proposal::{Admission, Change, MarketChange, Office};

use super::Translator;
use crate::text::Number;
use crate::types::{
    AdmissionView, AuthoritiesView, AuthorityActView, AuthorityEventView, ChangeView, OfficeView,
    OperationView, ParamChangeView, ParamUnitView, SeatView, UpgradeView,
};

impl Translator {
    /// Who votes, and who will, after the block with this header.
    pub fn authorities(
        &self,
        header: &Header,
        params: &Params,
        set: &AuthoritySet,
    ) -> AuthoritiesView {
        let seat = |authority: &Authority| SeatView {
            key: authority.key.into(),
            account: self.address(authority.account),
            address: set.endpoint(&authority.key).map(Into::into),
        };
        let Height(next) = header.height.next();
        let epoch = next.checked_div(params.epoch_blocks).unwrap_or_default();
        let quorum = Voters::new(&set.voting).map_or(0, |voters| voters.quorum());
        AuthoritiesView {
            epoch,
            next_epoch_height: epoch.saturating_add(1).saturating_mul(params.epoch_blocks),
            quorum: u32::try_from(quorum).unwrap_or(u32::MAX),
            voting: set.voting.iter().map(seat).collect(),
            next: set.next.iter().map(seat).collect(),
            protocol_version: params.version,
            upgrade: params.upgrade.map(Into::into),
        }
    }

    /// What a proposal changes.
    pub fn change(&self, change: &Change) -> ChangeView {
        match change {
            Change::Market(MarketChange::Add(market)) => {
                ChangeView::MarketAdd { market: market.as_ref().into() }
            }
            Change::Market(MarketChange::Set { market, terms }) => {
                ChangeView::MarketSet { market: market.0, terms: (*terms).into() }
            }
            Change::Params(change) => {
                ChangeView::Params { changes: change.iter().map(|it| (*it).into()).collect() }
            }
            Change::Authorities(change) => ChangeView::Authorities {
                add: change.add().iter().map(|it| self.admission(it)).collect(),
                remove: change.remove().iter().map(|it| self.address(*it)).collect(),
            },
            Change::Appoint { office, account } => {
                ChangeView::Appoint { office: (*office).into(), account: self.address(*account) }
            }
            Change::Freeze(account) => ChangeView::Freeze { account: self.address(*account) },
            Change::Unfreeze(account) => ChangeView::Unfreeze { account: self.address(*account) },
            Change::Upgrade(upgrade) => ChangeView::Upgrade { upgrade: upgrade.map(Into::into) },
        }
    }

    fn admission(&self, admission: &Admission) -> AdmissionView {
        AdmissionView {
            key: admission.authority.key.into(),
            account: self.address(admission.authority.account),
            address: admission.address.map(Into::into),
        }
    }

    pub(super) fn authority_event(&self, event: AuthorityEvent) -> AuthorityEventView {
        let at = |account| self.address(account);
        match event {
            AuthorityEvent::Added { key, account, epoch } => {
                AuthorityEventView::AuthorityAdded { key: key.into(), account: at(account), epoch }
            }
            AuthorityEvent::Removed { key, account, epoch } => {
                AuthorityEventView::AuthorityRemoved {
                    key: key.into(),
                    account: at(account),
                    epoch,
                }
            }
            AuthorityEvent::Rotated { account, before, key, epoch } => {
                AuthorityEventView::AuthorityRotated {
                    account: at(account),
                    before: before.into(),
                    key: key.into(),
                    epoch,
                }
            }
            AuthorityEvent::Moved { account, key, address } => AuthorityEventView::AuthorityMoved {
                account: at(account),
                key: key.into(),
                address: address.map(Into::into),
            },
            AuthorityEvent::Entered { epoch, authorities } => {
                AuthorityEventView::EpochEntered { epoch, authorities }
            }
        }
    }
}

pub(super) fn operation(operation: &Operation) -> OperationView {
    let Operation::Authority { key, act } = *operation else {
        unreachable!("`operation` sends each variant to its function")
    };
    let act = match act {
        AuthorityAct::Rotate { key, .. } => AuthorityActView::Rotate { to: key.into() },
        AuthorityAct::Move { address } => {
            AuthorityActView::Move { address: address.map(Into::into) }
        }
    };
    OperationView::Authority { key: key.into(), act }
}

impl From<Office> for OfficeView {
    fn from(office: Office) -> Self {
        match office {
            Office::Cashier => Self::Cashier,
            Office::Treasury => Self::Treasury,
        }
    }
}

impl From<Upgrade> for UpgradeView {
    fn from(upgrade: Upgrade) -> Self {
        Self { version: upgrade.version, height: upgrade.height.0 }
    }
}

impl From<ParamChange> for ParamChangeView {
    fn from(change: ParamChange) -> Self {
        Self {
            param: change.param.name().to_owned(),
            unit: match change.param.unit() {
                ParamUnit::Amount => ParamUnitView::Amount,
                ParamUnit::Millis => ParamUnitView::Millis,
                ParamUnit::Bps => ParamUnitView::Bps,
                ParamUnit::Blocks => ParamUnitView::Blocks,
            },
            before: Number(change.before).into(),
            value: Number(change.value).into(),
        }
    }
}
