//! The ledger: the committed state in memory and on disk, and blocks on top of it that are not final yet.
//!
//! ```text
//!   store (disk) = state + tree (memory) <- overlay of block h+1 <- overlay of block h+2 ...
//! ```
//! An overlay is what a block changes. It is made when the block is built or checked, and becomes part of
//! the state when the block is committed; those that were not are dropped. An ancestor without an overlay
//! is applied again.
//!
//! What the last blocks replaced is kept for a while, so that the state can be shown as it was.
//!
//! Invariants:
//! - the state root is compared when a block is built, checked and committed, and when the ledger opens;
//! - the tip moves after its block is on disk, and with it everything that is read;
//! - a block is written while others are built or judged on top of it. It becomes part of the state, and
//!   its overlay goes, in one step that no [`Base`] sees the middle of.

mod listeners;
mod overlay;
mod past;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use chain::account::{Account, AccountId};
use chain::block::{Block, Header, VERSION};
use chain::certificate::Certificate;
use chain::hash::Hash;
use chain::height::Height;
use chain::keys::SignatureInvalid;
use chain::merkle::{Entry, StateProof};
use chain::receipt::Receipts;
use chain::state::{Key, Object};
use chain::transaction::{SignedTransaction, VerifiedTransaction};
use consensus::{Turn, Verdict};
use genesis::Genesis;
use runtime::block::{Applied, InvalidBlock, apply_block};
use runtime::context::BlockContext;
use runtime::state::{Changes, State, View};
use runtime::tree::{Tree, TreeChanges};

use crate::index::Index;
use crate::market_index::MarketIndex;
use crate::store::{Commit, Histories, Store, StoreError};
use listeners::Listeners;
use overlay::{Overlay, Overlays};
use past::Past;

pub use past::Then;

/// Verifies the signatures of a block; it may know some of them already.
pub type Verify<'a> = &'a dyn Fn(&Block) -> Result<Vec<VerifiedTransaction>, SignatureInvalid>;

/// Why a block cannot stand where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockInvalid {
    /// Its version is not one that this node knows.
    #[error("the block's version is {0}, not {VERSION}")]
    Version(u16),
    /// A signature does not verify.
    #[error("a signature in the block does not verify")]
    Signature(#[from] SignatureInvalid),
    /// The rules refuse it.
    #[error(transparent)]
    Rules(#[from] InvalidBlock),
    /// It does something else than its header says.
    #[error("the block's {0} is not what its transactions lead to")]
    Outcome(&'static str),
}

/// Why there is nothing that a block could stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBase {
    /// The tip lies above its parent, or beside it: nobody needs the block any more.
    #[error("the tip has passed the block by")]
    Passed,
    /// An ancestor is invalid.
    #[error(transparent)]
    Ancestor(#[from] BlockInvalid),
}

/// The ledger of a node.
#[derive(Debug)]
pub struct Ledger {
    genesis: Block,
    store: Store,
    market_index: Option<MarketIndex>,
    committed: RwLock<Committed>,
    /// Held by whoever reads the committed state for long, and by a commit before it asks to write: a writer
    /// that waits keeps every new reader out, so it must not wait for a block that is being built.
    long_reads: Mutex<()>,
    overlays: Mutex<Overlays>,
    listeners: Listeners,
}

/// What is committed, as it reads at the tip.
#[derive(Debug)]
pub struct Committed {
    /// Every object.
    pub state: State,
    /// Who has a part in what.
    pub index: Index,
    /// The tip's header.
    pub header: Header,
    /// The tip's digest.
    pub digest: Hash,
    tree: Tree,
    past: Past,
}

impl Committed {
    /// The state of the tip.
    pub const fn view(&self) -> View<'_> {
        View::new(&self.state, &[])
    }

    /// The version of the rules that the next block follows.
    pub fn next_version(&self) -> u16 {
        self.view().params().version_at(self.header.height.next())
    }

    /// Shows what the state of the tip holds under `key`.
    pub fn prove(&self, key: &Key) -> StateProof {
        self.tree.prove(&[], key)
    }

    /// The state after the block at `height`: the tip's, or that of one of the last blocks before it, as far
    /// back as it is kept. `None` for any other.
    pub fn at(&self, height: Height) -> Option<Then<'_>> {
        Then::of(self, height)
    }

    /// The lowest height at which the state can be shown.
    pub fn first_shown(&self) -> Height {
        self.past.first(self.header.height)
    }
}

/// What a block stands on: the committed state and the overlays of its ancestors, oldest first. While it
/// lives, the tip does not move; a block may be written to disk meanwhile.
#[derive(Debug)]
pub struct Base<'a> {
    committed: RwLockReadGuard<'a, Committed>,
    overlays: Vec<Arc<Overlay>>,
    _long_read: MutexGuard<'a, ()>,
}

impl Base<'_> {
    /// The changes of the ancestors, for [`Self::view`].
    pub fn layers(&self) -> Vec<&Changes> {
        self.overlays.iter().map(|overlay| &overlay.applied.changes).collect()
    }

    /// The state under `layers`.
    pub fn view<'a>(&'a self, layers: &'a [&'a Changes]) -> View<'a> {
        View::new(&self.committed.state, layers)
    }

    /// True when the block stands right on the tip.
    pub fn is_tip(&self) -> bool {
        self.overlays.is_empty()
    }

    fn tree(&self, changes: &Changes) -> TreeChanges {
        let layers: Vec<&TreeChanges> = self.overlays.iter().map(|overlay| &overlay.tree).collect();
        self.committed.tree.update(&layers, digests(changes))
    }
}

impl Ledger {
    /// Opens the ledger of the chain that begins with `genesis`; makes it if there is none. Keeps the
    /// histories of accounts from here on, or does not.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged, another chain's, or of another layout.
    ///
    /// # Panics
    /// When the database cannot be written.
    pub fn open(path: &Path, genesis: &Genesis, histories: Histories) -> Result<Self, StoreError> {
        let block = genesis.block();
        let objects = genesis.initial_state().into_iter().map(|(key, object)| (key, Some(object)));
        let mut store = Store::open(
            path,
            &Commit {
                block: &block,
                digest: block.header.digest(),
                certificate: None,
                receipts: &Receipts::default(),
                changes: &Changes { objects: objects.collect(), ..Changes::default() },
                postings: &[],
                depth: genesis.initial_tree().depth(),
            },
        )?;
        let committed = load(&store)?;
        store.keep_histories(histories, accounts(&committed.state))?;
        let committed = RwLock::new(committed);
        Ok(Self {
            genesis: block,
            store,
            market_index: None,
            committed,
            long_reads: Mutex::default(),
            overlays: Mutex::default(),
            listeners: Listeners::default(),
        })
    }

    /// Adds every block from here on to `index`, which holds all there are so far.
    #[must_use]
    pub fn with_index(self, index: MarketIndex) -> Self {
        Self { market_index: Some(index), ..self }
    }

    /// Where the past of markets and objects is found, if it is kept. What it holds is that of the tip while the
    /// committed state is read.
    pub fn market_index(&self) -> Option<&MarketIndex> {
        self.market_index.as_ref().filter(|index| index.is_whole())
    }

    /// Calls `heard` with the height of every block that is committed from here on, right after readers see it.
    pub fn on_commit(&self, heard: Box<dyn Fn(u64) + Send + Sync>) {
        self.listeners.add(heard);
    }

    /// Block 0.
    pub const fn genesis(&self) -> &Block {
        &self.genesis
    }

    /// The same, to be pruned.
    pub const fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// What is on disk: blocks, receipts, what has ended.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What is committed. While it is read, the tip does not move, and once it is to move nobody else begins
    /// to read: to be held for moments only.
    pub fn read(&self) -> RwLockReadGuard<'_, Committed> {
        self.committed.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the block of `turn` stands on. Applies those of its ancestors again that were neither built nor
    /// checked here; those that were committed since the turn was drawn up are part of the state.
    ///
    /// # Errors
    /// [`NoBase`] when the tip has passed the turn by, or an ancestor is invalid.
    pub fn base(&self, turn: &Turn, verify: Verify<'_>) -> Result<Base<'_>, NoBase> {
        let mut base = self.tip_base();
        let tip = base.committed.header.height;
        let (mut parent, mut digest) = (base.committed.header.clone(), base.committed.digest);
        for block in turn.ancestors.iter().filter(|block| block.header.height > tip) {
            if block.header.parent != digest {
                return Err(NoBase::Passed);
            }
            digest = block.header.digest();
            let known = self.overlays().find(&digest);
            let overlay = match known {
                Some(overlay) => overlay,
                None => self.apply(&base, &parent, block, verify)?,
            };
            base.overlays.push(overlay);
            parent = block.header.clone();
        }
        if digest == turn.parent.digest() { Ok(base) } else { Err(NoBase::Passed) }
    }

    /// Makes the block of `turn` out of what its `transactions` did on `base`, and keeps its overlay.
    pub fn seal(
        &self,
        base: &Base<'_>,
        turn: &Turn,
        transactions: Vec<SignedTransaction>,
        applied: Applied,
    ) -> Block {
        let tree = base.tree(&applied.changes);
        let header = Header {
            version: VERSION,
            chain: turn.parent.chain,
            height: turn.height(),
            epoch: turn.epoch,
            parent: turn.parent.digest(),
            time: turn.time,
            proposer: turn.proposer,
            transactions_root: Block::transactions_root(&transactions),
            receipts_root: applied.receipts.root(),
            state_root: tree.root(),
            next_authorities: applied.next_authorities.clone(),
        };
        let overlay = Overlay { height: header.height, applied, tree };
        self.overlays().keep(header.digest(), Arc::new(overlay));
        Block { header, transactions }
    }

    /// Judges a block. A valid one keeps its overlay. `None` when the tip has passed it by.
    pub fn check(&self, block: &Block, turn: &Turn, verify: Verify<'_>) -> Option<Verdict> {
        if self.overlays().find(&block.header.digest()).is_some() {
            return Some(Verdict::Valid);
        }
        let judged = self.base(turn, verify).and_then(|base| {
            self.apply(&base, &turn.parent, block, verify).map_err(NoBase::Ancestor)
        });
        match judged {
            Ok(_) => Some(Verdict::Valid),
            Err(NoBase::Passed) => None,
            Err(NoBase::Ancestor(reason)) => {
                let Header { height, proposer, .. } = &block.header;
                tracing::warn!(%height, %proposer, %reason, "block invalid");
                Some(Verdict::Invalid)
            }
        }
    }

    /// Makes a final block durable, with the certificate that names it if there is one, and moves the tip,
    /// then lets `settle` see the new tip before anybody else. A block that is committed already changes nothing.
    ///
    /// # Panics
    /// When the block is not the next one, is not valid, or cannot be written.
    pub fn commit(
        &self,
        block: &Block,
        certificate: Option<&Certificate>,
        verify: Verify<'_>,
        settle: impl FnOnce(&Committed, &Applied),
    ) {
        let (height, digest) = (block.header.height, block.header.digest());
        let (tip, tip_digest) = {
            let committed = self.read();
            (committed.header.clone(), committed.digest)
        };
        if height <= tip.height {
            let kept = self.store.header(height).expect("the database is sound");
            let stays = kept.map_or(height < self.store.first(), |kept| kept.digest() == digest);
            assert!(stays, "a final block stays");
            return;
        }
        assert_eq!(
            (height, block.header.parent),
            (tip.height.next(), tip_digest),
            "the next block"
        );
        let overlay = self.overlays().find(&digest);
        let overlay = overlay.unwrap_or_else(|| {
            let base = self.tip_base();
            let applied = self.apply(&base, &tip, block, verify);
            applied.expect("a final block was checked by a quorum")
        });
        assert_eq!(overlay.tree.root(), block.header.state_root, "the root is the header's");
        let named = certificate.map(|certificate| certificate.block);
        assert!(named.is_none_or(|named| named == digest), "the certificate is the block's");
        self.store.commit(&Commit {
            block,
            digest,
            certificate,
            receipts: &overlay.applied.receipts,
            changes: &overlay.applied.changes,
            postings: &overlay.applied.postings,
            depth: overlay.tree.depth(),
        });

        // From here on the block is settled.
        let _long_read = self.long_read();
        let mut committed = self.committed.write().unwrap_or_else(PoisonError::into_inner);
        self.overlays().drop_up_to(height);
        // Whoever else had it held a `Base`, and none is left: it is not cloned.
        let Overlay { applied, tree, .. } = Arc::unwrap_or_clone(overlay);
        let Committed { state, index, .. } = &mut *committed;
        index.commit(state, &applied.changes);
        let before = state.commit(&applied.changes);
        if let Some(index) = &self.market_index {
            index.add(&block.header, &applied.receipts);
        }
        let tree_before = committed.tree.commit(tree);
        committed.past.keep(before, tree_before);
        assert_eq!(committed.tree.root(), block.header.state_root, "the tip has the header's root");
        committed.header = block.header.clone();
        committed.digest = digest;
        settle(&committed, &applied);
        drop(committed);
        self.listeners.tell(height);
    }

    /// Applies a block of somebody else on `base`, compares what it leads to with its header, and keeps the
    /// overlay.
    fn apply(
        &self,
        base: &Base<'_>,
        parent: &Header,
        block: &Block,
        verify: Verify<'_>,
    ) -> Result<Arc<Overlay>, BlockInvalid> {
        let header = &block.header;
        if header.version != VERSION {
            return Err(BlockInvalid::Version(header.version));
        }
        let transactions = verify(block)?;
        let layers = base.layers();
        let applied =
            apply_block(base.view(&layers), BlockContext::of(header, parent), &transactions)?;
        let tree = base.tree(&applied.changes);
        compare(header, &applied, &tree)?;
        let overlay = Arc::new(Overlay { height: header.height, applied, tree });
        self.overlays().keep(header.digest(), Arc::clone(&overlay));
        Ok(overlay)
    }

    /// What a block right on the tip stands on.
    fn tip_base(&self) -> Base<'_> {
        let long_read = self.long_read();
        Base { committed: self.read(), overlays: Vec::new(), _long_read: long_read }
    }

    fn long_read(&self) -> MutexGuard<'_, ()> {
        self.long_reads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn overlays(&self) -> MutexGuard<'_, Overlays> {
        self.overlays.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the state of the tip, and compares its root with the tip's header.
fn load(store: &Store) -> Result<Committed, StoreError> {
    let tip = store.tip()?;
    let header = store.header(tip.height)?.ok_or_else(|| store.damaged("the tip is missing"))?;
    let objects = store.objects().collect::<Result<Vec<_>, _>>()?;
    let entries = objects.iter().map(|(key, object)| entry(key, object));
    let tree = Tree::from_entries(tip.depth, entries)
        .map_err(|error| store.damaged(&error.to_string()))?;
    if tree.root() != header.state_root {
        let (found, expected) = (tree.root(), header.state_root);
        let detail = format!("its objects have root {found}, the tip says {expected}");
        return Err(store.damaged(&detail));
    }
    let state = State::from_objects(objects);
    if !matches!(state.get(&Key::Params), Some(Object::Params(params)) if params.chain == header.chain)
    {
        return Err(store.damaged("its parameters are those of another chain"));
    }
    let index = Index::of(&state);
    let past = Past::default();
    Ok(Committed { state, index, header, digest: tip.digest, tree, past })
}

/// Every account of `state`.
fn accounts(state: &State) -> impl Iterator<Item = (AccountId, Account)> {
    state.iter().filter_map(|(key, object)| match (key, object) {
        (Key::Account(id), Object::Account(account)) => Some((*id, *account)),
        _ => None,
    })
}

fn compare(header: &Header, applied: &Applied, tree: &TreeChanges) -> Result<(), BlockInvalid> {
    if applied.receipts.root() != header.receipts_root {
        return Err(BlockInvalid::Outcome("receipts root"));
    }
    if tree.root() != header.state_root {
        return Err(BlockInvalid::Outcome("state root"));
    }
    if applied.next_authorities != header.next_authorities {
        return Err(BlockInvalid::Outcome("set of next authorities"));
    }
    Ok(())
}

fn entry(key: &Key, object: &Object) -> Entry {
    Entry { key: key.digest(), value: object.digest() }
}

fn digests(changes: &Changes) -> impl Iterator<Item = (Hash, Option<Hash>)> {
    changes.objects.iter().map(|(key, object)| (key.digest(), object.as_ref().map(Object::digest)))
}

#[cfg(test)]
mod tests;
