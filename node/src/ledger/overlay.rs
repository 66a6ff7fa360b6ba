//! What blocks that are not committed yet change.

use std::collections::BTreeMap;
use std::sync::Arc;

use chain::hash::Hash;
use chain::height::Height;
use runtime::block::Applied;
use runtime::tree::TreeChanges;

/// Overlays that are kept; more than a proposal may run ahead of the tip. One that was dropped is made
/// again when it is needed.
const OVERLAYS_MAX: usize = 128;

// Every ancestor of a turn has room.
const _: () = assert!(OVERLAYS_MAX as u64 > consensus::ANCESTORS_MAX);

/// What one block changes.
#[derive(Clone, Debug)]
pub(super) struct Overlay {
    pub(super) height: Height,
    pub(super) applied: Applied,
    pub(super) tree: TreeChanges,
}

/// Overlays by the digest of their blocks.
#[derive(Debug, Default)]
pub(super) struct Overlays(BTreeMap<Hash, Arc<Overlay>>);

impl Overlays {
    pub(super) fn find(&self, digest: &Hash) -> Option<Arc<Overlay>> {
        self.0.get(digest).map(Arc::clone)
    }

    /// Keeps an overlay; without room, one of the lowest goes.
    pub(super) fn keep(&mut self, digest: Hash, overlay: Arc<Overlay>) {
        self.0.insert(digest, overlay);
        while self.0.len() > OVERLAYS_MAX {
            let lowest = self.0.iter().min_by_key(|(_, overlay)| overlay.height);
            let Some(digest) = lowest.map(|(digest, _)| *digest) else { break };
            self.0.remove(&digest);
        }
    }

    /// Drops the overlays of all blocks up to `height`.
    pub(super) fn drop_up_to(&mut self, height: Height) {
        self.0.retain(|_, overlay| overlay.height > height);
    }
}

#[cfg(test)]
mod tests {
    use chain::receipt::Receipts;
    use runtime::state::Changes;
    use runtime::tree::Tree;

    use super::*;

    fn keep(overlays: &mut Overlays, height: u64) -> Hash {
        let mut digest = Hash::ZERO;
        digest.0[..8].copy_from_slice(&height.to_be_bytes());
        let (changes, receipts) = (Changes::default(), Receipts::default());
        let postings = Vec::new();
        let applied = Applied { changes, receipts, postings, next_authorities: None };
        let tree = Tree::empty().update(&[], []);
        overlays.keep(digest, Arc::new(Overlay { height: Height(height), applied, tree }));
        digest
    }

    #[test]
    fn overlays_are_bounded_and_the_lowest_go_first() {
        let mut overlays = Overlays::default();
        let first = keep(&mut overlays, 1);
        let second = keep(&mut overlays, 2);
        for height in 3..=1 + OVERLAYS_MAX as u64 {
            keep(&mut overlays, height);
        }
        assert_eq!(overlays.0.len(), OVERLAYS_MAX);
        assert!(overlays.find(&first).is_none());
        assert!(overlays.find(&second).is_some());
    }

    #[test]
    fn overlays_up_to_the_tip_are_dropped() {
        let mut overlays = Overlays::default();
        let digests: Vec<Hash> = (1..=3).map(|height| keep(&mut overlays, height)).collect();
        overlays.drop_up_to(Height(2));
        let found = digests.iter().map(|digest| overlays.find(digest).is_some());
        assert_eq!(found.collect::<Vec<_>>(), [false, false, true]);
    }
}
