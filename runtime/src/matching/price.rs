//! What everybody in a cell pays and gets: one price on a tick, between what its sellers want and what
//! its buyers would pay.
//!
//! Such a price always exists. In a group all bids have the same eligible asks, are served from the
//! highest limit down, and each takes the first in one order that have room and are cheap enough; room only
//! shrinks, and a bid that breaks its fill rule takes none. Among preferred sellers the order is that of
//! limits, and a preferred ask that comes after another asks for more. So when an ask of a cell is taken,
//! every cheaper one that counts in the cell has no room left in the window. An accepted bid below an accepted ask, or below a bid of the cell that found too little,
//! would have found nothing; an ask that still has room is at least as dear as all that were taken, and
//! dearer than a bid that looked for more. Bids stopped by their own terms or not begun say nothing.

use std::collections::BTreeMap;

use chain::market::Market;
use chain::order::Sellers;
use chain::quantity::Price;

use super::allocate::{Allocation, BidOutcome};
use super::book::{Ask, Book};
use super::eligible::{Cell, Group};
use super::pools::Spoken;
use super::route::{Route, whole};

/// The prices of the cells that traded.
///
/// # Panics
/// When a cell has no possible price, which would break the rule of allocation.
pub(super) fn prices<'a>(
    book: &Book<'a>,
    allocation: &Allocation<'a>,
) -> BTreeMap<Cell<'a>, Price> {
    let (mut bounds, offers) = (accepted(book, allocation), &book.offers);
    for (bid, outcome) in book.bids.iter().zip(&allocation.outcomes) {
        if *outcome != BidOutcome::NoOffer {
            continue;
        }
        let group = Group::of(book, bid);
        for sellers in [Sellers::Any, Sellers::Preferred] {
            if let Some(bounds) = bounds.get_mut(&Cell { group, sellers }) {
                bounds.low = bounds.low.max(bid.order.limit);
            }
        }
    }
    for (cell, bounds) in &mut bounds {
        let progress = allocation.groups.get(&cell.group).expect("a group that traded came along");
        let has_room = |cell: &Cell<'_>, ask: &Ask<'_>| {
            let room = cell.group.room(offers, &progress.suiting, ask, &Spoken::default());
            !room.is_zero()
        };
        let along = progress.route.from(&offers.asks, progress.mark).map(|(.., ask)| ask);
        let below = along.take_while(|ask| cell.group.rank(ask) < whole(bounds.high));
        let mut idle =
            below.filter(|ask| cell.counts(ask) && has_room(cell, ask)).map(|ask| ask.order.limit);
        let cheapest = match progress.route {
            Route::Book => idle.next(),
            Route::Ranked(_) => idle.min(),
        };
        bounds.high = cheapest.map_or(bounds.high, |idle| idle.min(bounds.high));
    }
    bounds.into_iter().map(|(cell, bounds)| (cell, bounds.price(book.market))).collect()
}

/// The highest accepted ask and the lowest accepted bid of each cell that traded.
fn accepted<'a>(book: &Book<'a>, allocation: &Allocation<'a>) -> BTreeMap<Cell<'a>, Bounds> {
    let mut bounds: BTreeMap<Cell<'a>, Bounds> = BTreeMap::new();
    for trade in &allocation.trades {
        let (bid, ask) = trade.orders(book);
        let (low, high) = (ask.order.limit, bid.order.limit);
        let entry = bounds.entry(Cell::of(book, bid, ask)).or_insert(Bounds { low, high });
        entry.low = entry.low.max(low);
        entry.high = entry.high.min(high);
    }
    bounds
}

/// Where a cell's price must lie, both ends included.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    low: Price,
    high: Price,
}

impl Bounds {
    /// The point `k_bps` / 10 000 of the way up, rounded down to a tick.
    fn price(self, market: &Market) -> Price {
        assert!(self.low <= self.high, "a cell that trades has a price: {self:?}");
        let width = u128::from(self.high.0.saturating_sub(self.low.0));
        let share = width.saturating_mul(u128::from(market.k_bps)) / 10_000;
        let share = u64::try_from(share).expect("a part of a width is no wider");
        let point = self.low.0.checked_add(share).expect("a point below the upper bound");
        let rest = point.checked_rem(market.tick.0).expect("a tick is above zero");
        Price(point.saturating_sub(rest))
    }
}
