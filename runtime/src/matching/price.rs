//! What everybody in a cell pays and gets: one price on a tick, between what its sellers want and what
//! its buyers would pay.
//!
//! Such a price always exists. In a cell all bids have the same eligible asks, are served from the
//! highest limit down, and each takes the cheapest that have room; room only shrinks, and a bid that
//! breaks its fill rule takes none. So when an ask is taken, every cheaper one has no room left in the
//! window. An accepted bid below an accepted ask, or below a bid of the cell that found too little,
//! would have found nothing; an ask that still has room is at least as dear as all that were taken, and
//! dearer than a bid that looked for more. Bids stopped by their own terms or not begun say nothing.

use std::collections::BTreeMap;

use chain::market::Market;
use chain::quantity::Price;

use super::allocate::{Allocation, BidOutcome};
use super::book::Book;
use super::eligible::Cell;

/// The prices of the cells that traded.
///
/// # Panics
/// When a cell has no possible price, which would break the rule of allocation.
pub(super) fn prices(book: &Book<'_>, allocation: &Allocation) -> BTreeMap<Cell, Price> {
    let mut bounds = accepted(book, allocation);
    for (bid, outcome) in book.bids.iter().zip(&allocation.outcomes) {
        if *outcome == BidOutcome::NoOffer
            && let Some(bounds) = bounds.get_mut(&Cell::of(book, bid))
        {
            bounds.low = bounds.low.max(bid.order.limit);
        }
    }
    for (cell, bounds) in &mut bounds {
        let mark = allocation.marks.get(cell).copied().unwrap_or_default();
        let below = book.asks.iter().skip(mark).take_while(|ask| ask.order.limit < bounds.high);
        let mut idle = below.filter(|ask| !cell.room(ask, book.market.lot).is_zero());
        bounds.high = idle.next().map_or(bounds.high, |ask| ask.order.limit);
    }
    bounds.into_iter().map(|(cell, bounds)| (cell, bounds.price(book.market))).collect()
}

/// The highest accepted ask and the lowest accepted bid of each cell that traded.
fn accepted(book: &Book<'_>, allocation: &Allocation) -> BTreeMap<Cell, Bounds> {
    let mut bounds: BTreeMap<Cell, Bounds> = BTreeMap::new();
    for trade in &allocation.trades {
        let (bid, ask) = trade.orders(book);
        let (low, high) = (ask.order.limit, bid.order.limit);
        let entry = bounds.entry(Cell::of(book, bid)).or_insert(Bounds { low, high });
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
