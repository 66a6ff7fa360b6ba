//! Quotes as clients see them: what somebody has signed for others to accept.

use chain::hash::Hash;
use chain::id::ObjectId;
use chain::keys::PublicKey;
use chain::quantity::Price;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};
use crate::types::{ConditionsView, WindowView};

/// What its maker agrees to, once somebody accepts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuoteView {
    /// Its name.
    pub quote: Text<ObjectId>,
    /// The chain it is valid on.
    pub chain: Text<Hash>,
    /// Whose word it is.
    pub maker: Text<Address>,
    /// Who alone may accept it; anybody where nobody is named.
    pub taker: Option<Text<Address>>,
    /// The first point at which nobody can accept it any more.
    pub expires: u64,
    /// Tells apart quotes that say the same.
    pub salt: u64,
    /// What is quoted.
    pub offer: OfferView,
    /// On which conditions.
    #[serde(flatten)]
    pub conditions: ConditionsView,
    /// The keys that signed it.
    pub signers: Vec<Text<PublicKey>>,
}

/// What a quote offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OfferView {
    /// The maker sells capacity.
    Sell(CapacityView),
    /// The maker buys capacity.
    Buy(CapacityView),
    /// The maker passes on a contract in which it is the buyer.
    Resell {
        /// The contract.
        contract: Text<ObjectId>,
        /// What the new buyer pays in all for a unit and slot.
        price: Text<Price>,
    },
}

/// Capacity at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityView {
    /// The number of the market.
    pub market: u32,
    /// The slots, all of them.
    pub window: WindowView,
    /// Units in each slot, over all who accept.
    pub quantity: u64,
    /// The price of a unit and slot.
    pub price: Text<Price>,
    /// Its grade.
    pub grade: u8,
}
