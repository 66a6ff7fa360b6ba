//! Which ask may serve which bid, and which bids share one price.

use chain::account::AccountId;
use chain::quantity::Quantity;
use chain::time::Window;

use super::book::{Ask, Bid, Book};
use super::spans;

/// Bids that have the same eligible asks, and so one price. An owner who has an ask in the market may
/// not trade with it, so such a bidder has cells of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    /// The slots.
    pub(super) window: Window,
    /// The bidder whose cell it is, where one has a cell of its own.
    pub(super) bidder: Option<AccountId>,
}

impl Cell {
    /// The cell of `bid`.
    pub(super) fn of(book: &Book<'_>, bid: &Bid<'_>) -> Self {
        let owner = bid.order.owner;
        Self { window: bid.order.window, bidder: book.sells(owner).then_some(owner) }
    }

    /// How much `ask` can sell to a bid of this cell, in whole lots: zero where they may not trade.
    pub(super) fn room(&self, ask: &Ask<'_>, lot: Quantity) -> Quantity {
        if self.bidder == Some(ask.order.owner) || !ask.order.window.contains(self.window) {
            return Quantity::ZERO;
        }
        spans::free(ask.order.quantity, &ask.sold, self.window).floor_to(lot)
    }
}
