//! Resale: the buyer of a contract that nobody has begun to carry out passes it on to somebody else.
//!
//! The contract stays as it is, with its price, its clock and its whole money set aside; only the buyer is
//! another. What the two of them agree on above or below its price goes from one to the other at once. So the
//! seller is paid what it sold for, whoever buys.

use chain::amount::Amount;
use chain::contract::{Contract, ContractState};
use chain::event::Event;
use chain::hold::{Hold, HoldClosed, Purpose};
use chain::id::ObjectId;
use chain::market::Market;
use chain::quantity::{Price, Quantity};
use chain::quote::{Quote, QuoteUse};

use super::{Conditions, note};
use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::rules::conditions;

/// Takes over contract `id` at `price`, as its buyer, the quote's maker, has signed.
pub(super) fn accept(
    draft: &mut Draft<'_>,
    step: &Step,
    quote: &Quote,
    (id, price): (ObjectId, Price),
    (quantity, conditions): (Quantity, &Conditions),
) -> Result<(), Rejection> {
    let contract = draft.view().contract(&id).ok_or(Rejection::ContractUnknown)?.clone();
    let market = draft.view().market(contract.market).expect("none is removed");
    check(draft, step, quote, &contract)?;
    check_terms(market, &contract, price, (quantity, conditions))?;
    conditions::check_buyer(draft, step.sender, conditions)?;
    let (total, other) = sums(market, &contract, price).ok_or(Rejection::BalanceTooLow)?;
    let premium = other.checked_sub(total).unwrap_or_default();
    let discount = total.checked_sub(other).unwrap_or_default();
    money::check_available(&money::account(draft, &step.sender), [total, premium])?;

    // From here on the contract is another's.
    let (maker, taker) = (quote.maker, step.sender);
    let used = QuoteUse { maker, quantity, used: quantity, until: quote.expires.min(contract.due) };
    note(draft, quote.id(), used);
    money::close_hold(draft, contract.hold, HoldClosed::Ended);
    let hold = draft.context().hold_of(step.object_id(draft.context().chain));
    let purpose = Purpose::Contract { contract: id };
    // Written before its hold, which belongs to it by name.
    let contract = Contract {
        buyer: taker,
        user: conditions.user,
        hold,
        buyer_endpoint: None,
        seller_endpoint: None,
        ..contract
    };
    let Contract { buyer, seller, state, due, .. } = contract;
    draft.put_contract(id, contract);
    money::open_hold(draft, hold, Hold::new(taker, purpose, total));
    money::transfer(draft, taker, maker, premium);
    money::transfer(draft, maker, taker, discount);
    draft.emit(Event::ContractMoved { contract: id, buyer, seller, state, due });
    let quote = quote.id();
    draft.emit(Event::QuoteAccepted {
        quote,
        contract: id,
        maker,
        taker,
        quantity,
        used: quantity,
    });
    Ok(())
}

/// Checks that the maker may pass the contract on, and to the sender.
fn check(
    draft: &Draft<'_>,
    step: &Step,
    quote: &Quote,
    contract: &Contract,
) -> Result<(), Rejection> {
    if contract.buyer != quote.maker {
        return Err(Rejection::NotBuyer);
    }
    if contract.seller == step.sender {
        return Err(Rejection::SelfTrade);
    }
    if !contract.parties.admit(step.sender) {
        return Err(Rejection::SellerDenies);
    }
    if contract.state != ContractState::Matched {
        return Err(Rejection::ContractState);
    }
    if draft.context().parent_time >= contract.due {
        return Err(Rejection::ContractDuePassed);
    }
    if draft.view().quote_use(&quote.id()).is_some() {
        return Err(Rejection::QuoteSpent);
    }
    Ok(())
}

fn check_terms(
    market: &Market,
    contract: &Contract,
    price: Price,
    (quantity, conditions): (Quantity, &Conditions),
) -> Result<(), Rejection> {
    if quantity != contract.quantity {
        return Err(Rejection::ResaleNotWhole);
    }
    if price.0 == 0 || price.0.checked_rem(market.tick.0) != Some(0) {
        return Err(Rejection::LimitNotOnTick);
    }
    if conditions.broker.is_some() {
        return Err(Rejection::ResaleBroker);
    }
    let Contract { kind, agreement, .. } = *contract;
    conditions::check_both(&Conditions { kind, agreement, ..Conditions::default() }, conditions)
}

/// What the contract costs, and what it would cost at `price`; `None` where that is no amount.
fn sums(market: &Market, contract: &Contract, price: Price) -> Option<(Amount, Amount)> {
    let slots = contract.window.slots(market.slot)?;
    Some((contract.cost(slots)?, Amount::cost(price, contract.quantity, slots)?))
}
