//! `tallyd start`: runs the node of a home.

use std::path::PathBuf;

use clap::Args;
use node::home::{Home, KeyClaim};

use super::run;
use super::{HomeArgument, Overrides};
use crate::output;

/// Runs a node.
#[derive(Debug, Args)]
pub(crate) struct Start {
    #[command(flatten)]
    home: HomeArgument,
    #[command(flatten)]
    overrides: Overrides,
    /// Says that this home's key has never voted, so that it may begin without a journal. A key that has
    /// voted and forgets it may contradict itself, which breaks the chain's promise.
    #[arg(long)]
    this_key_never_voted: bool,
    /// A file that appears when the node answers: one JSON object with rpc, operation, chain,
    /// authority, home, pid.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

impl Start {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let home = Home::open(&self.home.path("node")?)?;
        let config = self.overrides.config(&home)?;
        let claim = if self.this_key_never_voted { KeyClaim::NeverVoted } else { KeyClaim::None };
        run::until_told(home, (config, claim), self.ready_file.as_deref(), |node| {
            let (url, chain) = (run::url(node), node.chain());
            output::say(format_args!("Answering on {url} for chain {chain}."));
            if let Some(address) = node.operation_address() {
                output::say(format_args!("Metrics on http://{address}/metrics."));
            }
            Ok(())
        })
    }
}
