//! Why a bid does not trade.

use std::collections::BTreeMap;

use chain::order::Order;
use chain::quantity::{Price, Quantity};

use super::{
    Bid, Book, Explanation, Floor, Group, Hurdle, Hurdles, Reason, TRIES_MAX, allocate, needed,
    short_of, taken,
};
use crate::matching::allocate::BidOutcome;

/// What a bid found out about the asks, right after its turn.
struct OfAsks {
    hurdles: Hurdles,
    overlapping: usize,
    /// Units of eligible asks that others have.
    others: Quantity,
    /// What is left for it, by limit: of asks that are cheap enough, and of dearer ones.
    left: BTreeMap<Price, Quantity>,
    needed: Quantity,
    limit: Price,
}

impl OfAsks {
    fn new(book: &Book<'_>, bid: &Bid<'_>) -> Self {
        let (group, lot) = (Group::apart(bid), book.market.lot);
        let (needed, limit) = (needed(bid, lot), bid.order.limit);
        let (hurdles, left) = (Hurdles::default(), BTreeMap::new());
        let mut of = Self { hurdles, overlapping: 0, others: Quantity::ZERO, left, needed, limit };
        for ask in &book.offers.asks {
            let hurdle = Hurdle::between(&group, &book.offers, ask, limit);
            of.hurdles.count(hurdle);
            let overlaps = ask.order.window.overlaps(bid.order.window);
            of.overlapping = of.overlapping.saturating_add(usize::from(overlaps));
            if hurdle >= Hurdle::Room {
                let room = group.left(&book.offers, ask);
                let gone = ask.order.quantity.0.saturating_sub(room.0);
                of.others = Quantity(of.others.0.saturating_add(gone));
                let left = of.left.entry(ask.order.limit).or_default();
                *left = Quantity(left.0.saturating_add(room.0));
            }
        }
        of
    }

    /// What is left at `limit` and below.
    fn left_at(&self, limit: Price) -> Quantity {
        let left = self.left.range(..=limit).map(|(_, left)| left.0);
        Quantity(left.fold(0, u64::saturating_add))
    }

    /// Higher limits at which there is enough, the lowest first.
    fn limits(&self) -> impl Iterator<Item = Price> {
        let dearer = self.left.keys().copied().filter(|limit| *limit > self.limit);
        dearer.filter(|limit| self.left_at(*limit) >= self.needed)
    }
}

pub(super) fn explain(floor: &Floor<'_>, order: &Order) -> Explanation {
    let mut book = floor.book(order);
    let position = book.bids.iter().position(|bid| bid.id == floor.id);
    let position = position.expect("the order is in the book, since its end has not come");
    // Those after it take nothing that it could have.
    book.bids.truncate(position.saturating_add(1));
    let allocation = allocate(&mut book, floor.share);
    let bid = book.bids.last().expect("the order is the last bid");
    let asks = OfAsks::new(&book, bid);
    let got = taken(&book, &allocation, floor.id);
    let reason = match allocation.outcomes.last() {
        _ if !got.is_zero() => Reason::Trades(got),
        Some(BidOutcome::Waiting) => Reason::Waiting,
        _ => why_not(floor, order, &asks),
    };
    Explanation { reason, passed: asks.hurdles.passed() }
}

fn why_not(floor: &Floor<'_>, order: &Order, asks: &OfAsks) -> Reason {
    let hurdles = &asks.hurdles;
    match hurdles.farthest() {
        Hurdle::Window => Reason::Window { overlapping: asks.overlapping },
        Hurdle::Grade => Reason::Grade { orders: hurdles.at(Hurdle::Grade) },
        Hurdle::Kind => Reason::Kind { orders: hurdles.at(Hurdle::Kind) },
        Hurdle::Party => Reason::Party { orders: hurdles.at(Hurdle::Party) },
        Hurdle::Host => Reason::Host { orders: hurdles.at(Hurdle::Host) },
        Hurdle::Room => Reason::Outranked(asks.others),
        Hurdle::Terms => match short_of(asks.needed, asks.left_at(asks.limit)) {
            Some(short) => Reason::Fill { short },
            None => Reason::Sellers,
        },
        Hurdle::Price => {
            let mut better = asks.limits().take(TRIES_MAX);
            if let Some(limit) = better.find(|limit| floor.trades_at(order, *limit)) {
                let short = Price(limit.0.saturating_sub(asks.limit.0));
                return Reason::Price { short };
            }
            match short_of(asks.needed, asks.left_at(Price(u64::MAX))) {
                Some(short) => Reason::Fill { short },
                None => Reason::Sellers,
            }
        }
    }
}
