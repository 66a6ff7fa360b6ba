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
use rpc::methods::{MarketDepth, MarketGet, MarketOrders};
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
    let items = committed.state.book_after(id, cursor).filter_map(|id| {
        let order = committed.view().order(id)?;
        Some((id.to_string(), api.translate.order(*id, order, market, ObjectStatus::Open)))
    });
    Ok(Page::fill(api.translate.tip(&committed.header), question.limit, items))
}

pub(super) fn depth(api: &NodeApi, question: &MarketDepth) -> Result<DepthView, Error> {
    let committed = api.read();
    let (id, _) = by_name(&committed, &question.market)?;
    let window =
        question.window.map(|window| Window { start: Time(window.start), end: Time(window.end) });
    let (mut bids, mut asks) = (BTreeMap::new(), BTreeMap::new());
    for id in committed.state.book(id) {
        let Some(order) = committed.view().order(id) else { continue };
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
                let open = open(order, part).min(out_of_pool(&committed, order, part));
                add(&mut asks, (order.limit, part), open);
            }
        }
    }
    let truncated = bids.len().max(asks.len()) > DepthView::LEVELS_MAX;
    Ok(DepthView {
        tip: api.translate.tip(&committed.header),
        bids: levels(bids, |Reverse(price)| price),
        asks: levels(asks, |price| price),
        truncated,
    })
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
