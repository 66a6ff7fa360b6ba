//! Claims about sets of keys, and about who signs for an account.

use chain::account::Signing;
use chain::keys::PublicKey;
use chain::operation::Operation;
use chain::signers::Signers;

use crate::rejection::Rejection;
use crate::testing::{check, key, run};

#[test]
fn set_signs_in_place_of_the_own_key_from_the_next_transaction_on() {
    check(
        "alice 10, bob 0; alice keys 2 of a b c & alice -> bob 1; alice 9;
         alice -> bob 1 SIGNER_NOT_SENDER; alice -> bob 1 via a,b; alice -> bob 1 via b,c; bob 3",
    );
}

#[test]
fn exactly_as_many_as_the_threshold_sign() {
    check(
        "alice 10, bob 0; alice keys 2 of a b c; alice -> bob 1 via a SIGNER_NOT_SENDER;
         alice -> bob 1 via a,b,c SIGNER_NOT_SENDER; alice -> bob 1 via a,d SIGNER_NOT_SENDER;
         alice -> bob 1 via a,alice SIGNER_NOT_SENDER; alice 10",
    );
}

#[test]
fn removed_key_signs_no_more_even_in_the_same_block() {
    check(
        "alice 10, bob 0; alice keys 1 of a; alice keys 1 of b via a | alice -> bob 1 via a SIGNER_NOT_SENDER;
         alice -> bob 1 via a; bob 1",
    );
    check(
        "alice 10, bob 0; alice keys 1 of a; alice keys 1 of b via a; alice -> bob 1 via a SIGNER_NOT_SENDER;
         alice -> bob 1 via b; bob 1",
    );
}

#[test]
fn set_sets_its_deposit_aside_until_the_own_key_is_back() {
    let ledger = run("given keys 3; alice 10; alice keys 1 of a b; alice 10/3;
         alice keys 2 of a b via a; alice 10/3; alice keys 1 of alice via a,b; alice 10;
         alice -> alice 1 RECIPIENT_IS_SENDER");
    assert_eq!(ledger.account("alice").unwrap().signing, Signing::OwnKey);
    check("given keys 3; alice 2; alice keys 1 of a BALANCE_TOO_LOW; alice 2");
}

#[test]
fn keys_that_are_set_already_are_rejected() {
    check(
        "alice 10; alice keys 1 of alice KEYS_UNCHANGED; alice keys 1 of a b;
         alice keys 1 of a b via a KEYS_UNCHANGED; alice keys 1 of alice via a;
         alice keys 1 of alice KEYS_UNCHANGED",
    );
}

#[test]
fn own_key_may_be_one_of_the_set() {
    check("alice 10, bob 0; alice keys 2 of alice a; alice -> bob 1 via alice,a; bob 1");
}

#[test]
fn set_with_no_key_in_it_is_rejected() {
    let mut ledger = run("alice 10");
    let keys = vec![key("a").public_key(), PublicKey([0xff; 32])];
    let signers = Signers::new(1, keys).unwrap();
    ledger.refuses("alice", Operation::KeySet { signers }, Rejection::KeyInvalid);
}

#[test]
fn undone_set_changes_no_key() {
    check(
        "given keys 3; alice 10, bob 0; alice keys 1 of a & alice -> bob 100 BALANCE_TOO_LOW@1;
         alice 10; alice -> bob 1; bob 1",
    );
}
