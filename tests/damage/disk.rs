//! A disk that is full, or nearly: the node says so and ends, and goes on where it was once there is room.
//!
//! The disk is a file system in memory, mounted where only the test and the node see it. A machine that
//! does not allow that skips the test, and says so.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use chain::hash::Hash;
use node::disk::free_bytes;
use serde_json::Value;

use crate::launch;
use crate::recording::Payer;

/// Set in the process that has a disk of its own.
const INSIDE: &str = "TALLY_FULL_DISK";
const FULL: &str = "disk::full_disk_ends_the_node_in_clear_words_and_loses_nothing";
const SHORT: &str = "disk::node_abstains_while_room_is_scarce_and_ends_before_there_is_none";
/// Room on that disk.
const DISK: &str = "size=192m";
/// Bytes that are left free, one node each.
const LEFT: [u64; 8] = [0, 4 << 10, 20 << 10, 64 << 10, 150 << 10, 400 << 10, 1 << 20, 3 << 20];
/// More payments than fit any of these.
const PAYMENTS_MAX: u32 = 3_000;
const PATIENCE: Duration = Duration::from_secs(120);
/// Nothing is done before the disk is full.
const NO_LEAST: &str = "[disk]\nvoting_mib_min = 0\nrunning_mib_min = 0\n";
const BRISK: &str = "[disk]\nvoting_mib_min = 0\nrunning_mib_min = 0\n[pacing]\ninterval_min_ms = 0\nidle_ms = 20\nleader_timeout_ms = 200\n\
                     certification_timeout_ms = 400\ntimeout_retry_ms = 100\n";

#[test]
fn full_disk_ends_the_node_in_clear_words_and_loses_nothing() {
    with_a_disk(FULL, full);
}

#[test]
fn node_abstains_while_room_is_scarce_and_ends_before_there_is_none() {
    with_a_disk(SHORT, short);
}

/// Runs `inside` in a process of its own, the test `name` again, where a disk can be mounted.
fn with_a_disk(name: &str, inside: fn(&Path)) {
    if env::var_os(INSIDE).is_some() {
        return on_a_disk(inside);
    }
    for namespace in [&["--mount"][..], &["--mount", "--user", "--map-root-user"]] {
        let mut command = Command::new("unshare");
        command.args(namespace).arg(env::current_exe().expect("a test has a path"));
        command.args(["--exact", name, "--nocapture"]).env(INSIDE, "1");
        let Ok(output) = command.output() else { break };
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        if output.status.success() && !said.contains("cannot mount") {
            eprintln!("{said}");
            return;
        }
        let refused = said.contains("unshare:") || said.contains("cannot mount");
        assert!(refused, "{said}");
    }
    eprintln!("SKIPPED: this machine lets nobody mount a file system for a test");
}

/// Mounts a disk, and runs `inside` in the folder beside it.
fn on_a_disk(inside: fn(&Path)) {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).expect("a folder");
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", DISK, "tally"]).arg(&disk);
    if mount.status().is_ok_and(|status| status.success()) {
        inside(folder.path());
    } else {
        eprintln!("cannot mount");
    }
}

/// Room gets scarcer and scarcer, and is made again.
fn short(folder: &Path) {
    let disk = folder.join("disk");
    fs::create_dir(disk.join("node")).expect("a folder");
    let least = "[disk]\nvoting_mib_min = 48\nrunning_mib_min = 24\n";
    let settings = BRISK.replace(NO_LEAST, least);
    fs::write(disk.join("node/config.toml"), settings).expect("a file");
    let mut running = Running::start(folder);
    let mut payer = Payer::after(&running.home, &running.rpc).expect("it answers");
    let mut settled = vec![payer.pay().expect("there is room")];
    for times in 1..=2 {
        leave(&disk, 36 << 20);
        running.says("votes for nothing until there is more", times);
        fs::remove_file(disk.join("filler")).expect("it is there");
        running.says("the node votes again", times);
        settled.push(payer.pay().expect("the chain goes on"));
    }
    leave(&disk, 12 << 20);
    let (code, words) = running.ends();
    assert_eq!(code, 71, "{words}");
    assert!(words.contains("free space on the disk"), "{words}");
    // The end of its files that it had not used is free again.
    leave(&disk, 12 << 20);
    assert_eq!(Running::refusal(folder).expect("there is no room").0, 71);
    fs::remove_file(disk.join("filler")).expect("it is there");
    let running = Running::start(folder);
    check(&running, &settled);
}

/// Fills the disk to the last byte, again and again.
fn full(folder: &Path) {
    let disk = folder.join("disk");
    let mut settled = Vec::new();
    let mut running = Running::start(folder);
    for left in LEFT {
        let mut payer = Payer::after(&running.home, &running.rpc).expect("it answers");
        settled.extend((0..3).map(|_| payer.pay().expect("there is room")));
        fill(&disk, left);
        let before = settled.len();
        let paid = (0..PAYMENTS_MAX).map_while(|_| payer.pay());
        settled.extend(paid);
        let (_, words) = running.ends();
        assert!(words.contains("No space left on device"), "{left} bytes left: {words}");
        assert!(words.contains("free space on the disk"), "{left} bytes left: {words}");
        let refused = Running::refusal(folder);
        fs::remove_file(disk.join("filler")).expect("it is there");
        running = Running::start(folder);
        check(&running, &settled);
        let more = settled.len() - before;
        eprintln!("{left} bytes left: {more} payments more; full at the start: {refused:?}");
    }
    let mut payer = Payer::after(&running.home, &running.rpc).expect("it answers");
    payer.pay().expect("the chain goes on");
}

fn check(running: &Running, settled: &[(Hash, u64)]) {
    let payer = Payer::new(&running.home, &running.rpc);
    for (id, height) in settled {
        assert_eq!(payer.find(*id), Some(*height), "{id} was settled");
    }
}

/// Fills `disk` until so many bytes are left.
fn fill(disk: &Path, left: u64) {
    let mut filler = File::create(disk.join("filler")).expect("a file");
    let block = [1; 4096];
    while filler.write_all(&block).is_ok() {}
    let length = filler.metadata().expect("a length").len();
    filler.set_len(length.saturating_sub(left)).expect("it becomes shorter");
}

/// Fills `disk` up to the point where so many bytes are left, never beyond.
fn leave(disk: &Path, left: u64) {
    let mut filler = File::create(disk.join("filler")).expect("a file");
    let block = [1; 4096];
    while free_bytes(disk).expect("the system says") > left {
        filler.write_all(&block).expect("there is room");
    }
}

/// A node whose home lies on the disk, and its log beside it.
struct Running {
    child: Child,
    home: PathBuf,
    log: PathBuf,
    rpc: String,
}

impl Running {
    fn start(folder: &Path) -> Self {
        let ready = folder.join("ready.json");
        // It may not be there.
        let _ = fs::remove_file(&ready);
        let (mut child, home, log) = launch(folder);
        let began = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(&ready) {
                let ready: Value = serde_json::from_str(&text).expect("it appears whole");
                let rpc = ready["rpc"].as_str().expect("it says where").to_owned();
                return Self { child, home, log, rpc };
            }
            let ended = child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "ended: {}", fs::read_to_string(&log).unwrap_or_default());
            assert!(began.elapsed() < PATIENCE, "the node does not answer");
            sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the node ends by itself, which is a failure of its own code. What it says.
    fn ends(&mut self) -> (i32, String) {
        ended(&mut self.child, &self.log)
    }

    /// Waits until the log holds these `words` so many times.
    fn says(&self, words: &str, times: usize) {
        let began = Instant::now();
        let log = || fs::read_to_string(&self.log).unwrap_or_default();
        while log().matches(words).count() < times {
            assert!(began.elapsed() < PATIENCE, "the node does not say: {words}");
            sleep(Duration::from_millis(10));
        }
    }

    /// What a node says that is started on a full disk; nothing when it starts all the same.
    fn refusal(folder: &Path) -> Option<(i32, String)> {
        let ready = folder.join("ready.json");
        let _ = fs::remove_file(&ready);
        let (mut child, _, log) = launch(folder);
        let began = Instant::now();
        while !ready.exists() && child.try_wait().expect("it can be asked").is_none() {
            assert!(began.elapsed() < PATIENCE, "the node does not answer");
            sleep(Duration::from_millis(10));
        }
        if ready.exists() {
            // There was room enough to start.
            child.kill().expect("it runs");
            child.wait().expect("it ends");
            return None;
        }
        let (code, words) = ended(&mut child, &log);
        let last = words.lines().last().expect("it says why").to_owned();
        let clear = ["No space left on device", "free space on the disk"];
        assert!(clear.iter().any(|clear| last.contains(clear)), "{words}");
        Some((code, last))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(folder: &Path) -> (Child, PathBuf, PathBuf) {
    let (home, log) = (folder.join("disk/node"), folder.join("node.log"));
    if !home.exists() {
        fs::create_dir(&home).expect("a folder");
        fs::write(home.join("config.toml"), BRISK).expect("a file");
    }
    let mut command = launch::node(&home, &folder.join("ready.json"), &log);
    (command.spawn().expect("tallyd runs"), home, log)
}

fn ended(child: &mut Child, log: &Path) -> (i32, String) {
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be asked") {
            break status;
        }
        assert!(began.elapsed() < PATIENCE, "the node neither goes on nor ends");
        sleep(Duration::from_millis(10));
    };
    let words = fs::read_to_string(log).expect("a log");
    let code = status.code().filter(|code| *code != 0);
    (code.unwrap_or_else(|| panic!("ended with {status}: {words}")), words)
}
