//! The market as clients see it: markets, orders, what stands in the book.

use chain::id::ObjectId;
use chain::quantity::Price;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};
use crate::types::{
    ConditionsView, MarketStatusView, ObjectStatus, PredicateView, SchemaEntryView, TipView,
};

/// A market. The good is a unit over a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MarketView {
    /// Its number, which operations and events name it by.
    pub market: u32,
    /// What people call it; questions name it so.
    pub name: String,
    /// The unit of the good.
    pub unit: String,
    /// The length of a slot.
    pub slot_ms: u64,
    /// Quantities are multiples of this.
    pub lot: u64,
    /// Prices are multiples of this.
    pub tick: Text<Price>,
    /// The smallest quantity of an order.
    pub quantity_min: u64,
    /// How many slots ahead of the present an order's window may end.
    pub horizon_slots: u64,
    /// How long before its window a bid must trade.
    pub lead_ms: u64,
    /// Where the price lies between the highest accepted ask (0) and the lowest accepted bid (10 000).
    pub k_bps: u16,
    /// What the grades are called, from 1 on; 0 is what everything has.
    pub grades: Vec<String>,
    /// What bids may ask of the hosts that are to serve them.
    pub attributes: Vec<SchemaEntryView>,
    /// Whether orders can be placed in it.
    pub status: MarketStatusView,
}

/// With whom an order may trade.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartiesView {
    /// With these alone; with everybody where there are none.
    pub only: Vec<Text<Address>>,
    /// Not with these.
    pub deny: Vec<Text<Address>>,
    /// Whom a bid would rather have.
    pub prefer: Vec<Text<Address>>,
    /// How much of their price a bid overlooks, in basis points.
    pub tolerance_bps: u16,
}

/// Which sellers a bid trades with at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SellersView {
    /// Those it does not prefer to others.
    Any,
    /// Those it prefers.
    Preferred,
}

/// The span from `start` to just before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowView {
    /// The first point inside.
    pub start: u64,
    /// The first point after.
    pub end: u64,
}

/// A need or an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderView {
    /// Its name.
    pub order: Text<ObjectId>,
    /// Who placed it.
    pub owner: Text<Address>,
    /// The number of its market.
    pub market: u32,
    /// The name of its market.
    pub market_name: String,
    /// Whether capacity is needed or offered.
    #[serde(flatten)]
    pub side: SideView,
    /// Units asked for or offered in each slot.
    pub quantity: u64,
    /// Units of a bid that are filled; zero for an ask.
    pub filled: u64,
    /// The slots.
    pub window: WindowView,
    /// The highest price of a bid, the lowest of an ask.
    pub limit: Text<Price>,
    /// How long it stands.
    pub time_in_force: TimeInForceView,
    /// The least grade of what is needed, or the grade of what is offered.
    pub grade: u8,
    /// With whom it may trade.
    pub parties: PartiesView,
    /// On which conditions.
    #[serde(flatten)]
    pub conditions: ConditionsView,
    /// What a bid asks of the hosts that are to serve it.
    pub predicates: Vec<PredicateView>,
    /// The height of the block that placed it.
    pub placed: u64,
    /// The money of a bid.
    pub hold: Option<Text<ObjectId>>,
    /// Whether it is open.
    pub status: ObjectStatus,
    /// Why it ended, where that is known.
    pub reason: Option<OrderClosedView>,
    /// The price that it goes to in the second pass of a match, if it has one.
    pub stretch: Option<Text<Price>>,
    /// The standing order that placed it.
    pub standing: Option<Text<ObjectId>>,
}

/// An order and what an ask has sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderDetailView {
    /// The order; its fields stand beside `sold`.
    #[serde(flatten)]
    pub order: OrderView,
    /// What an ask has sold, in order of time; empty for a bid.
    pub sold: Vec<SoldView>,
}

/// Whether capacity is needed or offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "side", rename_all = "snake_case")]
pub enum SideView {
    /// A need: the whole window.
    Bid {
        /// How much must be found at once.
        fill: FillRuleView,
        /// From how many sellers at most in one block; none for any number.
        sellers_max: Option<u16>,
    },
    /// An offer: any part of the quantity in any part of the window.
    Ask {
        /// The host whose pool it sells out of; none for one that is its own capacity.
        host: Option<Text<ObjectId>>,
    },
}

/// What an order asks for or offers when it is placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderPlaceView {
    /// The number of the market.
    pub market: u32,
    /// Whether capacity is needed or offered.
    #[serde(flatten)]
    pub side: SideView,
    /// Units in every slot of the window.
    pub quantity: u64,
    /// The slots.
    pub window: WindowView,
    /// The highest price of a bid, the lowest of an ask.
    pub limit: Text<Price>,
    /// How long it stands.
    pub time_in_force: TimeInForceView,
    /// The least grade of what is needed, or the grade of what is offered.
    pub grade: u8,
    /// With whom it may trade.
    pub parties: PartiesView,
    /// On which conditions.
    #[serde(flatten)]
    pub conditions: ConditionsView,
    /// What a bid asks of the hosts that are to serve it.
    pub predicates: Vec<PredicateView>,
    /// The price that it goes to in the second pass, if it has one.
    pub stretch: Option<Text<Price>>,
}

/// How much of a bid must be filled in one block for anything of it to trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum FillRuleView {
    /// Everything still open.
    AllOrNone,
    /// At least so many units; zero for anything.
    AtLeast {
        /// The units.
        quantity: u64,
    },
}

/// How long an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TimeInForceView {
    /// It trades in the block that places it, or not at all.
    ImmediateOrCancel,
    /// It rests.
    Until {
        /// Until this point.
        time: u64,
    },
}

/// Which part of a match trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PassView {
    /// Orders meet at their limits.
    First,
    /// What is left meets at the stretches.
    Second,
}

/// Which of its orders an account takes back at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum CancelScopeView {
    /// All of them.
    All,
    /// Those in one market.
    Market {
        /// Its number.
        market: u32,
    },
    /// The bids in one market.
    Bids {
        /// Its number.
        market: u32,
    },
    /// The asks in one market.
    Asks {
        /// Its number.
        market: u32,
    },
}

/// Why an order is open no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderClosedView {
    /// A bid got everything it asked for.
    Filled,
    /// Its owner took the rest back.
    Cancelled,
    /// Its time ran out.
    Expired,
    /// It was to trade in its block and found no offer at its price.
    NotMatched,
    /// It found offers, fewer than its fill rule asks for.
    FillRule,
    /// An ask has nothing left to sell.
    SoldOut,
    /// Its market was closed.
    MarketClosed,
}

/// Units sold throughout a span of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SoldView {
    /// The slots.
    pub window: WindowView,
    /// Units in each of them.
    pub quantity: u64,
}

/// What stands in the book of a market, summed up by window and price: at most 200 levels a side, the
/// best prices first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepthView {
    /// The block that the answer is about.
    pub tip: TipView,
    /// What is needed, the highest price first.
    pub bids: Vec<LevelView>,
    /// What is offered, the lowest price first.
    pub asks: Vec<LevelView>,
    /// True when there are more levels than are shown.
    pub truncated: bool,
}

impl DepthView {
    /// Levels on one side at most.
    pub const LEVELS_MAX: usize = 200;
}

/// Orders of one side, window and price, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LevelView {
    /// The slots.
    pub window: WindowView,
    /// The limit of the orders.
    pub price: Text<Price>,
    /// Units still open in each slot; for asks, what is free throughout the window.
    pub quantity: u64,
    /// How many orders there are.
    pub orders: u32,
}
