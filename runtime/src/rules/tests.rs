//! Claims about the edges that rules share: nothing, everything there can be, the smallest sum, oneself,
//! and the accounts that fees go to. That no money comes or goes, the harness checks after every block.

use chain::amount::Amount;

use crate::testing::{check, run};

#[test]
fn sums_of_nothing_are_refused_wherever_one_is_named() {
    for request in [
        "alice -> bob 0",
        "cashier deposits 0 to bob as r",
        "alice holds 0 for bob until 50 as h",
        "alice opens c to bob 0 delay 10",
        "alice withdraws 0 as w",
        "bob refunds 0 of nothing",
        "alice grants k pay 0 until 50",
    ] {
        let before = "alice 10, bob 10, cashier 10";
        check(&format!("{before}; {request} AMOUNT_ZERO; {before}"));
    }
}

#[test]
fn sums_beyond_what_there_is_are_refused_and_none_wraps() {
    let before = "alice 10, bob 10, cashier 10";
    let given = "given hold MAX account MAX channel MAX name MAX keys MAX agent MAX";
    for (request, code) in [
        ("alice -> bob MAX", "BALANCE_TOO_LOW"),
        ("alice -> dora MAX", "BALANCE_TOO_LOW"),
        ("alice holds MAX for bob until 50 as h", "BALANCE_TOO_LOW"),
        ("alice opens c to bob MAX delay 10", "BALANCE_TOO_LOW"),
        ("alice withdraws MAX as w", "BALANCE_TOO_LOW"),
        ("alice is called alice", "BALANCE_TOO_LOW"),
        ("alice keys 1 of a", "BALANCE_TOO_LOW"),
        ("alice grants k pay MAX until 50", "BALANCE_TOO_LOW"),
        ("cashier deposits MAX to bob as r", "SUPPLY_TOO_LARGE"),
    ] {
        check(&format!("{given}; {before}; {request} {code}; {before}"));
    }
    check(
        "alice 10, bob 10; alice holds 9 for bob until 50 as h; bob captures MAX of h CAPTURE_TOO_HIGH;
         bob captures 1 of h; bob refunds MAX of h REFUND_TOO_HIGH; alice opens c to bob 1 delay 10;
         bob submits 1/MAX of c VOUCHER_AMOUNT_TOO_HIGH; alice 9/9, bob 11",
    );
}

#[test]
fn all_the_money_there_can_be_goes_through_every_rule() {
    check(
        "alice MAX, bob 0, cashier 0; alice -> bob MAX; bob -> alice MAX;
         alice holds MAX for bob until 50 as h; bob captures MAX of h; bob refunds MAX of h;
         alice opens c to bob MAX delay 10; bob submits 1/MAX of c; bob collects c;
         bob refunds MAX of c; alice grants k pay,hold MAX until 50; alice -> bob MAX via k;
         bob -> alice MAX; alice -> bob 1 via k AGENT_CAP_EXCEEDED; alice withdraws MAX as w;
         cashier confirms w as r; alice 0, bob 0; cashier deposits 1 to bob as s SUPPLY_TOO_LARGE",
    );
}

#[test]
fn one_base_unit_goes_through_every_rule() {
    check(
        "alice 1, bob 0, cashier 0; alice holds 1 for bob until 50 as h; bob captures 1 of h;
         bob refunds 1 of h; alice opens c to bob 1 delay 10; bob submits 1/1 of c; bob collects c;
         bob refunds 1 of c; alice withdraws 1 as w; cashier confirms w as r; alice 0, bob 0",
    );
}

#[test]
fn nobody_is_its_own_other_side() {
    for request in [
        "alice -> alice 1",
        "alice holds 1 for alice until 50 as h",
        "alice opens c to alice 1 delay 10",
    ] {
        check(&format!("alice 10; {request} RECIPIENT_IS_SENDER; alice 10"));
    }
}

#[test]
fn accounts_that_fees_go_to_send_like_any_other() {
    check(
        "given base 2; treasury 10, proposer 10, bob 0;
         treasury -> bob 5 | proposer -> bob 5; treasury 5, proposer 5, bob 10;
         treasury withdraws 2 as w; treasury 4/2, proposer 6;
         proposer holds 4 for treasury until 50 as h; treasury 5/2, proposer 5/4;
         treasury captures 4 of h; treasury 8/2, proposer 2;
         treasury refunds 1 of h; treasury 6/2, proposer 4",
    );
}

#[test]
fn what_only_one_may_do_is_refused_to_others() {
    let before = "alice 20, bob 20, cashier 0, carol 20";
    let script =
        "alice holds 5 for bob until 50 as h; bob captures 1 of h; alice opens c to bob 5 delay 10;
         alice withdraws 5 as w";
    for (request, code) in [
        ("captures 2 of h", "NOT_BENEFICIARY"),
        ("releases h", "NOT_BENEFICIARY"),
        ("refunds 1 of h", "NOT_PAID"),
        ("collects c", "NOT_PAYEE"),
        ("closes c", "NOT_PAYER"),
        ("deposits 1 to carol as r", "NOT_CASHIER"),
        ("confirms w as r", "NOT_CASHIER"),
        ("rejects w", "NOT_CASHIER"),
        ("revokes k", "AGENT_UNKNOWN"),
        ("-> alice 1 via alice", "SIGNER_NOT_SENDER"),
        ("is called carol via alice", "SIGNER_NOT_SENDER"),
        ("keys 1 of alice via alice", "SIGNER_NOT_SENDER"),
    ] {
        check(&format!("{before}; {script}; carol {request} {code}; carol 20, alice 19/14"));
    }
}

#[test]
fn what_was_set_aside_for_an_object_returns_whatever_deposits_are_by_then() {
    for later in ["0", "1", "90"] {
        let given = "hold 2 channel 3 name 5 keys 7 agent 11";
        let mut ledger = run(&format!(
            "given {given}; alice 100, bob 100, cashier 0; alice holds 1 for bob until 50 as h;
             alice opens c to bob 1 delay 10; alice is called hall; alice grants k pay 5 until 900;
             alice withdraws 1 as w; alice keys 1 of a; alice 100/33"
        ));
        let later = Amount::new(later.parse().unwrap()).unwrap();
        ledger.agree(|params| {
            let deposits = &mut params.deposits;
            (deposits.hold, deposits.channel, deposits.name) = (later, later, later);
            (deposits.keys, deposits.agent) = (later, later);
        });
        for statement in [
            "alice is called halls via a",
            "alice keys 1 of a b via a",
            "alice 100/33",
            "bob releases h",
            "bob collects c",
            "alice revokes k via a",
            "cashier rejects w",
            "alice is called nothing via a",
            "alice keys 1 of alice via a",
            "alice 100/0",
        ] {
            ledger.step(statement);
        }
    }
}
