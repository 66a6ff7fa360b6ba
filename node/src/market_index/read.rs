//! Reading rows, from one place to another, either way.

use std::ops::RangeInclusive;

use chain::account::AccountId;
use chain::height::Height;
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::time::Time;
use rocksdb::{IteratorMode, ReadOptions};

use super::candle::{self, Candle, Interval};
use super::{Earning, EventRow, Family, IndexError, MarketIndex, Source, TradeRow};

/// Where something happened: in which block, and as what number of its events, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The block.
    pub height: Height,
    /// The number.
    pub number: u32,
}

/// The way in which rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The earliest first.
    Rising,
    /// The latest first.
    Falling,
}

/// A key and its value, as they are stored.
type KeyValue = (Box<[u8]>, Box<[u8]>);

impl Place {
    /// Before everything else.
    pub const FIRST: Self = Self { height: Height(0), number: 0 };
    /// After everything else.
    pub const LAST: Self = Self { height: Height(u64::MAX), number: u32::MAX };

    /// The key of what belongs to `subject` and happened here.
    pub(super) fn key(self, subject: &[u8]) -> Vec<u8> {
        let (height, number) = (self.height.0.to_be_bytes(), self.number.to_be_bytes());
        [subject, &height, &number].concat()
    }

    /// Where it happened that has this key, of a subject of so many bytes.
    fn of_key(key: &[u8], subject: usize) -> Option<Self> {
        let (height, number) = key.get(subject..)?.split_first_chunk()?;
        let number = u32::from_be_bytes(number.try_into().ok()?);
        Some(Self { height: Height(u64::from_be_bytes(*height)), number })
    }
}

type Row<T> = Result<T, IndexError>;

impl MarketIndex {
    /// The trades of `market` within `places`.
    pub fn trades(
        &self,
        market: MarketId,
        places: RangeInclusive<Place>,
        direction: Direction,
    ) -> impl Iterator<Item = Row<(Place, TradeRow)>> {
        let subject = market.0.to_be_bytes();
        let ends = [places.start().key(&subject), places.end().key(&subject)];
        let rows = self.rows(Family::Trades, ends, direction);
        rows.map(move |row| {
            let (key, value) = row?;
            let place = Place::of_key(&key, 4).ok_or_else(|| self.damaged())?;
            Ok((place, self.decoded(&value)?))
        })
    }

    /// The candles of `market` that begin within `starts`, without those in which nothing was traded.
    pub fn candles(
        &self,
        (market, interval): (MarketId, Interval),
        starts: RangeInclusive<Time>,
        direction: Direction,
    ) -> impl Iterator<Item = Row<(Time, Candle)>> {
        let key = |start: &Time| candle::key(market, interval, *start).to_vec();
        let rows = self.rows(Family::Candles, [key(starts.start()), key(starts.end())], direction);
        rows.map(|row| {
            let (key, value) = row?;
            let start = candle::start(&key).ok_or_else(|| self.damaged())?;
            Ok((start, self.decoded(&value)?))
        })
    }

    /// What `account` earned, from what and on which day.
    pub fn earnings(
        &self,
        account: AccountId,
        sources: RangeInclusive<Source>,
        direction: Direction,
    ) -> impl Iterator<Item = Row<(Source, Earning)>> {
        let key = |source: &Source| source.key(account).to_vec();
        let ends = [key(sources.start()), key(sources.end())];
        let rows = self.rows(Family::Earnings, ends, direction);
        rows.map(|row| {
            let (key, value) = row?;
            let source = Source::of_key(&key).ok_or_else(|| self.damaged())?;
            Ok((source, self.decoded(&value)?))
        })
    }

    /// What happened to an order, contract or channel after `last`, or from its beginning on.
    pub fn events(
        &self,
        object: ObjectId,
        last: Option<Place>,
    ) -> impl Iterator<Item = Row<(Place, EventRow)>> {
        let first = last.unwrap_or(Place::FIRST);
        let rows = self.rows(
            Family::Events,
            [first.key(&object.0), Place::LAST.key(&object.0)],
            Direction::Rising,
        );
        let rows = rows.map(|row| {
            let (key, value) = row?;
            let place = Place::of_key(&key, 32).ok_or_else(|| self.damaged())?;
            Ok((place, self.decoded(&value)?))
        });
        rows.filter(move |row| row.as_ref().map_or(true, |(place, _)| Some(*place) != last))
    }

    /// The rows from one key to another, both included.
    fn rows(
        &self,
        family: Family,
        [first, last]: [Vec<u8>; 2],
        direction: Direction,
    ) -> impl Iterator<Item = Row<KeyValue>> {
        let mode = match direction {
            Direction::Rising => IteratorMode::From(&first, rocksdb::Direction::Forward),
            Direction::Falling => IteratorMode::From(&last, rocksdb::Direction::Reverse),
        };
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(first.clone());
        // Just after the last: the bound itself is not read.
        options.set_iterate_upper_bound([&last[..], &[0]].concat());
        let items = self.db.iterator_cf_opt(self.family(family), options, mode);
        items.map(|item| item.map_err(|source| self.refusal(source)))
    }
}
