//! Which processors attackers run on: one, so that they leave the node the others, as attackers from afar do.

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Moves this thread, and those that it starts, to one of its processors.
pub(crate) fn take_one() -> io::Result<()> {
    let ours = sched_getaffinity(None)?;
    let first = (0..CpuSet::MAX_CPU).find(|processor| ours.is_set(*processor));
    let mut one = CpuSet::new();
    one.set(first.expect("this thread runs somewhere"));
    sched_setaffinity(None, &one).map_err(Into::into)
}
