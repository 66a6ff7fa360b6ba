//! What the server asks the node about snapshots, for whoever begins with one.

use crate::error::Error;
use crate::methods::{SnapshotGetChunk, SnapshotGetManifest};
use crate::types::{ChunkView, ManifestView, SnapshotsView};

/// What a node answers of its snapshots. Any call may also end in [`Error::ShuttingDown`] or [`Error::Internal`].
pub trait Snapshots {
    /// The snapshots that it serves; none where it keeps none.
    ///
    /// # Errors
    /// None of its own.
    fn snapshot_list(&self) -> Result<SnapshotsView, Error>;

    /// What a snapshot is of, and its chunks.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for one that is not kept any more.
    fn snapshot_get_manifest(&self, question: &SnapshotGetManifest) -> Result<ManifestView, Error>;

    /// One chunk of a snapshot.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for one that is not kept any more.
    fn snapshot_get_chunk(&self, question: &SnapshotGetChunk) -> Result<ChunkView, Error>;
}
