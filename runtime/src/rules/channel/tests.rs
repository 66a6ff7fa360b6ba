//! Claims about channels.

use chain::amount::Amount;
use chain::keys::PublicKey;
use chain::operation::Operation;
use chain::time::Millis;

use crate::rejection::Rejection;
use crate::testing::{account, check, run};

#[test]
fn channel_sets_its_funds_and_deposit_aside() {
    check("given channel 2; alice 10, bob 0; alice opens c to bob 8 delay 10; alice 10/10");
    check("given channel 2; alice 9, bob 0; alice opens c to bob 8 delay 10 BALANCE_TOO_LOW");
}

#[test]
fn channel_that_cannot_be_is_rejected() {
    check("alice 10, bob 0; alice opens c to bob 0 delay 10 AMOUNT_ZERO");
    check("alice 10; alice opens c to alice 5 delay 10 RECIPIENT_IS_SENDER");
    check("alice 10; alice opens c to bob 5 delay 10 RECIPIENT_UNKNOWN");
}

#[test]
fn settle_delay_lies_between_its_bounds() {
    check("alice 10, bob 0; alice opens c to bob 5 delay 9 SETTLE_DELAY_TOO_SHORT");
    check("alice 10, bob 0; alice opens c to bob 5 delay 10");
    check("alice 10, bob 0; alice opens c to bob 5 delay 1000");
    check("alice 10, bob 0; alice opens c to bob 5 delay 1001 SETTLE_DELAY_TOO_LONG");
}

#[test]
fn channel_with_no_key_is_rejected() {
    let mut ledger = run("alice 10, bob 0");
    let operation = Operation::ChannelOpen {
        payee: account("bob"),
        amount: Amount::from_u64(5),
        voucher_key: PublicKey([0xff; 32]),
        settle_delay: Millis(10),
    };
    ledger.refuses("alice", operation, Rejection::VoucherKeyInvalid);
}

#[test]
fn payee_collects_what_the_best_voucher_says() {
    check(
        "given channel 2; alice 10, bob 0; alice opens c to bob 8 delay 10;
         bob submits 1/3 of c; bob submits 2/5 of c; alice 10/10, bob 0;
         bob collects c; alice 5, bob 5; gone c; gone c.hold; bob collects c CHANNEL_UNKNOWN",
    );
}

#[test]
fn channel_without_a_voucher_returns_everything() {
    check(
        "given channel 2; alice 10, bob 0; alice opens c to bob 8 delay 10; bob collects c; alice 10, bob 0",
    );
}

#[test]
fn channel_spent_in_full_returns_nothing() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 10; bob submits 1/8 of c; bob collects c; alice 2, bob 8",
    );
}

#[test]
fn payer_waits_for_the_settle_delay() {
    // Asked for when the parent's time is 101, so due once it is 151.
    check(
        "given channel 2; alice 10, bob 0; time 100; alice opens c to bob 8 delay 50;
         alice closes c; bob submits 1/3 of c; time 150; block; alice 10/10; block; alice 7, bob 3;
         gone c",
    );
}

#[test]
fn payer_waits_for_the_blocks_too() {
    // Asked for at height 2, so due at height 7.
    check(
        "given blocks 5; alice 10, bob 0; alice opens c to bob 8 delay 10; alice closes c;
         time 500; block; block; block; alice 10/8; block; alice 10; gone c",
    );
}

#[test]
fn payee_collects_while_the_blocks_are_waited_for() {
    check(
        "given blocks 5; alice 10, bob 0; alice opens c to bob 8 delay 10; alice closes c;
         time 500; block; bob collects c; alice 10; gone c; block; block; block",
    );
}

#[test]
fn payee_answers_while_the_channel_is_closing() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 50; bob submits 1/3 of c; alice closes c;
         bob submits 2/6 of c; time 100; block; alice 4, bob 6",
    );
}

#[test]
fn payee_collects_while_the_channel_is_closing() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 50; bob submits 1/3 of c; alice closes c;
         bob collects c; alice 7, bob 3; gone c; time 100; block; block",
    );
}

#[test]
fn payer_asks_once() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 50; alice closes c; alice closes c CHANNEL_CLOSING",
    );
}

#[test]
fn closing_is_for_its_side_alone() {
    check(
        "alice 10, bob 0, carol 0; alice opens c to bob 8 delay 50;
         bob closes c NOT_PAYER; carol closes c NOT_PAYER;
         alice collects c NOT_PAYEE; carol collects c NOT_PAYEE;
         alice closes nothing CHANNEL_UNKNOWN; bob collects nothing CHANNEL_UNKNOWN",
    );
}
