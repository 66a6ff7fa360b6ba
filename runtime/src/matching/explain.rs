//! Why an order does not trade: the nearest of all reasons.
//!
//! The book as it stands is matched once more, as the next block would match it, with all its passes, and
//! nobody keeps the result. What is said of prices is said of those of the last pass: of reaches, where an
//! order in the market has a stretch. Then every order of the other side is asked what keeps the two apart, in one order of questions:
//!
//! ```text
//! window ─► grade ─► kind ─► agreement ─► parties ─► host ─► room ─► price ─► terms: fill rule, sellers, the block's work
//! ```
//!
//! The nearest reason is what keeps back those that come farthest. That a better price would do is said
//! only after a match with that price has shown it.
//!
//! The work is that of a match, bounded as that is, at most `1 + TRIES_MAX` times.

mod ask;
mod bid;

use std::collections::BTreeMap;

use chain::host::PoolId;
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::order::{FillRule, Order, Pass, Side};
use chain::quantity::{Price, Quantity};
use chain::time::Time;

use super::allocate::{Allocation, Share, allocate};
use super::book::{Ask, Bid, Book, Offers};
use super::eligible::{Bar, Group};
use super::open_pool;
use super::turns::Turns;
use crate::rules::order::deadline;
use crate::state::View;

/// Better prices that are tried.
const TRIES_MAX: usize = 3;

/// Why an order does not trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It does: the next match gives it so many units, of an ask in some slot at least.
    Trades(Quantity),
    /// It can trade no more: its end has come.
    Over,
    /// The work of a block ends before its turn comes.
    Waiting,
    /// No order of the other side has a window that goes with its own. So many overlap it.
    Window {
        /// How many.
        overlapping: usize,
    },
    /// The grade is too low: of so many asks, or of this ask for so many bids.
    Grade {
        /// How many.
        orders: usize,
    },
    /// Asks may be taken back, and bids do not accept that, or not at so short a notice.
    Kind {
        /// How many.
        orders: usize,
    },
    /// So many orders do not agree to the text that the ask's owner wants agreed to.
    Agreement {
        /// How many.
        orders: usize,
    },
    /// So many orders are of its own owner, or the parties of one side do not admit the other.
    Party {
        /// How many.
        orders: usize,
    },
    /// So many hosts lack something that the bid asks for; or this one, for so many bids.
    Host {
        /// How many.
        orders: usize,
    },
    /// Others come first: so many units of what it needs, or of those that need it, are theirs.
    Outranked(Quantity),
    /// Its limit, or its stretch where it has one, is short by so much for a unit and slot.
    Price {
        /// How much.
        short: Price,
    },
    /// What can be had at once is short by so many units of what a fill rule asks for: its own, or that of
    /// the bids that an ask could serve.
    Fill {
        /// How many.
        short: Quantity,
    },
    /// It would take more sellers than a bid accepts.
    Sellers,
}

/// How many orders of the other side pass which question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// All there are, of any owner, that may trade.
    pub orders: usize,
    /// The ask's window contains the bid's.
    pub window: usize,
    /// And the grade will do.
    pub grade: usize,
    /// And the bid accepts whether the ask may be taken back.
    pub kind: usize,
    /// And the bid agrees to what the ask wants agreed to.
    pub agreement: usize,
    /// And the parties admit each other.
    pub party: usize,
    /// And the host has what is asked for.
    pub host: usize,
    /// And the ask has something left in the bid's window.
    pub room: usize,
    /// And the bid pays what the ask wants.
    pub price: usize,
}

/// Why an order does not trade, and how far the others come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The nearest reason.
    pub reason: Reason,
    /// How many of the other side come how far.
    pub passed: Passed,
}

/// Why `order` does not trade in the block after `now`, the time of the block before. One that is not open
/// is looked at as if it were.
///
/// # Panics
/// When the market of the order does not exist.
pub fn explain(view: &View<'_>, now: Time, id: ObjectId, order: &Order) -> Explanation {
    let floor = Floor::new(view, order.market, now, id);
    // The pool of an ask that has ended may have ended too.
    let ended = order.side.host().is_some_and(|host| floor.has_no_pool_of(host));
    if ended || deadline(floor.market, order) <= now {
        return Explanation { reason: Reason::Over, passed: Passed::default() };
    }
    match order.side {
        Side::Bid(_) => bid::explain(&floor, order),
        Side::Ask(_) => ask::explain(&floor, order),
    }
}

/// A market and its open orders, and among them the one that is asked about.
pub(super) struct Floor<'a> {
    pub(super) market: &'a Market,
    view: View<'a>,
    number: MarketId,
    share: Share,
    others: Vec<(ObjectId, &'a Order)>,
    now: Time,
    id: ObjectId,
}

impl<'a> Floor<'a> {
    pub(super) fn new(view: &View<'a>, market: MarketId, now: Time, id: ObjectId) -> Self {
        let share = Share::of(view.markets().count());
        let terms = view.market(market).expect("orders are in a market");
        let open = view.book(market).into_iter().filter(|other| *other != id);
        let others =
            open.map(|id| (id, view.order(&id).expect("the book names open orders"))).collect();
        Self { market: terms, view: *view, number: market, share, others, now, id }
    }

    /// Matches the book with `order` in it, and shows what came of each pass.
    pub(super) fn matched(
        &self,
        order: &Order,
        mut look: impl for<'b> FnMut(&Book<'b>, &Allocation<'b>),
    ) {
        let mut book = self.book(order);
        let first = allocate(&mut book, self.share, Turns::FromTheBest);
        look(&book, &first);
        if book.ranges {
            let share = self.share.less(&first);
            book.turn_to(Pass::Second);
            let second = allocate(&mut book, share, Turns::FromTheBest);
            look(&book, &second);
        }
    }

    /// The book with `order` in it.
    fn book<'b>(&'b self, order: &'b Order) -> Book<'b> {
        let orders = self.others.iter().copied().chain([(self.id, order)]);
        let pool = |host| open_pool(&self.view, PoolId { host, market: self.number });
        Book::of_all(self.market, orders, pool, self.now)
    }

    fn has_no_pool_of(&self, host: ObjectId) -> bool {
        self.view.pool(&PoolId { host, market: self.number }).is_none()
    }

    /// True when the order trades if it goes to another price.
    fn trades_at(&self, order: &Order, price: Price) -> bool {
        let order = match order.stretch {
            None => Order { limit: price, ..order.clone() },
            Some(_) => Order { stretch: Some(price), ..order.clone() },
        };
        let mut trades = false;
        self.matched(&order, |book, allocation| {
            trades |= !taken(book, allocation, self.id).is_zero();
        });
        trades
    }
}

/// What the order called `id` gets out of a pass.
pub(super) fn taken(book: &Book<'_>, allocation: &Allocation<'_>, id: ObjectId) -> Quantity {
    let own = allocation.trades.iter().filter(|trade| {
        let (bid, ask) = trade.orders(book);
        bid.id == id || ask.id == id
    });
    Quantity(own.fold(0_u64, |sum, trade| sum.saturating_add(trade.quantity.0)))
}

/// How far an order of the other side comes: what keeps it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hurdle {
    Window,
    Grade,
    Kind,
    Agreement,
    Party,
    Host,
    Room,
    Price,
    Terms,
}

impl Hurdle {
    /// What keeps `ask` and bids of `group` with this price apart, if not their terms.
    fn between(group: &Group<'_>, offers: &Offers<'_>, ask: &Ask<'_>, price: Price) -> Self {
        match group.bar(offers, ask) {
            Some(Bar::Window) => Self::Window,
            Some(Bar::Grade) => Self::Grade,
            Some(Bar::Kind) => Self::Kind,
            Some(Bar::Agreement) => Self::Agreement,
            Some(Bar::Party) => Self::Party,
            Some(Bar::Host) => Self::Host,
            None if group.left(offers, ask).is_zero() => Self::Room,
            None if ask.price > price => Self::Price,
            None => Self::Terms,
        }
    }
}

/// How many orders come to which hurdle.
#[derive(Debug, Default)]
struct Hurdles(BTreeMap<Hurdle, usize>);

impl Hurdles {
    fn count(&mut self, hurdle: Hurdle) {
        let count = self.0.entry(hurdle).or_default();
        *count = count.saturating_add(1);
    }

    fn at(&self, hurdle: Hurdle) -> usize {
        self.0.get(&hurdle).copied().unwrap_or(0)
    }

    fn farthest(&self) -> Hurdle {
        self.0.last_key_value().map_or(Hurdle::Window, |(hurdle, _)| *hurdle)
    }

    fn passed(&self) -> Passed {
        let beyond = |hurdle: Hurdle| {
            self.0.iter().filter(|(at, _)| **at > hurdle).map(|(_, count)| count).sum::<usize>()
        };
        Passed {
            orders: self.0.values().sum(),
            window: beyond(Hurdle::Window),
            grade: beyond(Hurdle::Grade),
            kind: beyond(Hurdle::Kind),
            agreement: beyond(Hurdle::Agreement),
            party: beyond(Hurdle::Party),
            host: beyond(Hurdle::Host),
            room: beyond(Hurdle::Room),
            price: beyond(Hurdle::Price),
        }
    }
}

/// What a bid must find at once for anything of it to trade.
fn needed(bid: &Bid<'_>, lot: Quantity) -> Quantity {
    match bid.terms.fill {
        FillRule::AllOrNone => bid.open(),
        FillRule::AtLeast(quantity) => quantity.min(bid.open()).max(lot),
    }
}

/// How much is missing until `found` is what is `needed`.
fn short_of(needed: Quantity, found: Quantity) -> Option<Quantity> {
    needed.checked_sub(found).filter(|short| !short.is_zero())
}

#[cfg(test)]
mod tests;
