//! The folder of one snapshot: read within bounds, written beside its place and put there when it is whole.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::Height;
use chain::limits::SNAPSHOT_CHUNK_BYTES_MAX;
use chain::snapshot::{Manifest, SnapshotInvalid};

use super::SnapshotError;
use crate::home::{folder_of, make_folder};

const MANIFEST: &str = "manifest";

/// The folder of a snapshot, whole or not yet.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

/// The heights of the snapshots in `snapshots`, rising. A folder that is not there has none.
///
/// # Errors
/// [`SnapshotError::Unusable`].
pub fn list(snapshots: &Path) -> Result<Vec<Height>, SnapshotError> {
    let named = folders(snapshots, |name| name.parse().ok())?;
    let whole = named.into_iter().filter(|(folder, _)| folder.exists());
    let mut heights: Vec<Height> = whole.map(|(_, height)| height).collect();
    heights.sort_unstable();
    Ok(heights)
}

/// The snapshots in `snapshots` that are being made or fetched, or were when that was cut off.
pub(super) fn drafts(snapshots: &Path) -> Result<Vec<(Folder, Height)>, SnapshotError> {
    folders(snapshots, |name| name.strip_suffix(".new")?.parse().ok())
}

/// The folders in `snapshots` whose name `read` knows as a height's.
fn folders(
    snapshots: &Path,
    read: impl Fn(&str) -> Option<u64>,
) -> Result<Vec<(Folder, Height)>, SnapshotError> {
    let entries = match fs::read_dir(snapshots) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(SnapshotError::of_file(snapshots))?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.map_err(SnapshotError::of_file(snapshots))?;
        let height = entry.file_name().to_str().and_then(&read);
        folders.extend(height.map(|height| (Folder::at(entry.path()), Height(height))));
    }
    Ok(folders)
}

impl Folder {
    /// The folder at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where in `snapshots` the snapshot of `height` lies.
    pub fn of(snapshots: &Path, height: Height) -> Self {
        Self::at(snapshots.join(height.to_string()))
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder in which it is made before it is put in its place.
    #[must_use]
    pub fn draft(&self) -> Self {
        let mut path = self.path.as_os_str().to_owned();
        path.push(".new");
        Self::at(path)
    }

    /// True when it has a manifest.
    pub fn exists(&self) -> bool {
        self.path.join(MANIFEST).is_file()
    }

    /// The bytes of the manifest.
    ///
    /// # Errors
    /// [`SnapshotError`] when it is not there, too long, or cannot be read.
    pub fn manifest_bytes(&self) -> Result<Vec<u8>, SnapshotError> {
        if !self.exists() {
            return Err(SnapshotError::Missing(self.path.clone()));
        }
        self.read(MANIFEST)
    }

    /// The manifest of a snapshot of `chain`.
    ///
    /// # Errors
    /// [`SnapshotError`] when it is not there, or none of this chain.
    pub fn manifest(&self, chain: Hash) -> Result<Manifest, SnapshotError> {
        Manifest::read(&self.manifest_bytes()?, chain).map_err(|reason| self.invalid(reason))
    }

    /// The bytes of the chunk with this `index`, as they are: whether they are those that the manifest names is
    /// for whoever uses them.
    ///
    /// # Errors
    /// [`SnapshotError`] when it is not there, too long, or cannot be read.
    pub fn chunk(&self, index: usize) -> Result<Vec<u8>, SnapshotError> {
        self.read(&name_of_chunk(index))
    }

    /// Makes the folder, for a draft.
    ///
    /// # Errors
    /// [`SnapshotError::Unusable`].
    pub fn make(&self) -> Result<(), SnapshotError> {
        make_folder(&self.path, 0o755).map_err(|error| SnapshotError::Unusable {
            path: self.path.clone(),
            source: io::Error::other(error),
        })
    }

    /// Writes the chunk with this `index`, synced.
    ///
    /// # Errors
    /// [`SnapshotError::Unusable`].
    pub fn write_chunk(&self, index: usize, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.write(&name_of_chunk(index), bytes)
    }

    /// Writes the manifest, synced.
    ///
    /// # Errors
    /// [`SnapshotError::Unusable`].
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), SnapshotError> {
        self.write(MANIFEST, &encode(manifest))
    }

    /// Puts this draft, which is whole, in the place of `target`.
    ///
    /// # Errors
    /// [`SnapshotError::Exists`], [`SnapshotError::Unusable`].
    pub fn place(&self, target: &Self) -> Result<(), SnapshotError> {
        if target.path.exists() {
            return Err(SnapshotError::Exists(target.path.clone()));
        }
        let sync = |path: &Path| File::open(path).and_then(|folder| folder.sync_all());
        sync(&self.path).map_err(SnapshotError::of_file(&self.path))?;
        fs::rename(&self.path, &target.path).map_err(SnapshotError::of_file(&target.path))?;
        sync(folder_of(&target.path)).map_err(SnapshotError::of_file(&target.path))
    }

    /// Takes the folder away, if it is there.
    ///
    /// # Errors
    /// [`SnapshotError::Unusable`].
    pub fn remove(&self) -> Result<(), SnapshotError> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(SnapshotError::Unusable { path: self.path.clone(), source: error })
            }
            _ => Ok(()),
        }
    }

    /// What is wrong with the snapshot in this folder.
    pub(super) fn invalid(&self, reason: SnapshotInvalid) -> SnapshotError {
        SnapshotError::Invalid { path: self.path.clone(), reason }
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, SnapshotError> {
        let path = self.path.join(name);
        let bytes_max = u64::try_from(SNAPSHOT_CHUNK_BYTES_MAX).expect("a bound fits 64 bits");
        let read = || {
            let mut bytes = Vec::new();
            // One more than there may be: then it is none.
            File::open(&path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(SnapshotError::of_file(&path))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), SnapshotError> {
        let path = self.path.join(name);
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(SnapshotError::of_file(&path))
    }
}

fn name_of_chunk(index: usize) -> String {
    format!("chunk-{index:05}")
}
