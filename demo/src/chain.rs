//! The chain that the demo runs on: a developer's chain in a folder of its own, with a market whose slot
//! is as short as an hour of the day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chain::account::AccountId;
use chain::address::{self, Network};
use chain::keys::SecretKey;
use chain::time::Millis;
use genesis::{DEV, MarketSpec, Spec};
use rpc::client::Client;
use rpc::text::Address;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::day::Day;

/// How long the node may take to answer.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A running chain.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) rpc: String,
    pub(crate) client: Client,
    pub(crate) cashier: SecretKey,
    /// The accounts that the genesis opened, with their names.
    pub(crate) founded: Vec<(String, Address)>,
    pub(crate) home: PathBuf,
    /// Deleted when dropped, unless the chain is kept.
    folder: TempDir,
    node: Child,
}

/// What the node says once it answers.
#[derive(Debug, Deserialize)]
struct Ready {
    rpc: String,
}

impl Chain {
    /// Starts a chain for `day` with the program at `tallyd`.
    pub(crate) async fn start(tallyd: &Path, day: &Day) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tally-demo-").tempdir()?;
        let genesis = folder.path().join("genesis.toml");
        std::fs::write(&genesis, genesis_of(day)?)?;
        let (home, ready) = (folder.path().join("node"), folder.path().join("ready.json"));
        let log = std::fs::File::create(folder.path().join("node.log"))?;
        let mut node = Command::new(tallyd)
            .args(["dev", "--rpc", "127.0.0.1:0", "--log-format", "text", "--home"])
            .arg(&home)
            .arg("--genesis")
            .arg(&genesis)
            .arg("--ready-file")
            .arg(&ready)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", tallyd.display()))?;
        let rpc = match wait_for(&mut node, &ready).await {
            Ok(rpc) => rpc,
            Err(error) => {
                let log = std::fs::read_to_string(folder.path().join("node.log"))?;
                return Err(error.context(format!("the node did not start:\n{log}")));
            }
        };
        let client = Client::new(&rpc, CALL_TIMEOUT)?;
        let (cashier, founded) = accounts(&home)?;
        Ok(Self { rpc, client, cashier, founded, home, folder, node })
    }

    /// Stops the node as an operator would, and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = self.node.id().context("the node has ended by itself")?;
        let told = Command::new("kill").arg(id.to_string()).status().await?;
        ensure!(told.success(), "cannot tell the node to stop");
        let status = self.node.wait().await?;
        ensure!(status.success(), "the node ended with {status}");
        Ok(())
    }

    /// Leaves the chain running until Ctrl-C, and its folder in place for good.
    pub(crate) async fn keep(mut self) -> Result<()> {
        self.folder.disable_cleanup(true);
        tokio::select! {
            told = tokio::signal::ctrl_c() => told?,
            status = self.node.wait() => bail!("the node ended with {}", status?),
        }
        // The terminal has told the node as well.
        self.node.wait().await?;
        Ok(())
    }
}

/// The developers' genesis with the day's market in place of its own.
fn genesis_of(day: &Day) -> Result<String> {
    let mut spec = Spec::from_toml(DEV)?;
    let hours = day.hours.saturating_mul(4);
    let Millis(hour) = day.hour;
    spec.markets = vec![MarketSpec {
        name: day.market.name.clone(),
        unit: day.market.unit.clone(),
        slot: format!("{hour}ms"),
        lot: 1,
        tick: format!("1u{}", spec.token.symbol.to_ascii_lowercase()),
        quantity_min: 1,
        horizon: format!(
            "{}ms",
            hour.saturating_mul(hours).saturating_mul(2).max(120_000).div_ceil(hour) * hour
        ),
        lead: "0ms".to_owned(),
        k_bps: 5_000,
        grades: Vec::new(),
        attributes: BTreeMap::new(),
    }];
    Ok(spec.to_toml()?)
}

async fn wait_for(node: &mut Child, ready: &Path) -> Result<String> {
    let began = Instant::now();
    loop {
        if let Some(status) = node.try_wait()? {
            bail!("it ended with {status}");
        }
        if let Ok(text) = std::fs::read_to_string(ready) {
            let ready: Ready = serde_json::from_str(&text)?;
            return Ok(ready.rpc);
        }
        ensure!(began.elapsed() < START_TIMEOUT, "no answer within {START_TIMEOUT:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// The cashier's key, and the accounts that the genesis opened.
fn accounts(home: &Path) -> Result<(SecretKey, Vec<(String, Address)>)> {
    let spec = Spec::from_toml(&std::fs::read_to_string(home.join("genesis.toml"))?)?;
    let cashier = secret(home, "cashier")?;
    let mut names = Vec::new();
    for file in std::fs::read_dir(home.join("dev-accounts"))? {
        let path = file?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        names.push((AccountId::of_key(&secret(home, &name)?.public_key()), name));
    }
    let mut founded = Vec::new();
    for account in &spec.accounts {
        let account = address::decode(Network::Dev, &account.address)?;
        let name = names.iter().find(|(named, _)| *named == account);
        let name = name.map_or_else(|| "?".to_owned(), |(_, name)| name.clone());
        founded.push((name, Address { network: Network::Dev, account }));
    }
    founded.sort_by(|one, other| one.0.cmp(&other.0));
    Ok((cashier, founded))
}

fn secret(home: &Path, name: &str) -> Result<SecretKey> {
    let path = home.join("dev-accounts").join(format!("{name}.key"));
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let secret = wallet::keystore::secret::Secret::from_private_key(text.trim())?;
    Ok(secret.key()?)
}
