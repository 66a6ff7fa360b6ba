//! The open orders of a market by the worst price they trade at: a match begins at the best of them and
//! looks no further than where bids and asks no longer meet. Those that cross and whose windows keep them from
//! meeting anyone are left out unread.

use std::collections::{BTreeMap, BTreeSet};

use chain::id::ObjectId;
use chain::market::MarketId;
use chain::order::{Order, Side, TimeInForce};
use chain::quantity::Price;
use chain::time::Window;

use super::{Changes, View};
use crate::meeting::{Terms, meeting};

/// An order's reach, and its name.
type Place = (Price, ObjectId);

/// The open orders of one market, with their windows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Levels {
    bids: BTreeMap<Place, Window>,
    asks: BTreeMap<Place, Window>,
}

/// An order of the levels: it may have changed since they were noted, or be open no more.
#[derive(Clone, Copy, Debug)]
struct Noted {
    id: ObjectId,
    terms: Terms,
}

impl Noted {
    fn of((&(reach, id), &window): (&Place, &Window)) -> Self {
        Self { id, terms: Terms { window, reach } }
    }
}

impl Levels {
    /// Notes that `order` is open.
    pub(super) fn insert(&mut self, id: ObjectId, order: &Order) {
        self.side_of(order).insert((order.reach(), id), order.window);
    }

    /// Notes that `order` is open no more, or changes.
    pub(super) fn remove(&mut self, id: ObjectId, order: &Order) {
        self.side_of(order).remove(&(order.reach(), id));
    }

    /// True when `order` is noted as it is.
    fn holds(&self, id: ObjectId, order: &Order) -> bool {
        let side = if is_bid(order) { &self.bids } else { &self.asks };
        side.get(&(order.reach(), id)) == Some(&order.window)
    }

    /// The bids, those first that reach the highest.
    fn bids(&self) -> impl Iterator<Item = Noted> {
        self.bids.iter().rev().map(Noted::of)
    }

    /// The asks, those first that reach the lowest.
    fn asks(&self) -> impl Iterator<Item = Noted> {
        self.asks.iter().map(Noted::of)
    }

    /// True when no order is open.
    pub(super) fn is_empty(&self) -> bool {
        self.bids.is_empty() && self.asks.is_empty()
    }

    fn side_of(&mut self, order: &Order) -> &mut BTreeMap<Place, Window> {
        if is_bid(order) { &mut self.bids } else { &mut self.asks }
    }
}

/// An open order.
type Open<'a> = (ObjectId, &'a Order);

impl<'a> View<'a> {
    /// The open orders of `market` that a match is about: of those that are `live`, the bids and asks that
    /// meet one of the other side, and whatever is to trade at once.
    pub(crate) fn meeting(&self, market: MarketId, live: impl Fn(&Order) -> bool) -> Vec<Open<'a>> {
        let none = Levels::default();
        let levels = self.state.levels.get(&market).unwrap_or(&none);
        let open = |id| {
            let order = self.order(&id).filter(|order| order.market == market && live(order));
            order.map(|order| (id, order))
        };
        let listed = |noted: Noted| open(noted.id).filter(|(id, order)| levels.holds(*id, order));
        let written = self.layers().flat_map(Changes::orders);
        let written = written.filter(|(_, order)| order.is_some_and(|it| it.market == market));
        let written: BTreeSet<ObjectId> = written.map(|(id, _)| id).collect();
        let moved = written.into_iter().filter_map(open);
        let (moved_bids, moved_asks): (Vec<_>, Vec<_>) = moved
            .filter(|(id, order)| !levels.holds(*id, order))
            .partition(|(_, order)| is_bid(order));

        let best = levels.bids().find_map(listed).map(|(_, bid)| bid.reach());
        let highest = reaches(&moved_bids).chain(best).max();
        let best = levels.asks().find_map(listed).map(|(_, ask)| ask.reach());
        let lowest = reaches(&moved_asks).chain(best).min();
        let crosses = |noted: &Noted| lowest.is_some_and(|lowest| noted.terms.reach >= lowest);
        let bids: Vec<Noted> = levels.bids().take_while(crosses).collect();
        let crosses = |noted: &Noted| highest.is_some_and(|highest| noted.terms.reach <= highest);
        let asks: Vec<Noted> = levels.asks().take_while(crosses).collect();
        // Some of the noted may be gone, so that fewer meet than seems; but none that does not seem to.
        let (bids, asks) = seeming(bids, asks, (&moved_bids, &moved_asks));
        let listed = |noted: Vec<Noted>| noted.into_iter().filter_map(listed);
        let bids = listed(bids).chain(moved_bids).collect();
        let asks = listed(asks).chain(moved_asks).collect();
        let (mut bids, asks) = among(bids, asks);
        bids.extend(asks);
        bids
    }
}

/// The noted orders that seem to meet one of the other side, noted or moved.
fn seeming(
    bids: Vec<Noted>,
    asks: Vec<Noted>,
    (moved_bids, moved_asks): (&[Open<'_>], &[Open<'_>]),
) -> (Vec<Noted>, Vec<Noted>) {
    let all = |noted: &[Noted], moved: &[Open<'_>]| -> Vec<Terms> {
        let moved = moved.iter().map(|(_, order)| terms(order));
        noted.iter().map(|noted| noted.terms).chain(moved).collect()
    };
    let (met, meet) = meeting(&all(&bids, moved_bids), &all(&asks, moved_asks));
    let those = |noted: Vec<Noted>, met: Vec<bool>| {
        let met = noted.into_iter().zip(met).filter(|(_, met)| *met);
        met.map(|(noted, _)| noted).collect()
    };
    (those(bids, met), those(asks, meet))
}

/// Of these bids and asks, those that meet one of the other side, and those that end with the match.
fn among<'a>(bids: Vec<Open<'a>>, asks: Vec<Open<'a>>) -> (Vec<Open<'a>>, Vec<Open<'a>>) {
    let all = |open: &[Open<'_>]| open.iter().map(|(_, order)| terms(order)).collect::<Vec<_>>();
    let (met, meet) = meeting(&all(&bids), &all(&asks));
    let those = |open: Vec<Open<'a>>, met: Vec<bool>| {
        let counts = open.into_iter().zip(met).filter(|((_, order), met)| *met || at_once(order));
        counts.map(|(open, _)| open).collect()
    };
    (those(bids, met), those(asks, meet))
}

fn reaches(open: &[Open<'_>]) -> impl Iterator<Item = Price> {
    open.iter().map(|(_, order)| order.reach())
}

fn terms(order: &Order) -> Terms {
    Terms { window: order.window, reach: order.reach() }
}

fn at_once(order: &Order) -> bool {
    matches!(order.time_in_force, TimeInForce::ImmediateOrCancel)
}

const fn is_bid(order: &Order) -> bool {
    matches!(order.side, Side::Bid(_))
}

#[cfg(test)]
mod tests;
