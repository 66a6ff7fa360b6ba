//! The match: after a block's transactions, market by market, bids meet asks.
//!
//! ```text
//! book ─► allocate: who gets what ─► price: one a cell ─► contracts, holds, orders that end
//!          └─ at the limits; then, where orders have stretches, once more at these
//! ```
//!
//! An order placed in a block trades in that block, and one cancelled in it does not. All that counts is
//! the set of open orders, so the order of placements in a block changes nothing.
//!
//! Each market has an equal share of the block's pairs and fills. What one leaves over is no other's: a
//! market that rests is left out, and a node that has just started knows of none that rests, so the work
//! that one market costs must not change what another trades.

mod allocate;
mod book;
mod eligible;
pub mod explain;
mod pools;
mod price;
pub mod quote;
mod report;
mod route;
mod turns;
mod windows;

use std::collections::BTreeMap;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::conditions::Kind;
use chain::event::Event;
use chain::hash::Hash;
use chain::host::PoolId;
use chain::id::ObjectId;
use chain::market::{Grade, Market, MarketId};
use chain::order::{Order, OrderClosed, Pass, Sellers, Sold, TimeInForce};
use chain::quantity::{Price, Quantity};
use chain::time::{Time, Window};

use crate::context::BlockContext;
use crate::draft::Draft;
use crate::money;
use crate::rules::contract::{self, Deal};
use crate::rules::order;
use crate::rules::standing;
use crate::state::View;
use allocate::{Allocation, Share};
use book::Book;
use eligible::{Cell, Group};
use pools::OpenPool;
use turns::Turns;

/// Matches every market that is open and not at rest.
///
/// A market is at rest after a match in which every bid had its turn in each pass and none stopped for want
/// of one more seller than it accepts. Then each bid that is left has looked at all eligible asks at its
/// price, that of its limit and that of its stretch, and finds nothing there, or less than its fill rule asks
/// for; what it found in the first pass is not undone for what the second takes. Trades, cancels, deadlines and time only
/// take away bids and asks and what asks and pools have left, so this stays true until something wakes the
/// market: an order is placed or amended, a pool is set or a blackout lifted, other things are said of a host,
/// or a contract returns what it needed to its pool. While it is true a match trades nothing and ends nothing. So leaving the
/// market out changes nothing.
///
/// It is otherwise for a bid that counts sellers: when a cheap ask with little left is gone, as many
/// sellers can offer more.
pub(crate) fn clear_markets(draft: &mut Draft<'_>) {
    let parent = draft.parent();
    let share = Share::of(draft.view().markets().count());
    let awake = |id: MarketId, market: &Market| {
        !market.is_closed() && (draft.is_awake(id) || !parent.is_at_rest(id))
    };
    let markets = draft.view().markets();
    let (awake, at_rest): (Vec<_>, Vec<_>) = markets.partition(|(id, market)| awake(*id, market));
    let at_rest: Vec<MarketId> = at_rest.into_iter().map(|(id, _)| id).collect();
    let awake: Vec<_> = awake.into_iter().map(|(id, market)| (id, market.clone())).collect();
    at_rest.into_iter().for_each(|id| draft.set_at_rest(id));
    for (id, market) in &awake {
        let (id, market) = (*id, market);
        let turns = Turns::of(draft.context().parent, id);
        let now = draft.context().parent_time;
        let cleared = clear(draft.view(), (id, market), (share, turns), now);
        if !cleared.unfinished {
            draft.set_at_rest(id);
        }
        apply(draft, id, market, cleared);
    }
}

/// What the match of one market decided, without the orders it was decided on.
#[derive(Debug)]
struct Cleared {
    /// Pass by pass, cell by cell: see [`CellName`].
    cells: Vec<ClearedCell>,
    /// What the asks that traded have sold, the cheapest first.
    sold: Vec<(ObjectId, Vec<Sold>)>,
    /// Which orders end: bids, then asks, each in the order of the first pass.
    closed: Vec<(ObjectId, OrderClosed)>,
    unfinished: bool,
}

#[derive(Debug)]
struct ClearedCell {
    pass: Pass,
    name: CellName,
    price: Price,
    /// Bid by bid in the order of the book, asks cheapest first.
    fills: Vec<Fill>,
}

/// What a cell is called in reports, which come in this order: those with earlier windows first, then lower
/// grades, the bids of no parties before those of some, those that ask nothing of hosts before others,
/// strangers before single bidders, those that accept nothing but what is firm before others, those that agree to
/// no text before others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct CellName {
    window: Window,
    grade: Grade,
    parties: Option<Hash>,
    predicates: Option<Hash>,
    bidder: Option<AccountId>,
    sellers: Sellers,
    kind: Kind,
    agreement: Option<Hash>,
}

impl CellName {
    fn of(cell: &Cell<'_>) -> Self {
        let Cell { group, sellers } = *cell;
        let Group { window, grade, parties, predicates, bidder, kind, agreement } = group;
        let (parties, predicates) = (parties.digest(), predicates.digest());
        Self { window, grade, parties, predicates, bidder, sellers, kind, agreement }
    }
}

#[derive(Debug)]
struct Fill {
    bid: ObjectId,
    ask: ObjectId,
    quantity: Quantity,
}

/// Looks at all that the match of a market depends on, and does not match it.
pub(crate) fn read(view: View<'_>, context: &BlockContext, id: MarketId) {
    let markets: Vec<_> = view.markets().collect();
    let of_number = markets.into_iter().find(|(number, _)| *number == id);
    let Some((_, market)) = of_number else { return };
    let now = context.parent_time;
    for (_, order) in view.meeting(id, |order| order::deadline(market, order) > now) {
        if let Some(host) = order.side.host() {
            view.host(&host);
            view.pool(&PoolId { host, market: id });
        }
    }
}

/// What the match of a market reports, but what it does to holds.
///
/// # Panics
/// When there is no such market, or the host or the pool of an open ask is not there.
pub fn report(view: View<'_>, context: &BlockContext, id: MarketId) -> Vec<Event> {
    let share = Share::of(view.markets().count());
    let market = view.market(id).expect("the caller looked for the market");
    if market.is_closed() {
        return Vec::new();
    }
    let turns = Turns::of(context.parent, id);
    let cleared = clear(view, (id, market), (share, turns), context.parent_time);
    report::events(view, context, (id, market), &cleared)
}

fn clear(
    view: View<'_>,
    (id, market): (MarketId, &Market),
    (share, turns): (Share, Turns),
    now: Time,
) -> Cleared {
    // Whether or not the timer of an order has had its turn.
    let orders = view.meeting(id, |order| order::deadline(market, order) > now);
    let pool = |host: ObjectId| open_pool(&view, PoolId { host, market: id });
    let mut book = Book::new(market, orders, pool);
    let first = allocate::allocate(&mut book, share, turns);
    let (mut unfinished, mut cleared) = (first.unfinished, cells(&book, &first));
    if book.ranges {
        let share = share.less(&first);
        book.turn_to(Pass::Second);
        let second = allocate::allocate(&mut book, share, turns);
        unfinished |= second.unfinished;
        cleared.extend(cells(&book, &second));
        book.turn_to(Pass::First);
    }
    Cleared { cells: cleared, sold: sold(&book), closed: closed(&book, now), unfinished }
}

/// A pool that an ask sells out of.
fn open_pool<'a>(view: &View<'a>, id: PoolId) -> OpenPool<'a> {
    let host = view.host(&id.host).expect("a pool is of a host");
    OpenPool::new(&host.attributes, view.pool(&id).expect("the pool of an open ask stands"))
}

/// The cells that a pass cleared.
fn cells<'a>(book: &Book<'a>, allocation: &Allocation<'a>) -> Vec<ClearedCell> {
    let prices = price::prices(book, allocation);
    let mut fills: BTreeMap<Cell<'a>, Vec<Fill>> = BTreeMap::new();
    for trade in &allocation.trades {
        let (bid, ask) = trade.orders(book);
        let fill = Fill { bid: bid.id, ask: ask.id, quantity: trade.quantity };
        fills.entry(Cell::of(book, bid, ask)).or_default().push(fill);
    }
    let cleared = fills.into_iter().zip(prices).map(|((cell, fills), (_, price))| ClearedCell {
        pass: book.pass,
        name: CellName::of(&cell),
        price,
        fills,
    });
    let mut cleared: Vec<ClearedCell> = cleared.collect();
    cleared.sort_by_key(|cell| cell.name);
    cleared
}

fn sold(book: &Book<'_>) -> Vec<(ObjectId, Vec<Sold>)> {
    let traded = book.offers.asks.iter().filter(|ask| ask.has_traded());
    traded.map(|ask| (ask.id, ask.sold.to_vec())).collect()
}

fn closed(book: &Book<'_>, now: Time) -> Vec<(ObjectId, OrderClosed)> {
    let bids = book.bids.iter().filter_map(|bid| {
        let reason = if bid.open().is_zero() {
            OrderClosed::Filled
        } else if bid.undone && !bid.has_traded() {
            OrderClosed::FillRule
        } else {
            OrderClosed::NotMatched
        };
        let ends = reason == OrderClosed::Filled || is_immediate(bid.order);
        ends.then_some((bid.id, reason))
    });
    let asks = book.offers.asks.iter().filter_map(|ask| {
        if ask.has_traded() && ask.is_sold_out(book.market, now) {
            Some((ask.id, OrderClosed::SoldOut))
        } else {
            is_immediate(ask.order).then_some((ask.id, OrderClosed::NotMatched))
        }
    });
    bids.chain(asks).collect()
}

fn is_immediate(order: &Order) -> bool {
    matches!(order.time_in_force, TimeInForce::ImmediateOrCancel)
}

/// Writes what was decided.
fn apply(draft: &mut Draft<'_>, id: MarketId, market: &Market, cleared: Cleared) {
    for ClearedCell { pass, name, price, fills } in &cleared.cells {
        draft.emit(report::cell_cleared(id, (*pass, name), *price, fills));
        for fills in fills.chunk_by(|one, next| one.bid == next.bid) {
            fill_bid(draft, market, (*pass, *price), fills);
        }
    }
    for (id, sold) in cleared.sold {
        let ask = draft.view().order(&id).expect("only open orders trade");
        let ask = Order { sold, ..ask.clone() };
        draft.put_order(id, ask);
    }
    for (id, reason) in cleared.closed {
        order::close(draft, id, reason);
    }
}

/// Makes the contracts of one bid. Their money comes out of the bid's hold; what it had set aside for
/// them above the price is available again.
fn fill_bid(draft: &mut Draft<'_>, market: &Market, (pass, price): (Pass, Price), fills: &[Fill]) {
    let Some(Fill { bid: id, .. }) = fills.first() else { return };
    let mut bid = draft.view().order(id).expect("only open orders trade").clone();
    let (quantity, slots) = (total(fills), bid.window.slots(market.slot));
    let cost = |price| slots.and_then(|slots| Amount::cost(price, quantity, slots));
    let (set_aside, total) = (cost(bid.reach()), cost(price));
    let set_aside = set_aside.expect("a bid was placed with an amount that covers all of it");
    money::shrink_hold(draft, bid.hold.expect("a bid has a hold"), set_aside);
    let surplus = total.and_then(|total| set_aside.checked_sub(total));
    let surplus = surplus.expect("a bid pays no more than it has set aside");
    standing::give_back(draft, bid.standing, surplus);
    for Fill { ask, quantity, .. } in fills {
        let offer = draft.view().order(ask).expect("only open orders trade");
        let (seller, host, parties) = (offer.owner, offer.side.host(), offer.parties.clone());
        let (sold, bought) = (offer.conditions.clone(), bid.conditions.clone());
        let deal = Deal {
            market: bid.market,
            bid: *id,
            ask: *ask,
            buyer: bid.owner,
            seller,
            window: bid.window,
            quantity: *quantity,
            price,
            pass: Some(pass),
            host,
            sold,
            bought,
            parties,
        };
        contract::open(draft, &deal);
    }
    let filled = bid.filled.checked_add(quantity);
    bid.filled = filled.expect("a bid is filled with no more than it asks for");
    draft.put_order(*id, bid);
}

/// The units of all fills together. Many bids may add up to more than a quantity can say; then it is the
/// largest there is, which nothing but a report depends on.
fn total(fills: &[Fill]) -> Quantity {
    let sum = fills.iter().fold(0_u64, |sum, fill| sum.saturating_add(fill.quantity.0));
    Quantity(sum)
}
