//! The money of a contract: what its slots cost, what is paid for them and when, and what is held back.
//!
//! Invariant: until a contract closes, its hold has the price of the slots that were paid and of those that
//! still can be, and has paid the price of the former less what is held back.

use chain::amount::Amount;
use chain::contract::Contract;
use chain::event::Event;
use chain::id::ObjectId;
use chain::time::{Millis, Time};

use crate::draft::Draft;
use crate::money;
use crate::rules::commission::{self, Kept};

/// How many slots a contract has: those that are whole by its end.
pub(super) fn slots(draft: &Draft<'_>, contract: &Contract) -> u64 {
    contract.slots(slot(draft, contract))
}

/// What `slots` slots of a contract cost.
pub(super) fn cost(contract: &Contract, slots: u64) -> Amount {
    contract.cost(slots).expect("a contract costs no more than its bid had set aside")
}

/// How many slots of a contract were over by the parent's time.
pub(super) fn slots_over(draft: &Draft<'_>, contract: &Contract) -> u64 {
    contract.slots_over(slot(draft, contract), draft.context().parent_time)
}

/// How many slots can still be paid.
pub(super) fn slots_ahead(draft: &Draft<'_>, contract: &Contract) -> u64 {
    let behind = contract.slots_missed.checked_add(contract.slots_paid);
    let ahead = behind.and_then(|behind| slots(draft, contract).checked_sub(behind));
    ahead.expect("no more slots are paid than there are")
}

/// When the slot after those that were paid or missed is over, or the slots end.
pub(super) fn end_of_next_slot(draft: &Draft<'_>, contract: &Contract) -> Time {
    let behind = contract.slots_missed.saturating_add(contract.slots_paid);
    let slot = slot(draft, contract);
    contract.window.start.after(slot.times(behind.saturating_add(1))).min(contract.ends)
}

/// Pays for the slots that are over by the parent's time.
pub(super) fn passed_slots(draft: &mut Draft<'_>, id: ObjectId, contract: &mut Contract) {
    let over = slots_over(draft, contract).checked_sub(contract.slots_missed);
    up_to(draft, id, contract, over.expect("what was missed is over"));
}

/// Pays for the slots that are over and for the one that runs.
pub(super) fn running_slot(draft: &mut Draft<'_>, id: ObjectId, contract: &mut Contract) {
    passed_slots(draft, id, contract);
    let with_running = contract.slots_paid.saturating_add(slots_ahead(draft, contract).min(1));
    up_to(draft, id, contract, with_running);
}

/// Pays what was held back of the slots that were paid.
pub(super) fn held_back(draft: &mut Draft<'_>, id: ObjectId, contract: &mut Contract) {
    pay(draft, id, contract, cost(contract, contract.slots_paid));
}

/// Pays the share of the whole price that a buyer owes who does not use what it booked.
pub(super) fn booking_share(draft: &mut Draft<'_>, id: ObjectId, contract: &mut Contract) {
    let share = contract.booking_share(slot(draft, contract));
    pay(draft, id, contract, share.expect("a share is within the whole"));
}

/// Frees the money of the slots that were over before the seller was ready, and counts them as missed.
pub(super) fn miss_slots(draft: &mut Draft<'_>, contract: &mut Contract) {
    contract.slots_missed = slots_over(draft, contract);
    money::shrink_hold(draft, contract.hold, cost(contract, contract.slots_missed));
}

/// Ends the slots earlier than they would, and frees the money of those that are left out.
pub(super) fn end_slots_at(draft: &mut Draft<'_>, contract: &mut Contract, ends: Time) {
    let before = slots(draft, contract);
    contract.ends = ends;
    let left_out = before.checked_sub(slots(draft, contract));
    let left_out = cost(contract, left_out.expect("slots never end later than they would"));
    money::shrink_hold(draft, contract.hold, left_out);
}

/// Frees the money of the slots that are not paid.
pub(super) fn free_slots_ahead(draft: &mut Draft<'_>, contract: &Contract) {
    let ahead = cost(contract, slots_ahead(draft, contract));
    money::shrink_hold(draft, contract.hold, ahead);
}

/// Pays for so many slots in all, less what is held back of them.
fn up_to(draft: &mut Draft<'_>, id: ObjectId, contract: &mut Contract, slots: u64) {
    if slots == contract.slots_paid {
        return;
    }
    contract.slots_paid = slots;
    let due = contract.progress(slots);
    pay(draft, id, contract, due.expect("no more is held back than there is"));
}

/// Pays the seller until it has got `cumulative` in all, and out of that the others who get parts of it.
fn pay(draft: &mut Draft<'_>, id: ObjectId, contract: &mut Contract, cumulative: Amount) {
    let amount = cumulative.checked_sub(contract.paid).expect("what was paid never falls");
    if amount.is_zero() {
        return;
    }
    let refunded = draft.view().hold(&contract.hold).expect("a contract has a hold").refunded;
    let kept =
        |paid: Amount| paid.checked_sub(refunded).expect("no more is refunded than was paid");
    let kept = Kept { before: kept(contract.paid), after: kept(cumulative) };
    let Contract { buyer, seller, slots_paid, .. } = *contract;
    money::capture_hold(draft, contract.hold, seller, amount);
    let commission = commission::take(draft, id, contract, kept);
    let proceeds = amount.checked_sub(commission).expect("commission is a part of what is paid");
    for share in contract.split.iter() {
        let part = proceeds.share(share.bps).expect("a share is within the whole");
        money::transfer(draft, seller, share.account, part);
    }
    contract.paid = cumulative;
    draft.emit(Event::ContractPaid { contract: id, buyer, seller, slots_paid, amount });
}

fn slot(draft: &Draft<'_>, contract: &Contract) -> Millis {
    let market = draft.view().market(contract.market);
    market.expect("a contract is made in a market, and none is removed").slot
}
