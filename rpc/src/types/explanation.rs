//! Why an order does not trade, and what one would get.

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::quantity::Price;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};
use crate::types::OrderView;

/// Why an order does not trade, as the book stands. An order that has ended is looked at as if it were open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplanationView {
    /// The order.
    pub order: OrderView,
    /// The nearest reason.
    pub why: WhyView,
    /// How many orders of the other side come how far.
    pub passed: PassedView,
}

/// Why an order does not trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum WhyView {
    /// It got everything it asked for.
    Filled,
    /// It has nothing left to sell.
    SoldOut,
    /// It does: the next block gives it so many units, if nothing else comes.
    Trades {
        /// Units, in each slot of the bids' windows.
        quantity: u64,
    },
    /// Its end has come.
    Over,
    /// The work of a block ends before its turn comes.
    Waiting,
    /// No ask's window contains that of a bid of this kind, or the other way round.
    Window {
        /// Orders of the other side whose windows overlap its own.
        overlapping: u32,
    },
    /// The grade is too low: that of the asks a bid could have, or this ask's for the bids.
    Grade {
        /// Orders that differ in nothing before that.
        orders: u32,
    },
    /// Asks may be taken back, and bids do not accept that, or not at so short a notice.
    Kind {
        /// Orders that differ in nothing before that.
        orders: u32,
    },
    /// Bids do not agree to the text that asks want agreed to.
    Agreement {
        /// Orders that differ in nothing before that.
        orders: u32,
    },
    /// The parties of one do not admit the other, or both are of one owner.
    Party {
        /// Orders that differ in nothing before that.
        orders: u32,
    },
    /// Hosts lack something that bids ask for.
    Host {
        /// Orders that differ in nothing before that.
        orders: u32,
    },
    /// Others come first.
    Outranked {
        /// Units that they have, or get.
        quantity: u64,
    },
    /// Its limit is not good enough.
    Price {
        /// By how much a bid's must be higher, or an ask's lower, to trade.
        short: Text<Price>,
    },
    /// A fill rule is not kept: a bid's own, or that of the bids an ask could serve.
    Fill {
        /// Units that are missing.
        short: u64,
    },
    /// It would take more sellers than a bid accepts.
    Sellers,
}

/// How many orders of the other side pass which question, one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PassedView {
    /// All of them.
    pub orders: u32,
    /// The ask's window contains the bid's.
    pub window: u32,
    /// The ask's grade is no lower than the bid's.
    pub grade: u32,
    /// The bid accepts whether the ask may be taken back.
    pub kind: u32,
    /// The bid agrees to the text that the ask wants agreed to.
    pub agreement: u32,
    /// Owners differ, and the parties of each admit the other.
    pub party: u32,
    /// The ask's host has what the bid asks for.
    pub host: u32,
    /// The ask has something left in the bid's window.
    pub room: u32,
    /// The bid pays what the ask wants.
    pub price: u32,
}

/// What an order would get in the next block, if nothing else were in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderQuoteView {
    /// Its parts, in the order of allocation.
    pub fills: Vec<QuotedFillView>,
    /// Units of the order.
    pub quantity: u64,
    /// Units that it gets: a bid in each slot; of an ask the parts added up.
    pub filled: u64,
    /// What all parts cost together.
    pub total: Text<Amount>,
    /// What a bid sets aside when it is placed: its limit times units times slots.
    pub hold: Text<Amount>,
    /// What every order sets aside besides, and gets back.
    pub deposit: Text<Amount>,
    /// The fee of a transaction that holds nothing else and has one signature.
    pub fee: Text<Amount>,
    /// What the seller pays the treasury of it, if everything is paid.
    pub commission: Text<Amount>,
    /// Why it gets nothing, if it does not.
    pub why_not: Option<WhyNotView>,
}

/// Why an order would get nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WhyNotView {
    /// The nearest reason.
    pub why: WhyView,
    /// How many orders of the other side come how far.
    pub passed: PassedView,
}

/// A part of an order, and who is on its other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuotedFillView {
    /// The order on the other side.
    pub order: Text<ObjectId>,
    /// Its owner.
    pub owner: Text<Address>,
    /// Units in each slot of the bid's window.
    pub quantity: u64,
    /// For a unit and slot.
    pub price: Text<Price>,
    /// Slots of the bid's window.
    pub slots: u64,
    /// What the part costs.
    pub total: Text<Amount>,
}
