//! Proposals, operations on them and events about them, as clients see them.

use chain::id::ObjectId;
use chain::market::{Market, MarketStatus, MarketTerms};
use chain::operation::Operation;
use chain::proposal::{Proposal, ProposalEnded, ProposalEvent, ProposalStage};

use super::Translator;
use crate::canonical::Canonical;
use crate::types::{
    MarketStatusView, MarketTermsView, NewMarketView, OperationView, ProposalEndedView,
    ProposalEventView, ProposalStageView, ProposalView,
};

impl Translator {
    /// A proposal.
    pub fn proposal(&self, id: ObjectId, proposal: &Proposal) -> ProposalView {
        ProposalView {
            proposal: id.into(),
            proposer: self.address(proposal.proposer),
            change: self.change(&proposal.change),
            digest: proposal.change.digest().into(),
            bytes: Canonical(proposal.change.clone()).into(),
            approvals: proposal.approvals.iter().map(|it| self.address(*it)).collect(),
            stage: proposal.stage.into(),
        }
    }

    pub(super) fn proposal_event(&self, event: ProposalEvent) -> ProposalEventView {
        let at = |account| self.address(account);
        match event {
            ProposalEvent::Proposed { proposal, proposer, until } => ProposalEventView::Proposed {
                proposal: proposal.into(),
                proposer: at(proposer),
                until: until.0,
            },
            ProposalEvent::Approved { proposal, by, enacts } => {
                ProposalEventView::ProposalApproved {
                    proposal: proposal.into(),
                    by: at(by),
                    enacts: enacts.map(|time| time.0),
                }
            }
            ProposalEvent::Closed { proposal, proposer, reason } => {
                ProposalEventView::ProposalClosed {
                    proposal: proposal.into(),
                    proposer: at(proposer),
                    reason: reason.into(),
                }
            }
            ProposalEvent::MarketSet { proposal, market, status } => ProposalEventView::MarketSet {
                proposal: proposal.into(),
                market: market.0,
                status: status.into(),
            },
            ProposalEvent::ParamSet { proposal, change } => {
                ProposalEventView::ParamSet { proposal: proposal.into(), change: change.into() }
            }
            ProposalEvent::Appointed { proposal, office, before, account } => {
                ProposalEventView::Appointed {
                    proposal: proposal.into(),
                    office: office.into(),
                    before: at(before),
                    account: at(account),
                }
            }
            ProposalEvent::Frozen { proposal, account } => {
                ProposalEventView::Frozen { proposal: proposal.into(), account: at(account) }
            }
            ProposalEvent::Unfrozen { proposal, account } => {
                ProposalEventView::Unfrozen { proposal: proposal.into(), account: at(account) }
            }
            ProposalEvent::UpgradeSet { proposal, upgrade } => ProposalEventView::UpgradeSet {
                proposal: proposal.into(),
                upgrade: upgrade.map(Into::into),
            },
        }
    }

    pub(super) fn proposal_operation(&self, operation: &Operation) -> OperationView {
        match operation {
            Operation::Propose { change } => OperationView::Propose { change: self.change(change) },
            Operation::Approve { proposal, change } => {
                OperationView::Approve { proposal: (*proposal).into(), change: (*change).into() }
            }
            _ => unreachable!("`operation` sends each variant to its function"),
        }
    }
}

impl From<&Market> for NewMarketView {
    fn from(market: &Market) -> Self {
        Self {
            name: market.name.clone(),
            unit: market.unit.clone(),
            slot_ms: market.slot.0,
            lot: market.lot.0,
            tick: market.tick.into(),
            grades: market.grades.clone(),
            attributes: market.attributes.iter().map(Into::into).collect(),
            terms: market.terms().into(),
        }
    }
}

impl From<MarketTerms> for MarketTermsView {
    fn from(terms: MarketTerms) -> Self {
        let MarketTerms { quantity_min, horizon_slots, lead, k_bps, status } = terms;
        Self {
            quantity_min: quantity_min.0,
            horizon_slots,
            lead_ms: lead.0,
            k_bps,
            status: status.into(),
        }
    }
}

impl From<MarketStatus> for MarketStatusView {
    fn from(status: MarketStatus) -> Self {
        match status {
            MarketStatus::Open => Self::Open,
            MarketStatus::Closed => Self::Closed,
        }
    }
}

impl From<ProposalStage> for ProposalStageView {
    fn from(stage: ProposalStage) -> Self {
        match stage {
            ProposalStage::Open { until } => Self::Open { until: until.0 },
            ProposalStage::Approved { enacts } => Self::Approved { enacts: enacts.0 },
            ProposalStage::Closing => Self::Closing,
            ProposalStage::Ended(reason) => Self::Ended { reason: reason.into() },
        }
    }
}

impl From<ProposalEnded> for ProposalEndedView {
    fn from(reason: ProposalEnded) -> Self {
        match reason {
            ProposalEnded::Enacted => Self::Enacted,
            ProposalEnded::Expired => Self::Expired,
            ProposalEnded::Dropped => Self::Dropped,
        }
    }
}
