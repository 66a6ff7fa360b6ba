//! Who wants to hear of every block that is committed.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use chain::height::Height;

type Heard = Box<dyn Fn(u64) + Send + Sync>;

/// Those that want to hear; each is called on the thread that commits, and takes no time.
#[derive(Default)]
pub(super) struct Listeners(Mutex<Vec<Heard>>);

impl Listeners {
    pub(super) fn add(&self, heard: Heard) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
    }

    pub(super) fn tell(&self, height: Height) {
        let listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.iter().for_each(|heard| heard(height.0));
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Listeners")
    }
}
