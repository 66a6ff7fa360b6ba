//! What is kept of a payment out of a hold, so that who was paid may give some of it back.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::time::Time;

/// What an ended hold, contract or channel paid, and how much of that was given back. `refunded` never
/// falls and never exceeds `captured`, which is above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Captured {
    /// Who paid.
    pub payer: AccountId,
    /// Who was paid, and may give back.
    pub payee: AccountId,
    /// How much was paid in all, in base units.
    pub captured: Amount,
    /// How much of it was given back, in base units.
    pub refunded: Amount,
    /// What the treasury got of what the payee kept, in basis points.
    pub commission_bps: u16,
    /// What brokers got of that, in basis points of it: nobody gives it back.
    pub shared_bps: u16,
    /// Until when more may be given back; then this is forgotten.
    pub until: Time,
}
