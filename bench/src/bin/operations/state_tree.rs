//! The state tree: new values for random keys, from the changes to the committed tree and its root.

use chain::hash::{Domain, Hash};
use chain::merkle::Entry;
use runtime::tree::{Tree, depth_after};

use crate::timing::Timing;

/// Keys that one block changes.
const KEYS: u64 = 10_000;
/// Objects there are; every one of so many steps changes.
const OBJECTS: [u64; 2] = [100_000, 1_000_000];

/// The operations measured here. An item is a key.
pub(crate) fn measure() -> Vec<Timing> {
    OBJECTS.into_iter().map(update).collect()
}

fn update(objects: u64) -> Timing {
    let entries = (0..objects).map(|number| Entry { key: key(number), value: value(number, 0) });
    let tree = Tree::from_entries(depth_after(0, objects), entries);
    let mut tree = tree.expect("the depth is that of so many objects");
    let changed: Vec<u64> = (0..objects).step_by((objects / KEYS) as usize).collect();
    let name = format!("state_tree/keys={KEYS},objects={objects}");
    let mut round = 0;
    Timing::measure(&name, KEYS as u32, || {
        round += 1;
        let changes = changed.iter().map(|number| (key(*number), Some(value(*number, round))));
        tree.commit(tree.update(&[], changes));
        tree.root()
    })
}

fn key(number: u64) -> Hash {
    Hash::of(Domain::StateKey, &[&number.to_le_bytes()])
}

fn value(number: u64, round: u64) -> Hash {
    Hash::of(Domain::StateValue, &[&number.to_le_bytes(), &round.to_le_bytes()])
}
