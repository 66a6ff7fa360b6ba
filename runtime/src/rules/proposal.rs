//! Proposals: what authorities change together.
//!
//! ```text
//! proposed ─ approved by more than two thirds ─► waits for the delay ─► takes effect ─► ends
//!    └─ too few in time: ends          └─ cannot be done any more: ends  └─ closes a market: orders end first
//! ```
//!
//! A change is checked against its bounds when it is proposed and when it takes effect, as are the approvals
//! against the authorities of then. It takes effect before the transactions of its block.

mod market;
mod network;

use std::collections::BTreeSet;

use chain::account::AccountId;
use chain::authority::Authority;
use chain::event::Event;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::proposal::{Change, Proposal, ProposalEnded, ProposalEvent, ProposalStage};
use chain::timer::{Due, TimerKind};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::authority;
use crate::rules::freeze::{self, Freezing};
use crate::state::View;

/// An authority proposes a change, and approves it.
pub(crate) fn propose(
    draft: &mut Draft<'_>,
    step: &Step,
    change: &Change,
) -> Result<(), Rejection> {
    let (now, params) = (draft.context().parent_time, draft.params());
    check_authority(&draft.view(), step.sender)?;
    check(draft, change)?;
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

/// An authority approves what another one proposed, and has seen that it is the change with this digest.
pub(crate) fn approve(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
    change: Hash,
) -> Result<(), Rejection> {
    let now = draft.context().parent_time;
    check_authority(&draft.view(), step.sender)?;
    let proposal = draft.view().proposal(&id).ok_or(Rejection::ProposalUnknown)?.clone();
    if proposal.change.digest() != change {
        return Err(Rejection::ChangeMismatch);
    }
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
        ProposalStage::Closing => market::close_orders(draft, id, proposal),
        ProposalStage::Ended(_) => unreachable!("what has ended is no part of the state"),
    }
}

/// Adds an approval. With enough of them, the proposal takes effect after the delay.
fn count(draft: &mut Draft<'_>, id: ObjectId, mut proposal: Proposal, by: AccountId) {
    proposal.approvals.push(by);
    proposal.approvals.sort_unstable();
    let delay = draft.params().proposals.delay;
    let enacts = match proposal.stage {
        ProposalStage::Open { until } if is_quorum(&draft.view(), &proposal) => {
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
    let sound = match check(draft, &proposal.change) {
        // Others brought the same about meanwhile.
        Ok(()) | Err(Rejection::MarketUnchanged) => true,
        Err(_) => false,
    };
    if !sound || !is_quorum(&draft.view(), &proposal) {
        return end(draft, id, proposal, ProposalEnded::Dropped);
    }
    let checked = "the change was just checked";
    match proposal.change.clone() {
        Change::Market(change) => return market::make(draft, id, proposal, &change),
        Change::Params(change) => {
            let params = network::check_params(&draft.view(), &change).expect(checked);
            network::set_params(draft, id, &change, params);
        }
        Change::Authorities(change) => {
            let next = authority::check(draft, &change).expect(checked);
            authority::make(draft, &change, next);
        }
        Change::Appoint { office, account } => network::appoint(draft, id, office, account),
        Change::Freeze(account) => freeze::make(draft, id, account, Freezing::Freeze),
        Change::Unfreeze(account) => freeze::make(draft, id, account, Freezing::Unfreeze),
        Change::Upgrade(upgrade) => network::set_upgrade(draft, id, upgrade),
    }
    end(draft, id, proposal, ProposalEnded::Enacted);
}

/// Checks that a change is one, within its bounds, and can be made.
fn check(draft: &Draft<'_>, change: &Change) -> Result<(), Rejection> {
    let view = draft.view();
    match change {
        Change::Market(change) => market::check(&view, change),
        Change::Params(change) => network::check_params(&view, change).map(|_| ()),
        Change::Authorities(change) => authority::check(draft, change).map(|_| ()),
        Change::Appoint { office, account } => network::check_office(&view, *office, account),
        Change::Freeze(account) => freeze::check(&view, account, Freezing::Freeze),
        Change::Unfreeze(account) => freeze::check(&view, account, Freezing::Unfreeze),
        Change::Upgrade(upgrade) => network::check_upgrade(draft, *upgrade),
    }
}

fn end(draft: &mut Draft<'_>, id: ObjectId, mut proposal: Proposal, how: ProposalEnded) {
    let proposer = proposal.proposer;
    money::free(draft, proposer, proposal.deposit);
    proposal.stage = ProposalStage::Ended(how);
    draft.end_proposal(id, proposal);
    draft.emit(Event::Proposal(ProposalEvent::Closed { proposal: id, proposer, reason: how }));
}

/// Checks that the sender is the account of an authority that votes in this epoch.
fn check_authority(view: &View<'_>, sender: AccountId) -> Result<(), Rejection> {
    let known = view.authorities().voting.iter().any(|authority| authority.account == sender);
    if known { Ok(()) } else { Err(Rejection::NotAuthority) }
}

/// True when more than two thirds of the authorities have approved: those whose accounts have.
fn is_quorum(view: &View<'_>, proposal: &Proposal) -> bool {
    let authorities = &view.authorities().voting;
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
