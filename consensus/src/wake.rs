//! A bell that the node rings when something starts to wait, so that a proposer who idles proposes.

use std::sync::Arc;

use commonware_utils::channel::watch;

/// Rung by the node, heard by the engine. Clones ring the same bell.
#[derive(Clone, Debug)]
pub struct Wake(Arc<watch::Sender<()>>);

impl Wake {
    /// A bell nobody listens to yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }

    /// Says that something waits. Cheap, from any thread; ringing twice is the same as once.
    pub fn raise(&self) {
        self.0.send_replace(());
    }

    /// Listens from now on.
    pub(crate) fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}

impl Default for Wake {
    fn default() -> Self {
        Self::new()
    }
}
