//! A node under load, measured from the outside in one run: signed transfers over RPC at full speed, until
//! all of them are settled, and a check that the books add up. `bench` says what the figures mean.
//!
//! ```text
//! R1, R2 -> a node -> accounts -> single transfers -> load -> all settled -> books -> R1, R2
//! ```
//! The chain is a developer's chain on a temporary home, in `TMPDIR`, with the node's own settings, so the
//! figures hold for the disk that folder is on. Exit codes: 0, 1 when something does not add up or the run
//! failed, 2 for wrong arguments.

mod accounts;
mod blocks;
mod books;
mod light;
mod network;
mod node;
mod payment;
mod report;
mod submission;
mod transfers;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use bench::machine::Machine;
use bench::rates::Rates;
use bench::screen;
use clap::Parser;
use clap::value_parser;

use crate::blocks::Blocks;
use crate::books::Books;
use crate::light::Light;
use crate::network::Network;
use crate::node::Node;
use crate::payment::Payer;
use crate::report::{Plan, Report};
use crate::submission::Submission;
use crate::usage::Usage;

/// How long each of the rates is measured, each time.
const RATE_SPAN: Duration = Duration::from_secs(1);

/// Measures a node under load.
#[derive(Debug, Parser)]
#[command(name = "load", version)]
struct Arguments {
    /// Accounts that pay and are paid.
    #[arg(long, default_value_t = 1_000, value_parser = value_parser!(u32).range(2..=1_000_000))]
    accounts: u32,
    /// Transfers, signed before the clock starts.
    #[arg(long, default_value_t = 20_000, value_parser = value_parser!(u32).range(1..=10_000_000))]
    transactions: u32,
    /// Stops submitting after so many seconds, even if transfers are left.
    #[arg(long)]
    seconds: Option<u32>,
    /// Connections, with one call at a time on each; a node grants 32 to one address.
    #[arg(long, default_value_t = 24, value_parser = value_parser!(u8).range(1..=31))]
    connections: u8,
    /// Single transfers before the load, for the time to final.
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u16).range(1..))]
    singles: u16,
    /// The node to start; the one beside this program unless told otherwise.
    #[arg(long, value_name = "PROGRAM", conflicts_with = "node")]
    tallyd: Option<PathBuf>,
    /// A running node to use instead, as http://127.0.0.1:7645. Its process is not measured.
    #[arg(long, value_name = "URL", requires = "key_file")]
    node: Option<String>,
    /// The key of an account with money on that node's chain, as 64 hexadecimal digits.
    #[arg(long, value_name = "FILE", requires = "node")]
    key_file: Option<PathBuf>,
    /// Prints one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(report) if report.violations.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            screen::progress(&format!("The run failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<Report> {
    let machine = Machine::read();
    screen::progress(&machine.to_string());
    screen::progress("measuring R1 and R2");
    let before = Rates::measure(RATE_SPAN);
    let node = start(&arguments).await?;
    let plan = Plan {
        accounts: arguments.accounts,
        transactions: arguments.transactions,
        connections: arguments.connections,
        node: node.origin().to_owned(),
    };
    let measured =
        measure(&node, &arguments).await.inspect_err(|_| screen::progress(&node.log()))?;
    node.stop().await?;
    screen::progress("measuring R1 and R2 again");
    let rates = [before, Rates::measure(RATE_SPAN)];
    let report = Report::new(machine, plan, rates, &measured);
    screen::result(&if arguments.json { report.json()? } else { report.text() });
    Ok(report)
}

async fn start(arguments: &Arguments) -> Result<Node> {
    if let (Some(url), Some(key_file)) = (&arguments.node, &arguments.key_file) {
        return Node::attach(url, key_file);
    }
    let beside = || Ok::<_, std::io::Error>(std::env::current_exe()?.with_file_name("tallyd"));
    let tallyd = arguments.tallyd.clone().map_or_else(beside, Ok)?;
    screen::progress(&format!("starting {}", tallyd.display()));
    Node::start(&tallyd).await
}

/// What was measured on the node.
#[derive(Debug)]
struct Measured {
    light: Light,
    load: Load,
    /// What does not add up, in sentences.
    violations: Vec<String>,
}

/// What the load did.
#[derive(Debug)]
struct Load {
    submission: Submission,
    blocks: Blocks,
    /// From the first call to the last settled transfer.
    span: Duration,
    /// What the node used meanwhile; none of a node that was there before.
    node: Option<Usage>,
    /// What this program used meanwhile.
    own: Usage,
}

async fn measure(node: &Node, arguments: &Arguments) -> Result<Measured> {
    let client = node.client();
    let network = Network::read(client).await?;
    let mut funder = Payer::read(client, &network, node.funder().clone()).await?;
    let mut books = Books::open(&funder);

    screen::progress(&format!("opening {} accounts", arguments.accounts));
    let mut payers = accounts::fresh(arguments.accounts)?;
    let each = arguments.transactions.div_ceil(arguments.accounts);
    let balance = transfers::cost(&network, &funder, each)?;
    let openings = accounts::openings(&network, &mut funder, &payers, balance)?;
    let opened = submission::drive(client, vec![openings], None).await?;
    opened.accepted.iter().try_for_each(|opening| books.settle(&network, &opening.transaction))?;
    submission::drained(client).await?;

    screen::progress(&format!("{} single transfers", arguments.singles));
    let light = Light::measure(client, &network, &mut funder, &payers, arguments.singles).await?;
    light.transfers.iter().try_for_each(|single| books.settle(&network, single))?;

    screen::progress(&format!("signing {} transfers", arguments.transactions));
    let lanes =
        transfers::sign(&network, &mut payers, arguments.transactions, arguments.connections)?;
    screen::progress("load");
    let until = arguments.seconds.map(|seconds| Duration::from_secs(seconds.into()));
    let load = load(node, lanes, until).await?;
    let accepted = &load.submission.accepted;
    accepted.iter().try_for_each(|transfer| books.settle(&network, &transfer.transaction))?;

    screen::progress("checking the books");
    let mut violations: Vec<String> = opened.violations().into_iter().collect();
    violations.extend(load.submission.violations());
    violations.extend(load.blocks.violations(accepted));
    violations.extend(books.violations(client, &network, arguments.connections).await?);
    Ok(Measured { light, load, violations })
}

async fn load(
    node: &Node,
    lanes: Vec<Vec<payment::Prepared>>,
    until: Option<Duration>,
) -> Result<Load> {
    let client = node.client();
    let first = submission::drained(client).await?.height + 1;
    let (before, own) = (node.usage()?, Usage::of_this_process()?);
    let submission = submission::drive(client, lanes, until).await?;
    let drained = submission::drained(client).await?;
    let after = (node.usage()?, Usage::of_this_process()?);
    Ok(Load {
        span: drained.when.duration_since(submission.began),
        node: before.zip(after.0).map(|(before, after)| after.since(&before)),
        own: after.1.since(&own),
        blocks: Blocks::read(client, first..=drained.height).await?,
        submission,
    })
}
