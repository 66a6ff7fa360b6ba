//! Which processors this process runs on: attackers on one, the node and honest callers on the others.

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Keeps this thread, and those that it and its children start, from one processor, and names it. `None`
/// where there is no other.
pub(crate) fn leave_one() -> io::Result<Option<usize>> {
    let mut ours = sched_getaffinity(None)?;
    if ours.count() < 2 {
        return Ok(None);
    }
    let first = (0..CpuSet::MAX_CPU).find(|processor| ours.is_set(*processor));
    let first = first.expect("one of those counted");
    ours.unset(first);
    sched_setaffinity(None, &ours)?;
    Ok(Some(first))
}

/// Moves this thread, and those that it starts, to one processor.
pub(crate) fn take(processor: usize) -> io::Result<()> {
    let mut ours = CpuSet::new();
    ours.set(processor);
    Ok(sched_setaffinity(None, &ours)?)
}
