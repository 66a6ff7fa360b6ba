//! Sums of money in base units, and arithmetic that never wraps.

use std::{fmt, io};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::quantity::{Price, Quantity};

/// A sum of money in base units. Never above [`Amount::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct Amount(u128);

impl Amount {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest sum: 10^30 base units, far above any supply and far below what a `u128` holds.
    pub const MAX: Self = Self(1_000_000_000_000_000_000_000_000_000_000);

    /// A sum of `base_units`; `None` above [`Amount::MAX`].
    pub const fn new(base_units: u128) -> Option<Self> {
        if base_units <= Self::MAX.0 { Some(Self(base_units)) } else { None }
    }

    /// A sum that fits 64 bits; always below [`Amount::MAX`].
    pub const fn from_u64(base_units: u64) -> Self {
        #[expect(clippy::as_conversions, reason = "widening; From is not const")]
        Self(base_units as u128)
    }

    /// The sum in base units.
    pub const fn base_units(self) -> u128 {
        self.0
    }

    /// True for no money.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum of both; `None` above [`Amount::MAX`].
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::new)
    }

    /// What is left after taking `other`; `None` below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// `times` this sum; `None` above [`Amount::MAX`].
    pub fn checked_mul(self, times: u64) -> Option<Self> {
        self.0.checked_mul(u128::from(times)).and_then(Self::new)
    }

    /// What `quantity` units cost over `slots` slots at `price`; `None` above [`Amount::MAX`].
    pub fn cost(price: Price, quantity: Quantity, slots: u64) -> Option<Self> {
        Self::from_u64(price.0).checked_mul(quantity.0)?.checked_mul(slots)
    }

    /// The part `basis_points` / 10 000 of this sum, rounded down; `None` above [`Amount::MAX`].
    pub fn share(self, basis_points: u16) -> Option<Self> {
        self.0.checked_mul(u128::from(basis_points))?.checked_div(10_000).and_then(Self::new)
    }

    /// The sum of all; `None` above [`Amount::MAX`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl BorshDeserialize for Amount {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let base_units = u128::deserialize_reader(reader)?;
        Self::new(base_units)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "amount above the maximum"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_end_at_the_maximum() {
        let one = Amount::from_u64(1);
        assert_eq!(Amount::MAX.checked_add(one), None);
        assert_eq!(Amount::MAX.checked_sub(one).unwrap().checked_add(one), Some(Amount::MAX));
        assert_eq!(Amount::ZERO.checked_sub(one), None);
        assert_eq!(Amount::MAX.checked_mul(2), None);
        assert_eq!(Amount::new(u128::MAX), None);
    }

    #[test]
    fn cost_overflow_is_none() {
        assert_eq!(Amount::cost(Price(45), Quantity(100), 6), Some(Amount::from_u64(27_000)));
        assert_eq!(Amount::cost(Price(u64::MAX), Quantity(u64::MAX), u64::MAX), None);
    }

    #[test]
    fn shares_round_down() {
        assert_eq!(Amount::from_u64(9_999).share(5_000), Some(Amount::from_u64(4_999)));
        assert_eq!(Amount::MAX.share(10_000), Some(Amount::MAX));
    }
}
