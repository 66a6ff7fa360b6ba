//! The state tree: commits to every object of the state, and proves what the state holds and what not.
//!
//! [`chain::merkle`] fixes the shape: `2^depth` leaves, an object in the leaf that the first bits of its
//! key's digest name, inner nodes above. The root is a function of the objects and the depth alone,
//! whatever the order in which objects came and went.
//!
//! The depth follows the number of objects, once a block, after the block's changes: it grows while
//! there are more than [`LEAF_LOAD_MAX`] objects a leaf, shrinks while there is less than one object a
//! leaf, and else stays ([`depth_after`]). So after every block `2^depth <= objects <= 4 * 2^depth`, or
//! the depth is 0. The bounds lie a factor of four apart, so that the tree does not grow and shrink in
//! turns; between them the depth is a matter of history, which is why it is kept beside the objects
//! ([`Tree::from_entries`]) and every root commits to it. Genesis starts from the empty tree.
//!
//! ```text
//! committed Tree <- TreeChanges of block 1 <- TreeChanges of block 2 ...
//! ```
//! A block that is not committed yet is a layer over the tree: it holds the leaves and nodes it changed,
//! or, where the depth changed, a whole new tree. Nothing below a layer is ever changed by it.

mod layers;
#[cfg(test)]
mod tests;

use chain::hash::Hash;
use chain::merkle::{self, DEPTH_MAX, Entry, StateProof};
use chain::state::Key;

use layers::{Layers, Patch, place};

/// Objects of a tree whose depth changed and which is kept as a whole, to show how it was, at most.
const WHOLE_OBJECTS_MAX: u64 = 16_384;
/// Objects a leaf holds on average at most, before the tree doubles.
pub const LEAF_LOAD_MAX: u64 = 4;

/// The entries of a leaf, in rising order of key.
type Bucket = Box<[Entry]>;

/// The depth of a tree that had `depth` and now holds `objects` objects; at most [`DEPTH_MAX`].
pub fn depth_after(depth: u8, objects: u64) -> u8 {
    let grown = (depth..DEPTH_MAX)
        .find(|depth| objects <= leaves(*depth).saturating_mul(LEAF_LOAD_MAX))
        .unwrap_or(DEPTH_MAX);
    let shrunk = (0..=grown).rev().find(|depth| objects >= leaves(*depth));
    shrunk.unwrap_or(0)
}

/// The depth is not one that a tree of so many objects has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a state tree of {objects} objects has no depth of {depth}")]
pub struct DepthInvalid {
    /// The depth given.
    pub depth: u8,
    /// How many objects there are.
    pub objects: u64,
}

/// The state tree of a committed state, all of it in memory.
#[derive(Clone, Debug)]
pub struct Tree {
    depth: u8,
    objects: u64,
    /// One for each leaf.
    buckets: Vec<Bucket>,
    /// The digests of the leaves, of their parents, and so on up to the top alone.
    levels: Vec<Vec<Hash>>,
}

/// What one block changes in the tree: a layer over the tree and the layers of its ancestors.
#[derive(Clone, Debug)]
pub struct TreeChanges {
    /// The root it was made on.
    below: Hash,
    layer: Layer,
}

#[derive(Clone, Debug)]
enum Layer {
    /// The depth stayed.
    Patch(Patch),
    /// The depth changed, and everything with it.
    Whole(Tree),
}

impl Tree {
    /// The tree of no objects.
    pub fn empty() -> Self {
        Self::build(0, &[])
    }

    /// Builds again the tree that held `entries`, in any order, at `depth`.
    ///
    /// # Errors
    /// [`DepthInvalid`] when no block leaves a tree of so many objects at that depth.
    ///
    /// # Panics
    /// When two entries have one key.
    pub fn from_entries(
        depth: u8,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, DepthInvalid> {
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        entries.sort_unstable();
        assert!(entries.is_sorted_by(|a, b| a.key < b.key), "an object has one value");
        let objects = count(entries.len());
        if depth_after(depth, objects) == depth {
            Ok(Self::build(depth, &entries))
        } else {
            Err(DepthInvalid { depth, objects })
        }
    }

    /// The state root.
    pub fn root(&self) -> Hash {
        merkle::state_root(self.depth, &self.node(self.depth, 0))
    }

    /// How deep the tree is: it has `2^depth` leaves.
    pub const fn depth(&self) -> u8 {
        self.depth
    }

    /// How many objects the tree commits to.
    pub const fn objects(&self) -> u64 {
        self.objects
    }

    /// What a block changes over this tree and `ancestors`, the blocks between, oldest first. `changes`
    /// gives for each key digest the digest of its new value, or `None` where the object is removed;
    /// removing what is not there changes nothing.
    ///
    /// # Panics
    /// When a key is given twice, or an ancestor was made on another root than that of the one before.
    pub fn update(
        &self,
        ancestors: &[&TreeChanges],
        changes: impl IntoIterator<Item = (Hash, Option<Hash>)>,
    ) -> TreeChanges {
        let mut changes: Vec<(Hash, Option<Hash>)> = changes.into_iter().collect();
        changes.sort_unstable();
        assert!(changes.is_sorted_by(|a, b| a.0 < b.0), "a block gives an object one value");
        Layers::new(self, ancestors).changed(&changes)
    }

    /// Makes the changes of a block part of the tree; costs what the block changed, unless the depth
    /// changed. Returns what shows, as a layer over this tree, how it was before; nothing where the depth of a
    /// large tree changed, which would have to be kept whole.
    ///
    /// # Panics
    /// When they were made on another root.
    pub fn commit(&mut self, changes: TreeChanges) -> Option<TreeChanges> {
        assert_eq!(self.root(), changes.below, "a block is committed on top of its parent");
        let back = match changes.layer {
            Layer::Whole(tree) => {
                let before = std::mem::replace(self, tree);
                if before.objects > WHOLE_OBJECTS_MAX {
                    return None;
                }
                Layer::Whole(before)
            }
            Layer::Patch(patch) => Layer::Patch(self.apply(patch, changes.below)),
        };
        Some(TreeChanges { below: self.root(), layer: back })
    }

    /// Shows what the state after `ancestors` (none: this tree's own) holds under `key`: verified
    /// against the root after the last of them.
    ///
    /// # Panics
    /// When an ancestor was made on another root than that of the one before.
    pub fn prove(&self, ancestors: &[&TreeChanges], key: &Key) -> StateProof {
        let layers = Layers::new(self, ancestors);
        let leaf = merkle::leaf_of(&key.digest(), layers.depth());
        let numbers = std::iter::successors(Some(leaf), |number| Some(number / 2));
        StateProof {
            entries: layers.bucket(leaf).to_vec(),
            neighbours: (0..layers.depth())
                .zip(numbers)
                .map(|(level, number)| layers.node(level, number ^ 1))
                .collect(),
        }
    }

    /// The tree of `entries`, which are in rising order of key.
    fn build(depth: u8, entries: &[Entry]) -> Self {
        let objects = count(entries.len());
        let mut rest = entries;
        let buckets: Vec<Bucket> = (0..leaves(depth))
            .map(|leaf| {
                let inside = |entry: &&Entry| merkle::leaf_of(&entry.key, depth) == leaf;
                let (bucket, after) = rest.split_at(rest.iter().take_while(inside).count());
                rest = after;
                bucket.into()
            })
            .collect();
        let mut levels = Vec::with_capacity(usize::from(depth).saturating_add(1));
        let mut level: Vec<Hash> = buckets.iter().map(|bucket| merkle::leaf(bucket)).collect();
        for _ in 0..depth {
            let (pairs, _) = level.as_chunks();
            let above = pairs.iter().map(|[left, right]| merkle::inner(left, right)).collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Self { depth, objects, buckets, levels }
    }

    /// Makes a patch part of the tree. Returns the one that leads back to `root`, the tree's own until now.
    fn apply(&mut self, mut patch: Patch, root: Hash) -> Patch {
        for (leaf, bucket) in &mut patch.buckets {
            let own = self.buckets.get_mut(place(*leaf)).expect("layers name leaves of the tree");
            std::mem::swap(own, bucket);
        }
        for (level, changed) in self.levels.iter_mut().zip(&mut patch.levels) {
            for (number, digest) in changed {
                let own = level.get_mut(place(*number)).expect("layers name nodes of the tree");
                std::mem::swap(own, digest);
            }
        }
        std::mem::swap(&mut self.objects, &mut patch.objects);
        Patch { root, ..patch }
    }

    fn bucket(&self, leaf: u64) -> &[Entry] {
        self.buckets.get(place(leaf)).expect("the tree has all its leaves")
    }

    fn node(&self, level: u8, number: u64) -> Hash {
        let level = self.levels.get(usize::from(level)).expect("the tree has all its levels");
        *level.get(place(number)).expect("the tree has all its nodes")
    }
}

impl TreeChanges {
    /// The state root after the block.
    pub fn root(&self) -> Hash {
        match &self.layer {
            Layer::Patch(patch) => patch.root,
            Layer::Whole(tree) => tree.root(),
        }
    }

    /// How deep the tree is after the block.
    pub const fn depth(&self) -> u8 {
        match &self.layer {
            Layer::Patch(patch) => patch.depth,
            Layer::Whole(tree) => tree.depth,
        }
    }

    const fn objects(&self) -> u64 {
        match &self.layer {
            Layer::Patch(patch) => patch.objects,
            Layer::Whole(tree) => tree.objects,
        }
    }
}

/// How many leaves a tree of `depth` has.
fn leaves(depth: u8) -> u64 {
    1_u64.checked_shl(depth.into()).expect("no tree is deeper than its deepest")
}

fn count(length: usize) -> u64 {
    u64::try_from(length).expect("a length fits 64 bits")
}
