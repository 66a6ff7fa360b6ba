//! Four authorities as real processes, looked at through RPC alone.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod abstaining;
mod agreement;
mod followers;
mod governing;
mod joining;
mod partition;
mod snapshots;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One network at a time: each has four processes.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
