//! Claims about refunds.

use chain::state::Key;

use crate::testing::{check, run};

#[test]
fn payee_gives_back_up_to_what_it_was_paid() {
    check(
        "alice 10, bob 5; alice holds 8 for bob until 50 as h; bob captures 4 of h;
         bob refunds 5 of h REFUND_TOO_HIGH; bob refunds 3 of h; alice 9/4, bob 6;
         bob refunds 2 of h REFUND_TOO_HIGH; bob refunds 1 of h; alice 10/4, bob 5;
         bob refunds 1 of h REFUND_TOO_HIGH; bob captures 8 of h; alice 6, bob 9; gone h;
         bob refunds 5 of h REFUND_TOO_HIGH; bob refunds 4 of h; alice 10, bob 5",
    );
}

#[test]
fn refund_of_nothing_or_by_another_is_rejected() {
    check(
        "alice 10, bob 0, carol 9; alice holds 8 for bob until 50 as h;
         bob refunds 1 of h CAPTURE_UNKNOWN; bob captures 4 of h; bob refunds 0 of h AMOUNT_ZERO;
         alice refunds 1 of h NOT_PAID; carol refunds 1 of h NOT_PAID;
         bob refunds 1 of nothing CAPTURE_UNKNOWN; alice 6/4, bob 4",
    );
}

#[test]
fn refund_comes_out_of_what_the_payee_has_available() {
    check(
        "alice 10, bob 0; alice holds 8 for bob until 50 as h; bob captures 8 of h;
         bob -> alice 7; bob refunds 2 of h BALANCE_TOO_LOW; bob refunds 1 of h; alice 10, bob 0",
    );
}

#[test]
fn refund_is_possible_for_its_span_after_the_end() {
    // Captured in full when the parent's time is 1, so it is forgotten once that is 201.
    let script = "alice 10, bob 0; alice holds 8 for bob until 50 as h; bob captures 8 of h;
         gone h; bob refunds 1 of h; time 200; bob refunds 1 of h; alice 4, bob 6;";
    let ledger = run(&format!("{script} bob refunds 1 of h CAPTURE_UNKNOWN; alice 4, bob 6"));
    assert_eq!(ledger.state.get(&Key::Captured(ledger.object("h"))), None);
}

#[test]
fn what_paid_nothing_leaves_nothing() {
    let ledger = run("alice 10, bob 0; alice holds 8 for bob until 50 as h; bob releases h;
         alice opens c to bob 8 delay 10; bob collects c; bob refunds 1 of c CAPTURE_UNKNOWN");
    assert!(!ledger.state.iter().any(|(key, _)| matches!(key, Key::Captured(_))));
}

#[test]
fn channel_is_refunded_by_its_own_name_after_its_end() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 10; bob submits 1/5 of c;
         bob refunds 1 of c CAPTURE_UNKNOWN; bob collects c; alice 5, bob 5;
         bob refunds 1 of c.hold CAPTURE_UNKNOWN; bob refunds 5 of c; alice 10, bob 0;
         bob refunds 1 of c REFUND_TOO_HIGH",
    );
}

#[test]
fn expired_hold_is_refunded_after_its_end() {
    check(
        "given hold 2; alice 12, bob 0; alice holds 8 for bob until 50 as h; bob captures 3 of h;
         bob refunds 1 of h; time 50; block; gone h; alice 10, bob 2;
         bob refunds 3 of h REFUND_TOO_HIGH; bob refunds 2 of h; alice 12, bob 0",
    );
}

#[test]
fn withdrawal_is_not_refunded() {
    check(
        "cashier 9, alice 10; alice withdraws 8 as w; cashier confirms w as r;
         cashier refunds 1 of w CAPTURE_UNKNOWN",
    );
}

#[test]
fn undone_refund_counts_for_nothing() {
    check(
        "alice 10, bob 0; alice holds 8 for bob until 50 as h; bob captures 4 of h;
         bob refunds 4 of h & bob refunds 1 of h REFUND_TOO_HIGH@1; alice 6/4, bob 4;
         bob refunds 4 of h; alice 10/4, bob 0",
    );
}
