//! What was traded, at which prices, and what happened to single objects.

use chain::amount::Amount;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::quantity::Price;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};
use crate::types::{EventView, WindowView};

/// A trade: a part of a bid that an ask serves. Each made a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TradeView {
    /// The height of its block.
    pub height: u64,
    /// The time of its block.
    pub time: u64,
    /// The contract that was made.
    pub contract: Text<ObjectId>,
    /// The bid.
    pub bid: Text<ObjectId>,
    /// The ask.
    pub ask: Text<ObjectId>,
    /// Who buys.
    pub buyer: Text<Address>,
    /// Who sells.
    pub seller: Text<Address>,
    /// The slots.
    pub window: WindowView,
    /// Units in each slot.
    pub quantity: u64,
    /// For a unit and slot.
    pub price: Text<Price>,
    /// Price times units times slots.
    pub total: Text<Amount>,
}

/// How long a candle is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntervalView {
    /// A minute.
    Minute,
    /// An hour.
    #[default]
    Hour,
    /// A day, in UTC.
    Day,
}

/// What a market traded in an interval. Prices are for a unit and slot, of whatever window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CandleView {
    /// The first point inside.
    pub start: u64,
    /// The first point after.
    pub end: u64,
    /// The first price.
    pub open: Text<Price>,
    /// The highest.
    pub high: Text<Price>,
    /// The lowest.
    pub low: Text<Price>,
    /// The last.
    pub close: Text<Price>,
    /// Units times slots that were traded.
    pub volume: u64,
    /// What they cost.
    pub total: Text<Amount>,
    /// How many trades there were.
    pub trades: u64,
}

/// Something that happened to an order, a contract or a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HappeningView {
    /// The height of its block.
    pub height: u64,
    /// The time of its block.
    pub time: u64,
    /// What made it happen.
    #[serde(flatten)]
    pub origin: OriginView,
    /// What happened.
    pub event: EventView,
}

/// What in a block makes something happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum OriginView {
    /// A deadline.
    Timers,
    /// A transaction.
    Transaction {
        /// Its id.
        transaction: Text<Hash>,
    },
    /// The match.
    Matching,
}
