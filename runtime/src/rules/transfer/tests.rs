//! Claims about transfers.

use crate::testing::check;

#[test]
fn transfer_moves_money() {
    check("alice 10, bob 0; alice -> bob 4; alice 6, bob 4; alice -> bob 6; alice 0, bob 10");
}

#[test]
fn transfer_beyond_balance_is_rejected() {
    check("alice 10, bob 0; alice -> bob 11 BALANCE_TOO_LOW; alice 10, bob 0");
}

#[test]
fn transfer_of_held_money_is_rejected() {
    check(
        "alice 10, bob 0; alice holds 4 for bob until 50 as h;
         alice -> bob 7 BALANCE_TOO_LOW; alice -> bob 6; alice 4/4, bob 6",
    );
}

#[test]
fn transfer_of_nothing_is_rejected() {
    check("alice 10, bob 0; alice -> bob 0 AMOUNT_ZERO");
}

#[test]
fn transfer_to_oneself_is_rejected() {
    check("alice 10; alice -> alice 1 RECIPIENT_IS_SENDER; alice 10");
}

#[test]
fn transfer_opens_an_account_at_its_senders_cost() {
    check("given account 3; alice 10; alice -> bob 7; alice 0, bob 10/3");
    check("given account 3; alice 10; alice -> bob 8 BALANCE_TOO_LOW; alice 10, bob 0");
}

#[test]
fn deposit_of_an_account_cannot_be_spent() {
    check(
        "given account 3; alice 10, carol 0; alice -> bob 5;
         bob -> carol 6 BALANCE_TOO_LOW; bob -> carol 5; bob 3/3, carol 5",
    );
}

#[test]
fn transfer_of_everything_there_is_fits() {
    check("alice MAX, bob 0; alice -> bob MAX; alice 0, bob MAX; bob -> alice MAX; alice MAX");
}

#[test]
fn deposit_that_no_amount_can_hold_is_rejected() {
    check("given account 1; alice MAX; alice -> bob MAX BALANCE_TOO_LOW; alice MAX");
}

#[test]
fn money_received_can_be_spent_in_the_same_block() {
    check("alice 5, bob 0, carol 0; alice -> bob 5 | bob -> carol 5; alice 0, bob 0, carol 5");
}
