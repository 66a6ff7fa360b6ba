//! Plays a day of trading on a chain of its own: real keys, a real node, the wallet's own code.

mod chain;
mod day;
mod deal;
mod play;
mod report;
mod screen;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use crate::chain::Chain;
use crate::day::Day;
use crate::play::Stage;
use crate::report::Report;

/// The day that is played unless another is named.
const SATURDAY: &str = include_str!("../days/saturday.toml");

/// Plays a day of trading on a chain of its own, and shows how the books add up.
#[derive(Debug, Parser)]
#[command(name = "demo", version)]
struct Arguments {
    /// The day to play, in the form of demo/days/saturday.toml.
    #[arg(long, value_name = "FILE")]
    day: Option<PathBuf>,
    /// Leaves the chain running afterwards and says how to talk to it.
    #[arg(long)]
    keep: bool,
    /// The node to play on.
    #[arg(long, value_name = "PROGRAM", default_value = "tallyd")]
    tallyd: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::chapter(&format!("The demo failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let text = match &arguments.day {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?,
        None => SATURDAY.to_owned(),
    };
    let day = Day::parse(&text).context("the day's file")?;
    screen::chapter(&day.title);
    screen::step("starting a chain with one authority");
    let chain = Chain::start(&arguments.tallyd, &day).await?;
    let mut stage = Stage::set(chain.client.clone(), &chain.cashier, &day).await?;
    let played = stage.play(&day).await?;
    let report = Report::read(&stage, &played, &chain.founded).await?;
    screen::report(&report.text(&stage)?);
    if !arguments.keep {
        return chain.stop().await;
    }
    let (home, rpc) = (chain.home.display(), &chain.rpc);
    screen::chapter("The chain goes on until Ctrl-C. To talk to it from another terminal:");
    screen::step(&format!("export TALLY_NODE={rpc}"));
    screen::step("tally status");
    screen::step(&format!("tally market depth {}", day.market.name));
    screen::step(&format!(
        "tally key import alice --private-key --secret-file {home}/dev-accounts/alice.key"
    ));
    screen::step("tally account show alice");
    chain.keep().await
}
