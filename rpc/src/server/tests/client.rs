//! What the client asks and gets.

use chain::account::AccountId;
use chain::address::Network;
use chain::conditions::Conditions;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::market::{Grade, MarketId};
use chain::operation::OrderPlace;
use chain::order::{AskTerms, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::state::Key;
use chain::time::{Time, Window};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::fake::{ALICE, MISSING, PANICS, WAITS, address, signed};
use super::{LONG, Node, SHORT, node};
use crate::canonical::Canonical;
use crate::client::{Client, ClientError, Refusal};
use crate::methods::{
    AccountGet, AccountGetProof, AccountListEarnings, AccountListHistory, BATCH_TRANSACTIONS_MAX,
    ChainGetBlock, ChainGetBlocks, ChainGetCertificate, ChainGetEpochs, ChainGetGenesis,
    ChainGetProof, ChainListEvents, ChainListTransactions, ChainStatus, ChannelGet, ChannelList,
    ChannelListHistory, ContractGet, ContractList, ContractListHistory, DepthBy, HistoryOrder,
    HoldGet, HoldList, MarketCandles, MarketDepth, MarketGet, MarketList, MarketOrders,
    MarketTrades, Method, NodeStatus, OrderExplain, OrderGet, OrderList, OrderListHistory,
    OrderQuote, SideName, TxGet, TxGetProof, TxSimulate, TxSubmit, TxSubmitBatch,
};
use crate::server::Limits;
use crate::text::{Address, Text, TransactionBytes};
use crate::types::{IntervalView, Limit, PartyView, WindowView};

impl Node {
    /// The answer over the wire is the node's own.
    async fn check<M>(&self, question: M)
    where
        M: Method + Clone,
        M::Answer: PartialEq + std::fmt::Debug,
    {
        let expected = question.clone().ask(&*self.api);
        assert_eq!(self.client().call(question).await.ok(), expected.ok(), "{}", M::NAME);
    }

    async fn refusal<M: Method>(&self, question: M) -> Refusal {
        match self.client().call(question).await {
            Err(ClientError::Refused(refusal)) => refusal,
            Err(other) => panic!("{}: {other}", M::NAME),
            Ok(_) => panic!("{} answered", M::NAME),
        }
    }
}

fn submit(nonce: u64) -> TxSubmit {
    TxSubmit { transaction: Text(TransactionBytes::new(encode(&signed(nonce))).unwrap()) }
}

fn trades() -> MarketTrades {
    MarketTrades {
        market: "cpu".to_owned(),
        from: Some(3),
        until: None,
        order: HistoryOrder::OldestFirst,
        cursor: None,
        limit: Limit::default(),
    }
}

fn candles(interval: IntervalView) -> MarketCandles {
    MarketCandles {
        market: "cpu".to_owned(),
        interval,
        from_time: Some(3),
        until_time: None,
        order: HistoryOrder::NewestFirst,
        cursor: Some("1".to_owned()),
        limit: Limit::default(),
    }
}

pub(super) fn place() -> OrderPlace {
    OrderPlace {
        market: MarketId(0),
        side: Side::Ask(AskTerms::OWN),
        quantity: Quantity(7),
        window: Window { start: Time(1), end: Time(2) },
        limit: Price(5),
        time_in_force: TimeInForce::ImmediateOrCancel,
        grade: Grade::BASE,
        parties: Parties::default(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
        stretch: None,
    }
}

fn history(account: AccountId) -> AccountListHistory {
    AccountListHistory {
        account: address(account),
        from: Some(3),
        until: None,
        from_time: Some(1),
        until_time: Some(2),
        order: HistoryOrder::OldestFirst,
        cursor: Some("7.8".to_owned()),
        limit: Limit::default(),
    }
}

#[tokio::test]
async fn every_method_about_the_chain_round_trips() {
    let node = node(Limits::default()).await;
    node.check(ChainStatus {}).await;
    node.check(NodeStatus {}).await;
    node.check(ChainGetBlock { height: 9 }).await;
    node.check(ChainGetBlocks { from: 2, count: Limit::new(3).unwrap() }).await;
    let (cursor, limit) = (Some("1".to_owned()), Limit::new(1).unwrap());
    node.check(ChainListTransactions { height: 4, cursor: cursor.clone(), limit }).await;
    node.check(ChainListEvents { height: 4, cursor, limit }).await;
    node.check(submit(1)).await;
    let transactions = [0, 1].map(|nonce| submit(nonce).transaction).to_vec();
    node.check(TxSubmitBatch { transactions }).await;
    for nonce in 0..2 {
        node.check(TxSimulate { transaction: submit(nonce).transaction }).await;
    }
    for status in 0..5 {
        node.check(TxGet { id: Text(Hash([status; 32])) }).await;
    }
}

#[tokio::test]
async fn every_method_with_a_proof_round_trips() {
    let node = node(Limits::default()).await;
    node.check(ChainGetGenesis {}).await;
    node.check(ChainGetEpochs { from: 3, count: Limit::new(2).unwrap() }).await;
    for height in 4..=5 {
        node.check(ChainGetCertificate { height }).await;
    }
    node.check(ChainGetProof { key: Text(Canonical(Key::Supply)) }).await;
    node.check(AccountGetProof { account: address(ALICE) }).await;
    node.check(AccountGetProof { account: address(MISSING) }).await;
    node.check(TxGetProof { id: Text(Hash([1; 32])) }).await;
    let refusal = node.refusal(ChainGetCertificate { height: 9 }).await;
    assert_eq!((refusal.code, refusal.name.as_str()), (1016, "CERTIFICATE_UNAVAILABLE"));
    assert_eq!(refusal.data["height"], 9);
}

#[tokio::test]
async fn epochs_that_do_not_fit_say_where_to_go_on() {
    let node = node(Limits::default()).await;
    let count = Limit::new(2).unwrap();
    let view = node.client().call(ChainGetEpochs { from: 3, count }).await.unwrap();
    let epochs: Vec<u64> = view.items.iter().map(|item| item.header.0.0.epoch).collect();
    assert_eq!((epochs, view.next_epoch), (vec![3, 4], Some(5)));
}

#[tokio::test]
async fn batch_of_too_many_transactions_is_refused() {
    let node = node(Limits::default()).await;
    let transactions = vec![Text(TransactionBytes::new(vec![0]).unwrap()); BATCH_TRANSACTIONS_MAX];
    node.check(TxSubmitBatch { transactions: transactions.clone() }).await;
    let too_many = [&transactions[..], &transactions[..1]].concat();
    let refusal = node.refusal(TxSubmitBatch { transactions: too_many }).await;
    assert_eq!(refusal.name, "PARAMS_INVALID");
}

#[tokio::test]
async fn every_method_about_objects_round_trips() {
    let node = node(Limits::default()).await;
    let (account, id) = (address(ALICE), |byte| Text(ObjectId([byte; 32])));
    let (cursor, limit, market) = (None, Limit::default(), "cpu".to_owned());
    node.check(AccountGet { account }).await;
    node.check(history(ALICE)).await;
    node.check(HoldGet { hold: id(3) }).await;
    node.check(HoldList { account, cursor: cursor.clone(), limit }).await;
    node.check(ChannelGet { channel: id(4) }).await;
    node.check(ChannelList { account, cursor: cursor.clone(), limit }).await;
    node.check(MarketList {}).await;
    node.check(MarketGet { market: market.clone() }).await;
    node.check(MarketDepth { market: market.clone(), window: None, by: DepthBy::Window }).await;
    let window = Some(WindowView { start: 1, end: 2 });
    node.check(MarketDepth { market: market.clone(), window, by: DepthBy::Window }).await;
    node.check(MarketOrders {
        market: market.clone(),
        side: Some(SideName::Bid),
        window,
        cursor: cursor.clone(),
        limit,
    })
    .await;
    node.check(OrderGet { order: id(5) }).await;
    node.check(OrderGet { order: id(6) }).await;
    node.check(OrderList {
        account,
        market: Some(market),
        side: None,
        cursor: cursor.clone(),
        limit,
    })
    .await;
    node.check(OrderExplain { order: id(5) }).await;
    node.check(OrderQuote { account, order: Text(Canonical(place())) }).await;
    node.check(OrderListHistory { order: id(5), cursor: cursor.clone(), limit }).await;
    let (account, order) = (address(ALICE), HistoryOrder::OldestFirst);
    let (from_time, until_time) = (Some(3), None);
    node.check(AccountListEarnings {
        account,
        from_time,
        until_time,
        order,
        cursor: cursor.clone(),
        limit,
    })
    .await;
    node.check(ContractListHistory { contract: id(5), cursor: cursor.clone(), limit }).await;
    node.check(ChannelListHistory { channel: id(5), cursor: cursor.clone(), limit }).await;
    for interval in [IntervalView::Minute, IntervalView::Day] {
        node.check(candles(interval)).await;
    }
    node.check(trades()).await;
    node.check(ContractGet { contract: id(7) }).await;
    node.check(ContractList {
        account,
        market: None,
        role: Some(PartyView::Seller),
        state: None,
        cursor,
        limit,
    })
    .await;
}

#[tokio::test]
async fn cursor_leads_through_a_list() {
    let node = node(Limits::default()).await;
    let (account, limit) = (address(ALICE), Limit::new(2).unwrap());
    let first = node.client().call(HoldList { account, cursor: None, limit }).await.unwrap();
    assert_eq!(first.items.len(), 2);
    let cursor = first.next_cursor;
    let second = node.client().call(HoldList { account, cursor, limit }).await.unwrap();
    assert_eq!((second.items.len(), second.next_cursor), (1, None));
}

#[tokio::test]
async fn refusals_carry_number_name_and_facts() {
    let node = node(Limits::default()).await;
    let refusal = node.refusal(submit(0)).await;
    assert_eq!((refusal.code, refusal.name.as_str()), (2006, "NONCE_TOO_LOW"));
    assert_eq!(refusal.message, "used already");
    let refusal = node.refusal(AccountGet { account: address(MISSING) }).await;
    assert_eq!((refusal.code, refusal.name.as_str()), (1012, "NOT_FOUND"));
    assert_eq!(refusal.data, json!({ "code": "NOT_FOUND", "what": "account" }));
    let refusal = node.refusal(history(MISSING)).await;
    assert_eq!((refusal.code, refusal.name.as_str()), (1017, "HISTORY_OFF"));
    let account = Text(Address { network: Network::Main, account: AccountId([7; 20]) });
    let refusal = node.refusal(AccountGet { account }).await;
    assert_eq!(refusal.name, "ADDRESS_INVALID");
    assert_eq!(refusal.data["prefix"], "tallydev");
    let refusal = node.refusal(ChainGetBlock { height: 10 }).await;
    assert_eq!((refusal.name.as_str(), &refusal.data["tip"]), ("HEIGHT_UNAVAILABLE", &json!(9)));
}

#[tokio::test]
async fn bytes_that_are_no_transaction_are_malformed() {
    let node = node(Limits::default()).await;
    let transaction = Text(TransactionBytes::new(vec![1, 2, 3]).unwrap());
    assert_eq!(node.refusal(TxSubmit { transaction }).await.name, "TRANSACTION_MALFORMED");
}

#[tokio::test]
async fn call_that_panics_is_an_internal_error_and_the_server_goes_on() {
    let node = node(Limits::default()).await;
    assert_eq!(node.refusal(AccountGet { account: address(PANICS) }).await.name, "INTERNAL");
    node.check(AccountGet { account: address(ALICE) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn call_that_takes_too_long_is_a_timeout() {
    let node = node(Limits { request_timeout: SHORT, ..Limits::default() }).await;
    assert_eq!(node.refusal(AccountGet { account: address(WAITS) }).await.name, "TIMEOUT");
    node.api.release();
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lets_an_open_call_end_and_takes_no_other() {
    let node = node(Limits { reads_at_once_max: 4, ..Limits::default() }).await;
    let (client, api) = (node.client(), node.api.clone());
    let open = tokio::spawn({
        let client = client.clone();
        async move { client.call(AccountGet { account: address(WAITS) }).await }
    });
    let released = tokio::task::spawn_blocking(move || {
        api.arrived();
        api
    });
    let api = released.await.unwrap();
    let stopped = tokio::spawn(node.running.stop());
    // The listener goes first: once nobody can connect, the stop has begun.
    while client.call(ChainStatus {}).await.is_ok() {}
    api.release();
    assert!(open.await.unwrap().is_ok());
    stopped.await.unwrap();
    let after = client.call(ChainStatus {}).await;
    assert!(matches!(after, Err(ClientError::Unreachable { .. })), "{after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn call_that_does_not_end_is_cut_off_when_the_server_stops() {
    let node = node(Limits { stop_timeout: SHORT, ..Limits::default() }).await;
    let (client, api) = (node.client(), node.api.clone());
    let open =
        tokio::spawn(async move { client.call(AccountGet { account: address(WAITS) }).await });
    let arrived = tokio::task::spawn_blocking(move || {
        api.arrived();
        api
    });
    let api = arrived.await.unwrap();
    node.running.stop().await;
    assert!(matches!(open.await.unwrap(), Err(ClientError::Unreachable { .. })));
    api.release();
}

#[tokio::test]
async fn server_that_never_answers_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Client::new(&url, SHORT).unwrap().call(ChainStatus {}).await;
    assert!(matches!(answer, Err(ClientError::Timeout { .. })), "{answer:?}");
}

#[tokio::test]
async fn server_of_another_kind_is_incompatible() {
    for answer in ["HTTP/1.1 404 Not Found", "HTTP/1.1 200 OK"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stranger = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let whole = format!("{answer}\r\nContent-Length: 5\r\n\r\nhello");
            stream.write_all(whole.as_bytes()).await.unwrap();
            stream
        });
        let answer = Client::new(&url, LONG).unwrap().call(ChainStatus {}).await;
        assert!(matches!(answer, Err(ClientError::Incompatible { .. })), "{answer:?}");
        drop(stranger.await.unwrap());
    }
}
