//! Blocks: ordered transactions, and a header that commits to them, to what they did and to the state
//! after them.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::authority::{Authority, AuthorityKey};
use crate::encoding::{bounded_list, encode};
use crate::hash::{Domain, Hash};
use crate::height::Height;
use crate::limits::{AUTHORITIES_MAX, BLOCK_TRANSACTIONS_MAX};
use crate::merkle;
use crate::time::Time;
use crate::transaction::SignedTransaction;

/// The protocol version this code speaks.
pub const VERSION: u16 = 1;

/// The summary of a block.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Header {
    /// The version of the rules it follows.
    pub version: u16,
    /// The chain: the hash of its genesis.
    pub chain: Hash,
    /// Its position; genesis is 0.
    pub height: Height,
    /// The span of heights with one authority set, counted from 0.
    pub epoch: u64,
    /// The digest of the header before; [`Hash::ZERO`] for genesis.
    pub parent: Hash,
    /// When it was proposed, in milliseconds; later than its parent.
    pub time: Time,
    /// Whose turn it was; all zero for genesis.
    pub proposer: AuthorityKey,
    /// Commits to the transactions and their witnesses.
    pub transactions_root: Hash,
    /// Commits to the receipts.
    pub receipts_root: Hash,
    /// Commits to the state after the block.
    pub state_root: Hash,
    /// Who votes from the next block on, in the last block of an epoch; in genesis, who votes first.
    #[borsh(deserialize_with = "authorities")]
    pub next_authorities: Option<Vec<Authority>>,
}

impl Header {
    /// The digest of the block.
    pub fn digest(&self) -> Hash {
        Hash::of(Domain::Header, &[&encode(self)])
    }
}

/// A block as it travels.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Block {
    /// Its summary.
    pub header: Header,
    /// What it holds, at most [`BLOCK_TRANSACTIONS_MAX`].
    #[borsh(deserialize_with = "transactions")]
    pub transactions: Vec<SignedTransaction>,
}

impl Block {
    /// What the transactions root is the list root of: a digest for each transaction.
    pub fn digests(&self) -> Vec<Hash> {
        self.transactions.iter().map(SignedTransaction::witnessed_id).collect()
    }

    /// The transactions root of `transactions`.
    pub fn transactions_root<'a>(
        transactions: impl IntoIterator<Item = &'a SignedTransaction>,
    ) -> Hash {
        let leaves = transactions.into_iter().map(SignedTransaction::witnessed_id);
        merkle::list_root(&leaves.collect::<Vec<_>>())
    }
}

fn authorities<R: io::Read>(reader: &mut R) -> io::Result<Option<Vec<Authority>>> {
    match u8::deserialize_reader(reader)? {
        0 => Ok(None),
        1 => bounded_list(reader, 1..=AUTHORITIES_MAX).map(Some),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "neither none nor some")),
    }
}

fn transactions<R: io::Read>(reader: &mut R) -> io::Result<Vec<SignedTransaction>> {
    bounded_list(reader, 0..=BLOCK_TRANSACTIONS_MAX)
}
