//! What is traded, and how, changes by proposal. What a contract depends on never changes: a market keeps its
//! unit, slot, lot, tick and grades.

use chain::event::Event;
use chain::id::ObjectId;
use chain::limits::{CLOSE_ORDERS_MAX, MARKETS_MAX};
use chain::market::{Market, MarketId, MarketStatus};
use chain::order::OrderClosed;
use chain::proposal::{
    Change, MarketChange, Proposal, ProposalEnded, ProposalEvent, ProposalStage,
};
use chain::timer::{Due, TimerKind};

use crate::draft::Draft;
use crate::rejection::Rejection;
use crate::rules::order;
use crate::state::View;

/// Makes the change, which was just checked, and ends the proposal once nothing of it is left to do.
pub(super) fn make(draft: &mut Draft<'_>, id: ObjectId, proposal: Proposal, change: &MarketChange) {
    let (market, after) = match change {
        MarketChange::Add(market) => (count_of_markets(&draft.view()), market.as_ref().clone()),
        MarketChange::Set { market, terms } => {
            let before = draft.view().market(*market).expect("the market was just looked at");
            (*market, before.with(*terms))
        }
    };
    let status = after.status;
    draft.put_market(market, after);
    draft.emit(Event::Proposal(ProposalEvent::MarketSet { proposal: id, market, status }));
    match status {
        MarketStatus::Open => super::end(draft, id, proposal, ProposalEnded::Enacted),
        MarketStatus::Closed => close_orders(draft, id, proposal),
    }
}

/// Ends some of the orders of a market that was closed, in order of name; the rest in the blocks to come,
/// unless the market opens again meanwhile.
pub(super) fn close_orders(draft: &mut Draft<'_>, id: ObjectId, mut proposal: Proposal) {
    let view = draft.view();
    let market = match &proposal.change {
        Change::Market(MarketChange::Set { market, .. }) => Some(*market),
        Change::Market(MarketChange::Add(_))
        | Change::Params(_)
        | Change::Authorities(_)
        | Change::Appoint { .. }
        | Change::Freeze(_)
        | Change::Unfreeze(_)
        | Change::Upgrade(_) => None,
    };
    let closed = market.filter(|market| view.market(*market).is_some_and(Market::is_closed));
    let orders = closed.map(|market| view.book(market)).unwrap_or_default();
    for order in orders.iter().take(CLOSE_ORDERS_MAX) {
        order::close(draft, *order, OrderClosed::MarketClosed);
    }
    if orders.len() > CLOSE_ORDERS_MAX {
        let next = draft.context().height.next();
        draft.set_timer(Due::Height(next), TimerKind::ProposalDue, id);
        proposal.stage = ProposalStage::Closing;
        draft.put_proposal(id, proposal);
    } else {
        super::end(draft, id, proposal, ProposalEnded::Enacted);
    }
}

/// Checks that a change is one and can be made.
pub(super) fn check(view: &View<'_>, change: &MarketChange) -> Result<(), Rejection> {
    match change {
        MarketChange::Add(market) => {
            if !market.is_sound() || market.is_closed() {
                return Err(Rejection::MarketUnsound);
            }
            if view.markets().any(|(_, other)| other.name == market.name) {
                return Err(Rejection::MarketNameTaken);
            }
            let schema = &market.attributes;
            if view.markets().any(|(_, other)| schema.conflict(&other.attributes).is_some()) {
                return Err(Rejection::MarketUnsound);
            }
            if view.markets().count() >= MARKETS_MAX {
                return Err(Rejection::TooManyMarkets);
            }
        }
        MarketChange::Set { market, terms } => {
            let market = view.market(*market).ok_or(Rejection::MarketUnknown)?;
            if !market.with(*terms).is_sound() {
                return Err(Rejection::MarketUnsound);
            }
            if market.terms() == *terms {
                return Err(Rejection::MarketUnchanged);
            }
        }
    }
    Ok(())
}

/// The first number that no market has.
fn count_of_markets(view: &View<'_>) -> MarketId {
    let count = u32::try_from(view.markets().count());
    MarketId(count.expect("there are few markets"))
}
