//! Snapshots that a node serves. Nothing of them is to be believed before it is verified.

use chain::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{SnapshotBytes, Text};

/// The snapshots that a node serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotsView {
    /// Of the greatest height first; at most 16.
    pub items: Vec<SnapshotView>,
}

/// A snapshot that a node serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotView {
    /// The height of its block.
    pub height: u64,
    /// The digest of that block's header.
    pub block_hash: Text<Hash>,
    /// The root of the state.
    pub state_root: Text<Hash>,
    /// The time of the block.
    pub time: u64,
    /// How many objects there are.
    pub objects: u64,
    /// How many chunks there are.
    pub chunks: u64,
    /// The bytes of all chunks together.
    pub bytes: u64,
}

/// What a snapshot is of, and its chunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ManifestView {
    /// The bytes of its `Manifest`.
    pub manifest: Text<SnapshotBytes>,
}

/// One chunk of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChunkView {
    /// Its bytes.
    pub bytes: Text<SnapshotBytes>,
}
