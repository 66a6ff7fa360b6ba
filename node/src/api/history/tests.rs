//! Histories as clients read them.

use std::sync::Arc;

use chain::address::Network;
use chain::amount::Amount;
use chain::authority::AuthorityKey;
use chain::memo::Memo;
use chain::time::Time;
use rpc::api::Api as _;
use rpc::text::{Address, Text};
use rpc::types::Limit;

use super::*;
use crate::store::Histories;
use crate::testing::{Chain, account, disk, genesis, key, operation, transfer};

struct Fixture {
    _folder: tempfile::TempDir,
    chain: Chain,
    api: NodeApi,
}

fn fixture(histories: Histories) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::open_with(folder.path(), histories).unwrap();
    let api = NodeApi::new(&genesis(), AuthorityKey([4; 32]), Arc::clone(&chain.gossip), disk());
    Fixture { _folder: folder, chain, api }
}

fn question(byte: u8) -> AccountListHistory {
    AccountListHistory {
        account: Text(Address { network: Network::Dev, account: account(byte) }),
        from: None,
        until: None,
        from_time: None,
        until_time: None,
        order: HistoryOrder::OldestFirst,
        cursor: None,
        limit: Limit::new(200).unwrap(),
    }
}

/// All lines, in parts of so many.
fn all(api: &NodeApi, question: &AccountListHistory, limit: u16) -> Vec<HistoryLineView> {
    let mut question = AccountListHistory { limit: Limit::new(limit).unwrap(), ..question.clone() };
    let mut lines = Vec::new();
    loop {
        let part = api.account_list_history(&question).unwrap();
        assert!(part.items.len() <= usize::from(limit));
        lines.extend(part.items);
        question.cursor = part.next_cursor;
        if question.cursor.is_none() {
            return lines;
        }
    }
}

/// A hold that runs out, payments, one of which fails, and a quiet block: what happens to accounts 1 and 2.
fn play(chain: &Chain) {
    let memo = Memo::new("rent").unwrap();
    let expires = Time(chain.tip().time.0 + 2_500);
    let (beneficiary, amount) = (account(2), Amount::from_u64(7_000_000));
    let open = operation(1, 0, Operation::HoldOpen { amount, beneficiary, expires });
    chain.submit(open.sign(&key(1)));
    chain.grow();
    let pay = Operation::Transfer { to: account(2), amount, memo: memo.clone() };
    chain.submit(operation(1, 1, pay).sign(&key(1)));
    let dear = Operation::Transfer { to: account(3), amount: Amount::MAX, memo };
    chain.submit(operation(2, 0, dear).sign(&key(2)));
    chain.grow();
    for nonce in 2..5 {
        chain.submit(transfer(1, nonce));
        chain.grow();
    }
    chain.grow();
}

/// That each line leads to the next, and all from the opening to the closing columns.
fn check(answer: &HistoryView, lines: &[HistoryLineView]) {
    let mut columns = answer.opening;
    for line in lines {
        let amount = line.amount_change.0.applied_to(columns.amount.0);
        let held = line.held_change.0.applied_to(columns.held.0);
        assert_eq!((amount, held), (Some(line.after.amount.0), Some(line.after.held.0)));
        assert_eq!(Some(line.after), ColumnsView::new(line.after.amount.0, line.after.held.0));
        columns = line.after;
    }
    assert_eq!(columns, answer.closing);
}

#[test]
fn lines_lead_from_nothing_to_what_the_account_has() {
    let Fixture { chain, api, .. } = &fixture(Histories::Kept);
    play(chain);
    for byte in 1..=6 {
        let answer = api.account_list_history(&question(byte)).unwrap();
        assert_eq!((answer.begins, answer.from, answer.until), (0, 0, chain.tip().height.0 + 1));
        assert_eq!(answer.opening.amount.0, Amount::ZERO);
        assert_eq!(answer.items[0].step, StepView::Beginning);
        check(&answer, &answer.items);
        let now = chain.ledger.read().view().account(&account(byte)).unwrap();
        assert_eq!(answer.closing, ColumnsView::new(now.cash, now.held).unwrap());
    }
}

#[test]
fn lines_say_what_happened_to_the_account() {
    let Fixture { chain, api, .. } = &fixture(Histories::Kept);
    play(chain);
    let lines = all(api, &question(1), 200);
    let [_, opened, paid, _, expired, ..] = &lines[..] else { panic!("{lines:#?}") };
    assert!(matches!(opened.events[..], [EventView::HoldOpened { .. }]), "{opened:?}");
    let StepView::Transaction { fee, failure: None, .. } = &paid.step else { panic!("{paid:?}") };
    let sum = Amount::from_u64(7_000_000);
    let spent = Change::less(fee.0).and(Change::less(sum));
    assert_eq!(paid.amount_change.0, spent);
    assert_eq!(expired.step, StepView::Timers);
    assert!(matches!(expired.events[..], [EventView::HoldClosed { .. }]), "{expired:?}");
    assert_eq!(expired.amount_change.0, Change::default());

    let lines = all(api, &question(2), 200);
    let [_, received, failed, ..] = &lines[..] else { panic!("{lines:#?}") };
    let OperationView::Transfer { memo, .. } = &received.operations[0] else { panic!() };
    assert_eq!(memo, "rent");
    assert_eq!(received.amount_change.0, Change::of(sum));
    let StepView::Transaction { failure: Some(failure), fee, .. } = &failed.step else { panic!() };
    assert_eq!(failure.rejection.name, "BALANCE_TOO_LOW");
    assert_eq!((failed.amount_change.0, failed.events.len()), (Change::less(fee.0), 0));

    let earned = all(api, &question(6), 200);
    assert!(earned[1..].iter().all(|line| line.step == StepView::Fees && line.events.len() == 1));
}

#[test]
fn parts_are_the_same_lines_in_either_order() {
    let Fixture { chain, api, .. } = &fixture(Histories::Kept);
    play(chain);
    let whole = all(api, &question(1), 200);
    assert!(whole.len() > 5);
    for limit in 1..4 {
        assert_eq!(all(api, &question(1), limit), whole, "{limit}");
        let newest = AccountListHistory { order: HistoryOrder::NewestFirst, ..question(1) };
        let mut turned = all(api, &newest, limit);
        turned.reverse();
        assert_eq!(turned, whole, "{limit}");
    }
}

#[test]
fn ranges_open_with_what_was_there_before() {
    let Fixture { chain, api, .. } = &fixture(Histories::Kept);
    play(chain);
    let whole = all(api, &question(1), 200);
    for (from, until) in [(1, 3), (2, 3), (3, 4), (2, 99), (5, 5), (6, 2)] {
        let asked = AccountListHistory { from: Some(from), until: Some(until), ..question(1) };
        let answer = api.account_list_history(&asked).unwrap();
        check(&answer, &answer.items);
        let within = |line: &&HistoryLineView| (from..until).contains(&line.height);
        let expected: Vec<_> = whole.iter().filter(within).cloned().collect();
        assert_eq!(answer.items, expected, "{from}..{until}");
        let before = whole.iter().rfind(|line| line.height < from);
        assert_eq!(answer.opening, before.unwrap().after, "{from}..{until}");
        let newest = AccountListHistory { order: HistoryOrder::NewestFirst, ..asked };
        let mut turned = all(api, &newest, 1);
        turned.reverse();
        assert_eq!(turned, expected, "{from}..{until}");
    }
}

#[test]
fn times_name_the_blocks_of_a_range() {
    let Fixture { chain, api, .. } = &fixture(Histories::Kept);
    play(chain);
    let time = |height| chain.ledger.store().header(Height(height)).unwrap().unwrap().time.0;
    let heights = |from_time, until_time| {
        let asked = AccountListHistory { from_time, until_time, ..question(1) };
        let answer = api.account_list_history(&asked).unwrap();
        (answer.from, answer.until)
    };
    let end = chain.tip().height.0 + 1;
    assert_eq!(heights(Some(time(2)), Some(time(4))), (2, 4));
    assert_eq!(heights(Some(time(2) + 1), Some(time(4) + 1)), (3, 5));
    assert_eq!(heights(Some(0), Some(u64::MAX)), (0, end));
    assert_eq!(heights(Some(u64::MAX), None), (end, end));
    assert_eq!(heights(None, Some(0)), (0, 0));
}

#[test]
fn bad_cursors_unknown_accounts_and_histories_that_are_off_are_refused() {
    let Fixture { chain, api, .. } = &fixture(Histories::Kept);
    play(chain);
    for cursor in ["", "1", "1.x", "x.1", "-1.0", "1.2.3", "99.0"] {
        let cursor = Some(cursor.to_owned());
        let answer = api.account_list_history(&AccountListHistory { cursor, ..question(1) });
        assert_eq!(answer, Err(Error::CursorInvalid));
    }
    let unknown = api.account_list_history(&question(77));
    assert_eq!(unknown, Err(Error::NotFound { what: "account" }));
    let Fixture { chain, api, .. } = &fixture(Histories::Off);
    play(chain);
    assert_eq!(api.account_list_history(&question(1)), Err(Error::HistoryOff));
}
