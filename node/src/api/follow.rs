//! What a block says to those who follow something.

use chain::block::Block;
use chain::event::Event;
use chain::height::Height;
use chain::receipt::{Outcome, Receipts};
use rpc::error::Error;
use rpc::text::{Address, Text};
use rpc::types::{BlockView, FollowedAccountView, TradeView};

use super::history::Parties;
use super::{NodeApi, blocks, book};

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
    for step in steps(&receipts) {
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
    let trades = steps(&receipts).flatten().filter_map(|event| match event {
        Event::Matched {
            contract,
            market,
            bid,
            ask,
            buyer,
            seller,
            window,
            quantity,
            price,
            total,
            ..
        } if *market == wanted => Some(TradeView {
            height,
            time: block.header.time.0,
            contract: (*contract).into(),
            bid: (*bid).into(),
            ask: (*ask).into(),
            buyer: api.translate.address(*buyer),
            seller: api.translate.address(*seller),
            window: (*window).into(),
            quantity: quantity.0,
            price: (*price).into(),
            total: (*total).into(),
        }),
        _ => None,
    });
    Ok(trades.collect())
}

/// The block at a height that is not above the tip.
fn committed(api: &NodeApi, height: u64) -> Result<(Block, Receipts), Error> {
    let tip = api.read().header.height.0;
    if height > tip {
        return Err(Error::HeightUnavailable { tip });
    }
    blocks::stored_block(api, Height(height))
}

/// What each step of a block reports: timers, each transaction, and the end.
fn steps(receipts: &Receipts) -> impl Iterator<Item = &[Event]> {
    let transactions = receipts.transactions.iter().map(|receipt| match &receipt.outcome {
        Outcome::Applied { events } => events.as_slice(),
        Outcome::Failed { .. } => &[],
    });
    [receipts.timers.as_slice()]
        .into_iter()
        .chain(transactions)
        .chain([receipts.matching.as_slice()])
}

#[cfg(test)]
mod tests;
