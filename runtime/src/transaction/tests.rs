//! Claims about the door, the fee, and all or nothing.

use chain::amount::Amount;
use chain::hash::{Domain, Hash};
use chain::height::Nonce;
use chain::memo::Memo;
use chain::operation::Operation;
use chain::receipt::Outcome;
use chain::time::Millis;
use chain::transaction::{Transaction, VerifiedTransaction};

use crate::block::InvalidBlock;
use crate::rejection::Rejection;
use crate::state::View;
use crate::testing::{Ledger, account, chain, check, key, run};
use crate::transaction::check_door;

fn transfer(units: u64) -> Operation {
    let (to, amount) = (account("bob"), Amount::from_u64(units));
    Operation::Transfer { to, amount, memo: Memo::default() }
}

/// A transaction of alice for the next block, as `change` makes it.
fn changed(ledger: &Ledger, change: impl FnOnce(&mut Transaction)) -> VerifiedTransaction {
    let mut transaction = Transaction {
        chain: chain(),
        sender: account("alice"),
        nonce: ledger.account("alice").unwrap_or_default().nonce,
        valid_until: ledger.height.next(),
        fee_max: Amount::MAX,
        operations: vec![transfer(1)],
    };
    change(&mut transaction);
    transaction.sign(&key("alice")).verify().unwrap()
}

/// Asserts that a door refuses, in a block and alone, and that nothing changes.
fn refused(script: &str, change: impl FnOnce(&mut Transaction), rejection: Rejection) {
    let mut ledger = run(script);
    let verified = changed(&ledger, change);
    let before = ledger.state.clone();
    let result = ledger.apply(ledger.time.after(Millis(1)), &[verified]);
    assert_eq!(result, Err(InvalidBlock::Transaction { index: 0, rejection }));
    assert_eq!(ledger.state, before);
}

#[test]
fn transaction_for_another_chain_is_refused() {
    let other = Hash::of(Domain::Genesis, &[b"other"]);
    refused("alice 10, bob 0", |it| it.chain = other, Rejection::ChainMismatch);
}

#[test]
fn transaction_expires_after_its_last_height() {
    refused("alice 10, bob 0; block; block", |it| it.valid_until.0 = 2, Rejection::Expired);
    let mut ledger = run("alice 10, bob 0; block; block");
    let verified = changed(&ledger, |it| it.valid_until.0 = 3);
    ledger.apply(ledger.time.after(Millis(1)), &[verified]).unwrap();
}

#[test]
fn last_height_lies_within_a_bound() {
    let far = |it: &mut Transaction| it.valid_until.0 = 86_402;
    refused("alice 10, bob 0", far, Rejection::ExpiryTooFar);
    let mut ledger = run("alice 10, bob 0");
    let verified = changed(&ledger, |it| it.valid_until.0 = 86_401);
    ledger.apply(ledger.time.after(Millis(1)), &[verified]).unwrap();
}

#[test]
fn sender_that_is_no_account_is_refused() {
    refused("bob 10", |_| (), Rejection::SenderUnknown);
}

#[test]
fn signer_is_the_sender_alone() {
    refused("alice 10, bob 10", |it| it.sender = account("bob"), Rejection::SignerNotSender);
    let mut ledger = run("alice 10, bob 10");
    let alone = changed(&ledger, |_| ());
    let mut both = alone.signed().clone();
    both.witnesses.extend(both.transaction.clone().sign(&key("bob")).witnesses);
    both.witnesses.sort_by_key(|witness| witness.key);
    let result = ledger.apply(ledger.time.after(Millis(1)), &[both.verify().unwrap()]);
    let rejection = Rejection::SignerNotSender;
    assert_eq!(result, Err(InvalidBlock::Transaction { index: 0, rejection }));
}

#[test]
fn nonce_is_the_senders_next() {
    let script = "alice 10, bob 0; alice -> bob 1; alice -> bob 1";
    refused(script, |it| it.nonce = Nonce(1), Rejection::NonceTooLow);
    refused(script, |it| it.nonce = Nonce(3), Rejection::NonceTooHigh);
}

#[test]
fn transaction_takes_effect_once() {
    let mut ledger = run("alice 10, bob 0");
    let verified = changed(&ledger, |_| ());
    let result = ledger.apply(ledger.time.after(Millis(1)), &[verified.clone(), verified.clone()]);
    let rejection = Rejection::NonceTooLow;
    assert_eq!(result, Err(InvalidBlock::Transaction { index: 1, rejection }));
    ledger.apply(ledger.time.after(Millis(1)), &[verified]).unwrap();
    ledger.step("alice 9, bob 1");
}

#[test]
fn fee_is_at_most_what_the_sender_agreed_to() {
    let max = |units| move |it: &mut Transaction| it.fee_max = Amount::from_u64(units);
    refused("given base 3 operation 2; alice 10, bob 0", max(4), Rejection::FeeAboveMax);
    let mut ledger = run("given base 3 operation 2; alice 10, bob 0");
    let verified = changed(&ledger, max(5));
    ledger.apply(ledger.time.after(Millis(1)), &[verified]).unwrap();
    ledger.step("alice 4, bob 1");
}

#[test]
fn fee_that_is_no_amount_is_above_any_maximum() {
    refused("given operation MAX base 1; alice MAX, bob 0", |_| (), Rejection::FeeAboveMax);
}

#[test]
fn fee_is_paid_from_what_is_available() {
    let script = "given base 3; alice 10, bob 0; alice holds 6 for bob until 50 as h";
    refused(script, |_| (), Rejection::FeeNotCovered);
    refused("given base 11; alice 10, bob 0", |_| (), Rejection::FeeNotCovered);
    check("given base 10; alice 10, bob 0; alice -> bob 1 BALANCE_TOO_LOW; alice 0, bob 0");
}

#[test]
fn fee_counts_bytes_and_operations() {
    let mut ledger = run("given base 1 byte 2 operation 3; alice 9000, bob 0");
    let verified = changed(&ledger, |it| it.operations = vec![transfer(1); 5]);
    let fee = 1 + 2 * u128::try_from(verified.bytes()).unwrap() + 3 * 5;
    let view = View::new(&ledger.state, &[]);
    let charged = check_door(&view, ledger.height.next(), &verified, Nonce(0)).unwrap();
    assert_eq!(charged.base_units(), fee);
    let applied = ledger.apply(ledger.time.after(Millis(1)), &[verified]).unwrap();
    assert_eq!(applied.receipts.transactions[0].fee, charged);
    assert_eq!(ledger.account("alice").unwrap().cash.base_units(), 9_000 - fee - 5);
}

#[test]
fn refused_operation_undoes_all_but_nonce_and_fee() {
    let mut ledger = run("given base 2 account 1; alice 10, bob 0, cashier 5");
    ledger.step(
        "alice -> bob 3 & alice -> carol 1 & alice holds 1 for bob until 50 as h \
         & alice opens c to bob 1 delay 10 & alice -> bob 9 BALANCE_TOO_LOW@4",
    );
}

#[test]
fn receipt_names_the_operation_and_the_code() {
    let mut ledger = run("given base 2; alice 10, bob 0");
    let operations = vec![transfer(3), transfer(6), transfer(1)];
    let verified = changed(&ledger, |it| it.operations = operations);
    let applied = ledger.apply(ledger.time.after(Millis(1)), &[verified]).unwrap();
    let outcome = Outcome::Failed { operation: 1, code: Rejection::BalanceTooLow.code() };
    assert_eq!(applied.receipts.transactions[0].outcome, outcome);
    ledger.step("alice 8, bob 0");
    assert_eq!(ledger.account("alice").unwrap().nonce, Nonce(1));
    assert!(applied.changes.ended.is_empty());
}

#[test]
fn failed_transaction_leaves_no_object_behind() {
    let mut ledger = run("alice 10, bob 0; alice holds 1 for bob until 50 as g");
    let objects = ledger.state.len();
    ledger.step(
        "bob releases g & bob releases g HOLD_UNKNOWN@1 \
         | alice holds 1 for bob until 50 as h & alice -> carol 1 & alice -> bob 9 BALANCE_TOO_LOW@2",
    );
    assert_eq!(ledger.state.len(), objects);
}
