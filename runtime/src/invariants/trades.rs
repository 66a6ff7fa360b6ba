//! What orders say they traded, against the contracts that came of it. At which price says nothing: the
//! limit may have been another when they traded.

use std::collections::BTreeMap;

use chain::contract::Contract;
use chain::id::ObjectId;
use chain::order::{Order, Side, Sold};
use chain::quote::QuoteUse;
use chain::state::{Key, Object};
use chain::time::{Time, Window};

use crate::invariants::Violation;
use crate::state::State;

pub(super) fn check(state: &State) -> Result<(), Violation> {
    let mut of_bids: BTreeMap<ObjectId, Vec<&Contract>> = BTreeMap::new();
    let mut of_asks: BTreeMap<ObjectId, Vec<&Contract>> = BTreeMap::new();
    for (_, object) in state.iter() {
        if let Object::Contract(contract) = object {
            of_bids.entry(contract.bid).or_default().push(contract);
            of_asks.entry(contract.ask).or_default().push(contract);
        }
    }
    for (key, object) in state.iter() {
        if let (Key::QuoteUse(id), Object::QuoteUse(quote)) = (key, object) {
            let contracts = of_bids.get(id).into_iter().chain(of_asks.get(id)).flatten();
            if !is_used_by(quote, contracts.copied()) {
                return Err(Violation::Quote(*id));
            }
        }
        let (Key::Order(id), Object::Order(order)) = (key, object) else { continue };
        let sound = match order.side {
            Side::Bid(_) => is_filled_by(order, of_bids.get(id).map_or(&[], Vec::as_slice)),
            Side::Ask(_) => has_sold(order, of_asks.get(id).map_or(&[], Vec::as_slice)),
        };
        if !sound {
            return Err(Violation::Trades(*id));
        }
    }
    Ok(())
}

/// True when the contracts of an open bid take no more than is filled of it: some of them may be over.
fn is_filled_by(bid: &Order, contracts: &[&Contract]) -> bool {
    let fits = |it: &&Contract| it.window == bid.window;
    units(contracts.iter().copied()) <= u128::from(bid.filled.0) && contracts.iter().all(fits)
}

/// True when the contracts of a quote take no more than was accepted of it, and that is no more than it offers.
fn is_used_by<'a>(quote: &QuoteUse, contracts: impl Iterator<Item = &'a Contract>) -> bool {
    let QuoteUse { quantity, used, .. } = *quote;
    !used.is_zero() && used <= quantity && units(contracts) <= u128::from(used.0)
}

/// True when an open ask counts as sold all that its contracts take of it, at every point in time.
fn has_sold(ask: &Order, contracts: &[&Contract]) -> bool {
    let starts = contracts.iter().map(|it| it.window.start);
    let mut points = starts.chain(ask.sold.iter().map(|it| it.window.end));
    let fits = |it: &&Contract| ask.window.contains(it.window);
    contracts.iter().all(fits)
        && points.all(|point| {
            let taking = contracts.iter().copied().filter(|it| covers(it.window, point));
            units(taking) <= sold_at(ask, point)
        })
}

fn sold_at(ask: &Order, point: Time) -> u128 {
    let sold = ask.sold.iter().filter(|sold| covers(sold.window, point));
    sold.map(|Sold { quantity, .. }| u128::from(quantity.0)).sum()
}

fn units<'a>(contracts: impl Iterator<Item = &'a Contract>) -> u128 {
    contracts.map(|contract| u128::from(contract.quantity.0)).sum()
}

fn covers(window: Window, point: Time) -> bool {
    window.start <= point && point < window.end
}
