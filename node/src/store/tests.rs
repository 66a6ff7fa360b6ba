//! What is on disk after reopening, and what damage is noticed.

use std::fs;

use super::*;
use crate::testing::{Chain, data, genesis, transfer};

/// Makes a chain of 20 blocks in `folder`, closes it, and returns its tip.
fn grown(folder: &Path) -> Header {
    let chain = Chain::open(folder).unwrap();
    for nonce in 0..20 {
        chain.submit(transfer(1, nonce));
        chain.grow();
    }
    chain.ledger.store().flush().unwrap();
    chain.tip()
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn files(folder: &Path, ends: &str) -> Vec<String> {
    let names = fs::read_dir(data(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| name.ends_with(ends) || name.starts_with(ends)).collect()
}

/// Opens a copy of the chain in `folder` after `harm` was done to one of its files.
fn harmed(folder: &Path, file: &str, harm: impl FnOnce(&Path)) -> Result<Header, StoreError> {
    let other = tempfile::tempdir().unwrap();
    copy(&data(folder), &data(other.path()));
    harm(&data(other.path()).join(file));
    Chain::open(other.path()).map(|chain| chain.tip())
}

fn flip(path: &Path, place: impl FnOnce(usize) -> usize) {
    let mut bytes = fs::read(path).unwrap();
    let place = place(bytes.len());
    bytes[place] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

fn set_meta(folder: &Path, key: &[u8], value: Vec<u8>) {
    let db = DB::open_cf_descriptors(&families::existing(), data(folder), families::descriptors())
        .unwrap();
    db.put_cf(db.cf_handle("meta").unwrap(), key, value).unwrap();
}

#[test]
fn reopened_database_has_the_same_tip() {
    let folder = tempfile::tempdir().unwrap();
    let tip = grown(folder.path());
    assert_eq!(Chain::open(folder.path()).unwrap().tip(), tip);
}

#[test]
fn blocks_receipts_and_places_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    grown(folder.path());
    let chain = Chain::open(folder.path()).unwrap();
    let store = chain.ledger.store();
    let block = store.block(Height(7)).unwrap().unwrap();
    assert_eq!(store.header(Height(7)).unwrap(), Some(block.header.clone()));
    assert_eq!(store.receipts(Height(7)).unwrap().unwrap().root(), block.header.receipts_root);
    let id = block.transactions[0].transaction.id();
    assert_eq!(store.place(&id).unwrap(), Some(Place { height: Height(7), index: 0 }));
    assert_eq!(store.block(Height(21)).unwrap(), None);
    assert_eq!(store.place(&Hash::ZERO).unwrap(), None);
}

#[test]
fn database_cut_off_in_mid_flight_keeps_what_was_committed() {
    let (folder, copied) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let chain = Chain::open(folder.path()).unwrap();
    (0..10).for_each(|_| drop(chain.grow()));
    // What a process that dies leaves: the files as they are, never closed.
    copy(&data(folder.path()), &data(copied.path()));
    assert_eq!(Chain::open(copied.path()).unwrap().tip(), chain.tip());
}

#[test]
fn torn_write_is_dropped_and_damage_before_it_ends_the_chain_there() {
    let (folder, copied) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let chain = Chain::open(folder.path()).unwrap();
    (0..10).for_each(|_| drop(chain.grow()));
    copy(&data(folder.path()), &data(copied.path()));
    let journals = files(copied.path(), ".log");
    let journal = journals.last().unwrap();
    let torn = harmed(copied.path(), journal, |path| {
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(file.metadata().unwrap().len() - 3).unwrap();
    });
    assert_eq!(torn.unwrap().height, Height(9));
    let flipped = harmed(copied.path(), journal, |path| flip(path, |length| length / 2));
    let end = flipped.unwrap().height;
    assert!(end < Height(9), "{end}");
}

#[test]
fn flipped_byte_is_refused_or_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let tip = grown(folder.path());
    let mut refused = 0;
    for file in [files(folder.path(), ".sst"), files(folder.path(), "MANIFEST")].concat() {
        for part in 0..8 {
            let opened =
                harmed(folder.path(), &file, |path| flip(path, |length| length * part / 8));
            match opened {
                Ok(opened) => assert_eq!(opened, tip, "{file} {part}"),
                Err(error) => {
                    assert!(matches!(error, StoreError::Damaged { .. }), "{file}: {error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 8, "{refused}");
}

/// RocksDB reads such a record for ever.
#[test]
fn record_of_a_recycled_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    grown(folder.path());
    let catalogue = files(folder.path(), "MANIFEST").remove(0);
    let opened = harmed(folder.path(), &catalogue, |path| {
        let mut bytes = fs::read(path).unwrap();
        let second = 7 + usize::from(u16::from_le_bytes([bytes[4], bytes[5]]));
        assert_eq!(bytes[second + 6], 1, "a whole record");
        bytes[second + 6] = 5;
        fs::write(path, bytes).unwrap();
    });
    let words = opened.unwrap_err().to_string();
    assert!(words.contains(&format!("{catalogue} has a record of a wrong kind")), "{words}");
}

#[test]
fn missing_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    grown(folder.path());
    let missing = [
        files(folder.path(), ".sst"),
        files(folder.path(), "MANIFEST"),
        files(folder.path(), "CURRENT"),
    ];
    for file in missing.concat() {
        let opened = harmed(folder.path(), &file, |path| fs::remove_file(path).unwrap());
        assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{file}: {opened:?}");
    }
}

#[test]
fn database_half_made_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let draft = folder.path().join("data.new");
    fs::create_dir_all(&draft).unwrap();
    fs::write(draft.join("CURRENT"), "nonsense").unwrap();
    assert_eq!(Chain::open(folder.path()).unwrap().tip().height, Height(0));
    assert!(!draft.exists());
}

#[test]
fn empty_folder_in_place_of_a_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(data(folder.path())).unwrap();
    let opened = Chain::open(folder.path()).map(|chain| chain.tip());
    assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{opened:?}");
}

#[test]
fn object_changed_behind_the_nodes_back_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    grown(folder.path());
    let options = families::existing();
    let db =
        DB::open_cf_descriptors(&options, data(folder.path()), families::descriptors()).unwrap();
    let objects = db.cf_handle("objects").unwrap();
    let account = Object::Account(chain::account::Account::default());
    let key = Key::Account(crate::testing::account(1));
    db.put_cf(objects, encode(&key), encode(&account)).unwrap();
    drop(db);
    let error = Chain::open(folder.path()).map(|chain| chain.tip()).unwrap_err();
    assert!(error.to_string().starts_with("database damaged:"), "{error}");
    assert!(error.to_string().contains("root"), "{error}");
}

#[test]
fn database_of_another_chain_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    grown(folder.path());
    set_meta(folder.path(), GENESIS_KEY, encode(&Hash::ZERO));
    let error = Chain::open(folder.path()).map(|chain| chain.tip()).unwrap_err();
    let expected = genesis().hash();
    assert!(
        matches!(error, StoreError::GenesisMismatch { found: Hash::ZERO, expected: e, .. } if e == expected),
        "{error}"
    );
}

#[test]
fn database_of_another_layout_is_refused() {
    for other in [SCHEMA - 1, SCHEMA + 1] {
        let folder = tempfile::tempdir().unwrap();
        grown(folder.path());
        set_meta(folder.path(), SCHEMA_KEY, encode(&other));
        let error = Chain::open(folder.path()).map(|chain| chain.tip()).unwrap_err();
        assert!(
            matches!(error, StoreError::SchemaMismatch { found, .. } if found == other),
            "{error}"
        );
    }
}

#[test]
fn tip_that_is_not_the_last_block_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    grown(folder.path());
    let chain = Chain::open(folder.path()).unwrap();
    let below = chain.ledger.store().header(Height(19)).unwrap().unwrap();
    let tip = Tip { height: Height(19), digest: below.digest(), depth: 1 };
    drop(chain);
    set_meta(folder.path(), TIP_KEY, encode(&tip));
    let opened = Chain::open(folder.path()).map(|chain| chain.tip());
    assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{opened:?}");
}

/// A chain of so many blocks in `folder`, each of the first 90 with a payment.
fn with_payments(folder: &Path, blocks: u64) -> Vec<Hash> {
    let chain = Chain::open(folder).unwrap();
    let ids = (0..90).map(|nonce| {
        let id = chain.submit(transfer(1, nonce));
        chain.grow();
        id
    });
    let ids = ids.collect();
    (90..blocks).for_each(|_| drop(chain.grow()));
    ids
}

#[test]
fn pruned_blocks_are_gone_and_the_rest_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let ids = with_payments(folder.path(), 200);
    let (account, first) = (crate::testing::account(1), Height(200 - 150 + 1));
    let before = {
        let chain = Chain::open(folder.path()).unwrap();
        let places = RowPlace::first(first.next())..=RowPlace::last(Height(200));
        let store = chain.ledger.store();
        let rows = store.history(account, places, RowOrder::Rising);
        let rows: Vec<Row> = rows.map(Result::unwrap).collect();
        (rows, store.balance_at(account, RowPlace::last(first)).unwrap(), chain.tip())
    };
    let mut ledger =
        crate::ledger::Ledger::open(&data(folder.path()), &genesis(), Histories::Kept).unwrap();
    assert_eq!(ledger.store_mut().prune(150, |_| {}).unwrap(), first);
    assert_eq!(ledger.store_mut().prune(150, |_| {}).unwrap(), first, "again changes nothing");
    drop(ledger);

    let chain = Chain::open(folder.path()).unwrap();
    let store = chain.ledger.store();
    assert_eq!((store.first(), store.histories_begin()), (first, Some(first)));
    let below = Height(first.0 - 1);
    assert_eq!((store.block(below).unwrap(), store.receipts(below).unwrap()), (None, None));
    assert_eq!(store.header(below).unwrap(), None);
    assert!(store.header(Height::GENESIS).unwrap().is_some(), "it names who votes first");
    assert!(store.block(first).unwrap().is_some());
    let index = usize::try_from(first.0 - 1).unwrap();
    assert_eq!(store.place(&ids[index - 1]).unwrap(), None);
    assert_eq!(store.place(&ids[index]).unwrap().unwrap().height, first);
    let places = RowPlace::first(first.next())..=RowPlace::last(Height(200));
    let rows = store.history(account, places, RowOrder::Rising);
    assert_eq!(rows.map(Result::unwrap).collect::<Vec<_>>(), before.0);
    assert_eq!(store.balance_at(account, RowPlace::last(first)).unwrap(), before.1);
    let older = store.history(
        account,
        RowPlace::first(Height(0))..=RowPlace::last(first),
        RowOrder::Rising,
    );
    assert_eq!(older.count(), 1, "one row stands for all before");
    assert_eq!(chain.tip(), before.2);
    assert_eq!(chain.grow().header.height, Height(201));
}

#[test]
fn pruning_that_was_cut_off_is_finished_with_by_the_next() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ids = with_payments(folder.path(), 140);
    let mut ledger =
        crate::ledger::Ledger::open(&data(folder.path()), &genesis(), Histories::Kept).unwrap();
    // What a process leaves that dies after each of its writes.
    let mut cuts = 0;
    let first = ledger
        .store_mut()
        .prune(128, |_| {
            let cut = other.path().join(cuts.to_string());
            copy(&data(folder.path()), &data(&cut));
            cuts += 1;
        })
        .unwrap();
    assert!(cuts >= 3, "{cuts}");
    for cut in 0..cuts {
        let home = other.path().join(cut.to_string());
        let chain = Chain::open(&home).unwrap();
        assert_eq!(chain.ledger.store().first(), first);
        assert_eq!(chain.ledger.store().place(&ids[0]).unwrap(), None);
        assert_eq!(chain.ledger.store().block(Height(1)).unwrap(), None);
        drop(chain);
        let mut ledger =
            crate::ledger::Ledger::open(&data(&home), &genesis(), Histories::Kept).unwrap();
        assert_eq!(ledger.store_mut().prune(128, |_| {}).unwrap(), first);
        drop(ledger);
        assert_eq!(Chain::open(&home).unwrap().grow().header.height, Height(141));
    }
}
