//! `tallyd init`: makes the home of a node and prints which chain it is for.

use std::path::PathBuf;

use clap::Args;
use genesis::Spec;
use node::dev;
use node::home::{Home, KeyClaim};

use super::{HomeArgument, run, snapshot};
use crate::output;

/// Makes the home of a node.
#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    home: HomeArgument,
    #[command(flatten)]
    chain: Chain,
    /// What the ledger begins with, in place of the genesis: the folder of a snapshot, or a node that serves one,
    /// as http://HOST:PORT; several nodes may be given. None is trusted.
    #[arg(long, value_name = "URL", requires = "genesis")]
    snapshot: Vec<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Chain {
    /// A network that this program knows: 'dev' makes up a chain of your own.
    #[arg(long, value_name = "NAME")]
    network: Option<Network>,
    /// The genesis of a network.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Network {
    Dev,
}

impl Init {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let root = self.home.path("node")?;
        let home = match (self.chain.genesis, self.chain.network) {
            (Some(path), _) => {
                // Nothing is made for a genesis that is none.
                let (text, genesis) = snapshot::read_genesis(&path)?;
                if self.snapshot.is_empty() {
                    let home = Home::prepare(&root)?;
                    home.adopt(&text)?;
                    home
                } else {
                    snapshot::join(&root, (&text, &genesis), &self.snapshot)?
                }
            }
            (None, _) => dev::make(&root, None)?,
        };
        let genesis = Spec::from_toml(&home.genesis()?)?.genesis()?;
        let key = home.authority(KeyClaim::None)?.key();
        let votes = genesis.authorities.iter().any(|authority| authority.key == key);
        let role = if votes { "votes" } else { "follows, and votes once the authorities name it" };
        output::say(format_args!("Home       {}", home.root().display()));
        output::say(format_args!("Network    {}", genesis.name));
        output::say(format_args!("Chain      {}", genesis.hash()));
        output::say(format_args!("Key        {key}, which {role}"));
        if !votes {
            output::say("Before it starts:");
            output::say(
                "  name the authorities' keys and addresses under [network.peers] in its config.toml;",
            );
            output::say(
                "  they name its key and the address it comes from under [network.followers] in theirs.",
            );
        }
        output::say(format_args!("Start it by: tallyd start --home {}", run::quoted(home.root())));
        Ok(())
    }
}
