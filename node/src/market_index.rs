//! What a node keeps to answer for the past of markets, of single objects and of accounts: trades, candles, what happened
//! to each order, standing order, contract and channel, and what each account earned.
//! A RocksDB database of its own, beside the ledger's.
//!
//! | family | key | value |
//! | --- | --- | --- |
//! | `trades` | market, height, number in the block, big-endian | the trade |
//! | `candles` | market, interval, start, big-endian | the candle |
//! | `earnings` | account, start of the day, contract, channel or hold, big-endian | what it earned |
//! | `events` | object, height, number in the block, big-endian | the event, its time and origin |
//! | `meta` | name | `schema`, `mark`: the last block that is in it, `begin`: the first |
//!
//! Invariants:
//! - it follows from the ledger's blocks alone, and holds all of them from its beginning, the first that the ledger
//!   had when it was made, up to the mark. A block and the mark are one
//!   write, which is not synced: what a crash takes away is read from the ledger again at the next start;
//! - nothing that nodes agree on depends on it. Where it is damaged, of another layout or of another chain, it is made
//!   anew.

mod batch;
mod candle;
mod earning;
mod read;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use borsh::{BorshDeserialize, BorshSerialize};
use chain::block::Header;
use chain::encoding::{decode, encode};
use chain::hash::Hash;
use chain::height::Height;
use chain::receipt::Receipts;
use rocksdb::{
    ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode, Options,
};

use crate::store::{Store, StoreError};
use batch::Batch;
pub use batch::{EventRow, GOVERNING, Origin, TradeRow, trade};
pub use candle::{Candle, Interval};
pub use earning::{Earning, Source};
pub use read::{Direction, Place};

/// The layout that this code reads and writes.
const SCHEMA: u32 = 3;
const SCHEMA_KEY: &[u8] = b"schema";
const MARK_KEY: &[u8] = b"mark";
const BEGIN_KEY: &[u8] = b"begin";

/// Bytes of unwritten tables in memory, over all families.
const WRITE_BUFFER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Files that may be open.
const OPEN_FILES_MAX: i32 = 256;
/// RocksDB's own log files that are kept.
const LOG_FILES_MAX: usize = 2;
/// Rows that are written at once while the index catches up.
const CATCH_UP_ROWS_MAX: usize = 16_384;
/// Blocks between two reports of how far it has come.
const REPORT_BLOCKS: u64 = 10_000;

/// Whether a node keeps an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indexing {
    /// It does.
    Kept,
    /// It does not.
    Off,
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The ledger that it follows from cannot be read.
    #[error(transparent)]
    Ledger(#[from] StoreError),
    /// A block of the ledger is missing.
    #[error("block {0} is missing in the ledger")]
    BlockMissing(Height),
    /// The folder cannot be cleared for a new one.
    #[error("index {path} cannot be made anew: {source}")]
    NotCleared {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// RocksDB refuses.
    #[error("index {path} cannot be used: {source}")]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What it says.
        source: rocksdb::Error,
    },
    /// What it holds is not what was written.
    #[error("index {path} is damaged: 'tallyd index rebuild' makes it anew")]
    Damaged {
        /// The folder.
        path: PathBuf,
    },
}

/// The last block that is in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Mark {
    height: Height,
    digest: Hash,
}

/// An index that holds all blocks of its ledger.
#[derive(Debug)]
pub struct MarketIndex {
    db: DB,
    path: PathBuf,
    /// Where the next block belongs; none after a write has failed, from when on it answers no more.
    mark: Mutex<Option<Mark>>,
}

impl MarketIndex {
    /// Opens the index at `path` and reads what it lacks from `ledger`; makes it anew where it is not one of
    /// this ledger. `report` is told how far it has come, and how far it is.
    ///
    /// # Errors
    /// [`IndexError`] when it cannot be made, or the ledger cannot be read.
    pub fn open(
        path: &Path,
        ledger: &Store,
        report: impl FnMut(Height, Height),
    ) -> Result<Self, IndexError> {
        let index = match Self::connect(path) {
            Ok(index) if index.follows(ledger)? => index,
            Ok(other) => {
                drop(other);
                tracing::info!(path = %path.display(), "the index is not one of this ledger: made anew");
                Self::anew(path)?
            }
            Err(error) => {
                tracing::warn!(%error, "the index is made anew");
                Self::anew(path)?
            }
        };
        index.catch_up(ledger, report)?;
        Ok(index)
    }

    /// Takes away what is at `path`, so that the next opening makes it anew.
    ///
    /// # Errors
    /// [`IndexError::NotCleared`].
    pub fn clear(path: &Path) -> Result<(), IndexError> {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(IndexError::NotCleared { path: path.to_owned(), source: error })
            }
            _ => Ok(()),
        }
    }

    /// Adds the block after the mark. Where that fails the index answers no more, until the node starts again.
    pub fn add(&self, header: &Header, receipts: &Receipts) {
        let mut mark = self.mark();
        let Some(last) = *mark else { return };
        assert_eq!(header.height, last.height.next(), "blocks come in their order");
        let written = self.write_block(header, receipts);
        *mark = written
            .inspect_err(|error| tracing::error!(%error, "the index is off until the next start"))
            .ok();
    }

    /// True while it holds all blocks up to the tip.
    pub fn is_whole(&self) -> bool {
        self.mark().is_some()
    }

    fn write_block(&self, header: &Header, receipts: &Receipts) -> Result<Mark, IndexError> {
        let mut batch = Batch::new(self);
        batch.add(header, receipts)?;
        let mark = Mark { height: header.height, digest: header.digest() };
        batch.write(mark)?;
        Ok(mark)
    }

    fn mark(&self) -> MutexGuard<'_, Option<Mark>> {
        self.mark.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn anew(path: &Path) -> Result<Self, IndexError> {
        Self::clear(path)?;
        Self::connect(path)
    }

    fn connect(path: &Path) -> Result<Self, IndexError> {
        let families = Family::ALL.map(|family| {
            let mut options = Options::default();
            options.set_compression_type(DBCompressionType::Lz4);
            ColumnFamilyDescriptor::new(family.name(), options)
        });
        let default = ColumnFamilyDescriptor::new("default", Options::default());
        let db = DB::open_cf_descriptors(&options(), path, [default].into_iter().chain(families));
        let db = db.map_err(|source| IndexError::Unusable { path: path.to_owned(), source })?;
        let index = Self { db, path: path.to_owned(), mark: Mutex::default() };
        let mark = match index.value(Family::Meta, SCHEMA_KEY)? {
            Some(SCHEMA) => index.value(Family::Meta, MARK_KEY)?,
            // Another layout: as if it were another chain's.
            Some(_) => Some(Mark { height: Height(u64::MAX), digest: Hash::ZERO }),
            None => None,
        };
        *index.mark() = mark;
        Ok(index)
    }

    /// True when the last block that is in it is one of `ledger`, or there is none.
    fn follows(&self, ledger: &Store) -> Result<bool, IndexError> {
        let Some(Mark { height, digest }) = *self.mark() else { return Ok(true) };
        if height.next() < ledger.first() {
            return Ok(false);
        }
        let header = ledger.header(height)?;
        Ok(height <= ledger.tip()?.height && header.is_some_and(|it| it.digest() == digest))
    }

    /// Reads from `ledger` what is above the mark.
    fn catch_up(
        &self,
        ledger: &Store,
        mut report: impl FnMut(Height, Height),
    ) -> Result<(), IndexError> {
        let tip = ledger.tip()?.height;
        let mark = *self.mark();
        let first = match mark {
            Some(mark) => mark.height.next().0,
            None => self.begin(ledger.first())?,
        };
        let mut batch = Batch::new(self);
        for height in (first..=tip.0).map(Height) {
            let missing = || IndexError::BlockMissing(height);
            let header = ledger.header(height)?.ok_or_else(missing)?;
            let receipts = ledger.receipts(height)?.ok_or_else(missing)?;
            batch.add(&header, &receipts)?;
            let ends = height == tip || height.0.is_multiple_of(REPORT_BLOCKS);
            if ends || batch.rows() >= CATCH_UP_ROWS_MAX {
                let mark = Mark { height, digest: header.digest() };
                std::mem::replace(&mut batch, Batch::new(self)).write(mark)?;
                *self.mark() = Some(mark);
            }
            if ends {
                report(height, tip);
            }
        }
        Ok(())
    }

    /// The first block that is in it.
    ///
    /// # Errors
    /// [`IndexError`] when it cannot be read.
    pub fn begins(&self) -> Result<Height, IndexError> {
        Ok(self.value(Family::Meta, BEGIN_KEY)?.unwrap_or(Height::GENESIS))
    }

    /// Notes that `first` is the first block.
    fn begin(&self, first: Height) -> Result<u64, IndexError> {
        let written = self.db.put_cf(self.family(Family::Meta), BEGIN_KEY, encode(&first));
        written.map_err(|source| self.refusal(source))?;
        Ok(first.0)
    }

    fn value<T: BorshDeserialize>(
        &self,
        family: Family,
        key: &[u8],
    ) -> Result<Option<T>, IndexError> {
        let bytes = self.db.get_pinned_cf(self.family(family), key);
        let bytes = bytes.map_err(|source| self.refusal(source))?;
        bytes.map(|bytes| self.decoded(&bytes)).transpose()
    }

    fn decoded<T: BorshDeserialize>(&self, bytes: &[u8]) -> Result<T, IndexError> {
        decode(bytes).map_err(|_| self.damaged())
    }

    fn damaged(&self) -> IndexError {
        IndexError::Damaged { path: self.path.clone() }
    }

    fn refusal(&self, source: rocksdb::Error) -> IndexError {
        IndexError::Unusable { path: self.path.clone(), source }
    }

    fn family(&self, family: Family) -> &ColumnFamily {
        self.db.cf_handle(family.name()).expect("every family was opened")
    }
}

/// A family of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Trades,
    Candles,
    Earnings,
    Events,
    Meta,
}

impl Family {
    const ALL: [Self; 5] = [Self::Trades, Self::Candles, Self::Earnings, Self::Events, Self::Meta];

    const fn name(self) -> &'static str {
        match self {
            Self::Trades => "trades",
            Self::Candles => "candles",
            Self::Earnings => "earnings",
            Self::Events => "events",
            Self::Meta => "meta",
        }
    }
}

fn options() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_paranoid_checks(true);
    options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
    options.set_db_write_buffer_size(WRITE_BUFFER_BYTES_MAX);
    options.set_max_open_files(OPEN_FILES_MAX);
    options.set_keep_log_file_num(LOG_FILES_MAX);
    options
}

#[cfg(test)]
mod tests;
