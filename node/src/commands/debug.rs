//! `tallyd debug bundle`: what whoever helps an operator needs to see, in one file, and no secret.
//!
//! ```text
//!   bundle.tar
//!     facts.json     versions, the system, the chain of the home, its disk
//!     config.toml    every setting as the node takes it, or why it cannot be used
//!     files.txt      every file of the home: mode, bytes, when it was last written. Not what is in it
//!     status.json    what the node says of itself and of its chain, if it runs
//!     metrics.txt    what it counts, if it runs
//!     log.txt        the last lines of its log, where there is one
//! ```
//! Invariant: no file under `keys/` or `dev-accounts/` is in it, nor the secret that such a file holds: everything is
//! searched for them before it is written.

mod gather;
mod tar;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use node::config::Config;
use node::home;
use node::operation::Listen;

use self::gather::Home;
use super::HomeArgument;
use crate::output;

/// What helps whoever looks for a fault.
#[derive(Debug, Subcommand)]
pub(crate) enum DebugCommand {
    /// Writes what somebody else needs to see of this node, without a secret, into one file (tar).
    Bundle(Bundle),
}

/// Writes a bundle.
#[derive(Debug, Args)]
pub(crate) struct Bundle {
    #[command(flatten)]
    home: HomeArgument,
    /// The file; it must not be there.
    #[arg(long, value_name = "FILE.tar")]
    out: PathBuf,
    /// Where the node answers, if not where its settings say.
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,
    /// Where it serves metrics, if not where its settings say.
    #[arg(long, value_name = "URL")]
    metrics: Option<String>,
    /// Its log; the file HOME.log where it is left out.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

impl DebugCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self::Bundle(bundle) = self;
        bundle.run()
    }
}

impl Bundle {
    fn run(self) -> anyhow::Result<()> {
        let root = self.home.path("node")?;
        if !root.is_dir() {
            bail!("{} is no folder", root.display());
        }
        if self.out.exists() {
            bail!("{} is there already", self.out.display());
        }
        let log = self.log.unwrap_or_else(|| beside(&root));
        let home = Home { root, log };
        let config = Config::read(&home.root.join("config.toml"));
        let usual = config.as_ref().ok();
        let rpc = self.rpc.or_else(|| Some(format!("http://{}", usual?.rpc_listen)));
        let metrics = self.metrics.or_else(|| match usual?.operation_listen {
            Listen::At(address) => Some(format!("http://{address}")),
            Listen::Off => None,
        });
        let parts = [
            ("facts.json", home.facts()),
            ("config.toml", config.map_or_else(|error| error.to_string(), |it| it.to_toml())),
            ("files.txt", home.files()),
            ("status.json", gather::status(rpc.as_deref())),
            ("metrics.txt", gather::metrics(metrics.as_deref())),
            ("log.txt", home.log()),
        ];
        let secrets = home.secrets();
        for (name, text) in &parts {
            if secrets.iter().any(|secret| text.contains(secret.as_str())) {
                bail!("{name} would hold a secret of this home; nothing was written");
            }
        }
        let bytes = tar::archive("tally-debug", &parts);
        home::write(&self.out, &bytes, 0o600)
            .with_context(|| format!("cannot write {}", self.out.display()))?;
        output::say(format_args!("{} holds, besides no secret:", self.out.display()));
        for (name, text) in &parts {
            output::say(format_args!("  {name:<12} {} bytes", text.len()));
        }
        output::say("Look through it before you pass it on.");
        Ok(())
    }
}

/// Where the log of the home at `root` lies, where it lies beside it.
fn beside(root: &Path) -> PathBuf {
    let mut name = root.to_owned().into_os_string();
    name.push(".log");
    name.into()
}
