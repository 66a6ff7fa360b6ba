//! The tree as the uncommitted blocks above it leave it: the newest layer that has a node says what it
//! is, and the tree says it of the rest.

use chain::hash::Hash;
use chain::merkle::{self, Entry};

use super::{Bucket, Layer, Tree, TreeChanges, count, depth_after};

/// A tree, and what the blocks above it changed, oldest first.
#[derive(Clone, Copy)]
pub(super) struct Layers<'a> {
    tree: &'a Tree,
    ancestors: &'a [&'a TreeChanges],
}

/// What a block changes that leaves the depth as it was.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    pub(super) depth: u8,
    pub(super) objects: u64,
    pub(super) root: Hash,
    /// The leaves it changed, in rising order of number.
    pub(super) buckets: Vec<(u64, Bucket)>,
    /// The nodes it changed on each level, from the leaves up, in rising order of number.
    pub(super) levels: Vec<Vec<(u64, Hash)>>,
}

impl<'a> Layers<'a> {
    pub(super) fn new(tree: &'a Tree, ancestors: &'a [&'a TreeChanges]) -> Self {
        let mut root = tree.root();
        for ancestor in ancestors {
            assert_eq!(ancestor.below, root, "ancestors follow one another");
            root = ancestor.root();
        }
        Self { tree, ancestors }
    }

    /// The depth after the last layer.
    pub(super) fn depth(&self) -> u8 {
        self.ancestors.last().map_or(self.tree.depth, |layer| layer.depth())
    }

    fn objects(&self) -> u64 {
        self.ancestors.last().map_or(self.tree.objects, |layer| layer.objects())
    }

    fn root(&self) -> Hash {
        self.ancestors.last().map_or_else(|| self.tree.root(), |layer| layer.root())
    }

    /// The entries of a leaf after the last layer.
    pub(super) fn bucket(&self, leaf: u64) -> &[Entry] {
        let changed = self.ancestors.iter().rev().find_map(|layer| match &layer.layer {
            Layer::Whole(tree) => Some(tree.bucket(leaf)),
            Layer::Patch(patch) => find(&patch.buckets, leaf).map(AsRef::as_ref),
        });
        changed.unwrap_or_else(|| self.tree.bucket(leaf))
    }

    /// The digest of a node after the last layer.
    pub(super) fn node(&self, level: u8, number: u64) -> Hash {
        let changed = self.ancestors.iter().rev().find_map(|layer| match &layer.layer {
            Layer::Whole(tree) => Some(tree.node(level, number)),
            Layer::Patch(patch) => find(patch.levels.get(usize::from(level))?, number).copied(),
        });
        changed.unwrap_or_else(|| self.tree.node(level, number))
    }

    /// A new layer with `changes`, which are in rising order of key.
    pub(super) fn changed(self, changes: &[(Hash, Option<Hash>)]) -> TreeChanges {
        let depth = self.depth();
        let mut objects = self.objects();
        let mut buckets = Vec::with_capacity(changes.len());
        let leaf_of = |change: &(Hash, Option<Hash>)| merkle::leaf_of(&change.0, depth);
        for chunk in changes.chunk_by(|a, b| leaf_of(a) == leaf_of(b)) {
            let leaf = chunk.first().map(leaf_of).expect("a chunk is not empty");
            let before = self.bucket(leaf);
            let after = merged(before, chunk);
            objects = objects
                .checked_sub(count(before.len()))
                .and_then(|others| others.checked_add(count(after.len())))
                .expect("the tree counts its objects");
            buckets.push((leaf, after.into_boxed_slice()));
        }
        let new_depth = depth_after(depth, objects);
        let layer = if new_depth == depth {
            Layer::Patch(self.patch(objects, buckets))
        } else {
            Layer::Whole(Tree::build(new_depth, &self.entries_with(&buckets)))
        };
        TreeChanges { below: self.root(), layer }
    }

    fn patch(self, objects: u64, buckets: Vec<(u64, Bucket)>) -> Patch {
        let depth = self.depth();
        let mut levels = Vec::with_capacity(usize::from(depth).saturating_add(1));
        let mut level: Vec<(u64, Hash)> =
            buckets.iter().map(|(leaf, bucket)| (*leaf, merkle::leaf(bucket))).collect();
        for height in 0..depth {
            let above = self.parents(height, &level);
            levels.push(std::mem::replace(&mut level, above));
        }
        let root =
            level.first().map_or_else(|| self.root(), |(_, top)| merkle::state_root(depth, top));
        levels.push(level);
        Patch { depth, objects, root, buckets, levels }
    }

    /// The parents of the nodes `changed` on `level`.
    fn parents(self, level: u8, changed: &[(u64, Hash)]) -> Vec<(u64, Hash)> {
        let siblings = changed.chunk_by(|a, b| a.0 / 2 == b.0 / 2);
        siblings
            .map(|children| {
                let (number, _) = *children.first().expect("a chunk is not empty");
                let child = |number| {
                    let changed = find(children, number).copied();
                    changed.unwrap_or_else(|| self.node(level, number))
                };
                (number / 2, merkle::inner(&child(number & !1), &child(number | 1)))
            })
            .collect()
    }

    /// All entries after the last layer, but those of `buckets` for the leaves they name; in rising
    /// order of key, because leaves are.
    fn entries_with(self, buckets: &[(u64, Bucket)]) -> Vec<Entry> {
        (0..super::leaves(self.depth()))
            .flat_map(|leaf| match find(buckets, leaf) {
                Some(bucket) => bucket,
                None => self.bucket(leaf),
            })
            .copied()
            .collect()
    }
}

/// A node's place in its level, a leaf's among the leaves.
pub(super) fn place(number: u64) -> usize {
    usize::try_from(number).expect("what is in memory has an address")
}

fn find<T>(sorted: &[(u64, T)], number: u64) -> Option<&T> {
    let at = sorted.binary_search_by_key(&number, |(number, _)| *number).ok()?;
    sorted.get(at).map(|(_, found)| found)
}

/// The entries of one leaf with `changes` made.
fn merged(before: &[Entry], changes: &[(Hash, Option<Hash>)]) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(before.len().saturating_add(changes.len()));
    let mut rest = before;
    for (key, value) in changes {
        let (smaller, others) = rest.split_at(rest.partition_point(|entry| entry.key < *key));
        entries.extend_from_slice(smaller);
        entries.extend(value.map(|value| Entry { key: *key, value }));
        rest = match others {
            [same, after @ ..] if same.key == *key => after,
            _ => others,
        };
    }
    entries.extend_from_slice(rest);
    entries
}
