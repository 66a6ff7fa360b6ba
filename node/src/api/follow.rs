//! What a block says to those who follow something.

use chain::block::Block;
use chain::height::Height;
use chain::receipt::Receipts;
use rpc::error::Error;
use rpc::text::{Address, Text};
use rpc::types::{BlockView, FollowedAccountView, TradeView};

use super::history::Parties;
use super::{NodeApi, blocks, book, past};
use crate::market_index;

pub(super) fn block(api: &NodeApi, height: u64) -> Result<BlockView, Error> {
    let (block, receipts) = committed(api, height)?;
    Ok(BlockView { content: None, ..api.translate.block(&block, &receipts) })
}

pub(super) fn account(
    api: &NodeApi,
    account: &Text<Address>,
    height: u64,
) -> Result<FollowedAccountView, Error> {
    let account = api.translate.account(account)?;
    let (block, receipts) = committed(api, height)?;
    let treasury = api.read().view().params().treasury;
    let mut view = FollowedAccountView::default();
    for step in receipts.steps() {
        let mut parties = Parties::new(account, treasury, step.iter());
        let own = step.iter().filter(|event| parties.include(event));
        view.events.extend(own.map(|event| api.translate.event(event)));
    }
    let receipts = block.transactions.iter().zip(&receipts.transactions);
    let own = receipts.filter(|(signed, _)| signed.transaction.sender == account);
    view.transactions = own.map(|(_, receipt)| receipt.transaction.into()).collect();
    Ok(view)
}

pub(super) fn trades(api: &NodeApi, market: &str, height: u64) -> Result<Vec<TradeView>, Error> {
    let (wanted, _) = book::by_name(&api.read(), market)?;
    let (block, receipts) = committed(api, height)?;
    let events = receipts.steps().flatten();
    let trades = events.filter_map(|event| market_index::trade(block.header.time, event));
    let trades = trades.filter(|(market, _)| *market == wanted);
    Ok(trades.map(|(_, row)| past::trade(api, block.header.height, &row)).collect())
}

/// The block at a height that is not above the tip.
fn committed(api: &NodeApi, height: u64) -> Result<(Block, Receipts), Error> {
    let tip = api.read().header.height;
    if height > tip.0 {
        return Err(blocks::unavailable(api, tip));
    }
    blocks::stored_block(api, Height(height))
}

#[cfg(test)]
mod tests;
