//! Who gets what: the highest bid first, from the cheapest asks first, until its need is filled.
//!
//! Work is counted in pairs of bid and ask, so that a block's match is bounded:
//!
//! - Each cell keeps a mark, at first the cheapest ask. A bid looks at asks from its cell's mark on,
//!   while they ask no more than it bids, until it is filled or needs one more seller than it accepts;
//!   each ask looked at is one pair. Then the mark moves to the first ask looked at that still has
//!   room for the cell, or behind the last. What is before a mark never has room for its cell again,
//!   since capacity only shrinks: a bid that breaks its fill rule takes nothing.
//! - Pricing a cell that has traded looks at the asks from its mark on that ask less than its lowest
//!   accepted bid; they are set aside for it.
//! - No bid begins once the pairs looked at and set aside reach the limit; one that began ends. Bids
//!   that do not begin wait for the next block, as do all below them.
//! - Fills are bounded too, since each makes a contract: a bid stops before the first that would be too
//!   many, as it stops before one seller too many, and no bid begins once there are as many as there may
//!   be.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chain::limits::{BLOCK_FILLS_MAX, BLOCK_PAIRS_MAX};
use chain::order::FillRule;
use chain::quantity::Quantity;

use super::book::{Ask, Bid, Book};
use super::eligible::Cell;
use super::spans;

/// A part of a bid served by an ask. `bid` and `ask` are positions in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trade {
    /// The bid.
    pub(super) bid: usize,
    /// The ask.
    pub(super) ask: usize,
    /// Units in each slot of the bid's window.
    pub(super) quantity: Quantity,
}

impl Trade {
    /// The bid and the ask.
    pub(super) fn orders<'b, 'a>(&self, book: &'b Book<'a>) -> (&'b Bid<'a>, &'b Ask<'a>) {
        let bid = book.bids.get(self.bid).expect("a trade is between orders of the book");
        let ask = book.asks.get(self.ask).expect("a trade is between orders of the book");
        (bid, ask)
    }
}

/// How a bid came out of the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BidOutcome {
    /// It got all it asked for.
    Filled,
    /// No eligible ask at its price has room for more.
    NoOffer,
    /// It found less than its fill rule asks for, and took nothing.
    FillRule,
    /// More would take one more seller than it accepts, or one more fill than the block has left.
    Stopped,
    /// The block's work was done before its turn came.
    Waiting,
}

/// What one market's match decided.
#[derive(Clone, Debug, Default)]
pub(super) struct Allocation {
    /// Bid by bid in the order of the book, asks cheapest first.
    pub(super) trades: Vec<Trade>,
    /// One for each bid of the book, in its order.
    pub(super) outcomes: Vec<BidOutcome>,
    /// The mark of each cell that has looked at asks.
    pub(super) marks: BTreeMap<Cell, usize>,
    /// Pairs looked at, and set aside for pricing.
    #[cfg(test)]
    pub(super) pairs: usize,
    /// True where the next block may find more to trade although no order is placed until then: a bid
    /// waits for its turn, or stopped before one more seller than it accepts or one more fill than there
    /// may be.
    pub(super) unfinished: bool,
}

/// A market's share of what may be done in one block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// Pairs of bid and ask to look at.
    pub(super) pairs: usize,
    /// Fills to make, above zero.
    pub(super) fills: usize,
}

impl Share {
    /// The share of each of so many markets.
    pub(super) fn of(markets: usize) -> Self {
        let part = |whole: usize| whole.checked_div(markets).unwrap_or(whole);
        Self { pairs: part(BLOCK_PAIRS_MAX), fills: part(BLOCK_FILLS_MAX) }
    }
}

/// Serves the bids of `book`, writing into it what is filled and sold. `share` bounds the work.
pub(super) fn allocate(book: &mut Book<'_>, share: Share) -> Allocation {
    let cells: Vec<Cell> = book.bids.iter().map(|bid| Cell::of(book, bid)).collect();
    let cheapest = book.asks.first().map(|ask| ask.order.limit);
    let mut run = Run::new(book.market.lot, share.fills);
    let mut outcomes = Vec::with_capacity(book.bids.len());
    for (position, (bid, cell)) in book.bids.iter_mut().zip(cells).enumerate() {
        outcomes.push(if cheapest.is_none_or(|cheapest| bid.order.limit < cheapest) {
            BidOutcome::NoOffer
        } else if run.pairs() < share.pairs && run.trades.len() < share.fills {
            run.serve(position, bid, cell, &mut book.asks)
        } else {
            BidOutcome::Waiting
        });
    }
    let waiting = outcomes.contains(&BidOutcome::Waiting);
    Allocation {
        #[cfg(test)]
        pairs: run.pairs(),
        unfinished: waiting || run.stopped,
        trades: run.trades,
        outcomes,
        marks: run.cells.into_iter().map(|(cell, progress)| (cell, progress.mark)).collect(),
    }
}

/// How far a cell has come.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// The position of the first ask that may have room.
    mark: usize,
    /// How many asks ask less than the lowest accepted bid; zero before the first trade.
    priced: usize,
}

impl Progress {
    /// Pairs set aside for pricing.
    fn reserved(self) -> usize {
        self.priced.saturating_sub(self.mark)
    }
}

#[derive(Debug)]
struct Run {
    lot: Quantity,
    fills_max: usize,
    trades: Vec<Trade>,
    cells: BTreeMap<Cell, Progress>,
    looked: usize,
    reserved: usize,
    stopped: bool,
}

impl Run {
    fn new(lot: Quantity, fills_max: usize) -> Self {
        let (trades, cells) = (Vec::new(), BTreeMap::new());
        Self { lot, fills_max, trades, cells, looked: 0, reserved: 0, stopped: false }
    }

    fn pairs(&self) -> usize {
        self.looked.saturating_add(self.reserved)
    }

    /// Serves one bid, or leaves bid and asks as they are.
    fn serve(
        &mut self,
        position: usize,
        bid: &mut Bid<'_>,
        cell: Cell,
        asks: &mut [Ask<'_>],
    ) -> BidOutcome {
        let before = self.cells.get(&cell).copied().unwrap_or_default();
        let fills_left = self.fills_max.saturating_sub(self.trades.len());
        let bounds = Bounds { mark: before.mark, lot: self.lot, fills_left };
        let walk = Walk::along(asks, bounds, bid, cell);
        self.looked = self.looked.saturating_add(walk.looked);
        self.stopped |= walk.stopped;

        let outcome = walk.outcome(bid);
        let after = if outcome == BidOutcome::FillRule || walk.takes.is_empty() {
            Progress { mark: walk.first_with_room_before, ..before }
        } else {
            self.take(position, bid, asks, &walk);
            let priced = asks.partition_point(|ask| ask.order.limit < bid.order.limit);
            Progress { mark: walk.first_with_room_after, priced }
        };
        self.reserved = self.reserved.saturating_sub(before.reserved());
        self.reserved = self.reserved.saturating_add(after.reserved());
        self.cells.insert(cell, after);
        outcome
    }

    fn take(&mut self, position: usize, bid: &mut Bid<'_>, asks: &mut [Ask<'_>], walk: &Walk) {
        for (at, quantity) in &walk.takes {
            let ask = asks.get_mut(*at).expect("a walk looks at asks of the book");
            ask.sold = Cow::Owned(spans::sell(&ask.sold, bid.order.window, *quantity));
            self.trades.push(Trade { bid: position, ask: *at, quantity: *quantity });
        }
        let filled = bid.order.quantity.checked_sub(walk.rest);
        bid.filled = filled.expect("no more is left than was asked for");
    }
}

/// One bid's way along the asks. Nothing is taken yet.
#[derive(Debug)]
struct Walk {
    /// Positions of asks, and units to take from each; cheapest first.
    takes: Vec<(usize, Quantity)>,
    /// Units not found.
    rest: Quantity,
    /// Asks looked at.
    looked: usize,
    /// True when an ask with room was left because it would be one seller or one fill too many.
    stopped: bool,
    /// The mark if nothing is taken,
    first_with_room_before: usize,
    /// and if everything is.
    first_with_room_after: usize,
}

/// Where a walk begins, in which steps it takes, and how many.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    mark: usize,
    lot: Quantity,
    fills_left: usize,
}

impl Walk {
    fn along(asks: &[Ask<'_>], bounds: Bounds, bid: &Bid<'_>, cell: Cell) -> Self {
        let Bounds { mark, lot, fills_left } = bounds;
        let sellers_max = bid.terms.sellers_max.map_or(usize::MAX, usize::from);
        let mut sellers = BTreeSet::new();
        let (mut takes, mut rest, mut looked) = (Vec::new(), bid.open(), 0_usize);
        let (mut with_room_before, mut with_room_after, mut stopped) = (None, None, false);
        for (position, ask) in asks.iter().enumerate().skip(mark) {
            if rest.is_zero() || ask.order.limit > bid.order.limit {
                break;
            }
            looked = looked.saturating_add(1);
            let room = cell.room(ask, lot);
            if room.is_zero() {
                continue;
            }
            with_room_before = with_room_before.or(Some(position));
            sellers.insert(ask.order.owner);
            stopped = sellers.len() > sellers_max || takes.len() == fills_left;
            if stopped {
                with_room_after = Some(position);
                break;
            }
            let quantity = rest.min(room);
            if quantity < room {
                with_room_after = Some(position);
            }
            takes.push((position, quantity));
            rest = rest.checked_sub(quantity).expect("the lesser of both was taken");
        }
        let looked_to = mark.saturating_add(looked);
        Self {
            takes,
            rest,
            looked,
            stopped,
            first_with_room_before: with_room_before.unwrap_or(looked_to),
            first_with_room_after: with_room_after.unwrap_or(looked_to),
        }
    }

    fn outcome(&self, bid: &Bid<'_>) -> BidOutcome {
        let open = bid.open();
        let found = open.checked_sub(self.rest).expect("no more is found than is open");
        let needed = match bid.terms.fill {
            FillRule::AllOrNone => open,
            FillRule::AtLeast(quantity) => quantity.min(open),
        };
        if self.takes.is_empty() {
            BidOutcome::NoOffer
        } else if found < needed {
            BidOutcome::FillRule
        } else if self.rest.is_zero() {
            BidOutcome::Filled
        } else if self.stopped {
            BidOutcome::Stopped
        } else {
            BidOutcome::NoOffer
        }
    }
}

#[cfg(test)]
mod tests;
