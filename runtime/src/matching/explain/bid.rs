//! Why a bid does not trade.

use std::collections::BTreeMap;

use chain::order::{Order, Pass};
use chain::quantity::{Price, Quantity};

use super::{
    Bid, Book, Explanation, Floor, Group, Hurdle, Hurdles, Reason, TRIES_MAX, allocate, needed,
    short_of, taken,
};
use crate::matching::allocate::BidOutcome;
use crate::matching::turns::Turns;

/// What a bid found out about the asks, right after its turn.
struct OfAsks {
    hurdles: Hurdles,
    overlapping: usize,
    /// Units of eligible asks that others have.
    others: Quantity,
    /// What is left for it, by price: of asks that are cheap enough, and of dearer ones.
    left: BTreeMap<Price, Quantity>,
    needed: Quantity,
    price: Price,
}

impl OfAsks {
    fn new(book: &Book<'_>, bid: &Bid<'_>) -> Self {
        let (group, lot) = (Group::apart(bid), book.market.lot);
        let (needed, price) = (needed(bid, lot), bid.price);
        let (hurdles, left) = (Hurdles::default(), BTreeMap::new());
        let mut of = Self { hurdles, overlapping: 0, others: Quantity::ZERO, left, needed, price };
        for ask in &book.offers.asks {
            let hurdle = Hurdle::between(&group, &book.offers, ask, price);
            of.hurdles.count(hurdle);
            let overlaps = ask.order.window.overlaps(bid.order.window);
            of.overlapping = of.overlapping.saturating_add(usize::from(overlaps));
            if hurdle >= Hurdle::Room {
                let room = group.left(&book.offers, ask);
                let gone = ask.order.quantity.0.saturating_sub(room.0);
                of.others = Quantity(of.others.0.saturating_add(gone));
                let left = of.left.entry(ask.price).or_default();
                *left = Quantity(left.0.saturating_add(room.0));
            }
        }
        of
    }

    /// What is left at `price` and below.
    fn left_at(&self, price: Price) -> Quantity {
        let left = self.left.range(..=price).map(|(_, left)| left.0);
        Quantity(left.fold(0, u64::saturating_add))
    }

    /// Higher prices at which there is enough, the lowest first.
    fn prices(&self) -> impl Iterator<Item = Price> {
        let dearer = self.left.keys().copied().filter(|price| *price > self.price);
        dearer.filter(|price| self.left_at(*price) >= self.needed)
    }
}

pub(super) fn explain(floor: &Floor<'_>, order: &Order) -> Explanation {
    let mut book = floor.book(order);
    let mut got = Quantity::ZERO;
    let mut share = floor.share;
    if book.ranges {
        let first = allocate(&mut book, share, Turns::FromTheBest);
        got = taken(&book, &first, floor.id);
        share = share.less(&first);
        book.turn_to(Pass::Second);
    }
    let position = book.bids.iter().position(|bid| bid.id == floor.id);
    let position = position.expect("the order is in the book, since its end has not come");
    // Those after it take nothing in the last pass that it could have.
    book.bids.truncate(position.saturating_add(1));
    let allocation = allocate(&mut book, share, Turns::FromTheBest);
    let bid = book.bids.last().expect("the order is the last bid");
    let asks = OfAsks::new(&book, bid);
    let more = taken(&book, &allocation, floor.id);
    got = Quantity(got.0.saturating_add(more.0));
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
        Hurdle::Agreement => Reason::Agreement { orders: hurdles.at(Hurdle::Agreement) },
        Hurdle::Party => Reason::Party { orders: hurdles.at(Hurdle::Party) },
        Hurdle::Host => Reason::Host { orders: hurdles.at(Hurdle::Host) },
        Hurdle::Room => Reason::Outranked(asks.others),
        Hurdle::Terms => match short_of(asks.needed, asks.left_at(asks.price)) {
            Some(short) => Reason::Fill { short },
            None => Reason::Sellers,
        },
        Hurdle::Price => {
            let mut better = asks.prices().take(TRIES_MAX);
            if let Some(price) = better.find(|price| floor.trades_at(order, *price)) {
                let short = Price(price.0.saturating_sub(order.reach().0));
                return Reason::Price { short };
            }
            match short_of(asks.needed, asks.left_at(Price(u64::MAX))) {
                Some(short) => Reason::Fill { short },
                None => Reason::Sellers,
            }
        }
    }
}
