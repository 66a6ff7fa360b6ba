//! Who gets what in one pass: the highest bid first, from the cheapest asks first, until its need is filled.
//!
//! Work is counted in pairs of bid and ask, so that a block's match is bounded:
//!
//! - Each group of bids keeps a mark, at first the cheapest ask. A bid looks at asks from its group's mark
//!   on, while they count as no more than it bids, until it is filled or needs one more seller than it
//!   accepts; each ask looked at is one pair. Then the mark moves to the first ask looked at that still
//!   has room for the group, or behind the last. What is before a mark never has room for its group
//!   again, since what asks and pools have left only shrinks: a bid that breaks its fill rule takes nothing.
//! - Asks are those whose windows contain the group's and that are no dearer than its first bid pays. Finding
//!   them looks at each once, except where all asks of the book are for one window.
//! - A group that asks something of hosts looks at every pool of the book once, for each thing it asks; a
//!   pool that suits it, or does not, does so for all of the match.
//! - Pricing a cell that has traded looks at the asks from its group's mark on that count as less than its
//!   lowest accepted bid; they are set aside for it.
//! - No bid begins once the pairs looked at and set aside reach the limit; one that began ends. Bids
//!   that do not begin wait for the next block; so that each has its turn one day, some blocks pass over the
//!   first of those that would wait.
//! - Fills are bounded too, since each makes a contract: a bid stops before the first that would be too
//!   many, as it stops before one seller too many, and no bid begins once there are as many as there may
//!   be.
//!
//! Where there is a second pass, the first may use half of the pairs; the second has what it leaves of pairs
//! and fills. It walks as the first does, on what is left; a bid counts the sellers of both, and its fill rule is judged
//! by what both found.

use std::collections::BTreeMap;

use chain::limits::{BLOCK_FILLS_MAX, BLOCK_PAIRS_MAX};
use chain::order::{FillRule, Pass, Sellers};
use chain::quantity::{Price, Quantity};

use super::book::{Ask, Bid, Book, Offers};
use super::eligible::Group;
use super::pools::{Spoken, Suiting};
use super::route::{Route, whole};
use super::turns::Turns;
use super::windows::AskWindows;

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
        let ask = book.offers.asks.get(self.ask).expect("a trade is between orders of the book");
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
pub(super) struct Allocation<'a> {
    /// Bid by bid in the order of the book, asks cheapest first.
    pub(super) trades: Vec<Trade>,
    /// One for each bid of the book, in its order.
    pub(super) outcomes: Vec<BidOutcome>,
    /// How far each group has come that has looked at asks.
    pub(super) groups: BTreeMap<Group<'a>, Progress>,
    /// Pairs looked at, and set aside for pricing.
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
    /// What a pass over `book` may use of it: the first half of the pairs, where there is a second.
    fn of_pass(self, book: &Book<'_>) -> Self {
        if book.ranges && book.pass == Pass::First {
            Self { pairs: self.pairs.div_ceil(2), ..self }
        } else {
            self
        }
    }

    /// What an allocation within the share leaves of it.
    pub(super) fn less(self, allocation: &Allocation<'_>) -> Self {
        Self {
            pairs: self.pairs.saturating_sub(allocation.pairs),
            fills: self.fills.saturating_sub(allocation.trades.len()),
        }
    }

    /// The share of each of so many markets.
    pub(super) fn of(markets: usize) -> Self {
        let part = |whole: usize| whole.checked_div(markets).unwrap_or(whole);
        Self { pairs: part(BLOCK_PAIRS_MAX), fills: part(BLOCK_FILLS_MAX) }
    }
}

/// Serves the bids of `book`, writing into it what is filled and sold. `share` is what is left for this pass
/// and those after it, and `turns` says whom it goes to where it is not enough for all.
pub(super) fn allocate<'a>(book: &mut Book<'a>, share: Share, turns: Turns) -> Allocation<'a> {
    let share = share.of_pass(book);
    let groups: Vec<Group<'a>> = book.bids.iter().map(|bid| Group::of(book, bid)).collect();
    let cheapest = book.offers.asks.first().map(|ask| ask.price);
    let reaching = book.bids.partition_point(|bid| cheapest.is_some_and(|it| bid.price >= it));
    let mut run = Run::new(share.fills, AskWindows::of(&book.offers.asks));
    let mut outcomes = Vec::with_capacity(book.bids.len());
    // Whose turn is next, and how many pairs may be looked at until it passes on.
    let (mut next, mut until) = (0_usize, turns.at_the_best(share.pairs));
    for (position, (bid, group)) in book.bids.iter_mut().zip(groups).enumerate() {
        if until < share.pairs && run.pairs() >= until && position < reaching {
            let drawn = turns.next(reaching.saturating_sub(position));
            (next, until) = (position.saturating_add(drawn.unwrap_or(0)), share.pairs);
        }
        outcomes.push(if bid.open().is_zero() {
            BidOutcome::Filled
        } else if position >= reaching {
            BidOutcome::NoOffer
        } else if position >= next && run.pairs() < until && run.trades.len() < share.fills {
            run.serve(position, bid, group, &mut book.offers)
        } else {
            BidOutcome::Waiting
        });
    }
    let waiting = outcomes.contains(&BidOutcome::Waiting);
    Allocation {
        pairs: run.pairs(),
        unfinished: waiting || run.stopped,
        trades: run.trades,
        outcomes,
        groups: run.groups,
    }
}

/// How far a group has come.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    /// In which order it takes asks.
    pub(super) route: Route,
    /// Which asks have what it asks for.
    pub(super) suiting: Suiting,
    /// The step of the first ask that may have room.
    pub(super) mark: usize,
    /// How many asks count as less than the lowest accepted bid of each of its cells; zero before the
    /// first trade.
    priced: [usize; 2],
}

impl Progress {
    fn begin(group: &Group<'_>, most: Price, offers: &Offers<'_>, windows: &AskWindows) -> Self {
        let route = Route::of(group, most, &offers.asks, windows);
        let suiting = offers.pools.suiting(group.predicates, group.window);
        Self { route, suiting, mark: 0, priced: [0; 2] }
    }

    /// Pairs that its beginning counts as.
    fn cost(&self, group: &Group<'_>) -> usize {
        let tests = self.suiting.pools().saturating_mul(group.predicates.iter().count());
        self.route.cost().saturating_add(tests)
    }

    /// Pairs set aside for pricing.
    fn reserved(&self) -> usize {
        let pairs = |priced: &usize| priced.saturating_sub(self.mark);
        self.priced.iter().map(pairs).fold(0, usize::saturating_add)
    }

    fn priced(&mut self, sellers: Sellers) -> &mut usize {
        let [any, preferred] = &mut self.priced;
        match sellers {
            Sellers::Any => any,
            Sellers::Preferred => preferred,
        }
    }
}

#[derive(Debug)]
struct Run<'a> {
    fills_max: usize,
    windows: AskWindows,
    trades: Vec<Trade>,
    groups: BTreeMap<Group<'a>, Progress>,
    looked: usize,
    reserved: usize,
    stopped: bool,
}

impl<'a> Run<'a> {
    fn new(fills_max: usize, windows: AskWindows) -> Self {
        let (trades, groups) = (Vec::new(), BTreeMap::new());
        Self { fills_max, windows, trades, groups, looked: 0, reserved: 0, stopped: false }
    }

    fn pairs(&self) -> usize {
        self.looked.saturating_add(self.reserved)
    }

    /// Serves one bid, or leaves bid and asks as they are.
    fn serve(
        &mut self,
        position: usize,
        bid: &mut Bid<'a>,
        group: Group<'a>,
        offers: &mut Offers<'a>,
    ) -> BidOutcome {
        let mut progress = self.groups.remove(&group).unwrap_or_else(|| {
            let progress = Progress::begin(&group, bid.price, offers, &self.windows);
            self.looked = self.looked.saturating_add(progress.cost(&group));
            progress
        });
        let reserved_before = progress.reserved();
        let fills_left = self.fills_max.saturating_sub(self.trades.len());
        let walk = Walk::along(offers, &progress, fills_left, bid, &group);
        self.looked = self.looked.saturating_add(walk.looked);
        self.stopped |= walk.stopped;

        let outcome = walk.outcome(bid);
        bid.undone |= outcome == BidOutcome::FillRule;
        if outcome == BidOutcome::FillRule || walk.takes.is_empty() {
            progress.mark = walk.first_with_room_before;
        } else {
            self.take(position, bid, offers, &walk);
            progress.mark = walk.first_with_room_after;
            let below = progress.route.below(&group, &offers.asks, bid.price);
            for (at, _) in &walk.takes {
                let ask = offers.asks.get(*at).expect("a walk looks at asks of the book");
                *progress.priced(group.sellers(ask)) = below;
            }
        }
        self.reserved = self.reserved.saturating_sub(reserved_before);
        self.reserved = self.reserved.saturating_add(progress.reserved());
        self.groups.insert(group, progress);
        outcome
    }

    fn take(&mut self, position: usize, bid: &mut Bid<'a>, offers: &mut Offers<'a>, walk: &Walk) {
        for (at, quantity) in &walk.takes {
            offers.sell(*at, bid.order.window, *quantity);
            self.trades.push(Trade { bid: position, ask: *at, quantity: *quantity });
            let ask = offers.asks.get(*at).expect("a walk looks at asks of the book");
            bid.sellers.insert(ask.order.owner);
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

impl Walk {
    fn along(
        offers: &Offers<'_>,
        progress: &Progress,
        fills_left: usize,
        bid: &Bid<'_>,
        group: &Group<'_>,
    ) -> Self {
        let most = whole(bid.price);
        let sellers_max = bid.terms.sellers_max.map_or(usize::MAX, usize::from);
        let (mut sellers, mut spoken) = (bid.sellers.clone(), Spoken::default());
        let (mut takes, mut rest, mut looked) = (Vec::new(), bid.open(), 0_usize);
        let (mut with_room_before, mut with_room_after, mut stopped) = (None, None, false);
        for (step, position, ask) in progress.route.from(&offers.asks, progress.mark) {
            if rest.is_zero() || group.rank(ask) > most {
                break;
            }
            looked = looked.saturating_add(1);
            let room = group.room(offers, &progress.suiting, ask, &spoken);
            if room.is_zero() {
                continue;
            }
            with_room_before = with_room_before.or(Some(step));
            if ask.price > bid.price {
                // A preferred seller who counts as cheap enough, and is not.
                with_room_after = with_room_after.or(Some(step));
                continue;
            }
            sellers.insert(ask.order.owner);
            stopped = sellers.len() > sellers_max || takes.len() == fills_left;
            if stopped {
                with_room_after = with_room_after.or(Some(step));
                break;
            }
            let quantity = rest.min(room);
            if quantity < room {
                with_room_after = with_room_after.or(Some(step));
            }
            takes.push((position, quantity));
            if let Some(place) = ask.pool {
                spoken.add(place, quantity);
            }
            rest = rest.checked_sub(quantity).expect("the lesser of both was taken");
        }
        let looked_to = progress.mark.saturating_add(looked);
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
        let open = bid.open_before();
        let found = open.checked_sub(self.rest).expect("no more is found than is open");
        let needed = match bid.terms.fill {
            FillRule::AllOrNone => open,
            FillRule::AtLeast(quantity) => quantity.min(open),
        };
        if self.takes.is_empty() && self.stopped {
            // With the sellers of the pass before, the first offer may be one seller too many already.
            BidOutcome::Stopped
        } else if self.takes.is_empty() {
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
