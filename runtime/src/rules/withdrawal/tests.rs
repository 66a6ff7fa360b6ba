//! Claims about withdrawals.

use chain::state::{Key, Object};
use chain::supply::Supply;

use crate::testing::{Ledger, check, run};

fn supply(ledger: &Ledger) -> Supply {
    let Some(Object::Supply(supply)) = ledger.state.get(&Key::Supply) else { panic!("no supply") };
    *supply
}

#[test]
fn withdrawal_sets_money_and_deposit_aside() {
    check("given hold 2; alice 10; alice withdraws 8 as w; alice 10/10");
    check("given hold 2; alice 9; alice withdraws 8 as w BALANCE_TOO_LOW; alice 9");
    check("alice 10; alice withdraws 0 as w AMOUNT_ZERO");
}

#[test]
fn confirmed_money_is_gone_and_burned() {
    let ledger = run("given hold 2; cashier 0, alice 10; alice withdraws 8 as w;
         cashier confirms w as r; alice 2, cashier 0; gone w; time 500; block; alice 2");
    let supply = supply(&ledger);
    assert_eq!((supply.minted.base_units(), supply.burned.base_units()), (10, 8));
    assert_eq!(supply.cash().base_units(), 2);
}

#[test]
fn rejected_money_returns_with_its_deposit() {
    let ledger = run("given hold 2; cashier 0, alice 10; alice withdraws 8 as w;
         cashier rejects w; alice 10; gone w; cashier confirms w as r HOLD_UNKNOWN;
         cashier rejects w HOLD_UNKNOWN");
    assert!(supply(&ledger).burned.is_zero());
}

#[test]
fn withdrawal_without_an_answer_returns_by_itself() {
    check(
        "given hold 2; cashier 0, alice 10; alice withdraws 8 as w; time 99; block; alice 10/10;
         time 101; block; alice 10; gone w; cashier confirms w as r HOLD_UNKNOWN",
    );
}

#[test]
fn confirmation_in_the_last_block_before_the_end_succeeds() {
    // Requested when the parent's time is 0, so it ends once that is 100.
    check("cashier 0, alice 10; alice withdraws 8 as w; time 99; cashier confirms w as r; alice 2");
    check(
        "cashier 0, alice 10; alice withdraws 8 as w; time 100; cashier confirms w as r HOLD_UNKNOWN; alice 10",
    );
}

#[test]
fn withdrawal_answered_by_another_is_rejected() {
    check(
        "cashier 0, alice 10, bob 0; alice withdraws 8 as w; alice confirms w as r NOT_CASHIER;
         bob confirms w as r NOT_CASHIER; alice rejects w NOT_CASHIER; alice 10/8",
    );
}

#[test]
fn what_is_no_withdrawal_is_neither_confirmed_nor_rejected() {
    check(
        "cashier 0, alice 10; alice holds 8 for cashier until 50 as h;
         cashier confirms h as r NOT_WITHDRAWAL; cashier rejects h NOT_WITHDRAWAL;
         cashier confirms nothing as r HOLD_UNKNOWN",
    );
}

#[test]
fn withdrawal_is_neither_captured_nor_released() {
    check(
        "cashier 0, alice 10; alice withdraws 8 as w; cashier captures 8 of w HOLD_BOUND;
         alice releases w HOLD_BOUND; cashier releases w HOLD_BOUND; alice 10/8",
    );
}

#[test]
fn reference_counts_once_among_deposits_and_withdrawals() {
    check(
        "cashier 0, alice 10; cashier deposits 5 to alice as r;
         alice withdraws 8 as v; alice withdraws 4 as w; cashier confirms v as r REFERENCE_USED;
         cashier confirms v as s; cashier confirms w as s REFERENCE_USED;
         cashier deposits 5 to alice as s REFERENCE_USED; cashier confirms w as t; alice 3",
    );
}

#[test]
fn undone_confirmation_burns_nothing() {
    let ledger = run("cashier 0, alice 10; alice withdraws 8 as w;
         cashier confirms w as r & cashier -> alice 1 BALANCE_TOO_LOW@1; alice 10/8;
         cashier confirms w as r; alice 2");
    assert_eq!(supply(&ledger).burned.base_units(), 8);
}

#[test]
fn cashier_withdraws_its_own_money() {
    check("cashier 10; cashier withdraws 8 as w & cashier confirms w as r; cashier 2; gone w");
}

#[test]
fn what_left_can_come_again_until_the_largest_sum_ever_minted() {
    check(
        "cashier 0, alice 10; cashier deposits 999999999999999999999999999990 to alice as r;
         alice withdraws 999999999999999999999999999990 as w; cashier confirms w as s;
         cashier deposits 1 to alice as t SUPPLY_TOO_LARGE; alice 10",
    );
}
