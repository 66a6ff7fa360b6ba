//! What a client is told an account earned, over a chain of a few blocks.

use std::sync::Arc;

use chain::amount::Amount;
use chain::operation::Operation;
use chain::time::Millis;
use rpc::api::Api;
use rpc::methods::HistoryOrder;
use rpc::types::Limit;

use super::super::tests::fixture;
use super::*;
use crate::testing::{Chain, account, disk, genesis, key, operation};

const HOUR: Millis = Millis(3_600_000);

/// Account 2 opens a hold for account 1, which captures all of it.
fn pay(chain: &Chain, nonce: u64, units: u64) {
    let (amount, beneficiary) = (Amount::from_u64(units), account(1));
    let open = Operation::HoldOpen { amount, beneficiary, expires: chain.tip().time.after(HOUR) };
    let open = operation(2, nonce, open);
    let hold = ObjectId::of_operation(genesis().hash(), open.sender, open.nonce, 0);
    chain.submit(open.sign(&key(2)));
    chain.grow();
    let capture = Operation::HoldCapture { hold, cumulative: amount };
    chain.submit(operation(1, nonce, capture).sign(&key(1)));
    chain.grow();
}

fn question(api: &NodeApi, of: u8) -> AccountListEarnings {
    AccountListEarnings {
        account: api.translate.address(account(of)),
        from_time: None,
        until_time: None,
        order: HistoryOrder::OldestFirst,
        cursor: None,
        limit: Limit::new(2).unwrap(),
    }
}

#[test]
fn earnings_come_in_parts_either_way_and_by_days() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::indexed(folder.path()).unwrap();
    let authority = chain::authority::AuthorityKey([4; 32]);
    let api = NodeApi::new(&genesis(), authority, Arc::clone(&chain.gossip), disk());
    for (nonce, units) in [(0, 5), (1, 7), (2, 11)] {
        pay(&chain, nonce, units);
    }

    let asked = question(&api, 1);
    let mut all = Vec::new();
    for order in [HistoryOrder::OldestFirst, HistoryOrder::NewestFirst] {
        let first = api.account_list_earnings(&AccountListEarnings { order, ..asked.clone() });
        let first = first.unwrap();
        assert_eq!(first.items.len(), 2);
        let next = AccountListEarnings { order, cursor: first.next_cursor, ..asked.clone() };
        let next = api.account_list_earnings(&next).unwrap();
        assert_eq!((next.items.len(), next.next_cursor), (1, None));
        all.push([first.items, next.items].concat());
    }
    let [rising, mut falling] = <[_; 2]>::try_from(all).unwrap();
    falling.reverse();
    assert_eq!(rising, falling);
    let gross = rising.iter().map(|earning| earning.gross.0.base_units());
    assert_eq!(gross.sum::<u128>(), 5 + 7 + 11);
    let owner = api.translate.address(account(2));
    for earning in &rising {
        assert_eq!(earning.source, Some(EarningSourceView::Hold { owner }), "it has ended");
        assert_eq!((earning.payments, earning.net.0), (1, Change::of(earning.gross.0)));
    }

    let days = |from_time, until_time| {
        let question = AccountListEarnings { from_time, until_time, ..asked.clone() };
        api.account_list_earnings(&question).unwrap().items.len()
    };
    let day = rising[0].day;
    assert_eq!([days(Some(day), None), days(Some(day + 1), None)], [2, 0]);
    assert_eq!([days(None, Some(day)), days(None, Some(day + 1))], [0, 2]);
    let payer = api.account_list_earnings(&question(&api, 2)).unwrap();
    assert_eq!(payer.items, [], "who pays does not earn");
    let odd = AccountListEarnings { cursor: Some("odd".to_owned()), ..asked };
    assert_eq!(api.account_list_earnings(&odd).unwrap_err(), Error::CursorInvalid);
}

#[test]
fn node_without_an_index_says_so() {
    let super::super::tests::Fixture { api, .. } = &fixture();
    let refused = api.account_list_earnings(&question(api, 1));
    assert_eq!(refused.unwrap_err(), Error::IndexOff);
}
