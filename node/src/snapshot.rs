//! Snapshots on disk: the state after one block, in a folder that another home can be made from.
//!
//! ```text
//! snapshots/
//!   HEIGHT/
//!     manifest        chain::snapshot::Manifest
//!     chunk-00000     the first chunk that it names, and so on
//!   HEIGHT.new/       one that is being made or fetched
//! ```
//! What chunks and manifest mean, and why they are believed, is said in [`chain::snapshot`]. Here they are written
//! from a ledger ([`create`]), taken from other nodes ([`fetch`]), verified against a genesis ([`verify`]) and made into a ledger again ([`restore`]).
//!
//! Invariant: a folder without `.new` holds every byte that its manifest names, synced. Whoever reads it verifies all
//! of it again.

mod create;
mod fetch;
mod folder;
mod intake;
mod restore;
mod shelf;

use std::io;
use std::path::PathBuf;

use chain::height::Height;
use chain::snapshot::SnapshotInvalid;

use crate::store::StoreError;

pub use create::{Stop, create, create_until};
pub use fetch::{FetchError, Report, SOURCES_MAX, fetch};
pub use folder::{Folder, list};
pub use intake::{Intake, Part, Progress};
pub use restore::{load, restore, verify};
pub use shelf::{KEPT_MAX, Shelf};

/// Why a snapshot cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// There is none in the folder.
    #[error("{0} holds no snapshot: it has no manifest")]
    Missing(PathBuf),
    /// There is one of this height already.
    #[error("{0} is there already")]
    Exists(PathBuf),
    /// It is none, or none of this chain, or it contradicts itself.
    #[error("the snapshot {path}: {reason}")]
    Invalid {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: SnapshotInvalid,
    },
    /// A file cannot be read or written.
    #[error("cannot use {path}: {source}")]
    Unusable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing has happened on the chain.
    #[error("the ledger has only its genesis, of which there is no snapshot")]
    OnlyGenesis,
    /// The tip has no certificate of its own.
    #[error(
        "the block at height {0} has no certificate of its own: take the snapshot at another height"
    )]
    CertificateMissing(Height),
    /// The last block of an epoch has no certificate, or is not there.
    #[error(
        "the ledger cannot show who voted after epoch {0}: the certificate of its last block is missing"
    )]
    EpochEndMissing(u64),
    /// It was told to stop; nothing is there.
    #[error("no snapshot was made: the node stops")]
    Interrupted,
    /// The state is larger than a snapshot may be.
    #[error("the state does not fit a snapshot: {0}")]
    TooLarge(&'static str),
}

impl SnapshotError {
    /// What the system said of a file.
    fn of_file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Unusable { path, source }
    }
}
