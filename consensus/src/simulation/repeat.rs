//! Messages that come twice, and the second time later than others sent after them.
//!
//! The connections of earnest repeat none, yet the same vote or block comes from several peers, and again whenever one is
//! connected anew. So everything that is received must bear it.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::Message;
use commonware_p2p::simulated::Receiver;

/// Messages that wait for their second time, at most.
const LATE_MAX: usize = 16;
/// Spreads numbers that follow one another: 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The rate at which messages come twice in a world.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    per_mille: Arc<AtomicU16>,
    /// Ends so far: each has dice of its own.
    ends: AtomicU64,
}

impl Repeats {
    /// From now on so many of a thousand messages come twice.
    pub(super) fn set(&self, per_mille: u16) {
        self.per_mille.store(per_mille, Ordering::Relaxed);
    }

    /// One end of a channel.
    pub(crate) fn hear(&self, inner: Receiver<PublicKey>) -> Repeating {
        let end = self.ends.fetch_add(1, Ordering::Relaxed);
        let per_mille = Arc::clone(&self.per_mille);
        let dice = end.wrapping_mul(GOLDEN) | 1;
        Repeating { inner, late: VecDeque::new(), per_mille, dice }
    }
}

/// Where messages are received, some of them twice.
#[derive(Debug)]
pub(crate) struct Repeating {
    inner: Receiver<PublicKey>,
    /// Those that come once more.
    late: VecDeque<Message<PublicKey>>,
    per_mille: Arc<AtomicU16>,
    dice: u64,
}

impl Repeating {
    /// True so many times in a thousand.
    fn happens(&mut self, per_mille: u16) -> bool {
        // Marsaglia's xorshift, of period 2^64 - 1.
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.dice % 1_000 < u64::from(per_mille)
    }
}

impl commonware_p2p::Receiver for Repeating {
    type Error = <Receiver<PublicKey> as commonware_p2p::Receiver>::Error;
    type PublicKey = PublicKey;

    async fn recv(&mut self) -> Result<Message<PublicKey>, Self::Error> {
        if !self.late.is_empty()
            && self.happens(500)
            && let Some(message) = self.late.pop_front()
        {
            return Ok(message);
        }
        let message = self.inner.recv().await?;
        let rate = self.per_mille.load(Ordering::Relaxed);
        if rate > 0 && self.late.len() < LATE_MAX && self.happens(rate) {
            self.late.push_back(message.clone());
        }
        Ok(message)
    }

    fn capacity(&self) -> NonZeroUsize {
        self.inner.capacity()
    }
}
