//! Hosts as clients see them: what is said of them, what bids ask of them, and what they have to sell.

use chain::id::ObjectId;
use chain::sealed::Sealed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};
use crate::types::{SoldView, WindowView};

/// A computer, or several that are sold as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostView {
    /// Its name.
    pub host: Text<ObjectId>,
    /// Who sells it.
    pub owner: Text<Address>,
    /// What it is and has, in order of key.
    pub attributes: Vec<AttributeView>,
    /// Where it can be reached, sealed to whoever is to read it.
    pub endpoint: Option<Text<Sealed>>,
}

/// What a host has to sell in a market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PoolView {
    /// The host.
    pub host: Text<ObjectId>,
    /// The number of the market.
    pub market: u32,
    /// The name of the market.
    pub market_name: String,
    /// Units in every slot.
    pub capacity: u64,
    /// Open asks that sell out of it.
    pub asks: u32,
    /// What is sold, in order of time: for contracts whose slots have not ended.
    pub sold: Vec<SoldView>,
    /// When nothing more is sold, in order of time.
    pub blackouts: Vec<WindowView>,
}

/// What a host is or has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttributeView {
    /// Under which key.
    pub key: String,
    /// What is said; `type` and `value` stand beside the key.
    #[serde(flatten)]
    pub value: AttributeValueView,
    /// How well that is known.
    pub evidence: EvidenceView,
    /// The first point at which it is said no more; none where it is said until the host says otherwise.
    pub expires: Option<u64>,
}

/// What an attribute says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AttributeValueView {
    /// That it is so.
    Flag,
    /// How much or how many.
    Number {
        /// In the unit of the market's schema.
        value: u64,
    },
    /// Which.
    Word {
        /// The word.
        value: String,
    },
}

/// How well something is known of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceView {
    /// Its owner says so.
    Declared,
    /// It was measured.
    Benchmarked,
    /// Somebody vouches for it.
    Attested,
}

/// A key that bids of a market may ask about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SchemaEntryView {
    /// The key.
    pub key: String,
    /// What kind of value stands under it; its fields stand beside the key.
    #[serde(flatten)]
    pub kind: AttributeKindView,
}

/// What kind of value an attribute has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AttributeKindView {
    /// It is there or not.
    Flag,
    /// A number.
    Number {
        /// Of what.
        unit: String,
    },
    /// A word.
    Word {
        /// One of these; any word where there are none.
        choices: Vec<String>,
    },
}

/// One thing that a bid asks of the hosts that are to serve it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PredicateView {
    /// Under which key.
    pub key: String,
    /// What must stand there; its fields stand beside the key.
    #[serde(flatten)]
    pub test: TestView,
    /// How well that must be known, at least.
    pub evidence: EvidenceView,
}

/// What is asked of the value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "test", rename_all = "snake_case")]
pub enum TestView {
    /// A flag is there.
    Set,
    /// A number is no less.
    AtLeast {
        /// Than this.
        number: u64,
    },
    /// A number is no more.
    AtMost {
        /// Than this.
        number: u64,
    },
    /// A number is equal.
    Equals {
        /// To this.
        number: u64,
    },
    /// A word is one of some.
    OneOf {
        /// These.
        words: Vec<String>,
    },
}

/// What becomes of a window in which a pool sells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlackoutChangeView {
    /// Nothing more is sold in it.
    Begin,
    /// What was not sold of it is for sale again.
    Lift,
}
