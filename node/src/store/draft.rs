//! A database that is being made: it lies beside its place, and is put there when it is whole. So what is in the
//! place is never begun anew: what it lacks, it has lost.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::Height;
use chain::receipt::Receipts;
use chain::snapshot::{Anchor, EpochEnd};
use chain::state::{Key, Object};
use rocksdb::{WriteBatch, WriteOptions};

use super::families::{self, Family, height_key};
use super::{Commit, GENESIS_KEY, SCHEMA, SCHEMA_KEY, Store, StoreError, TIP_KEY, Tip};
use crate::home::folder_of;

/// Where the ledger begins, if not with genesis: the block and what makes it final.
pub(super) const ANCHOR_KEY: &[u8] = b"anchor";
/// The first height whose block is kept.
pub(super) const FIRST_KEY: &[u8] = b"first";

/// A database that is being made.
#[derive(Debug)]
pub struct Draft {
    store: Store,
    place: PathBuf,
    path: PathBuf,
}

impl Draft {
    /// Begins the database that is to be at `place`; what an earlier try left beside it goes.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be made.
    pub fn begin(place: &Path) -> Result<Self, StoreError> {
        let mut path = place.as_os_str().to_owned();
        path.push(".new");
        let path = PathBuf::from(path);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|source| not_made(place, source))?;
        }
        let store = Store::connect(&path, &families::new())?;
        Ok(Self { store, place: place.to_owned(), path })
    }

    /// Adds objects of the state.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be written.
    pub fn add_objects(&self, objects: &[(Key, Object)]) -> Result<(), StoreError> {
        let mut batch = WriteBatch::default();
        let family = self.store.family(Family::Objects);
        for (key, object) in objects {
            batch.put_cf(family, encode(key), encode(object));
        }
        self.write(batch)
    }

    /// Adds the last headers of epochs, with their certificates.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be written.
    pub fn add_epoch_ends(&self, ends: &[EpochEnd]) -> Result<(), StoreError> {
        let mut batch = WriteBatch::default();
        for EpochEnd { header, certificate } in ends {
            let key = height_key(header.height);
            batch.put_cf(self.store.family(Family::Headers), key, encode(header));
            batch.put_cf(self.store.family(Family::Certificates), key, encode(certificate));
        }
        self.write(batch)
    }

    /// Makes `commit` its first block. Its changes are all objects of the state.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub fn begin_with(self, commit: &Commit<'_>) -> Result<(), StoreError> {
        let batch = self.store.batch(commit);
        self.finish(batch, &commit.block.header.chain)
    }

    /// Makes the block of `anchor` its first. All objects of the state have been added.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub fn begin_at(
        self,
        anchor: &Anchor,
        receipts: &Receipts,
        depth: u8,
    ) -> Result<(), StoreError> {
        let header = &anchor.block.header;
        let (key, height) = (height_key(header.height), header.height);
        let mut batch = WriteBatch::default();
        batch.put_cf(self.store.family(Family::Blocks), key, encode(&anchor.block));
        batch.put_cf(self.store.family(Family::Headers), key, encode(header));
        batch.put_cf(self.store.family(Family::Receipts), key, encode(receipts));
        let certificate = encode(&anchor.certificate);
        batch.put_cf(self.store.family(Family::Certificates), key, certificate);
        self.store.add_places(&mut batch, height, receipts);
        let meta = self.store.family(Family::Meta);
        batch.put_cf(meta, TIP_KEY, encode(&Tip { height, digest: header.digest(), depth }));
        batch.put_cf(meta, ANCHOR_KEY, encode(anchor));
        batch.put_cf(meta, FIRST_KEY, encode(&height));
        self.finish(batch, &header.chain)
    }

    /// Writes the last batch, then puts the database in its place.
    fn finish(self, mut batch: WriteBatch, chain: &Hash) -> Result<(), StoreError> {
        let Self { store, place, path } = self;
        let meta = store.family(Family::Meta);
        batch.put_cf(meta, SCHEMA_KEY, encode(&SCHEMA));
        batch.put_cf(meta, GENESIS_KEY, encode(chain));
        store.flush()?;
        store.write(batch);
        store.flush()?;
        drop(store);
        fs::rename(&path, &place).map_err(|source| not_made(&place, source))?;
        File::open(folder_of(&place))
            .and_then(|folder| folder.sync_all())
            .map_err(|source| not_made(&place, source))
    }

    /// Writes without waiting for the disk: [`Self::finish`] does.
    fn write(&self, batch: WriteBatch) -> Result<(), StoreError> {
        let mut options = WriteOptions::default();
        options.disable_wal(true);
        let written = self.store.db.write_opt(batch, &options);
        written.map_err(|source| super::refusal(&self.path, source))
    }
}

impl Store {
    /// The block that the ledger begins with, if it was made from a snapshot.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn anchor(&self) -> Result<Option<Anchor>, StoreError> {
        self.value(Family::Meta, ANCHOR_KEY)
    }

    /// The first height whose block is kept; blocks from there to the tip are.
    pub fn first(&self) -> Height {
        Height(self.first.load(Ordering::Acquire))
    }
}

fn not_made(place: &Path, source: io::Error) -> StoreError {
    StoreError::NotMade { path: place.to_owned(), source }
}
