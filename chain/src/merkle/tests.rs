//! Roots and proofs: what they show, and that nothing else passes for it.

use super::*;
use crate::encoding::{decode, encode};

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

fn digest(byte: u8) -> Hash {
    Hash([byte; 32])
}

/// Every list up to this length has all its items proved.
const LENGTHS: u8 = 20;

#[test]
fn every_item_of_a_list_is_proved() {
    for length in 1..=LENGTHS {
        let items: Vec<Hash> = (0..length).map(digest).collect();
        let root = list_root(&items);
        for (index, item) in items.iter().enumerate() {
            let proof = ListProof::of(&items, index).unwrap();
            assert_eq!(proof.verify(&root, item), Ok(()), "{index} of {length}");
            for other in (0..length).map(digest).filter(|other| other != item) {
                assert_eq!(proof.verify(&root, &other), Err(ProofInvalid), "{index} of {length}");
            }
        }
        assert_eq!(ListProof::of(&items, items.len()), None);
    }
}

#[test]
fn lone_last_item_has_a_step_less() {
    let items: Vec<Hash> = (0..5).map(digest).collect();
    let steps: Vec<usize> =
        (0..5).map(|index| ListProof::of(&items, index).unwrap().steps.len()).collect();
    assert_eq!(steps, [3, 3, 3, 3, 1]);
}

#[test]
fn every_change_of_a_list_proof_is_refused() {
    let items: Vec<Hash> = (0..7).map(digest).collect();
    let root = list_root(&items);
    for (index, item) in items.iter().enumerate() {
        let proof = ListProof::of(&items, index).unwrap();
        let bytes = encode(&proof);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let Ok(changed) = decode::<ListProof>(&flipped) else { continue };
            assert_eq!(changed.verify(&root, item), Err(ProofInvalid), "bit {bit}");
        }
        let mut longer = proof.clone();
        longer.steps.push(Step::Left(digest(1)));
        assert_eq!(longer.verify(&root, item), Err(ProofInvalid));
        let mut shorter = proof.clone();
        shorter.steps.pop();
        assert_eq!(shorter.verify(&root, item), Err(ProofInvalid));
        let mut turned = proof;
        turned.steps.reverse();
        assert!(turned.steps.len() < 2 || turned.verify(&root, item).is_err());
    }
}

#[test]
fn inner_node_of_a_list_passes_for_no_item() {
    let items: Vec<Hash> = (0..4).map(digest).collect();
    let root = list_root(&items);
    let proof = ListProof::of(&items, 0).unwrap();
    let inner = list_inner(&list_leaf(&items[0]), &list_leaf(&items[1]));
    let shorter = ListProof { steps: proof.steps[1..].to_vec() };
    assert_eq!(shorter.verify(&root, &inner), Err(ProofInvalid));
    assert_eq!(shorter.verify(&root, &list_leaf(&items[0])), Err(ProofInvalid));
    assert_eq!(ListProof { steps: Vec::new() }.verify(&root, &root), Err(ProofInvalid));
}

#[test]
fn list_proof_longer_than_any_list_does_not_decode() {
    let steps = vec![Step::Left(digest(1)); LIST_DEPTH_MAX + 1];
    assert!(decode::<ListProof>(&encode(&ListProof { steps })).is_err());
}

/// A tree of four leaves that holds the references 0 to 11.
struct Tree {
    leaves: [Vec<Entry>; 4],
}

fn reference(byte: u8) -> Key {
    Key::Reference(digest(byte))
}

impl Tree {
    fn new() -> Self {
        let mut leaves = [const { Vec::new() }; 4];
        for key in (0..12).map(|byte| reference(byte).digest()) {
            let leaf = usize::try_from(leaf_of(&key, 2)).unwrap();
            leaves[leaf].push(Entry { key, value: Object::Reference.digest() });
        }
        leaves.iter_mut().for_each(|leaf| leaf.sort_unstable());
        Self { leaves }
    }

    fn node(&self, number: usize) -> Hash {
        leaf(&self.leaves[number])
    }

    fn half(&self, number: usize) -> Hash {
        inner(&self.node(2 * number), &self.node(2 * number + 1))
    }

    fn root(&self) -> Hash {
        state_root(2, &inner(&self.half(0), &self.half(1)))
    }

    fn prove(&self, key: &Key) -> StateProof {
        let leaf = usize::try_from(leaf_of(&key.digest(), 2)).unwrap();
        let neighbours = vec![self.node(leaf ^ 1), self.half((leaf / 2) ^ 1)];
        StateProof { entries: self.leaves[leaf].clone(), neighbours }
    }
}

#[test]
fn object_and_its_absence_are_proved() {
    let tree = Tree::new();
    for byte in 0..24 {
        let (key, object) = (reference(byte), Object::Reference);
        let (there, absent) = (Some(&object), None);
        let (right, wrong) = if byte < 12 { (there, absent) } else { (absent, there) };
        let proof = tree.prove(&key);
        assert_eq!(proof.verify(&tree.root(), &key, right), Ok(()), "{byte}");
        assert_eq!(proof.verify(&tree.root(), &key, wrong), Err(ProofInvalid), "{byte}");
    }
}

#[test]
fn every_change_of_a_state_proof_is_refused() {
    let tree = Tree::new();
    for byte in [0, 1, 20, 21] {
        let key = reference(byte);
        let object = (byte < 12).then_some(Object::Reference);
        let proof = tree.prove(&key);
        let refused = |changed: &StateProof| {
            changed.verify(&tree.root(), &key, object.as_ref()) == Err(ProofInvalid)
        };
        let bytes = encode(&proof);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let Ok(changed) = decode::<StateProof>(&flipped) else { continue };
            assert!(refused(&changed), "key {byte}, bit {bit}");
        }
        assert!(!refused(&proof));

        let with = |change: fn(&mut StateProof)| {
            let mut changed = proof.clone();
            change(&mut changed);
            changed
        };
        assert!(refused(&with(|it| it.neighbours.swap(0, 1))), "neighbours swapped");
        assert!(refused(&with(|it| it.neighbours.truncate(1))), "depth less");
        assert!(refused(&with(|it| it.neighbours.push(Hash::ZERO))), "depth more");
        assert!(refused(&with(|it| it.entries.push(Entry { key: digest(255), value: digest(1) }))));
        assert!(refused(&with(|it| it.entries.clear())), "leaf emptied");
        assert!(refused(&with(|it| it.entries.reverse())), "leaf out of order");
    }
}

#[test]
fn leaf_of_another_key_shows_no_absence() {
    let tree = Tree::new();
    let (key, strange) = (reference(0), (12..u8::MAX).map(reference));
    let leaf = leaf_of(&key.digest(), 2);
    let strange = strange.into_iter().find(|it| leaf_of(&it.digest(), 2) != leaf).unwrap();
    let proof = tree.prove(&strange);
    assert_eq!(proof.verify(&tree.root(), &strange, None), Ok(()));
    assert_eq!(proof.verify(&tree.root(), &key, None), Err(ProofInvalid));
}

#[test]
fn node_of_the_tree_passes_for_no_other_kind() {
    let tree = Tree::new();
    let key = reference(0);
    let proof = tree.prove(&key);
    // The top of the tree as a root of its own, and a leaf whose entry is a pair of nodes.
    let top = inner(&tree.half(0), &tree.half(1));
    assert_eq!(proof.verify(&top, &key, Some(&Object::Reference)), Err(ProofInvalid));
    let forged = Entry { key: tree.half(0), value: tree.half(1) };
    assert_ne!(leaf(&[forged]), top);
    assert_ne!(state_root(0, &top), tree.root());
}
