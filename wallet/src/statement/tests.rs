//! Statements that add up, and such that do not.

use chain::address::Network;
use chain::hash::Hash;
use chain::id::ObjectId;
use rpc::text::{Address, Text};
use rpc::types::{EventView, OperationView, StepView};

use super::*;

const ALICE: AccountId = AccountId([1; 20]);
const BOB: AccountId = AccountId([2; 20]);
const TREASURY: AccountId = AccountId([3; 20]);

fn at(account: AccountId) -> Text<Address> {
    Text(Address { network: Network::Dev, account })
}

fn sum(base_units: u64) -> Amount {
    Amount::from_u64(base_units)
}

fn columns(cash: u64, held: u64) -> ColumnsView {
    ColumnsView::new(sum(cash), sum(held)).unwrap()
}

/// A line that leads from `before` to `after`.
fn line(
    step: StepView,
    events: Vec<EventView>,
    before: ColumnsView,
    after: ColumnsView,
) -> HistoryLineView {
    HistoryLineView {
        height: 7,
        time: 1_000,
        step,
        operations: Vec::new(),
        events,
        amount_change: Change::between(before.amount.0, after.amount.0).into(),
        held_change: Change::between(before.held.0, after.held.0).into(),
        after,
    }
}

fn transaction(sender: AccountId, fee: u64) -> StepView {
    let transaction = Hash([9; 32]).into();
    let (sender, fee) = (at(sender), sum(fee).into());
    StepView::Transaction { index: 0, transaction, sender, fee, failure: None }
}

fn transferred(from: AccountId, to: AccountId, amount: u64) -> EventView {
    EventView::Transferred { from: at(from), to: at(to), amount: sum(amount).into() }
}

fn captured(from: AccountId, to: AccountId, amount: u64) -> EventView {
    let (amount, cumulative) = (sum(amount).into(), sum(99).into());
    EventView::HoldCaptured {
        hold: ObjectId([4; 32]).into(),
        from: at(from),
        to: at(to),
        amount,
        cumulative,
    }
}

const OWNER: Owner = Owner { account: ALICE, treasury: TREASURY };

fn kinds(owner: Owner, line: &HistoryLineView) -> Vec<(Kind, i128)> {
    let entries = entries(line, owner);
    entries.iter().map(|entry| (entry.kind, entry.change.base_units())).collect()
}

#[test]
fn each_side_of_a_movement_has_its_kind_and_sign() {
    let events = vec![
        transferred(ALICE, BOB, 5),
        captured(BOB, ALICE, 3),
        EventView::AccountOpened { account: at(BOB), by: at(ALICE), deposit: sum(1).into() },
        EventView::Deposited {
            to: at(BOB),
            amount: sum(8).into(),
            reference: Hash([1; 32]).into(),
        },
    ];
    let line = line(transaction(ALICE, 2), events, columns(0, 0), columns(0, 0));
    let expected = [(Kind::Fees, -2), (Kind::Paid, -5), (Kind::Collected, 3), (Kind::Paid, -1)];
    assert_eq!(kinds(OWNER, &line), expected);
    let bob = Owner { account: BOB, ..OWNER };
    let expected =
        [(Kind::Received, 5), (Kind::Captured, -3), (Kind::Received, 1), (Kind::Deposited, 8)];
    assert_eq!(kinds(bob, &line), expected);
}

#[test]
fn fees_of_a_block_go_to_proposer_and_treasury() {
    let paid = |proposer| {
        let (proposer_amount, treasury_amount) = (sum(4).into(), sum(6).into());
        EventView::FeesPaid { proposer: at(proposer), proposer_amount, treasury_amount }
    };
    let to = |proposer| line(StepView::Fees, vec![paid(proposer)], columns(0, 0), columns(0, 0));
    assert_eq!(kinds(OWNER, &to(ALICE)), [(Kind::FeesEarned, 4)]);
    let treasury = Owner { account: TREASURY, ..OWNER };
    assert_eq!(kinds(treasury, &to(ALICE)), [(Kind::FeesEarned, 6)]);
    let both = [(Kind::FeesEarned, 4), (Kind::FeesEarned, 6)];
    assert_eq!(kinds(treasury, &to(TREASURY)), both);
}

#[test]
fn lines_are_added_up_by_kind() {
    let (start, paid, freed) = (columns(100, 40), columns(93, 40), columns(93, 0));
    let mut sums = Sum::new(columns(0, 0));
    let lines = [
        line(StepView::Beginning, vec![], columns(0, 0), start),
        line(transaction(ALICE, 2), vec![transferred(ALICE, BOB, 5)], start, paid),
        line(StepView::Timers, vec![], paid, freed),
    ];
    for line in &lines {
        sums.add(line, &entries(line, OWNER)).unwrap();
    }
    assert_eq!(sums.check_closing(&freed), Ok(()));
    assert!(matches!(sums.check_closing(&paid), Err(Mismatch::Closing { .. })));
    assert_eq!(sums.lines(), 3);
    let total = |kind| {
        let mut totals = sums.totals().iter();
        totals.find(|total| total.kind == kind).unwrap().change.0.base_units()
    };
    let found = [Kind::BroughtForward, Kind::Paid, Kind::Fees, Kind::Received].map(total);
    assert_eq!(found, [100, -5, -2, 0]);
    let all: i128 = Kind::ALL.map(total).iter().sum();
    assert_eq!(all, 93);
}

#[test]
fn lines_that_do_not_follow_or_are_not_explained_are_refused() {
    let (start, paid) = (columns(100, 40), columns(93, 40));
    let pays = |events, after| line(transaction(ALICE, 2), events, start, after);
    let good = pays(vec![transferred(ALICE, BOB, 5)], paid);
    let add = |line: &HistoryLineView, from| Sum::new(from).add(line, &entries(line, OWNER));
    assert_eq!(add(&good, start), Ok(()));
    assert_eq!(add(&good, columns(101, 40)), Err(Mismatch::Columns { height: 7 }));
    let mut wrong = good;
    wrong.after.available = sum(60).into();
    assert_eq!(add(&wrong, start), Err(Mismatch::Columns { height: 7 }));
    let unexplained = pays(vec![], paid);
    let (explained, change) = (Change::less(sum(2)), Change::less(sum(7)));
    let expected = Mismatch::Unexplained { height: 7, explained, change };
    assert_eq!(add(&unexplained, start), Err(expected));
}

#[test]
fn words_name_the_other_side_and_the_note() {
    let token = Token { symbol: "TLY".to_owned(), decimals: 2 };
    let words = |account| Words { owner: Owner { account, ..OWNER }, token: &token };
    let mut line = line(
        transaction(ALICE, 2),
        vec![transferred(ALICE, BOB, 500), transferred(ALICE, BOB, 500)],
        columns(0, 0),
        columns(0, 0),
    );
    let pays = |memo: &str| {
        let (to, amount, memo) = (at(BOB), sum(500).into(), memo.to_owned());
        OperationView::Transfer { to, amount, memo }
    };
    line.operations = vec![pays("rent\u{1b}"), pays("")];
    let (alice, bob) = (at(ALICE), at(BOB));
    let expected = [format!("paid 5TLY to {bob} \"rent\\u{{1b}}\""), format!("paid 5TLY to {bob}")];
    assert_eq!(words(ALICE).of(&line)[..2], expected);
    assert_eq!(words(ALICE).of(&line)[2], "fee 0.02TLY");
    let received = format!("received 5TLY from {alice} \"rent\\u{{1b}}\"");
    assert_eq!(words(BOB).of(&line)[0], received);
    assert_eq!(words(BOB).of(&line).len(), 2, "the fee is the sender's");
}

#[test]
fn changes_have_a_sign_and_a_unit() {
    let token = Token { symbol: "TLY".to_owned(), decimals: 2 };
    let shown = [Change::of(sum(150)), Change::less(sum(150)), Change::default()];
    assert_eq!(shown.map(|it| change(&token, it)), ["+1.5TLY", "-1.5TLY", "0TLY"]);
}
