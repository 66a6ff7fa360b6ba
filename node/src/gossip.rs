//! Transactions among nodes: what is passed on, what is made of what others pass on.
//!
//! ```text
//!   client -> node -> every authority           what clients submit is passed on by whoever took it
//!   client -> follower -> authority -> every other authority
//! ```
//! An authority passes on what came from clients and from followers, never what came from an authority,
//! which reaches the others by itself. So a transaction goes two steps at most, and never in a circle.
//!
//! A message may be lost with its connection. What this node took from its own clients and still waits after
//! [`REPEAT_BLOCKS`] is passed on once more, a few transactions a block.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chain::hash::Hash;
use chain::height::Height;
use chain::transaction::{SignedTransaction, VerifiedTransaction};
use consensus::{Garbage, Peer, Peering, Role};
use runtime::rejection::Rejection;

use crate::application::lock;
use crate::door::{Admitted, Door, Offer, Refusal};
use crate::mempool;
use crate::metrics::{Metrics, Source};

/// Blocks after which a transaction that still waits is passed on once more.
pub const REPEAT_BLOCKS: u64 = 32;
/// Transactions that are passed on once more with one block.
pub const REPEATS_MAX: usize = 256;

/// What a node passes on, and hears.
#[derive(Debug)]
pub struct Gossip {
    door: Door,
    peering: Peering,
    metrics: Arc<Metrics>,
    /// What clients of this node submitted, by the height of the tip when it was passed on.
    own: Mutex<Own>,
}

#[derive(Debug, Default)]
struct Own {
    ids: BTreeMap<Height, Vec<Hash>>,
    count: usize,
}

impl Gossip {
    /// What comes from others goes through `door`; what is passed on, out by `peering`. What becomes of it is counted
    /// in `metrics`.
    pub fn new(door: Door, peering: Peering, metrics: Arc<Metrics>) -> Self {
        Self { door, peering, metrics, own: Mutex::default() }
    }

    /// The way in.
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// The way out.
    pub const fn peering(&self) -> &Peering {
        &self.peering
    }

    /// Where the node counts what it does.
    pub const fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Lets what clients submit wait for a block, and passes on what is new.
    pub fn submit(&self, offers: Vec<Result<Offer, Refusal>>) -> Vec<Result<Admitted, Refusal>> {
        let results = self.door.admit(offers);
        self.metrics.transactions.came(Source::Client, &results);
        if !self.peering.is_alone() {
            let height = self.door.ledger().read().header.height;
            let mut own = self.own();
            for transaction in new(&results) {
                own.remember(height, transaction.id());
                self.peering.pass_on(Arc::clone(transaction));
            }
        }
        results
    }

    /// Hears what the peer `from` passes on.
    ///
    /// # Errors
    /// [`Garbage`] when it is nothing that a node passes on which follows the protocol. What a node lets in on
    /// another tip, or has no room for, is no fault.
    pub fn hear(&self, from: Peer, transactions: Vec<SignedTransaction>) -> Result<(), Garbage> {
        let results = self.door.admit(transactions.into_iter().map(Offer::of).collect());
        self.metrics.transactions.came(Source::Peer, &results);
        if from.role == Role::Follower {
            new(&results).for_each(|transaction| self.peering.pass_on(Arc::clone(transaction)));
        }
        results.iter().try_for_each(|result| match result {
            Err(Refusal::Malformed) => Err(Garbage("a transaction that is too long")),
            Err(Refusal::Signature) => Err(Garbage("a signature that does not verify")),
            Err(Refusal::Rejected(Rejection::ChainMismatch)) => {
                Err(Garbage("a transaction of another chain"))
            }
            Err(Refusal::Store(error)) => {
                tracing::error!(%error, "cannot let a peer's transaction in");
                Ok(())
            }
            Ok(_) | Err(Refusal::Rejected(_) | Refusal::NoRoom(_)) => Ok(()),
        })
    }

    /// Passes on once more what was passed on long before the block at `height`, which was just committed,
    /// and still waits.
    pub fn repeat(&self, height: Height) {
        let mut own = self.own();
        for id in own.due(height) {
            let waiting = lock(self.door.mempool()).waiting(&id).map(Arc::clone);
            if let Some(waiting) = waiting {
                own.remember(height, id);
                self.peering.pass_on(waiting);
            }
        }
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn new(results: &[Result<Admitted, Refusal>]) -> impl Iterator<Item = &Arc<VerifiedTransaction>> {
    results.iter().filter_map(|result| match result {
        Ok(Admitted::New(transaction)) => Some(transaction),
        Ok(Admitted::Known(_)) | Err(_) => None,
    })
}

impl Own {
    /// More than may wait are not remembered: they would not be there.
    fn remember(&mut self, height: Height, id: Hash) {
        if self.count < mempool::TRANSACTIONS_MAX {
            self.count += 1;
            self.ids.entry(height).or_default().push(id);
        }
    }

    /// Some of those that were passed on long before `height`, the oldest first; they are forgotten.
    fn due(&mut self, height: Height) -> Vec<Hash> {
        let mut due = Vec::new();
        while let Some(mut first) = self.ids.first_entry()
            && first.key().0.saturating_add(REPEAT_BLOCKS) <= height.0
            && due.len() < REPEATS_MAX
        {
            let ids = first.get_mut();
            let rest = ids.split_off(ids.len().min(REPEATS_MAX - due.len()));
            due.append(ids);
            *ids = rest;
            if ids.is_empty() {
                first.remove();
            }
        }
        self.count -= due.len();
        due
    }
}

#[cfg(test)]
mod tests;
