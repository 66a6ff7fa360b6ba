//! What the parties of a contract do in it, each in its turn, and what it costs to leave.
//!
//! Refusals come in one order for all acts: who may do it, in which state, and until when.

use chain::account::AccountId;
use chain::conditions::Kind;
use chain::contract::{
    Contract, ContractAct, ContractClosed, ContractState, Delivery, Extent, Staged, Verdict,
};
use chain::event::Event;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::sealed::Sealed;
use chain::time::Millis;

use super::{activate, begin_sign_off, close, end_slots, enter, moved, pay, wait_for_slot, within};
use crate::draft::Draft;
use crate::rejection::Rejection;

/// The part that an account has in a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Party {
    Buyer,
    Seller,
}

/// Applies what `sender` does in a contract.
pub(super) fn apply(
    draft: &mut Draft<'_>,
    sender: AccountId,
    id: ObjectId,
    contract: Contract,
    act: &ContractAct,
) -> Result<(), Rejection> {
    let party = party(sender, &contract)?;
    check(party, contract.state, act)?;
    let notice = notice(&contract);
    if *act == ContractAct::ReclaimStart && notice.is_none() {
        return Err(Rejection::NotInterruptible);
    }
    check_time(draft, &contract)?;

    // From here on the act succeeds.
    match act {
        ContractAct::EndpointPublish { endpoint } => publish(draft, party, id, contract, endpoint),
        ContractAct::StageReady(staged) => stage(draft, id, contract, staged),
        ContractAct::HostReady { fingerprint } => ready(draft, id, contract, *fingerprint),
        ContractAct::ResultPost(result) => post(draft, id, contract, result),
        ContractAct::SignOff { verdict: Verdict::Accept } => accept(draft, id, contract),
        ContractAct::SignOff { verdict: Verdict::Reject } => reject(draft, id, contract),
        ContractAct::EndEarly => end_early(draft, id, contract),
        ContractAct::Abort => abort(draft, party, id, contract),
        ContractAct::ReclaimStart => reclaim(draft, id, contract, notice.unwrap_or_default()),
    }
    Ok(())
}

fn party(sender: AccountId, contract: &Contract) -> Result<Party, Rejection> {
    if sender == contract.buyer {
        Ok(Party::Buyer)
    } else if sender == contract.seller {
        Ok(Party::Seller)
    } else {
        Err(Rejection::NotParty)
    }
}

/// Checks that `party` may do this at all, and in this state.
fn check(party: Party, state: ContractState, act: &ContractAct) -> Result<(), Rejection> {
    use ContractState::{Active, Disputed, Ended, Matched, Ready, Reclaiming, SignOff, Staging};
    let (only, states): (Option<Party>, &[ContractState]) = match act {
        ContractAct::EndpointPublish { .. } => {
            (None, &[Matched, Staging, Ready, Active, Reclaiming])
        }
        ContractAct::StageReady(_) => (Some(Party::Buyer), &[Matched]),
        ContractAct::HostReady { .. } => (Some(Party::Seller), &[Staging]),
        ContractAct::ResultPost(_) => (Some(Party::Seller), &[Active, Reclaiming, Ended]),
        ContractAct::SignOff { verdict: Verdict::Accept } => {
            (Some(Party::Buyer), &[Ended, SignOff, Disputed])
        }
        ContractAct::SignOff { verdict: Verdict::Reject } => (Some(Party::Buyer), &[SignOff]),
        ContractAct::EndEarly => (Some(Party::Buyer), &[Active, Reclaiming]),
        ContractAct::ReclaimStart => (Some(Party::Seller), &[Active]),
        ContractAct::Abort if party == Party::Buyer => {
            (None, &[Matched, Staging, Ready, Active, Reclaiming])
        }
        ContractAct::Abort => {
            (None, &[Matched, Staging, Ready, Active, Reclaiming, Ended, SignOff, Disputed])
        }
    };
    match only {
        Some(Party::Buyer) if party != Party::Buyer => Err(Rejection::NotBuyer),
        Some(Party::Seller) if party != Party::Seller => Err(Rejection::NotSeller),
        _ if states.contains(&state) => Ok(()),
        _ => Err(Rejection::ContractState),
    }
}

/// Checks that what the running duty leads to has not begun. A timer that is late, because too many were
/// due, does not make room for anybody.
fn check_time(draft: &Draft<'_>, contract: &Contract) -> Result<(), Rejection> {
    let end = if is_active(contract.state) { contract.ends } else { contract.due };
    if draft.context().parent_time >= end { Err(Rejection::ContractDuePassed) } else { Ok(()) }
}

/// True while slots pass and are paid.
const fn is_active(state: ContractState) -> bool {
    matches!(state, ContractState::Active | ContractState::Reclaiming)
}

/// How long before its seller says that it takes back the rest; none where it may not.
const fn notice(contract: &Contract) -> Option<Millis> {
    match contract.kind {
        Kind::Firm => None,
        Kind::Interruptible { notice } => Some(notice),
    }
}

fn publish(
    draft: &mut Draft<'_>,
    party: Party,
    id: ObjectId,
    mut contract: Contract,
    endpoint: &Sealed,
) {
    let endpoint = Some(endpoint.clone());
    let (by, to) = match party {
        Party::Buyer => {
            contract.buyer_endpoint = endpoint;
            (contract.buyer, contract.seller)
        }
        Party::Seller => {
            contract.seller_endpoint = endpoint;
            (contract.seller, contract.buyer)
        }
    };
    draft.put_contract(id, contract);
    draft.emit(Event::EndpointPublished { contract: id, by, to });
}

fn stage(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract, staged: &Staged) {
    contract.staged = Some(staged.clone());
    let begins = contract.window.start.max(draft.context().parent_time);
    let due = within(contract.window, begins.after(contract.terms.ready_grace));
    enter(draft, id, &mut contract, ContractState::Staging, due);
    draft.put_contract(id, contract);
}

fn ready(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract, fingerprint: Hash) {
    contract.fingerprint = Some(fingerprint);
    let start = contract.window.start;
    if draft.context().parent_time < start {
        enter(draft, id, &mut contract, ContractState::Ready, start);
        draft.put_contract(id, contract);
    } else {
        pay::miss_slots(draft, &mut contract);
        activate(draft, id, contract);
    }
}

/// A whole result ends the slots: the one that runs is not paid, for it is the seller who ends it.
fn post(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract, result: &Delivery) {
    contract.result = Some(result.clone());
    let Contract { buyer, seller, state, .. } = contract;
    let Delivery { digest, extent, .. } = *result;
    draft.emit(Event::ResultPosted { contract: id, buyer, seller, digest, extent });
    match (state, extent) {
        (state, Extent::Partial) if is_active(state) => draft.put_contract(id, contract),
        (state, Extent::Whole) if is_active(state) => {
            pay::passed_slots(draft, id, &mut contract);
            pay::free_slots_ahead(draft, &contract);
            begin_sign_off(draft, id, contract);
        }
        _ => begin_sign_off(draft, id, contract),
    }
}

fn accept(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract) {
    pay::held_back(draft, id, &mut contract);
    close(draft, id, contract, ContractClosed::Accepted);
}

fn reject(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract) {
    let due = draft.context().parent_time.after(contract.terms.dispute_span);
    enter(draft, id, &mut contract, ContractState::Disputed, due);
    draft.put_contract(id, contract);
}

/// The slot that runs is paid, for it is the buyer who ends it.
fn end_early(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract) {
    pay::running_slot(draft, id, &mut contract);
    end_slots(draft, id, contract);
}

/// No slots count that would end after the notice: their price returns to the buyer.
fn reclaim(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract, notice: Millis) {
    let ends = draft.context().parent_time.after(notice).min(contract.window.end);
    pay::end_slots_at(draft, &mut contract, ends);
    contract.state = ContractState::Reclaiming;
    wait_for_slot(draft, id, &mut contract);
    moved(draft, id, &contract);
    draft.put_contract(id, contract);
}

/// The buyer pays the booking share before the slots began, and afterwards what they cost so far, the one
/// that runs and what was held back included. The seller is paid for the slots that are over, and leaves
/// what was held back.
fn abort(draft: &mut Draft<'_>, party: Party, id: ObjectId, mut contract: Contract) {
    let active = is_active(contract.state);
    match party {
        Party::Buyer if active => {
            pay::running_slot(draft, id, &mut contract);
            pay::held_back(draft, id, &mut contract);
        }
        Party::Buyer => pay::booking_share(draft, id, &mut contract),
        Party::Seller if active => pay::passed_slots(draft, id, &mut contract),
        Party::Seller => {}
    }
    let reason = match party {
        Party::Buyer => ContractClosed::AbortedByBuyer,
        Party::Seller => ContractClosed::AbortedBySeller,
    };
    close(draft, id, contract, reason);
}
