//! The agreement: which block comes next, and when it is final. The one crate that names the engine.
//!
//! ```text
//!            propose, verify            work, build, check      (one question at a time,
//!   engine ------------------> calls ----------------> Application  on a thread of its own)
//!     |                                                  ^
//!     | final blocks,                                    |          (one block at a time,
//!     +--- in height order ---> committed --- commit ----+           on another)
//!                                   |
//!     <--------- acknowledged ------+ once the write is synced
//! ```
//! The two threads overlap: a block is built or judged on ancestors that are being committed. So the
//! application's tip may lie above the one that a turn was drawn up on.
//!
//! Invariants:
//! - two final blocks of one height are the same block;
//! - [`Application::commit`] is called once a height, in order, and a block is acknowledged to the
//!   engine only after it has returned, so that what is acknowledged is on disk;
//! - a block is called invalid only when no honest authority builds it. What may still become valid (a
//!   time ahead of our clock, a parent not yet here) keeps the vote waiting instead.
//!
//! Beside the agreement, nodes pass on transactions and tell one another how far they are: [`Peering`] is the
//! node's end of that, and [`Situation`] what it shows.
//!
//! A node that must not add to what is agreed on [abstains](Abstention): it follows, and votes for nothing.
//!
//! The set of authorities is that of the header which closed the epoch before; genesis closes none, and
//! names the first set.

mod abstention;
mod application;
mod block;
mod calls;
mod certificates;
mod committed;
mod committee;
mod engine;
mod epochs;
mod gossip;
mod journal;
mod network;
mod peering;
mod recovery;
mod settings;
#[cfg(any(test, feature = "simulation"))]
pub mod simulation;
mod situation;
#[cfg(test)]
mod tests;
mod wake;
mod wiring;
mod witness;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use chain::authority::AuthorityKey;
use chain::block::{Block, Header};
use chain::certificate::Certificate;
use chain::equivocation::{Contradiction, Equivocation};
use chain::hash::Hash;
use chain::height::Height;
use chain::snapshot::Anchor;
use chain::time::Time;
use chain::transaction::SignedTransaction;

pub use abstention::Abstention;
pub use committee::AuthoritySecret;
pub use engine::{End, Engine, StopError, start};
pub use peering::{OUTBOX_BYTES_MAX, OUTBOX_TRANSACTIONS_MAX, Peering};
pub use settings::{JournalRule, Pacing, Settings, StartError};
pub use situation::{Neighbour, Progress, Role, SILENCE_MAX, Situation};
pub use wake::Wake;

/// The node, as the engine sees it. Once it runs, the engine commits from one thread of its own and asks from
/// another, one call at a time on each, and lets every call finish. So the tip may move while a question is
/// answered: ancestors of a turn up to the tip are then part of the committed state, and a turn whose parent
/// lies under the tip, or beside it, is passed by.
pub trait Application: Send + Sync + 'static {
    /// Block 0. Its header names the authorities of the first epoch, and the chain.
    fn genesis(&self) -> Block;

    /// The last committed block. Read once, at the start.
    fn tip(&self) -> Tip;

    /// The header of the committed block at `height`; `None` above the tip, and for a block that is not kept
    /// any more, or never was. The last header of every epoch is always kept.
    fn header(&self, height: Height) -> Option<Header>;

    /// The block that the ledger begins with, if not with genesis. Read once, at the start. Its certificate has
    /// been verified.
    fn anchor(&self) -> Option<Anchor>;

    /// When a block on `turn.parent` is worth proposing; `turn.time` is the time it would have now. Asked again
    /// each time the node's [`Wake`] is raised, so it should be quick. `None` when the tip has passed the turn
    /// by.
    fn work(&self, turn: &Turn) -> Option<Work>;

    /// Builds the block of `turn`: its header has the turn's time, epoch and proposer and follows
    /// `turn.parent`, and names the next authorities exactly when the turn closes its epoch. `None` when
    /// no block can be built, or the tip has passed the turn by; the turn then passes to the next authority
    /// after a timeout.
    fn build(&self, turn: &Turn) -> Option<Block>;

    /// Judges another authority's block. What a header owes to its turn, as said at [`Self::build`], and
    /// the transactions root have been checked before. Blocks of our own are not asked about.
    ///
    /// The verdict must be the same on every honest authority. `None` when the tip has passed the turn by, so
    /// that nobody needs one.
    fn check(&self, block: &Block, turn: &Turn) -> Option<Verdict>;

    /// Makes the final `block`, the next above the tip, durable, and with it the `certificate` that names it,
    /// if it has one of its own; the last block of an epoch has. On return they are on disk. It may be a
    /// block that was neither built nor checked here. Panics when it cannot be kept: a node that cannot write, or
    /// computes another state than its header says, must stop.
    fn commit(&self, block: &Block, certificate: Option<&Certificate>);

    /// Where nodes of authorities are reached, of those that the chain says it of: who votes, and who will. Asked
    /// at the start and after every commit, so it should be quick.
    fn addresses(&self) -> BTreeMap<AuthorityKey, SocketAddr>;

    /// Hears `transactions` that the peer `from` passes on, on a thread of its own. What the node has no use
    /// for, as it came before or is late, is no fault.
    ///
    /// # Errors
    /// [`Garbage`] when no node that follows the protocol passes them on; the peer is cut off.
    fn hear(&self, from: Peer, transactions: Vec<SignedTransaction>) -> Result<(), Garbage>;

    /// Learns that an authority of the running epoch contradicted itself; the proof has been verified. Asked on the
    /// thread that counts votes, so it should be quick; the engine has cut the authority off already.
    fn accuse(&self, proof: &Equivocation, contradiction: Contradiction);
}

/// Another node of the network, authenticated by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its key.
    pub key: AuthorityKey,
    /// What it is in the running epoch.
    pub role: Role,
}

/// What a peer sent that no node sends which follows the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Garbage(pub &'static str);

/// A committed block: how high, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Its height.
    pub height: Height,
    /// Its digest.
    pub digest: Hash,
}

/// What the engine dictates about a block: who proposes it, when, and on what.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The block's time: later than its parent's, and the proposer's clock if that is later still.
    pub time: Time,
    /// The block's epoch.
    pub epoch: u64,
    /// Whose turn it is.
    pub proposer: AuthorityKey,
    /// The header of the block before.
    pub parent: Header,
    /// Blocks between the tip and this turn when it was drawn up, oldest first; the last is the parent. Empty
    /// when the parent was the tip. At most [`ANCESTORS_MAX`].
    pub ancestors: Vec<Arc<Block>>,
    /// Whether the block is the last of its epoch.
    pub place: Place,
}

impl Turn {
    /// The height of the block.
    pub const fn height(&self) -> Height {
        self.parent.height.next()
    }
}

/// Where in its epoch a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the last; its header names no authorities.
    Within,
    /// The last; its header names the authorities of the next epoch.
    Last,
}

/// How many blocks a proposal may run ahead of the tip. Votes for one further ahead wait for the tip.
pub const ANCESTORS_MAX: u64 = 64;

/// When a block is worth proposing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Something waits: at once.
    Waiting,
    /// Something falls due at this time: then, or when the chain has idled for long enough.
    Due(Time),
    /// Nothing waits: when the chain has idled for long enough.
    None,
}

/// What an authority thinks of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An honest authority would build it: vote for it.
    Valid,
    /// No honest authority builds it, now or ever: never vote for it.
    Invalid,
}
