//! What a client is told of the past, over a chain of a few blocks.

use std::sync::Arc;

use chain::operation::Operation;
use chain::order::{BidTerms, FillRule, Side};
use chain::quantity::Quantity;
use rpc::api::Api;
use rpc::types::EventView;

use super::super::tests::fixture;
use super::*;
use crate::testing::{Chain, disk, genesis, key, operation};

const HOUR: u64 = 3_600_000;

struct Traded {
    _folder: tempfile::TempDir,
    chain: Chain,
    api: NodeApi,
    /// The ask that sold in parts.
    ask: ObjectId,
}

/// An ask of account 1 of which account 2 buys one unit in each of three blocks, a second apart.
fn traded() -> Traded {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::indexed(folder.path()).unwrap();
    let key = chain::authority::AuthorityKey([4; 32]);
    let api = NodeApi::new(&genesis(), key, Arc::clone(&chain.gossip), disk());
    let ask = place(&chain, 1, 0, (Side::Ask(chain::order::AskTerms::OWN), 9, 40));
    let any = BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None };
    for nonce in 0..3 {
        place(&chain, 2, nonce, (Side::Bid(any), 1, 60));
    }
    Traded { _folder: folder, chain, api, ask }
}

fn place(chain: &Chain, from: u8, nonce: u64, (side, units, limit): (Side, u64, u64)) -> ObjectId {
    let place = chain.order(side, units, limit);
    let transaction = operation(from, nonce, Operation::OrderPlace(place));
    let (sender, nonce) = (transaction.sender, transaction.nonce);
    chain.submit(transaction.sign(&key(from)));
    chain.grow();
    ObjectId::of_operation(genesis().hash(), sender, nonce, 0)
}

fn question(order: HistoryOrder, cursor: Option<String>) -> MarketTrades {
    let (market, limit) = ("cpu".to_owned(), Limit::new(2).unwrap());
    MarketTrades { market, from: None, until: None, order, cursor, limit }
}

#[test]
fn trades_come_in_parts_either_way() {
    let Traded { api, .. } = &traded();
    for (order, expected) in
        [(HistoryOrder::OldestFirst, [2, 3, 4]), (HistoryOrder::NewestFirst, [4, 3, 2])]
    {
        let first = api.market_trades(&question(order, None)).unwrap();
        assert_eq!(first.items.len(), 2);
        let second = api.market_trades(&question(order, first.next_cursor)).unwrap();
        assert_eq!(second.next_cursor, None);
        let heights = first.items.iter().chain(&second.items).map(|trade| trade.height);
        assert_eq!(heights.collect::<Vec<_>>(), expected);
    }
    let bad = api.market_trades(&question(HistoryOrder::NewestFirst, Some("x".to_owned())));
    assert_eq!(bad.unwrap_err(), Error::CursorInvalid);
}

#[test]
fn trades_keep_to_the_heights_asked_for() {
    let Traded { api, .. } = &traded();
    let heights = |from, until| {
        let question = MarketTrades {
            from: Some(from),
            until: Some(until),
            ..question(HistoryOrder::OldestFirst, None)
        };
        let page = api.market_trades(&question).unwrap();
        page.items.iter().map(|trade| trade.height).collect::<Vec<_>>()
    };
    assert_eq!(heights(3, 5), [3, 4]);
    assert_eq!(heights(3, 4), [3]);
    assert_eq!(heights(4, 4), [0; 0]);
    assert_eq!(heights(9, 3), [0; 0]);
    let unknown =
        MarketTrades { market: "tea".to_owned(), ..question(HistoryOrder::NewestFirst, None) };
    assert_eq!(api.market_trades(&unknown).unwrap_err(), Error::MarketUnknown);
}

#[test]
fn candles_add_up_the_trades_of_their_span() {
    let Traded { api, chain, .. } = &traded();
    let question = |interval, until_time| MarketCandles {
        market: "cpu".to_owned(),
        interval,
        from_time: None,
        until_time,
        order: HistoryOrder::OldestFirst,
        cursor: None,
        limit: Limit::default(),
    };
    let days = api.market_candles(&question(IntervalView::Day, None)).unwrap().items;
    let volume: u64 = days.iter().map(|candle| candle.volume).sum();
    let trades: u64 = days.iter().map(|candle| candle.trades).sum();
    assert_eq!((volume, trades), (6, 3));
    let now = chain.tip().time.0;
    let last = days.last().unwrap();
    assert!(last.start <= now && now < last.end && last.end - last.start == 24 * HOUR);
    let before = api.market_candles(&question(IntervalView::Day, Some(days[0].start))).unwrap();
    assert_eq!(before.items, []);
}

#[test]
fn life_of_an_order_comes_in_its_order() {
    let Traded { api, ask, .. } = &traded();
    let (order, limit) = ((*ask).into(), Limit::new(3).unwrap());
    let first = OrderListHistory { order, cursor: None, limit };
    let first = api.order_list_history(&first).unwrap();
    let second = OrderListHistory { order, cursor: first.next_cursor, limit };
    let second = api.order_list_history(&second).unwrap();
    let all: Vec<_> = first.items.iter().chain(&second.items).collect();
    assert!(matches!(all[0].event, EventView::OrderPlaced { .. }));
    assert!(matches!(all[0].origin, OriginView::Transaction { .. }));
    let EventView::Matched { contract, .. } = all[1].event else { panic!("{:?}", all[1]) };
    assert_eq!((all.len(), second.items.len(), second.next_cursor), (4, 1, None));

    let question = ContractListHistory { contract, cursor: None, limit };
    let deal = api.contract_list_history(&question).unwrap();
    assert_eq!(deal.items[0].event, all[1].event);
    let unknown = OrderListHistory { order: ObjectId([9; 32]).into(), cursor: None, limit };
    let refused = api.order_list_history(&unknown).unwrap_err();
    assert_eq!(refused, Error::NotFound { what: "order" });
}

#[test]
fn node_without_an_index_says_so() {
    let super::super::tests::Fixture { api, .. } = &fixture();
    let refused = api.market_trades(&question(HistoryOrder::NewestFirst, None));
    assert_eq!(refused.unwrap_err(), Error::IndexOff);
}
