//! How much stands in the book of a market: whoever has seen so many of its open orders has seen them all.

use borsh::{BorshDeserialize, BorshSerialize};

/// The book of a market in which orders are open. One without orders has no such object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Book {
    /// How many orders are open; above zero.
    pub orders: u64,
}
