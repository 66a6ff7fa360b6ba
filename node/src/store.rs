//! The ledger on disk: a RocksDB database that a block changes whole or not at all.
//!
//! | family | key | value |
//! | --- | --- | --- |
//! | `objects` | encoded key | encoded object: the state after the tip |
//! | `ended` | encoded key | the last form of what left the state, where and why |
//! | `blocks` | height, big-endian | the block, as one blob |
//! | `headers` | height, big-endian | its header, read where the rest is not needed |
//! | `receipts` | height, big-endian | its receipts |
//! | `certificates` | height, big-endian | the certificate that names the block, where it has one of its own |
//! | `transactions` | id | height and index |
//! | `history` | account, height, step, big-endian | what the account had after the step |
//! | `meta` | name | `schema`, `genesis`, `tip`, `history`, `first`, `pruning`, `anchor` |
//!
//! Blocks are kept from `first` to the tip; of those before, the last header of each epoch and its certificate. A
//! ledger made from a snapshot begins at its `anchor`.
//!
//! Invariants:
//! - a block is one synced write over all families; what [`Store::commit`] has returned from is on disk;
//! - damage is reported, never read around: checksums are checked on every read, and on opening the tip
//!   must be the block it says it is. Damage at the journal's end costs whole blocks, the last ones, which
//!   the engine has in its own journal.

mod draft;
mod ended;
mod families;
mod framing;
mod history;
mod moment;
mod prune;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use borsh::{BorshDeserialize, BorshSerialize};
use chain::block::{Block, Header};
use chain::certificate::Certificate;
use chain::encoding::{decode, encode};
use chain::hash::Hash;
use chain::height::Height;
use chain::receipt::Receipts;
use chain::state::{Key, Object};
use rocksdb::{DB, Direction, IteratorMode, Options, WriteBatch, WriteOptions};
use runtime::posting::Posting;
use runtime::state::Changes;

pub use draft::Draft;
pub use ended::{Ended, Reason};
use families::{Family, height_key};
pub use history::{Balance, Histories, Row, RowOrder, RowPlace, RowStep};
pub use moment::Moment;
pub use prune::{BLOCKS_KEPT_MIN, Pruning};

/// The layout of the database that this code reads and writes.
pub const SCHEMA: u32 = 2;

const SCHEMA_KEY: &[u8] = b"schema";
const GENESIS_KEY: &[u8] = b"genesis";
const TIP_KEY: &[u8] = b"tip";

/// Why the database cannot be used. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What it holds is not what was written.
    #[error("database damaged: {path}: {detail}")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// It is that of another chain.
    #[error("the database {path} belongs to chain {found}, the genesis to chain {expected}")]
    GenesisMismatch {
        /// The database.
        path: PathBuf,
        /// Whose it is.
        found: Hash,
        /// Whose it should be.
        expected: Hash,
    },
    /// Another version of the node wrote it.
    #[error("the database {path} has layout {found}; this node reads layout {SCHEMA}")]
    SchemaMismatch {
        /// The database.
        path: PathBuf,
        /// Its layout.
        found: u32,
    },
    /// A new one cannot be made.
    #[error("database {path} cannot be made: {source}")]
    NotMade {
        /// The database.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system or RocksDB refuses.
    #[error("database {path} cannot be used: {source}")]
    Unusable {
        /// The database.
        path: PathBuf,
        /// What it says.
        source: rocksdb::Error,
    },
}

/// The last committed block, and what a rebuilt state tree must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Tip {
    /// Its height.
    pub height: Height,
    /// Its digest.
    pub digest: Hash,
    /// How deep the state tree is after it.
    pub depth: u8,
}

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Place {
    /// In which block.
    pub height: Height,
    /// At which position, counted from 0.
    pub index: u32,
}

/// What one block writes.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    /// The block.
    pub block: &'a Block,
    /// Its digest.
    pub digest: Hash,
    /// The certificate that names it, if it has one of its own.
    pub certificate: Option<&'a Certificate>,
    /// Its receipts.
    pub receipts: &'a Receipts,
    /// What it changed in the state.
    pub changes: &'a Changes,
    /// What its steps left in accounts.
    pub postings: &'a [Posting],
    /// How deep the state tree is after it.
    pub depth: u8,
}

/// The ledger on disk.
#[derive(Debug)]
pub struct Store {
    db: DB,
    path: PathBuf,
    histories_begin: Option<Height>,
    /// The first height whose block is kept.
    first: AtomicU64,
}

impl Store {
    /// Opens the database at `path`, or makes it with the genesis block. `genesis` is what block 0 writes:
    /// its changes are all objects of the first state.
    ///
    /// # Errors
    /// [`StoreError`] when it is damaged, another chain's, or of another layout.
    ///
    /// # Panics
    /// When a new database cannot be written.
    pub fn open(path: &Path, genesis: &Commit<'_>) -> Result<Self, StoreError> {
        if !path.exists() {
            Draft::begin(path)?.begin_with(genesis)?;
        }
        check_framing(path)?;
        let mut store = Self::connect(path, &families::existing())?;
        match store.require(Family::Meta, SCHEMA_KEY, "layout")? {
            SCHEMA => {}
            found => return Err(StoreError::SchemaMismatch { path: store.path, found }),
        }
        let found = store.require(Family::Meta, GENESIS_KEY, "genesis")?;
        let expected = genesis.block.header.chain;
        if found != expected {
            return Err(StoreError::GenesisMismatch { path: store.path, found, expected });
        }
        let first = store.value(Family::Meta, draft::FIRST_KEY)?.unwrap_or(Height::GENESIS);
        store.first = AtomicU64::new(first.0);
        store.check_tip()?;
        Ok(store)
    }

    /// Makes one block durable, whole. On return it is on disk.
    ///
    /// # Panics
    /// When it cannot be written: a node that cannot write must stop.
    pub fn commit(&self, commit: &Commit<'_>) {
        self.write(self.batch(commit));
    }

    /// The last committed block.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn tip(&self) -> Result<Tip, StoreError> {
        self.require(Family::Meta, TIP_KEY, "tip")
    }

    /// Every object of the state, in the order of their encoded keys.
    pub fn objects(&self) -> impl Iterator<Item = Result<(Key, Object), StoreError>> {
        let items = self.db.iterator_cf(self.family(Family::Objects), IteratorMode::Start);
        items.map(|item| {
            let (key, value) = item.map_err(|source| refusal(&self.path, source))?;
            self.object(&key, &value)
        })
    }

    /// The last form of a hold, order, contract or channel that came to its end.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn ended(&self, key: &Key) -> Result<Option<Ended>, StoreError> {
        self.value(Family::Ended, &encode(key))
    }

    /// The committed block at `height`, if it is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn block(&self, height: Height) -> Result<Option<Block>, StoreError> {
        let block = self.value(Family::Blocks, &height_key(height))?;
        Ok(block.filter(|_| height >= self.first()))
    }

    /// The header of the committed block at `height`.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn header(&self, height: Height) -> Result<Option<Header>, StoreError> {
        self.value(Family::Headers, &height_key(height))
    }

    /// The receipts of the committed block at `height`, if it is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn receipts(&self, height: Height) -> Result<Option<Receipts>, StoreError> {
        let receipts = self.value(Family::Receipts, &height_key(height))?;
        Ok(receipts.filter(|_| height >= self.first()))
    }

    /// The first certificate of a committed block at `height` or above, and that block's height.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn certificate_from(
        &self,
        height: Height,
    ) -> Result<Option<(Height, Certificate)>, StoreError> {
        let start = height_key(height);
        let mode = IteratorMode::From(&start, Direction::Forward);
        let Some(item) = self.db.iterator_cf(self.family(Family::Certificates), mode).next() else {
            return Ok(None);
        };
        let (key, value) = item.map_err(|source| refusal(&self.path, source))?;
        let key = <[u8; 8]>::try_from(&*key).map_err(|_| self.damaged("a certificate's key"))?;
        let certificate = decode(&value).map_err(|_| self.damaged("a certificate"))?;
        Ok(Some((Height(u64::from_be_bytes(key)), certificate)))
    }

    /// Where the transaction with this id stands, if it is in a committed block that is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn place(&self, id: &Hash) -> Result<Option<Place>, StoreError> {
        let place: Option<Place> = self.value(Family::Transactions, &id.0)?;
        Ok(place.filter(|place| place.height >= self.first()))
    }

    /// The database is not what was written.
    pub fn damaged(&self, detail: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), detail: detail.to_owned() }
    }

    /// Writes what is still only in the journal of the database into its tables, before a clean end.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written; nothing is lost then, as the journal is synced.
    pub fn flush(&self) -> Result<(), StoreError> {
        Family::ALL.iter().try_for_each(|family| {
            let flushed = self.db.flush_cf(self.family(*family));
            flushed.map_err(|source| refusal(&self.path, source))
        })
    }

    fn connect(path: &Path, options: &Options) -> Result<Self, StoreError> {
        let db = DB::open_cf_descriptors(options, path, families::descriptors())
            .map_err(|source| refusal(path, source))?;
        let first = AtomicU64::new(Height::GENESIS.0);
        Ok(Self { db, path: path.to_owned(), histories_begin: None, first })
    }

    /// Checks that the tip, its parent and its receipts are what their digests say.
    fn check_tip(&self) -> Result<(), StoreError> {
        let tip = self.tip()?;
        let block = self.block(tip.height)?.ok_or_else(|| self.damaged("the tip is missing"))?;
        let header = &block.header;
        let receipts = self.receipts(tip.height)?;
        let receipts = receipts.ok_or_else(|| self.damaged("the tip's receipts are missing"))?;
        if header.height != tip.height || header.digest() != tip.digest {
            return Err(self.damaged("the tip is another block than it says"));
        }
        if Block::transactions_root(&block.transactions) != header.transactions_root {
            return Err(self.damaged("the tip's transactions are not those of its header"));
        }
        if receipts.root() != header.receipts_root {
            return Err(self.damaged("the tip's receipts are not those of its header"));
        }
        if self.header(tip.height)?.as_ref() != Some(header) {
            return Err(self.damaged("the tip's header is not its block's"));
        }
        if tip.height == self.first() {
            return Ok(());
        }
        let Some(below) = tip.height.0.checked_sub(1).map(Height) else { return Ok(()) };
        match self.header(below)? {
            Some(parent) if parent.digest() == header.parent => Ok(()),
            Some(_) => Err(self.damaged("the block under the tip is not the tip's parent")),
            None => Err(self.damaged("the block under the tip is missing")),
        }
    }

    fn batch(&self, commit: &Commit<'_>) -> WriteBatch {
        let mut batch = WriteBatch::default();
        let objects = self.family(Family::Objects);
        for (key, object) in &commit.changes.objects {
            match object {
                Some(object) => batch.put_cf(objects, encode(key), encode(object)),
                None => batch.delete_cf(objects, encode(key)),
            }
        }
        let height = commit.block.header.height;
        for (key, ended) in ended::of_block(height, commit.changes, commit.receipts) {
            batch.put_cf(self.family(Family::Ended), encode(&key), encode(&ended));
        }
        batch.put_cf(self.family(Family::Blocks), height_key(height), encode(commit.block));
        let header = encode(&commit.block.header);
        batch.put_cf(self.family(Family::Headers), height_key(height), header);
        batch.put_cf(self.family(Family::Receipts), height_key(height), encode(commit.receipts));
        if let Some(certificate) = commit.certificate {
            let certificates = self.family(Family::Certificates);
            batch.put_cf(certificates, height_key(height), encode(certificate));
        }
        self.add_places(&mut batch, height, commit.receipts);
        self.add_postings(&mut batch, height, commit.postings);
        let tip = Tip { height, digest: commit.digest, depth: commit.depth };
        batch.put_cf(self.family(Family::Meta), TIP_KEY, encode(&tip));
        batch
    }

    /// Where the transactions of the block at `height` stand.
    fn add_places(&self, batch: &mut WriteBatch, height: Height, receipts: &Receipts) {
        let transactions = self.family(Family::Transactions);
        // In order of key: the database finds each place from the one before.
        let ids = receipts.transactions.iter().map(|receipt| receipt.transaction);
        let mut places: Vec<(Hash, u32)> = ids.zip(0..).collect();
        places.sort_unstable();
        for (id, index) in places {
            batch.put_cf(transactions, id.0, encode(&Place { height, index }));
        }
    }

    fn write(&self, batch: WriteBatch) {
        let mut options = WriteOptions::default();
        options.set_sync(true);
        if let Err(error) = self.db.write_opt(batch, &options) {
            tracing::error!(path = %self.path.display(), %error, "cannot write; the node stops");
            panic!("cannot write to {}: {error}", self.path.display());
        }
    }

    fn require<T: BorshDeserialize>(
        &self,
        family: Family,
        key: &[u8],
        name: &str,
    ) -> Result<T, StoreError> {
        self.value(family, key)?.ok_or_else(|| self.damaged(&format!("its {name} is missing")))
    }

    fn value<T: BorshDeserialize>(
        &self,
        family: Family,
        key: &[u8],
    ) -> Result<Option<T>, StoreError> {
        let bytes = self.bytes(family, key)?;
        bytes.map(|bytes| self.decoded(family, &bytes)).transpose()
    }

    fn decoded<T: BorshDeserialize>(&self, family: Family, bytes: &[u8]) -> Result<T, StoreError> {
        decode(bytes)
            .map_err(|_| self.damaged(&format!("a value in {} does not decode", family.name())))
    }

    fn object(&self, key: &[u8], value: &[u8]) -> Result<(Key, Object), StoreError> {
        let key: Key = decode(key).map_err(|_| self.damaged("an object's key"))?;
        let object: Object = decode(value).map_err(|_| self.damaged("an object"))?;
        if object.belongs_under(&key) {
            Ok((key, object))
        } else {
            Err(self.damaged("an object under a key of another kind"))
        }
    }

    fn bytes(
        &self,
        family: Family,
        key: &[u8],
    ) -> Result<Option<rocksdb::DBPinnableSlice<'_>>, StoreError> {
        let bytes = self.db.get_pinned_cf(self.family(family), key);
        bytes.map_err(|source| refusal(&self.path, source))
    }

    fn family(&self, family: Family) -> &rocksdb::ColumnFamily {
        self.db.cf_handle(family.name()).expect("every family was opened")
    }
}

/// Checks what RocksDB would hang on.
fn check_framing(path: &Path) -> Result<(), StoreError> {
    let damaged = |detail| StoreError::Damaged { path: path.to_owned(), detail };
    match framing::unreadable(path).map_err(|source| damaged(source.to_string()))? {
        None => Ok(()),
        Some((file, place)) => {
            let file = file.file_name().unwrap_or_default().display().to_string();
            Err(damaged(format!("{file} has a record of a wrong kind at byte {place}")))
        }
    }
}

/// What RocksDB says, told apart: bytes that are wrong, files that are missing, and the rest.
fn refusal(path: &Path, source: rocksdb::Error) -> StoreError {
    use rocksdb::ErrorKind;
    let path = path.to_owned();
    let detail = source.to_string();
    // Files or families that were there when the database was made are there no more.
    let missing = ["No such file", "does not exist", "Column family not found"]
        .iter()
        .any(|words| detail.contains(words));
    if source.kind() == ErrorKind::Corruption || missing {
        StoreError::Damaged { path, detail }
    } else {
        StoreError::Unusable { path, source }
    }
}

#[cfg(test)]
mod tests;
