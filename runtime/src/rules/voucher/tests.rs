//! Claims about vouchers.

use crate::testing::check;

#[test]
fn anybody_brings_a_voucher() {
    check(
        "alice 10, bob 0, carol 0; alice opens c to bob 8 delay 10; carol submits 0/3 of c; bob collects c; bob 3",
    );
}

#[test]
fn sequence_and_amount_both_rise() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 10; bob submits 5/3 of c;
         bob submits 5/4 of c VOUCHER_SEQUENCE_TOO_LOW; bob submits 4/4 of c VOUCHER_SEQUENCE_TOO_LOW;
         bob submits 6/3 of c VOUCHER_AMOUNT_TOO_LOW; bob submits 6/2 of c VOUCHER_AMOUNT_TOO_LOW;
         bob submits 6/4 of c; bob collects c; alice 6, bob 4",
    );
}

#[test]
fn voucher_for_nothing_is_rejected() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 10; bob submits 1/0 of c VOUCHER_AMOUNT_TOO_LOW",
    );
}

#[test]
fn voucher_beyond_the_funds_is_rejected() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 10;
         bob submits 1/9 of c VOUCHER_AMOUNT_TOO_HIGH; bob submits 1/8 of c",
    );
}

#[test]
fn voucher_of_another_key_is_rejected() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 10; bob submits 1/3 of c signed by bob VOUCHER_KEY_MISMATCH",
    );
}

#[test]
fn voucher_of_another_chain_is_rejected() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 10; bob submits 1/3 of c on elsewhere VOUCHER_CHAIN_MISMATCH",
    );
}

#[test]
fn voucher_of_no_channel_is_rejected() {
    check("alice 10, bob 0; bob submits 1/3 of nothing CHANNEL_UNKNOWN");
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 10; bob collects c; bob submits 1/3 of c CHANNEL_UNKNOWN",
    );
}
