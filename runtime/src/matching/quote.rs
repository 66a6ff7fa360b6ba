//! What an order would get: the book as it stands, matched once with the order in it. Nobody keeps the result.
//!
//! It is what the next block does if nothing else is in it: orders that wait in mempools and the times at
//! which others end may still change it. The work is that of a match, and of an explanation where the
//! order gets nothing.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::hash::Hash;
use chain::height::Height;
use chain::id::ObjectId;
use chain::operation::OrderPlace;
use chain::order::{Order, Side};
use chain::quantity::{Price, Quantity};
use chain::time::Time;

use super::eligible::Cell;
use super::explain::{Explanation, Floor, explain};
use super::price;
use crate::rejection::Rejection;
use crate::rules::order;
use crate::state::View;

/// What an order would get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Its parts, pass by pass in the order of allocation.
    pub fills: Vec<QuotedFill>,
    /// What all parts cost together, in base units.
    pub total: Amount,
    /// What a bid sets aside when it is placed; nothing for an ask.
    pub hold: Amount,
    /// Why it gets nothing, where it does.
    pub why_not: Option<Explanation>,
}

/// A part of an order, and who is on its other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotedFill {
    /// The order on the other side.
    pub order: ObjectId,
    /// Its owner.
    pub owner: AccountId,
    /// Units in each slot of the bid's window.
    pub quantity: Quantity,
    /// For a unit and slot, in base units.
    pub price: Price,
    /// How many slots the bid's window has.
    pub slots: u64,
}

/// What `place` would get in the block after `now`, the time of the block before, if `owner` placed it. It
/// would come last among equals. Whether the owner has the money is not asked.
///
/// # Errors
/// The [`Rejection`] of an order that no account could place.
pub fn quote(
    view: &View<'_>,
    now: Time,
    owner: AccountId,
    place: &OrderPlace,
) -> Result<Quote, Rejection> {
    let market = view.market(place.market).ok_or(Rejection::MarketUnknown)?;
    let slots = order::check(market, place, now)?;
    order::check_source(view, owner, place)?;
    let hold = order::funds(place, slots).ok_or(Rejection::BalanceTooLow)?;
    // No hash of a real order is this.
    let id = ObjectId([u8::MAX; 32]);
    let last = (Height(u64::MAX), Hash([u8::MAX; 32]));
    let order = order::placed(owner, place, last);
    let fills = fills(&Floor::new(view, place.market, now, id), id, &order);
    let mut costs = fills.iter().map(|fill| Amount::cost(fill.price, fill.quantity, fill.slots));
    let total = costs.try_fold(Amount::ZERO, |sum, cost| sum.checked_add(cost?));
    let total = total.ok_or(Rejection::BalanceTooLow)?;
    let why_not = fills.is_empty().then(|| explain(view, now, id, &order));
    Ok(Quote { fills, total, hold, why_not })
}

fn fills(floor: &Floor<'_>, id: ObjectId, order: &Order) -> Vec<QuotedFill> {
    let mut fills = Vec::new();
    floor.matched(order, |book, allocation| {
        let prices = price::prices(book, allocation);
        for trade in &allocation.trades {
            let (bid, ask) = trade.orders(book);
            let (other, counterpart) = match order.side {
                Side::Bid(_) if bid.id == id => (ask.id, ask.order),
                Side::Ask(_) if ask.id == id => (bid.id, bid.order),
                Side::Bid(_) | Side::Ask(_) => continue,
            };
            let price = prices.get(&Cell::of(book, bid, ask)).expect("a cell that traded");
            let slots = bid.order.window.slots(book.market.slot).expect("whole slots");
            let (owner, quantity) = (counterpart.owner, trade.quantity);
            fills.push(QuotedFill { order: other, owner, quantity, price: *price, slots });
        }
    });
    fills
}

#[cfg(test)]
mod tests;
