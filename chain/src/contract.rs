//! Contracts: a matched deal and how much of it has been paid.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::id::ObjectId;
use crate::market::MarketId;
use crate::quantity::{Price, Quantity};
use crate::time::Window;

/// A deal between a buyer and a seller. It owns its hold, pays the seller for every slot that has
/// passed, and ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Contract {
    /// Who pays.
    pub buyer: AccountId,
    /// Who is paid.
    pub seller: AccountId,
    /// Where it was made.
    pub market: MarketId,
    /// The bid it came from.
    pub bid: ObjectId,
    /// The ask it came from.
    pub ask: ObjectId,
    /// Units in each slot.
    pub quantity: Quantity,
    /// The slots.
    pub window: Window,
    /// Base units for a unit and slot.
    pub price: Price,
    /// The money: price times quantity times slots.
    pub hold: ObjectId,
    /// Slots paid so far.
    pub slots_paid: u64,
}
