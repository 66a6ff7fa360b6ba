//! All the money there is.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::Amount;

/// What was ever put on the ledger and taken off it, in base units. Never more was taken off than put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Supply {
    /// Deposited, or given out at genesis.
    pub minted: Amount,
    /// Withdrawn.
    pub burned: Amount,
}

impl Supply {
    /// All the money there is, in base units: what the cash of all accounts adds up to.
    pub fn cash(&self) -> Amount {
        self.minted.checked_sub(self.burned).expect("no more leaves the ledger than came")
    }
}
