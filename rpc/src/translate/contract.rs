//! Contracts, and what their parties do in them.

use chain::amount::Amount;
use chain::contract::{
    Contract, ContractAct, ContractClosed, ContractState, Delivery, Extent, Staged, Verdict,
};
use chain::event::Event;
use chain::id::ObjectId;
use chain::market::Market;

use super::Translator;
use crate::types::{
    BrokersView, ContractActView, ContractClosedView, ContractStateView, ContractView,
    DeliveryView, EventView, ExtentView, ObjectStatus, OutlookView, StagedView, VerdictView,
};

impl Translator {
    /// A contract made in `market`.
    pub fn contract(
        &self,
        id: ObjectId,
        contract: &Contract,
        market: &Market,
        status: ObjectStatus,
    ) -> ContractView {
        let slots = contract.window.slots(market.slot).expect("contracts are over whole slots");
        let total: Option<Amount> = contract.cost(slots);
        let reason = contract.state.reason().map(Into::into);
        let outlook = contract.outlook(market.slot).map(|outlook| {
            OutlookView::new(&outlook, contract.possible_acts(), contract.turn_ends().0)
        });
        ContractView {
            contract: id.into(),
            buyer: self.address(contract.buyer),
            seller: self.address(contract.seller),
            market: contract.market.0,
            market_name: market.name.clone(),
            bid: contract.bid.into(),
            ask: contract.ask.into(),
            quantity: contract.quantity.0,
            window: contract.window.into(),
            price: contract.price.into(),
            total: total.expect("a contract's price was held when it was made").into(),
            paid: contract.paid.into(),
            hold: contract.hold.into(),
            slots,
            slots_missed: contract.slots_missed,
            slots_paid: contract.slots_paid,
            status,
            state: contract.state.into(),
            reason,
            due: reason.is_none().then_some(contract.due.0),
            buyer_endpoint: contract.buyer_endpoint.clone().map(Into::into),
            seller_endpoint: contract.seller_endpoint.clone().map(Into::into),
            staged: contract.staged.as_ref().map(Into::into),
            fingerprint: contract.fingerprint.map(Into::into),
            host: contract.host.map(Into::into),
            result: contract.result.as_ref().map(Into::into),
            terms: (&contract.terms).into(),
            notice_ms: contract.kind.notice().map(|notice| notice.0),
            ends: contract.ends.0,
            split: self.split(&contract.split),
            parties: self.parties(&contract.parties),
            outlook,
            agreement: contract.agreement.map(Into::into),
            brokers: BrokersView {
                buyer: contract.brokers.buyer.map(|it| self.address(it)),
                seller: contract.brokers.seller.map(|it| self.address(it)),
            },
            user: contract.user.map(|it| self.address(it)),
        }
    }

    pub(super) fn contract_event(&self, event: &Event) -> EventView {
        let at = |account| self.address(account);
        match *event {
            Event::ContractPaid { contract, buyer, seller, slots_paid, amount } => {
                EventView::ContractPaid {
                    contract: contract.into(),
                    buyer: at(buyer),
                    seller: at(seller),
                    slots_paid,
                    amount: amount.into(),
                }
            }
            Event::ContractClosed { contract, buyer, seller, paid, reason } => {
                EventView::ContractClosed {
                    contract: contract.into(),
                    buyer: at(buyer),
                    seller: at(seller),
                    paid: paid.into(),
                    reason: reason.into(),
                }
            }
            Event::ContractMoved { contract, buyer, seller, state, due } => {
                EventView::ContractMoved {
                    contract: contract.into(),
                    buyer: at(buyer),
                    seller: at(seller),
                    state: state.into(),
                    due: due.0,
                }
            }
            Event::EndpointPublished { contract, by, to } => {
                EventView::EndpointPublished { contract: contract.into(), by: at(by), to: at(to) }
            }
            Event::CommissionTaken { of, from, amount } => {
                EventView::CommissionTaken { of: of.into(), from: at(from), amount: amount.into() }
            }
            Event::CommissionShared { of, to, amount } => {
                EventView::CommissionShared { of: of.into(), to: at(to), amount: amount.into() }
            }
            Event::CommissionReturned { of, to, amount } => {
                EventView::CommissionReturned { of: of.into(), to: at(to), amount: amount.into() }
            }
            Event::QuoteAccepted { quote, contract, maker, taker, quantity, used } => {
                EventView::QuoteAccepted {
                    quote: quote.into(),
                    contract: contract.into(),
                    maker: at(maker),
                    taker: at(taker),
                    quantity: quantity.0,
                    used: used.0,
                }
            }
            Event::ResultPosted { contract, buyer, seller, digest, extent } => {
                EventView::ResultPosted {
                    contract: contract.into(),
                    buyer: at(buyer),
                    seller: at(seller),
                    digest: digest.into(),
                    extent: extent.into(),
                }
            }
            _ => unreachable!("`event` sends each variant to its function"),
        }
    }
}

impl From<ContractState> for ContractStateView {
    fn from(state: ContractState) -> Self {
        match state {
            ContractState::Matched => Self::Matched,
            ContractState::Staging => Self::Staging,
            ContractState::Ready => Self::Ready,
            ContractState::Active => Self::Active,
            ContractState::Ended => Self::Ended,
            ContractState::SignOff => Self::SignOff,
            ContractState::Disputed => Self::Disputed,
            ContractState::Closed(_) => Self::Closed,
            ContractState::Reclaiming => Self::Reclaiming,
        }
    }
}

impl From<ContractClosed> for ContractClosedView {
    fn from(reason: ContractClosed) -> Self {
        match reason {
            ContractClosed::Accepted => Self::Accepted,
            ContractClosed::Silence => Self::Silence,
            ContractClosed::NoResult => Self::NoResult,
            ContractClosed::Rejected => Self::Rejected,
            ContractClosed::NoShow => Self::NoShow,
            ContractClosed::BuyerLate => Self::BuyerLate,
            ContractClosed::AbortedByBuyer => Self::AbortedByBuyer,
            ContractClosed::AbortedBySeller => Self::AbortedBySeller,
        }
    }
}

impl From<&Staged> for StagedView {
    fn from(staged: &Staged) -> Self {
        let digests = staged.digests.iter().map(|digest| (*digest).into()).collect();
        Self { digests, location: staged.location.clone().into() }
    }
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        let Delivery { digest, ref location, extent } = *delivery;
        Self { digest: digest.into(), location: location.clone().into(), extent: extent.into() }
    }
}

impl From<Extent> for ExtentView {
    fn from(extent: Extent) -> Self {
        match extent {
            Extent::Whole => Self::Whole,
            Extent::Partial => Self::Partial,
        }
    }
}

impl From<Verdict> for VerdictView {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Accept => Self::Accept,
            Verdict::Reject => Self::Reject,
        }
    }
}

impl From<&ContractAct> for ContractActView {
    fn from(act: &ContractAct) -> Self {
        match act {
            ContractAct::EndpointPublish { endpoint } => {
                Self::EndpointPublish { endpoint: endpoint.clone().into() }
            }
            ContractAct::StageReady(staged) => Self::StageReady(staged.into()),
            ContractAct::HostReady { fingerprint } => {
                Self::HostReady { fingerprint: (*fingerprint).into() }
            }
            ContractAct::ResultPost(delivery) => Self::ResultPost(delivery.into()),
            ContractAct::SignOff { verdict } => Self::SignOff { verdict: (*verdict).into() },
            ContractAct::EndEarly => Self::EndEarly,
            ContractAct::Abort => Self::Abort,
            ContractAct::ReclaimStart => Self::ReclaimStart,
        }
    }
}
