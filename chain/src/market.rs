//! Markets: what is traded, in which steps.

use std::{fmt, io};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::encoding::bounded_text;
use crate::limits::MARKET_NAME_BYTES_MAX;
use crate::quantity::{Price, Quantity};
use crate::time::Millis;

/// The number of a market: its position in the genesis.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct MarketId(pub u32);

impl fmt::Display for MarketId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// A market. The good is a unit over a slot.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Market {
    /// What people call it, as `cpu`; unique.
    #[borsh(deserialize_with = "name")]
    pub name: String,
    /// The unit of the good, as `core`.
    #[borsh(deserialize_with = "name")]
    pub unit: String,
    /// The length of a slot, above zero. Slots begin at whole multiples of it in UTC.
    pub slot: Millis,
    /// Quantities are multiples of this, above zero.
    pub lot: Quantity,
    /// Prices are multiples of this, above zero.
    pub tick: Price,
    /// The smallest quantity of an order.
    pub quantity_min: Quantity,
    /// How many slots ahead of the present an order's window may end.
    pub horizon_slots: u64,
    /// How long before its window a bid must trade.
    pub lead: Millis,
    /// Where the price lies between the highest accepted ask (0) and the lowest accepted bid (10 000).
    pub k_bps: u16,
}

fn name<R: io::Read>(reader: &mut R) -> io::Result<String> {
    bounded_text(reader, MARKET_NAME_BYTES_MAX)
}
