//! Markets: what is traded, in which steps.

use std::collections::BTreeSet;
use std::{fmt, io};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::attribute::Schema;
use crate::encoding::{bounded_list, bounded_text};
use crate::limits::{BPS, GRADES_MAX, MARKET_NAME_BYTES_MAX};
use crate::quantity::{Price, Quantity};
use crate::time::Millis;

/// The number of a market: its position in the genesis, or the first that was free when it was added.
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
    /// Whether orders can be placed in it.
    pub status: MarketStatus,
}

/// Whether orders can be placed in a market.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
#[borsh(use_discriminant = true)]
pub enum MarketStatus {
    /// They can.
    #[default]
    Open = 0,
    /// None is placed and none trades any more. Contracts go on.
    Closed = 1,
}

/// What of a market may change while it stands. Neither orders nor contracts depend on the rest changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct MarketTerms {
    /// The smallest quantity of an order.
    pub quantity_min: Quantity,
    /// How many slots ahead of the present an order's window may end.
    pub horizon_slots: u64,
    /// How long before its window a bid must trade.
    pub lead: Millis,
    /// Where the price lies between the highest accepted ask (0) and the lowest accepted bid (10 000).
    pub k_bps: u16,
    /// Whether orders can be placed in it.
    pub status: MarketStatus,
}

impl Market {
    /// What of it may change.
    pub const fn terms(&self) -> MarketTerms {
        let Self { quantity_min, horizon_slots, lead, k_bps, status, .. } = *self;
        MarketTerms { quantity_min, horizon_slots, lead, k_bps, status }
    }

    /// The same market with other terms.
    pub fn with(&self, terms: MarketTerms) -> Self {
        let MarketTerms { quantity_min, horizon_slots, lead, k_bps, status } = terms;
        Self { quantity_min, horizon_slots, lead, k_bps, status, ..self.clone() }
    }

    /// True when no order can be placed in it.
    pub const fn is_closed(&self) -> bool {
        matches!(self.status, MarketStatus::Closed)
    }

    /// True when it is within the bounds that every market keeps, whoever made it.
    pub fn is_sound(&self) -> bool {
        let is_name = |text: &str| is_name(text, MARKET_NAME_BYTES_MAX);
        let named = is_name(&self.name) && is_name(&self.unit.to_ascii_lowercase());
        let steps = self.slot.0 > 0 && !self.lot.is_zero() && self.tick.0 > 0;
        let smallest = !self.quantity_min.is_zero() && self.quantity_min.is_multiple_of(self.lot);
        let ahead = self.horizon_slots > 0 && self.lead < self.slot.times(self.horizon_slots);
        let distinct: BTreeSet<&String> = self.grades.iter().collect();
        let graded = self.grades.len() <= GRADES_MAX
            && distinct.len() == self.grades.len()
            && self.grades.iter().all(|grade| is_name(grade));
        let told = graded && self.attributes.is_sound();
        named && steps && smallest && ahead && self.k_bps <= BPS && told
    }

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

/// True for small letters, digits and `-`, a letter first, at most `bytes_max`.
pub fn is_name(text: &str, bytes_max: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= bytes_max
        && text.bytes().all(allowed)
        && text.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
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
