//! Contracts: made by the match, paid slot by slot, ended by themselves.
//!
//! ```text
//! opened by a match ─ a slot of its window passes: paid ─► ... ─ the last has passed ─► ended
//! ```
//!
//! A contract owns its hold, which has the whole price from the beginning. Payment is by slots that have
//! passed in all, so one that comes late makes up for all that were missed.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::contract::Contract;
use chain::event::Event;
use chain::hold::{Hold, HoldClosed, Purpose};
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::quantity::{Price, Quantity};
use chain::time::{Time, Window};
use chain::timer::{Due, TimerKind};

use crate::draft::Draft;
use crate::money;

/// The pass of the match that makes contracts, part of their names.
const PASS: u8 = 1;

/// What a bid and an ask have agreed on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deal {
    pub(crate) market: MarketId,
    pub(crate) bid: ObjectId,
    pub(crate) ask: ObjectId,
    pub(crate) buyer: AccountId,
    pub(crate) seller: AccountId,
    pub(crate) window: Window,
    pub(crate) quantity: Quantity,
    pub(crate) price: Price,
}

/// Makes a contract of a deal and sets its whole price aside, which the buyer has available.
pub(crate) fn open(draft: &mut Draft<'_>, deal: &Deal) {
    let context = *draft.context();
    let Deal { market, bid, ask, buyer, seller, window, quantity, price } = *deal;
    let id = ObjectId::of_runtime(context.chain, bid, ask, context.height, PASS);
    let hold = context.hold_of(id);
    let contract =
        Contract { buyer, seller, market, bid, ask, quantity, window, price, hold, slots_paid: 0 };
    let slot = of_market(draft, market);
    let total = cost(&contract, slots(&contract, slot));
    let purpose = Purpose::Contract { contract: id };
    let terms = Hold::new(buyer, purpose, total);
    money::open_hold(draft, hold, terms);
    draft.set_timer(Due::Time(end_of_slot(&contract, slot, 1)), TimerKind::ContractPay, id);
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
    });
}

/// Pays for the slots that have passed by the parent block's time, at least one since the last payment;
/// the contract's timer has fired. Ends the contract after the last.
pub(crate) fn pay(draft: &mut Draft<'_>, id: ObjectId) {
    let mut contract = draft.view().contract(&id).expect("a contract with a timer has not ended");
    let market = of_market(draft, contract.market);
    let slots = slots(&contract, market);
    let passed = draft.context().parent_time.since(contract.window.start);
    let passed = passed.0.checked_div(market.slot.0).expect("a slot is longer than nothing");
    let passed = passed.min(slots);
    let due = passed.checked_sub(contract.slots_paid).filter(|due| *due > 0);
    let amount = cost(&contract, due.expect("a timer is due when one more slot has passed"));

    contract.slots_paid = passed;
    let Contract { hold, seller, slots_paid, .. } = contract;
    money::capture_hold(draft, hold, seller, amount);
    draft.emit(Event::ContractPaid { contract: id, seller, slots_paid, amount });
    if slots_paid < slots {
        let next = end_of_slot(&contract, market, slots_paid.saturating_add(1));
        draft.put_contract(id, contract);
        draft.set_timer(Due::Time(next), TimerKind::ContractPay, id);
    } else {
        money::close_hold(draft, hold, HoldClosed::Ended);
        draft.end_contract(id, contract);
        draft.emit(Event::ContractEnded { contract: id, paid: cost(&contract, slots) });
    }
}

fn of_market<'a>(draft: &Draft<'a>, market: MarketId) -> &'a Market {
    draft.parent().market(market).expect("a contract is made in a market, and none is removed")
}

fn slots(contract: &Contract, market: &Market) -> u64 {
    contract.window.slots(market.slot).expect("an order has a window of whole slots")
}

/// What `slots` slots of the contract cost.
fn cost(contract: &Contract, slots: u64) -> Amount {
    let cost = Amount::cost(contract.price, contract.quantity, slots);
    cost.expect("a contract costs no more than its bid had set aside")
}

/// Where slot number `slot` of the contract, counted from 1, ends.
fn end_of_slot(contract: &Contract, market: &Market, slot: u64) -> Time {
    contract.window.start.after(market.slot.times(slot))
}
