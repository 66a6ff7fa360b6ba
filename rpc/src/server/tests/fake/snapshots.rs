//! A snapshot of fixed bytes.

use super::*;
use crate::api::Snapshots;
use crate::methods::{SnapshotGetChunk, SnapshotGetManifest};
use crate::text::SnapshotBytes;
use crate::types::{ChunkView, ManifestView, SnapshotView, SnapshotsView};

impl Snapshots for Fake {
    fn snapshot_list(&self) -> Result<SnapshotsView, Error> {
        let item = SnapshotView {
            height: 9,
            block_hash: Hash([1; 32]).into(),
            state_root: Hash([2; 32]).into(),
            time: 3,
            objects: 4,
            chunks: 5,
            bytes: 6,
        };
        Ok(SnapshotsView { items: vec![item] })
    }

    fn snapshot_get_manifest(&self, question: &SnapshotGetManifest) -> Result<ManifestView, Error> {
        Ok(ManifestView { manifest: bytes(&question.height.to_le_bytes()) })
    }

    fn snapshot_get_chunk(&self, question: &SnapshotGetChunk) -> Result<ChunkView, Error> {
        Ok(ChunkView { bytes: bytes(&question.digest.0.0) })
    }
}

fn bytes(bytes: &[u8]) -> Text<SnapshotBytes> {
    Text(SnapshotBytes::new(bytes.to_vec()).unwrap())
}
