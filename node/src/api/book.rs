//! Markets and what stands in their books.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chain::host::{Pool, PoolId};
use chain::market::{Market, MarketId};
use chain::order::{Order, Side, Sold};
use chain::quantity::{Price, Quantity};
use chain::state::{Key, Object};
use chain::time::{Time, Window};
use rpc::error::Error;
use rpc::methods::{DepthBy, MarketDepth, MarketGet, MarketOrders, SideName};
use rpc::types::{
    AtTip, DepthView, LIMIT_MAX, LevelView, Limit, MarketView, ObjectStatus, OrderView, Page,
    WindowView,
};

use super::NodeApi;
use super::lists::object_cursor;
use crate::ledger::Committed;

// All markets fit one answer.
const _: () = assert!(chain::limits::MARKETS_MAX <= LIMIT_MAX as usize);

pub(super) fn markets(api: &NodeApi) -> Page<MarketView> {
    let committed = api.read();
    let markets =
        all(&committed).map(|(id, market)| (id.to_string(), api.translate.market(id, market)));
    let limit = Limit::new(LIMIT_MAX).expect("the largest limit is one");
    Page::fill(api.translate.tip(&committed.header), limit, markets)
}

pub(super) fn market(api: &NodeApi, question: &MarketGet) -> Result<AtTip<MarketView>, Error> {
    let committed = api.read();
    let (id, market) = by_name(&committed, &question.market)?;
    Ok(api.at(&committed, api.translate.market(id, market)))
}

pub(super) fn orders(api: &NodeApi, question: &MarketOrders) -> Result<Page<OrderView>, Error> {
    let committed = api.read();
    let (id, market) = by_name(&committed, &question.market)?;
    let cursor = object_cursor(question.cursor.as_deref())?;
    let window = question.window.map(window_of);
    let fits = |order: &&Order| {
        question.side.is_none_or(|side| is_of(order, side))
            && window.is_none_or(|window| order.window.overlaps(window))
    };
    let candidates = committed.state.book_after(id, cursor).map(|id| {
        let order = committed.view().order(id).filter(fits);
        let view = order.map(|it| api.translate.order(*id, it, market, ObjectStatus::Open));
        (id.to_string(), view)
    });
    Ok(Page::sift(api.translate.tip(&committed.header), question.limit, candidates))
}

/// True for an order of this side.
pub(super) const fn is_of(order: &Order, side: SideName) -> bool {
    match side {
        SideName::Bid => matches!(order.side, Side::Bid(_)),
        SideName::Ask => matches!(order.side, Side::Ask(_)),
    }
}

const fn window_of(view: WindowView) -> Window {
    Window { start: Time(view.start), end: Time(view.end) }
}

pub(super) fn depth(api: &NodeApi, question: &MarketDepth) -> Result<DepthView, Error> {
    let committed = api.read();
    let (id, _) = by_name(&committed, &question.market)?;
    let window = question.window.map(window_of);
    let orders = committed.state.book(id).filter_map(|id| committed.view().order(id));
    let (bids, asks) = match (question.by, window) {
        (DepthBy::Window, window) => by_window(&committed, orders, window),
        (DepthBy::Price, Some(window)) => by_price(&committed, orders, window),
        (DepthBy::Price, None) => {
            let reason = "a book summed up by price is that of a window".to_owned();
            return Err(Error::ParamsInvalid { reason });
        }
    };
    let truncated = bids.len().max(asks.len()) > DepthView::LEVELS_MAX;
    Ok(DepthView {
        tip: api.translate.tip(&committed.header),
        bids: levels(bids, |Reverse(price)| price),
        asks: levels(asks, |price| price),
        truncated,
    })
}

/// The levels of a side, the best first.
type Sides = (Levels<Reverse<Price>>, Levels<Price>);

/// Orders summed up by window and price; only those that share a point with `window`, if one is named.
fn by_window<'a>(
    committed: &Committed,
    orders: impl Iterator<Item = &'a Order>,
    window: Option<Window>,
) -> Sides {
    let (mut bids, mut asks) = (BTreeMap::new(), BTreeMap::new());
    for order in orders {
        let part = window.map_or(order.window, |window| common(window, order.window));
        if part.start >= part.end {
            continue;
        }
        match order.side {
            // A bid is for its window as a whole.
            Side::Bid(_) => {
                let level = (Reverse(order.limit), order.window);
                add(&mut bids, level, open(order, order.window));
            }
            Side::Ask(_) => {
                let open = open(order, part).min(out_of_pool(committed, order, part));
                add(&mut asks, (order.limit, part), open);
            }
        }
    }
    (bids, asks)
}

/// Orders summed up by price, as they count for a bid for `window`, or beside one.
fn by_price<'a>(
    committed: &Committed,
    orders: impl Iterator<Item = &'a Order>,
    window: Window,
) -> Sides {
    let (mut bids, mut asks) = (BTreeMap::new(), BTreeMap::new());
    for order in orders {
        match order.side {
            Side::Bid(_) if order.window.overlaps(window) => {
                add(&mut bids, (Reverse(order.limit), window), open(order, order.window));
            }
            Side::Ask(_) if order.window.contains(window) => {
                let open = open(order, window).min(out_of_pool(committed, order, window));
                if !open.is_zero() {
                    add(&mut asks, (order.limit, window), open);
                }
            }
            Side::Bid(_) | Side::Ask(_) => {}
        }
    }
    (bids, asks)
}

/// The market of this number.
///
/// # Panics
/// When there is none: what names a market was checked against it, and no market ever ends.
pub(super) fn by_id(committed: &Committed, id: MarketId) -> &Market {
    match committed.state.get(&Key::Market(id)) {
        Some(Object::Market(market)) => market,
        _ => unreachable!("orders and contracts name markets of the genesis"),
    }
}

pub(super) fn by_name<'a>(
    committed: &'a Committed,
    name: &str,
) -> Result<(MarketId, &'a Market), Error> {
    all(committed).find(|(_, market)| market.name == name).ok_or(Error::MarketUnknown)
}

/// The markets, which are numbered without a gap.
fn all(committed: &Committed) -> impl Iterator<Item = (MarketId, &Market)> {
    (0..).map(MarketId).map_while(|id| match committed.state.get(&Key::Market(id)) {
        Some(Object::Market(market)) => Some((id, market.as_ref())),
        _ => None,
    })
}

/// Units and orders of one window and price, the best price first.
type Levels<P> = BTreeMap<(P, Window), (Quantity, u32)>;

fn add<P: Ord>(levels: &mut Levels<P>, level: (P, Window), open: Quantity) {
    let (units, orders) = levels.entry(level).or_default();
    *units = Quantity(units.0.saturating_add(open.0));
    *orders = orders.saturating_add(1);
}

/// What two windows share; it ends before it begins when that is nothing.
fn common(one: Window, other: Window) -> Window {
    Window { start: one.start.max(other.start), end: one.end.min(other.end) }
}

/// Units still open in each slot of `window`: for an ask, what is free in all of them.
fn open(order: &Order, window: Window) -> Quantity {
    let sold = most_sold(&order.sold, window);
    Quantity(order.quantity.0.saturating_sub(order.filled.0).saturating_sub(sold.0))
}

/// What is for sale in all slots of `window` of the pool that an ask sells out of; without one, any quantity.
fn out_of_pool(committed: &Committed, ask: &Order, window: Window) -> Quantity {
    let Some(host) = ask.side.host() else { return Quantity(u64::MAX) };
    let pool = committed.view().pool(&PoolId { host, market: ask.market });
    pool.map_or(Quantity::ZERO, |pool| for_sale(pool, window))
}

/// What is for sale in all slots of `window`.
pub(super) fn for_sale(pool: &Pool, window: Window) -> Quantity {
    if pool.blackouts.iter().any(|dark| dark.overlaps(window)) {
        return Quantity::ZERO;
    }
    Quantity(pool.capacity.0.saturating_sub(most_sold(&pool.sold, window).0))
}

/// The most that is sold in a slot of `window`.
fn most_sold(sold: &[Sold], window: Window) -> Quantity {
    let sold = sold.iter().filter(|sold| sold.window.overlaps(window));
    sold.map(|sold| sold.quantity).max().unwrap_or_default()
}

fn levels<P>(levels: Levels<P>, price: impl Fn(P) -> Price) -> Vec<LevelView> {
    let levels = levels.into_iter().take(DepthView::LEVELS_MAX);
    let view = |((of, window), (units, orders)): ((P, Window), (Quantity, u32))| LevelView {
        window: WindowView { start: window.start.0, end: window.end.0 },
        price: price(of).into(),
        quantity: units.0,
        orders,
    };
    levels.map(view).collect()
}
