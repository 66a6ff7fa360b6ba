//! What the parties of a contract do in it, each in its turn, and what it costs to leave.
//!
//! Refusals come in one order for all acts: who may do it, in which state, and until when.

use chain::account::AccountId;
use chain::contract::{
    Contract, ContractAct, ContractClosed, ContractState, Delivery, Extent, OutOfTurn, Party,
    Staged, Verdict,
};
use chain::event::Event;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::sealed::Sealed;

use super::{activate, begin_sign_off, close, end_slots, enter, moved, pay, wait_for_slot, within};
use crate::draft::Draft;
use crate::rejection::Rejection;

/// Applies what `sender` does in a contract.
pub(super) fn apply(
    draft: &mut Draft<'_>,
    sender: AccountId,
    id: ObjectId,
    contract: Contract,
    act: &ContractAct,
) -> Result<(), Rejection> {
    // What the running duty leads to has not begun where its time has passed and its timer is late, because too
    // many were due: that does not make room for anybody.
    let turn = contract.check_turn(sender, act.kind(), draft.context().parent_time);
    let party = turn.map_err(rejection)?;

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
        ContractAct::ReclaimStart => reclaim(draft, id, contract),
    }
    Ok(())
}

/// The code of a refusal.
const fn rejection(refused: OutOfTurn) -> Rejection {
    match refused {
        OutOfTurn::NotParty => Rejection::NotParty,
        OutOfTurn::NotBuyer => Rejection::NotBuyer,
        OutOfTurn::NotSeller => Rejection::NotSeller,
        OutOfTurn::State => Rejection::ContractState,
        OutOfTurn::Firm => Rejection::NotInterruptible,
        OutOfTurn::Late => Rejection::ContractDuePassed,
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
        (state, Extent::Partial) if state.is_active() => draft.put_contract(id, contract),
        (state, Extent::Whole) if state.is_active() => {
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
fn reclaim(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract) {
    let notice = contract.kind.notice().expect("nothing of a firm contract is taken back");
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
    let active = contract.state.is_active();
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
