//! Proofs: that a list holds an item, that the state holds an object or holds none.
//!
//! A list's tree pairs neighbours level by level; a lone last node moves up unchanged. The state's tree
//! has `2^depth` leaves. An object belongs to the leaf that the first `depth` bits of its key's digest
//! name; a leaf commits to the sorted (key digest, value digest) pairs that belong to it, so that a leaf
//! shown whole proves absence too. Leaves, inner nodes and roots are hashed under different prefix bytes.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::encoding::bounded_list;
use crate::hash::Hash;
use crate::state::{Key, Object};

/// The deepest state tree: 2^40 leaves.
pub const DEPTH_MAX: u8 = 40;

const LEAF: [u8; 1] = [0];
const INNER: [u8; 1] = [1];
const ROOT: [u8; 1] = [2];
const LIST_LEAF: [u8; 1] = [3];
const LIST_INNER: [u8; 1] = [4];
const LIST_EMPTY: [u8; 1] = [5];

/// The longest way from an item of a list to its root: lists have at most 2^32 items.
pub const LIST_DEPTH_MAX: usize = 32;

/// The root of a list of digests.
pub fn list_root(items: &[Hash]) -> Hash {
    let mut level: Vec<Hash> = items.iter().map(list_leaf).collect();
    if level.is_empty() {
        return Hash::plain(&[&LIST_EMPTY]);
    }
    while level.len() > 1 {
        level = list_parents(&level);
    }
    level.first().copied().unwrap_or_default()
}

/// Shows that a list holds an item: what joins it on the way to the root, from the leaf up. Where it is the
/// lone last of its level nothing joins it, and the proof has no step.
///
/// Says nothing of the item's position, nor how many there are.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ListProof {
    /// The steps, at most [`LIST_DEPTH_MAX`].
    #[borsh(deserialize_with = "steps")]
    pub steps: Vec<Step>,
}

/// What joins a node on the way to the root of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Step {
    /// Its neighbour on the left.
    Left(Hash),
    /// Its neighbour on the right.
    Right(Hash),
}

impl ListProof {
    /// The proof for item number `index` of `items`; `None` when there is no such item.
    pub fn of(items: &[Hash], index: usize) -> Option<Self> {
        items.get(index)?;
        let mut level: Vec<Hash> = items.iter().map(list_leaf).collect();
        let (mut index, mut steps) = (index, Vec::new());
        while level.len() > 1 {
            steps.extend(match level.get(index ^ 1) {
                Some(left) if index & 1 == 1 => Some(Step::Left(*left)),
                Some(right) => Some(Step::Right(*right)),
                None => None,
            });
            level = list_parents(&level);
            index /= 2;
        }
        Some(Self { steps })
    }

    /// Verifies that the list with this root holds `item`.
    ///
    /// # Errors
    /// [`ProofInvalid`] when it does not, or the proof is not for this item and root.
    pub fn verify(&self, root: &Hash, item: &Hash) -> Result<(), ProofInvalid> {
        let top = self.steps.iter().fold(list_leaf(item), |node, step| match step {
            Step::Left(left) => list_inner(left, &node),
            Step::Right(right) => list_inner(&node, right),
        });
        let fits = self.steps.len() <= LIST_DEPTH_MAX && top == *root;
        if fits { Ok(()) } else { Err(ProofInvalid) }
    }
}

fn steps<R: io::Read>(reader: &mut R) -> io::Result<Vec<Step>> {
    bounded_list(reader, 0..=LIST_DEPTH_MAX)
}

fn list_leaf(item: &Hash) -> Hash {
    Hash::plain(&[&LIST_LEAF, &item.0])
}

fn list_inner(left: &Hash, right: &Hash) -> Hash {
    Hash::plain(&[&LIST_INNER, &left.0, &right.0])
}

/// The level above `level`: pairs joined, a lone last node as it is.
fn list_parents(level: &[Hash]) -> Vec<Hash> {
    let pairs = level.chunks(2).map(|pair| match pair {
        [left, right] => list_inner(left, right),
        lone => lone.first().copied().unwrap_or_default(),
    });
    pairs.collect()
}

/// An object as the state tree sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Entry {
    /// The digest of its key.
    pub key: Hash,
    /// The digest of its value.
    pub value: Hash,
}

/// The number of the leaf, among `2^depth`, that an object with this key digest belongs to.
pub fn leaf_of(key: &Hash, depth: u8) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = key.0;
    let prefix = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    prefix.checked_shr(64_u32.saturating_sub(u32::from(depth))).unwrap_or(0)
}

/// The digest of a leaf with these entries, which are in rising order of key.
pub fn leaf(entries: &[Entry]) -> Hash {
    let mut parts: Vec<&[u8]> =
        Vec::with_capacity(entries.len().saturating_mul(2).saturating_add(1));
    parts.push(&LEAF);
    for entry in entries {
        parts.push(&entry.key.0);
        parts.push(&entry.value.0);
    }
    Hash::plain(&parts)
}

/// The digest of an inner node.
pub fn inner(left: &Hash, right: &Hash) -> Hash {
    Hash::plain(&[&INNER, &left.0, &right.0])
}

/// The state root: commits to the depth of the tree as well as its topmost node.
pub fn state_root(depth: u8, top: &Hash) -> Hash {
    Hash::plain(&[&ROOT, &[depth], &top.0])
}

/// Shows what the state holds under one key.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StateProof {
    /// The whole leaf the key belongs to.
    pub entries: Vec<Entry>,
    /// The neighbours on the way to the top, from the leaf up; as many as the tree is deep.
    #[borsh(deserialize_with = "neighbours")]
    pub neighbours: Vec<Hash>,
}

/// A proof does not lead to the root it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("proof invalid")]
pub struct ProofInvalid;

impl StateProof {
    /// Verifies that the state with this root holds exactly `object` under `key`, or nothing.
    ///
    /// # Errors
    /// [`ProofInvalid`] when it does not, or the proof is not for this key and root.
    pub fn verify(
        &self,
        root: &Hash,
        key: &Key,
        object: Option<&Object>,
    ) -> Result<(), ProofInvalid> {
        let key = key.digest();
        let depth = u8::try_from(self.neighbours.len()).map_err(|_| ProofInvalid)?;
        if depth > DEPTH_MAX || !self.entries.is_sorted_by(|a, b| a.key < b.key) {
            return Err(ProofInvalid);
        }
        let shown = self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.value);
        if shown != object.map(Object::digest) {
            return Err(ProofInvalid);
        }
        let mut index = leaf_of(&key, depth);
        let mut node = leaf(&self.entries);
        for neighbour in &self.neighbours {
            node = if index & 1 == 0 { inner(&node, neighbour) } else { inner(neighbour, &node) };
            index >>= 1;
        }
        if state_root(depth, &node) == *root { Ok(()) } else { Err(ProofInvalid) }
    }
}

fn neighbours<R: io::Read>(reader: &mut R) -> io::Result<Vec<Hash>> {
    bounded_list(reader, 0..=usize::from(DEPTH_MAX))
}

#[cfg(test)]
mod tests;
