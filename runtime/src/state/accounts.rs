//! The accounts of the state, in rising order of name, found in a few steps among millions.
//!
//! ```text
//! first half byte of the name -> second -> ... -> a leaf: few accounts, in order
//! ```
//! A leaf that gets too full becomes a branch of sixteen leaves. Names are digests, so the branches are
//! even and few deep. Names that somebody chose alike make a path of at most two steps for each of their
//! bytes, and cost nobody else anything.

use chain::account::AccountId;
use chain::state::{Key, Object};

/// Accounts in a leaf at most, unless they have one name but for its last half byte.
const LEAF_ACCOUNTS_MAX: usize = 64;
/// Half bytes of a name.
const STEPS: usize = 40;

/// The accounts, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    root: Node,
    count: usize,
}

#[derive(Clone, Debug)]
enum Node {
    Leaf(Leaf),
    Branch(Box<[Self; 16]>),
}

/// Accounts in rising order of name. The names stand close together, so that a search touches little.
#[derive(Clone, Debug, Default)]
struct Leaf {
    names: Vec<AccountId>,
    objects: Vec<(Key, Object)>,
}

impl Accounts {
    pub(super) fn get(&self, name: &AccountId) -> Option<&Object> {
        let mut node = &self.root;
        let mut steps = 0..STEPS;
        loop {
            match node {
                Node::Leaf(leaf) => {
                    let (_, object) = leaf.objects.get(leaf.names.binary_search(name).ok()?)?;
                    return Some(object);
                }
                Node::Branch(branch) => node = branch.get(half(name, steps.next()?))?,
            }
        }
    }

    /// Puts an object under a name. Returns what stood there.
    pub(super) fn insert(&mut self, name: AccountId, object: Object) -> Option<Object> {
        let (leaf, step) = self.leaf_mut(&name);
        match leaf.names.binary_search(&name) {
            Ok(at) => leaf.objects.get_mut(at).map(|(_, before)| std::mem::replace(before, object)),
            Err(at) => {
                leaf.names.insert(at, name);
                leaf.objects.insert(at, (Key::Account(name), object));
                let is_full = leaf.names.len() > LEAF_ACCOUNTS_MAX && step < STEPS;
                if is_full {
                    self.split(&name);
                }
                self.count = self.count.saturating_add(1);
                None
            }
        }
    }

    /// Takes what stands under a name away.
    pub(super) fn remove(&mut self, name: &AccountId) -> Option<Object> {
        let (leaf, _) = self.leaf_mut(name);
        let at = leaf.names.binary_search(name).ok()?;
        leaf.names.remove(at);
        let (_, object) = leaf.objects.remove(at);
        self.count = self.count.saturating_sub(1);
        Some(object)
    }

    /// Every account, in rising order of name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key, &Object)> {
        let mut pending = vec![&self.root];
        let leaves = std::iter::from_fn(move || {
            loop {
                match pending.pop()? {
                    Node::Leaf(leaf) => return Some(leaf),
                    Node::Branch(branch) => pending.extend(branch.iter().rev()),
                }
            }
        });
        leaves.flat_map(|leaf| leaf.objects.iter().map(|(key, object)| (key, object)))
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// The leaf that a name belongs to, and how many steps lead to it.
    fn leaf_mut(&mut self, name: &AccountId) -> (&mut Leaf, usize) {
        let mut node = &mut self.root;
        let mut step = 0_usize;
        loop {
            match node {
                Node::Leaf(leaf) => return (leaf, step),
                Node::Branch(branch) => {
                    node = branch.get_mut(half(name, step)).expect("a half byte is below 16");
                    step = step.saturating_add(1);
                }
            }
        }
    }

    /// Makes a branch of the leaf that `name` belongs to.
    fn split(&mut self, name: &AccountId) {
        let (leaf, step) = self.leaf_mut(name);
        let Leaf { names, objects } = std::mem::take(leaf);
        let mut leaves: [Leaf; 16] = Default::default();
        for (name, object) in names.into_iter().zip(objects) {
            let leaf = leaves.get_mut(half(&name, step)).expect("a half byte is below 16");
            leaf.names.push(name);
            leaf.objects.push(object);
        }
        *self.node_mut(name, step) = Node::Branch(Box::new(leaves.map(Node::Leaf)));
    }

    /// The node that so many steps lead to.
    fn node_mut(&mut self, name: &AccountId, steps: usize) -> &mut Node {
        (0..steps).fold(&mut self.root, |node, step| match node {
            Node::Branch(branch) => {
                branch.get_mut(half(name, step)).expect("a half byte is below 16")
            }
            Node::Leaf(_) => unreachable!("a leaf is not passed through"),
        })
    }
}

/// The same accounts, whatever the way in which they came.
impl PartialEq for Accounts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Accounts {}

impl Default for Node {
    fn default() -> Self {
        Self::Leaf(Leaf::default())
    }
}

/// Half byte number `step` of a name, the higher half of each byte first; 0 after the last.
fn half(name: &AccountId, step: usize) -> usize {
    let byte = name.0.get(step / 2).copied().unwrap_or(0);
    usize::from(if step.is_multiple_of(2) { byte >> 4 } else { byte & 15 })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chain::account::Account;
    use chain::height::Nonce;
    use proptest::prelude::*;

    use super::*;

    fn object(nonce: u64) -> Object {
        Object::Account(Account { nonce: Nonce(nonce), ..Account::default() })
    }

    /// Names of which many begin alike.
    fn name() -> impl Strategy<Value = AccountId> {
        (0_usize..=20, any::<[u8; 2]>()).prop_map(|(alike, [a, b])| {
            let mut name = [0; 20];
            name.iter_mut().skip(alike).zip([a, b]).for_each(|(to, from)| *to = from);
            AccountId(name)
        })
    }

    proptest! {
        #[test]
        fn accounts_are_an_ordered_map(
            steps in prop::collection::vec((name(), prop::option::weighted(0.8, any::<u64>())), 0..1_500),
        ) {
            let (mut accounts, mut model) = (Accounts::default(), BTreeMap::new());
            for (name, nonce) in &steps {
                let (found, expected) = match nonce {
                    Some(nonce) => {
                        (accounts.insert(*name, object(*nonce)), model.insert(*name, object(*nonce)))
                    }
                    None => (accounts.remove(name), model.remove(name)),
                };
                prop_assert_eq!(found, expected);
                prop_assert_eq!(accounts.len(), model.len());
            }
            for (name, _) in &steps {
                prop_assert_eq!(accounts.get(name), model.get(name));
            }
            let all = model.iter().map(|(name, object)| (Key::Account(*name), object.clone()));
            prop_assert!(accounts.iter().map(|(key, object)| (*key, object.clone())).eq(all));
        }
    }

    #[test]
    fn names_alike_but_for_the_last_half_byte_all_have_room() {
        let mut accounts = Accounts::default();
        for byte in 0..=u8::MAX {
            let mut name = [7; 20];
            name[19] = byte;
            accounts.insert(AccountId(name), object(byte.into()));
        }
        assert_eq!(accounts.len(), 256);
        assert_eq!(accounts.iter().count(), 256);
        assert_eq!(accounts.get(&AccountId([7; 20])), Some(&object(7)));
    }

    #[test]
    fn same_accounts_are_equal_whatever_came_before() {
        let mut one = Accounts::default();
        for byte in 0..100 {
            one.insert(AccountId([byte; 20]), object(1));
        }
        let mut other = Accounts::default();
        other.insert(AccountId([99; 20]), object(1));
        assert_ne!(one, other);
        for byte in 0..99 {
            one.remove(&AccountId([byte; 20]));
        }
        assert_eq!(one, other);
    }
}
