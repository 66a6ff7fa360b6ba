//! Each broken invariant is found.

use chain::account::Account;
use chain::amount::Amount;
use chain::channel::{BestVoucher, Channel, ChannelStatus};
use chain::height::Height;
use chain::hold::{Hold, Purpose};
use chain::id::ObjectId;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::time::Time;
use chain::timer::{Due, Timer, TimerKind};

use super::{Violation, check};
use crate::state::{Changes, State};
use crate::testing::{account, run};

const ID: ObjectId = ObjectId([9; 32]);

/// The state after a script, with `changes` on top.
fn broken(
    script: &str,
    changes: impl IntoIterator<Item = (Key, Option<Object>)>,
) -> Result<(), Violation> {
    let mut state = run(script).state;
    state.commit(&Changes { objects: changes.into_iter().collect(), ..Changes::default() });
    check(&state)
}

fn sum(units: u64) -> Amount {
    Amount::from_u64(units)
}

fn alice(cash: u64, held: u64) -> (Key, Option<Object>) {
    let alice = Account { cash: sum(cash), held: sum(held), ..Account::default() };
    (Key::Account(account("alice")), Some(Object::Account(alice)))
}

#[test]
fn nothing_is_no_genesis() {
    assert_eq!(check(&State::default()), Err(Violation::NoGenesis));
}

#[test]
fn sound_state_passes() {
    assert_eq!(broken("alice 10, bob 0; alice holds 5 for bob until 50 as h", []), Ok(()));
}

#[test]
fn money_that_comes_or_goes_is_found() {
    let supply = Object::Supply(Supply { minted: sum(11) });
    assert_eq!(broken("alice 10", [(Key::Supply, Some(supply))]), Err(Violation::Supply));
    assert_eq!(broken("alice 10", [alice(9, 0)]), Err(Violation::Supply));
}

#[test]
fn held_money_that_no_object_needs_is_found() {
    let id = account("alice");
    assert_eq!(broken("alice 10", [alice(10, 1)]), Err(Violation::Held(id)));
    assert_eq!(broken("alice 10", [alice(10, 11)]), Err(Violation::HeldAboveCash(id)));
    let script = "alice 10, bob 0; alice holds 5 for bob until 50 as h";
    assert_eq!(broken(script, [alice(10, 4)]), Err(Violation::Held(id)));
}

#[test]
fn orders_that_are_not_counted_are_found() {
    let id = account("alice");
    let miscounted = Account { cash: sum(10), orders: 1, ..Account::default() };
    let change = (Key::Account(id), Some(Object::Account(miscounted)));
    assert_eq!(broken("alice 10", [change]), Err(Violation::OrderCount(id)));
}

#[test]
fn object_without_its_owner_is_found() {
    let ledger = run("alice 0, bob 0");
    let purpose = Purpose::User { beneficiary: account("bob"), expires: Time(50) };
    let owner = account("nobody");
    let hold = Hold { owner, purpose, amount: sum(5), captured: Amount::ZERO };
    let mut state = ledger.state;
    let objects = [(Key::Hold(ID), Some(Object::Hold(Box::new(hold))))].into();
    state.commit(&Changes { objects, ..Changes::default() });
    assert_eq!(check(&state), Err(Violation::OwnerMissing(owner)));
}

#[test]
fn holds_that_do_not_fit_are_found() {
    let (owner, beneficiary) = (account("alice"), account("bob"));
    let user = Purpose::User { beneficiary, expires: Time(50) };
    let sound = Hold { owner, purpose: user, amount: sum(5), captured: sum(1) };
    for hold in [
        Hold { captured: sum(5), ..sound },
        Hold { purpose: Purpose::Bid { order: ID }, ..sound },
        Hold { purpose: Purpose::Contract { contract: ID }, ..sound },
        Hold { purpose: Purpose::Channel { channel: ID }, ..sound },
    ] {
        let rest = hold.amount.checked_sub(hold.captured).unwrap().base_units();
        let held = u64::try_from(rest).unwrap();
        let change = (Key::Hold(ID), Some(Object::Hold(Box::new(hold))));
        let found = broken("alice 10, bob 0", [alice(10, held), change]);
        assert_eq!(found, Err(Violation::Hold(ID)), "{hold:?}");
    }
}

#[test]
fn channels_that_do_not_fit_are_found() {
    let ledger = run("alice 10, bob 0; alice opens c to bob 8 delay 10");
    let id = ledger.object("c");
    let Some(Object::Channel(channel)) = ledger.state.get(&Key::Channel(id)) else { panic!() };
    let best = Some(BestVoucher { sequence: 1, cumulative: sum(9) });
    for (changed, violation) in [
        (Channel { best, ..**channel }, Violation::Channel(id)),
        (Channel { payee: channel.payer, ..**channel }, Violation::Channel(id)),
        (Channel { funded: sum(7), ..**channel }, Violation::Hold(channel.hold)),
        (Channel { hold: ID, ..**channel }, Violation::Hold(channel.hold)),
    ] {
        let mut state = ledger.state.clone();
        let objects = [(Key::Channel(id), Some(Object::Channel(Box::new(changed))))].into();
        state.commit(&Changes { objects, ..Changes::default() });
        assert_eq!(check(&state), Err(violation), "{changed:?}");
    }
}

#[test]
fn deadlines_missing_doubled_or_misplaced_are_found() {
    let script = "alice 10, bob 0; alice holds 5 for bob until 50 as h";
    let object = run(script).object("h");
    let timer = |due, kind| Key::Timer(Timer { due, kind, object });
    let right = timer(Due::Time(Time(50)), TimerKind::HoldExpire);
    let late = timer(Due::Time(Time(51)), TimerKind::HoldExpire);
    let other = timer(Due::Time(Time(50)), TimerKind::OrderExpire);
    let set = Some(Object::Timer);
    for changes in [
        vec![(right, None)],
        vec![(right, None), (late, set.clone())],
        vec![(late, set.clone())],
        vec![(right, None), (other, set)],
    ] {
        assert_eq!(broken(script, changes), Err(Violation::Timer(object)));
    }
}

#[test]
fn deadline_of_nothing_is_found() {
    let timer = Timer { due: Due::Height(Height(5)), kind: TimerKind::ChannelClose, object: ID };
    let change = (Key::Timer(timer), Some(Object::Timer));
    assert_eq!(broken("alice 10", [change]), Err(Violation::Timer(ID)));
}

#[test]
fn closing_channel_without_a_deadline_is_found() {
    let ledger = run("alice 10, bob 0; alice opens c to bob 8 delay 10");
    let id = ledger.object("c");
    let Some(Object::Channel(channel)) = ledger.state.get(&Key::Channel(id)) else { panic!() };
    let status = ChannelStatus::Closing { time: Time(50), height: Height(5) };
    let channel = Channel { status, ..**channel };
    let mut state = ledger.state;
    let objects = [(Key::Channel(id), Some(Object::Channel(Box::new(channel))))].into();
    state.commit(&Changes { objects, ..Changes::default() });
    assert_eq!(check(&state), Err(Violation::Timer(id)));
}
