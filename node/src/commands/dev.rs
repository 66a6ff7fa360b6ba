//! `tallyd dev`: a chain of one's own, made up on first use.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use chain::address::{self, Network};
use clap::Args;
use node::dev::{self, DevAccount, DevError};
use node::home::{self, Home, KeyClaim};
use node::node::Node;
use node::operation::{self, Listen};

use super::run;
use super::{HomeArgument, Overrides};
use crate::output;

/// Runs a chain of your own.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    #[command(flatten)]
    home: HomeArgument,
    #[command(flatten)]
    overrides: Overrides,
    /// A genesis for a new home; authorities, cashier, treasury and accounts may be left out and are then
    /// made up.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
    /// A file that appears when the node answers: one JSON object with rpc, operation, chain,
    /// authority, home, pid.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

impl Dev {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let root = self.home.path("dev")?;
        let home = open(&root, self.genesis.as_deref())?;
        let mut config = self.overrides.config(&home)?;
        if config.operation_listen == Listen::At(operation::USUAL) {
            // A developer's chain keeps out of the way of other nodes on the machine.
            config.operation_listen = Listen::At((Ipv4Addr::LOCALHOST, 0).into());
        }
        run::until_told(home, (config, KeyClaim::None), self.ready_file.as_deref(), |node| {
            introduce(node, &dev::accounts(&root)?);
            Ok(())
        })
    }
}

/// Opens the home, or makes it on first use.
fn open(root: &Path, genesis: Option<&Path>) -> anyhow::Result<Home> {
    match (root.join("genesis.toml").exists(), genesis) {
        (true, None) => Ok(Home::open(root)?),
        (true, Some(path)) => anyhow::bail!(
            "{} has a genesis already; name another --home to use {}",
            root.display(),
            path.display()
        ),
        (false, path) => {
            let template = path.map(home::read_genesis).transpose()?;
            match (dev::make(root, template.as_deref()), path) {
                (Err(DevError::Genesis(error)), Some(path)) => {
                    Err(anyhow::Error::new(error).context(path.display().to_string()))
                }
                (made, _) => Ok(made?),
            }
        }
    }
}

/// Says where the chain is, and how to use its accounts.
fn introduce(node: &Node, accounts: &[DevAccount]) {
    output::say(format_args!(
        "A chain of your own is running. Stop it by Ctrl-C; it goes on where it was."
    ));
    output::say(format_args!("  RPC    {}", run::url(node)));
    if let Some(address) = node.operation_address() {
        output::say(format_args!("  Watch  http://{address}/metrics"));
    }
    output::say(format_args!("  Chain  {}", node.chain()));
    output::say(format_args!("  Home   {}", node.home().root().display()));
    output::say("Accounts:");
    for DevAccount { name, account, .. } in accounts {
        output::say(format_args!("  {name:<10} {}", address::encode(Network::Dev, account)));
    }
    if let Some(DevAccount { name, path, .. }) =
        accounts.iter().find(|account| account.name == "alice")
    {
        output::say("Their secrets are files in the home. To use one from another terminal:");
        output::say(format_args!(
            "  tally key import {name} --private-key --secret-file {}",
            run::quoted(path)
        ));
        output::say(format_args!("  tally account show {name} --node {}", run::url(node)));
    }
}
