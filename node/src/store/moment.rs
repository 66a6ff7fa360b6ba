//! The database as it is at one moment, whatever is written meanwhile.

use std::fmt;

use borsh::BorshDeserialize;
use chain::block::{Block, Header};
use chain::certificate::Certificate;
use chain::height::Height;
use chain::receipt::Receipts;
use chain::state::{Key, Object};
use rocksdb::{IteratorMode, Snapshot};

use super::families::{Family, height_key};
use super::{Store, StoreError, TIP_KEY, Tip, refusal};

/// A block's tip, state and past, all of one moment. Holds up the database's tidying while it lives.
pub struct Moment<'a> {
    store: &'a Store,
    view: Snapshot<'a>,
}

impl fmt::Debug for Moment<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Moment").field("store", self.store).finish_non_exhaustive()
    }
}

impl Store {
    /// The database as it is now.
    pub fn moment(&self) -> Moment<'_> {
        Moment { store: self, view: self.db.snapshot() }
    }
}

impl Moment<'_> {
    /// The last committed block.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn tip(&self) -> Result<Tip, StoreError> {
        self.value(Family::Meta, TIP_KEY)?.ok_or_else(|| self.store.damaged("its tip is missing"))
    }

    /// The committed block at `height`.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn block(&self, height: Height) -> Result<Option<Block>, StoreError> {
        self.value(Family::Blocks, &height_key(height))
    }

    /// The header of the committed block at `height`.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn header(&self, height: Height) -> Result<Option<Header>, StoreError> {
        self.value(Family::Headers, &height_key(height))
    }

    /// The receipts of the committed block at `height`.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn receipts(&self, height: Height) -> Result<Option<Receipts>, StoreError> {
        self.value(Family::Receipts, &height_key(height))
    }

    /// The certificate of the committed block at `height`, where it has one of its own.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn certificate(&self, height: Height) -> Result<Option<Certificate>, StoreError> {
        self.value(Family::Certificates, &height_key(height))
    }

    /// Every object of the state, in the order of their encoded keys.
    pub fn objects(&self) -> impl Iterator<Item = Result<(Key, Object), StoreError>> {
        let family = self.store.family(Family::Objects);
        let items = self.view.iterator_cf(family, IteratorMode::Start);
        items.map(|item| {
            let (key, value) = item.map_err(|source| refusal(&self.store.path, source))?;
            self.store.object(&key, &value)
        })
    }

    fn value<T: BorshDeserialize>(
        &self,
        family: Family,
        key: &[u8],
    ) -> Result<Option<T>, StoreError> {
        let bytes = self.view.get_pinned_cf(self.store.family(family), key);
        let bytes = bytes.map_err(|source| refusal(&self.store.path, source))?;
        bytes.map(|bytes| self.store.decoded(family, &bytes)).transpose()
    }
}
