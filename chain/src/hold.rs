//! Holds: money set aside for somebody, taken out step by step.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::id::ObjectId;
use crate::target::Target;
use crate::time::Time;

/// Money set aside. `captured` never falls and never exceeds `amount`; `amount - captured` is part of
/// its owner's held money until the hold closes. `refunded` never falls and never exceeds `captured`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Hold {
    /// Whose money it is.
    pub owner: AccountId,
    /// What it is for.
    pub purpose: Purpose,
    /// How much was set aside, in base units.
    pub amount: Amount,
    /// How much of it was paid out, in base units.
    pub captured: Amount,
    /// How much of what was paid out came back, in base units; it is no part of the hold again.
    pub refunded: Amount,
    /// What its owner set aside for it besides, returned when it ends: zero for a hold that belongs to
    /// another object; in base units.
    pub deposit: Amount,
}

impl Hold {
    /// A hold that nothing was paid out of.
    pub const fn new(owner: AccountId, purpose: Purpose, amount: Amount) -> Self {
        let (captured, refunded) = (Amount::ZERO, Amount::ZERO);
        Self { owner, purpose, amount, captured, refunded, deposit: Amount::ZERO }
    }
}

/// What a hold is for, and so who may draw on it and when it ends.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Purpose {
    /// Opened by its owner for a beneficiary.
    User {
        /// Who may capture and release.
        beneficiary: AccountId,
        /// When the rest returns to the owner.
        expires: Time,
    },
    /// The money of an open bid; ends with it.
    Bid {
        /// The bid.
        order: ObjectId,
    },
    /// The price of a contract; ends with it.
    Contract {
        /// The contract.
        contract: ObjectId,
    },
    /// The money of a channel; ends with it.
    Channel {
        /// The channel.
        channel: ObjectId,
    },
    /// Money that is to leave the ledger; only the cashier ends it before its time.
    Withdrawal {
        /// Where it is to go.
        target: Target,
        /// When it returns to the owner, if the cashier has not answered.
        expires: Time,
    },
}

/// Why a hold is open no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum HoldClosed {
    /// Its beneficiary released it.
    Released = 0,
    /// It ran out.
    Expired = 1,
    /// All of it was captured.
    Spent = 2,
    /// What it was for came to its end.
    Ended = 3,
    /// The cashier refused to pay it out.
    Rejected = 4,
}
