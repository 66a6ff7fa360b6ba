//! Claims about reading through layers.

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::height::Height;
use chain::id::ObjectId;
use chain::state::{Key, Object};
use chain::time::Time;
use chain::timer::{Due, Timer, TimerKind};

use super::{Changes, State, View};

fn changes(objects: impl IntoIterator<Item = (Key, Option<Object>)>) -> Changes {
    Changes { objects: objects.into_iter().collect(), ..Changes::default() }
}

fn cash(units: u64) -> Object {
    Object::Account(Account { cash: Amount::from_u64(units), ..Account::default() })
}

fn timer(due: Due, byte: u8) -> Timer {
    Timer { due, kind: TimerKind::HoldExpire, object: ObjectId([byte; 32]) }
}

fn at(time: u64) -> Timer {
    timer(Due::Time(Time(time)), 1)
}

#[test]
fn newest_change_wins() {
    let [one, two, three] = [1, 2, 3].map(|byte| AccountId([byte; 20]));
    let state = State::from_objects([(Key::Account(one), cash(1)), (Key::Account(two), cash(2))]);
    let older =
        changes([(Key::Account(one), Some(cash(10))), (Key::Account(three), Some(cash(3)))]);
    let newer = changes([(Key::Account(one), Some(cash(20))), (Key::Account(three), None)]);
    let layers = [&older, &newer];
    let read = |view: View<'_>| {
        [one, two, three].map(|id| view.account(&id).map(|it| it.cash.base_units()))
    };
    assert_eq!(read(View::new(&state, &[])), [Some(1), Some(2), None]);
    assert_eq!(read(View::new(&state, &layers[..1])), [Some(10), Some(2), Some(3)]);
    assert_eq!(read(View::new(&state, &layers)), [Some(20), Some(2), None]);
    let newest = changes([(Key::Account(two), None)]);
    assert_eq!(read(View::new(&state, &layers).under(&newest)), [Some(20), None, None]);
}

#[test]
fn committed_changes_read_as_the_overlay_did() {
    let id = AccountId([1; 20]);
    let mut state = State::from_objects([(Key::Account(id), cash(1))]);
    let layer =
        changes([(Key::Account(id), Some(cash(2))), (Key::Timer(at(5)), Some(Object::Timer))]);
    let overlay = View::new(&state, &[&layer]).timers_due(Time(5), Height(0), 9);
    state.commit(&layer);
    assert_eq!(View::new(&state, &[]).account(&id).unwrap().cash, Amount::from_u64(2));
    assert_eq!(View::new(&state, &[]).timers_due(Time(5), Height(0), 9), overlay);
    state.commit(&changes([(Key::Account(id), None), (Key::Timer(at(5)), None)]));
    assert!(state.is_empty());
}

#[test]
fn what_a_commit_returns_shows_the_state_before() {
    let [one, two, three] = [1, 2, 3].map(|byte| AccountId([byte; 20]));
    let mut state =
        State::from_objects([(Key::Account(one), cash(1)), (Key::Account(two), cash(2))]);
    let read = |view: View<'_>| {
        [one, two, three].map(|id| view.account(&id).map(|it| it.cash.base_units()))
    };
    let first = state.commit(&changes([
        (Key::Account(one), Some(cash(10))),
        (Key::Account(two), None),
        (Key::Account(three), Some(cash(3))),
    ]));
    let second = state.commit(&changes([(Key::Account(three), None)]));
    assert_eq!(read(View::new(&state, &[])), [Some(10), None, None]);
    assert_eq!(read(View::new(&state, &[&second])), [Some(10), None, Some(3)]);
    assert_eq!(read(View::new(&state, &[&second, &first])), [Some(1), Some(2), None]);
}

#[test]
fn timers_due_are_the_oldest_of_all_layers() {
    let set = |timers: &[Timer]| {
        timers.iter().map(|it| (Key::Timer(*it), Object::Timer)).collect::<Vec<_>>()
    };
    let state = State::from_objects(set(&[at(1), at(3), at(5), at(9)]));
    let older = changes([(Key::Timer(at(1)), None), (Key::Timer(at(2)), Some(Object::Timer))]);
    let height = timer(Due::Height(Height(7)), 1);
    let newer = changes([
        (Key::Timer(at(2)), None),
        (Key::Timer(at(4)), Some(Object::Timer)),
        (Key::Timer(height), Some(Object::Timer)),
    ]);
    let layers = [&older, &newer];
    let view = View::new(&state, &layers);
    assert_eq!(view.timers_due(Time(5), Height(7), 9), [height, at(3), at(4), at(5)]);
    assert_eq!(view.timers_due(Time(4), Height(6), 9), [at(3), at(4)]);
    assert_eq!(view.timers_due(Time(5), Height(7), 2), [height, at(3)]);
    assert_eq!(view.timers_due(Time(2), Height(7), 2), [height]);
}

#[test]
#[should_panic(expected = "an object under a key of its kind")]
fn object_under_a_strange_key_stops() {
    State::from_objects([(Key::Supply, cash(1))]);
}
