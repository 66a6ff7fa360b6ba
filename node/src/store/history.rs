//! Histories: what every account had after each step of a block that wrote it.
//!
//! A key is the account, the height and the step, big-endian, so that the rows of an account lie together in
//! order of time. They begin with a row for each account as it stood after one block, the block from which on
//! the histories are complete; later rows are written with their blocks.
//!
//! Invariant: `meta` says where the histories begin if and only if they are complete from there to the tip.
//! A node that leaves them off takes that away with its first write, and begins anew when they are wanted
//! again.

use std::ops::RangeInclusive;

use borsh::{BorshDeserialize, BorshSerialize};
use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::encoding::{decode, encode};
use chain::height::Height;
use rocksdb::{Direction, IteratorMode, ReadOptions, WriteBatch};
use runtime::posting::{BlockStep, Posting};

use super::families::Family;
use super::{Store, StoreError, refusal};

/// Where the histories begin: a height.
pub(super) const BEGIN_KEY: &[u8] = b"history";

/// First rows that are written at once.
const FIRST_ROWS_MAX: usize = 16_384;

/// Bytes of an account's id, a height and a step.
const KEY_BYTES: usize = 20 + 8 + 4;

/// Whether a node keeps the histories of all accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Histories {
    /// It does.
    Kept,
    /// It does not.
    Off,
}

/// Where a row stands in the history of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowPlace {
    /// The block.
    pub height: Height,
    /// The step of the block.
    pub step: RowStep,
}

/// The step of a block that a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowStep {
    /// A step that wrote the account.
    Of(BlockStep),
    /// None: the histories begin after the block.
    Beginning,
}

/// What an account had after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The step.
    pub place: RowPlace,
    /// What it had.
    pub balance: Balance,
}

/// Money of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Balance {
    /// All of it, in base units.
    pub cash: Amount,
    /// The part of it that is set aside, in base units.
    pub held: Amount,
}

/// The way in which rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowOrder {
    /// From the first on.
    Rising,
    /// From the last back.
    Falling,
}

impl RowPlace {
    /// Before everything at `height`.
    pub const fn first(height: Height) -> Self {
        Self { height, step: RowStep::Of(BlockStep::Timers) }
    }

    /// After everything at `height`.
    pub const fn last(height: Height) -> Self {
        Self { height, step: RowStep::Beginning }
    }
}

impl RowStep {
    const MATCHING: u32 = u32::MAX - 2;
    const FEES: u32 = u32::MAX - 1;
    const BEGINNING: u32 = u32::MAX;

    /// The number by which keys and cursors name the step; the order of numbers is the order of steps.
    pub fn number(self) -> u32 {
        match self {
            Self::Of(BlockStep::Timers) => 0,
            Self::Of(BlockStep::Transaction(index)) => index.saturating_add(1),
            Self::Of(BlockStep::Matching) => Self::MATCHING,
            Self::Of(BlockStep::Fees) => Self::FEES,
            Self::Beginning => Self::BEGINNING,
        }
    }

    /// The step with this number.
    pub const fn of_number(number: u32) -> Self {
        match number {
            0 => Self::Of(BlockStep::Timers),
            Self::MATCHING => Self::Of(BlockStep::Matching),
            Self::FEES => Self::Of(BlockStep::Fees),
            Self::BEGINNING => Self::Beginning,
            transaction => Self::Of(BlockStep::Transaction(transaction - 1)),
        }
    }
}

impl Store {
    /// From which height on the histories are complete; `None` when none are kept.
    pub const fn histories_begin(&self) -> Option<Height> {
        self.histories_begin
    }

    /// Goes on with the histories, begins them with `accounts`, which are all there are at the tip, or leaves
    /// them off. Called once, before any block is committed.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn keep_histories(
        &mut self,
        histories: Histories,
        accounts: impl Iterator<Item = (AccountId, Account)>,
    ) -> Result<(), StoreError> {
        let begun: Option<Height> = self.value(Family::Meta, BEGIN_KEY)?;
        self.histories_begin = match (histories, begun) {
            (Histories::Kept, None) => Some(self.begin_histories(accounts)?),
            (Histories::Kept, Some(begun)) => Some(begun),
            (Histories::Off, None) => None,
            (Histories::Off, Some(_)) => {
                let mut batch = WriteBatch::default();
                batch.delete_cf(self.family(Family::Meta), BEGIN_KEY);
                self.write(batch);
                tracing::info!("histories are off: what was kept of them is given up");
                None
            }
        };
        Ok(())
    }

    /// The rows of `account` within `places`.
    pub fn history(
        &self,
        account: AccountId,
        places: RangeInclusive<RowPlace>,
        order: RowOrder,
    ) -> impl Iterator<Item = Result<Row, StoreError>> {
        let (first, last) = (key(account, *places.start()), key(account, *places.end()));
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(first);
        // Just after the last: the bound itself is not read.
        options.set_iterate_upper_bound([&last[..], &[0]].concat());
        let mode = match order {
            RowOrder::Rising => IteratorMode::From(&first, Direction::Forward),
            RowOrder::Falling => IteratorMode::From(&last, Direction::Reverse),
        };
        let items = self.db.iterator_cf_opt(self.family(Family::History), options, mode);
        items.map(|item| {
            let (key, value) = item.map_err(|source| refusal(&self.path, source))?;
            let place = place(&key).ok_or_else(|| self.damaged("the key of a history's row"))?;
            let balance = decode(&value).map_err(|_| self.damaged("a history's row"))?;
            Ok(Row { place, balance })
        })
    }

    /// What `account` had after `place`; nothing when no row says.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    pub fn balance_at(&self, account: AccountId, place: RowPlace) -> Result<Balance, StoreError> {
        let places = RowPlace::first(Height::GENESIS)..=place;
        let row = self.history(account, places, RowOrder::Falling).next().transpose()?;
        Ok(row.map(|row| row.balance).unwrap_or_default())
    }

    /// The rows that a block at `height` adds, if histories are kept.
    pub(super) fn add_postings(
        &self,
        batch: &mut WriteBatch,
        height: Height,
        postings: &[Posting],
    ) {
        if self.histories_begin.is_none() {
            return;
        }
        // In order of key: the database finds each place from the one before.
        let mut postings: Vec<&Posting> = postings.iter().collect();
        postings.sort_unstable_by_key(|posting| (posting.account, posting.step));
        let family = self.family(Family::History);
        for Posting { step, account, cash, held } in postings {
            let place = RowPlace { height, step: RowStep::Of(*step) };
            let balance = Balance { cash: *cash, held: *held };
            batch.put_cf(family, key(*account, place), encode(&balance));
        }
    }

    /// Writes the first row of each account. What says that histories are complete is written last.
    fn begin_histories(
        &self,
        accounts: impl Iterator<Item = (AccountId, Account)>,
    ) -> Result<Height, StoreError> {
        let height = self.tip()?.height;
        let place = RowPlace { height, step: RowStep::Beginning };
        let family = self.family(Family::History);
        let mut batch = WriteBatch::default();
        // What an earlier beginning has left; no key is as long as the end.
        batch.delete_range_cf(family, &[][..], &[u8::MAX; KEY_BYTES + 1][..]);
        for (id, Account { cash, held, .. }) in accounts {
            batch.put_cf(family, key(id, place), encode(&Balance { cash, held }));
            if batch.len() >= FIRST_ROWS_MAX {
                self.write(std::mem::take(&mut batch));
            }
        }
        batch.put_cf(self.family(Family::Meta), BEGIN_KEY, encode(&height));
        self.write(batch);
        tracing::info!(%height, "histories of accounts begin");
        Ok(height)
    }
}

pub(super) fn key(account: AccountId, place: RowPlace) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    key[..20].copy_from_slice(&account.0);
    key[20..28].copy_from_slice(&place.height.0.to_be_bytes());
    key[28..].copy_from_slice(&place.step.number().to_be_bytes());
    key
}

pub(super) fn place(key: &[u8]) -> Option<RowPlace> {
    let (height, rest) = key.get(20..)?.split_first_chunk()?;
    let step = u32::from_be_bytes(rest.try_into().ok()?);
    let height = Height(u64::from_be_bytes(*height));
    Some(RowPlace { height, step: RowStep::of_number(step) })
}

#[cfg(test)]
mod tests;
