//! What those who follow something are told, over a chain of a few blocks.

use std::sync::{Arc, Mutex};

use chain::hash::Hash;
use rpc::api::Api;
use rpc::methods::{ChainSubscribe, MarketDepth, MarketSubscribeDepth, Topic, TxSubscribe};
use rpc::types::{EventView, FollowedView, TxView};

use super::super::tests::{Fixture, address, fixture};
use super::*;
use crate::testing::transfer;

#[test]
fn every_commit_is_heard_once_and_in_order() {
    let Fixture { chain, api, .. } = &fixture();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (hears, ledger) = (Arc::clone(&heard), Arc::clone(&chain.ledger));
    api.on_commit(Box::new(move |height| {
        // Who hears of a block can read it.
        assert_eq!(ledger.read().header.height.0, height);
        hears.lock().unwrap().push(height);
    }));
    (0..3).for_each(|_| drop(chain.grow()));
    assert_eq!(*heard.lock().unwrap(), [1, 2, 3]);
}

#[test]
fn block_is_told_without_what_it_holds() {
    let Fixture { chain, api, .. } = &fixture();
    chain.submit(transfer(1, 0));
    let block = chain.grow();
    let said = ChainSubscribe { from_height: None }.follow(api, 1).unwrap();
    let [FollowedView::Block(view)] = &said.items[..] else { panic!("{said:?}") };
    assert_eq!((view.hash.0, view.transactions_count), (block.header.digest(), 1));
    assert!(view.content.is_none());
    let above = ChainSubscribe { from_height: None }.follow(api, 2);
    assert_eq!(above.unwrap_err(), Error::HeightUnavailable { first: 0, tip: 1 });
}

#[test]
fn account_is_told_of_its_transactions_and_events() {
    let Fixture { chain, api, .. } = &fixture();
    let id = chain.submit(transfer(1, 0));
    chain.grow();
    let payer = api.account_at_height(&address(1), 1).unwrap();
    assert_eq!(payer.transactions, [id.into()]);
    assert!(matches!(payer.events[..], [EventView::Transferred { .. }]));
    let payee = api.account_at_height(&address(2), 1).unwrap();
    assert_eq!((payee.transactions.len(), payee.events.len()), (0, 1));
    let stranger = api.account_at_height(&address(3), 1).unwrap();
    assert_eq!(stranger, FollowedAccountView::default());
}

#[test]
fn trades_of_a_market_need_one() {
    let Fixture { api, .. } = &fixture();
    assert_eq!(api.market_trades_at("cpu", 0).unwrap(), []);
    assert_eq!(api.market_trades_at("tea", 0).unwrap_err(), Error::MarketUnknown);
}

#[test]
fn what_is_of_the_tip_says_of_which() {
    let Fixture { chain, api, .. } = &fixture();
    let id = chain.submit(transfer(1, 0));
    let topic = TxSubscribe { id: id.into() };
    let said = topic.follow(api, 0).unwrap();
    assert!(
        matches!(&said.items[..], [FollowedView::Transaction(view)] if matches!(**view, TxView::Pending { .. }))
    );
    chain.grow();
    let said = topic.follow(api, 0).unwrap();
    assert_eq!(said.height, 1);
    assert!(
        matches!(&said.items[..], [FollowedView::Transaction(view)] if matches!(**view, TxView::Included { height: 1, .. }))
    );
    let unknown = TxSubscribe { id: Hash([9; 32]).into() }.follow(api, 0).unwrap();
    assert_eq!(
        unknown.items,
        [FollowedView::Transaction(Box::new(TxView::Unknown { blocks_from: 0 }))]
    );
    let depth = MarketDepth { market: "cpu".to_owned(), window: None, by: Default::default() };
    let said = MarketSubscribeDepth(depth).follow(api, 0).unwrap();
    assert!(matches!(said.items[..], [FollowedView::Depth { .. }]));
}
