//! Snapshots for whoever begins with one.

use chain::encoding::encode;
use chain::height::Height;
use chain::snapshot::Manifest;
use rpc::api::Snapshots;
use rpc::error::Error;
use rpc::methods::{SnapshotGetChunk, SnapshotGetManifest};
use rpc::text::{SnapshotBytes, Text};
use rpc::types::{ChunkView, ManifestView, SnapshotView, SnapshotsView};

use super::NodeApi;

impl Snapshots for NodeApi {
    fn snapshot_list(&self) -> Result<SnapshotsView, Error> {
        let manifests = self.shelf.as_ref().map(|shelf| shelf.manifests()).unwrap_or_default();
        Ok(SnapshotsView { items: manifests.iter().map(|manifest| view(manifest)).collect() })
    }

    fn snapshot_get_manifest(&self, question: &SnapshotGetManifest) -> Result<ManifestView, Error> {
        let height = Height(question.height);
        let manifest = self.shelf.as_ref().and_then(|shelf| shelf.manifest(height));
        let manifest = manifest.ok_or(Error::NotFound { what: "snapshot" })?;
        Ok(ManifestView { manifest: bytes(encode(&*manifest)) })
    }

    fn snapshot_get_chunk(&self, question: &SnapshotGetChunk) -> Result<ChunkView, Error> {
        let (height, digest) = (Height(question.height), question.digest.0);
        let chunk = self.shelf.as_ref().and_then(|shelf| shelf.chunk(height, digest));
        let chunk = chunk.ok_or(Error::NotFound { what: "chunk of a snapshot" })?;
        Ok(ChunkView { bytes: bytes(chunk) })
    }
}

fn view(manifest: &Manifest) -> SnapshotView {
    let header = &manifest.header;
    SnapshotView {
        height: header.height.0,
        block_hash: header.digest().into(),
        state_root: header.state_root.into(),
        time: header.time.0,
        objects: manifest.objects,
        chunks: u64::try_from(manifest.chunks.len()).unwrap_or(u64::MAX),
        bytes: manifest.bytes(),
    }
}

fn bytes(bytes: Vec<u8>) -> Text<SnapshotBytes> {
    Text(SnapshotBytes::new(bytes).expect("chunks and manifests were read within their bound"))
}
