//! On which conditions an order or quote trades, as clients see them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};

/// What the owner of an order, or the maker or taker of a quote, has to say on how the deal is carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConditionsView {
    /// Of a seller: how long before it says so if it takes capacity back; none where it never does. Of a
    /// buyer: the shortest such notice that it accepts; none where it wants what is firm.
    pub notice_ms: Option<u64>,
    /// Of a seller: who gets parts of what it is paid.
    pub split: Vec<ShareView>,
}

/// A part of what a seller is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShareView {
    /// Who gets it.
    pub account: Text<Address>,
    /// How much, in basis points.
    pub bps: u16,
}
