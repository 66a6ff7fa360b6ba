//! `tallyd export`: a state as JSON lines.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use chain::block::Header;
use chain::height::Height;
use clap::Args;
use genesis::{Genesis, Spec};
use node::export::Export;
use node::home::Home;
use node::ledger::Ledger;
use node::snapshot::{self, Folder};
use runtime::state::State;

use super::{HomeArgument, Overrides};
use crate::output;

/// Writes the state of a stopped node as JSON lines: at its tip, or of one of its snapshots.
#[derive(Debug, Args)]
pub(crate) struct ExportState {
    #[command(flatten)]
    home: HomeArgument,
    #[command(flatten)]
    overrides: Overrides,
    /// The height: the tip's, or a snapshot's [default: the tip's].
    #[arg(long, value_name = "HEIGHT")]
    height: Option<u64>,
    /// The file to write, which must not be there [default: stdout].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl ExportState {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let home = Home::open(&self.home.path("node")?)?;
        let config = self.overrides.config(&home)?;
        let genesis = Spec::from_toml(&home.genesis()?)?.genesis()?;
        let ledger = Ledger::open(&home.data_path(), &genesis, config.histories)?;
        let committed = ledger.read();
        let tip = committed.header.height;
        let height = self.height.map_or(tip, Height);
        if height == tip {
            return write(&committed.state, &committed.header, &genesis, self.out);
        }
        let folder = Folder::of(&home.snapshots_path(), height);
        if !folder.exists() {
            let heights = snapshot::list(&home.snapshots_path())?;
            let others: Vec<String> = heights.iter().map(ToString::to_string).collect();
            let others = match others.as_slice() {
                [] => "it has no snapshots".to_owned(),
                heights => format!("its snapshots are of heights {}", heights.join(", ")),
            };
            bail!("the ledger shows the state at its tip, {tip}, alone; {others}");
        }
        let (header, objects) = snapshot::load(&folder, &genesis)?;
        write(&State::from_objects(objects), &header, &genesis, self.out)
    }
}

fn write(
    state: &State,
    header: &Header,
    genesis: &Genesis,
    out: Option<PathBuf>,
) -> anyhow::Result<()> {
    let export = Export::new(state, header, genesis.network);
    let Some(path) = out else {
        export.lines().for_each(output::say);
        return Ok(());
    };
    let name = || path.display().to_string();
    let file = File::create_new(&path).with_context(name)?;
    let mut file = BufWriter::new(file);
    for line in export.lines() {
        writeln!(file, "{line}").with_context(name)?;
    }
    file.into_inner().map_err(|error| error.into_error()).with_context(name)?.sync_all()?;
    output::say(format_args!("{} holds the state at height {}", name(), header.height));
    Ok(())
}
