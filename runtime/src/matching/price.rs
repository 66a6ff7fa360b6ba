//! What everybody in a cell pays and gets: one price on a tick, between what its sellers want and what
//! its buyers would pay at the most in the pass that trades.
//!
//! Such a price always exists. In a group all bids have the same eligible asks, are served from the
//! highest price down, and each takes the first in one order that have room and are cheap enough; room only
//! shrinks, and a bid that breaks its fill rule takes none. Among preferred sellers the order is that of
//! prices, and a preferred ask that comes after another asks for more. So when an ask of a cell is taken,
//! every cheaper one that counts in the cell has no room left in the window. An accepted bid below an accepted ask, or below a bid of the cell that found too little,
//! would have found nothing; an ask that still has room is at least as dear as all that were taken, and
//! dearer than a bid that looked for more. Bids stopped by their own terms or not begun say nothing.
//!
//! All of that is said of whatever price orders stand with in a pass. In the second these are stretches, and a
//! common price between them may be dearer than what one of the sellers asked at first, or less than what one
//! of the buyers offered: no other is common to all. Where there is a choice, it is as near to those limits as
//! it can be, so that whoever names a stretch meets the other's limit before the middle of both stretches.

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
                bounds.low = bounds.low.max(bid.price);
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
            below.filter(|ask| cell.counts(ask) && has_room(cell, ask)).map(|ask| ask.price);
        let cheapest = match progress.route {
            Route::Book | Route::Listed(_) => idle.next(),
            Route::Ranked(_) => idle.min(),
        };
        bounds.high = cheapest.map_or(bounds.high, |idle| idle.min(bounds.high));
    }
    bounds.into_iter().map(|(cell, bounds)| (cell, bounds.price(book.market))).collect()
}

/// The highest accepted ask and the lowest accepted bid of each cell that traded, and the limits among them
/// that are nearest to the other side.
fn accepted<'a>(book: &Book<'a>, allocation: &Allocation<'a>) -> BTreeMap<Cell<'a>, Bounds> {
    let mut bounds: BTreeMap<Cell<'a>, Bounds> = BTreeMap::new();
    for trade in &allocation.trades {
        let (bid, ask) = trade.orders(book);
        let one = Bounds {
            low: ask.price,
            high: bid.price,
            offered: bid.order.limit,
            asked: ask.order.limit,
        };
        let entry = bounds.entry(Cell::of(book, bid, ask)).or_insert(one);
        entry.low = entry.low.max(one.low);
        entry.high = entry.high.min(one.high);
        entry.offered = entry.offered.max(one.offered);
        entry.asked = entry.asked.min(one.asked);
    }
    bounds
}

/// Where a cell's price must lie, both ends included, and where it should.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    low: Price,
    high: Price,
    /// The highest limit of an accepted bid: a seller should get no less than what was offered firmly.
    offered: Price,
    /// The lowest limit of an accepted ask: a buyer should pay no more than what was asked firmly.
    asked: Price,
}

impl Bounds {
    /// The point `k_bps` / 10 000 of the way up, rounded down to a tick: the way from one of the two limits
    /// to the other, each moved to the nearest point between the bounds.
    ///
    /// At limits the bids' are not below the upper bound, and the asks' not above the lower one, so that the
    /// way is that between the bounds.
    fn price(self, market: &Market) -> Price {
        let Self { low, high, offered, asked } = self;
        assert!(low <= high, "a cell that trades has a price: {self:?}");
        let (offered, asked) = (offered.clamp(low, high), asked.clamp(low, high));
        let (from, to) = (offered.min(asked), offered.max(asked));
        let width = u128::from(to.0.saturating_sub(from.0));
        let share = width.saturating_mul(u128::from(market.k_bps)) / 10_000;
        let share = u64::try_from(share).expect("a part of a width is no wider");
        let point = from.0.checked_add(share).expect("a point below the upper bound");
        let rest = point.checked_rem(market.tick.0).expect("a tick is above zero");
        Price(point.saturating_sub(rest))
    }
}
