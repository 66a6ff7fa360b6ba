//! Hosts: computers whose capacity is sold, and the pools that say how much of it there is.
//!
//! A host has one pool for each market it sells in. A pool is a quantity of the ledger like money is: whatever
//! is sold out of it, by however many asks, is within its capacity in every slot.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::attribute::Attributes;
use crate::encoding::bounded_list;
use crate::id::ObjectId;
use crate::limits::BLACKOUTS_MAX;
use crate::market::MarketId;
use crate::order::Sold;
use crate::quantity::Quantity;
use crate::sealed::Sealed;
use crate::time::Window;

/// A computer, or several that are sold as one.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Host {
    /// Who sells it, for good.
    pub owner: AccountId,
    /// What it is and has.
    pub attributes: Attributes,
    /// Where it can be reached, sealed to whoever is to read it.
    pub endpoint: Option<Sealed>,
    /// What its owner set aside for it, returned when it ends; in base units.
    pub deposit: Amount,
}

/// The name of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct PoolId {
    /// Whose capacity it is.
    pub host: ObjectId,
    /// Where it is sold.
    pub market: MarketId,
}

/// What a host has to sell in one market.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Pool {
    /// Units in every slot, a whole number of lots above zero.
    pub capacity: Quantity,
    /// Open asks that sell out of it.
    pub asks: u32,
    /// What is sold, whichever ask sold it: for each contract whose slots have not ended, its units throughout
    /// its window. Spans that do not overlap, in order of time, as few as possible, none of zero units.
    pub sold: Vec<Sold>,
    /// When nothing more is sold: windows in order of time that neither overlap nor touch, at most
    /// [`BLACKOUTS_MAX`]. What was sold before stays sold.
    #[borsh(deserialize_with = "blackouts")]
    pub blackouts: Vec<Window>,
    /// What its owner set aside for it, returned when it ends; in base units.
    pub deposit: Amount,
}

/// What becomes of a window in which a pool sells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum BlackoutChange {
    /// Nothing more is sold in it.
    Begin = 0,
    /// What was not sold of it is for sale again.
    Lift = 1,
}

fn blackouts<R: io::Read>(reader: &mut R) -> io::Result<Vec<Window>> {
    bounded_list(reader, 0..=BLACKOUTS_MAX)
}
