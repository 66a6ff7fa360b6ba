//! The end of a node that cannot go on: one line in the log and an exit code, in place of a core dump.
//!
//! What is acknowledged is on disk by then. Whatever could still run would be running on a disk that fails
//! or on an invariant that is broken, so nothing does.

use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::process;
use std::thread;

use node::disk;

/// The exit code of a node that could not go on.
const EXIT_CODE: i32 = 70;

/// A disk with less room than this is taken to be full: the engine says only that a write failed.
const FREE_MIN: u64 = 16 << 20;

/// From now on a panic anywhere ends the process, whose data lies in `home`.
pub(crate) fn install(home: &Path) {
    let home = home.to_owned();
    panic::set_hook(Box::new(move |panic| {
        let mut reason = reason(panic);
        if let Some(free) = disk::free_bytes(&home).filter(|free| *free < FREE_MIN) {
            reason = format!("{reason}; {FULL}: {free} bytes are free at {}", home.display());
        }
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = thread::current();
        let thread = thread.name().unwrap_or_default();
        tracing::error!(%reason, advice = advice(&reason), place, thread, "the node cannot go on");
        process::exit(EXIT_CODE);
    }));
}

fn reason(panic: &PanicHookInfo<'_>) -> String {
    panic.payload_as_str().unwrap_or("a fault without a word").to_owned()
}

/// How the system names a full disk.
const FULL: &str = "No space left on device";

/// What the operator can do about it.
fn advice(reason: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if says(&[FULL, "StorageFull", "QuotaExceeded", "quota exceeded"]) {
        "free space on the disk, then start the node again; nothing acknowledged is lost"
    } else if says(&[
        "Input/output error",
        "IO error",
        "Io(",
        "WriteFailed",
        "BlobResizeFailed",
        "BlobSyncFailed",
        "Read-only file system",
        "Permission denied",
    ]) {
        "look after the disk, then start the node again; nothing acknowledged is lost"
    } else {
        "start the node again; if this comes back, keep the home and report it"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_fits_the_reason() {
        let full = "cannot write to /d: IO error: No space left on device: While appending to file";
        assert!(advice(full).starts_with("free space"), "{full}");
        assert!(advice("cannot write: IO error: Read-only file system").starts_with("look after"));
        let engine = "unable to append to journal: Runtime(WriteFailed)";
        assert!(advice(engine).starts_with("look after"), "{engine}");
        assert!(advice("balances sum to the supply").starts_with("start the node again"));
    }
}
