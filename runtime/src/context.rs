//! Where a rule stands: in which block, and at which step of which transaction.

use chain::account::AccountId;
use chain::authority::AuthorityKey;
use chain::block::Header;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::time::Time;

/// What a block's header says before the block runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockContext {
    /// The chain: the hash of its genesis.
    pub chain: Hash,
    /// The block's position.
    pub height: Height,
    /// The block's epoch.
    pub epoch: u64,
    /// The digest of the header before.
    pub parent: Hash,
    /// The time of the header before, in milliseconds. Deadlines are judged by it.
    pub parent_time: Time,
    /// The block's own time, in milliseconds. No rule but its own order depends on it.
    pub time: Time,
    /// Whose turn it is.
    pub proposer: AuthorityKey,
}

impl BlockContext {
    /// What `header` says, its parent's being `parent`.
    pub const fn of(header: &Header, parent: &Header) -> Self {
        Self {
            chain: header.chain,
            height: header.height,
            epoch: header.epoch,
            parent: header.parent,
            parent_time: parent.time,
            time: header.time,
            proposer: header.proposer,
        }
    }

    /// The name of the hold that the runtime opens for `object` in this block.
    pub(crate) fn hold_of(&self, object: ObjectId) -> ObjectId {
        ObjectId::of_runtime(self.chain, object, object, self.height, 0)
    }
}

/// The step of a transaction that a rule applies: who asks, and where the step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Who sent the transaction.
    pub(crate) sender: AccountId,
    /// The transaction's nonce.
    pub(crate) nonce: Nonce,
    /// The operation's place in the transaction, counted from 0.
    pub(crate) operation: u8,
}

impl Step {
    /// The name of the object that this step makes.
    pub(crate) fn object_id(&self, chain: Hash) -> ObjectId {
        ObjectId::of_operation(chain, self.sender, self.nonce, self.operation)
    }
}
