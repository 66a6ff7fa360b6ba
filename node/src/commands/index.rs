//! `tallyd index`: what a node keeps to answer for the past, made anew.

use clap::{Args, Subcommand};
use genesis::Spec;
use node::home::Home;
use node::ledger::Ledger;
use node::market_index::MarketIndex;

use super::{HomeArgument, Overrides};
use crate::output;

/// What a node keeps to answer for the past of markets and objects.
#[derive(Debug, Subcommand)]
pub(crate) enum IndexCommand {
    /// Makes the index anew from the blocks; the node must not run.
    Rebuild(Rebuild),
}

/// Makes the index anew from the blocks.
#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    #[command(flatten)]
    home: HomeArgument,
    #[command(flatten)]
    overrides: Overrides,
}

impl IndexCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self::Rebuild(Rebuild { home, overrides }) = self;
        let home = Home::open(&home.path("node")?)?;
        let config = overrides.config(&home)?;
        let genesis = Spec::from_toml(&home.genesis()?)?.genesis()?;
        let ledger = Ledger::open(&home.data_path(), &genesis, config.histories)?;
        let path = home.index_path();
        MarketIndex::clear(&path)?;
        MarketIndex::open(&path, ledger.store(), |height, tip| {
            output::say(format_args!("block {height} of {tip}"));
        })?;
        output::say(format_args!("{} holds all blocks", path.display()));
        Ok(())
    }
}
