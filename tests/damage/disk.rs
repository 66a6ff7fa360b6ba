//! A disk that is full: the node says so and ends, and goes on where it was once there is room.
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
use serde_json::Value;

use crate::launch;
use crate::recording::Payer;

/// Set in the process that has a disk of its own.
const INSIDE: &str = "TALLY_FULL_DISK";
const NAME: &str = "disk::full_disk_ends_the_node_in_clear_words_and_loses_nothing";
/// Room on that disk.
const DISK: &str = "size=192m";
/// Bytes that are left free, one node each.
const LEFT: [u64; 8] = [0, 4 << 10, 20 << 10, 64 << 10, 150 << 10, 400 << 10, 1 << 20, 3 << 20];
/// More payments than fit any of these.
const PAYMENTS_MAX: u32 = 3_000;
const PATIENCE: Duration = Duration::from_secs(120);
const BRISK: &str = "[pacing]\ninterval_min_ms = 0\nidle_ms = 20\nleader_timeout_ms = 200\n\
                     certification_timeout_ms = 400\ntimeout_retry_ms = 100\n";

#[test]
fn full_disk_ends_the_node_in_clear_words_and_loses_nothing() {
    if env::var_os(INSIDE).is_some() {
        return inside();
    }
    for namespace in [&["--mount"][..], &["--mount", "--user", "--map-root-user"]] {
        let mut command = Command::new("unshare");
        command.args(namespace).arg(env::current_exe().expect("a test has a path"));
        command.args(["--exact", NAME, "--nocapture"]).env(INSIDE, "1");
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

/// The test itself, where a disk can be mounted.
fn inside() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).expect("a folder");
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", DISK, "tally"]).arg(&disk);
    if !mount.status().is_ok_and(|status| status.success()) {
        eprintln!("cannot mount");
        return;
    }
    let mut settled = Vec::new();
    let mut running = Running::start(folder.path());
    for left in LEFT {
        let mut payer = Payer::after(&running.home, &running.rpc).expect("it answers");
        settled.extend((0..3).map(|_| payer.pay().expect("there is room")));
        fill(&disk, left);
        let before = settled.len();
        let paid = (0..PAYMENTS_MAX).map_while(|_| payer.pay());
        settled.extend(paid);
        let words = running.ends();
        assert!(words.contains("No space left on device"), "{left} bytes left: {words}");
        assert!(words.contains("free space on the disk"), "{left} bytes left: {words}");
        let refused = Running::refusal(folder.path());
        fs::remove_file(disk.join("filler")).expect("it is there");
        running = Running::start(folder.path());
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
    fn ends(&mut self) -> String {
        ended(&mut self.child, &self.log)
    }

    /// What a node says that is started on a full disk; nothing when it starts all the same.
    fn refusal(folder: &Path) -> Option<String> {
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
        let words = ended(&mut child, &log);
        let last = words.lines().last().expect("it says why").to_owned();
        assert!(last.contains("No space left on device"), "{words}");
        Some(last)
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

fn ended(child: &mut Child, log: &Path) -> String {
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be asked") {
            break status;
        }
        assert!(began.elapsed() < PATIENCE, "the node neither goes on nor ends");
        sleep(Duration::from_millis(10));
    };
    let words = fs::read_to_string(log).expect("a log");
    let code = status.code();
    assert!(code.is_some_and(|code| code != 0), "ended with {status}: {words}");
    words
}
