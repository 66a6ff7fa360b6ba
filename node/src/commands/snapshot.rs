//! `tallyd snapshot`: states that other homes can be made from.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chain::snapshot::Manifest;
use clap::{Args, Subcommand};
use genesis::{Genesis, Spec};
use node::home::{self, Home, HomeError};
use node::ledger::Ledger;
use node::snapshot::{self, Folder, Report, SnapshotError};
use node::store::Histories;
use serde_json::json;

use super::progress::Reports;
use super::{HomeArgument, Overrides, run};
use crate::output;

/// States that other homes can be made from.
#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Makes the snapshot of a stopped node's tip; one that runs makes them by itself, as its config.toml says.
    Create(Create),
    /// Verifies a snapshot against the genesis of its chain; no node is needed.
    Verify(Verify),
    /// Makes a home from a snapshot.
    Restore(Restore),
    /// Lists the snapshots of a home.
    List(List),
    /// Takes a snapshot from nodes that serve one, and verifies it; cut off, it goes on where it was.
    Fetch(Fetch),
}

/// Makes the snapshot of a stopped node's tip.
#[derive(Debug, Args)]
pub(crate) struct Create {
    #[command(flatten)]
    home: HomeArgument,
    #[command(flatten)]
    overrides: Overrides,
    /// The folder in which the snapshot gets its own [default: snapshots in the home].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Verifies a snapshot against the genesis of its chain.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The folder of the snapshot.
    #[arg(value_name = "SNAPSHOT")]
    folder: PathBuf,
    /// The genesis of its chain.
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
    /// Prints one JSON document.
    #[arg(long)]
    json: bool,
}

/// Makes a home from a snapshot; gives one that has lost its ledger a new one.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The folder of the snapshot.
    #[arg(value_name = "SNAPSHOT")]
    folder: PathBuf,
    #[command(flatten)]
    home: HomeArgument,
    /// The genesis of its chain.
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
}

/// Takes a snapshot from nodes that serve one. None of them is trusted.
#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// A node that serves snapshots; may be given several times.
    #[arg(long, value_name = "URL", required = true)]
    from: Vec<String>,
    /// The genesis of its chain.
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
    /// The folder in which the snapshot gets its own.
    #[arg(long, value_name = "DIR", default_value = "snapshots")]
    out: PathBuf,
}

/// Lists the snapshots of a home.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    home: HomeArgument,
}

impl SnapshotCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(),
            Self::Verify(verify) => verify.run(),
            Self::Restore(restore) => restore.run(),
            Self::List(list) => list.run(),
            Self::Fetch(fetch) => fetch.run(),
        }
    }
}

impl Create {
    fn run(self) -> anyhow::Result<()> {
        let home = Home::open(&self.home.path("node")?).map_err(|error| match error {
            HomeError::InUse { .. } => anyhow::anyhow!(
                "{error}; a node that runs makes snapshots by itself, as [snapshots] in its config.toml says"
            ),
            other => other.into(),
        })?;
        let config = self.overrides.config(&home)?;
        let genesis = Spec::from_toml(&home.genesis()?)?.genesis()?;
        // Opened as a node opens it: its root is compared with its tip's.
        let ledger = Ledger::open(&home.data_path(), &genesis, config.histories)?;
        let snapshots = match self.out {
            Some(out) => std::path::absolute(out)?,
            None => home.snapshots_path(),
        };
        let (folder, manifest) =
            snapshot::create(ledger.store(), genesis.epoch_blocks, &snapshots)?;
        show(&folder, &manifest);
        Ok(())
    }
}

impl Verify {
    fn run(self) -> anyhow::Result<()> {
        let (_, genesis) = read_genesis(&self.genesis)?;
        let folder = Folder::at(self.folder);
        let mut reports = Reports::new();
        let manifest = snapshot::verify(&folder, &genesis, |progress| reports.show(progress))?;
        if self.json {
            output::say(json!({ "schema": 1, "snapshot": document(&folder, &manifest) }));
            return Ok(());
        }
        show(&folder, &manifest);
        output::say("It is what the chain's authorities agreed on.");
        Ok(())
    }
}

impl Restore {
    fn run(self) -> anyhow::Result<()> {
        let (text, genesis) = read_genesis(&self.genesis)?;
        let joining = Joining::begin(&self.home.path("node")?, &genesis)?;
        let home = joining.finish(|_| Ok(Folder::at(self.folder)), &text, &genesis)?;
        output::say(format_args!("The ledger of {} begins there.", run::quoted(home.root())));
        Ok(())
    }
}

impl Fetch {
    fn run(self) -> anyhow::Result<()> {
        let (_, genesis) = read_genesis(&self.genesis)?;
        let folder = fetched(&self.from, &genesis, &std::path::absolute(self.out)?)?;
        show(&folder, &folder.manifest(genesis.hash())?);
        Ok(())
    }
}

impl List {
    fn run(self) -> anyhow::Result<()> {
        let root = self.home.path("node")?;
        let genesis = home::read_genesis(&root.join("genesis.toml"))?;
        let genesis = Spec::from_toml(&genesis)?.genesis()?;
        let snapshots = root.join("snapshots");
        let heights = snapshot::list(&snapshots)?;
        if heights.is_empty() {
            output::say(format_args!("{} has no snapshots", root.display()));
        }
        for height in heights {
            let folder = Folder::of(&snapshots, height);
            match folder.manifest(genesis.hash()) {
                Ok(manifest) => output::say(line(&folder, &manifest)),
                Err(error) => output::say(format_args!("{height:>10}  {error}")),
            }
        }
        Ok(())
    }
}

/// A genesis, as text and read.
pub(super) fn read_genesis(path: &Path) -> anyhow::Result<(String, Genesis)> {
    let text = home::read_genesis(path)?;
    let genesis = Spec::from_toml(&text).and_then(|spec| spec.genesis());
    Ok((text, genesis.with_context(|| path.display().to_string())?))
}

/// A home that is being made, or one whose ledger is gone.
#[derive(Debug)]
pub(super) struct Joining {
    home: Home,
    /// True when it has no genesis yet.
    fresh: bool,
}

impl Joining {
    /// Prepares the home at `root`, or opens it.
    pub(super) fn begin(root: &Path, genesis: &Genesis) -> anyhow::Result<Self> {
        let fresh = !root.join("genesis.toml").exists();
        let home = if fresh { Home::prepare(root)? } else { Home::open(root)? };
        if !fresh {
            let found = Spec::from_toml(&home.genesis()?)?.genesis()?.hash();
            if found != genesis.hash() {
                let (root, expected) = (root.display(), genesis.hash());
                bail!("{root} is a home of chain {found}, and the genesis is that of {expected}");
            }
            if home.data_path().exists() {
                bail!(
                    "{} is there already, and nothing was changed: move it away if the ledger is lost, or name \
                     another --home",
                    home.data_path().display()
                );
            }
        }
        Ok(Self { home, fresh })
    }

    /// Makes the ledger from a snapshot, whose folder is only asked for where no earlier try has made the ledger,
    /// then the home a home.
    pub(super) fn finish(
        self,
        folder: impl FnOnce(&Home) -> anyhow::Result<Folder>,
        text: &str,
        genesis: &Genesis,
    ) -> anyhow::Result<Home> {
        let data = self.home.data_path();
        if data.exists() {
            let ledger = Ledger::open(&data, genesis, Histories::Kept)?;
            let Some(anchor) = ledger.store().anchor()? else {
                return Err(SnapshotError::Exists(data).into());
            };
            let height = anchor.block.header.height;
            output::say(format_args!(
                "An earlier try has made the ledger, from height {height} on"
            ));
        } else {
            let folder = folder(&self.home)?;
            let mut reports = Reports::new();
            let manifest =
                snapshot::restore(&folder, genesis, &data, |progress| reports.show(progress))?;
            show(&folder, &manifest);
        }
        if self.fresh {
            self.home.adopt(text)?;
        }
        Ok(self.home)
    }
}

/// Makes the home at `root`, whose ledger begins with the snapshot in one folder, or of nodes.
pub(super) fn join(
    root: &Path,
    (text, genesis): (&str, &Genesis),
    sources: &[String],
) -> anyhow::Result<Home> {
    let folder = |home: &Home| match sources {
        [folder] if !folder.contains("://") => Ok(Folder::at(folder)),
        urls => fetched(urls, genesis, &home.snapshots_path()),
    };
    Joining::begin(root, genesis)?.finish(folder, text, genesis)
}

/// Takes a snapshot from nodes, and says how far it has come.
fn fetched(urls: &[String], genesis: &Genesis, snapshots: &Path) -> anyhow::Result<Folder> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut reports = Reports::new();
    let folder =
        runtime.block_on(snapshot::fetch(urls, genesis, snapshots, |report| match report {
            Report::Begins(height, progress) => {
                let (there, all) = (progress.chunks, progress.chunks_all);
                output::note(format_args!("height {height}: {there} of {all} chunks are here"));
                reports = Reports::from(progress);
            }
            Report::Comes(progress) => reports.show(progress),
            Report::Drops(reason) => output::note(reason),
        }))?;
    Ok(folder)
}

fn show(folder: &Folder, manifest: &Manifest) {
    let header = &manifest.header;
    for (name, text) in [
        ("Snapshot", folder.path().display().to_string()),
        ("Chain", header.chain.to_string()),
        ("Height", header.height.to_string()),
        ("Block", header.digest().to_string()),
        ("State root", header.state_root.to_string()),
        ("Objects", manifest.objects.to_string()),
        ("Size", format!("{} bytes in {} chunks", manifest.bytes(), manifest.chunks.len())),
    ] {
        output::say(format_args!("{name:<11} {text}"));
    }
}

fn line(folder: &Folder, manifest: &Manifest) -> String {
    let (height, objects, bytes) = (manifest.header.height, manifest.objects, manifest.bytes());
    format!("{height:>10}  {objects:>10} objects  {bytes:>12} bytes  {}", folder.path().display())
}

fn document(folder: &Folder, manifest: &Manifest) -> serde_json::Value {
    let header = &manifest.header;
    json!({
        "folder": folder.path(),
        "chain": header.chain.to_string(),
        "height": header.height.0,
        "block_hash": header.digest().to_string(),
        "state_root": header.state_root.to_string(),
        "objects": manifest.objects,
        "bytes": manifest.bytes(),
        "chunks": manifest.chunks.len(),
    })
}
