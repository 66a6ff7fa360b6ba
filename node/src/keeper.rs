//! The node's housekeeping: it makes snapshots, away from the threads that agree and answer.
//!
//! ```text
//! a block is committed -> a thread of its own, behind all others: is a snapshot due? -> the shelf
//! ```

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use chain::height::Height;
use rustix::process::setpriority_process;

use crate::ledger::Ledger;
use crate::snapshot::{Shelf, SnapshotError};

/// How little the thread counts beside others, as the system counts it.
const NICENESS: i32 = 10;

/// When snapshots are made, and how many are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshots {
    /// One is made at every so many blocks; 0 for none.
    pub every_blocks: u64,
    /// How many are kept; the oldest go first.
    pub kept: usize,
}

/// The housekeeping of a running node. It ends when this is dropped.
#[derive(Debug)]
pub struct Keeper {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread waits for.
#[derive(Debug, Default)]
struct Bell {
    word: Mutex<Word>,
    rung: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct Word {
    /// The last committed height that was told.
    height: u64,
    stops: bool,
}

impl Keeper {
    /// Starts the housekeeping for `ledger`, whose epochs have `epoch_blocks` blocks.
    ///
    /// # Panics
    /// When the system has no threads left.
    pub fn start(
        ledger: &Arc<Ledger>,
        shelf: Arc<Shelf>,
        epoch_blocks: u64,
        snapshots: Snapshots,
    ) -> Self {
        let bell = Arc::new(Bell::default());
        let told = Arc::clone(&bell);
        ledger.on_commit(Box::new(move |height| told.tell(|word| word.height = height)));
        let work = Work { ledger: Arc::clone(ledger), shelf, epoch_blocks, snapshots };
        let heard = Arc::clone(&bell);
        let thread = thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || work.run(&heard))
            .expect("the system has a thread left");
        Self { bell, thread: Some(thread) }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.bell.tell(|word| word.stops = true);
        if let Some(thread) = self.thread.take() {
            // One that panicked has said so already.
            let _ = thread.join();
        }
    }
}

impl Bell {
    fn tell(&self, change: impl FnOnce(&mut Word)) {
        change(&mut self.word.lock().unwrap_or_else(PoisonError::into_inner));
        self.rung.notify_all();
    }

    fn stops(&self) -> bool {
        self.word.lock().unwrap_or_else(PoisonError::into_inner).stops
    }

    /// Waits for a block above `height`; `None` when the node stops.
    fn next(&self, height: u64) -> Option<u64> {
        let word = self.word.lock().unwrap_or_else(PoisonError::into_inner);
        let word = self.rung.wait_while(word, |word| !word.stops && word.height <= height);
        let word = word.unwrap_or_else(PoisonError::into_inner);
        (!word.stops).then_some(word.height)
    }
}

struct Work {
    ledger: Arc<Ledger>,
    shelf: Arc<Shelf>,
    epoch_blocks: u64,
    snapshots: Snapshots,
}

impl Work {
    fn run(&self, bell: &Bell) {
        if let Err(error) = setpriority_process(None, NICENESS) {
            tracing::warn!(%error, "snapshots are as important as anything else");
        }
        let mut last = self.shelf.last().unwrap_or(Height::GENESIS);
        let mut height = 0;
        while let Some(next) = bell.next(height) {
            height = next;
            if !is_due(self.snapshots.every_blocks, last, Height(height)) {
                continue;
            }
            last = self.snapshot(bell).unwrap_or(last);
        }
    }

    /// Makes one of the tip. Returns the height up to which none is due any more; nothing when the next block is to
    /// be tried.
    fn snapshot(&self, bell: &Bell) -> Option<Height> {
        let store = self.ledger.store();
        let kept = self.snapshots.kept;
        match self.shelf.add(store, self.epoch_blocks, kept, &|| bell.stops()) {
            Ok(manifest) => {
                let (objects, bytes) = (manifest.objects, manifest.bytes());
                tracing::info!(height = %manifest.header.height, objects, bytes, "snapshot made");
                Some(manifest.header.height)
            }
            Err(SnapshotError::CertificateMissing(_) | SnapshotError::Interrupted) => None,
            Err(error) => {
                tracing::error!(%error, "no snapshot was made; the next is tried when it is due");
                store.tip().map(|tip| tip.height).ok()
            }
        }
    }
}

/// True when the chain has come past a multiple of `every` since `last`.
fn is_due(every: u64, last: Height, tip: Height) -> bool {
    let passed = |height: Height| height.0.checked_div(every);
    passed(tip) > passed(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshot_is_due_once_for_each_multiple_and_never_where_none_is_wanted() {
        let due = |every, last, tip| is_due(every, Height(last), Height(tip));
        assert!(!due(100, 0, 99) && due(100, 0, 100) && due(100, 0, 101));
        assert!(!due(100, 101, 199) && due(100, 101, 200) && due(100, 101, 950));
        assert!(!due(0, 0, 1_000_000));
    }
}
