//! The snapshots of a home, as a running node makes, keeps and serves them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chain::hash::Hash;
use chain::height::Height;
use chain::snapshot::Manifest;

use super::create::{Stop, create_until};
use super::{Folder, SnapshotError, list};
use crate::store::Store;

/// Snapshots that a node keeps at most.
pub const KEPT_MAX: usize = 16;

/// The snapshots of a home. Manifests are read once.
#[derive(Debug)]
pub struct Shelf {
    path: PathBuf,
    manifests: Mutex<BTreeMap<Height, Arc<Manifest>>>,
}

impl Shelf {
    /// The shelf in the folder `path` of a node of `chain`. What is there and cannot be read is left out.
    pub fn open(path: &Path, chain: Hash) -> Self {
        let shelf = Self { path: path.to_owned(), manifests: Mutex::default() };
        let heights = list(path).unwrap_or_else(|error| {
            tracing::warn!(%error, "snapshots cannot be listed");
            Vec::new()
        });
        for height in heights {
            match shelf.folder(height).manifest(chain) {
                Ok(manifest) => drop(shelf.lock().insert(height, Arc::new(manifest))),
                Err(error) => tracing::warn!(%height, %error, "a snapshot cannot be served"),
            }
        }
        shelf
    }

    /// The manifests of all snapshots, of the greatest height first; at most [`KEPT_MAX`].
    pub fn manifests(&self) -> Vec<Arc<Manifest>> {
        self.lock().values().rev().take(KEPT_MAX).map(Arc::clone).collect()
    }

    /// The manifest of the snapshot of `height`.
    pub fn manifest(&self, height: Height) -> Option<Arc<Manifest>> {
        self.lock().get(&height).map(Arc::clone)
    }

    /// The bytes of a chunk of the snapshot of `height`; `None` when it has no such chunk, or not any more.
    pub fn chunk(&self, height: Height, digest: Hash) -> Option<Vec<u8>> {
        let manifest = self.manifest(height)?;
        let index = manifest.chunks.iter().position(|chunk| chunk.digest == digest)?;
        let bytes = self.folder(height).chunk(index).ok()?;
        manifest.chunks[index].is_of(&bytes).then_some(bytes)
    }

    /// The greatest height of which there is a snapshot.
    pub fn last(&self) -> Option<Height> {
        self.lock().last_key_value().map(|(height, _)| *height)
    }

    /// Makes the snapshot of the tip of `store`, and takes the oldest away until `kept` are left.
    ///
    /// # Errors
    /// [`SnapshotError`] when there is none of the tip.
    pub fn add(
        &self,
        store: &Store,
        epoch_blocks: u64,
        kept: usize,
        stop: Stop<'_>,
    ) -> Result<Arc<Manifest>, SnapshotError> {
        let (_, manifest) = create_until(store, epoch_blocks, &self.path, stop)?;
        let manifest = Arc::new(manifest);
        let mut manifests = self.lock();
        manifests.insert(manifest.header.height, Arc::clone(&manifest));
        while manifests.len() > kept.max(1) {
            let (height, _) = manifests.pop_first().expect("there is more than one");
            self.folder(height).remove()?;
        }
        Ok(manifest)
    }

    fn folder(&self, height: Height) -> Folder {
        Folder::of(&self.path, height)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Height, Arc<Manifest>>> {
        self.manifests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
