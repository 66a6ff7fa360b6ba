//! The families of the database and how RocksDB keeps them.

use chain::height::Height;
use rocksdb::{ColumnFamilyDescriptor, DBCompressionType, DBRecoveryMode, Options};

/// Bytes of unwritten tables in memory, over all families.
const WRITE_BUFFER_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Bytes of the database's own journal before the tables behind it are written.
const JOURNAL_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Files that may be open.
const OPEN_FILES_MAX: i32 = 512;
/// Threads that open files at the start, for each family: few files are opened then, and RocksDB starts its usual 16 for
/// every family whether there are files or not.
const OPENING_THREADS: i32 = 1;
/// RocksDB's own log files that are kept.
const LOG_FILES_MAX: usize = 4;
/// From this size on a value lies in a file of its own kind, and is not moved when tables are merged.
const BLOB_BYTES_MIN: u64 = 4 * 1024;

/// A family of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Objects,
    Ended,
    Blocks,
    Headers,
    Receipts,
    Certificates,
    Transactions,
    History,
    Meta,
}

impl Family {
    pub(super) const ALL: [Self; 9] = [
        Self::Objects,
        Self::Ended,
        Self::Blocks,
        Self::Headers,
        Self::Receipts,
        Self::Certificates,
        Self::Transactions,
        Self::History,
        Self::Meta,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Ended => "ended",
            Self::Blocks => "blocks",
            Self::Headers => "headers",
            Self::Receipts => "receipts",
            Self::Certificates => "certificates",
            Self::Transactions => "transactions",
            Self::History => "history",
            Self::Meta => "meta",
        }
    }
}

/// How the database as a whole is kept: every check on. Where its journal is torn or damaged it ends: what
/// is lost is the end of the chain, whole blocks of it, and the engine's journal has them.
pub(super) fn existing() -> Options {
    let mut options = Options::default();
    options.set_paranoid_checks(true);
    options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_db_write_buffer_size(WRITE_BUFFER_BYTES_MAX);
    options.set_max_total_wal_size(JOURNAL_BYTES_MAX);
    options.set_max_open_files(OPEN_FILES_MAX);
    options.set_max_file_opening_threads(OPENING_THREADS);
    options.set_keep_log_file_num(LOG_FILES_MAX);
    options
}

/// The same, for a database that is being made.
pub(super) fn new() -> Options {
    let mut options = existing();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options
}

pub(super) fn descriptors() -> Vec<ColumnFamilyDescriptor> {
    // RocksDB insists on a family of this name.
    let default = ColumnFamilyDescriptor::new("default", Options::default());
    let ours = Family::ALL.map(|family| ColumnFamilyDescriptor::new(family.name(), kept(family)));
    [default].into_iter().chain(ours).collect()
}

fn kept(family: Family) -> Options {
    let mut options = Options::default();
    options.set_compression_type(DBCompressionType::Lz4);
    if matches!(family, Family::Blocks | Family::Receipts) {
        options.set_enable_blob_files(true);
        options.set_min_blob_size(BLOB_BYTES_MIN);
        options.set_blob_compression_type(DBCompressionType::Lz4);
    }
    options
}

/// A key whose byte order is the order of heights.
pub(super) const fn height_key(height: Height) -> [u8; 8] {
    height.0.to_be_bytes()
}
