//! Giving up old blocks: their transactions, receipts and places, and the rows of histories before them.
//!
//! ```text
//! first moves up (synced) -> what lies below is dropped, batch by batch -> the mark goes
//! ```
//! Readers are refused what lies below from the first write on, so that being cut off leaves a sound database with
//! something in it that nobody sees; the next pruning drops that too. The last header of every epoch and its
//! certificate stay: whoever follows the authorities needs them. So does all of the engine's journal, which is not
//! here.

use std::sync::atomic::Ordering;

use chain::encoding::{decode, encode};
use chain::height::Height;
use rocksdb::{IteratorMode, WriteBatch};

use super::draft::FIRST_KEY;
use super::families::{Family, height_key};
use super::history::{BEGIN_KEY, Balance, RowPlace, RowStep, key, place};
use super::{Store, StoreError, refusal};

/// Blocks that are kept in any case: the engine hands the last of them over again.
pub const BLOCKS_KEPT_MIN: u64 = 128;

/// From which height on something below the first block may be left.
const PRUNING_KEY: &[u8] = b"pruning";
/// Entries that are dropped in one write.
const ENTRIES_MAX: usize = 16_384;
/// What is compacted afterwards, so that the room is free.
const PRUNED: [Family; 6] = [
    Family::Blocks,
    Family::Receipts,
    Family::Headers,
    Family::Certificates,
    Family::Transactions,
    Family::History,
];

/// What a pruning is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pruning {
    /// Blocks below this height are dropped.
    Blocks(Height),
    /// So many rows of histories have been looked at.
    Rows(u64),
    /// The room is made free.
    Compacting,
}

impl Store {
    /// Keeps the last `blocks` blocks alone, at least [`BLOCKS_KEPT_MIN`], and finishes with what an earlier pruning
    /// has left. Returns the first height that is kept. `report` is told after each write how far it has come.
    ///
    /// # Errors
    /// [`StoreError`] when the database is damaged.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn prune(
        &mut self,
        blocks: u64,
        mut report: impl FnMut(Pruning),
    ) -> Result<Height, StoreError> {
        let kept = blocks.max(BLOCKS_KEPT_MIN) - 1;
        let first = Height(self.tip()?.height.0.saturating_sub(kept)).max(self.first());
        let left: Option<Height> = self.value(Family::Meta, PRUNING_KEY)?;
        if first == self.first() && left.is_none() {
            return Ok(first);
        }
        let from = left.unwrap_or(self.first());
        self.move_first(from, first);
        self.drop_blocks(from..first, &mut report)?;
        if self.histories_begin.is_some() {
            self.drop_rows(first, &mut report)?;
        }
        report(Pruning::Compacting);
        let mut batch = WriteBatch::default();
        batch.delete_cf(self.family(Family::Meta), PRUNING_KEY);
        self.write(batch);
        self.flush()?;
        for family in PRUNED {
            self.db.compact_range_cf(self.family(family), None::<&[u8]>, None::<&[u8]>);
        }
        Ok(first)
    }

    /// Refuses readers what lies below `first` from here on.
    fn move_first(&mut self, from: Height, first: Height) {
        let mut batch = WriteBatch::default();
        let meta = self.family(Family::Meta);
        batch.put_cf(meta, FIRST_KEY, encode(&first));
        batch.put_cf(meta, PRUNING_KEY, encode(&from));
        let begin = self.histories_begin.map(|begin| begin.max(first));
        if let Some(begin) = begin {
            batch.put_cf(meta, BEGIN_KEY, encode(&begin));
        }
        self.write(batch);
        self.histories_begin = begin;
        self.first.store(first.0, Ordering::Release);
    }

    fn drop_blocks(
        &self,
        heights: std::ops::Range<Height>,
        report: &mut impl FnMut(Pruning),
    ) -> Result<(), StoreError> {
        let mut batch = WriteBatch::default();
        for height in (heights.start.0..heights.end.0).map(Height) {
            self.drop_block(&mut batch, height)?;
            if batch.len() >= ENTRIES_MAX || height.next() == heights.end {
                batch.put_cf(self.family(Family::Meta), PRUNING_KEY, encode(&height.next()));
                self.write(std::mem::take(&mut batch));
                report(Pruning::Blocks(height.next()));
            }
        }
        Ok(())
    }

    fn drop_block(&self, batch: &mut WriteBatch, height: Height) -> Result<(), StoreError> {
        let at = height_key(height);
        let receipts: Option<chain::receipt::Receipts> = self.value(Family::Receipts, &at)?;
        for receipt in receipts.iter().flat_map(|receipts| &receipts.transactions) {
            batch.delete_cf(self.family(Family::Transactions), receipt.transaction.0);
        }
        batch.delete_cf(self.family(Family::Blocks), at);
        batch.delete_cf(self.family(Family::Receipts), at);
        let names_voters = self.header(height)?.is_some_and(|it| it.next_authorities.is_some());
        if !names_voters {
            batch.delete_cf(self.family(Family::Headers), at);
            batch.delete_cf(self.family(Family::Certificates), at);
        }
        Ok(())
    }

    /// Puts one row in the place of all that an account has up to `first`: what it had after that block.
    fn drop_rows(&self, first: Height, report: &mut impl FnMut(Pruning)) -> Result<(), StoreError> {
        let family = self.family(Family::History);
        let beginning = RowPlace { height: first, step: RowStep::Beginning };
        let mut batch = WriteBatch::default();
        // The last row up to the beginning of the account that is being read.
        let mut last: Option<(Box<[u8]>, Balance)> = None;
        let mut rows: u64 = 0;
        for item in self.db.iterator_cf(family, IteratorMode::Start) {
            let (at, value) = item.map_err(|source| refusal(&self.path, source))?;
            let is_old = place(&at).is_some_and(|place| place <= beginning);
            let same = last.as_ref().is_some_and(|(before, _)| before[..20] == at[..20]);
            if let Some((before, balance)) = last.take_if(|_| !same || !is_old) {
                self.begin_account(&mut batch, &before, (beginning, balance));
            }
            if is_old {
                if let Some((before, _)) = last.take() {
                    batch.delete_cf(family, before);
                }
                let balance = decode(&value).map_err(|_| self.damaged("a history's row"))?;
                last = Some((at, balance));
            }
            rows += 1;
            if batch.len() >= ENTRIES_MAX {
                self.write(std::mem::take(&mut batch));
                report(Pruning::Rows(rows));
            }
        }
        if let Some((before, balance)) = last {
            self.begin_account(&mut batch, &before, (beginning, balance));
        }
        self.write(batch);
        report(Pruning::Rows(rows));
        Ok(())
    }

    /// Puts the row of the beginning in the place of the last one before it.
    fn begin_account(
        &self,
        batch: &mut WriteBatch,
        before: &[u8],
        (beginning, balance): (RowPlace, Balance),
    ) {
        let family = self.family(Family::History);
        let mut account = chain::account::AccountId::default();
        account.0.copy_from_slice(&before[..20]);
        batch.delete_cf(family, before);
        batch.put_cf(family, key(account, beginning), encode(&balance));
    }
}
