//! Claims about freezing: what a frozen account may still do, and that no money is lost over it.

use chain::proposal::{Change, Office, ProposalEnded};

use crate::rejection::Rejection;
use crate::testing::account;
use crate::testing::council::council;

#[test]
fn frozen_account_is_paid_and_ends_what_it_has_begun() {
    let mut ledger = council();
    for statement in [
        "alice holds 40 for b until 900 as h",
        "b holds 20 for alice until 900 as g",
        "alice opens c1 to b 30 delay 10",
        "b opens c2 to alice 30 delay 10",
        "alice grants k pay 5 until 900",
        "alice withdraws 50 as w",
    ] {
        ledger.step(statement);
    }
    assert_eq!(ledger.decide(Change::Freeze(account("alice"))).0, ProposalEnded::Enacted);
    for statement in [
        "alice -> b 1 ACCOUNT_FROZEN",
        "alice -> b 1 via k ACCOUNT_FROZEN",
        "alice holds 1 for b until 900 as n ACCOUNT_FROZEN",
        "alice opens n to b 1 delay 10 ACCOUNT_FROZEN",
        "alice withdraws 1 as n ACCOUNT_FROZEN",
        "alice is called alice ACCOUNT_FROZEN",
        "alice keys 1 of a ACCOUNT_FROZEN",
        "alice grants m pay 5 until 900 ACCOUNT_FROZEN",
        "cashier confirms w as r ACCOUNT_FROZEN",
        "b -> alice 1",
        "b captures 15 of h",
        "alice captures 20 of g",
        "alice refunds 1 of g ACCOUNT_FROZEN",
        "b submits 1/30 of c1",
        "b collects c1",
        "alice collects c2",
        "alice revokes k",
        "b releases h",
        "cashier rejects w",
        "alice 976/0",
    ] {
        ledger.step(statement);
    }
    assert_eq!(ledger.decide(Change::Unfreeze(account("alice"))).0, ProposalEnded::Enacted);
    ledger.step("alice -> b 976");
}

#[test]
fn officers_and_whoever_is_so_already_are_not_frozen() {
    let mut ledger = council();
    let frozen = |who: &str| Change::Freeze(account(who));
    for who in ["a", "d", "cashier", "treasury"] {
        ledger.refuses_change("a", frozen(who), Rejection::AccountInOffice);
    }
    ledger.refuses_change("a", frozen("nobody"), Rejection::AccountUnknown);
    let released = Change::Unfreeze(account("alice"));
    ledger.refuses_change("a", released, Rejection::FreezeUnchanged);
    ledger.decide(frozen("alice"));
    ledger.refuses_change("a", frozen("alice"), Rejection::FreezeUnchanged);
    let office = Change::Appoint { office: Office::Cashier, account: account("alice") };
    ledger.refuses_change("a", office, Rejection::AccountFrozen);
}
