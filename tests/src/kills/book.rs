//! What clients signed, and what they were told became of it.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, ensure};
use chain::hash::Hash;
use chain::transaction::SignedTransaction;
use rpc::client::Client;
use rpc::methods::TxGet;
use rpc::types::{BlockView, IncludedView, OutcomeView, TxView};

use crate::random::Random;

/// Acknowledgements that are asked about again after every kill.
const ASKED_AGAIN: u64 = 12;

/// Shared by all senders.
#[derive(Default)]
pub(super) struct Book(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    signed: BTreeMap<Hash, SignedTransaction>,
    settled: BTreeMap<Hash, Place>,
    order: Vec<Hash>,
}

/// Where a transaction is settled, and a digest of what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    height: u64,
    index: u32,
    content: u64,
}

/// What the chain holds.
pub(super) struct Counts {
    pub(super) acknowledged: u64,
    pub(super) transactions: u64,
    pub(super) failed: u64,
}

impl Book {
    /// Notes what is about to be submitted.
    pub(super) fn sign(&self, id: Hash, signed: SignedTransaction) {
        self.entries().signed.insert(id, signed);
    }

    /// What was signed under this id.
    pub(super) fn signed(&self, id: &Hash) -> Option<SignedTransaction> {
        self.entries().signed.get(id).cloned()
    }

    /// Notes that a client was told that a transaction is settled. Told twice, it must be told the same.
    pub(super) fn settle(&self, height: u64, included: &IncludedView) -> Result<()> {
        let (id, place) = (included.transaction.id.0, Place::of(height, included));
        let mut entries = self.entries();
        match entries.settled.insert(id, place) {
            Some(before) => ensure!(before == place, "{id} was at {before:?} and is at {place:?}"),
            None => entries.order.push(id),
        }
        Ok(())
    }

    /// Asks about some of what is settled again.
    pub(super) async fn check_some(&self, client: &Client, random: &mut Random) -> Result<()> {
        let mut chosen = Vec::new();
        {
            let entries = self.entries();
            let count = entries.order.len() as u64;
            // The last ones, and any.
            chosen.extend(entries.order.iter().rev().take(4).copied());
            for _ in 0..ASKED_AGAIN.min(count) {
                chosen.push(*random.pick(&entries.order));
            }
        }
        for id in chosen {
            let answer = client.call(TxGet { id: id.into() }).await?;
            let TxView::Included { height, included, .. } = &answer.value else {
                anyhow::bail!("{id} was settled, and is now {:?}", answer.value);
            };
            self.settle(*height, included)?;
        }
        Ok(())
    }

    /// Every acknowledged transaction stands in `chain` where it was said to, and none twice.
    pub(super) fn compare(&self, chain: &[BlockView]) -> Result<Counts> {
        let entries = self.entries();
        let mut places = BTreeMap::new();
        let mut failed = 0;
        for block in chain {
            let content = block.content.as_ref().context("blocks fit an answer")?;
            for included in &content.transactions {
                let (id, place) = (included.transaction.id.0, Place::of(block.height, included));
                let before = places.insert(id, place);
                ensure!(before.is_none(), "{id} stands twice: {before:?} and {place:?}");
                failed += u64::from(matches!(included.receipt.outcome, OutcomeView::Failed { .. }));
            }
        }
        for (id, place) in &entries.settled {
            let found = places.get(id);
            ensure!(found == Some(place), "{id} was settled at {place:?}, and is at {found:?}");
        }
        Ok(Counts {
            acknowledged: entries.settled.len() as u64,
            transactions: places.len() as u64,
            failed,
        })
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn of(height: u64, included: &IncludedView) -> Self {
        Self { height, index: included.index, content: digest(included) }
    }
}

/// A digest of `value` as JSON.
pub(super) fn digest(value: &impl serde::Serialize) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(value).expect("views are JSON").hash(&mut hasher);
    hasher.finish()
}
