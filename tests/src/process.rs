//! Real processes: a node with a chain of its own, and wallets that talk to it.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long a program may take to do what it should, before the test is given up.
const PATIENCE: Duration = Duration::from_secs(120);
const PASSWORD: &str = "a password for tests";

/// The program `name` of this workspace, which `cargo xtask test` has built.
///
/// # Panics
/// When it was not built.
pub fn program(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test has a path");
    let folder = test.ancestors().nth(2).expect("tests lie in the folder deps");
    let path = folder.join(name);
    assert!(path.exists(), "{} is missing: run `cargo xtask test`", path.display());
    path
}

/// A node with a developer's chain in a folder of its own. Killed when dropped.
#[derive(Debug)]
pub struct Node {
    folder: TempDir,
    child: Child,
    /// Where it answers.
    pub rpc: String,
    /// Where it serves metrics and health.
    pub operation: String,
    /// Its chain.
    pub chain: String,
}

impl Node {
    /// Starts a node on a new chain, whose genesis is filled in from `genesis`, or the developers'.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(genesis: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let genesis = genesis.map(|text| {
            let path = folder.path().join("genesis.toml");
            fs::write(&path, text).expect("a file");
            path
        });
        let (child, [rpc, operation, chain]) =
            launch(folder.path(), genesis.as_deref(), "127.0.0.1:0");
        Self { folder, child, rpc, operation, chain }
    }

    /// The node's folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("node")
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("node.log")).unwrap_or_default()
    }

    /// Ends the process as a power cut would, without a word.
    ///
    /// # Panics
    /// When there is no process.
    pub fn kill(&mut self) {
        self.child.kill().expect("the node runs");
        self.child.wait().expect("the node ends");
    }

    /// Asks the process to stop, and waits for it.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&mut self) -> ExitStatus {
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(told.expect("kill runs").success());
        wait(&mut self.child)
    }

    /// Starts the node again after [`Self::kill`] or [`Self::stop`], where it answered before.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        let address = self.rpc.trim_start_matches("http://").to_owned();
        (self.child, [self.rpc, self.operation, self.chain]) =
            launch(self.folder.path(), None, &address);
    }

    /// Runs `tallyd` with these arguments to its end.
    ///
    /// # Panics
    /// When it cannot be run.
    pub fn tallyd<A: AsRef<OsStr>>(arguments: &[A]) -> Output {
        let mut command = Command::new(program("tallyd"));
        command.args(arguments).stdin(Stdio::null());
        command.output().expect("tallyd runs")
    }

    /// Imports one of the chain's own accounts into `wallet`.
    ///
    /// # Panics
    /// When it cannot be imported.
    pub fn import(&self, wallet: &Wallet, name: &str) {
        let file = self.home().join("dev-accounts").join(format!("{name}.key"));
        let file = file.to_str().expect("a path of letters");
        wallet.ok(&["key", "import", name, "--private-key", "--secret-file", file]);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a node that answers at `address`: its process, and what it says of itself.
fn launch(folder: &Path, genesis: Option<&Path>, address: &str) -> (Child, [String; 3]) {
    let ready = folder.join("ready.json");
    // It may not be there.
    let _ = fs::remove_file(&ready);
    let log = File::options().create(true).append(true).open(folder.join("node.log"));
    let mut command = Command::new(program("tallyd"));
    command.args(["dev", "--rpc", address, "--home"]).arg(folder.join("node"));
    command.arg("--ready-file").arg(&ready).stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(genesis) = genesis {
        command.arg("--genesis").arg(genesis);
    }
    let mut child = command.stderr(log.expect("a log")).spawn().expect("tallyd runs");
    let began = Instant::now();
    loop {
        if let Ok(text) = fs::read_to_string(&ready) {
            let ready: Value = serde_json::from_str(&text).expect("it appears whole");
            let text = |name: &str| ready[name].as_str().expect("it says so").to_owned();
            return (child, ["rpc", "operation", "chain"].map(text));
        }
        let ended = child.try_wait().expect("it can be asked");
        let log = || fs::read_to_string(folder.join("node.log")).unwrap_or_default();
        assert!(ended.is_none(), "the node ended with {ended:?}:\n{}", log());
        assert!(began.elapsed() < PATIENCE, "the node does not answer:\n{}", log());
        sleep(Duration::from_millis(20));
    }
}

fn wait(child: &mut Child) -> ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("it can be asked") {
            return status;
        }
        assert!(began.elapsed() < PATIENCE, "the node does not stop");
        sleep(Duration::from_millis(20));
    }
}

/// A wallet with a folder and keys of its own.
#[derive(Debug)]
pub struct Wallet {
    folder: TempDir,
    /// The node it asks.
    pub rpc: String,
}

/// What a run of `tally --json` ended in.
#[derive(Debug)]
pub struct Answer {
    /// The exit code.
    pub code: i32,
    /// The document on stdout.
    pub json: Value,
    /// What was said on stderr.
    pub stderr: String,
}

impl Answer {
    /// The code of the error that the document holds.
    pub fn error(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or("no error")
    }
}

impl Wallet {
    /// An empty wallet that asks the node at `rpc`.
    ///
    /// # Panics
    /// When there is no room for it.
    pub fn new(rpc: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("password"), PASSWORD).expect("a file");
        Self { folder, rpc: rpc.to_owned() }
    }

    /// The wallet's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `tally --json` with these arguments.
    ///
    /// # Panics
    /// When it cannot be run, or prints anything but one document.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        let output = self.command(arguments).arg("--json").output().expect("tally runs");
        let stdout = String::from_utf8(output.stdout).expect("it prints text");
        let stderr = String::from_utf8(output.stderr).expect("it prints text");
        let json: Value = serde_json::from_str(&stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {stdout} {stderr}"));
        assert_eq!(json["schema"], 1, "{arguments:?}: {stdout}");
        let code = output.status.code().expect("it was not killed");
        assert_eq!(code == 0, json["error"].is_null(), "{arguments:?}: {code}: {stdout}");
        Answer { code, json, stderr }
    }

    /// Runs `tally --json` and insists that it ends well.
    ///
    /// # Panics
    /// When it does not.
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let answer = self.run(arguments);
        assert_eq!(answer.code, 0, "{arguments:?}: {} {}", answer.json, answer.stderr);
        answer.json
    }

    /// Runs `tally` with these arguments for people, and answers with what it prints.
    ///
    /// # Panics
    /// When it does not end well.
    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("tally runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        String::from_utf8(output.stdout).expect("it prints text")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("tally"));
        command
            .args(arguments)
            .env_clear()
            .env("TALLY_HOME", self.folder.path().join("wallet"))
            .env("TALLY_NODE", &self.rpc)
            .env("TALLY_PASSWORD_FILE", self.folder.path().join("password"))
            .stdin(Stdio::null());
        command
    }
}
