//! What an account earned, day by day and from what.

use chain::amount::Amount;
use chain::id::ObjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};
use crate::types::Change;

/// What an account earned in a day from one contract, channel or hold of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EarningView {
    /// The start of the day, in UTC.
    pub day: u64,
    /// The contract, channel or hold.
    pub of: Text<ObjectId>,
    /// What it is, where that is still known.
    pub source: Option<EarningSourceView>,
    /// Paid to the account out of it.
    pub gross: Text<Amount>,
    /// Passed on to the account by a contract's seller, as its share.
    pub received: Text<Amount>,
    /// Passed on by the account to others, as their shares.
    pub shared: Text<Amount>,
    /// What the treasury took of it, less what it returned.
    pub commission: Text<Change>,
    /// Given back by the account to who had paid.
    pub refunded: Text<Amount>,
    /// What is left: gross and received less shared, commission and refunded.
    pub net: Text<Change>,
    /// How often the account was paid.
    pub payments: u64,
}

/// What an account earned from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EarningSourceView {
    /// A contract.
    Contract {
        /// The name of its market.
        market_name: String,
        /// The host whose pool it was sold out of.
        host: Option<Text<ObjectId>>,
        /// Who paid.
        buyer: Text<Address>,
        /// Who was paid first.
        seller: Text<Address>,
    },
    /// A channel.
    Channel {
        /// Who paid.
        payer: Text<Address>,
    },
    /// A hold of somebody's.
    Hold {
        /// Who paid.
        owner: Text<Address>,
    },
}
