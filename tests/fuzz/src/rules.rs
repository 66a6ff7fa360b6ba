//! Any operations in any blocks: no panic, every invariant after each block, money as the receipts tell
//! it, and the same outcome however the block's parent is held.

mod hosts;
mod operations;
mod proposals;
mod voters;
mod world;

use chain::amount::Amount;
use chain::encoding::{decode, encode};
use chain::merkle::Entry;
use chain::state::{Key, Object};
use chain::transaction::VerifiedTransaction;
use runtime::block::{BlockRun, apply_block};
use runtime::invariants;
use runtime::state::{Changes, State, View};
use runtime::tree::Tree;

use self::world::World;
use crate::cash::Cash;
use crate::input::Input;

const BLOCKS_MAX: usize = 16;
const BLOCK_TRANSACTIONS_MAX: u64 = 4;

/// The bytes are choices of blocks and of what is in them.
pub(crate) fn rules(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let mut world = World::new(&mut input);
    let mut ledger = Ledger::new(world.state());
    for _ in 0..BLOCKS_MAX {
        if input.is_used_up() {
            break;
        }
        world.begin_block(&mut input);
        let wanted = input.below(BLOCK_TRANSACTIONS_MAX);
        let offered = (0..wanted).map(|_| world.transaction(&mut input, &ledger.state)).collect();
        ledger.block(&world, offered);
    }
}

struct Ledger {
    first: State,
    history: Vec<Changes>,
    state: State,
    tree: Tree,
    cash: Cash,
    /// What was asked for when accounts were opened, block by block.
    account_deposits: Vec<Amount>,
}

impl Ledger {
    fn new(state: State) -> Self {
        let mut tree = Tree::empty();
        tree.commit(tree.update(&[], entries(&state).map(|entry| (entry.key, Some(entry.value)))));
        let (first, cash) = (state.clone(), Cash::of(&state));
        let account_deposits = vec![View::new(&state, &[]).params().deposits.account];
        Self { first, history: Vec::new(), state, tree, cash, account_deposits }
    }

    /// Builds a block of what passes the door, and applies it as a voter does.
    fn block(&mut self, world: &World, offered: Vec<VerifiedTransaction>) {
        let context = world.context(&self.state);
        let mut run = BlockRun::begin(View::new(&self.state, &[]), context).expect("sound");
        let mut transactions = offered;
        transactions.retain(|it| run.has_room_for(it) && run.execute(it).is_ok());
        let built = run.finish();

        let checked = apply_block(View::new(&self.state, &[]), context, &transactions);
        assert_eq!(checked.as_ref(), Ok(&built), "what was built is what is checked");
        let ancestors: Vec<&Changes> = self.history.iter().collect();
        let overlay = apply_block(View::new(&self.first, &ancestors), context, &transactions);
        assert_eq!(overlay.as_ref(), Ok(&built), "on ancestors that are not committed");
        let objects = self.state.iter().map(|(key, object)| (*key, object.clone()));
        let restarted = State::from_objects(objects);
        let restarted = apply_block(View::new(&restarted, &[]), context, &transactions);
        assert_eq!(restarted.as_ref(), Ok(&built), "after a restart");

        self.commit(&built.changes);
        let bytes = encode(&built.receipts);
        assert_eq!(decode(&bytes).as_ref(), Ok(&built.receipts), "receipts decode");
        self.cash.follow(&transactions, &built.receipts);
        self.cash.compare(&self.state);
        self.history.push(built.changes);
    }

    fn commit(&mut self, changes: &Changes) {
        self.state.commit(changes);
        let checked = invariants::check_after(&self.state, &self.account_deposits);
        assert_eq!(checked, Ok(()));
        self.account_deposits.push(View::new(&self.state, &[]).params().deposits.account);
        let digests = changes.objects.iter();
        let digests =
            digests.map(|(key, object)| (key.digest(), object.as_ref().map(Object::digest)));
        self.tree.commit(self.tree.update(&[], digests));
        let anew = Tree::from_entries(self.tree.depth(), entries(&self.state));
        assert_eq!(anew.map(|tree| tree.root()), Ok(self.tree.root()), "the root is the objects'");
        for (key, object) in
            changes.objects.iter().filter_map(|(key, it)| Some((key, it.as_ref()?)))
        {
            assert_eq!(decode::<Key>(&encode(key)).as_ref(), Ok(key));
            assert_eq!(decode::<Object>(&encode(object)).as_ref(), Ok(object));
        }
    }
}

fn entries(state: &State) -> impl Iterator<Item = Entry> {
    state.iter().map(|(key, object)| Entry { key: key.digest(), value: object.digest() })
}
