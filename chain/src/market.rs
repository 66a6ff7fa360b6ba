//! Markets: what is traded, in which steps.

use std::{fmt, io};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::attribute::Schema;
use crate::encoding::{bounded_list, bounded_text};
use crate::limits::{GRADES_MAX, MARKET_NAME_BYTES_MAX};
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
    /// What the grades above [`Grade::BASE`] are called, the lowest first.
    #[borsh(deserialize_with = "grades")]
    pub grades: Vec<String>,
    /// What bids may ask of the hosts that are to serve them.
    pub attributes: Schema,
}

impl Market {
    /// True for a grade that the market has.
    pub fn has(&self, grade: Grade) -> bool {
        usize::from(grade.0) <= self.grades.len()
    }
}

/// How good a thing is that is traded: an ask serves bids of its own grade and of lower ones. What a grade
/// stands for is its market's matter; an ask declares it.
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
pub struct Grade(pub u8);

impl Grade {
    /// What everything has.
    pub const BASE: Self = Self(0);
}

impl fmt::Display for Grade {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

fn grades<R: io::Read>(reader: &mut R) -> io::Result<Vec<String>> {
    let names: Vec<GradeName> = bounded_list(reader, 0..=GRADES_MAX)?;
    Ok(names.into_iter().map(|name| name.0).collect())
}

/// The name of a grade, bounded as it is read.
#[derive(BorshDeserialize)]
struct GradeName(#[borsh(deserialize_with = "name")] String);

fn name<R: io::Read>(reader: &mut R) -> io::Result<String> {
    bounded_text(reader, MARKET_NAME_BYTES_MAX)
}
