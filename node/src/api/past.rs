//! The past of markets and of single objects, out of the index.

use std::ops::RangeInclusive;

use chain::amount::Amount;
use chain::height::Height;
use chain::id::ObjectId;
use chain::time::Time;
use rpc::error::Error;
use rpc::methods::{
    AuthorityListHistory, ChannelListHistory, ContractListHistory, HistoryOrder, MarketCandles,
    MarketTrades, OrderListHistory,
};
use rpc::types::{CandleView, HappeningView, IntervalView, Limit, OriginView, Page, TradeView};

use super::{NodeApi, book, fault};
use crate::ledger::Committed;
use crate::market_index::{
    Candle, Direction, EventRow, GOVERNING, IndexError, Interval, MarketIndex, Origin, Place,
    TradeRow,
};

pub(super) fn trades(api: &NodeApi, question: &MarketTrades) -> Result<Page<TradeView>, Error> {
    let index = index(api)?;
    let committed = api.read();
    let (market, _) = book::by_name(&committed, &question.market)?;
    let first = Place { height: Height(question.from.unwrap_or(0)), number: 0 };
    let end = Place { height: Height(question.until.unwrap_or(u64::MAX)), number: 0 };
    let cursor = question.cursor.as_deref().map(read_cursor).transpose()?;
    let direction = direction(question.order);
    let Some(places) = left(first, end, cursor, direction) else {
        return Ok(empty(api, &committed));
    };
    let rows = index.trades(market, places, direction);
    let rows = part(rows, (end, cursor), question.limit)?;
    let items = rows.into_iter().map(|(at, row)| (written(at), trade(api, at.height, &row)));
    Ok(Page::fill(api.translate.tip(&committed.header), question.limit, items))
}

pub(super) fn candles(api: &NodeApi, question: &MarketCandles) -> Result<Page<CandleView>, Error> {
    let index = index(api)?;
    let committed = api.read();
    let (market, _) = book::by_name(&committed, &question.market)?;
    let interval = match question.interval {
        IntervalView::Minute => Interval::Minute,
        IntervalView::Hour => Interval::Hour,
        IntervalView::Day => Interval::Day,
    };
    let (first, end) =
        (Time(question.from_time.unwrap_or(0)), Time(question.until_time.unwrap_or(u64::MAX)));
    let cursor = question.cursor.as_deref();
    let cursor = cursor.map(|text| text.parse().map(Time).map_err(|_| Error::CursorInvalid));
    let cursor = cursor.transpose()?;
    let direction = direction(question.order);
    let Some(starts) = left(first, end, cursor, direction) else {
        return Ok(empty(api, &committed));
    };
    let rows = index.candles((market, interval), starts, direction);
    let rows = part(rows, (end, cursor), question.limit)?;
    let items =
        rows.into_iter().map(|(start, row)| (start.0.to_string(), candle(start, interval, &row)));
    Ok(Page::fill(api.translate.tip(&committed.header), question.limit, items))
}

pub(super) fn of_order(
    api: &NodeApi,
    question: &OrderListHistory,
) -> Result<Page<HappeningView>, Error> {
    let OrderListHistory { order, cursor, limit } = question;
    happenings(api, ("order", order.0), cursor.as_deref(), *limit)
}

pub(super) fn of_contract(
    api: &NodeApi,
    question: &ContractListHistory,
) -> Result<Page<HappeningView>, Error> {
    let ContractListHistory { contract, cursor, limit } = question;
    happenings(api, ("contract", contract.0), cursor.as_deref(), *limit)
}

pub(super) fn of_channel(
    api: &NodeApi,
    question: &ChannelListHistory,
) -> Result<Page<HappeningView>, Error> {
    let ChannelListHistory { channel, cursor, limit } = question;
    happenings(api, ("channel", channel.0), cursor.as_deref(), *limit)
}

pub(super) fn of_authorities(
    api: &NodeApi,
    question: &AuthorityListHistory,
) -> Result<Page<HappeningView>, Error> {
    let AuthorityListHistory { cursor, limit } = question;
    let first = cursor.is_none();
    match happenings(api, ("history", GOVERNING), cursor.as_deref(), *limit) {
        // Nothing was ever decided.
        Err(Error::NotFound { .. }) if first => {
            let committed = api.read();
            Ok(Page::fill(api.translate.tip(&committed.header), *limit, []))
        }
        answer => answer,
    }
}

fn happenings(
    api: &NodeApi,
    (what, object): (&'static str, ObjectId),
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<HappeningView>, Error> {
    let index = index(api)?;
    let cursor = cursor.map(read_cursor).transpose()?;
    let committed = api.read();
    let rows = index.events(object, cursor).take(limit.items() + 1);
    let rows = rows.collect::<Result<Vec<_>, _>>().map_err(broken)?;
    if rows.is_empty() && cursor.is_none() {
        return Err(Error::NotFound { what });
    }
    let items = rows.into_iter().map(|(at, row)| (written(at), happening(api, at, &row)));
    Ok(Page::fill(api.translate.tip(&committed.header), limit, items))
}

pub(super) fn index(api: &NodeApi) -> Result<&MarketIndex, Error> {
    api.ledger.market_index().ok_or(Error::IndexOff)
}

#[expect(clippy::needless_pass_by_value, reason = "takes errors as `map_err` gives them")]
fn broken(error: IndexError) -> Error {
    fault(&error)
}

pub(super) const fn direction(order: HistoryOrder) -> Direction {
    match order {
        HistoryOrder::NewestFirst => Direction::Falling,
        HistoryOrder::OldestFirst => Direction::Rising,
    }
}

/// What is left from `first` to `end` after `cursor`; nothing where the range is empty.
pub(super) fn left<P: PartialOrd>(
    first: P,
    end: P,
    cursor: Option<P>,
    direction: Direction,
) -> Option<RangeInclusive<P>> {
    let (first, last) = match (cursor, direction) {
        (None, _) => (first, end),
        (Some(cursor), Direction::Rising) => (cursor, end),
        (Some(cursor), Direction::Falling) => (first, cursor),
    };
    (first <= last).then_some(first..=last)
}

/// The rows of a part of an answer, and one more where there is another part. The end is not among them, and
/// nor is what the cursor names.
pub(super) fn part<P: PartialOrd, R>(
    rows: impl Iterator<Item = Result<(P, R), IndexError>>,
    (end, cursor): (P, Option<P>),
    limit: Limit,
) -> Result<Vec<(P, R)>, Error> {
    let is_asked = |place: &P| Some(place) != cursor.as_ref() && *place < end;
    let rows = rows.filter(|row| row.as_ref().map_or(true, |(place, _)| is_asked(place)));
    rows.take(limit.items() + 1).collect::<Result<_, _>>().map_err(broken)
}

pub(super) fn empty<T: serde::Serialize>(api: &NodeApi, committed: &Committed) -> Page<T> {
    Page::fill(api.translate.tip(&committed.header), Limit::default(), [])
}

/// The cursor after what happened at a place.
fn written(place: Place) -> String {
    format!("{}.{}", place.height, place.number)
}

fn read_cursor(text: &str) -> Result<Place, Error> {
    let place = text.split_once('.').and_then(|(height, number)| {
        Some(Place { height: Height(height.parse().ok()?), number: number.parse().ok()? })
    });
    place.ok_or(Error::CursorInvalid)
}

/// A trade of the block at `height`, as clients see it.
pub(super) fn trade(api: &NodeApi, height: Height, row: &TradeRow) -> TradeView {
    TradeView {
        height: height.0,
        time: row.time.0,
        contract: row.contract.into(),
        bid: row.bid.into(),
        ask: row.ask.into(),
        buyer: api.translate.address(row.buyer),
        seller: api.translate.address(row.seller),
        window: row.window.into(),
        quantity: row.quantity.0,
        price: row.price.into(),
        total: row.total.into(),
    }
}

fn candle(start: Time, interval: Interval, candle: &Candle) -> CandleView {
    let Candle { open, high, low, close, volume, total, trades } = *candle;
    let total: Amount = total;
    CandleView {
        start: start.0,
        end: start.0.saturating_add(interval.millis()),
        open: open.into(),
        high: high.into(),
        low: low.into(),
        close: close.into(),
        volume: u64::try_from(volume).unwrap_or(u64::MAX),
        total: total.into(),
        trades,
    }
}

fn happening(api: &NodeApi, at: Place, row: &EventRow) -> HappeningView {
    let origin = match row.origin {
        Origin::Timers => OriginView::Timers,
        Origin::Transaction(id) => OriginView::Transaction { transaction: id.into() },
        Origin::Matching => OriginView::Matching,
    };
    let event = api.translate.event(&row.event);
    HappeningView { height: at.height.0, time: row.time.0, origin, event }
}

#[cfg(test)]
mod tests;
