//! Claims about deposits.

use chain::state::Key;
use chain::state::Object;

use crate::testing::{check, run};

#[test]
fn deposit_mints() {
    let ledger = run("cashier 0, bob 1; cashier deposits 5 to bob as r; cashier 0, bob 6");
    let Some(Object::Supply(supply)) = ledger.state.get(&Key::Supply) else { panic!("no supply") };
    assert_eq!(supply.minted.base_units(), 6);
}

#[test]
fn cashier_deposits_to_itself() {
    check("cashier 0; cashier deposits 5 to cashier as r; cashier 5");
}

#[test]
fn deposit_by_another_is_rejected() {
    check("alice 5, bob 0; alice deposits 5 to bob as r NOT_CASHIER; alice 5, bob 0");
}

#[test]
fn deposit_of_nothing_is_rejected() {
    check("cashier 0, bob 0; cashier deposits 0 to bob as r AMOUNT_ZERO");
}

#[test]
fn reference_counts_once() {
    check(
        "cashier 0, bob 0; cashier deposits 5 to bob as r;
         cashier deposits 5 to bob as r REFERENCE_USED; cashier deposits 6 to bob as s; bob 11",
    );
}

#[test]
fn reference_counts_once_in_a_block_and_in_a_transaction() {
    check(
        "cashier 0, bob 0;
         cashier deposits 5 to bob as r | cashier deposits 5 to bob as r REFERENCE_USED; bob 5;
         cashier deposits 5 to bob as s & cashier deposits 5 to bob as s REFERENCE_USED@1; bob 5;
         cashier deposits 5 to bob as s; bob 10",
    );
}

#[test]
fn supply_ends_at_the_largest_amount() {
    check(
        "cashier 1, bob 0; cashier deposits MAX to bob as r SUPPLY_TOO_LARGE;
         cashier deposits 999999999999999999999999999999 to bob as r;
         cashier deposits 1 to bob as s SUPPLY_TOO_LARGE; cashier -> bob 1; bob MAX",
    );
}

#[test]
fn cashier_pays_the_deposit_of_an_account_it_opens() {
    check("given account 3; cashier 4; cashier deposits 5 to bob as r; cashier 1, bob 8/3");
    check("given account 3; cashier 2; cashier deposits 5 to bob as r BALANCE_TOO_LOW; cashier 2");
}
