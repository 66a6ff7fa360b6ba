//! Claims about paying fees out.

use chain::amount::Amount;
use chain::event::Event;
use chain::time::Time;

use crate::testing::{account, check, run};

#[test]
fn fees_go_to_the_proposer_and_the_treasury() {
    check("given base 7; alice 10, bob 0; alice -> bob 1; alice 2, bob 1, proposer 3, treasury 4");
    check("given base 7 share 0; alice 10, bob 0; alice -> bob 1; proposer 0, treasury 7");
    check("given base 7 share 10000; alice 10, bob 0; alice -> bob 1; proposer 7, treasury 0");
}

#[test]
fn fees_of_a_block_are_split_together() {
    check(
        "given base 1; alice 10, bob 0, proposer 5, treasury 5;
         alice -> bob 1 | alice -> bob 1 | alice -> bob 1; proposer 6, treasury 7",
    );
}

#[test]
fn failed_transactions_pay_too() {
    check(
        "given base 4; alice 10, bob 0; alice -> bob 7 BALANCE_TOO_LOW; alice 6, proposer 2, treasury 2",
    );
}

#[test]
fn fees_cannot_be_spent_in_their_block() {
    check(
        "given base 2 share 10000; alice 10, bob 0, proposer 2;
         alice -> bob 1 | proposer -> bob 1 BALANCE_TOO_LOW; proposer 4, alice 7",
    );
}

#[test]
fn block_without_fees_pays_nothing_out() {
    let mut ledger = run("given base 4; alice 10, bob 0");
    let applied = ledger.apply(Time(1), &[]).unwrap();
    assert!(applied.receipts.matching.is_empty());
    assert!(applied.changes.objects.is_empty());
}

#[test]
fn paying_out_is_an_event_of_the_block() {
    let mut ledger = run("given base 7; alice 10, bob 0");
    let operation = chain::operation::Operation::Transfer {
        to: account("bob"),
        amount: Amount::from_u64(1),
        memo: chain::memo::Memo::default(),
    };
    let transaction = ledger.sign("alice", 0, vec![operation]);
    let applied = ledger.apply(Time(1), &[transaction]).unwrap();
    let paid = Event::FeesPaid {
        proposer: account("proposer"),
        proposer_amount: Amount::from_u64(3),
        treasury_amount: Amount::from_u64(4),
    };
    assert_eq!(applied.receipts.matching, [paid]);
}
