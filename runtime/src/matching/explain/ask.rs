//! Why an ask does not trade.

use std::collections::BTreeSet;

use chain::order::Order;
use chain::quantity::{Price, Quantity};

use super::{
    Allocation, Ask, Bid, Book, Explanation, Floor, Group, Hurdle, Hurdles, Reason, TRIES_MAX,
    needed, short_of, taken,
};
use crate::matching::allocate::BidOutcome;

/// Bids with a fill rule for which it is added up what they find; the best ones. The others count as if
/// they found nothing else.
const ADDED_UP_MAX: usize = 64;

/// What an ask found out about the bids, after the match.
#[derive(Default)]
struct OfBids {
    hurdles: Hurdles,
    overlapping: usize,
    /// Units that bids which pay enough got of others.
    others: Quantity,
    /// Units that are missing until the fill rule of one of them is kept: the fewest.
    short: Option<Quantity>,
    waiting: bool,
    /// One of them stopped before one seller too many.
    stopped: bool,
    /// Bids for which it was added up what they find.
    added_up: usize,
    /// Prices of bids below the ask's that find enough with it.
    prices: BTreeSet<Price>,
}

impl OfBids {
    fn new(book: &Book<'_>, allocation: &Allocation<'_>, ask: &Ask<'_>) -> Self {
        let mut of = Self::default();
        for (bid, outcome) in book.bids.iter().zip(&allocation.outcomes) {
            let group = Group::apart(bid);
            let hurdle = Hurdle::between(&group, &book.offers, ask, bid.price);
            of.hurdles.count(hurdle);
            let overlaps = ask.order.window.overlaps(bid.order.window);
            of.overlapping = of.overlapping.saturating_add(usize::from(overlaps));
            match hurdle {
                Hurdle::Window
                | Hurdle::Grade
                | Hurdle::Kind
                | Hurdle::Agreement
                | Hurdle::Party
                | Hurdle::Host => {}
                Hurdle::Room => of.outranked_by(ask.order.quantity),
                Hurdle::Price => of.too_poor(book, bid, ask),
                Hurdle::Terms => of.rich_enough(book, bid, *outcome),
            }
        }
        of
    }

    fn outranked_by(&mut self, quantity: Quantity) {
        self.others = Quantity(self.others.0.saturating_add(quantity.0));
    }

    /// A bid that pays less than the ask wants.
    fn too_poor(&mut self, book: &Book<'_>, bid: &Bid<'_>, ask: &Ask<'_>) {
        let lot = book.market.lot;
        let room = Group::apart(bid).left(&book.offers, ask);
        let found = self.left_for(book, bid, room);
        match short_of(needed(bid, lot), found) {
            Some(short) => self.is_short(short),
            None if bid.open().is_zero() => {}
            None => drop(self.prices.insert(bid.price)),
        }
    }

    /// A bid that pays what the ask wants, and did not take it.
    fn rich_enough(&mut self, book: &Book<'_>, bid: &Bid<'_>, outcome: BidOutcome) {
        match outcome {
            BidOutcome::Waiting => self.waiting = true,
            BidOutcome::Stopped => self.stopped = true,
            BidOutcome::FillRule => {
                let found = self.left_for(book, bid, Quantity::ZERO);
                match short_of(needed(bid, book.market.lot), found) {
                    Some(short) => self.is_short(short),
                    None => self.stopped = true,
                }
            }
            BidOutcome::Filled | BidOutcome::NoOffer => {
                let got = bid.filled.checked_sub(bid.order.filled).unwrap_or_default();
                self.outranked_by(got);
            }
        }
    }

    /// What is left for a bid at its price, besides so much.
    fn left_for(&mut self, book: &Book<'_>, bid: &Bid<'_>, besides: Quantity) -> Quantity {
        if besides >= needed(bid, book.market.lot) || self.added_up == ADDED_UP_MAX {
            return besides;
        }
        self.added_up = self.added_up.saturating_add(1);
        let group = Group::apart(bid);
        let cheap = book.offers.asks.iter().take_while(|ask| ask.price <= bid.price);
        let left = cheap.map(|ask| group.left(&book.offers, ask).0);
        Quantity(left.fold(besides.0, u64::saturating_add))
    }

    fn is_short(&mut self, short: Quantity) {
        self.short = Some(self.short.map_or(short, |least| least.min(short)));
    }
}

pub(super) fn explain(floor: &Floor<'_>, order: &Order) -> Explanation {
    let (mut got, mut bids) = (Quantity::ZERO, OfBids::default());
    floor.matched(order, |book, allocation| {
        let ask = book.offers.asks.iter().find(|ask| ask.id == floor.id);
        let ask = ask.expect("the order is in the book, since its end has not come");
        let more = taken(book, allocation, floor.id);
        got = Quantity(got.0.saturating_add(more.0));
        bids = OfBids::new(book, allocation, ask);
    });
    let reason = if got.is_zero() { why_not(floor, order, &bids) } else { Reason::Trades(got) };
    Explanation { reason, passed: bids.hurdles.passed() }
}

fn why_not(floor: &Floor<'_>, order: &Order, bids: &OfBids) -> Reason {
    let hurdles = &bids.hurdles;
    let terms = || match bids.short {
        _ if bids.waiting => Reason::Waiting,
        Some(short) => Reason::Fill { short },
        None if bids.stopped => Reason::Sellers,
        None => Reason::Outranked(bids.others),
    };
    match hurdles.farthest() {
        Hurdle::Window => Reason::Window { overlapping: bids.overlapping },
        Hurdle::Grade => Reason::Grade { orders: hurdles.at(Hurdle::Grade) },
        Hurdle::Kind => Reason::Kind { orders: hurdles.at(Hurdle::Kind) },
        Hurdle::Agreement => Reason::Agreement { orders: hurdles.at(Hurdle::Agreement) },
        Hurdle::Party => Reason::Party { orders: hurdles.at(Hurdle::Party) },
        Hurdle::Host => Reason::Host { orders: hurdles.at(Hurdle::Host) },
        Hurdle::Room => Reason::Outranked(bids.others),
        Hurdle::Terms => terms(),
        Hurdle::Price => {
            let mut better = bids.prices.iter().rev().take(TRIES_MAX);
            match better.find(|price| floor.trades_at(order, **price)) {
                Some(price) => {
                    Reason::Price { short: Price(order.reach().0.saturating_sub(price.0)) }
                }
                None if bids.short.is_none() => Reason::Sellers,
                None => terms(),
            }
        }
    }
}
