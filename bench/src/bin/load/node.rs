//! The node under load: started for the run on a temporary home, or one that runs already.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chain::keys::SecretKey;
use rpc::client::Client;
use rpc::methods::NodeStatus;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::sleep;
use wallet::keystore::secret::Secret;

use crate::usage::Usage;

/// How long the node may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a call may take: as long as the node itself gives one.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Whose money a chain that was started for the run is paid with.
const FUNDER: &str = "alice";
/// Lines of the node's log that are shown when a run fails.
const LOG_LINES: usize = 20;

/// A node, and an account with money on its chain.
#[derive(Debug)]
pub(crate) struct Node {
    client: Client,
    funder: SecretKey,
    origin: String,
    process: Option<Process>,
}

/// A node that was started for the run. Both are gone when this is dropped.
#[derive(Debug)]
struct Process {
    folder: TempDir,
    child: Child,
    id: u32,
}

/// What the node says once it answers.
#[derive(Debug, Deserialize)]
struct Ready {
    rpc: String,
}

impl Node {
    /// Starts a developer's chain with the program at `tallyd`.
    pub(crate) async fn start(tallyd: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tally-load-").tempdir()?;
        let Launched { child, id, url } = launch(tallyd, &folder).await?;
        let funder = secret(&home(&folder).join("dev-accounts").join(format!("{FUNDER}.key")))?;
        let client = Client::new(&url, CALL_TIMEOUT)?;
        let origin = format!("started for this run on {}", home(&folder).display());
        Ok(Self { client, funder, origin, process: Some(Process { folder, child, id }) })
    }

    /// Uses the node at `url`, and the money of the key in `key_file`.
    pub(crate) fn attach(url: &str, key_file: &Path) -> Result<Self> {
        let (client, funder) = (Client::new(url, CALL_TIMEOUT)?, secret(key_file)?);
        let origin = format!("running at {url}, so its process is not measured");
        Ok(Self { client, funder, origin, process: None })
    }

    /// Where the node came from, for people.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// A client of the node.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// The key of an account with money.
    pub(crate) const fn funder(&self) -> &SecretKey {
        &self.funder
    }

    /// What the node has used so far; none of a node that was there before.
    pub(crate) fn usage(&self) -> Result<Option<Usage>> {
        let Some(Process { folder, id, .. }) = &self.process else { return Ok(None) };
        let usage = Usage::of_process(*id).context("the node's process")?;
        let usage = usage.with_folder("store", &home(folder).join("data"))?;
        usage.with_folder("journal", &home(folder).join("consensus")).map(Some)
    }

    /// The last lines of the node's log; empty of a node that was there before.
    pub(crate) fn log(&self) -> String {
        self.process.as_ref().map_or_else(String::new, |process| last_words(&process.folder))
    }

    /// If the node was started for the run: kills it, starts it again, and stops it as an operator would.
    /// Returns the time from the new start to the first answer.
    pub(crate) async fn end(self, tallyd: &Path) -> Result<Option<Duration>> {
        let Some(mut process) = self.process else { return Ok(None) };
        process.child.kill().await?;
        fs::remove_file(ready_file(&process.folder))?;
        let began = Instant::now();
        let launched = launch(tallyd, &process.folder).await?;
        Client::new(&launched.url, CALL_TIMEOUT)?.call(NodeStatus {}).await?;
        let restart = began.elapsed();
        let Launched { mut child, id, .. } = launched;
        let told = Command::new("kill").arg(id.to_string()).status().await?;
        ensure!(told.success(), "cannot tell the node to stop");
        let status = child.wait().await?;
        ensure!(status.success(), "the node ended with {status}:\n{}", last_words(&process.folder));
        Ok(Some(restart))
    }
}

/// A node that answers.
struct Launched {
    child: Child,
    id: u32,
    url: String,
}

/// Starts a developer's chain in `folder`, or the one that is there.
async fn launch(tallyd: &Path, folder: &TempDir) -> Result<Launched> {
    let ready = ready_file(folder);
    let mut child = Command::new(tallyd)
        .args(["dev", "--rpc", "127.0.0.1:0", "--log-format", "text", "--home"])
        .arg(home(folder))
        .arg("--ready-file")
        .arg(&ready)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::options().create(true).append(true).open(log(folder))?)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}: is it built?", tallyd.display()))?;
    let id = child.id().context("the node has ended by itself")?;
    let url = wait_for(&mut child, &ready).await;
    let url = url.with_context(|| format!("the node did not start:\n{}", last_words(folder)))?;
    Ok(Launched { child, id, url })
}

fn ready_file(folder: &TempDir) -> PathBuf {
    folder.path().join("ready.json")
}

fn home(folder: &TempDir) -> PathBuf {
    folder.path().join("node")
}

fn log(folder: &TempDir) -> PathBuf {
    folder.path().join("node.log")
}

fn last_words(folder: &TempDir) -> String {
    let text = fs::read_to_string(log(folder)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

async fn wait_for(child: &mut Child, ready: &Path) -> Result<String> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            bail!("it ended with {status}");
        }
        if let Ok(text) = fs::read_to_string(ready) {
            let ready: Ready = serde_json::from_str(&text)?;
            return Ok(ready.rpc);
        }
        ensure!(began.elapsed() < START_TIMEOUT, "no answer within {} s", START_TIMEOUT.as_secs());
        sleep(Duration::from_millis(10)).await;
    }
}

fn secret(path: &Path) -> Result<SecretKey> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let secret = Secret::from_private_key(text.trim());
    Ok(secret.with_context(|| path.display().to_string())?.key()?)
}
