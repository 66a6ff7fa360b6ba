//! The way in for transactions, and where one stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use chain::account::AccountId;
use chain::hash::Hash;
use chain::height::Nonce;
use chain::transaction::{SignedTransaction, Transaction, VerifiedTransaction};
use rpc::error::Error;
use rpc::methods::{TxGet, TxSubmit, TxSubmitBatch};
use rpc::text::{Text, TransactionBytes};
use rpc::types::{AtTip, SubmittedBatchView, SubmittedView, TxView};
use runtime::transaction::check_terms;

use super::{NodeApi, fault, internal, rejection_view};
use crate::application::lock;
use crate::ledger::Committed;
use crate::mempool::{Entry, Fate, InsertError};
use crate::store;

/// Lets a transaction wait for a block.
pub(super) fn submit(api: &NodeApi, question: &TxSubmit) -> Result<SubmittedView, Error> {
    let mut results = submit_all(api, std::slice::from_ref(&question.transaction));
    results.pop().expect("one transaction has one result")
}

/// Lets transactions wait for a block; what becomes of each is its own result.
pub(super) fn submit_batch(
    api: &NodeApi,
    question: &TxSubmitBatch,
) -> Result<SubmittedBatchView, Error> {
    let results = submit_all(api, &question.transactions);
    Ok(SubmittedBatchView { results: results.into_iter().map(Into::into).collect() })
}

/// A result for each of `transactions`. What is cheap to refuse is refused before a signature is verified;
/// what depends on the tip is checked again after, because the tip may have moved.
fn submit_all(api: &NodeApi, transactions: &[Text<TransactionBytes>]) -> Vec<Submitted> {
    let mut results = Vec::with_capacity(transactions.len());
    let (mut places, mut unverified) = (Vec::new(), Vec::new());
    let mut latest = BTreeMap::new();
    let committed = api.read();
    for (place, transaction) in transactions.iter().enumerate() {
        let offer = Offer::decode(transaction.0.as_bytes());
        let checked = offer.and_then(|offer| match offer.check(api, &committed, &latest)? {
            Door::Known => Ok(offer.submitted()),
            Door::New => {
                let Transaction { sender, nonce, .. } = offer.signed.transaction;
                latest.insert(sender, nonce);
                let submitted = offer.submitted();
                places.push(place);
                unverified.push(offer.signed);
                Ok(submitted)
            }
        });
        results.push(checked);
    }
    drop(committed);
    if unverified.is_empty() {
        return results;
    }

    let verdicts = api.verifier.verify(unverified);
    let committed = api.read();
    for (place, verdict) in places.into_iter().zip(verdicts) {
        let verified = verdict.map_err(|_| Error::SignatureInvalid);
        results[place] = verified.and_then(|verified| insert(api, &committed, verified));
    }
    drop(committed);
    api.wake.raise();
    results
}
/// Where a transaction stands.
pub(super) fn find(api: &NodeApi, question: &TxGet) -> Result<AtTip<TxView>, Error> {
    let id = &question.id.0;
    let committed = api.read();
    let place = api.ledger.store().place(id).map_err(internal)?;
    let settled = place.filter(|place| place.height <= committed.header.height);
    let view = match settled {
        Some(place) => included(api, place)?,
        None => in_no_block(api, id),
    };
    Ok(api.at(&committed, view))
}

type Submitted = Result<SubmittedView, Error>;

/// A transaction that a client offers, its signatures not verified.
struct Offer {
    signed: SignedTransaction,
    id: Hash,
    bytes: usize,
}

/// Whether an offer is worth verifying.
enum Door {
    /// It waits or is settled already, which is as good.
    Known,
    New,
}

impl Offer {
    fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let signed =
            SignedTransaction::from_bytes(bytes).map_err(|_| Error::TransactionMalformed)?;
        Ok(Self { id: signed.transaction.id(), signed, bytes: bytes.len() })
    }

    fn submitted(&self) -> SubmittedView {
        SubmittedView { id: self.id.into() }
    }

    /// Checks what can be checked on the tip, signatures apart. `latest` are the nonces of the last offers
    /// of their senders in the same call, which come first.
    fn check(
        &self,
        api: &NodeApi,
        committed: &Committed,
        latest: &BTreeMap<AccountId, Nonce>,
    ) -> Result<Door, Error> {
        let Some(account) = account_nonce(api, committed, &self.id, &self.signed, self.bytes)?
        else {
            return Ok(Door::Known);
        };
        let before = latest.get(&self.signed.transaction.sender).copied();
        let entry = Entry { id: self.id, signed: &self.signed, bytes: self.bytes, before };
        match lock(&api.mempool).check(&entry, account) {
            Ok(()) => Ok(Door::New),
            Err(InsertError::Known) => Ok(Door::Known),
            Err(error) => Err(refusal(error)),
        }
    }
}

/// Lets a verified transaction wait, if the rules still accept it.
fn insert(api: &NodeApi, committed: &Committed, verified: VerifiedTransaction) -> Submitted {
    let submitted = SubmittedView { id: verified.id().into() };
    let (signed, bytes) = (verified.signed(), verified.bytes());
    if let Some(account) = account_nonce(api, committed, &verified.id(), signed, bytes)? {
        match lock(&api.mempool).insert(Arc::new(verified), account) {
            Ok(()) | Err(InsertError::Known) => {}
            Err(error) => return Err(refusal(error)),
        }
    }
    Ok(submitted)
}

/// The nonce of the sender's account when the rules accept the transaction on the tip; `None` when it is
/// settled, which they refuse to do twice.
fn account_nonce(
    api: &NodeApi,
    committed: &Committed,
    id: &Hash,
    signed: &SignedTransaction,
    bytes: usize,
) -> Result<Option<Nonce>, Error> {
    let (view, height) = (committed.view(), committed.header.height.next());
    let transaction = &signed.transaction;
    let account = view.account(&transaction.sender).unwrap_or_default().nonce;
    // A gap may be closed by others that wait; the mempool says how wide it may be.
    let expected = transaction.nonce.max(account);
    match check_terms(&view, height, signed, bytes, expected) {
        Ok(_) => Ok(Some(account)),
        Err(_) if is_settled(api, committed, id)? => Ok(None),
        Err(rejection) => Err(Error::Rejected(rejection_view(rejection))),
    }
}

fn refusal(error: InsertError) -> Error {
    match error {
        InsertError::NonceTaken(_) => Error::NonceTaken,
        InsertError::SenderFull => Error::SenderFull,
        // What is known is accepted before.
        InsertError::Full | InsertError::Known => Error::MempoolFull,
    }
}

fn is_settled(api: &NodeApi, committed: &Committed, id: &Hash) -> Result<bool, Error> {
    let place = api.ledger.store().place(id).map_err(internal)?;
    Ok(place.is_some_and(|place| place.height <= committed.header.height))
}

fn included(api: &NodeApi, place: store::Place) -> Result<TxView, Error> {
    let store = api.ledger.store();
    let block = store.block(place.height).map_err(internal)?;
    let receipts = store.receipts(place.height).map_err(internal)?;
    let (Some(block), Some(receipts)) = (block, receipts) else {
        return Err(fault(&store.damaged("a block that holds a transaction is missing")));
    };
    let index = usize::try_from(place.index).unwrap_or(usize::MAX);
    let found = block.transactions.get(index).zip(receipts.transactions.get(index));
    let Some((transaction, receipt)) = found else {
        return Err(fault(&store.damaged("a block does not hold the transaction it should")));
    };
    Ok(TxView::Included {
        height: place.height.0,
        block_hash: block.header.digest().into(),
        time: block.header.time.0,
        included: api.translate.included(place.index, transaction, receipt),
    })
}

fn in_no_block(api: &NodeApi, id: &Hash) -> TxView {
    let mempool = lock(&api.mempool);
    if let Some(waiting) = mempool.waiting(id) {
        return TxView::Pending { transaction: api.translate.transaction(waiting.signed()) };
    }
    match mempool.fate(id) {
        Some(Fate::Rejected(rejection)) => TxView::Rejected(rejection_view(rejection)),
        Some(Fate::Expired) => TxView::Expired,
        None => TxView::Unknown,
    }
}
