//! Positions: of a block in the chain, of a transaction in its sender's order.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

/// The position of a block; genesis is 0.
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
pub struct Height(pub u64);

impl Height {
    /// The position of the genesis block.
    pub const GENESIS: Self = Self(0);

    /// The position after this one; stays at the last position there is.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The last position of `epoch`, where epochs have `epoch_blocks` blocks; stays at the last there is.
    pub const fn last_of(epoch: u64, epoch_blocks: u64) -> Self {
        Self(epoch.saturating_add(1).saturating_mul(epoch_blocks).saturating_sub(1))
    }

    /// The position `blocks` later; stays at the last position there is.
    pub const fn after(self, blocks: u64) -> Self {
        Self(self.0.saturating_add(blocks))
    }
}

impl fmt::Display for Height {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// The position of a transaction among all of its sender's; the first is 0.
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
pub struct Nonce(pub u64);

impl Nonce {
    /// The position after this one; `None` after the last.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}
