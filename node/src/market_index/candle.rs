//! Candles: what a market traded in a span of time, and at which prices.

use borsh::{BorshDeserialize, BorshSerialize};
use chain::amount::Amount;
use chain::market::MarketId;
use chain::quantity::Price;
use chain::time::Time;

/// How long a candle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interval {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day, in UTC.
    Day,
}

impl Interval {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// Its length in milliseconds.
    pub const fn millis(self) -> u64 {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    const fn tag(self) -> u8 {
        match self {
            Self::Minute => 0,
            Self::Hour => 1,
            Self::Day => 2,
        }
    }

    /// The start of the one that `time` lies in.
    pub const fn start(self, time: Time) -> Time {
        Time(time.0 - time.0 % self.millis())
    }
}

/// What a market traded in an interval. Prices are for a unit and slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Candle {
    /// The first price.
    pub open: Price,
    /// The highest.
    pub high: Price,
    /// The lowest.
    pub low: Price,
    /// The last.
    pub close: Price,
    /// Units times slots.
    pub volume: u128,
    /// What all of it costs, in base units.
    pub total: Amount,
    /// How many trades there were.
    pub trades: u64,
}

impl Candle {
    /// Of a single trade.
    pub(super) const fn of(price: Price, volume: u128, total: Amount) -> Self {
        Self { open: price, high: price, low: price, close: price, volume, total, trades: 1 }
    }

    /// With one more trade after those that are in it.
    #[must_use]
    pub(super) fn and(self, later: Self) -> Self {
        Self {
            open: self.open,
            high: self.high.max(later.high),
            low: self.low.min(later.low),
            close: later.close,
            volume: self.volume.saturating_add(later.volume),
            // Money changes hands more often than there is of it; a sum of turnover may stop at the largest.
            total: self.total.checked_add(later.total).unwrap_or(Amount::MAX),
            trades: self.trades.saturating_add(later.trades),
        }
    }
}

/// Bytes of a market, an interval and a start.
pub(super) const KEY_BYTES: usize = 4 + 1 + 8;

/// The key of the candle that begins at `start`.
pub(super) fn key(market: MarketId, interval: Interval, start: Time) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    key[..4].copy_from_slice(&market.0.to_be_bytes());
    key[4] = interval.tag();
    key[5..].copy_from_slice(&start.0.to_be_bytes());
    key
}

/// The start of the candle under `key`.
pub(super) fn start(key: &[u8]) -> Option<Time> {
    Some(Time(u64::from_be_bytes(key.get(5..)?.try_into().ok()?)))
}
