//! What histories say after restarts, and how they begin and end.

use std::path::Path;

use chain::state::{Key, Object};
use tempfile::tempdir;

use super::*;
use crate::store::families;
use crate::testing::{Chain, account, data, transfer};

/// Payments of account 1, one a block.
fn pay(chain: &Chain, nonces: std::ops::Range<u64>) {
    for nonce in nonces {
        chain.submit(transfer(1, nonce));
        chain.grow();
    }
}

fn rows(chain: &Chain, byte: u8) -> Vec<Row> {
    let places = RowPlace::first(Height(0))..=RowPlace::last(Height(u64::MAX));
    let rows = chain.ledger.store().history(account(byte), places, RowOrder::Rising);
    rows.map(Result::unwrap).collect()
}

/// The last row of every account is how it stands, and there is a row of no other.
fn check_last_rows(chain: &Chain) {
    let committed = chain.ledger.read();
    let mut accounts = 0;
    for (key, object) in committed.state.iter() {
        let (Key::Account(id), Object::Account(account)) = (key, object) else { continue };
        let last = RowPlace::last(committed.header.height);
        let balance = chain.ledger.store().balance_at(*id, last).unwrap();
        assert_eq!((balance.cash, balance.held), (account.cash, account.held), "{id:?}");
        accounts += 1;
    }
    assert!(accounts >= 6);
}

fn begin(folder: &Path, histories: Histories) -> Option<Height> {
    let chain = Chain::open_with(folder, histories).unwrap();
    chain.ledger.store().histories_begin()
}

#[test]
fn steps_keep_their_order_as_numbers() {
    let steps = [
        RowStep::Of(BlockStep::Timers),
        RowStep::Of(BlockStep::Transaction(0)),
        RowStep::Of(BlockStep::Transaction(16_383)),
        RowStep::Of(BlockStep::Matching),
        RowStep::Of(BlockStep::Fees),
        RowStep::Beginning,
    ];
    assert!(steps.is_sorted_by(|one, next| one < next && one.number() < next.number()));
    for step in steps {
        assert_eq!(RowStep::of_number(step.number()), step);
        let place = RowPlace { height: Height(u64::MAX - 1), step };
        assert_eq!(super::place(&key(account(1), place)), Some(place));
    }
    assert_eq!(super::place(&[0; KEY_BYTES - 1]), None);
}

#[test]
fn rows_stand_in_order_and_survive_a_restart() {
    let folder = tempdir().unwrap();
    let chain = Chain::open(folder.path()).unwrap();
    pay(&chain, 0..5);
    let before = rows(&chain, 1);
    assert_eq!(before.len(), 1 + 5, "how it began, and five payments");
    assert!(before.is_sorted_by(|one, next| one.place < next.place));
    assert!(before.is_sorted_by(|one, next| one.balance.cash > next.balance.cash));
    drop(chain);
    let chain = Chain::open(folder.path()).unwrap();
    assert_eq!(rows(&chain, 1), before);
    assert_eq!(chain.ledger.store().histories_begin(), Some(Height(0)));
    pay(&chain, 5..6);
    assert_eq!(rows(&chain, 1).len(), before.len() + 1);
    check_last_rows(&chain);
}

#[test]
fn process_that_dies_leaves_rows_and_tip_together() {
    let (folder, copied) = (tempdir().unwrap(), tempdir().unwrap());
    let chain = Chain::open(folder.path()).unwrap();
    pay(&chain, 0..5);
    // What a process that dies leaves: the files as they are, never closed.
    crate::store::tests::copy(&data(folder.path()), &data(copied.path()));
    let copy = Chain::open(copied.path()).unwrap();
    assert_eq!(rows(&copy, 1), rows(&chain, 1));
    check_last_rows(&copy);
}

#[test]
fn histories_begin_anew_at_the_tip_after_they_were_off() {
    let folder = tempdir().unwrap();
    let chain = Chain::open_with(folder.path(), Histories::Off).unwrap();
    assert_eq!(chain.ledger.store().histories_begin(), None);
    pay(&chain, 0..2);
    assert_eq!(rows(&chain, 1), []);
    drop(chain);

    let chain = Chain::open(folder.path()).unwrap();
    assert_eq!(chain.ledger.store().histories_begin(), Some(Height(2)));
    pay(&chain, 2..4);
    assert_eq!(rows(&chain, 1).len(), 1 + 2);
    assert_eq!(rows(&chain, 1)[0].place, RowPlace::last(Height(2)));
    check_last_rows(&chain);
    drop(chain);

    assert_eq!(begin(folder.path(), Histories::Off), None);
    let chain = Chain::open(folder.path()).unwrap();
    assert_eq!(chain.ledger.store().histories_begin(), Some(Height(4)));
    assert_eq!(rows(&chain, 1).len(), 1, "nothing is left of what was kept before");
    check_last_rows(&chain);
}

#[test]
fn beginning_that_was_cut_off_is_begun_again() {
    let folder = tempdir().unwrap();
    pay(&Chain::open(folder.path()).unwrap(), 0..2);
    {
        let options = families::existing();
        let db = rocksdb::DB::open_cf_descriptors(
            &options,
            data(folder.path()),
            families::descriptors(),
        );
        let db = db.unwrap();
        db.delete_cf(db.cf_handle("meta").unwrap(), BEGIN_KEY).unwrap();
    }
    let chain = Chain::open(folder.path()).unwrap();
    assert_eq!(chain.ledger.store().histories_begin(), Some(Height(2)));
    assert_eq!(rows(&chain, 1).len(), 1);
    check_last_rows(&chain);
}

#[test]
fn balance_is_that_of_the_last_row_at_or_before_a_place() {
    let folder = tempdir().unwrap();
    let chain = Chain::open(folder.path()).unwrap();
    pay(&chain, 0..2);
    chain.grow();
    let rows = rows(&chain, 2);
    let store = chain.ledger.store();
    let at = |place| store.balance_at(account(2), place).unwrap();
    assert_eq!(at(RowPlace::first(Height(0))), Balance::default());
    assert_eq!(at(RowPlace::last(Height(0))), rows[0].balance);
    assert_eq!(at(RowPlace::first(Height(1))), rows[0].balance);
    assert_eq!(at(rows[1].place), rows[1].balance);
    assert_eq!(at(RowPlace::last(Height(3))), rows[2].balance);
    let nobody = store.balance_at(account(77), RowPlace::last(Height(3))).unwrap();
    assert_eq!(nobody, Balance::default());
}
