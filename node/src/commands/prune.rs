//! `tallyd prune`: gives up old blocks.

use clap::Args;
use genesis::Spec;
use node::home::Home;
use node::ledger::Ledger;
use node::store::{BLOCKS_KEPT_MIN, Pruning};

use super::{HomeArgument, Overrides};
use crate::output;

/// Gives up the blocks of a stopped node but the last ones, and what is known of accounts before them. What the
/// engine needs so as not to vote twice stays, and so does what shows who voted in each epoch.
#[derive(Debug, Args)]
pub(crate) struct Prune {
    #[command(flatten)]
    home: HomeArgument,
    #[command(flatten)]
    overrides: Overrides,
    /// How many blocks are kept, at least 128.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(BLOCKS_KEPT_MIN..))]
    keep_blocks: u64,
}

impl Prune {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let home = Home::open(&self.home.path("node")?)?;
        let config = self.overrides.config(&home)?;
        let genesis = Spec::from_toml(&home.genesis()?)?.genesis()?;
        let mut ledger = Ledger::open(&home.data_path(), &genesis, config.histories)?;
        let first = ledger.store_mut().prune(self.keep_blocks, |pruning| match pruning {
            Pruning::Blocks(height) => output::note(format_args!("blocks below {height} dropped")),
            Pruning::Rows(rows) => output::note(format_args!("{rows} rows of histories read")),
            Pruning::Compacting => output::note("making room"),
        })?;
        let tip = ledger.read().header.height;
        output::say(format_args!("{} keeps blocks {first} to {tip}", home.root().display()));
        Ok(())
    }
}
