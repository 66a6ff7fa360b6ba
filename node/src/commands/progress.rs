//! How far a long command has come, said now and then on stderr.

use std::time::{Duration, Instant};

use node::snapshot::Progress;

use crate::output;

/// The time from one report to the next.
const PAUSE: Duration = Duration::from_secs(1);

/// Says how far a snapshot has been taken in or fetched.
#[derive(Debug)]
pub(super) struct Reports {
    began: Instant,
    /// Bytes that were there when it began.
    before: u64,
    last: Instant,
}

impl Reports {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self { began: now, before: 0, last: now }
    }

    /// The same where so much is there already.
    pub(super) fn from(progress: Progress) -> Self {
        Self { before: progress.bytes, ..Self::new() }
    }

    /// Says it, if the last time is a while ago.
    pub(super) fn show(&mut self, progress: Progress) {
        if self.last.elapsed() < PAUSE {
            return;
        }
        self.last = Instant::now();
        output::note(sentence(progress, self.before, self.began.elapsed()));
    }
}

/// What has been done, how fast, and how long the rest will take.
fn sentence(progress: Progress, before: u64, elapsed: Duration) -> String {
    let Progress { chunks, chunks_all, bytes, bytes_all } = progress;
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let per_second = bytes.saturating_sub(before).saturating_mul(1_000) / millis;
    let left = bytes_all.saturating_sub(bytes).checked_div(per_second);
    let left =
        left.map_or_else(|| "it stands still".to_owned(), |seconds| format!("{seconds} s left"));
    let (done, all) = (mebibytes(bytes), mebibytes(bytes_all));
    let rate = mebibytes(per_second);
    format!("chunk {chunks} of {chunks_all}, {done} of {all} MiB, {rate} MiB/s, {left}")
}

/// So many MiB, with one decimal.
fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 20;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_counts_what_came_since_the_beginning() {
        let progress =
            Progress { chunks: 3, chunks_all: 8, bytes: 3 << 20, bytes_all: (8 << 20) + (1 << 19) };
        let said = sentence(progress, 1 << 20, Duration::from_secs(2));
        assert_eq!(said, "chunk 3 of 8, 3.0 of 8.5 MiB, 1.0 MiB/s, 5 s left");
        let still = sentence(progress, 3 << 20, Duration::from_secs(2));
        assert!(still.ends_with("it stands still"), "{still}");
    }
}
