//! Cursors that no answer gave out: refused, or the end of the list.

use rpc::methods::{
    ChainListEvents, ChainListTransactions, ChannelList, ContractList, HoldList, MarketOrders,
};

use super::*;

/// Every list, asked with this cursor: what is refused, and how many items the others have.
fn ask_all(api: &NodeApi, cursor: &str) -> Vec<Result<usize, Error>> {
    let (account, limit, market) = (address(1), Limit::default(), "cpu".to_owned());
    let cursor = || Some(cursor.to_owned());
    let orders = OrderList { account, market: None, side: None, cursor: cursor(), limit };
    let holds = HoldList { account, cursor: cursor(), limit };
    let contracts =
        ContractList { account, market: None, role: None, state: None, cursor: cursor(), limit };
    let channels = ChannelList { account, cursor: cursor(), limit };
    let book = MarketOrders { market, side: None, window: None, cursor: cursor(), limit };
    let transactions = ChainListTransactions { height: 1, cursor: cursor(), limit };
    let events = ChainListEvents { height: 1, cursor: cursor(), limit };
    vec![
        api.order_list(&orders).map(|page| page.items.len()),
        api.hold_list(&holds).map(|page| page.items.len()),
        api.contract_list(&contracts).map(|page| page.items.len()),
        api.channel_list(&channels).map(|page| page.items.len()),
        api.market_orders(&book).map(|page| page.items.len()),
        api.chain_list_transactions(&transactions).map(|page| page.items.len()),
        api.chain_list_events(&events).map(|page| page.items.len()),
    ]
}

#[test]
fn forged_cursors_are_refused_or_lead_to_nothing() {
    let Fixture { chain, api, .. } = &fixture();
    submit(api, &ask(chain, 0, 5, 40)).unwrap();
    chain.grow();
    let long = "9".repeat(100_000);
    let bytes = "ab".repeat(50_000);
    for cursor in ["", " ", "-1", "1.0", "1e3", "0x1", "\0", "é", "../..", "null", &long, &bytes] {
        for answer in ask_all(api, cursor) {
            assert_eq!(answer, Err(Error::CursorInvalid), "{cursor:.20}");
        }
    }
    let last = "ff".repeat(32);
    for cursor in [usize::MAX.to_string().as_str(), &last] {
        for answer in ask_all(api, cursor) {
            assert!(matches!(answer, Ok(0) | Err(Error::CursorInvalid)), "{cursor}: {answer:?}");
        }
    }
}
