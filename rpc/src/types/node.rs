//! The node that answers: what it is, whether its chain grows, and who is around it.

use chain::authority::AuthorityKey;
use chain::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// The node that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeStatusView {
    /// The version of its software.
    pub version: String,
    /// The chain it follows: the hash of its genesis.
    pub chain: Text<Hash>,
    /// Its key, by which other nodes know it.
    pub key: Text<AuthorityKey>,
    /// What it is in the running epoch.
    pub role: RoleView,
    /// Whether its chain grows.
    pub progress: ProgressView,
    /// How old its tip is by its clock, in milliseconds.
    pub tip_age_ms: u64,
    /// Who votes, and how many of them are here.
    pub authorities: PresenceView,
    /// Where it is heading, while it catches up.
    pub catch_up: Option<CatchUpView>,
    /// The other authorities, and the followers that were heard, by key.
    pub peers: Vec<PeerView>,
    /// Peers that broke the protocol and are cut off for a while.
    pub blocked: Vec<Text<AuthorityKey>>,
    /// What passes among nodes beside the agreement.
    pub gossip: GossipView,
    /// What waits in its mempool.
    pub mempool: MempoolView,
    /// What its disk has room for.
    pub disk: DiskView,
    /// From where on it knows what was.
    pub keeps: KeepsView,
}

/// What a node is in the running epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleView {
    /// It votes.
    Authority,
    /// It verifies what the authorities agree on.
    Follower,
}

/// Whether a node's chain grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProgressView {
    /// It is where the others are.
    AtTip,
    /// It fetches what the others have.
    CatchingUp,
    /// Fewer authorities are here and vote than must agree: no block is final until more do.
    TooFewAuthorities,
    /// The next block follows rules that its software does not know: it goes no further until that is replaced.
    UpgradeNeeded,
}

/// Who votes, and how many of them are here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresenceView {
    /// How many vote in the running epoch.
    pub voters: u64,
    /// How many of them were heard in the last five seconds and keep no votes back, the node included if it is one.
    pub present: u64,
    /// How many must agree.
    pub quorum: u64,
}

/// Where a node is heading that catches up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatchUpView {
    /// The height that the others have reached.
    pub target: u64,
    /// How fast the node's chain grew in the last ten seconds.
    pub blocks_per_minute: u64,
    /// How long the rest will take at that speed, in milliseconds; null while it stands still.
    pub left_ms: Option<u64>,
}

/// Another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PeerView {
    /// Its key.
    pub key: Text<AuthorityKey>,
    /// What it is in the running epoch.
    pub role: RoleView,
    /// Whether it was heard in the last five seconds.
    pub present: bool,
    /// The height that it said it had; null where it was not heard since the node started.
    pub height: Option<u64>,
    /// For how long it has said nothing, in milliseconds; null likewise.
    pub silent_ms: Option<u64>,
    /// How many milliseconds its clock was ahead of this node's when it was heard last, or behind if below zero; null
    /// likewise.
    pub clock_ahead_ms: Option<i64>,
    /// Whether it said that it keeps back its votes.
    pub abstains: bool,
}

/// What passes among nodes beside the agreement, since the node started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GossipView {
    /// Transactions that wait to be passed on.
    pub waiting: u64,
    /// Transactions that found no room to be passed on.
    pub dropped: u64,
    /// Messages from peers that no node sends which follows the protocol.
    pub garbage: u64,
}

/// What room a node has on its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiskView {
    /// Bytes that are free in its file system; null where the system does not say.
    pub free_bytes: Option<u64>,
    /// Bytes below which the node votes for nothing.
    pub voting_bytes_min: u64,
    /// Bytes below which it stops.
    pub running_bytes_min: u64,
    /// Whether it votes for nothing now, as room is scarce.
    pub abstains: bool,
}

/// What waits in a mempool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MempoolView {
    /// How many transactions.
    pub transactions: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// From where on a node knows what was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeepsView {
    /// The first height whose block it keeps; above 0 where it began with a snapshot, or gave up old blocks.
    pub blocks_from: u64,
    /// From which height on the histories of accounts are complete; null where none are kept.
    pub histories_from: Option<u64>,
    /// From which height on the index of markets and objects is complete; null where none is kept.
    pub index_from: Option<u64>,
}
