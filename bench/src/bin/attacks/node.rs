//! The node that is attacked: a developer's chain in a folder that is gone with it.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// How long the node may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    _child: Child,
    _folder: TempDir,
}

/// What the node says once it answers.
#[derive(Debug, Deserialize)]
struct Ready {
    rpc: String,
}

impl Node {
    pub(crate) async fn start(tallyd: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tally-attacks-").tempdir()?;
        let ready = folder.path().join("ready.json");
        let mut child = Command::new(tallyd)
            .args(["dev", "--rpc", "127.0.0.1:0", "--home"])
            .arg(folder.path().join("node"))
            .arg("--ready-file")
            .arg(&ready)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}: is it built?", tallyd.display()))?;
        let began = Instant::now();
        let text = loop {
            if let Ok(text) = fs::read_to_string(&ready) {
                break text;
            }
            if let Some(status) = child.try_wait()? {
                bail!("the node ended with {status}");
            }
            ensure!(began.elapsed() < START_TIMEOUT, "the node does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let Ready { rpc } = serde_json::from_str(&text)?;
        let address = rpc.trim_start_matches("http://").parse()?;
        Ok(Self { address, _child: child, _folder: folder })
    }
}
