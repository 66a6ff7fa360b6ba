//! The tree against a naive one: the same root, however objects came, went and were committed.

use std::collections::{BTreeMap, VecDeque};

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::encoding::{decode, encode};
use chain::hash::{Domain, Hash};
use chain::merkle::{self, Entry, StateProof};
use chain::state::{Key, Object};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

type Entries = BTreeMap<Hash, Hash>;
/// One block: an object's number, and its new value or its end.
type Changes = Vec<(u16, Option<u8>)>;

fn digest(number: u16) -> Hash {
    Hash::of(Domain::StateKey, &[&number.to_le_bytes()])
}

fn apply(entries: &mut Entries, changes: &[(Hash, Option<Hash>)]) {
    for (key, value) in changes {
        match value {
            Some(value) => entries.insert(*key, *value),
            None => entries.remove(key),
        };
    }
}

/// The changes of one block, the last of each object.
fn block(changes: &[(u16, Option<u8>)]) -> Vec<(Hash, Option<Hash>)> {
    let digests = changes.iter().map(|(key, value)| (digest(*key), value.map(|v| Hash([v; 32]))));
    digests.collect::<BTreeMap<_, _>>().into_iter().collect()
}

/// The root by the definition: split by the first bits, hash each side.
fn naive_root(entries: &Entries, depth: u8) -> Hash {
    fn node(entries: &Entries, depth: u8, level: u8, number: u64) -> Hash {
        if level > 0 {
            let left = node(entries, depth, level - 1, number * 2);
            return merkle::inner(&left, &node(entries, depth, level - 1, number * 2 + 1));
        }
        let own = entries.iter().filter(|(key, _)| merkle::leaf_of(key, depth) == number);
        let own: Vec<Entry> = own.map(|(key, value)| Entry { key: *key, value: *value }).collect();
        merkle::leaf(&own)
    }
    merkle::state_root(depth, &node(entries, depth, depth, 0))
}

fn entries_of(entries: &Entries) -> impl Iterator<Item = Entry> {
    entries.iter().map(|(key, value)| Entry { key: *key, value: *value })
}

fn tree_of(numbers: std::ops::Range<u16>) -> Tree {
    let mut tree = Tree::empty();
    tree.commit(tree.update(&[], numbers.map(|number| (digest(number), Some(Hash([7; 32]))))));
    tree
}

/// Runs `blocks` with up to `pending` of them uncommitted, and compares every root with the naive one.
fn check(blocks: &[Changes], pending: usize) -> Result<(), TestCaseError> {
    let mut tree = Tree::empty();
    let mut entries = Entries::new();
    let mut depth = 0;
    let mut layers: Vec<TreeChanges> = Vec::new();
    for changes in blocks {
        let changes = block(changes);
        let below = tree.root();
        let layer = tree.update(&layers.iter().collect::<Vec<_>>(), changes.iter().copied());
        prop_assert_eq!(tree.root(), below, "a layer leaves the tree alone");

        apply(&mut entries, &changes);
        depth = depth_after(depth, entries.len().try_into().unwrap());
        prop_assert_eq!(layer.depth(), depth);
        prop_assert_eq!(layer.root(), naive_root(&entries, depth));
        layers.push(layer);
        if layers.len() > pending {
            tree.commit(layers.remove(0));
        }
    }
    for layer in layers {
        let root = layer.root();
        tree.commit(layer);
        prop_assert_eq!(tree.root(), root);
    }
    prop_assert_eq!(usize::try_from(tree.objects()).unwrap(), entries.len());
    let again = Tree::from_entries(tree.depth(), entries_of(&entries)).unwrap();
    prop_assert_eq!(again.root(), tree.root());
    Ok(())
}

/// Blocks over few enough objects that they are overwritten and removed, and the depth goes up and down.
fn blocks() -> impl Strategy<Value = Vec<Changes>> {
    let change = (0..150_u16, prop_oneof![3 => any::<u8>().prop_map(Some), 2 => Just(None)]);
    let clearing = (0..150_u16).prop_map(|from| (from..150).map(|number| (number, None)).collect());
    vec(prop_oneof![4 => vec(change, 0..60), 1 => clearing], 1..12)
}

proptest! {
    #[test]
    fn root_equals_the_naive_root_after_every_block(
        blocks in blocks(),
        pending in 0..4_usize,
    ) {
        check(&blocks, pending)?;
    }

    #[test]
    fn presence_and_absence_prove_under_every_root(
        blocks in blocks(),
        wanted in 0..160_u16,
    ) {
        let key = Key::Account(account(wanted));
        let mut tree = Tree::empty();
        let mut layers: Vec<TreeChanges> = Vec::new();
        let mut entries = BTreeMap::new();
        for changes in &blocks {
            let digests = changes
                .iter()
                .map(|(number, value)| {
                    let key = Key::Account(account(*number));
                    entries.insert(key, value.map(object));
                    (key.digest(), value.map(|value| object(value).digest()))
                })
                .collect::<BTreeMap<_, _>>();
            layers.push(tree.update(&layers.iter().collect::<Vec<_>>(), digests));
            let ancestors: Vec<&TreeChanges> = layers.iter().collect();
            let root = ancestors.last().unwrap().root();
            let held = entries.get(&key).cloned().flatten();
            let proof = tree.prove(&ancestors, &key);
            prop_assert_eq!(proof.verify(&root, &key, held.as_ref()), Ok(()));
            let other = if held.is_some() { None } else { Some(object(1)) };
            prop_assert!(proof.verify(&root, &key, other.as_ref()).is_err());
            if layers.len() == 3 {
                tree.commit(layers.remove(0));
            }
        }
    }
}

proptest! {
    #[test]
    fn what_a_commit_returns_shows_the_tree_before(blocks in blocks(), wanted in 0..160_u16) {
        let key = Key::Account(account(wanted)).digest();
        let mut tree = Tree::empty();
        let mut kept: VecDeque<(TreeChanges, Hash, Option<Hash>)> = VecDeque::new();
        let mut held = None;
        for changes in &blocks {
            let digests = changes.iter().map(|(number, value)| {
                (Key::Account(account(*number)).digest(), value.map(|it| object(it).digest()))
            });
            let digests: BTreeMap<_, _> = digests.collect();
            let (root, before) = (tree.root(), held);
            held = digests.get(&key).copied().unwrap_or(before);
            let back = tree.commit(tree.update(&[], digests));
            kept.push_front((back.expect("a small tree is kept whole"), root, before));
            for count in 1..=kept.len() {
                let layers: Vec<_> = kept.iter().take(count).map(|(back, ..)| back).collect();
                let (_, root, held) = kept[count - 1];
                let proof = tree.prove(&layers, &Key::Account(account(wanted)));
                let shown = proof.entries.iter().find(|it| it.key == key).map(|it| it.value);
                prop_assert_eq!(shown, held);
                let of_held = blocks.iter().flatten().find_map(|(_, value)| {
                    value.map(object).filter(|object| Some(object.digest()) == held)
                });
                let key = Key::Account(account(wanted));
                prop_assert_eq!(proof.verify(&root, &key, of_held.as_ref()), Ok(()));
            }
        }
    }
}

#[test]
fn large_tree_of_another_depth_is_not_kept() {
    let digest = |number: u64| Hash(std::array::from_fn(|at| number.to_be_bytes()[at % 8]));
    for (objects, kept) in [(WHOLE_OBJECTS_MAX, true), (WHOLE_OBJECTS_MAX + 1, false)] {
        let entry = |number| Entry { key: digest(number), value: Hash::ZERO };
        let depth = depth_after(0, objects);
        let mut tree = Tree::from_entries(depth, (0..objects).map(entry)).unwrap();
        let gone = tree.update(&[], (1..objects).map(|number| (digest(number), None)));
        assert_eq!(tree.commit(gone).is_some(), kept, "{objects}");
        assert_ne!(tree.depth(), depth);
    }
}

fn account(number: u16) -> AccountId {
    let [low, high] = number.to_le_bytes();
    AccountId([low, high].repeat(10).try_into().unwrap())
}

fn object(value: u8) -> Object {
    Object::Account(Account { cash: Amount::from_u64(value.into()), ..Account::default() })
}

/// A tree of 20 accounts with a cash of 1 each.
fn accounts() -> Tree {
    let mut tree = Tree::empty();
    let entries = (0..20).map(|n| (Key::Account(account(n)).digest(), Some(object(1).digest())));
    tree.commit(tree.update(&[], entries));
    tree
}

#[test]
fn depth_follows_the_load_with_slack() {
    for (depth, objects, expected) in [
        (0, 0, 0),
        (0, 4, 0),
        (0, 5, 1),
        (0, 8, 1),
        (0, 9, 2),
        (0, 1_000_000, 18),
        (3, 8, 3),
        (3, 32, 3),
        (3, 33, 4),
        (3, 7, 2),
        (3, 1, 0),
        (3, 0, 0),
        (DEPTH_MAX, u64::MAX, DEPTH_MAX),
    ] {
        assert_eq!(depth_after(depth, objects), expected, "{depth} {objects}");
    }
}

#[test]
fn depth_that_moved_stays_at_the_bound_it_crossed() {
    for objects in 0..3_000_u64 {
        for depth in 0..12 {
            let moved = depth_after(depth, objects);
            assert_eq!(depth_after(moved, objects), moved);
            if moved > depth {
                assert_eq!(depth_after(moved, objects - 1), moved, "no way back at once");
            }
            if moved < depth {
                assert_eq!(depth_after(moved, objects + 1), moved, "no way back at once");
            }
        }
    }
}

#[test]
fn root_after_growing_and_shrinking_is_that_of_what_is_left() {
    let mut tree = tree_of(0..3_000);
    assert_eq!(tree.depth(), 10);
    tree.commit(tree.update(&[], (3..3_000).map(|number| (digest(number), None))));
    assert_eq!(tree.depth(), 1);
    let small = tree_of(0..3);
    assert_eq!(small.depth(), 0);
    assert_ne!(tree.root(), small.root(), "the root commits to the depth");
    tree.commit(tree.update(&[], [(digest(0), None), (digest(1), None)]));
    assert_eq!(tree.root(), tree_of(2..3).root());
}

#[test]
fn block_without_changes_keeps_the_root() {
    let tree = tree_of(0..50);
    assert_eq!(tree.update(&[], []).root(), tree.root());
    let absent = tree.update(&[], [(digest(999), None)]);
    assert_eq!(absent.root(), tree.root(), "removing what is not there changes nothing");
    let layer = tree.update(&[&absent], [(digest(1), Some(Hash::ZERO))]);
    assert_ne!(layer.root(), tree.root());
    assert_eq!(tree.update(&[&absent, &layer], []).root(), layer.root());
}

#[test]
fn two_children_of_one_block_do_not_disturb_each_other() {
    let mut tree = tree_of(0..50);
    let parent = tree.update(&[], [(digest(1), None)]);
    let one = tree.update(&[&parent], [(digest(2), None)]);
    let other = tree.update(&[&parent], [(digest(3), None)]);
    assert_ne!(one.root(), other.root());
    let root = one.root();
    tree.commit(parent);
    tree.commit(one);
    assert_eq!(tree.root(), root);
}

#[test]
#[should_panic(expected = "on top of its parent")]
fn commit_out_of_order_is_refused() {
    let mut tree = tree_of(0..50);
    let parent = tree.update(&[], [(digest(1), None)]);
    let child = tree.update(&[&parent], [(digest(2), None)]);
    tree.commit(child);
}

#[test]
fn depth_that_no_block_leaves_is_refused() {
    let entries = || (0..50).map(|n| Entry { key: digest(n), value: Hash::ZERO });
    for depth in [4, 5] {
        assert_eq!(Tree::from_entries(depth, entries()).unwrap().depth(), depth);
    }
    for depth in [0, 3, 6, DEPTH_MAX, u8::MAX] {
        let expected = DepthInvalid { depth, objects: 50 };
        assert_eq!(Tree::from_entries(depth, entries()).unwrap_err(), expected);
    }
}

#[test]
fn every_flipped_bit_of_a_proof_is_refused() {
    let tree = accounts();
    for (number, held) in [(3, Some(object(1))), (300, None)] {
        let key = Key::Account(account(number));
        let proof = tree.prove(&[], &key);
        assert_eq!(proof.verify(&tree.root(), &key, held.as_ref()), Ok(()));
        let bytes = encode(&proof);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(flipped) = decode::<StateProof>(&flipped) {
                assert!(flipped.verify(&tree.root(), &key, held.as_ref()).is_err(), "bit {bit}");
            }
        }
        for bit in 0..256 {
            let mut root = tree.root();
            root.0[bit / 8] ^= 1 << (bit % 8);
            assert!(proof.verify(&root, &key, held.as_ref()).is_err(), "bit {bit} of the root");
        }
    }
}

#[test]
fn proof_shows_its_own_key_and_object_alone() {
    let tree = accounts();
    let (root, key) = (tree.root(), Key::Account(account(3)));
    let proof = tree.prove(&[], &key);
    assert_eq!(proof.verify(&root, &key, Some(&object(1))), Ok(()));
    assert!(proof.verify(&root, &key, Some(&object(2))).is_err(), "another value");
    assert!(proof.verify(&root, &key, None).is_err(), "absence of what is there");
    for other in (0..20).filter(|other| *other != 3) {
        let other = Key::Account(account(other));
        let shown = proof.entries.iter().any(|entry| entry.key == other.digest());
        let verified = proof.verify(&root, &other, Some(&object(1))).is_ok();
        assert_eq!(verified, shown, "a leaf proves what it holds and no more");
        assert!(proof.verify(&root, &other, None).is_err(), "absence by another's leaf");
    }
}

#[test]
fn entry_left_out_put_in_or_swapped_is_refused() {
    let tree = accounts();
    let key = Key::Account(account(3));
    let proof = tree.prove(&[], &key);
    let absent = |entries: Vec<Entry>| StateProof { entries, ..proof.clone() };

    let without = proof.entries.iter().copied().filter(|entry| entry.key != key.digest());
    assert!(absent(without.collect()).verify(&tree.root(), &key, None).is_err());

    let stranger = Key::Account(account(300));
    let mut with = tree.prove(&[], &stranger);
    with.entries.push(Entry { key: stranger.digest(), value: object(1).digest() });
    with.entries.sort();
    assert!(with.verify(&tree.root(), &stranger, Some(&object(1))).is_err());

    let mut deeper = proof.clone();
    deeper.neighbours.push(Hash::ZERO);
    assert!(deeper.verify(&tree.root(), &key, Some(&object(1))).is_err());
    deeper.neighbours.truncate(proof.neighbours.len() - 1);
    assert!(deeper.verify(&tree.root(), &key, Some(&object(1))).is_err());

    let mut doubled = proof.clone();
    doubled.entries.extend(proof.entries.last().copied());
    assert!(doubled.verify(&tree.root(), &key, Some(&object(1))).is_err());
}
