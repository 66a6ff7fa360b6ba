//! Contracts: made by the match, carried out step by step by their parties, ended by themselves.
//!
//! ```text
//! state     begins when                         until                          and if nothing is done
//! Matched   a match makes the contract          start, match + stage grace     closed: BuyerLate
//! Staging   the buyer has staged                start or staged + ready grace  closed: NoShow
//! Ready     the seller was ready early          start                          Active
//! Active    start has come, the seller is ready end of the next slot           paid; after the last Ended
//! Reclaiming the seller has given notice       the same, or the notice's end   the same
//! Ended     the slots are over                  then + result grace            SignOff, or closed: NoResult
//! SignOff   a result stands                     then + sign-off grace          closed: Silence
//! Disputed  the buyer has rejected it           then + dispute span            closed: Rejected
//! ```
//!
//! A contract owns its hold, which has the whole price from the beginning. Payment is by slots that have
//! passed in all, so one that comes late makes up for all that were missed. Of every slot's price a share is
//! held back: the seller gets it when the contract closes as accepted, the buyer otherwise. Who leaves before
//! the end bears the slot that runs.
//!
//! Invariant: a contract has exactly one deadline, `due`, and it stands in the queue of timers. Every state
//! but the first begins with a clock of its own, so every contract closes, and what its hold did not pay
//! returns. What the params say is read once, when it is made.

mod acts;
mod pay;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::conditions::{Brokers, Conditions};
use chain::contract::{Contract, ContractAct, ContractClosed, ContractState};
use chain::event::Event;
use chain::hold::{Hold, HoldClosed, Purpose};
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::order::Pass;
use chain::parties::Parties;
use chain::quantity::{Price, Quantity};
use chain::time::{Time, Window};
use chain::timer::{Due, TimerKind};

use super::pool;
use crate::context::{BlockContext, Step};
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;

/// What a bid and an ask have agreed on.
#[derive(Clone, Debug)]
pub(crate) struct Deal {
    pub(crate) market: MarketId,
    pub(crate) bid: ObjectId,
    pub(crate) ask: ObjectId,
    pub(crate) buyer: AccountId,
    pub(crate) seller: AccountId,
    pub(crate) window: Window,
    pub(crate) quantity: Quantity,
    pub(crate) price: Price,
    /// The pass of the match that found it, or none: part of the contract's name.
    pub(crate) pass: Option<Pass>,
    /// The host whose pool the ask sells out of.
    pub(crate) host: Option<ObjectId>,
    /// On which conditions the seller sells, and the buyer buys.
    pub(crate) sold: Conditions,
    pub(crate) bought: Conditions,
    /// To whom the seller sells.
    pub(crate) parties: Parties,
}

/// The name of the contract that comes of a bid and an ask in the block of `context`.
pub(crate) fn id(
    context: &BlockContext,
    (bid, ask): (ObjectId, ObjectId),
    pass: Option<Pass>,
) -> ObjectId {
    let pass = pass.map_or(0, Pass::number);
    ObjectId::of_runtime(context.chain, bid, ask, context.height, pass)
}

/// Makes a contract of a deal and sets its whole price aside, which the buyer has available. Returns its name.
pub(crate) fn open(draft: &mut Draft<'_>, deal: &Deal) -> ObjectId {
    let context = *draft.context();
    let Deal { market, bid, ask, buyer, seller, window, quantity, price, pass, host, .. } = *deal;
    let (sold, bought) = (&deal.sold, &deal.bought);
    let id = id(&context, (bid, ask), pass);
    let hold = context.hold_of(id);
    let terms = draft.params().contracts;
    let stage_by = context.parent_time.after(terms.stage_grace);
    let contract = Contract {
        buyer,
        seller,
        market,
        bid,
        ask,
        quantity,
        window,
        price,
        hold,
        state: ContractState::Matched,
        due: within(window, stage_by),
        slots_missed: 0,
        slots_paid: 0,
        paid: Amount::ZERO,
        buyer_endpoint: None,
        seller_endpoint: None,
        staged: None,
        fingerprint: None,
        result: None,
        terms,
        kind: sold.kind,
        ends: window.end,
        host,
        split: sold.split.clone(),
        parties: deal.parties.clone(),
        agreement: sold.agreement,
        brokers: Brokers { buyer: bought.broker, seller: sold.broker },
        user: bought.user,
    };
    let total = pay::cost(&contract, pay::slots(draft, &contract));
    money::open_hold(draft, hold, Hold::new(buyer, Purpose::Contract { contract: id }, total));
    draft.set_timer(Due::Time(contract.due), TimerKind::ContractDue, id);
    pool::sell(draft, &contract);
    draft.put_contract(id, contract);
    draft.emit(Event::Matched {
        contract: id,
        hold,
        market,
        bid,
        ask,
        buyer,
        seller,
        window,
        quantity,
        price,
        total,
        pass,
    });
    id
}

/// The timer of a contract has fired: pays what passed, or does what follows when nobody acts.
pub(crate) fn fall_due(draft: &mut Draft<'_>, id: ObjectId) {
    let contract = draft.view().contract(&id).expect("a contract with a timer is not over");
    let mut contract = contract.clone();
    match contract.state {
        ContractState::Matched => {
            pay::booking_share(draft, id, &mut contract);
            close(draft, id, contract, ContractClosed::BuyerLate);
        }
        ContractState::Staging => close(draft, id, contract, ContractClosed::NoShow),
        ContractState::Ready => activate(draft, id, contract),
        ContractState::Active | ContractState::Reclaiming => {
            pay::passed_slots(draft, id, &mut contract);
            if draft.context().parent_time >= contract.ends {
                end_slots(draft, id, contract);
            } else {
                wait_for_slot(draft, id, &mut contract);
                draft.put_contract(id, contract);
            }
        }
        ContractState::Ended if contract.result.is_some() => begin_sign_off(draft, id, contract),
        ContractState::Ended => close(draft, id, contract, ContractClosed::NoResult),
        ContractState::SignOff => {
            pay::held_back(draft, id, &mut contract);
            close(draft, id, contract, ContractClosed::Silence);
        }
        ContractState::Disputed => close(draft, id, contract, ContractClosed::Rejected),
        ContractState::Closed(_) => unreachable!("what is closed is no part of the state"),
    }
}

/// A party does its part.
pub(crate) fn apply(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
    act: &ContractAct,
) -> Result<(), Rejection> {
    let contract = draft.view().contract(&id).ok_or(Rejection::ContractUnknown)?.clone();
    acts::apply(draft, step.sender, id, contract, act)
}

/// `point`, but neither before the window begins nor after it is over.
fn within(window: Window, point: Time) -> Time {
    point.max(window.start).min(window.end)
}

/// The slots begin to count: those that are over are lost to the seller.
fn activate(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract) {
    contract.state = ContractState::Active;
    wait_for_slot(draft, id, &mut contract);
    moved(draft, id, &contract);
    draft.put_contract(id, contract);
}

/// No more slots count: those that were not paid return to the buyer, and the result is due.
fn end_slots(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract) {
    pay::free_slots_ahead(draft, &contract);
    let due = draft.context().parent_time.after(contract.terms.result_grace);
    enter(draft, id, &mut contract, ContractState::Ended, due);
    draft.put_contract(id, contract);
}

/// The result stands: it is the buyer's turn.
fn begin_sign_off(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract) {
    let due = draft.context().parent_time.after(contract.terms.sign_off_grace);
    enter(draft, id, &mut contract, ContractState::SignOff, due);
    draft.put_contract(id, contract);
}

/// Another state begins, and its clock. Writing the contract is left to the caller.
fn enter(
    draft: &mut Draft<'_>,
    id: ObjectId,
    contract: &mut Contract,
    state: ContractState,
    due: Time,
) {
    give_back(draft, contract, state);
    contract.state = state;
    reset_clock(draft, id, contract, due);
    moved(draft, id, contract);
}

/// What the contract was sold out of has it again once no slot of it can pass any more.
fn give_back(draft: &mut Draft<'_>, contract: &Contract, next: ContractState) {
    if contract.state.occupies() && !next.occupies() {
        pool::give_back(draft, contract);
    }
}

/// The clock of an active contract: its next slot. Writing the contract is left to the caller.
fn wait_for_slot(draft: &mut Draft<'_>, id: ObjectId, contract: &mut Contract) {
    let due = pay::end_of_next_slot(draft, contract);
    reset_clock(draft, id, contract, due);
}

fn reset_clock(draft: &mut Draft<'_>, id: ObjectId, contract: &mut Contract, due: Time) {
    draft.clear_timer(Due::Time(contract.due), TimerKind::ContractDue, id);
    draft.set_timer(Due::Time(due), TimerKind::ContractDue, id);
    contract.due = due;
}

fn moved(draft: &mut Draft<'_>, id: ObjectId, contract: &Contract) {
    let Contract { buyer, seller, state, due, .. } = *contract;
    draft.emit(Event::ContractMoved { contract: id, buyer, seller, state, due });
}

/// The contract is over: what its hold has not paid returns.
fn close(draft: &mut Draft<'_>, id: ObjectId, mut contract: Contract, reason: ContractClosed) {
    draft.clear_timer(Due::Time(contract.due), TimerKind::ContractDue, id);
    money::close_hold(draft, contract.hold, HoldClosed::Ended);
    give_back(draft, &contract, ContractState::Closed(reason));
    let Contract { buyer, seller, paid, .. } = contract;
    contract.state = ContractState::Closed(reason);
    draft.end_contract(id, contract);
    draft.emit(Event::ContractClosed { contract: id, buyer, seller, paid, reason });
}

#[cfg(test)]
pub(crate) mod tests;
