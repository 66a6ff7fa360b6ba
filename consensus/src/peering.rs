//! The node's end of what passes among nodes beside the agreement: transactions to pass on, and how things
//! stand around it.
//!
//! Transactions wait here until they are sent, within bounds: what finds no room is counted and dropped, and
//! whoever dropped it may try again. Nothing here waits for the network.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chain::gossip::Passed;
use chain::limits::{PASSED_BYTES_MAX, PASSED_TRANSACTIONS_MAX};
use chain::transaction::VerifiedTransaction;
use commonware_utils::channel::watch;

use crate::situation::Situation;

/// Bytes of transactions that wait to be passed on.
pub const OUTBOX_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How many of them.
pub const OUTBOX_TRANSACTIONS_MAX: usize = 32_768;
/// Bytes of a message before its first transaction.
const COUNT_BYTES: usize = 4;

/// What a node says to others and knows of them. Clones are the same end.
#[derive(Clone, Debug, Default)]
pub struct Peering(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    outbox: Mutex<Outbox>,
    bell: watch::Sender<()>,
    /// Nobody is there to pass anything on to.
    alone: AtomicBool,
    situation: Mutex<Arc<Situation>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            outbox: Mutex::default(),
            bell: watch::Sender::new(()),
            alone: AtomicBool::new(false),
            situation: Mutex::default(),
        }
    }
}

#[derive(Debug, Default)]
struct Outbox {
    waiting: VecDeque<Arc<VerifiedTransaction>>,
    bytes: usize,
    passed: u64,
    dropped: u64,
}

impl Peering {
    /// An end that leads nowhere yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Passes a transaction on to the authorities, each of which may be the next to propose. Dropped and
    /// counted when too many wait to be passed on.
    pub fn pass_on(&self, transaction: Arc<VerifiedTransaction>) {
        if self.is_alone() {
            return;
        }
        let mut outbox = self.outbox();
        let bytes = outbox.bytes + transaction.bytes();
        if bytes > OUTBOX_BYTES_MAX || outbox.waiting.len() >= OUTBOX_TRANSACTIONS_MAX {
            outbox.dropped += 1;
            return;
        }
        outbox.bytes = bytes;
        outbox.waiting.push_back(transaction);
        drop(outbox);
        self.0.bell.send_replace(());
    }

    /// True when there is no other authority: nothing need be passed on.
    pub fn is_alone(&self) -> bool {
        self.0.alone.load(Ordering::Relaxed)
    }

    /// How many transactions wait to be passed on.
    pub fn waiting(&self) -> usize {
        self.outbox().waiting.len()
    }

    /// How many transactions were sent to the authorities so far.
    pub fn passed(&self) -> u64 {
        self.outbox().passed
    }

    /// How things stood within the last second.
    pub fn situation(&self) -> Arc<Situation> {
        Arc::clone(&self.0.situation.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Hears when something is to be passed on, from now on.
    pub(crate) fn listen(&self) -> watch::Receiver<()> {
        self.0.bell.subscribe()
    }

    /// As many of those that wait as fit one message, the oldest first; `None` when none waits.
    pub(crate) fn take(&self) -> Option<Passed> {
        let mut outbox = self.outbox();
        let mut room = PASSED_BYTES_MAX - COUNT_BYTES;
        let mut transactions = Vec::new();
        while let Some(next) = outbox.waiting.front() {
            let bytes = next.bytes();
            if bytes > room || transactions.len() == PASSED_TRANSACTIONS_MAX {
                break;
            }
            room -= bytes;
            outbox.bytes -= bytes;
            transactions.extend(outbox.waiting.pop_front().map(|next| next.signed().clone()));
        }
        outbox.passed += u64::try_from(transactions.len()).expect("few fit one message");
        (!transactions.is_empty()).then_some(Passed { transactions })
    }

    /// How many found no room so far.
    pub(crate) fn dropped(&self) -> u64 {
        self.outbox().dropped
    }

    /// Says how things stand.
    pub(crate) fn show(&self, situation: Situation) {
        self.0.alone.store(!situation.others_vote(), Ordering::Relaxed);
        *self.0.situation.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(situation);
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.0.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
