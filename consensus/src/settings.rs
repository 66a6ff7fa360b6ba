//! What the engine is told at its start, and why it refuses to start.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use chain::authority::AuthorityKey;
use chain::height::Height;
use chain::limits::EPOCH_BLOCKS_MIN;
use chain::time::Millis;

use crate::Abstention;
use crate::committee::AuthoritySecret;

/// Everything the engine is told by the node that runs it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Our key. No two running nodes may share one.
    pub secret: AuthoritySecret,
    /// Where the engine keeps its journal: our votes and the final blocks. Losing it while the key votes
    /// breaks the promise not to vote twice.
    pub directory: PathBuf,
    /// What to do when the journal is not there.
    pub journal: JournalRule,
    /// Blocks in an epoch, at least [`EPOCH_BLOCKS_MIN`]; the same on every node of the chain. Epoch `e` is
    /// the heights from `e * epoch_blocks` up to, and without, `(e + 1) * epoch_blocks`.
    pub epoch_blocks: u64,
    /// Where the other authorities reach us. A lone authority gives port 0 of the loopback address: the
    /// system picks a free port, nobody is told which, and no stranger passes the handshake.
    pub listen: SocketAddr,
    /// Where we reach the other authorities. Ourselves may be missing.
    pub peers: BTreeMap<AuthorityKey, SocketAddr>,
    /// Who may follow us without a vote, and the address it comes from.
    pub followers: BTreeMap<AuthorityKey, IpAddr>,
    /// How fast blocks follow one another.
    pub pacing: Pacing,
    /// Whether we abstain, now and later.
    pub abstention: Abstention,
}

/// What to do when the node has blocks but the engine has no journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalRule {
    /// Refuse to start: the journal may hold votes that must not be contradicted.
    MustContinue,
    /// Begin an empty one and fetch the blocks from the other authorities. Only for a key that has not voted
    /// in the running epoch. A lone authority is refused all the same, as nobody has its blocks.
    MayBeginAnew,
}

/// How fast blocks follow one another. The same on every authority, or the slow are skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacing {
    /// The least time from a block to the next.
    pub interval_min: Millis,
    /// The time from a block to the next when nothing waits. Shorter than `leader_timeout`.
    pub idle: Millis,
    /// How long to wait for a proposal before voting to skip its proposer.
    pub leader_timeout: Millis,
    /// How long to wait for a quorum before voting to skip the proposer. Longer than `leader_timeout`.
    pub certification_timeout: Millis,
    /// How often to repeat a vote to skip.
    pub timeout_retry: Millis,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            interval_min: Millis(100),
            idle: Millis(1_000),
            leader_timeout: Millis(2_000),
            certification_timeout: Millis(4_000),
            timeout_retry: Millis(1_000),
        }
    }
}

/// Why the engine did not start. Nothing was voted; the journal is as it was.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The times of [`Pacing`] contradict one another.
    #[error(
        "pacing must be interval_min <= idle < leader_timeout < certification_timeout, and no time 0"
    )]
    PacingInconsistent,
    /// Epochs are shorter than the protocol allows.
    #[error("an epoch of {blocks} blocks is shorter than {EPOCH_BLOCKS_MIN}")]
    EpochTooShort {
        /// The length that was asked for.
        blocks: u64,
    },
    /// The header that should name the authorities of an epoch is missing, names none, or names something
    /// that is no ed25519 key.
    #[error("the block at height {height} names no valid set of authorities")]
    AuthoritiesInvalid {
        /// The height of that header.
        height: Height,
    },
    /// Genesis is not block 0, or its transactions root is not that of its transactions.
    #[error("the genesis block is malformed")]
    GenesisInvalid,
    /// A peer's key is no ed25519 key.
    #[error("peer {key} is no ed25519 key")]
    PeerInvalid {
        /// The bytes that are no key.
        key: AuthorityKey,
    },
    /// Other authorities vote in the running epoch, and nobody says where any node is.
    #[error("no authority has an address, {key} neither: name some under [network.peers]")]
    AddressMissing {
        /// One whose address is missing.
        key: AuthorityKey,
    },
    /// The node has blocks, but the engine's journal is gone.
    #[error(
        "the engine's journal in {directory} is missing or empty, yet the chain is at height {tip}"
    )]
    JournalMissing {
        /// Where the journal should be.
        directory: PathBuf,
        /// The height of the node's tip.
        tip: Height,
    },
    /// The journal ends below the node's tip: it was set back or damaged, and may have lost votes.
    #[error(
        "the engine's journal ends at height {journal}, below the ledger's {tip}: it was set back or damaged, \
         and may have lost votes that must not be contradicted; restore the home as it was when it last ran"
    )]
    JournalBehind {
        /// The height of the node's tip.
        tip: Height,
        /// The height of the journal's last block.
        journal: Height,
    },
    /// The journal has another block at a height than the node, or one that does not follow.
    #[error(
        "the engine's journal and the ledger disagree about the block at height {height}: they are not of one \
         node, or one of them is damaged; restore the home as it was when it last ran"
    )]
    JournalContradicts {
        /// The height.
        height: Height,
    },
    /// A block or a certificate in the journal cannot be read.
    #[error(
        "the engine's journal is damaged at height {height}; restore the home as it was when it last ran"
    )]
    JournalDamaged {
        /// The height.
        height: Height,
    },
    /// The engine has handed over blocks that neither the node nor the journal has.
    #[error("the ledger ends at height {tip}, yet it acknowledged height {acknowledged}")]
    StoreBehind {
        /// The height of the node's tip.
        tip: Height,
        /// The height up to which blocks were acknowledged.
        acknowledged: Height,
    },
    /// The block that the ledger begins with is not known to be final.
    #[error(
        "the ledger begins at height {height}, and its certificate does not show that block to be final: make \
         the home anew from a snapshot"
    )]
    AnchorInvalid {
        /// The height of that block.
        height: Height,
    },
    /// The journal's directory cannot be made or read.
    #[error("the engine's directory {directory} cannot be used: {source}")]
    DirectoryUnusable {
        /// The directory.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing can listen at that address.
    #[error("cannot listen for authorities on {address}: {source}")]
    ListenFailed {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The engine ended while it started, over a journal that it cannot use or a disk that fails.
    #[error("the engine cannot use its journal in {directory}: {reason}")]
    EndedEarly {
        /// Where the journal is.
        directory: PathBuf,
        /// The engine's last words.
        reason: String,
    },
}

impl Settings {
    /// Checks what can be checked without touching the disk or the network.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let Pacing { interval_min, idle, leader_timeout, certification_timeout, timeout_retry } =
            self.pacing;
        let ordered = interval_min <= idle
            && Millis(0) < idle
            && idle < leader_timeout
            && leader_timeout < certification_timeout
            && Millis(0) < timeout_retry;
        if !ordered {
            return Err(StartError::PacingInconsistent);
        }
        if self.epoch_blocks < EPOCH_BLOCKS_MIN {
            return Err(StartError::EpochTooShort { blocks: self.epoch_blocks });
        }
        Ok(())
    }
}
