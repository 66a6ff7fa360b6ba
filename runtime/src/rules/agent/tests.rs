//! Claims about agents: what they may do, and how much of it.

use chain::agent::{Scope, Scopes};
use chain::amount::Amount;
use chain::keys::PublicKey;
use chain::operation::Operation;
use chain::time::Time;

use crate::rejection::Rejection;
use crate::testing::{check, run};

#[test]
fn grant_sets_its_deposit_aside_until_it_ends() {
    check(
        "given agent 3; alice 10; alice grants k pay 5 until 50; alice 10/3;
         alice revokes k; alice 10; alice revokes k AGENT_UNKNOWN",
    );
    check(
        "given agent 3; alice 10; alice grants k pay 5 until 50; time 49; block; alice 10/3;
         block; alice 10; alice revokes k AGENT_UNKNOWN",
    );
    check("given agent 3; alice 2; alice grants k pay 5 until 50 BALANCE_TOO_LOW; alice 2");
}

#[test]
fn grant_that_cannot_be_is_rejected() {
    check("alice 10; alice grants k pay 0 until 50 AMOUNT_ZERO");
    check("alice 10; time 50; alice grants k pay 5 until 50 AGENT_END_PASSED");
    check("alice 10; alice grants k pay 5 until 50; alice grants k trade 6 until 60 AGENT_KNOWN");
    let mut ledger = run("alice 10");
    let operation = Operation::AgentGrant {
        key: PublicKey([0xff; 32]),
        scopes: Scopes::new([Scope::Pay]).unwrap(),
        cap: Amount::from_u64(1),
        expires: Time(50),
    };
    ledger.refuses("alice", operation, Rejection::KeyInvalid);
}

#[test]
fn renewed_grant_begins_anew() {
    check(
        "alice 20, bob 0; alice grants k pay 5 until 50; alice -> bob 5 via k;
         alice -> bob 1 via k AGENT_CAP_EXCEEDED;
         alice revokes k & alice grants k pay 5 until 50; alice -> bob 5 via k; bob 10",
    );
}

#[test]
fn agent_does_what_its_scopes_name_and_nothing_else() {
    let operations = [
        ("pay", "alice -> bob 1"),
        ("hold", "alice holds 1 for bob until 90 as h"),
        ("hold", "alice captures 1 of x"),
        ("hold", "alice releases x"),
        ("channel", "alice opens c to bob 1 delay 10"),
        ("channel", "alice submits 1/1 of x"),
        ("channel", "alice collects x"),
        ("channel", "alice closes x"),
        ("trade", "alice cancels x"),
        ("refund", "alice refunds 1 of x"),
        ("", "alice deposits 1 to bob as r"),
        ("", "alice withdraws 1 as w"),
        ("", "alice confirms x as r"),
        ("", "alice rejects x"),
        ("", "alice is called alice"),
        ("", "alice keys 1 of k"),
        ("", "alice grants l pay 1 until 90"),
        ("", "alice revokes k"),
    ];
    let scopes = ["pay", "hold", "trade", "channel", "refund"];
    for (scope, operation) in operations {
        let others: Vec<&str> = scopes.into_iter().filter(|it| *it != scope).collect();
        let others = others.join(",");
        check(&format!(
            "alice 100, bob 0; alice grants k {others} 90 until 90;
             {operation} via k AGENT_OUT_OF_SCOPE; alice 100"
        ));
        if !scope.is_empty() {
            let mut ledger = run(&format!("alice 100, bob 0; alice grants k {scope} 90 until 90"));
            assert!(ledger.admits(&format!("{operation} via k")), "{operation}");
        }
    }
    check(
        "alice 100, bob 0; alice grants k pay 90 until 90;
         alice -> bob 1 & alice is called alice via k AGENT_OUT_OF_SCOPE; bob 0",
    );
}

#[test]
fn cap_counts_fees_and_all_that_leaves_what_is_available() {
    check(
        "given base 1 hold 2; alice 100, bob 0; alice grants k pay,hold 20 until 90; alice 99;
         alice -> bob 5 via k; alice 93; alice holds 3 for bob until 80 as h via k; alice 92/5;
         alice -> bob 8 via k AGENT_CAP_EXCEEDED; alice -> bob 7 via k; alice 84/5;
         alice -> bob 1 via k AGENT_CAP_EXCEEDED; alice 84/5, bob 12",
    );
}

#[test]
fn what_is_known_to_exceed_the_cap_is_refused_at_the_door() {
    // The fee of one: a transaction that is refused at the door pays none.
    check(
        "given base 1; alice 100, bob 0; alice grants k pay 10 until 90; alice 99;
         alice -> bob 10 via k AGENT_CAP_EXCEEDED; alice 99;
         alice -> bob 5 & alice -> bob 5 via k AGENT_CAP_EXCEEDED; alice 99;
         alice -> bob 5 & alice -> bob 4 via k; alice 89, bob 9;
         alice -> bob 1 via k AGENT_CAP_EXCEEDED; alice 89",
    );
}

#[test]
fn what_turns_out_to_exceed_the_cap_fails_and_pays_its_fee_out_of_it() {
    // That opening an account costs a deposit of four is not known before.
    check(
        "given base 1 account 4; alice 100; alice grants k pay 10 until 90; alice 99;
         alice -> bob 6 via k AGENT_CAP_EXCEEDED; alice 98; alice -> bob 4 via k; alice 89, bob 8/4;
         alice -> bob 1 via k AGENT_CAP_EXCEEDED; alice 89",
    );
}

#[test]
fn what_comes_back_does_not_count_back() {
    check(
        "alice 100, bob 0; alice grants k hold 10 until 90; alice holds 10 for bob until 80 as h via k;
         bob releases h; alice 100; alice holds 1 for bob until 80 as g via k AGENT_CAP_EXCEEDED",
    );
    // What an agent brings in does not make up for what it pays out.
    check(
        "alice 100, bob 9; bob holds 9 for alice until 80 as h; alice grants k pay,hold 5 until 90;
         alice captures 9 of h & alice -> bob 6 via k AGENT_CAP_EXCEEDED;
         alice captures 9 of h & alice -> bob 5 via k; alice 104, bob 5",
    );
}

#[test]
fn failed_transaction_of_an_agent_uses_up_its_fee_alone() {
    check(
        "given base 1; alice 100, bob 0; alice grants k pay 5 until 90; alice 99;
         alice -> bob 1 & alice -> alice 1 via k RECIPIENT_IS_SENDER@1; alice 98;
         alice -> bob 3 via k; alice 94, bob 3; alice -> bob 1 via k AGENT_CAP_EXCEEDED",
    );
}

#[test]
fn agent_signs_alone() {
    check(
        "alice 100, bob 0; alice grants k pay 50 until 90; alice grants l pay 50 until 90;
         alice -> bob 1 via k,l SIGNER_NOT_SENDER; alice -> bob 1 via alice,k SIGNER_NOT_SENDER;
         bob -> alice 1 via k SIGNER_NOT_SENDER; alice -> bob 1 via k; bob 1",
    );
}

#[test]
fn agent_is_one_until_it_is_revoked_or_its_end_has_passed() {
    check(
        "alice 100, bob 0; alice grants k pay 50 until 90; time 89; alice -> bob 1 via k;
         alice -> bob 1 via k SIGNER_NOT_SENDER; bob 1",
    );
    check(
        "alice 100, bob 0; alice grants k pay 50 until 90;
         alice revokes k | alice -> bob 1 via k SIGNER_NOT_SENDER; bob 0",
    );
}

#[test]
fn agent_outlives_a_change_of_keys_and_one_of_a_set_may_be_one() {
    check(
        "alice 100, bob 0; alice grants k pay 50 until 90; alice keys 2 of a b;
         alice -> bob 1 via k; alice -> bob 1 via a SIGNER_NOT_SENDER;
         alice grants a pay 5 until 90 via a,b; alice -> bob 5 via a; bob 6;
         alice -> bob 1 via a AGENT_CAP_EXCEEDED",
    );
}

#[test]
fn agents_of_two_accounts_with_one_key_are_two() {
    check(
        "alice 10, bob 10, carol 0; alice grants k pay 5 until 90; bob grants k pay 9 until 90;
         alice -> carol 5 via k; bob -> carol 9 via k; alice -> carol 1 via k AGENT_CAP_EXCEEDED;
         bob revokes k; bob -> carol 1 via k SIGNER_NOT_SENDER; carol 14",
    );
}
