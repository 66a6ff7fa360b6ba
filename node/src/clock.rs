//! The one place in the node that reads the wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use chain::time::Time;

/// The time now, in UTC milliseconds; 1970 on a machine whose clock stands before it.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
