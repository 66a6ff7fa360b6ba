//! The open orders of a market by the worst price they trade at: a match begins at the best of them and
//! looks no further than where bids and asks no longer meet.

use std::collections::BTreeSet;

use chain::id::ObjectId;
use chain::market::MarketId;
use chain::order::{Order, Side, TimeInForce};
use chain::quantity::Price;

use super::{Changes, View};

/// An order's reach, and its name.
type Place = (Price, ObjectId);

/// The open orders of one market.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Levels {
    bids: BTreeSet<Place>,
    asks: BTreeSet<Place>,
}

impl Levels {
    /// Notes that `order` is open.
    pub(super) fn insert(&mut self, id: ObjectId, order: &Order) {
        self.side_of(order).insert((order.reach(), id));
    }

    /// Notes that `order` is open no more, or changes.
    pub(super) fn remove(&mut self, id: ObjectId, order: &Order) {
        self.side_of(order).remove(&(order.reach(), id));
    }

    /// True when `order` is noted as it is.
    pub(super) fn holds(&self, id: ObjectId, order: &Order) -> bool {
        let side = if is_bid(order) { &self.bids } else { &self.asks };
        side.contains(&(order.reach(), id))
    }

    /// The bids, those first that reach the highest.
    pub(super) fn bids(&self) -> impl Iterator<Item = Place> {
        self.bids.iter().rev().copied()
    }

    /// The asks, those first that reach the lowest.
    pub(super) fn asks(&self) -> impl Iterator<Item = Place> {
        self.asks.iter().copied()
    }

    /// True when no order is open.
    pub(super) fn is_empty(&self) -> bool {
        self.bids.is_empty() && self.asks.is_empty()
    }

    fn side_of(&mut self, order: &Order) -> &mut BTreeSet<Place> {
        if is_bid(order) { &mut self.bids } else { &mut self.asks }
    }
}

impl<'a> View<'a> {
    /// The open orders of `market` that a match is about: of those that are `live`, the bids that reach the
    /// lowest ask, the asks that reach the highest bid, and whatever is to trade at once.
    pub(crate) fn meeting(
        &self,
        market: MarketId,
        live: impl Fn(&Order) -> bool,
    ) -> Vec<(ObjectId, &'a Order)> {
        let none = Levels::default();
        let levels = self.state.levels.get(&market).unwrap_or(&none);
        let standing = |id| {
            let order = self.order(&id).filter(|order| order.market == market && live(order));
            order.map(|order| (id, order))
        };
        let listed = |(_, id)| standing(id).filter(|(id, order)| levels.holds(*id, order));
        let (bids, asks) =
            (|| levels.bids().filter_map(listed), || levels.asks().filter_map(listed));
        let written = self.layers().flat_map(Changes::orders);
        let written = written.filter(|(_, order)| order.is_some_and(|it| it.market == market));
        let written: BTreeSet<ObjectId> = written.map(|(id, _)| id).collect();
        let moved: Vec<(ObjectId, &Order)> = written
            .into_iter()
            .filter_map(standing)
            .filter(|(id, order)| !levels.holds(*id, order))
            .collect();
        let found = bids().take(1).chain(asks().take(1)).chain(moved.iter().copied());
        let meeting = Meeting::of(found.map(|(_, order)| order));
        let moved = moved.iter().copied().filter(|(_, order)| meeting.is_for(order));
        bids()
            .take_while(|(_, order)| meeting.reaches(order))
            .chain(asks().take_while(|(_, order)| meeting.reaches(order)))
            .chain(moved)
            .collect()
    }
}

/// Between which prices bids and asks meet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meeting {
    lowest_ask: Option<Price>,
    highest_bid: Option<Price>,
}

impl Meeting {
    /// Of the best orders, whatever others are among them.
    pub(crate) fn of<'o>(orders: impl Iterator<Item = &'o Order>) -> Self {
        orders.fold(Self::default(), |Self { lowest_ask, highest_bid }, order| {
            let reach = order.reach();
            if is_bid(order) {
                Self { lowest_ask, highest_bid: highest_bid.max(Some(reach)) }
            } else {
                let lower = lowest_ask.map_or(reach, |lowest| lowest.min(reach));
                Self { lowest_ask: Some(lower), highest_bid }
            }
        })
    }

    /// True when there is something on the other side that `order` reaches.
    fn reaches(self, order: &Order) -> bool {
        if is_bid(order) {
            self.lowest_ask.is_some_and(|lowest| order.reach() >= lowest)
        } else {
            self.highest_bid.is_some_and(|highest| order.reach() <= highest)
        }
    }

    /// True for those that reach something, and those that end with the match.
    pub(crate) fn is_for(self, order: &Order) -> bool {
        self.reaches(order) || matches!(order.time_in_force, TimeInForce::ImmediateOrCancel)
    }
}

const fn is_bid(order: &Order) -> bool {
    matches!(order.side, Side::Bid(_))
}

#[cfg(test)]
mod tests;
