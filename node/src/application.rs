//! The node as the engine sees it: says when there is work, builds, checks and commits blocks.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chain::authority::AuthorityKey;
use chain::block::{Block, Header, VERSION};
use chain::certificate::Certificate;
use chain::equivocation::{Contradiction, Equivocation};
use chain::hash::Hash;
use chain::height::Height;
use chain::keys::SignatureInvalid;
use chain::snapshot::Anchor;
use chain::state::Key;
use chain::time::Time;
use chain::timer::Due;
use chain::transaction::{SignedTransaction, VerifiedTransaction};
use consensus::{Garbage, Peer, Tip, Turn, Verdict, Work};
use runtime::context::BlockContext;
use runtime::rejection::Rejection;
use runtime::state::{Changes, View};
use runtime::transaction::check_door;

use crate::equivocations::Equivocations;
use crate::gossip::Gossip;
use crate::ledger::{Base, Committed, Ledger, NoBase};
use crate::mempool::Mempool;
use crate::metrics::{Metrics, Stopwatch};
use crate::{builder, verify};

/// A mempool that the engine's thread and the clients' share. Locked after the ledger, never before.
pub type SharedMempool = Arc<Mutex<Mempool>>;

/// Locks `mempool`. It is left whole by whoever panics: its calls do not.
pub fn lock(mempool: &Mutex<Mempool>) -> MutexGuard<'_, Mempool> {
    mempool.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ledger, mempool and gossip under the engine.
#[derive(Clone, Debug)]
pub struct Application {
    ledger: Arc<Ledger>,
    mempool: SharedMempool,
    gossip: Arc<Gossip>,
    equivocations: Equivocations,
}

impl Application {
    /// The engine's view of what `gossip` and its door lead to. Proofs against authorities go to `equivocations`.
    pub fn new(gossip: Arc<Gossip>, equivocations: Equivocations) -> Self {
        let door = gossip.door();
        let (ledger, mempool) = (Arc::clone(door.ledger()), Arc::clone(door.mempool()));
        Self { ledger, mempool, gossip, equivocations }
    }

    fn metrics(&self) -> &Metrics {
        self.gossip.metrics()
    }

    fn verify(&self, block: &Block) -> Result<Vec<VerifiedTransaction>, SignatureInvalid> {
        let known = |id: &_| lock(&self.mempool).waiting(id).map(Arc::clone);
        verify::transactions(&block.transactions, known)
    }

    fn base(&self, turn: &Turn) -> Option<Base<'_>> {
        match self.ledger.base(turn, &|block| self.verify(block)) {
            Ok(base) => Some(base),
            Err(NoBase::Passed) => None,
            Err(NoBase::Ancestor(reason)) => {
                tracing::warn!(height = %turn.height(), %reason, "cannot build on an invalid block");
                None
            }
        }
    }

    /// Forgets in the mempool what `block` settled, and what it made impossible.
    fn settle(&self, block: &Block, committed: &Committed, changes: &Changes) {
        let mut mempool = lock(&self.mempool);
        mempool.settle(block.header.height, &block.transactions);
        let touched = changes.objects.keys().filter_map(|key| match key {
            Key::Account(account) => Some(*account),
            _ => None,
        });
        let (view, height) = (committed.view(), committed.header.height.next());
        let refused: Vec<_> =
            mempool.heads(touched).filter_map(|head| refusal(&view, height, head)).collect();
        for (id, rejection) in refused {
            mempool.reject(&id, rejection);
        }
    }
}

impl consensus::Application for Application {
    fn genesis(&self) -> Block {
        self.ledger.genesis().clone()
    }

    fn tip(&self) -> Tip {
        let committed = self.ledger.read();
        Tip { height: committed.header.height, digest: committed.digest }
    }

    fn header(&self, height: Height) -> Option<Header> {
        self.ledger.store().header(height).expect("the database is sound")
    }

    fn anchor(&self) -> Option<Anchor> {
        self.ledger.store().anchor().expect("the database is sound")
    }

    fn work(&self, turn: &Turn) -> Option<Work> {
        let base = self.base(turn)?;
        let layers = base.layers();
        let view = base.view(&layers);
        let next = |sender: &_| view.account(sender).unwrap_or_default().nonce;
        if lock(&self.mempool).candidates(next).next().is_some() {
            return Some(Work::Waiting);
        }
        Some(timer_work(&view, turn))
    }

    fn build(&self, turn: &Turn) -> Option<Block> {
        let watch = Stopwatch::start();
        let base = self.base(turn)?;
        let layers = base.layers();
        let view = base.view(&layers);
        let candidates = builder::candidates(&lock(&self.mempool), &view);
        let packed = watch.part(|| builder::pack(view, context(turn), &candidates));
        let packed = match packed {
            Ok(packed) => packed,
            Err(reason) => {
                tracing::warn!(height = %turn.height(), %reason, "cannot build a block");
                return None;
            }
        };
        if base.is_tip() {
            self.reject(&view, turn.height(), &packed.refused);
        }
        let block =
            watch.part(|| self.ledger.seal(&base, turn, packed.transactions, packed.applied));
        self.metrics().blocks.built(watch.whole(), watch.parts());
        Some(block)
    }

    fn check(&self, block: &Block, turn: &Turn) -> Option<Verdict> {
        let watch = Stopwatch::start();
        let verdict = self.ledger.check(block, turn, &|block| watch.part(|| self.verify(block)));
        self.metrics().blocks.checked(verdict, watch.whole(), watch.parts());
        verdict
    }

    fn commit(&self, block: &Block, certificate: Option<&Certificate>) {
        let watch = Stopwatch::start();
        let parent_time = self.ledger.read().header.time;
        self.ledger.commit(
            block,
            certificate,
            &|block| self.verify(block),
            |committed, applied| {
                self.metrics().blocks.committed(&block.header, parent_time, &applied.receipts);
                self.settle(block, committed, &applied.changes);
            },
        );
        self.metrics().blocks.commit_took(watch.whole());
        let Header { height, time, state_root, proposer, .. } = &block.header;
        let (height, time) = (height.0, time.0);
        let transactions = block.transactions.len();
        let waiting = lock(&self.mempool).len();
        tracing::info!(height, transactions, waiting, time, %proposer, %state_root, "block");
        self.log_authorities(&block.header);
        self.gossip.repeat(block.header.height);
    }

    fn addresses(&self) -> BTreeMap<AuthorityKey, SocketAddr> {
        let committed = self.ledger.read();
        let endpoints = &committed.view().authorities().endpoints;
        endpoints.iter().map(|endpoint| (endpoint.key, endpoint.address)).collect()
    }

    fn hear(&self, from: Peer, transactions: Vec<SignedTransaction>) -> Result<(), Garbage> {
        self.gossip.hear(from, transactions)
    }

    fn accuse(&self, proof: &Equivocation, contradiction: Contradiction) {
        self.metrics().blocks.contradicted();
        let chain = self.ledger.genesis().header.chain;
        let Equivocation { authority, epoch, view, .. } = proof;
        let kind = contradiction.name();
        match self.equivocations.keep(chain, proof, contradiction) {
            Ok(path) => {
                let proof = path.display();
                tracing::error!(%authority, epoch, view, kind, %proof, "authority contradicted itself");
            }
            Err(reason) => {
                tracing::error!(%authority, epoch, view, kind, %reason, "authority contradicted itself; no proof is kept");
            }
        }
    }
}

impl Application {
    /// Says where others vote from the next block on, and that other rules follow, the louder the nearer they are.
    fn log_authorities(&self, header: &Header) {
        let committed = self.ledger.read();
        let params = committed.view().params();
        if let Some(next) = &header.next_authorities {
            let (epoch, authorities) = (header.epoch.saturating_add(1), next.len());
            tracing::info!(epoch, authorities, "an epoch ends");
            if let Some(upgrade) = params.upgrade {
                let (version, from) = (upgrade.version, upgrade.height.0);
                tracing::warn!(version, from, known = VERSION, "other rules are to follow");
            }
        }
        let version = committed.next_version();
        if version != VERSION {
            let advice = "install a program that knows them and start the node again";
            tracing::error!(
                version,
                known = VERSION,
                advice,
                "the next block follows other rules: none is built or voted for here"
            );
        }
    }

    /// Drops those of `refused` that the tip itself, which is `view`, refuses for a block at `height`. What
    /// is refused only after others of a block that is not final is left out: the block may never become
    /// final, and if it does, settling it drops them.
    fn reject(&self, view: &View<'_>, height: Height, refused: &[Arc<VerifiedTransaction>]) {
        let rejections: Vec<_> =
            refused.iter().filter_map(|refused| refusal(view, height, refused)).collect();
        let mut mempool = lock(&self.mempool);
        for (id, rejection) in rejections {
            mempool.reject(&id, rejection);
        }
    }
}

/// Why the rules would refuse `waiting` at `height` once all that its sender signed before it are in, none
/// of which cost anything.
fn refusal(
    view: &View<'_>,
    height: Height,
    waiting: &VerifiedTransaction,
) -> Option<(Hash, Rejection)> {
    let transaction = waiting.transaction();
    let account = view.account(&transaction.sender).unwrap_or_default().nonce;
    let rejection = check_door(view, height, waiting, transaction.nonce.max(account)).err()?;
    Some((waiting.id(), rejection))
}

/// What the engine dictates about the block of `turn`.
fn context(turn: &Turn) -> BlockContext {
    BlockContext {
        chain: turn.parent.chain,
        height: turn.height(),
        epoch: turn.epoch,
        parent: turn.parent.digest(),
        parent_time: turn.parent.time,
        time: turn.time,
        proposer: turn.proposer,
    }
}

/// When timers make a block worth proposing. They are judged by the parent's time, so one that falls due
/// between the parent and now needs two blocks: one to bring the time, one to fire.
fn timer_work(view: &View<'_>, turn: &Turn) -> Work {
    if !view.timers_due(turn.parent.time, turn.height(), 1).is_empty() {
        return Work::Waiting;
    }
    let any_time = view.timers_due(Time(u64::MAX), Height::GENESIS, 1);
    let any_time = any_time.into_iter().chain(view.standing_due(Time(u64::MAX), 1));
    let next = any_time.filter_map(|timer| match timer.due {
        Due::Time(due) | Due::Match(due) => Some(due),
        Due::Height(_) => None,
    });
    match next.min() {
        Some(due) if due <= turn.time => Work::Waiting,
        Some(due) => Work::Due(due),
        None => Work::None,
    }
}
