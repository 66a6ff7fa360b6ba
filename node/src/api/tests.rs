//! Answers to clients, over a ledger of a few blocks.

use chain::address::Network;
use chain::amount::Amount;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::operation::Operation;
use chain::order::{AskTerms, Side};
use chain::quantity::Price;
use chain::time::Time;
use chain::transaction::SignedTransaction;
use rpc::methods::{DepthBy, SideName};
use rpc::text::{Address, Text, TransactionBytes};
use rpc::types::{
    Limit, ObjectStatus, OutcomeView, ReceiptView, SubmissionView, TxView, WindowView,
};

use super::*;
use crate::testing::{Chain, account, disk, genesis, key, operation, transaction, transfer};

mod accounts;
mod forged;

pub(super) struct Fixture {
    _folder: tempfile::TempDir,
    pub(super) chain: Chain,
    pub(super) api: NodeApi,
}

pub(super) fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::open(folder.path()).unwrap();
    let key = AuthorityKey([4; 32]);
    let api = NodeApi::new(&genesis(), key, Arc::clone(&chain.gossip), disk());
    Fixture { _folder: folder, chain, api }
}

pub(super) fn submit(api: &NodeApi, signed: &SignedTransaction) -> Result<Hash, Error> {
    let transaction = Text(TransactionBytes::new(encode(signed)).unwrap());
    api.tx_submit(&TxSubmit { transaction }).map(|submitted| submitted.id.0)
}

fn find(api: &NodeApi, id: Hash) -> TxView {
    api.tx_get(&TxGet { id: id.into() }).unwrap().value
}

pub(super) fn address(byte: u8) -> Text<Address> {
    Text(Address { network: Network::Dev, account: account(byte) })
}

fn next_nonce(api: &NodeApi, byte: u8) -> (u64, u64) {
    let view = api.account_get(&AccountGet { account: address(byte) }).unwrap().value;
    (view.nonce, view.next_nonce)
}

fn name(error: &Error) -> String {
    error.name().to_owned()
}

#[test]
fn transaction_is_unknown_then_pending_then_included() {
    let Fixture { chain, api, .. } = &fixture();
    let signed = transfer(1, 0);
    assert_eq!(find(api, signed.transaction.id()), TxView::Unknown { blocks_from: 0 });
    let id = submit(api, &signed).unwrap();
    assert!(matches!(find(api, id), TxView::Pending { .. }));
    assert_eq!(next_nonce(api, 1), (0, 1));
    chain.grow();
    let TxView::Included { height: 1, included, .. } = find(api, id) else { panic!("included") };
    assert!(matches!(included.receipt.outcome, OutcomeView::Applied { .. }));
    assert_eq!(next_nonce(api, 1), (1, 1));
}

#[test]
fn same_bytes_twice_are_one_transaction() {
    let Fixture { chain, api, .. } = &fixture();
    let id = submit(api, &transfer(1, 0)).unwrap();
    assert_eq!(submit(api, &transfer(1, 0)), Ok(id));
    assert_eq!(lock(&chain.mempool).len(), 1);
    assert_eq!(chain.grow().transactions.len(), 1);
    assert_eq!(submit(api, &transfer(1, 0)), Ok(id));
    assert!(lock(&chain.mempool).is_empty());
    assert!(chain.grow().transactions.is_empty());
}

#[test]
fn what_the_rules_refuse_is_refused_by_name() {
    let Fixture { chain, api, .. } = &fixture();
    chain.submit(transfer(1, 0));
    chain.grow();
    let mut foreign = transaction(1, 1);
    foreign.chain = Hash::ZERO;
    let mut dear = transaction(1, 1);
    dear.fee_max = Amount::ZERO;
    let mut late = transaction(1, 1);
    late.valid_until = Height(1);
    let mut stranger = transaction(1, 0);
    stranger.sender = account(77);
    for (transaction, signer, expected) in [
        (foreign, 1, "CHAIN_MISMATCH"),
        (late, 1, "EXPIRED"),
        (stranger, 77, "SENDER_UNKNOWN"),
        (transaction(1, 1), 2, "SIGNER_NOT_SENDER"),
        (transaction(1, 0), 1, "NONCE_TOO_LOW"),
        (transaction(1, 1 + 64), 1, "SENDER_FULL"),
        (dear, 1, "FEE_ABOVE_MAX"),
    ] {
        let mut signed = transaction.sign(&key(signer));
        if expected == "NONCE_TOO_LOW" {
            // Not the transaction that is in the chain, which would be known.
            signed.transaction.fee_max = Amount::from_u64(999_999);
            signed = signed.transaction.sign(&key(1));
        }
        assert_eq!(submit(api, &signed).map_err(|error| name(&error)), Err(expected.to_owned()));
    }
    assert!(lock(&chain.mempool).is_empty());
}

#[test]
fn bad_bytes_and_bad_signatures_are_refused_by_name() {
    let Fixture { api, .. } = &fixture();
    let mut forged = transfer(1, 0);
    forged.witnesses[0].signature.0[5] ^= 1;
    assert_eq!(submit(api, &forged), Err(Error::SignatureInvalid));
    let transaction = Text(TransactionBytes::new(vec![1, 2, 3]).unwrap());
    assert_eq!(api.tx_submit(&TxSubmit { transaction }), Err(Error::TransactionMalformed));
}

#[test]
fn nonces_may_wait_for_the_gap_to_close() {
    let Fixture { chain, api, .. } = &fixture();
    submit(api, &transfer(1, 1)).unwrap();
    assert_eq!(next_nonce(api, 1), (0, 0));
    assert!(chain.grow().transactions.is_empty());
    submit(api, &transfer(1, 0)).unwrap();
    assert_eq!(next_nonce(api, 1), (0, 2));
    assert_eq!(chain.grow().transactions.len(), 2);
}

#[test]
fn transaction_that_can_pay_no_more_ends_as_rejected() {
    let Fixture { chain, api, .. } = &fixture();
    let available = chain.ledger.read().view().account(&account(1)).unwrap().available();
    let rest = Amount::from_u64(2_000);
    let (to, amount) = (account(2), available.checked_sub(rest).unwrap());
    let memo = chain::memo::Memo::default();
    let all = operation(1, 0, Operation::Transfer { to, amount, memo });
    submit(api, &all.sign(&key(1))).unwrap();
    let id = submit(api, &transfer(1, 1)).unwrap();
    chain.grow();
    assert!(matches!(find(api, id), TxView::Rejected(view) if view.name == "FEE_NOT_COVERED"));
}

fn simulate(api: &NodeApi, signed: &SignedTransaction) -> SimulationView {
    let transaction = Text(TransactionBytes::new(encode(signed)).unwrap());
    api.tx_simulate(&TxSimulate { transaction }).unwrap().value
}

fn outcome(simulated: &SimulationView) -> String {
    match simulated {
        SimulationView::Included(ReceiptView { outcome: OutcomeView::Applied { .. }, .. }) => {
            "applied".to_owned()
        }
        SimulationView::Included(ReceiptView {
            outcome: OutcomeView::Failed { rejection, .. },
            ..
        }) => format!("failed {}", rejection.name),
        SimulationView::Rejected(rejection) => rejection.name.clone(),
    }
}

#[test]
fn simulating_says_what_would_happen_and_keeps_nothing() {
    let Fixture { chain, api, .. } = &fixture();
    let before = chain.ledger.read().header.clone();
    let mut unsigned = transfer(1, 0);
    unsigned.witnesses[0].signature.0 = [0; 64];
    let SimulationView::Included(simulated) = simulate(api, &unsigned) else { panic!("included") };
    let memo = chain::memo::Memo::default();
    let all = Operation::Transfer { to: account(2), amount: Amount::MAX, memo };
    let dear = operation(1, 0, all).sign(&key(1));
    assert_eq!(outcome(&simulate(api, &dear)), "failed BALANCE_TOO_LOW");
    let foreign = transaction(1, 0).sign(&key(2));
    assert_eq!(outcome(&simulate(api, &foreign)), "SIGNER_NOT_SENDER");
    assert_eq!(chain.ledger.read().header, before);
    assert!(lock(&chain.mempool).is_empty());

    let id = submit(api, &transfer(1, 0)).unwrap();
    chain.grow();
    let TxView::Included { included, .. } = find(api, id) else { panic!("included") };
    assert_eq!(included.receipt, simulated);
}

#[test]
fn simulating_takes_nonces_up_to_the_first_that_nothing_waits_with() {
    let Fixture { chain, api, .. } = &fixture();
    chain.submit(transfer(1, 0));
    chain.grow();
    submit(api, &transfer(1, 1)).unwrap();
    for (nonce, expected) in
        [(0, "NONCE_TOO_LOW"), (1, "applied"), (2, "applied"), (3, "NONCE_TOO_HIGH")]
    {
        assert_eq!(outcome(&simulate(api, &transfer(1, nonce))), expected, "{nonce}");
    }
}

#[test]
fn transaction_past_its_last_height_ends_as_expired() {
    let Fixture { chain, api, .. } = &fixture();
    let mut gap = transaction(1, 3);
    gap.valid_until = Height(2);
    let id = submit(api, &gap.sign(&key(1))).unwrap();
    chain.grow();
    assert!(matches!(find(api, id), TxView::Pending { .. }));
    chain.grow();
    assert_eq!(find(api, id), TxView::Expired);
}

#[test]
fn addresses_of_another_network_are_refused() {
    let Fixture { api, .. } = &fixture();
    let foreign = Text(Address { network: Network::Main, account: account(1) });
    let refused = api.account_get(&AccountGet { account: foreign });
    assert_eq!(refused.map(|_| ()), Err(Error::AddressInvalid { prefix: "tallydev" }));
    let unknown = api.account_get(&AccountGet { account: address(77) });
    assert_eq!(unknown.map(|_| ()), Err(Error::NotFound { what: "account" }));
}

#[test]
fn blocks_above_the_tip_are_unavailable() {
    let Fixture { chain, api, .. } = &fixture();
    (0..3).for_each(|_| drop(chain.grow()));
    let block = api.chain_get_block(&ChainGetBlock { height: 3 }).unwrap();
    assert_eq!(block.tip.block_hash, block.value.hash);
    let refused = api.chain_get_block(&ChainGetBlock { height: 4 });
    assert_eq!(refused.map(|_| ()), Err(Error::HeightUnavailable { first: 0, tip: 3 }));
    let count = Limit::new(2).unwrap();
    let blocks = api.chain_get_blocks(&ChainGetBlocks { from: 1, count }).unwrap();
    assert_eq!((blocks.items.len(), blocks.next_height), (2, Some(3)));
    let blocks = api.chain_get_blocks(&ChainGetBlocks { from: 3, count }).unwrap();
    assert_eq!((blocks.items.len(), blocks.next_height), (1, None));
}

#[test]
fn transactions_of_a_block_come_in_parts() {
    let Fixture { chain, api, .. } = &fixture();
    for nonce in 0..5 {
        submit(api, &transfer(1, nonce)).unwrap();
    }
    chain.grow();
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let limit = Limit::new(2).unwrap();
        let question = ChainListTransactions { height: 1, cursor, limit };
        let page = api.chain_list_transactions(&question).unwrap();
        seen.extend(page.items.iter().map(|item| item.transaction.nonce));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [0, 1, 2, 3, 4]);
    let limit = Limit::default();
    let question = ChainListTransactions { height: 1, cursor: Some("x".to_owned()), limit };
    let refused = api.chain_list_transactions(&question);
    assert_eq!(refused.map(|_| ()), Err(Error::CursorInvalid));
}

/// An ask of `quantity` at `limit` for two hours from hour `start` of the tip on.
pub(super) fn ask(chain: &Chain, nonce: u64, quantity: u64, limit: u64) -> SignedTransaction {
    let place = chain.order(Side::Ask(AskTerms::OWN), quantity, limit);
    operation(1, nonce, Operation::OrderPlace(place)).sign(&key(1))
}

#[test]
fn book_is_summed_up_by_window_and_price() {
    let Fixture { chain, api, .. } = &fixture();
    for (nonce, (quantity, limit)) in (0..).zip([(5, 40), (7, 30), (2, 40)]) {
        submit(api, &ask(chain, nonce, quantity, limit)).unwrap();
    }
    chain.grow();
    let market = "cpu".to_owned();
    let depth = api
        .market_depth(&MarketDepth { market: market.clone(), window: None, by: DepthBy::Window })
        .unwrap();
    let asks = depth.asks.iter().map(|level| (level.price.0, level.quantity, level.orders));
    assert_eq!(asks.collect::<Vec<_>>(), [(Price(30), 7, 1), (Price(40), 7, 2)]);
    assert!(depth.bids.is_empty() && !depth.truncated);
    let window = Some(WindowView { start: 0, end: 1 });
    let elsewhere = api
        .market_depth(&MarketDepth { market: market.clone(), window, by: DepthBy::Window })
        .unwrap();
    assert!(elsewhere.asks.is_empty());
    let WindowView { start, end } = depth.asks[0].window;
    let hour = WindowView { start, end: start + (end - start) / 2 };
    let window = Some(WindowView { start: 0, ..hour });
    let cut = api.market_depth(&MarketDepth { market, window, by: DepthBy::Window }).unwrap();
    assert_eq!((cut.asks[0].window, cut.asks[0].quantity), (hour, 7));
    let question = |by, window| MarketDepth { market: "cpu".to_owned(), window, by };
    let ladder = api.market_depth(&question(DepthBy::Price, Some(hour))).unwrap();
    let asks = ladder.asks.iter().map(|level| (level.window, level.price.0, level.quantity));
    assert_eq!(asks.collect::<Vec<_>>(), [(hour, Price(30), 7), (hour, Price(40), 7)]);
    let wider = WindowView { start: start - 1, end };
    let wider = api.market_depth(&question(DepthBy::Price, Some(wider))).unwrap();
    assert!(wider.asks.is_empty());
    assert!(api.market_depth(&question(DepthBy::Price, None)).is_err());
    let unknown = MarketDepth { market: "tea".to_owned(), window: None, by: DepthBy::Window };
    assert_eq!(api.market_depth(&unknown).map(|_| ()), Err(Error::MarketUnknown));
}

#[test]
fn orders_are_listed_in_parts_and_shown_after_their_end() {
    let Fixture { chain, api, .. } = &fixture();
    for nonce in 0..3 {
        submit(api, &ask(chain, nonce, 5, 40)).unwrap();
    }
    chain.grow();
    let list = |cursor| OrderList {
        account: address(1),
        market: None,
        side: None,
        cursor,
        limit: Limit::new(2).unwrap(),
    };
    let first = api.order_list(&list(None)).unwrap();
    let second = api.order_list(&list(first.next_cursor.clone())).unwrap();
    assert_eq!((first.items.len(), second.items.len()), (2, 1));
    assert_eq!(second.next_cursor, None);
    let of = |market: &str, side| OrderList {
        market: Some(market.to_owned()),
        side: Some(side),
        ..list(None)
    };
    let found = [("cpu", SideName::Ask), ("cpu", SideName::Bid), ("gpu", SideName::Ask)];
    let found = found.map(|(market, side)| api.order_list(&of(market, side)).unwrap().items.len());
    assert_eq!(found, [2, 0, 0]);
    let unknown = api.order_list(&of("tea", SideName::Bid));
    assert_eq!(unknown.map(|_| ()), Err(Error::MarketUnknown));
    let bad = api.order_list(&list(Some("7".to_owned())));
    assert_eq!(bad.map(|_| ()), Err(Error::CursorInvalid));

    let order = first.items[0].order;
    let cancel = operation(1, 3, Operation::OrderCancel { order: order.0 });
    submit(api, &cancel.sign(&key(1))).unwrap();
    chain.grow();
    let ended = api.order_get(&OrderGet { order }).unwrap().value;
    assert_eq!(ended.order.status, ObjectStatus::Ended);
    assert_eq!(ended.order.reason, Some(rpc::types::OrderClosedView::Cancelled));
    let unknown = OrderGet { order: chain::id::ObjectId([9; 32]).into() };
    assert_eq!(api.order_get(&unknown).map(|_| ()), Err(Error::NotFound { what: "order" }));
}

#[test]
fn status_names_chain_and_money() {
    let Fixture { chain, api, .. } = &fixture();
    let status = api.chain_status().unwrap();
    assert_eq!(status.value.chain.0, genesis().hash());
    assert_eq!(status.value.supply.0, Amount::from_u64(3 * 1_001_000 * 1_000_000));
    assert_eq!(status.tip.height, 0);
    chain.submit(transfer(1, 0));
    let node = api.node_status().unwrap();
    assert_eq!(node.value.mempool.transactions, 1);
    assert_eq!(api.market_list().unwrap().items.len(), 4);
    let nonce = chain.ledger.read().view().account(&account(1)).unwrap().nonce;
    assert_eq!(nonce, Nonce(0));
}

#[test]
fn batch_gives_each_transaction_its_own_result() {
    let Fixture { chain, api, .. } = &fixture();
    let settled = transfer(3, 0);
    submit(api, &settled).unwrap();
    chain.grow();
    let mut forged = transfer(3, 1);
    forged.witnesses[0].signature.0[0] ^= 1;
    let mut dear = transaction(3, 1);
    dear.fee_max = Amount::ZERO;
    let dear = dear.sign(&key(3));
    let accepted: Vec<_> = (0..40).map(|nonce| transfer(1, nonce)).collect();
    let mut offers: Vec<Vec<u8>> = accepted.iter().map(encode).collect();
    offers.extend([encode(&settled), encode(&accepted[7]), encode(&forged), encode(&dear)]);
    offers.push(vec![1, 2, 3]);
    let bytes = |bytes| Text(TransactionBytes::new(bytes).unwrap());
    let question = TxSubmitBatch { transactions: offers.into_iter().map(bytes).collect() };
    let results = api.tx_submit_batch(&question).unwrap().results;

    let known = [&settled, &accepted[7]];
    let mut expected: Vec<Result<Hash, String>> =
        accepted.iter().chain(known).map(|signed| Ok(signed.transaction.id())).collect();
    expected.extend(
        ["SIGNATURE_INVALID", "FEE_ABOVE_MAX", "TRANSACTION_MALFORMED"]
            .map(|name| Err(name.to_owned())),
    );
    let found: Vec<_> = results
        .into_iter()
        .map(|result| match result {
            SubmissionView::Accepted(submitted) => Ok(submitted.id.0),
            SubmissionView::Refused { name, .. } => Err(name),
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(lock(&chain.mempool).len(), accepted.len());
    assert_eq!(chain.grow().transactions, accepted);
}
