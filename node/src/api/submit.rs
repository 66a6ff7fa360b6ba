//! The way in for transactions, and where one stands.

use std::sync::Arc;

use chain::hash::Hash;
use chain::height::Nonce;
use chain::transaction::SignedTransaction;
use rpc::error::Error;
use rpc::methods::{TxGet, TxSubmit};
use rpc::types::{AtTip, SubmittedView, TxView};
use runtime::transaction::check_terms;

use super::{NodeApi, fault, internal, rejection_view};
use crate::application::lock;
use crate::ledger::Committed;
use crate::mempool::{Fate, InsertError};
use crate::store::Place;

/// Lets a transaction wait for a block. What is cheap to refuse is refused before a signature is verified;
/// what depends on the tip is checked again after, because the tip may have moved.
pub(super) fn submit(api: &NodeApi, question: &TxSubmit) -> Result<SubmittedView, Error> {
    let bytes = question.transaction.0.as_bytes();
    let signed = SignedTransaction::from_bytes(bytes).map_err(|_| Error::TransactionMalformed)?;
    let id = signed.transaction.id();
    let submitted = SubmittedView { id: id.into() };
    if is_settled(api, &id)? {
        return Ok(submitted);
    }
    match check(api, &api.read(), &signed, bytes.len()) {
        Ok(_) => {}
        Err(Refusal::Known) => return Ok(submitted),
        Err(Refusal::Error(error)) => return Err(error),
    }
    let verified = Arc::new(signed.verify().map_err(|_| Error::SignatureInvalid)?);

    let committed = api.read();
    match check(api, &committed, verified.signed(), bytes.len()) {
        Ok(nonce) => {
            let inserted = lock(&api.mempool).insert(verified, nonce);
            inserted.or_else(|error| accepted(error.into()))?;
        }
        Err(refusal) => accepted(refusal)?,
    }
    drop(committed);
    api.wake.raise();
    Ok(submitted)
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

/// Why a transaction does not start to wait.
enum Refusal {
    /// It waits already, which is as good.
    Known,
    Error(Error),
}

impl From<InsertError> for Refusal {
    fn from(error: InsertError) -> Self {
        match error {
            InsertError::Known => Self::Known,
            InsertError::NonceTaken(_) => Self::Error(Error::NonceTaken),
            InsertError::SenderFull => Self::Error(Error::SenderFull),
            InsertError::Full => Self::Error(Error::MempoolFull),
        }
    }
}

fn accepted(refusal: Refusal) -> Result<(), Error> {
    match refusal {
        Refusal::Known => Ok(()),
        Refusal::Error(error) => Err(error),
    }
}

/// Checks what can be checked on the tip, signatures apart. Returns the nonce of the sender's account.
fn check(
    api: &NodeApi,
    committed: &Committed,
    signed: &SignedTransaction,
    bytes: usize,
) -> Result<Nonce, Refusal> {
    let (view, height) = (committed.view(), committed.header.height.next());
    let transaction = &signed.transaction;
    let account = view.account(&transaction.sender).unwrap_or_default().nonce;
    // A gap may be closed by others that wait; the mempool says how wide it may be.
    let expected = transaction.nonce.max(account);
    let terms = check_terms(&view, height, signed, bytes, expected);
    terms.map_err(|rejection| Refusal::Error(Error::Rejected(rejection_view(rejection))))?;
    lock(&api.mempool).check(signed, bytes, account)?;
    Ok(account)
}

fn is_settled(api: &NodeApi, id: &Hash) -> Result<bool, Error> {
    let committed = api.read();
    let place = api.ledger.store().place(id).map_err(internal)?;
    Ok(place.is_some_and(|place| place.height <= committed.header.height))
}

fn included(api: &NodeApi, place: Place) -> Result<TxView, Error> {
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
