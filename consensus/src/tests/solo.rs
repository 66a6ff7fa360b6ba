//! One authority, through the code that many use, in real time and on a real disk.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chain::hash::Hash;
use chain::height::Height;
use chain::time::Millis;
use tempfile::TempDir;

use super::toy::{Toy, authorities, secret};
use crate::{
    Abstention, End, Engine, JournalRule, Pacing, Peering, Settings, StartError, StopError, Wake,
    start,
};

const EPOCH_BLOCKS: u64 = 5;
const STOP_DEADLINE: Duration = Duration::from_secs(60);
/// Where the node that is to be killed keeps its files.
const DOOMED_HOME: &str = "TALLY_DOOMED_HOME";

/// No pause between blocks.
fn brisk() -> Pacing {
    Pacing {
        interval_min: Millis(0),
        idle: Millis(1),
        leader_timeout: Millis(500),
        certification_timeout: Millis(1_000),
        timeout_retry: Millis(250),
    }
}

/// No blocks but those with a note, and the first.
fn idle() -> Pacing {
    Pacing {
        interval_min: Millis(0),
        idle: Millis(3_600_000),
        leader_timeout: Millis(7_200_000),
        certification_timeout: Millis(10_800_000),
        timeout_retry: Millis(3_600_000),
    }
}

fn settings(home: &Path, pacing: Pacing) -> Settings {
    Settings {
        secret: secret(0),
        directory: home.join("journal"),
        journal: JournalRule::MustContinue,
        epoch_blocks: EPOCH_BLOCKS,
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        peers: BTreeMap::new(),
        followers: BTreeMap::new(),
        pacing,
        abstention: Abstention::new(),
    }
}

fn run(home: &Path, toy: &Arc<Toy>) -> Engine {
    start(settings(home, brisk()), Arc::clone(toy) as _, Wake::new(), Peering::new()).unwrap()
}

fn refusal(settings: Settings, toy: &Arc<Toy>) -> StartError {
    start(settings, Arc::clone(toy) as _, Wake::new(), Peering::new()).unwrap_err()
}

fn toy() -> Arc<Toy> {
    Arc::new(Toy::new(authorities(1)))
}

#[test]
fn chain_grows_across_epochs() {
    let home = TempDir::new().unwrap();
    let toy = toy();
    let engine = run(home.path(), &toy);
    let block = toy.wait_for(3 * EPOCH_BLOCKS + 1);
    assert_eq!(block.header.epoch, 3);
    assert_eq!(block.header.proposer, secret(0).key());
    assert_eq!(engine.stop(STOP_DEADLINE), Ok(()));
    assert_eq!(engine.wait(), End::Stopped);
}

#[test]
fn next_block_is_built_while_the_last_is_committed() {
    let home = TempDir::new().unwrap();
    let toy = toy();
    toy.hold(Height(2));
    let engine = run(home.path(), &toy);
    toy.wait_for(EPOCH_BLOCKS);
    assert_eq!(engine.stop(STOP_DEADLINE), Ok(()));
}

#[test]
fn restart_continues_the_same_chain() {
    let home = TempDir::new().unwrap();
    let toy = toy();
    let mut before = Vec::new();
    for goal in [3, EPOCH_BLOCKS - 1, 2 * EPOCH_BLOCKS + 2] {
        let engine = run(home.path(), &toy);
        toy.wait_for(goal);
        assert_eq!(engine.stop(STOP_DEADLINE), Ok(()));
        assert!(toy.digests().starts_with(&before));
        before = toy.digests();
    }
}

#[test]
fn note_wakes_an_idle_chain() {
    let home = TempDir::new().unwrap();
    let (toy, wake) = (toy(), Wake::new());
    let settings = settings(home.path(), idle());
    let engine = start(settings, Arc::clone(&toy) as _, wake.clone(), Peering::new()).unwrap();
    toy.wait_for(1);
    for number in 2..=4 {
        let note = Hash([number; 32]);
        toy.note(note);
        wake.raise();
        assert_eq!(toy.wait_for(u64::from(number)).header.receipts_root, note);
    }
    assert_eq!(engine.stop(STOP_DEADLINE), Ok(()));
    assert_eq!(toy.height(), 4, "no block without a note");
}

#[test]
fn killed_node_keeps_what_it_committed() {
    if let Some(home) = std::env::var_os(DOOMED_HOME) {
        return live_until_killed(&PathBuf::from(home));
    }
    let home = TempDir::new().unwrap();
    let blocks = home.path().join("blocks");
    for life in 1..=3 {
        let known = Toy::open(&blocks, authorities(1)).digests();
        live_and_die(home.path(), known.len() as u64 + 2);
        let kept = Toy::open(&blocks, authorities(1)).digests();
        assert!(kept.len() > known.len(), "life {life} committed something");
        assert!(kept.starts_with(&known));
    }
    let toy = Arc::new(Toy::open(&blocks, authorities(1)));
    let kept = toy.digests();
    let engine = run(home.path(), &toy);
    toy.wait_for(toy.height() + 2);
    assert_eq!(engine.stop(STOP_DEADLINE), Ok(()));
    assert!(toy.digests().starts_with(&kept));
}

/// Runs this very test as another process, and kills it once it has committed `height`.
fn live_and_die(home: &Path, height: u64) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "tests::solo::killed_node_keeps_what_it_committed"])
        .env(DOOMED_HOME, home)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reached = format!("height {height}");
    assert!(lines.map_while(Result::ok).any(|line| line.ends_with(&reached)));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn live_until_killed(home: &Path) {
    let toy = Arc::new(Toy::open(&home.join("blocks"), authorities(1)));
    let _engine = run(home, &toy);
    for height in toy.height()..u64::MAX {
        toy.wait_for(height);
        println!("height {height}");
    }
}

#[test]
fn blocks_without_journal_are_refused() {
    let home = TempDir::new().unwrap();
    let toy = toy();
    let engine = run(home.path(), &toy);
    toy.wait_for(2);
    engine.stop(STOP_DEADLINE).unwrap();
    fs::remove_dir_all(home.path().join("journal")).unwrap();

    let error = refusal(settings(home.path(), brisk()), &toy);
    assert!(matches!(error, StartError::JournalMissing { .. }), "{error}");
    let anew = Settings { journal: JournalRule::MayBeginAnew, ..settings(home.path(), brisk()) };
    let error = refusal(anew, &toy);
    assert!(matches!(error, StartError::JournalMissing { .. }), "alone: {error}");
    assert!(!home.path().join("journal").exists(), "a refusal leaves nothing behind");
}

#[test]
fn store_that_was_set_back_or_lost_is_filled_from_the_journal() {
    let home = TempDir::new().unwrap();
    let first = toy();
    let engine = run(home.path(), &first);
    first.wait_for(2 * EPOCH_BLOCKS + 1);
    engine.stop(STOP_DEADLINE).unwrap();
    let mut whole = first.digests();
    for kept in [0, 3, EPOCH_BLOCKS, first.height() - 1] {
        let second = Arc::new(first.cut(kept));
        let engine = run(home.path(), &second);
        second.wait_for(whole.len() as u64);
        assert_eq!(engine.stop(STOP_DEADLINE), Ok(()));
        assert!(second.digests().starts_with(&whole), "kept {kept}");
        whole = second.digests();
    }
}

#[test]
fn journal_that_was_set_back_is_refused() {
    let home = TempDir::new().unwrap();
    let toy = toy();
    let engine = run(home.path(), &toy);
    toy.wait_for(3);
    engine.stop(STOP_DEADLINE).unwrap();
    let (journal, copy) = (home.path().join("journal"), home.path().join("copy"));
    copy_folder(&journal, &copy);
    let engine = run(home.path(), &toy);
    toy.wait_for(toy.height() + 2);
    engine.stop(STOP_DEADLINE).unwrap();
    fs::remove_dir_all(&journal).unwrap();
    fs::rename(&copy, &journal).unwrap();

    let error = refusal(settings(home.path(), brisk()), &toy);
    assert!(matches!(error, StartError::JournalBehind { .. }), "{error}");
}

#[test]
fn journal_of_another_chain_of_blocks_is_refused() {
    let (home, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (ours, theirs) = (toy(), toy());
    for (home, toy) in [(&home, &ours), (&other, &theirs)] {
        let engine = run(home.path(), toy);
        toy.wait_for(3);
        engine.stop(STOP_DEADLINE).unwrap();
    }
    for toy in [Arc::clone(&theirs), Arc::new(theirs.cut(2))] {
        let error = refusal(settings(home.path(), brisk()), &toy);
        assert!(matches!(error, StartError::JournalContradicts { .. }), "{error}");
    }
}

#[test]
fn lost_votes_do_not_let_a_view_be_voted_in_again() {
    let home = TempDir::new().unwrap();
    let toy = toy();
    let engine = run(home.path(), &toy);
    toy.wait_for(EPOCH_BLOCKS + 2);
    engine.stop(STOP_DEADLINE).unwrap();
    let kept = toy.digests();
    let journal = home.path().join("journal");
    for entry in fs::read_dir(&journal).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains("engine-votes-") {
            fs::remove_dir_all(path).unwrap();
        }
    }
    let engine = run(home.path(), &toy);
    toy.wait_for(toy.height() + 2);
    assert_eq!(engine.stop(STOP_DEADLINE), Ok(()));
    assert!(toy.digests().starts_with(&kept));
}

#[test]
fn empty_journal_goes_on_from_where_the_ledger_begins() {
    let home = TempDir::new().unwrap();
    let whole = toy();
    let engine = run(home.path(), &whole);
    whole.wait_for(3 * EPOCH_BLOCKS);
    engine.stop(STOP_DEADLINE).unwrap();
    let (first, last) = (2 * EPOCH_BLOCKS, 2 * EPOCH_BLOCKS - 1);
    for height in [1, EPOCH_BLOCKS + 2, last, first] {
        let home = TempDir::new().unwrap();
        let toy = Arc::new(whole.begun_at(height));
        for goal in [height + 2, height + 2 * EPOCH_BLOCKS] {
            let engine = run(home.path(), &toy);
            toy.wait_for(goal);
            assert_eq!(engine.stop(STOP_DEADLINE), Ok(()), "from {height}");
        }
        // What it has above its beginning was voted on: it is refused without the journal.
        fs::remove_dir_all(home.path().join("journal")).unwrap();
        let error = refusal(settings(home.path(), brisk()), &toy);
        assert!(matches!(error, StartError::JournalMissing { .. }), "from {height}: {error}");
    }
}

#[test]
fn journal_that_ends_below_where_the_ledger_begins_is_refused() {
    let (home, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let toy = toy();
    let engine = run(home.path(), &toy);
    toy.wait_for(3);
    engine.stop(STOP_DEADLINE).unwrap();
    copy_folder(home.path(), copy.path());
    let engine = run(home.path(), &toy);
    toy.wait_for(toy.height() + 2 * EPOCH_BLOCKS);
    engine.stop(STOP_DEADLINE).unwrap();

    let begun = Arc::new(toy.begun_at(toy.height() - 1));
    let error = refusal(settings(copy.path(), brisk()), &begun);
    assert!(
        matches!(error, StartError::JournalBehind { .. }),
        "its votes between may be lost: {error}"
    );

    let engine = run(home.path(), &begun);
    begun.wait_for(toy.height() + 1);
    assert_eq!(engine.stop(STOP_DEADLINE), Ok(()), "beside its own journal it goes on");
}

#[test]
fn beginning_without_a_quorum_is_refused() {
    let home = TempDir::new().unwrap();
    let whole = toy();
    let engine = run(home.path(), &whole);
    whole.wait_for(3);
    engine.stop(STOP_DEADLINE).unwrap();
    let forged = whole.begun_at(2);
    forged.forge_anchor();
    let other = TempDir::new().unwrap();
    let error = refusal(settings(other.path(), brisk()), &Arc::new(forged));
    assert!(matches!(error, StartError::AnchorInvalid { height: Height(2) }), "{error}");
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn impossible_settings_are_refused() {
    let home = TempDir::new().unwrap();
    let good = || settings(home.path(), brisk());

    let slow = Pacing { idle: Millis(500), ..brisk() };
    let error = refusal(settings(home.path(), slow), &toy());
    assert!(matches!(error, StartError::PacingInconsistent), "{error}");

    let error = refusal(Settings { epoch_blocks: 1, ..good() }, &toy());
    assert!(matches!(error, StartError::EpochTooShort { blocks: 1 }), "{error}");

    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let listen = taken.local_addr().unwrap();
    let error = refusal(Settings { listen, ..good() }, &toy());
    assert!(matches!(error, StartError::ListenFailed { address, .. } if address == listen));

    let error = refusal(good(), &Arc::new(Toy::new(authorities(2))));
    assert!(matches!(error, StartError::AddressMissing { key } if key == secret(1).key()));

    let error = refusal(good(), &Arc::new(Toy::new(Vec::new())));
    assert!(matches!(error, StartError::AuthoritiesInvalid { height: Height::GENESIS }), "{error}");
}

#[test]
fn failed_engine_is_reported() {
    let home = TempDir::new().unwrap();
    let toy = toy();
    let engine = run(home.path(), &toy);
    toy.wait_for(1);
    toy.fail();
    assert_eq!(engine.wait(), End::Failed);
    assert_eq!(engine.stop(STOP_DEADLINE), Err(StopError::Failed));
}
