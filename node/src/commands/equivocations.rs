//! `tallyd equivocations`: the proofs that a home keeps.

use clap::Args;
use node::equivocations::Equivocations;
use node::home::HomeError;
use serde_json::json;

use super::HomeArgument;
use crate::output;

/// Lists the proofs that the home keeps of authorities which contradicted themselves, a file each. Anybody can verify
/// one: `tally verify equivocation FILE`. The node may run.
#[derive(Debug, Args)]
pub(crate) struct ListEquivocations {
    #[command(flatten)]
    home: HomeArgument,
    /// Prints one JSON document.
    #[arg(long)]
    json: bool,
}

impl ListEquivocations {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let root = self.home.path("node")?;
        if !root.join("genesis.toml").is_file() {
            return Err(HomeError::Missing(root).into());
        }
        let files = Equivocations::of_home(&root).list()?;
        if self.json {
            output::say(json!({ "schema": 1, "files": files }));
        } else if files.is_empty() {
            output::say("none: no authority was seen to contradict itself");
        } else {
            files.iter().for_each(|file| output::say(file.display()));
        }
        Ok(())
    }
}
