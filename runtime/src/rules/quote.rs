//! Quotes: one side signs a deal outside the chain, the other accepts it in a transaction, and it is a
//! contract at once. Nothing is matched.
//!
//! ```text
//! signed ─ accepted, in parts, until all of it is ─► forgotten, by a timer, once nobody could accept it
//! ```
//!
//! Invariant: over all who accept it, no more of a quote becomes contracts than it offers. What was accepted
//! of it stands in the state for as long as it could be accepted again.

mod resell;

use chain::agent::{Agent, Scope};
use chain::amount::Amount;
use chain::conditions::Conditions;
use chain::event::Event;
use chain::id::ObjectId;
use chain::parties::{Accounts, Parties};
use chain::quantity::Quantity;
use chain::quote::{Capacity, Offer, Quote, QuoteUse, SignedQuote};
use chain::time::Time;
use chain::timer::{Due, TimerKind};

use super::contract::{self, Deal};
use super::{agent, conditions, freeze, order};
use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::signing;

/// Accepts `quantity` units of a quote, whose signatures have been verified.
pub(crate) fn accept(
    draft: &mut Draft<'_>,
    step: &Step,
    signed: &SignedQuote,
    (quantity, conditions): (Quantity, &Conditions),
) -> Result<(), Rejection> {
    let quote = &signed.quote;
    let maker = check_word(draft, step, signed)?;
    let capacity = match quote.offer {
        Offer::Sell(capacity) | Offer::Buy(capacity) => capacity,
        Offer::Resell { contract, price } => {
            let resold = (contract, price);
            return resell::accept(draft, step, quote, resold, (quantity, conditions));
        }
    };
    let (cost, last) = check_capacity(draft, &capacity, quantity)?;
    let until = quote.expires.min(last);
    let accepted = taken(draft, quote, &capacity, until, quantity)?;
    let deal = deal(draft, step, quote, (&capacity, quantity), conditions)?;
    let maker_pays = deal.buyer == quote.maker;
    let agent = match maker.filter(|_| maker_pays) {
        Some(agent) => Some(agent::charged(agent, cost).ok_or(Rejection::AgentCapExceeded)?),
        None => None,
    };
    money::check_available(&money::account(draft, &deal.buyer), [cost])?;

    // From here on the quote is accepted.
    let id = quote.id();
    note(draft, id, accepted);
    if let Some(agent) = agent {
        draft.put_agent(Agent::id(agent.account, &agent.key), agent);
    }
    let contract = contract::open(draft, &deal);
    let (maker, taker, used) = (quote.maker, step.sender, accepted.used);
    draft.emit(Event::QuoteAccepted { quote: id, contract, maker, taker, quantity, used });
    Ok(())
}

/// Notes how much of a quote is accepted, until nobody can accept it any more.
fn note(draft: &mut Draft<'_>, id: ObjectId, quote_use: QuoteUse) {
    if draft.view().quote_use(&id).is_none() {
        draft.set_timer(Due::Time(quote_use.until), TimerKind::QuoteEnd, id);
    }
    draft.put_quote_use(id, quote_use);
}

/// Forgets how much of a quote was accepted; its timer has fired.
pub(crate) fn forget(draft: &mut Draft<'_>, id: ObjectId) {
    draft.remove_quote_use(id);
}

/// Checks that the quote is its maker's word, and meant for the sender now. Returns the agent that signed it,
/// where it is one.
fn check_word(
    draft: &Draft<'_>,
    step: &Step,
    signed: &SignedQuote,
) -> Result<Option<Agent>, Rejection> {
    let (quote, now) = (&signed.quote, draft.context().parent_time);
    if quote.chain != draft.context().chain {
        return Err(Rejection::QuoteChainMismatch);
    }
    let agent = signer(draft, signed, now).ok_or(Rejection::QuoteNotSigned)?;
    if agent.is_some_and(|agent| !agent.scopes.contains(Scope::Trade)) {
        return Err(Rejection::AgentOutOfScope);
    }
    if quote.maker == step.sender {
        return Err(Rejection::SelfTrade);
    }
    if quote.taker.is_some_and(|taker| taker != step.sender) {
        return Err(Rejection::NotQuoted);
    }
    if quote.expires <= now {
        return Err(Rejection::QuoteEnded);
    }
    freeze::check_status(&money::account(draft, &quote.maker))?;
    Ok(agent)
}

/// Who signed for the maker: itself, or an agent whose time is not over. None where neither did.
fn signer(draft: &Draft<'_>, signed: &SignedQuote, now: Time) -> Option<Option<Agent>> {
    let maker = signed.quote.maker;
    let account = draft.view().account(&maker)?;
    let agent = signing::check(&draft.view(), maker, &account, &signed.witnesses).ok()?;
    agent.is_none_or(|agent| agent.expires > now).then_some(agent)
}

/// Checks what is quoted by the rules of orders. Returns what so many units of it cost, and the last point at
/// which they can be traded.
fn check_capacity(
    draft: &Draft<'_>,
    capacity: &Capacity,
    quantity: Quantity,
) -> Result<(Amount, Time), Rejection> {
    let market = draft.view().market(capacity.market).ok_or(Rejection::MarketUnknown)?;
    order::check_open(market)?;
    order::check_quantity(market, quantity, capacity.price)?;
    let last = order::bids_until(market, capacity.window);
    let slots = order::check_slots(market, capacity.window, last, draft.context().parent_time)?;
    if !market.has(capacity.grade) {
        return Err(Rejection::GradeUnknown);
    }
    // What no amount can say, no account has.
    let cost = Amount::cost(capacity.price, quantity, slots).ok_or(Rejection::BalanceTooLow)?;
    Ok((cost, last))
}

/// What is accepted of a quote with `quantity` units more.
fn taken(
    draft: &Draft<'_>,
    quote: &Quote,
    capacity: &Capacity,
    until: Time,
    quantity: Quantity,
) -> Result<QuoteUse, Rejection> {
    let before = draft.view().quote_use(&quote.id()).map(|before| before.used);
    let used = before.unwrap_or(Quantity::ZERO).checked_add(quantity);
    let used = used.filter(|used| *used <= capacity.quantity).ok_or(Rejection::QuoteSpent)?;
    Ok(QuoteUse { maker: quote.maker, quantity: capacity.quantity, used, until })
}

/// Who buys what from whom, which both accept. The quote stands for its maker's order, the step that accepts it for the other.
fn deal(
    draft: &Draft<'_>,
    step: &Step,
    quote: &Quote,
    (capacity, quantity): (&Capacity, Quantity),
    conditions: &Conditions,
) -> Result<Deal, Rejection> {
    let Capacity { market, window, price, .. } = *capacity;
    let made = (quote.maker, quote.id(), &quote.conditions);
    let taken = (step.sender, step.object_id(draft.context().chain), conditions);
    let ((seller, ask, sold), (buyer, bid, bought)) = match quote.offer {
        Offer::Buy(_) => (taken, made),
        Offer::Sell(_) | Offer::Resell { .. } => (made, taken),
    };
    conditions::check_both(sold, bought)?;
    conditions::check_buyer(draft, buyer, bought)?;
    conditions::check_seller(draft, seller, sold)?;
    // Whoever sells to one account alone sells to nobody else.
    let only = quote.taker.filter(|_| seller == quote.maker).into_iter().collect();
    let only = Accounts::new(only).expect("one account at most");
    let parties = Parties { only, ..Parties::default() };
    let (sold, bought) = (sold.clone(), bought.clone());
    // What is quoted is its maker's or taker's own capacity.
    let (pass, host) = (None, None);
    Ok(Deal {
        market,
        bid,
        ask,
        buyer,
        seller,
        window,
        quantity,
        price,
        pass,
        host,
        sold,
        bought,
        parties,
    })
}

#[cfg(test)]
mod tests;
