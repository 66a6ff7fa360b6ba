//! The way in for transactions, and where one stands.

use chain::hash::Hash;
use rpc::error::Error;
use rpc::methods::{TxGet, TxSubmit, TxSubmitBatch};
use rpc::text::{Text, TransactionBytes};
use rpc::types::{AtTip, SubmittedBatchView, SubmittedView, TxView};

use super::{NodeApi, blocks, fault, internal, rejection_view};
use crate::application::lock;
use crate::door::{Offer, Refusal};
use crate::mempool::{Fate, InsertError};
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

/// A result for each of `transactions`.
fn submit_all(
    api: &NodeApi,
    transactions: &[Text<TransactionBytes>],
) -> Vec<Result<SubmittedView, Error>> {
    let offers = transactions.iter().map(|one| Offer::decode(one.0.as_bytes())).collect();
    let results = api.gossip.submit(offers).into_iter();
    results
        .map(|result| match result {
            Ok(admitted) => Ok(SubmittedView { id: admitted.id().into() }),
            Err(refusal) => Err(error(refusal)),
        })
        .collect()
}

/// How a client is told why its transaction was not let in.
fn error(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Malformed => Error::TransactionMalformed,
        Refusal::Rejected(rejection) => Error::Rejected(rejection_view(rejection)),
        Refusal::Signature => Error::SignatureInvalid,
        Refusal::NoRoom(InsertError::NonceTaken(_)) => Error::NonceTaken,
        Refusal::NoRoom(InsertError::SenderFull) => Error::SenderFull,
        // What is known is let in.
        Refusal::NoRoom(InsertError::Full | InsertError::Known) => Error::MempoolFull,
        Refusal::Store(error) => internal(error),
    }
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

fn included(api: &NodeApi, place: store::Place) -> Result<TxView, Error> {
    let store = api.ledger.store();
    let (block, receipts) = blocks::stored_block(api, place.height)?;
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
        None => TxView::Unknown { blocks_from: api.ledger.store().first().0 },
    }
}
