//! Questions of whoever begins with a snapshot.

use chain::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::text::Text;
use crate::types::{ChunkView, ManifestView, SnapshotsView};

/// `snapshot_list`: the snapshots that the node serves.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotList {}

impl Method for SnapshotList {
    const NAME: &'static str = "snapshot_list";
    const SUMMARY: &'static str =
        "The snapshots that the node serves, of the greatest height first.";
    type Answer = SnapshotsView;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.snapshot_list()
    }
}

/// `snapshot_get_manifest`: what a snapshot is of, and its chunks.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotGetManifest {
    /// The height of its block.
    pub height: u64,
}

impl Method for SnapshotGetManifest {
    const NAME: &'static str = "snapshot_get_manifest";
    const SUMMARY: &'static str = "What a snapshot is of, and its chunks.";
    type Answer = ManifestView;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.snapshot_get_manifest(&self)
    }
}

/// `snapshot_get_chunk`: one chunk of a snapshot.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotGetChunk {
    /// The height of the snapshot's block.
    pub height: u64,
    /// The SHA-256 of the chunk, as the manifest names it. Nodes whose manifests differ share chunks of objects.
    pub digest: Text<Hash>,
}

impl Method for SnapshotGetChunk {
    const NAME: &'static str = "snapshot_get_chunk";
    const SUMMARY: &'static str = "One chunk of a snapshot, by its SHA-256.";
    type Answer = ChunkView;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.snapshot_get_chunk(&self)
    }
}
