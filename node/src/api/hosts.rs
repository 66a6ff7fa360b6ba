//! Hosts: what is said of them, what they have to sell, and the bids that they can serve.

use chain::host::{Host, Pool, PoolId};
use chain::id::ObjectId;
use chain::market::Market;
use chain::order::{Order, Side};
use chain::quantity::Quantity;
use chain::time::Time;
use rpc::error::Error;
use rpc::methods::{HostGet, HostList, HostPools, OrderForHost};
use rpc::types::{AtTip, HostView, ObjectStatus, OrderView, Page, PoolView};

use super::lists::object_cursor;
use super::{NodeApi, book};
use crate::index::Kind;
use crate::ledger::Committed;

/// Orders that one question looks at; the rest are for the next.
const ORDERS_MAX: usize = 10_000;

pub(super) fn host(api: &NodeApi, question: &HostGet) -> Result<AtTip<HostView>, Error> {
    let committed = api.read();
    let host = by_id(&committed, question.host.0)?;
    Ok(api.at(&committed, api.translate.host(question.host.0, host)))
}

pub(super) fn list(api: &NodeApi, question: &HostList) -> Result<Page<HostView>, Error> {
    let committed = api.read();
    let cursor = object_cursor(question.cursor.as_deref())?;
    let tip = api.translate.tip(&committed.header);
    let view = |id: ObjectId| {
        let host = committed.view().host(&id)?;
        Some((id.to_string(), api.translate.host(id, host)))
    };
    Ok(match &question.account {
        Some(account) => {
            let account = api.translate.account(account)?;
            let hosts = committed.index.of_account(Kind::Host, account, cursor);
            Page::fill(tip, question.limit, hosts.filter_map(view))
        }
        None => {
            let hosts = committed.state.hosts_after(cursor);
            Page::fill(tip, question.limit, hosts.filter_map(view))
        }
    })
}

pub(super) fn pools(api: &NodeApi, question: &HostPools) -> Result<Page<PoolView>, Error> {
    let committed = api.read();
    let host = question.host.0;
    by_id(&committed, host)?;
    let after = question.cursor.as_deref().map(|cursor| cursor.parse::<u32>());
    let after = after.transpose().map_err(|_| Error::CursorInvalid)?;
    let pools = committed.view().pools_of(host).into_iter();
    let pools = pools.filter(|(id, _)| after.is_none_or(|after| id.market.0 > after));
    let items = pools.map(|(id, pool)| {
        let market = book::by_id(&committed, id.market);
        (id.market.to_string(), api.translate.pool(id, pool, market))
    });
    Ok(Page::fill(api.translate.tip(&committed.header), question.limit, items))
}

pub(super) fn bids(api: &NodeApi, question: &OrderForHost) -> Result<Page<OrderView>, Error> {
    let committed = api.read();
    let (id, market) = book::by_name(&committed, &question.market)?;
    let host = by_id(&committed, question.host.0)?;
    let pool = committed.view().pool(&PoolId { host: question.host.0, market: id });
    let cursor = object_cursor(question.cursor.as_deref())?;
    let mut looked_at: Option<ObjectId> = None;
    let scanned = committed.state.book_after(id, cursor).take(ORDERS_MAX).copied();
    let scanned: Vec<ObjectId> = scanned.collect();
    let full = scanned.len() == ORDERS_MAX;
    let items = scanned.into_iter().filter_map(|id| {
        looked_at = Some(id);
        let order = committed.view().order(&id)?;
        let served = serves(host, pool?, market, order, committed.header.time);
        let view = || api.translate.order(id, order, market, ObjectStatus::Open);
        served.then(|| (id.to_string(), view()))
    });
    let mut page = Page::fill(api.translate.tip(&committed.header), question.limit, items);
    if full && page.next_cursor.is_none() {
        page.next_cursor = looked_at.map(|id| id.to_string());
    }
    Ok(page)
}

/// True when `order` is a bid that still trades `now` and that an ask of the host could serve a lot of.
fn serves(host: &Host, pool: &Pool, market: &Market, order: &Order, now: Time) -> bool {
    let Side::Bid(_) = order.side else { return false };
    let last = Time(order.window.start.0.saturating_sub(market.lead.0));
    let free = book::for_sale(pool, order.window).floor_to(market.lot);
    last > now
        && order.owner != host.owner
        && order.parties.admit(host.owner)
        && order.predicates.hold(&host.attributes, order.window.end)
        && free > Quantity::ZERO
}

fn by_id(committed: &Committed, id: ObjectId) -> Result<&Host, Error> {
    committed.view().host(&id).ok_or(Error::NotFound { what: "host" })
}
