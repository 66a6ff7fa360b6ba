//! Proposals, operations on them and events about them, as clients see them.

use chain::id::ObjectId;
use chain::market::{Market, MarketStatus, MarketTerms};
use chain::operation::Operation;
use chain::proposal::{
    Change, MarketChange, Proposal, ProposalEnded, ProposalEvent, ProposalStage,
};

use super::Translator;
use crate::types::{
    ChangeView, MarketStatusView, MarketTermsView, NewMarketView, OperationView, ProposalEndedView,
    ProposalEventView, ProposalStageView, ProposalView,
};

impl Translator {
    /// A proposal.
    pub fn proposal(&self, id: ObjectId, proposal: &Proposal) -> ProposalView {
        ProposalView {
            proposal: id.into(),
            proposer: self.address(proposal.proposer),
            change: (&proposal.change).into(),
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
        }
    }
}

pub(super) fn operation(operation: &Operation) -> OperationView {
    match operation {
        Operation::Propose { change } => OperationView::Propose { change: change.into() },
        Operation::Approve { proposal } => OperationView::Approve { proposal: (*proposal).into() },
        _ => unreachable!("`operation` sends each variant to its function"),
    }
}

impl From<&Change> for ChangeView {
    fn from(change: &Change) -> Self {
        match change {
            Change::Market(MarketChange::Add(market)) => {
                Self::MarketAdd { market: market.as_ref().into() }
            }
            Change::Market(MarketChange::Set { market, terms }) => {
                Self::MarketSet { market: market.0, terms: (*terms).into() }
            }
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
