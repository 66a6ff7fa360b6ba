//! What shows a market's match in one of the last blocks. The state that the block left is read as it was, and
//! what the match reads is found by letting it read.
//!
//! One such question is answered at a time, since the tip waits for it. Which keys are to be shown is kept until
//! another match is asked for, so that all parts of an answer cost what one does.

use std::sync::PoisonError;

use chain::block::Header;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::Height;
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::merkle::ListProof;
use chain::order::Order;
use chain::receipt::{BlockEvents, Receipts};
use chain::state::{Key, Object};
use rpc::error::Error;
use rpc::methods::MarketGetBatch;
use rpc::types::{
    AtTip, BATCH_EVENTS_BYTES_MAX, BATCH_ITEMS_MAX, BATCH_OBJECTS_BYTES_MAX, BATCH_ORDERS_MAX,
    BatchItemView, BatchReportView, BatchView,
};
use runtime::batch;
use runtime::context::BlockContext;

use super::proofs::{canonical, header};
use super::{NodeApi, book, fault, internal};
use crate::ledger::Then;

/// A match that was asked for, and what shows it.
#[derive(Debug)]
pub(super) struct Kept {
    market: MarketId,
    block: Hash,
    /// The orders that it ended, in the order in which they were reported.
    ended: Vec<ObjectId>,
    /// What it depends on.
    keys: Vec<Key>,
}

pub(super) fn batch(api: &NodeApi, question: &MarketGetBatch) -> Result<AtTip<BatchView>, Error> {
    let mut known = api.shown_match.lock().unwrap_or_else(PoisonError::into_inner);
    let committed = api.read();
    let (tip, first) = (committed.header.height, committed.first_shown().max(Height(1)));
    let from = cursor(question.cursor.as_deref())?;
    let (market, _) = book::by_name(&committed, &question.market)?;
    let height = question.height.map_or(tip, Height);
    let unavailable = Error::HeightUnavailable { first: first.0, tip: tip.0 };
    let then = committed.at(height).filter(|_| height >= first).ok_or(unavailable)?;
    then.view().market(market).ok_or(Error::MarketUnknown)?;
    let block = header(api, height)?;
    let digest = block.digest();
    let same = known.take().filter(|shown| (shown.market, shown.block) == (market, digest));
    let shown = match same {
        Some(shown) => shown,
        None => find(api, &then, (market, &block))?,
    };
    let report = match question.cursor {
        Some(_) => None,
        None => Some(report(api, &block)?),
    };
    let items = items(api, &then, &shown, (from, question.limit.items()))?;
    let view = BatchView::fill(canonical(block), report, (from, question.limit), items);
    *known = Some(shown);
    Ok(api.at(&committed, view))
}

/// How many items the parts before had.
fn cursor(text: Option<&str>) -> Result<usize, Error> {
    text.map_or(Ok(0), |text| text.parse().map_err(|_| Error::CursorInvalid))
}

/// Finds out what shows the match of a market in a block, if that is not too much.
fn find(
    api: &NodeApi,
    then: &Then<'_>,
    (market, block): (MarketId, &Header),
) -> Result<Kept, Error> {
    let (left, receipts) = (then.view(), receipts(api, block.height)?);
    check("open orders", left.orders_in(market), BATCH_ORDERS_MAX)?;
    let events = encode(&(&receipts.timers, &receipts.matching)).len();
    check("bytes of the block's own events", size(events), size(BATCH_EVENTS_BYTES_MAX))?;
    let parent = header(api, Height(block.height.0 - 1))?;
    let ended = batch::ended(market, &receipts.matching);
    let ended: Vec<_> = ended.map(|id| Ok((id, last(api, id)?))).collect::<Result<_, Error>>()?;
    let reported = (receipts.matching.as_slice(), ended.as_slice());
    let keys = batch::keys(left, &BlockContext::of(block, &parent), market, reported);
    let keys: Vec<Key> = keys.map_err(|error| fault(&error))?.into_iter().collect();
    check("things it depends on", size(ended.len() + keys.len()), size(BATCH_ITEMS_MAX))?;
    let objects = keys.iter().filter_map(|key| Some(encode(left.get(key)?).len()));
    let bytes = objects.chain(ended.iter().map(|(_, order)| encode(order).len())).sum();
    check("bytes of what it depends on", size(bytes), size(BATCH_OBJECTS_BYTES_MAX))?;
    let ended = ended.into_iter().map(|(id, _)| id).collect();
    Ok(Kept { market, block: block.digest(), ended, keys })
}

fn check(what: &'static str, count: u64, max: u64) -> Result<(), Error> {
    if count > max { Err(Error::MatchTooLarge { what, count, max }) } else { Ok(()) }
}

fn size(count: usize) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}

/// The orders that ended, then what the block left, without the first `from` of both together. Of the orders
/// no more are read than a part of the answer has.
fn items(
    api: &NodeApi,
    then: &Then<'_>,
    shown: &Kept,
    (from, limit): (usize, usize),
) -> Result<impl Iterator<Item = BatchItemView>, Error> {
    let gone = shown.ended.iter().skip(from).take(limit).map(|id| {
        let object = canonical(Object::Order(Box::new(last(api, *id)?)));
        Ok(BatchItemView::Ended { order: (*id).into(), object })
    });
    let gone: Vec<_> = gone.collect::<Result<_, Error>>()?;
    let keys = shown.keys.iter().skip(from.saturating_sub(shown.ended.len()));
    let left = keys.map(|key| BatchItemView::Left {
        key: canonical(*key),
        object: then.view().get(key).cloned().map(canonical),
        proof: canonical(then.prove(key)),
    });
    Ok(gone.into_iter().chain(left))
}

/// The last form of an order that a match ended.
fn last(api: &NodeApi, id: ObjectId) -> Result<Order, Error> {
    let store = api.ledger.store();
    match store.ended(&Key::Order(id)).map_err(internal)?.map(|ended| ended.object) {
        Some(Object::Order(order)) => Ok(*order),
        Some(_) => Err(fault(&store.damaged("an order is kept as something else"))),
        None => Err(fault(&store.damaged("an order that ended is missing"))),
    }
}

fn receipts(api: &NodeApi, height: Height) -> Result<Receipts, Error> {
    let store = api.ledger.store();
    let receipts = store.receipts(height).map_err(internal)?;
    receipts.ok_or_else(|| fault(&store.damaged("receipts are missing")))
}

fn report(api: &NodeApi, block: &Header) -> Result<BatchReportView, Error> {
    let receipts = receipts(api, block.height)?;
    let digests = receipts.digests();
    let proof = ListProof::of(&digests, digests.len() - 1).expect("a block has events of its own");
    let Receipts { timers, matching, .. } = receipts;
    Ok(BatchReportView {
        parent: canonical(header(api, Height(block.height.0 - 1))?),
        events: canonical(BlockEvents { timers, matching }),
        events_proof: canonical(proof),
    })
}

#[cfg(test)]
mod tests;
