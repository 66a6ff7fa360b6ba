//! Proofs: that a list holds an item, that the state holds an object or holds none.
//!
//! A list's tree pairs neighbours level by level; a lone last node moves up unchanged. The state's tree
//! has `2^depth` leaves. An object belongs to the leaf that the first `depth` bits of its key's digest
//! name; a leaf commits to the sorted (key digest, value digest) pairs that belong to it, so that a leaf
//! shown whole proves absence too. Leaves, inner nodes and roots are hashed under different prefix bytes.

use borsh::{BorshDeserialize, BorshSerialize};

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

/// The root of a list of digests.
pub fn list_root(items: &[Hash]) -> Hash {
    let mut level: Vec<Hash> =
        items.iter().map(|item| Hash::plain(&[&LIST_LEAF, &item.0])).collect();
    if level.is_empty() {
        return Hash::plain(&[&LIST_EMPTY]);
    }
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => Hash::plain(&[&LIST_INNER, &left.0, &right.0]),
                lone => lone.first().copied().unwrap_or_default(),
            })
            .collect();
    }
    level.first().copied().unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_root_depends_on_items_order_and_length() {
        let items: Vec<Hash> = (0..5).map(|byte| Hash([byte; 32])).collect();
        let roots: Vec<Hash> = (0..=5).map(|length| list_root(&items[..length])).collect();
        for (one, root) in roots.iter().enumerate() {
            for (other, another) in roots.iter().enumerate() {
                assert_eq!(one == other, root == another, "{one} {other}");
            }
        }
        let swapped: Vec<Hash> = items.iter().rev().copied().collect();
        assert_ne!(list_root(&swapped), list_root(&items));
        let doubled: Vec<Hash> = [&items[..3], &items[2..3]].concat();
        assert_ne!(list_root(&doubled), list_root(&items[..3]));
    }

    #[test]
    fn leaf_of_takes_the_first_bits() {
        let key = Hash([0b1010_0000; 32]);
        assert_eq!(leaf_of(&key, 0), 0);
        assert_eq!(leaf_of(&key, 1), 1);
        assert_eq!(leaf_of(&key, 3), 0b101);
        assert_eq!(leaf_of(&key, 9), 0b1_0100_0001);
    }
}
