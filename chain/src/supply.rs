//! All the money there is.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::Amount;

/// What was ever put on the ledger, genesis included, in base units. The cash of all accounts adds up
/// to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Supply {
    /// Deposited, or given out at genesis.
    pub minted: Amount,
}
