//! Crash points: the home between one block and the next, cut off at every write of the block.
//!
//! A block is written in this order, each step synced before the next: the block itself, the votes that
//! make it final, the archive, the ledger's batch, the mark that says it was delivered. A crash leaves the steps before as they should be, the steps after not begun, and any part of one in between.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::home::{contents, copy, put, scratch};
use crate::judge::{self, Counts, Outcome};
use crate::recording::Recording;

/// The steps of a block, by a part of the paths they write. An archive's mark comes after what it marks.
const STEPS: [&str; 10] = [
    "engine-marshal-cache",
    "engine-votes-",
    "-values",
    "-keys",
    "-table",
    "-heights",
    "-metadata",
    "consensus/",
    "data/",
    "",
];

/// Files that one block changes, in the order of [`STEPS`]: before and after.
struct Changed {
    path: PathBuf,
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
}

fn changed(recording: &Recording) -> Vec<Changed> {
    let (before, after) = (contents(&recording.before.home), contents(&recording.after.home));
    let paths: BTreeMap<&PathBuf, ()> =
        before.keys().chain(after.keys()).map(|path| (path, ())).collect();
    let mut changed: Vec<_> = paths
        .into_keys()
        .filter(|path| before.get(*path) != after.get(*path))
        .filter(|path| !path.ends_with("LOG"))
        .map(|path| Changed {
            path: path.clone(),
            before: before.get(path).cloned(),
            after: after.get(path).cloned(),
        })
        .collect();
    changed.sort_by_key(|changed| (step(&changed.path), changed.path.clone()));
    changed
}

fn step(path: &Path) -> usize {
    let path = path.to_string_lossy();
    // The mark of delivery comes last of all.
    if path.contains("marshal-application") {
        return STEPS.len();
    }
    STEPS.iter().position(|part| path.contains(part)).expect("the last step is any")
}

/// What a write of `after` over `before` leaves when it is torn.
fn torn(changed: &Changed) -> Vec<(String, Option<Vec<u8>>)> {
    let (before, after) = (changed.before.clone().unwrap_or_default(), &changed.after);
    let Some(after) = after else { return vec![("removed".to_owned(), None)] };
    let first = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    let last = if before.len() == after.len() {
        let same = before.iter().rev().zip(after.iter().rev()).take_while(|(old, new)| old == new);
        after.len() - same.count()
    } else {
        after.len()
    };
    let mut states = vec![("before".to_owned(), changed.before.clone())];
    let span = last.saturating_sub(first);
    for part in 1..4 {
        let cut = first + span * part / 4;
        let mut bytes = after[..cut].to_vec();
        bytes.extend(before.iter().skip(cut));
        states.push((format!("torn at {cut} of {first}..{last}"), Some(bytes)));
        if before.len() < after.len() {
            let mut bytes = after[..cut].to_vec();
            bytes.resize(after.len(), 0);
            states.push((format!("zeroed from {cut} of {first}..{last}"), Some(bytes)));
        }
    }
    states.push(("after".to_owned(), Some(after.clone())));
    states
}

#[test]
fn crash_at_any_write_of_a_block_is_recovered_from() {
    let recording = Recording::shared();
    let changed = changed(recording);
    assert!(changed.iter().any(|changed| changed.path.starts_with("data")), "a block is written");
    let mut counts = Counts::default();
    for (at, current) in changed.iter().enumerate() {
        for (state, bytes) in torn(current) {
            let home = Recording::copy_of(&recording.before);
            for done in &changed[..at] {
                put(home.path(), &done.path, done.after.as_deref());
            }
            put(home.path(), &current.path, bytes.as_deref());
            let what = format!("{} {state}", current.path.display());
            let outcome = judge::run(home.path(), &recording.before.truth, &what);
            assert_eq!(outcome, Outcome::Recovered, "{what}");
            counts.add(&outcome);
        }
    }
    eprintln!("{} files, {counts}", changed.len());
}

#[test]
fn recovery_that_is_cut_off_is_recovered_from_again() {
    let recording = Recording::shared();
    // What recovery itself has written by then is the state of a node that was started and killed.
    let home = Recording::copy_of(&recording.after);
    for round in 0..3 {
        let outcome = judge::run(home.path(), &recording.after.truth, "the same home again");
        assert_eq!(outcome, Outcome::Recovered, "round {round}");
    }
}

/// The journal of the database that the last block went to: its path, and where the block begins and ends.
pub(crate) fn last_batch(recording: &Recording) -> (PathBuf, usize, usize) {
    let changed = changed(recording);
    let log = changed.iter().find(|changed| {
        changed.path.starts_with("data") && changed.path.extension().is_some_and(|end| end == "log")
    });
    let log = log.expect("a block is written to the database's journal");
    let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
    (log.path.clone(), length(&log.before), length(&log.after))
}

#[test]
fn batch_cut_off_at_any_byte_is_there_whole_or_not_at_all() {
    let recording = Recording::shared();
    let (path, begin, end) = last_batch(recording);
    let step = if std::env::var_os("TALLY_LONG").is_some() { 1 } else { 211 };
    let truth = &recording.after.truth;
    let whole = fs::read(recording.after.home.join(&path)).expect("a journal");
    let cuts = (begin..end).step_by(step).chain([begin + 1, begin + 6, begin + 7, end - 1, end]);
    for cut in cuts {
        for zeroed in [None, Some(end)] {
            let folder = scratch();
            copy(&recording.after.home, folder.path());
            let mut bytes = whole[..cut].to_vec();
            bytes.resize(zeroed.unwrap_or(cut), 0);
            put(folder.path(), &path, Some(&bytes));
            let found = judge::read(folder.path(), truth);
            let expected = (cut < end).then(|| truth.height() - 1);
            assert_eq!(found, Ok(expected), "cut at {cut} of {begin}..{end}, zeroed {zeroed:?}");
        }
    }
}

#[test]
fn acknowledged_block_that_the_database_lost_comes_back_from_the_journal() {
    let recording = Recording::shared();
    let (path, begin, end) = last_batch(recording);
    for cut in [begin, begin + (end - begin) / 2, end - 1] {
        let home = Recording::copy_of(&recording.after);
        let whole = fs::read(home.path().join(&path)).expect("a journal");
        put(home.path(), &path, Some(&whole[..cut]));
        let outcome = judge::run(home.path(), &recording.after.truth, "a lost block");
        assert_eq!(outcome, Outcome::Recovered, "cut at {cut} of {begin}..{end}");
    }
}
