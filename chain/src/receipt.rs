//! Receipts: what a transaction did, and what a block did by itself.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::Amount;
use crate::encoding::encode;
use crate::event::Event;
use crate::hash::{Domain, Hash};
use crate::merkle;

/// What a transaction did.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Receipt {
    /// The transaction's id.
    pub transaction: Hash,
    /// What it paid, in base units; paid whether it applied or failed.
    pub fee: Amount,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a transaction in a block ended.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Outcome {
    /// Every operation took effect.
    Applied {
        /// What changed, in order.
        events: Vec<Event>,
    },
    /// An operation was refused, and none took effect.
    Failed {
        /// Which operation, counted from 0.
        operation: u8,
        /// Why: a public code that never changes its meaning.
        code: u16,
    },
}

impl Outcome {
    /// What the transaction changed, in order; nothing where it failed.
    pub fn events(&self) -> &[Event] {
        match self {
            Self::Applied { events } => events,
            Self::Failed { .. } => &[],
        }
    }
}

/// The receipts of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Receipts {
    /// One for each transaction, in block order.
    pub transactions: Vec<Receipt>,
    /// What timers did before the transactions.
    pub timers: Vec<Event>,
    /// What matching and paying out did after them.
    pub matching: Vec<Event>,
}

/// What a block did that no transaction caused.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BlockEvents {
    /// What timers did before the transactions.
    pub timers: Vec<Event>,
    /// What matching and paying out did after them.
    pub matching: Vec<Event>,
}

impl BlockEvents {
    /// The digest that stands last in the list under the receipts root.
    pub fn digest(&self) -> Hash {
        own_digest(&self.timers, &self.matching)
    }
}

impl Receipt {
    /// The digest that the receipts root is over.
    pub fn digest(&self) -> Hash {
        Hash::of(Domain::Receipt, &[&encode(self)])
    }
}

impl Receipts {
    /// What each step of the block changed: its timers, every transaction, and what came after them.
    pub fn steps(&self) -> impl Iterator<Item = &[Event]> {
        let transactions = self.transactions.iter().map(|receipt| receipt.outcome.events());
        [&self.timers[..]].into_iter().chain(transactions).chain([&self.matching[..]])
    }

    /// The receipts root.
    pub fn root(&self) -> Hash {
        merkle::list_root(&self.digests())
    }

    /// What the receipts root is the list root of: a digest for each transaction's receipt and, last, one
    /// of the block's own events.
    pub fn digests(&self) -> Vec<Hash> {
        let receipts = self.transactions.iter().map(Receipt::digest);
        receipts.chain([own_digest(&self.timers, &self.matching)]).collect()
    }
}

/// The digest of a block's own events.
fn own_digest(timers: &[Event], matching: &[Event]) -> Hash {
    Hash::of(Domain::BlockEvents, &[&encode(&(timers, matching))])
}
