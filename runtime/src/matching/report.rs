//! What a match reports of its cells, trades and orders that end; what it does to holds is reported where it
//! is done.

use std::collections::BTreeMap;

use chain::amount::Amount;
use chain::event::Event;
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::order::{Order, Pass, Side, Sold};
use chain::quantity::{Price, Quantity};
use chain::state::Object;

use super::{CellName, Cleared, ClearedCell, Fill, total};
use crate::context::BlockContext;
use crate::rules::contract;
use crate::state::View;

/// A cell cleared.
pub(super) fn cell_cleared(
    id: MarketId,
    (pass, name): (Pass, &CellName),
    price: Price,
    fills: &[Fill],
) -> Event {
    let CellName { window, grade, parties, predicates, bidder, sellers, kind, agreement } = *name;
    let quantity = total(fills);
    Event::CellCleared {
        market: id,
        window,
        grade,
        parties,
        bidder,
        sellers,
        price,
        quantity,
        kind,
        predicates,
        pass,
        agreement,
    }
}

/// What is reported of a match that was decided on `view` and whose effects are not written.
pub(super) fn events(
    view: View<'_>,
    context: &BlockContext,
    (id, market): (MarketId, &Market),
    cleared: &Cleared,
) -> Vec<Event> {
    let order = |id: &ObjectId| view.order(id).expect("only open orders trade and end");
    let mut events = Vec::new();
    let mut filled: BTreeMap<ObjectId, Quantity> = BTreeMap::new();
    for ClearedCell { pass, name, price, fills } in &cleared.cells {
        events.push(cell_cleared(id, (*pass, name), *price, fills));
        for fill in fills {
            let bid = order(&fill.bid);
            let sum = filled.entry(fill.bid).or_insert(bid.filled);
            *sum = sum.checked_add(fill.quantity).expect("a bid gets no more than it asks for");
            let seller = order(&fill.ask).owner;
            let slots = bid.window.slots(market.slot);
            let total = slots.and_then(|slots| Amount::cost(*price, fill.quantity, slots));
            let contract = contract::id(context, (fill.bid, fill.ask), Some(*pass));
            events.push(Event::Matched {
                contract,
                hold: context.hold_of(contract),
                market: id,
                bid: fill.bid,
                ask: fill.ask,
                buyer: bid.owner,
                seller,
                window: bid.window,
                quantity: fill.quantity,
                price: *price,
                total: total.expect("a bid was placed with an amount that covers all of it"),
                pass: Some(*pass),
            });
        }
    }
    let sold: BTreeMap<_, _> =
        cleared.sold.iter().map(|(id, sold)| (*id, sold.as_slice())).collect();
    for (id, reason) in &cleared.closed {
        let last = last_form(order(id), filled.get(id), sold.get(id).copied());
        let (owner, filled, market) = (last.owner, last.filled, last.market);
        let last = Object::Order(Box::new(last)).digest();
        events.push(Event::OrderClosed {
            order: *id,
            owner,
            filled,
            reason: *reason,
            market,
            last,
        });
    }
    events
}

/// An order after the match: with what a bid has filled by now, or an ask sold, where that is something new.
fn last_form(order: &Order, filled: Option<&Quantity>, sold: Option<&[Sold]>) -> Order {
    let mut last = order.clone();
    match order.side {
        Side::Bid(_) => last.filled = filled.copied().unwrap_or(order.filled),
        Side::Ask(_) => last.sold = sold.map_or_else(|| order.sold.clone(), <[Sold]>::to_vec),
    }
    last
}
