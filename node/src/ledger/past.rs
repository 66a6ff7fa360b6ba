//! How the state was after the last few blocks: what leads back from the tip, block by block.
//!
//! ```text
//! tip <- what block n replaced <- what block n - 1 replaced ...
//! ```
//! A block that is committed hands over what it replaced, so that keeping it copies nothing. It reads as a
//! layer over the tip, as the changes of a block to come do.

use std::collections::VecDeque;

use chain::height::Height;
use chain::merkle::StateProof;
use chain::state::Key;
use runtime::state::{Changes, View};
use runtime::tree::TreeChanges;

use super::Committed;

/// Blocks that can be taken back at most.
pub(super) const BLOCKS_MAX: usize = 128;
/// Objects that they replaced at most, all together; but the last block can be taken back in any case.
const OBJECTS_MAX: usize = 131_072;

/// What the last blocks replaced, the latest first.
#[derive(Debug, Default)]
pub(super) struct Past {
    blocks: VecDeque<Replaced>,
    objects: usize,
}

#[derive(Debug)]
struct Replaced {
    changes: Changes,
    tree: TreeChanges,
}

impl Past {
    /// Keeps what the next block replaced. Where it says nothing of the tree, which is large and has another
    /// depth now, nothing before it can be shown.
    pub(super) fn keep(&mut self, changes: Changes, tree: Option<TreeChanges>) {
        let Some(tree) = tree else {
            *self = Self::default();
            return;
        };
        self.objects = self.objects.saturating_add(changes.objects.len());
        self.blocks.push_front(Replaced { changes, tree });
        while self.blocks.len() > BLOCKS_MAX
            || (self.objects > OBJECTS_MAX && self.blocks.len() > 1)
        {
            let oldest = self.blocks.pop_back().expect("there is more than one");
            self.objects = self.objects.saturating_sub(oldest.changes.objects.len());
        }
    }

    /// The lowest height at which the state can be shown, the tip's being `tip`.
    pub(super) fn first(&self, tip: Height) -> Height {
        Height(tip.0.saturating_sub(self.blocks.len().try_into().unwrap_or(u64::MAX)))
    }
}

/// The state as it was after one of the last blocks.
#[derive(Debug)]
pub struct Then<'a> {
    committed: &'a Committed,
    changes: Vec<&'a Changes>,
    tree: Vec<&'a TreeChanges>,
}

impl<'a> Then<'a> {
    /// The state after the block at `height`; `None` where that lies too far back, or ahead.
    pub(super) fn of(committed: &'a Committed, height: Height) -> Option<Self> {
        let back = committed.header.height.0.checked_sub(height.0)?;
        let back =
            usize::try_from(back).ok().filter(|back| *back <= committed.past.blocks.len())?;
        let replaced = committed.past.blocks.iter().take(back);
        let (changes, tree) = replaced.map(|it| (&it.changes, &it.tree)).unzip();
        Some(Self { committed, changes, tree })
    }

    /// Every object.
    pub fn view(&self) -> View<'_> {
        View::new(&self.committed.state, &self.changes)
    }

    /// Shows what stands under `key`.
    pub fn prove(&self, key: &Key) -> StateProof {
        self.committed.tree.prove(&self.tree, key)
    }
}

#[cfg(test)]
mod tests {
    use runtime::tree::Tree;

    use super::*;

    #[test]
    fn nothing_is_shown_from_before_a_tree_that_was_not_kept() {
        let mut past = Past::default();
        let empty = || {
            let mut tree = Tree::empty();
            tree.commit(tree.update(&[], []))
        };
        past.keep(Changes::default(), empty());
        past.keep(Changes::default(), empty());
        assert_eq!(past.first(Height(9)), Height(7));
        past.keep(Changes::default(), None);
        assert_eq!(past.first(Height(10)), Height(10));
        past.keep(Changes::default(), empty());
        assert_eq!(past.first(Height(11)), Height(10));
    }
}
