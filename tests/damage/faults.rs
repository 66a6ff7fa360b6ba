//! A node whose power goes, or whose disk breaks, at one of its own writes: while it starts, while it
//! recovers and while it adds blocks. `fault.c` is loaded into the real program and counts.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use chain::hash::Hash;
use chain::height::Height;
use node::store::Place;
use serde_json::Value;
use tempfile::TempDir;

use crate::crashes::last_batch;
use crate::home::{put, scratch};
use crate::judge::{self, Outcome};
use crate::launch;
use crate::recording::{Payer, Recording, Truth};

const PATIENCE: Duration = Duration::from_secs(60);
const KILLED: i32 = 9;
const BROKEN: i32 = 5;
const READ_ONLY: i32 = 30;
/// More writes than a start and a few payments take.
const WRITES_MAX: u64 = 4_000;
/// What a node settles that is not struck before.
const PAYMENTS: usize = 3;
/// From one write that is tried to the next, as a part of those before.
const SAMPLE: u64 = 3;
/// What a node says, if not what the system calls the fault.
const ADVICE: &str = "look after the disk";

/// What happens at a write.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Half of it is done, and the process is gone.
    Power,
    /// It fails with this error, as do all that follow. A node that ends says its `words`.
    Errors { number: i32, words: &'static str },
}

/// How a node ended that had a fault before it.
struct Ended {
    status: ExitStatus,
    /// What it said.
    words: String,
    /// What it had settled.
    settled: Vec<(Hash, u64)>,
}

/// Tries `fault` at one write after the other of a node on a copy of `home`, until a node gets along without
/// reaching the write. What was acknowledged to that is in `truth`, or settled meanwhile, is there afterwards.
fn strike_everywhere(fault: Fault, truth: &Truth, home: impl Fn() -> TempDir) {
    let (mut at, mut struck) = (1, 0);
    while at < WRITES_MAX {
        let home = home();
        let Some(ended) = run(home.path(), at, fault) else {
            assert!(struck > 5, "the node hardly wrote: {at}");
            eprintln!("{fault:?}: struck at {struck} of {at} writes");
            return;
        };
        let what = format!("{fault:?} at write {at}: {}", ended.words);
        match fault {
            Fault::Power => assert_eq!(ended.status.signal(), Some(KILLED), "{what}"),
            Fault::Errors { words, .. } => {
                assert!(ended.status.code().is_some_and(|code| code != 0), "{what}");
                let clear = ended.words.contains(words) || ended.words.contains(ADVICE);
                assert!(clear, "{what}");
            }
        }
        let settled = ended.settled.into_iter().map(|(id, height)| (id, alone_in(height)));
        let mut truth = truth.clone();
        truth.places.extend(settled);
        assert_eq!(judge::run(home.path(), &truth, &what), Outcome::Recovered, "{what}");
        struck += 1;
        let long = std::env::var_os("TALLY_LONG").is_some();
        at += if long { 1 } else { 1 + at / SAMPLE };
    }
    panic!("a node that pays a little writes no more than {WRITES_MAX} times");
}

/// Runs a node on `home` that has `fault` at the write number `at`, and pays. `None` when it was not struck.
fn run(home: &Path, at: u64, fault: Fault) -> Option<Ended> {
    let folder = tempfile::tempdir().expect("a folder");
    let (ready, log) = (folder.path().join("ready.json"), folder.path().join("node.log"));
    let mut node = Struck(launch(home, &ready, &log, at, fault));
    let began = Instant::now();
    let mut settled = Vec::new();
    loop {
        if let Some(status) = node.0.try_wait().expect("it can be asked") {
            let words = fs::read_to_string(&log).expect("a log");
            return Some(Ended { status, words, settled });
        }
        if settled.len() == PAYMENTS {
            return None;
        }
        assert!(began.elapsed() < PATIENCE, "{fault:?} at {at}: the node neither goes on nor ends");
        if let Ok(text) = fs::read_to_string(&ready) {
            settled = pay(home, &text);
        } else {
            sleep(Duration::from_millis(5));
        }
    }
}

/// Pays as often as the node lives to settle it, at most [`PAYMENTS`] times.
fn pay(home: &Path, ready: &str) -> Vec<(Hash, u64)> {
    let ready: Value = serde_json::from_str(ready).expect("it appears whole");
    let url = ready["rpc"].as_str().expect("it says where");
    let Some(mut payer) = Payer::after(home, url) else { return Vec::new() };
    (0..PAYMENTS).map_while(|_| payer.pay()).collect()
}

/// Where a transaction is that nobody else sent one beside.
fn alone_in(height: u64) -> Place {
    Place { height: Height(height), index: 0 }
}

/// Ended when dropped.
struct Struck(Child);

impl Drop for Struck {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn launch(home: &Path, ready: &Path, log: &Path, at: u64, fault: Fault) -> Child {
    let number = match fault {
        Fault::Power => 0,
        Fault::Errors { number, .. } => number,
    };
    let mut command = launch::node(home, ready, log);
    command.env("LD_PRELOAD", library()).env("TALLY_FAULT_FOLDER", home);
    command.env("TALLY_FAULT_AT", at.to_string()).env("TALLY_FAULT_ERRNO", number.to_string());
    command.spawn().expect("tallyd runs")
}

/// The library that counts writes, compiled when first asked for.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = LIBRARY.get_or_init(|| {
        let folder = scratch();
        let path = folder.path().join("fault.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("damage/fault.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-O1", "-fPIC", "-shared", "-o"]).arg(&path).arg(source).arg("-ldl");
        assert!(compiler.status().is_ok_and(|status| status.success()), "cc compiles C");
        (folder, path)
    });
    path
}

#[test]
fn power_that_goes_at_any_write_of_a_node_that_works_loses_nothing() {
    let moment = &Recording::shared().after;
    strike_everywhere(Fault::Power, &moment.truth, || Recording::copy_of(moment));
}

#[test]
fn power_that_goes_at_any_write_of_a_recovery_loses_nothing() {
    let recording = Recording::shared();
    let (journal, begin, end) = last_batch(recording);
    let moment = &recording.after;
    strike_everywhere(Fault::Power, &moment.truth, || {
        let home = Recording::copy_of(moment);
        let whole = fs::read(home.path().join(&journal)).expect("a journal");
        put(home.path(), &journal, Some(&whole[..begin + (end - begin) / 2]));
        home
    });
}

#[test]
fn disk_that_breaks_at_any_write_ends_the_node_in_clear_words() {
    let moment = &Recording::shared().after;
    let fault = Fault::Errors { number: BROKEN, words: "Input/output error" };
    strike_everywhere(fault, &moment.truth, || Recording::copy_of(moment));
}

#[test]
fn disk_that_turns_read_only_at_any_write_ends_the_node_in_clear_words() {
    let moment = &Recording::shared().after;
    let fault = Fault::Errors { number: READ_ONLY, words: "Read-only file system" };
    strike_everywhere(fault, &moment.truth, || Recording::copy_of(moment));
}
