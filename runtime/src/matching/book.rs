//! The orders of one market that may trade in a block, in the order in which a pass of the match takes
//! them.
//!
//! Bids stand from the highest price down, asks from the lowest up; equals by the height that placed
//! them, then by tie. Neither the order of arrival inside a block nor the proposer has a say. The price that
//! counts is the limit in the first pass, the reach in the second.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use chain::account::AccountId;
use chain::id::ObjectId;
use chain::market::Market;
use chain::order::{AskTerms, BidTerms, Order, Pass, Side, Sold};
use chain::quantity::{Price, Quantity};
use chain::time::{Time, Window};

use super::is_immediate;
use super::pools::{OpenPool, Pools, Spoken};
use crate::meeting::{Terms, meeting};
use crate::rules::order::deadline;
use crate::spans;

/// An open bid, and how much of it is filled.
#[derive(Clone, Debug)]
pub(super) struct Bid<'a> {
    pub(super) id: ObjectId,
    pub(super) terms: BidTerms,
    /// As it was before the match.
    pub(super) order: &'a Order,
    /// The most that it pays in this pass.
    pub(super) price: Price,
    pub(super) filled: Quantity,
    /// From whom it bought in an earlier pass.
    pub(super) sellers: BTreeSet<AccountId>,
    /// True when it found something in some pass and its own fill rule undid it.
    pub(super) undone: bool,
}

impl Bid<'_> {
    /// Units still to be found.
    pub(super) fn open(&self) -> Quantity {
        let open = self.order.quantity.checked_sub(self.filled);
        open.expect("a bid is filled with no more than it asks for")
    }

    /// True when the match has filled something of it.
    pub(super) fn has_traded(&self) -> bool {
        self.filled > self.order.filled
    }

    /// Units that it had open before the match.
    pub(super) fn open_before(&self) -> Quantity {
        let open = self.order.quantity.checked_sub(self.order.filled);
        open.expect("a bid is filled with no more than it asks for")
    }
}

/// An open ask, and what it has sold.
#[derive(Clone, Debug)]
pub(super) struct Ask<'a> {
    pub(super) id: ObjectId,
    /// As it was before the match.
    pub(super) order: &'a Order,
    /// The least that it sells for in this pass.
    pub(super) price: Price,
    pub(super) sold: Cow<'a, [Sold]>,
    /// The place of the pool it sells out of; none for an ask that is its own capacity.
    pub(super) pool: Option<usize>,
}

impl Ask<'_> {
    /// True when the match has taken something from it.
    pub(super) const fn has_traded(&self) -> bool {
        matches!(self.sold, Cow::Owned(_))
    }

    /// True when it has nothing left in any slot that bids may still trade `now`.
    pub(super) fn is_sold_out(&self, market: &Market, now: Time) -> bool {
        let begun = now.after(market.lead).0.checked_div(market.slot.0);
        let begun = begun.expect("a slot is longer than nothing").saturating_add(1);
        let ahead = Time(0).after(market.slot.times(begun));
        spans::is_sold_out(self.order.quantity, &self.sold, self.order.window, ahead)
    }
}

/// What is offered in a book.
#[derive(Clone, Debug)]
pub(super) struct Offers<'a> {
    /// In which steps quantities are traded.
    pub(super) lot: Quantity,
    /// The offers, the cheapest first.
    pub(super) asks: Vec<Ask<'a>>,
    /// The pools that some of them sell out of.
    pub(super) pools: Pools<'a>,
}

impl Offers<'_> {
    /// What `ask` has left in every slot of `window`, in whole lots, besides what is `spoken` for.
    pub(super) fn free(&self, ask: &Ask<'_>, window: Window, spoken: &Spoken) -> Quantity {
        let own = spans::free(ask.order.quantity, &ask.sold, window);
        let free = ask.pool.map_or(own, |place| {
            let left = self.pools.at(place).free(window).checked_sub(spoken.of(place));
            own.min(left.expect("no more is taken than a pool has"))
        });
        free.floor_to(self.lot)
    }

    /// Sells so much of the ask at position `at`, and out of its pool.
    pub(super) fn sell(&mut self, at: usize, window: Window, quantity: Quantity) {
        let ask = self.asks.get_mut(at).expect("an offer of this book");
        ask.sold = Cow::Owned(spans::sell(&ask.sold, window, quantity));
        if let Some(place) = ask.pool {
            self.pools.at_mut(place).sell(window, quantity);
        }
    }
}

/// The open orders of one market that may trade with one another.
#[derive(Clone, Debug)]
pub(super) struct Book<'a> {
    pub(super) market: &'a Market,
    /// Which pass it is in order for.
    pub(super) pass: Pass,
    /// The needs, the most pressing first.
    pub(super) bids: Vec<Bid<'a>>,
    /// What is offered.
    pub(super) offers: Offers<'a>,
    /// True when some order that may meet another has a stretch, so that there is a second pass.
    pub(super) ranges: bool,
    /// Owners of asks that meet some bid, and whom these name among their parties.
    apart: BTreeSet<AccountId>,
}

impl<'a> Book<'a> {
    /// The book of `market` from all of its open orders, those too that reach none of the others; `now` is
    /// the parent block's time, and `pool` finds the pool of a host. An order whose deadline has come is left out,
    /// whether or not its timer has had its turn.
    pub(super) fn of_all(
        market: &'a Market,
        orders: impl IntoIterator<Item = (ObjectId, &'a Order)>,
        pool: impl Fn(ObjectId) -> OpenPool<'a>,
        now: Time,
    ) -> Self {
        let live = orders.into_iter().filter(|(_, order)| deadline(market, order) > now);
        let mut book = Self::new(market, live, pool);
        let (bids, asks) =
            (book.bids.iter().map(|it| it.order), book.offers.asks.iter().map(|it| it.order));
        // One that meets none of the others is asked about with its stretch all the same.
        book.ranges = bids.chain(asks).any(|order| order.stretch.is_some());
        book.apart = set_apart(book.counting());
        book
    }

    /// The book of `market` from these orders, all of which meet another or are to trade at once.
    pub(super) fn new(
        market: &'a Market,
        orders: impl IntoIterator<Item = (ObjectId, &'a Order)>,
        pool: impl Fn(ObjectId) -> OpenPool<'a>,
    ) -> Self {
        let (mut bids, mut asks, mut pools) = (Vec::new(), Vec::new(), Pools::default());
        for (id, order) in orders {
            match order.side {
                Side::Bid(terms) => bids.push(Bid {
                    id,
                    terms,
                    order,
                    price: order.limit,
                    filled: order.filled,
                    sellers: BTreeSet::new(),
                    undone: false,
                }),
                Side::Ask(AskTerms { host }) => {
                    let pool = host.map(|host| pools.place(host, || pool(host)));
                    let (price, sold) = (order.limit, Cow::Borrowed(&*order.sold));
                    asks.push(Ask { id, order, price, sold, pool });
                }
            }
        }
        let orders = bids.iter().map(|bid| bid.order).chain(asks.iter().map(|ask| ask.order));
        let ranges = orders.into_iter().any(|order| order.stretch.is_some());
        let apart = set_apart(asks.iter());
        let offers = Offers { lot: market.lot, asks, pools };
        let mut book = Self { market, pass: Pass::First, bids, offers, ranges, apart };
        book.sort();
        book
    }

    /// Those of the asks that meet a bid, or are to trade at once.
    fn counting(&self) -> impl Iterator<Item = &Ask<'a>> {
        let terms = |order: &Order| Terms { window: order.window, reach: order.reach() };
        let bids: Vec<Terms> = self.bids.iter().map(|bid| terms(bid.order)).collect();
        let asks: Vec<Terms> = self.offers.asks.iter().map(|ask| terms(ask.order)).collect();
        let (_, meet) = meeting(&bids, &asks);
        let asks = self.offers.asks.iter().zip(meet);
        asks.filter(|(ask, meets)| *meets || is_immediate(ask.order)).map(|(ask, _)| ask)
    }

    /// Brings the orders into the order of `pass`, with what the passes before it have left of them.
    pub(super) fn turn_to(&mut self, pass: Pass) {
        let price = |order: &Order| match pass {
            Pass::First => order.limit,
            Pass::Second => order.reach(),
        };
        self.pass = pass;
        for bid in &mut self.bids {
            bid.price = price(bid.order);
        }
        for ask in &mut self.offers.asks {
            ask.price = price(ask.order);
        }
        self.sort();
    }

    fn sort(&mut self) {
        self.bids.sort_by_key(|bid| (Reverse(bid.price), bid.order.placed, bid.order.tie));
        self.offers.asks.sort_by_key(|ask| (ask.price, ask.order.placed, ask.order.tie));
    }

    /// True when some ask of this book treats `account` otherwise than a stranger: as its owner, or by
    /// name.
    pub(super) fn sets_apart(&self, account: AccountId) -> bool {
        self.apart.contains(&account)
    }
}

/// Whom some of `asks` treat otherwise than a stranger.
fn set_apart<'b, 'a: 'b>(asks: impl Iterator<Item = &'b Ask<'a>>) -> BTreeSet<AccountId> {
    let accounts = asks.flat_map(|ask| {
        let parties = &ask.order.parties;
        let named = parties.only.iter().chain(parties.deny.iter());
        named.chain([ask.order.owner])
    });
    accounts.collect()
}
