//! Proposals: authorities change what is traded, and how.
//!
//! ```text
//! proposed ─ approved by more than two thirds ─► waits for the delay ─► takes effect ─► ends
//!    └─ too few in time: ends          └─ cannot be done any more: ends  └─ closes a market: orders end first
//! ```
//!
//! A change is checked against its bounds when it is proposed and when it takes effect, as are the approvals
//! against the authorities of then. It takes effect before the transactions of its block. What a contract
//! depends on never changes: a market keeps its unit, slot, lot, tick and grades.

use std::collections::BTreeSet;

use chain::account::AccountId;
use chain::authority::Authority;
use chain::event::Event;
use chain::id::ObjectId;
use chain::limits::{CLOSE_ORDERS_MAX, MARKETS_MAX};
use chain::market::{Market, MarketId, MarketStatus};
use chain::order::OrderClosed;
use chain::proposal::{
    Change, MarketChange, Proposal, ProposalEnded, ProposalEvent, ProposalStage,
};
use chain::timer::{Due, TimerKind};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::order;
use crate::state::View;

/// An authority proposes a change, and approves it.
pub(crate) fn propose(
    draft: &mut Draft<'_>,
    step: &Step,
    change: &Change,
) -> Result<(), Rejection> {
    let (now, params) = (draft.context().parent_time, draft.params());
    check_authority(&params.authorities, step.sender)?;
    let Change::Market(market) = change;
    check_market(&draft.view(), market)?;
    let deposit = params.deposits.proposal;
    money::check_available(&money::account(draft, &step.sender), [deposit])?;

    // From here on the proposal stands.
    let id = step.object_id(draft.context().chain);
    money::set_aside(draft, step.sender, deposit);
    let until = now.after(params.proposals.span);
    let proposal = Proposal {
        proposer: step.sender,
        change: change.clone(),
        approvals: Vec::new(),
        stage: ProposalStage::Open { until },
        deposit,
    };
    draft.set_timer(Due::Time(until), TimerKind::ProposalDue, id);
    draft.emit(Event::Proposal(ProposalEvent::Proposed {
        proposal: id,
        proposer: step.sender,
        until,
    }));
    count(draft, id, proposal, step.sender);
    Ok(())
}

/// An authority approves what another one proposed.
pub(crate) fn approve(draft: &mut Draft<'_>, step: &Step, id: ObjectId) -> Result<(), Rejection> {
    let (now, params) = (draft.context().parent_time, draft.params());
    check_authority(&params.authorities, step.sender)?;
    let proposal = draft.view().proposal(&id).ok_or(Rejection::ProposalUnknown)?.clone();
    let ProposalStage::Open { until } = proposal.stage else {
        return Err(Rejection::ProposalDecided);
    };
    if until <= now {
        // Its timer fires soon.
        return Err(Rejection::ProposalUnknown);
    }
    if proposal.approvals.contains(&step.sender) {
        return Err(Rejection::ApprovedAlready);
    }

    // From here on it is approved.
    count(draft, id, proposal, step.sender);
    Ok(())
}

/// The timer of a proposal has fired: it ends, takes effect, or goes on ending orders.
pub(crate) fn fall_due(draft: &mut Draft<'_>, id: ObjectId) {
    let proposal = draft.view().proposal(&id).expect("a timer belongs to a proposal that stands");
    let proposal = proposal.clone();
    match proposal.stage {
        ProposalStage::Open { .. } => end(draft, id, proposal, ProposalEnded::Expired),
        ProposalStage::Approved { .. } => enact(draft, id, proposal),
        ProposalStage::Closing => close_orders(draft, id, proposal),
        ProposalStage::Ended(_) => unreachable!("what has ended is no part of the state"),
    }
}

/// Adds an approval. With enough of them, the proposal takes effect after the delay.
fn count(draft: &mut Draft<'_>, id: ObjectId, mut proposal: Proposal, by: AccountId) {
    proposal.approvals.push(by);
    proposal.approvals.sort_unstable();
    let delay = draft.params().proposals.delay;
    let enacts = match proposal.stage {
        ProposalStage::Open { until } if is_quorum(&draft.params().authorities, &proposal) => {
            let enacts = draft.context().parent_time.after(delay);
            draft.clear_timer(Due::Time(until), TimerKind::ProposalDue, id);
            draft.set_timer(Due::Time(enacts), TimerKind::ProposalDue, id);
            proposal.stage = ProposalStage::Approved { enacts };
            Some(enacts)
        }
        ProposalStage::Open { .. }
        | ProposalStage::Approved { .. }
        | ProposalStage::Closing
        | ProposalStage::Ended(_) => None,
    };
    draft.put_proposal(id, proposal);
    draft.emit(Event::Proposal(ProposalEvent::Approved { proposal: id, by, enacts }));
}

/// Makes the change, if it can still be made and enough still approve it.
fn enact(draft: &mut Draft<'_>, id: ObjectId, proposal: Proposal) {
    let Change::Market(change) = &proposal.change;
    let sound = match check_market(&draft.view(), change) {
        // Others brought the same about meanwhile.
        Ok(()) | Err(Rejection::MarketUnchanged) => true,
        Err(_) => false,
    };
    if !sound || !is_quorum(&draft.params().authorities, &proposal) {
        return end(draft, id, proposal, ProposalEnded::Dropped);
    }
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
        MarketStatus::Open => end(draft, id, proposal, ProposalEnded::Enacted),
        MarketStatus::Closed => close_orders(draft, id, proposal),
    }
}

/// Ends some of the orders of a market that was closed, in order of name; the rest in the blocks to come,
/// unless the market opens again meanwhile.
fn close_orders(draft: &mut Draft<'_>, id: ObjectId, mut proposal: Proposal) {
    let view = draft.view();
    let Change::Market(change) = &proposal.change;
    let market = match change {
        MarketChange::Set { market, .. } => Some(*market),
        MarketChange::Add(_) => None,
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
        end(draft, id, proposal, ProposalEnded::Enacted);
    }
}

fn end(draft: &mut Draft<'_>, id: ObjectId, mut proposal: Proposal, how: ProposalEnded) {
    let proposer = proposal.proposer;
    money::free(draft, proposer, proposal.deposit);
    proposal.stage = ProposalStage::Ended(how);
    draft.end_proposal(id, proposal);
    draft.emit(Event::Proposal(ProposalEvent::Closed { proposal: id, proposer, reason: how }));
}

fn check_authority(authorities: &[Authority], sender: AccountId) -> Result<(), Rejection> {
    let known = authorities.iter().any(|authority| authority.account == sender);
    if known { Ok(()) } else { Err(Rejection::NotAuthority) }
}

/// Checks that a change is one and can be made.
fn check_market(view: &View<'_>, change: &MarketChange) -> Result<(), Rejection> {
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

/// True when more than two thirds of the authorities have approved: those whose accounts have.
fn is_quorum(authorities: &[Authority], proposal: &Proposal) -> bool {
    let keys = |of: fn(&Authority, &Proposal) -> bool| {
        let keys = authorities.iter().filter(|authority| of(authority, proposal));
        keys.map(|authority| authority.key).collect::<BTreeSet<_>>().len()
    };
    let all = keys(|_, _| true);
    let approved = keys(|authority, proposal| proposal.approvals.contains(&authority.account));
    approved.saturating_mul(3) > all.saturating_mul(2)
}

#[cfg(test)]
mod tests;
