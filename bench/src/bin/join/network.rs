//! A network of one authority and two followers, in real processes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rpc::client::Client;
use rpc::methods::NodeStatus;
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::process::{Child, Command};

/// How long a node may take to start: it reads its state and compares its root.
const START_TIMEOUT: Duration = Duration::from_secs(300);
/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(50);
/// The time from one word on how far a node is to the next.
const WORDS: Duration = Duration::from_secs(10);

/// How fast an authority makes blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As fast as it can.
    Fast,
    /// As nodes do.
    Usual,
}

#[derive(Debug)]
pub(crate) struct Network {
    folder: PathBuf,
    tallyd: PathBuf,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) url: String,
    client: Client,
    child: Child,
}

/// What a node says once it answers.
#[derive(Debug, Deserialize)]
struct Ready {
    rpc: String,
}

impl Network {
    /// The network in `folder`; makes it where there is none.
    pub(crate) fn open(folder: PathBuf, tallyd: PathBuf) -> Result<Self> {
        let network = Self { folder, tallyd };
        if !network.folder.exists() {
            let folder = network.folder.as_os_str();
            network.run(&["testnet", "--authorities", "1", "--followers", "2", "--out"], folder)?;
        }
        Ok(network)
    }

    /// Starts a node, and returns when it answers.
    pub(crate) async fn start(&self, name: &str, pace: Pace) -> Result<Node> {
        let (home, ready) = (self.home(name), self.folder.join(format!("{name}.ready")));
        set_pace(&home, pace)?;
        // It may not be there.
        let _ = fs::remove_file(&ready);
        let log = File::create(self.folder.join(format!("{name}.log")))?;
        let mut child = Command::new(&self.tallyd)
            .args(["start", "--log", "warn", "--home"])
            .arg(&home)
            .arg("--ready-file")
            .arg(&ready)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}: is it built?", self.tallyd.display()))?;
        let began = Instant::now();
        let text = loop {
            if let Ok(text) = fs::read_to_string(&ready) {
                break text;
            }
            if let Some(status) = child.try_wait()? {
                bail!("{name} ended with {status}; see its log in {}", self.folder.display());
            }
            ensure!(began.elapsed() < START_TIMEOUT, "{name} does not answer");
            tokio::time::sleep(PAUSE).await;
        };
        let Ready { rpc: url } = serde_json::from_str(&text)?;
        Ok(Node { client: Client::new(&url, CALL_TIMEOUT)?, url, child })
    }

    /// Makes a snapshot of a stopped node.
    pub(crate) fn snapshot(&self, name: &str) -> Result<()> {
        self.run(&["snapshot", "create", "--home"], self.home(name).as_os_str())
    }

    /// Has a node that never ran begin with the snapshot that the one at `url` serves. Returns its bytes.
    pub(crate) fn begin(&self, name: &str, url: &str) -> Result<u64> {
        let home = self.home(name);
        let genesis = self.folder.join("genesis.toml");
        let genesis = genesis.to_str().context("the folder has a name of letters")?;
        self.run(&["init", "--genesis", genesis, "--snapshot", url, "--home"], home.as_os_str())?;
        bytes_in(&home.join("snapshots"))
    }

    fn home(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn run(&self, arguments: &[&str], last: &std::ffi::OsStr) -> Result<()> {
        let output = Program::new(&self.tallyd).args(arguments).arg(last).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "tallyd {}: {said}", arguments.join(" "));
        Ok(())
    }
}

impl Node {
    /// The height of its tip.
    pub(crate) async fn height(&self) -> Result<u64> {
        Ok(self.client.call(NodeStatus {}).await?.tip.height)
    }

    /// Waits until its tip is at `goal`, and says now and then how far it is.
    pub(crate) async fn reach(&mut self, goal: u64, say: impl Fn(u64)) -> Result<u64> {
        let mut said = Instant::now();
        loop {
            let height = self.height().await?;
            if height >= goal {
                return Ok(height);
            }
            if said.elapsed() >= WORDS {
                say(height);
                said = Instant::now();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        kill_process(id.context("the node runs")?, Signal::TERM)?;
        let status = self.child.wait().await?;
        ensure!(status.success(), "a node ended with {status}");
        Ok(())
    }
}

/// Writes the pace into the settings of a home, in place of the one before.
fn set_pace(home: &Path, pace: Pace) -> Result<()> {
    let path = home.join("config.toml");
    let text = fs::read_to_string(&path)?;
    let kept = text.split("\n[pacing]\n").next().unwrap_or_default().trim_end();
    let pacing = match pace {
        Pace::Fast => "\n\n[pacing]\ninterval_min_ms = 0\nidle_ms = 1\n",
        Pace::Usual => "\n",
    };
    Ok(fs::write(&path, format!("{kept}{pacing}"))?)
}

/// The lengths of all files below `folder`.
fn bytes_in(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        sum += if path.is_dir() { bytes_in(&path)? } else { fs::metadata(&path)?.len() };
    }
    Ok(sum)
}
