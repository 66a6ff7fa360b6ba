//! Blocks and what is in them.

use chain::block::Block;
use chain::height::Height;
use chain::receipt::Receipts;
use rpc::error::Error;
use rpc::methods::{ChainGetBlock, ChainGetBlocks, ChainListEvents, ChainListTransactions};
use rpc::types::{AtTip, BlockEventView, BlockView, BlocksView, IncludedView, Page};

use super::{NodeApi, fault, internal};
use crate::ledger::Committed;

pub(super) fn block(api: &NodeApi, question: &ChainGetBlock) -> Result<AtTip<BlockView>, Error> {
    let committed = api.read();
    let (block, receipts) = committed_block(api, &committed, question.height)?;
    Ok(api.at(&committed, api.translate.block(&block, &receipts)))
}

pub(super) fn blocks(api: &NodeApi, question: &ChainGetBlocks) -> Result<BlocksView, Error> {
    let tip = api.read().header.clone();
    if question.from > tip.height.0 {
        return Err(unavailable(api, tip.height));
    }
    let mut failure = None;
    let heights = (question.from..=tip.height.0).take(question.count.items());
    let views = heights.map_while(|height| match stored_block(api, Height(height)) {
        Ok((block, receipts)) => Some(api.translate.block(&block, &receipts)),
        Err(error) => {
            failure = Some(error);
            None
        }
    });
    let view = BlocksView::fill(api.translate.tip(&tip), views);
    failure.map_or(Ok(view), Err)
}

pub(super) fn transactions(
    api: &NodeApi,
    question: &ChainListTransactions,
) -> Result<Page<IncludedView>, Error> {
    let committed = api.read();
    let (block, receipts) = committed_block(api, &committed, question.height)?;
    let first = position(question.cursor.as_deref())?;
    let items = (0_u32..).zip(block.transactions.iter().zip(&receipts.transactions)).skip(first);
    let items = items.map(|(index, (transaction, receipt))| {
        let next = index.saturating_add(1).to_string();
        (next, api.translate.included(index, transaction, receipt))
    });
    Ok(Page::fill(api.translate.tip(&committed.header), question.limit, items))
}

pub(super) fn events(
    api: &NodeApi,
    question: &ChainListEvents,
) -> Result<Page<BlockEventView>, Error> {
    let committed = api.read();
    let (_, receipts) = committed_block(api, &committed, question.height)?;
    let first = position(question.cursor.as_deref())?;
    let items = (1_u32..).zip(api.translate.block_events(&receipts)).skip(first);
    let items = items.map(|(next, event)| (next.to_string(), event));
    Ok(Page::fill(api.translate.tip(&committed.header), question.limit, items))
}

/// Where a list of positions goes on.
fn position(cursor: Option<&str>) -> Result<usize, Error> {
    cursor.map_or(Ok(0), |cursor| cursor.parse().map_err(|_| Error::CursorInvalid))
}

/// The block at `height`, unless the tip is below.
fn committed_block(
    api: &NodeApi,
    committed: &Committed,
    height: u64,
) -> Result<(Block, Receipts), Error> {
    let tip = committed.header.height;
    if Height(height) > tip {
        return Err(unavailable(api, tip));
    }
    stored_block(api, Height(height))
}

pub(super) fn stored_block(api: &NodeApi, height: Height) -> Result<(Block, Receipts), Error> {
    let store = api.ledger.store();
    let block = store.block(height).map_err(internal)?;
    let receipts = store.receipts(height).map_err(internal)?;
    block.zip(receipts).ok_or_else(|| missing(api, height))
}

/// What is said of a height that lies above the tip, or whose block is not kept.
pub(super) fn unavailable(api: &NodeApi, tip: Height) -> Error {
    Error::HeightUnavailable { first: api.ledger.store().first().0, tip: tip.0 }
}

/// What is said where nothing is found of the committed block at `height`: it is not kept, or the ledger is damaged.
pub(super) fn missing(api: &NodeApi, height: Height) -> Error {
    let store = api.ledger.store();
    if height >= store.first() {
        return fault(&store.damaged("a committed block is missing"));
    }
    store.tip().map_or_else(internal, |tip| unavailable(api, tip.height))
}
