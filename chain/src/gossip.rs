//! What nodes tell one another beside the agreement, as bytes: how each is, and transactions on their way
//! to whoever proposes next.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::encoding::{DecodeError, bounded_list, decode};
use crate::hash::Hash;
use crate::height::Height;
use crate::limits::{PASSED_BYTES_MAX, PASSED_TRANSACTIONS_MAX};
use crate::time::Time;
use crate::transaction::SignedTransaction;

/// How a node is: its last committed block, its clock, and whether it votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TipNotice {
    /// The block's height.
    pub height: Height,
    /// Its digest.
    pub digest: Hash,
    /// What the node's clock shows.
    pub time: Time,
    /// True when the node keeps back its votes, as one does whose disk is short.
    pub abstains: bool,
}

/// Transactions that one node passes on to another, each of which it has verified.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Passed {
    /// At least one, at most [`PASSED_TRANSACTIONS_MAX`]; [`PASSED_BYTES_MAX`] bytes in all.
    #[borsh(deserialize_with = "transactions")]
    pub transactions: Vec<SignedTransaction>,
}

impl Passed {
    /// Reads what a peer passed on.
    ///
    /// # Errors
    /// [`DecodeError`] when it is too long, or no such message: no node that follows the protocol sends it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > PASSED_BYTES_MAX { Err(DecodeError) } else { decode(bytes) }
    }
}

fn transactions<R: io::Read>(reader: &mut R) -> io::Result<Vec<SignedTransaction>> {
    bounded_list(reader, 1..=PASSED_TRANSACTIONS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_without_transactions_or_with_too_many_bytes_is_refused() {
        assert_eq!(Passed::from_bytes(&0_u32.to_le_bytes()), Err(DecodeError));
        assert_eq!(Passed::from_bytes(&vec![1; PASSED_BYTES_MAX + 1]), Err(DecodeError));
    }
}
