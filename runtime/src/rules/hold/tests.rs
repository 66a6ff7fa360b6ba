//! Claims about holds.

use chain::account::Account;
use chain::amount::Amount;
use chain::hold::{Hold, Purpose};
use chain::id::ObjectId;
use chain::limits::BLOCK_TIMERS_MAX;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::time::Time;
use chain::timer::{Due, Timer, TimerKind};

use crate::state::State;
use crate::testing::{Ledger, account, authorities, check, params};

#[test]
fn hold_sets_money_and_deposit_aside() {
    check("given hold 2; alice 10, bob 0; alice holds 8 for bob until 50 as h; alice 10/10");
    check(
        "given hold 2; alice 9, bob 0; alice holds 8 for bob until 50 as h BALANCE_TOO_LOW; alice 9",
    );
}

#[test]
fn hold_of_nothing_is_rejected() {
    check("alice 10, bob 0; alice holds 0 for bob until 50 as h AMOUNT_ZERO");
}

#[test]
fn hold_for_oneself_is_rejected() {
    check("alice 10; alice holds 5 for alice until 50 as h RECIPIENT_IS_SENDER");
}

#[test]
fn hold_for_nobody_is_rejected() {
    check("alice 10; alice holds 5 for bob until 50 as h RECIPIENT_UNKNOWN");
}

#[test]
fn hold_ends_after_the_parents_time_and_within_the_longest_span() {
    check("alice 10, bob 0; time 100; alice holds 5 for bob until 100 as h HOLD_END_PASSED");
    check("alice 10, bob 0; time 100; alice holds 5 for bob until 101 as h; alice 10/5");
    check("alice 10, bob 0; time 100; alice holds 5 for bob until 1101 as h HOLD_END_TOO_FAR");
    check("alice 10, bob 0; time 100; alice holds 5 for bob until 1100 as h; alice 10/5");
}

#[test]
fn captures_are_cumulative() {
    check(
        "alice 10, bob 0; alice holds 8 for bob until 50 as h;
         bob captures 3 of h; alice 7/5, bob 3;
         bob captures 3 of h CAPTURE_TOO_LOW; bob captures 2 of h CAPTURE_TOO_LOW;
         bob captures 7 of h; alice 3/1, bob 7; bob releases h; alice 3, bob 7; gone h",
    );
}

#[test]
fn capture_beyond_the_hold_is_rejected() {
    check(
        "alice 10, bob 0; alice holds 8 for bob until 50 as h;
         bob captures 9 of h CAPTURE_TOO_HIGH; alice 10/8, bob 0",
    );
}

#[test]
fn hold_captured_in_full_is_spent() {
    check(
        "given hold 2; alice 10, bob 0; alice holds 8 for bob until 50 as h;
         bob captures 8 of h; alice 2, bob 8; gone h; bob releases h HOLD_UNKNOWN; time 50; block",
    );
}

#[test]
fn capture_by_another_is_rejected() {
    check(
        "alice 10, bob 0, carol 0; alice holds 8 for bob until 50 as h;
         carol captures 1 of h NOT_BENEFICIARY; alice captures 1 of h NOT_BENEFICIARY",
    );
}

#[test]
fn capture_of_no_hold_is_rejected() {
    check(
        "alice 10; alice captures 1 of nothing HOLD_UNKNOWN; alice releases nothing HOLD_UNKNOWN",
    );
}

#[test]
fn hold_of_a_channel_is_its_own() {
    check(
        "alice 10, bob 0; alice opens c to bob 8 delay 10;
         bob captures 1 of c.hold HOLD_BOUND; bob releases c.hold HOLD_BOUND; alice 10/8",
    );
}

#[test]
fn hold_released_twice_is_rejected() {
    check(
        "given hold 2; alice 10, bob 0; alice holds 8 for bob until 50 as h; bob releases h;
         alice 10, bob 0; bob releases h HOLD_UNKNOWN; bob captures 1 of h HOLD_UNKNOWN",
    );
}

#[test]
fn release_by_the_owner_waits_for_the_end() {
    check(
        "alice 10, bob 0, carol 0; alice holds 8 for bob until 50 as h;
         alice releases h HOLD_NOT_EXPIRED; carol releases h NOT_BENEFICIARY; alice 10/8",
    );
}

#[test]
fn hold_expires_by_itself_judged_by_the_parents_time() {
    check(
        "given hold 2; alice 10, bob 0; alice holds 8 for bob until 50 as h; bob captures 1 of h;
         time 49; block; alice 9/9, bob 1; block; alice 9, bob 1; gone h",
    );
}

#[test]
fn capture_in_the_last_block_before_the_end_succeeds() {
    check(
        "alice 10, bob 0; alice holds 8 for bob until 50 as h; time 49; bob captures 8 of h; bob 8",
    );
    check(
        "alice 10, bob 0; alice holds 8 for bob until 50 as h; time 50; bob captures 8 of h HOLD_UNKNOWN",
    );
}

#[test]
fn holds_opened_in_one_transaction_are_two() {
    check(
        "alice 10, bob 0; alice holds 3 for bob until 50 as g & alice holds 4 for bob until 50 as h;
         alice 10/7; bob captures 3 of g & bob captures 1 of h; alice 6/3, bob 4",
    );
}

/// More holds that end at time 5 than timers fire in one block, each of one unit, from alice for bob.
fn crowd() -> Ledger {
    let count = BLOCK_TIMERS_MAX + 2;
    let sum = Amount::from_u64(u64::try_from(count).unwrap());
    let alice = Account { cash: sum, held: sum, ..Account::default() };
    let mut objects = vec![
        (Key::Params, Object::Params(Box::new(params()))),
        (Key::Supply, Object::Supply(Supply { minted: sum, burned: Amount::ZERO })),
        (Key::Authorities, Object::Authorities(Box::new(authorities()))),
        (Key::Account(account("alice")), Object::Account(alice)),
        (Key::Account(account("bob")), Object::Account(Account::default())),
    ];
    let expires = Time(5);
    for index in 0..count {
        let id = numbered(index);
        let purpose = Purpose::User { beneficiary: account("bob"), expires };
        let hold = Hold::new(account("alice"), purpose, Amount::from_u64(1));
        let timer = Timer { due: Due::Time(expires), kind: TimerKind::HoldExpire, object: id };
        objects.push((Key::Hold(id), Object::Hold(Box::new(hold))));
        objects.push((Key::Timer(timer), Object::Timer));
    }
    Ledger::of_state(State::from_objects(objects))
}

fn numbered(index: usize) -> ObjectId {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&u64::try_from(index).unwrap().to_be_bytes());
    ObjectId(id)
}

#[test]
fn timers_beyond_the_blocks_bound_wait_and_what_expired_stays_expired() {
    let mut ledger = crowd();
    ledger.call("waits", numbered(BLOCK_TIMERS_MAX));
    ledger.call("last", numbered(BLOCK_TIMERS_MAX + 1));
    ledger.step("time 5");
    ledger.step("alice 4098/4098");
    ledger.step("bob captures 1 of waits HOLD_EXPIRED | alice releases waits");
    ledger.step("alice 4098/1");
    ledger.step("gone waits");
    ledger.step("block");
    ledger.step("alice 4098");
    ledger.step("gone last");
}
