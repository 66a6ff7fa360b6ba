//! The node that is killed: a process with a chain of its own, on one home for the whole campaign.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chain::account::AccountId;
use chain::address::{self, Network};
use genesis::{DEV, Genesis, Spec};
use rpc::client::Client;
use serde::Deserialize;
use tokio::time::sleep;

use super::Plan;

/// How long the node may take to answer, or to stop.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Lines of the log that are shown when the node ends by itself.
const LOG_LINES: usize = 30;
/// Blocks follow one another quickly, and a node that comes back does not wait long for its own vote.
const SETTINGS: &str = "[pacing]\ninterval_min_ms = 5\nidle_ms = 150\nleader_timeout_ms = 300\n\
                        certification_timeout_ms = 600\ntimeout_retry_ms = 150\n";

pub(super) struct Victim {
    tallyd: PathBuf,
    folder: PathBuf,
    running: Option<(Child, Instant)>,
}

/// What the node says once it answers.
#[derive(Deserialize)]
struct Ready {
    rpc: String,
}

impl Victim {
    /// A node that has not been started yet, on whose chain `accounts` have money.
    pub(super) fn new(plan: &Plan, accounts: &[AccountId]) -> Result<Self> {
        let mut genesis = DEV.to_owned();
        for account in accounts {
            let address = address::encode(Network::Dev, account);
            genesis +=
                &format!("\n[[accounts]]\naddress = \"{address}\"\nbalance = \"1000000TLY\"\n");
        }
        let victim =
            Self { tallyd: plan.tallyd.clone(), folder: plan.folder.clone(), running: None };
        fs::create_dir_all(victim.home())?;
        fs::write(victim.folder.join("genesis.toml"), genesis)?;
        fs::write(victim.home().join("config.toml"), SETTINGS)?;
        Ok(victim)
    }

    /// Starts the process. It makes its home when that has no genesis yet.
    pub(super) fn start(&mut self) -> Result<()> {
        // It may not be there.
        let _ = fs::remove_file(self.ready());
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = Command::new(&self.tallyd);
        command.args(["dev", "--rpc", "127.0.0.1:0", "--log-format", "text", "--home"]);
        command.arg(self.home()).arg("--ready-file").arg(self.ready());
        if !self.home().join("genesis.toml").exists() {
            command.arg("--genesis").arg(self.folder.join("genesis.toml"));
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().with_context(|| self.tallyd.display().to_string())?;
        self.running = Some((child, Instant::now()));
        Ok(())
    }

    /// Waits until the node answers. Says how long it took.
    pub(super) async fn answers(&mut self) -> Result<(Client, Duration)> {
        let (ready, log) = (self.ready(), self.log());
        let (child, began) = self.running.as_mut().context("the node was started")?;
        loop {
            if let Some(rpc) = read_ready(&ready)? {
                return Ok((Client::new(&rpc, CALL_TIMEOUT)?, began.elapsed()));
            }
            if let Some(status) = child.try_wait()? {
                bail!("the node ended by itself with {status}:\n{}", last_words(&log));
            }
            ensure!(began.elapsed() < PATIENCE, "no answer:\n{}", last_words(&log));
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// Whether it has said that it answers.
    pub(super) fn has_answered(&self) -> bool {
        self.ready().exists()
    }

    /// Ends the process without a word.
    pub(super) fn kill(&mut self) -> Result<()> {
        let (mut child, _) = self.running.take().context("the node was started")?;
        if let Some(status) = child.try_wait()? {
            bail!("the node ended by itself with {status}:\n{}", last_words(&self.log()));
        }
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Asks the process to stop; it must end well.
    pub(super) fn stop(&mut self) -> Result<()> {
        let (mut child, _) = self.running.take().context("the node was started")?;
        let told = Command::new("kill").arg(child.id().to_string()).status()?;
        ensure!(told.success(), "the node cannot be told to stop");
        let status = child.wait()?;
        ensure!(status.success(), "the node stopped with {status}:\n{}", last_words(&self.log()));
        Ok(())
    }

    /// What its chain began with.
    pub(super) fn genesis(&self) -> Result<Genesis> {
        let text = fs::read_to_string(self.home().join("genesis.toml"))?;
        Ok(Spec::from_toml(&text)?.genesis()?)
    }

    fn home(&self) -> PathBuf {
        self.folder.join("node")
    }

    fn ready(&self) -> PathBuf {
        self.folder.join("ready.json")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("node.log")
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.running {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn read_ready(path: &Path) -> Result<Option<String>> {
    let Ok(text) = fs::read_to_string(path) else { return Ok(None) };
    let ready: Ready = serde_json::from_str(&text).context("it appears whole")?;
    Ok(Some(ready.rpc))
}

fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}
