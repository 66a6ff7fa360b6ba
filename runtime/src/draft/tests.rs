//! Claims about undoing and about what a block reports as changed.

use chain::account::Account;
use chain::amount::Amount;
use chain::hold::{Hold, Purpose};
use chain::id::ObjectId;
use chain::state::Key;
use chain::time::Time;
use chain::timer::{Due, TimerKind};

use super::Draft;
use crate::state::View;
use crate::testing::{account, run};

const ID: ObjectId = ObjectId([1; 32]);

fn hold() -> Hold {
    let purpose = Purpose::User { beneficiary: account("bob"), expires: Time(5) };
    Hold::new(account("alice"), purpose, Amount::from_u64(1))
}

#[test]
fn undoing_takes_back_to_the_last_commit_and_no_further() {
    let ledger = run("alice 10");
    let mut draft = Draft::new(View::new(&ledger.state, &[]), ledger.context());
    let with = |cash| Account { cash: Amount::from_u64(cash), ..Account::default() };
    draft.put_account(account("alice"), with(9));
    draft.put_hold(ID, hold());
    draft.commit_transaction();
    draft.put_account(account("alice"), with(8));
    draft.put_account(account("alice"), with(7));
    draft.put_account(account("carol"), with(1));
    draft.set_timer(Due::Time(Time(5)), TimerKind::HoldExpire, ID);
    draft.end_hold(ID, hold());
    assert_eq!(draft.view().hold(&ID), None);
    draft.undo_transaction();
    assert_eq!(draft.view().account(&account("alice")), Some(with(9)));
    assert_eq!(draft.view().account(&account("carol")), None);
    assert_eq!(draft.view().hold(&ID), Some(hold()));
    let (changes, _) = draft.into_changes();
    assert!(changes.ended.is_empty());
    let keys: Vec<Key> = changes.objects.keys().copied().collect();
    assert_eq!(keys, [Key::Account(account("alice")), Key::Hold(ID)]);
}

#[test]
fn what_comes_and_goes_within_a_block_is_no_change() {
    let ledger = run("alice 10");
    let mut draft = Draft::new(View::new(&ledger.state, &[]), ledger.context());
    draft.put_hold(ID, hold());
    draft.set_timer(Due::Time(Time(5)), TimerKind::HoldExpire, ID);
    draft.commit_transaction();
    draft.clear_timer(Due::Time(Time(5)), TimerKind::HoldExpire, ID);
    draft.end_hold(ID, hold());
    let (changes, _) = draft.into_changes();
    assert!(changes.objects.is_empty());
    assert_eq!(changes.ended.len(), 1);
}

#[test]
#[should_panic(expected = "an object ends once")]
fn ending_twice_stops() {
    let ledger = run("alice 10");
    let mut draft = Draft::new(View::new(&ledger.state, &[]), ledger.context());
    draft.put_hold(ID, hold());
    draft.end_hold(ID, hold());
    draft.end_hold(ID, hold());
}
