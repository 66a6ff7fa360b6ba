//! On which conditions an order or quote trades, as clients see them.

use chain::hash::Hash;
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
    /// The SHA-256 digest of a text: of a seller, the one that its buyers agree to; of a buyer, the one that it
    /// agrees to.
    pub agreement: Option<Text<Hash>>,
    /// Who brought the deal, and gets a share of the commission on it.
    pub broker: Option<Text<Address>>,
    /// Of a buyer: who uses what it pays for, and acts in the contract besides it.
    pub user: Option<Text<Address>>,
}

/// Who brought the two sides of a contract, and gets shares of the commission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BrokersView {
    /// Of the buyer.
    pub buyer: Option<Text<Address>>,
    /// Of the seller.
    pub seller: Option<Text<Address>>,
}

/// A part of what a seller is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShareView {
    /// Who gets it.
    pub account: Text<Address>,
    /// How much, in basis points.
    pub bps: u16,
}
