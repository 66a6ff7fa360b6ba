//! A node under load, measured from the outside in one run: signed transfers over RPC at full speed, until
//! all of them are settled, and a check that the books add up. `bench` says what the figures mean.
//!
//! ```text
//! R1, R2 -> a node -> accounts -> single transfers -> load -> all settled -> books -> reads -> kill -9,
//! start -> R1, R2
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
mod reads;
mod report;
mod submission;
mod transfers;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use bench::machine::Machine;
use bench::program;
use bench::rates::Rates;
use bench::screen;
use chain::account::AccountId;
use chain::amount::Amount;
use clap::Parser;
use clap::value_parser;

use crate::accounts::Opening;
use crate::blocks::Blocks;
use crate::books::Books;
use crate::light::Light;
use crate::network::Network;
use crate::node::Node;
use crate::payment::{Payer, Prepared};
use crate::reads::Reads;
use crate::report::{Plan, Report};
use crate::submission::Submission;
use crate::usage::Usage;

/// How long each of the rates is measured, each time.
const RATE_SPAN: Duration = Duration::from_secs(1);
/// Payers that open the accounts of others before the load; no more than a node's connections.
const OPENERS: usize = 24;

/// Measures a node under load.
#[derive(Debug, Parser)]
#[command(name = "load", version)]
struct Arguments {
    /// Accounts that are paid. No more of them pay than there are transactions.
    #[arg(long, default_value_t = 1_000, value_parser = value_parser!(u32).range(2..=4_000_000))]
    accounts: u32,
    /// Transactions, signed before the clock starts.
    #[arg(long, default_value_t = 20_000, value_parser = value_parser!(u32).range(1..=10_000_000))]
    transactions: u32,
    /// Transfers in a transaction.
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u8).range(1..=64))]
    operations: u8,
    /// Transactions in a call; 1 submits each by a call of its own.
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u16).range(1..=1_000))]
    batch: u16,
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
        operations: arguments.operations,
        batch: arguments.batch,
        connections: arguments.connections,
        node: node.origin().to_owned(),
    };
    let mut measured =
        measure(&node, &arguments).await.inspect_err(|_| screen::progress(&node.log()))?;
    measured.restart = node.end(&program::tallyd(arguments.tallyd.as_deref())?).await?;
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
    let tallyd = program::tallyd(arguments.tallyd.as_deref())?;
    screen::progress(&format!("starting {}", tallyd.display()));
    Node::start(&tallyd).await
}

/// What was measured on the node.
#[derive(Debug)]
struct Measured {
    light: Light,
    load: Load,
    reads: Reads,
    /// From the killed node's new start to its first answer; none of a node that was there before.
    restart: Option<Duration>,
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
    let mut payers = accounts::fresh(arguments.accounts.min(arguments.transactions))?;
    let silent = accounts::silent(arguments.accounts - u32::try_from(payers.len())?)?;
    let balance = balance(&network, &funder, &payers, arguments)?;
    let mut violations = Vec::new();
    for openings in openings(&network, &mut funder, &mut payers, &silent, balance)? {
        let opened = submission::drive(client, openings, 100, None).await?;
        submission::drained(client).await?;
        for opening in &opened.accepted {
            books.settle(&network, &opening.transaction)?;
        }
        violations.extend(opened.violations());
    }

    screen::progress(&format!("{} single transfers", arguments.singles));
    let light = Light::measure(client, &network, &mut funder, &payers, arguments.singles).await?;
    light.transfers.iter().try_for_each(|single| books.settle(&network, single))?;

    screen::progress(&format!("signing {} transactions", arguments.transactions));
    let order = transfers::Order {
        network: &network,
        silent: &silent,
        transactions: arguments.transactions,
        operations: arguments.operations,
        lanes: arguments.connections,
    };
    let lanes = transfers::sign(&order, &mut payers)?;
    screen::progress("load");
    let load = load(node, lanes, arguments).await?;
    let accepted = &load.submission.accepted;
    accepted.iter().try_for_each(|transfer| books.settle(&network, &transfer.transaction))?;

    screen::progress("checking the books");
    violations.extend(load.submission.violations());
    violations.extend(load.blocks.violations(accepted));
    violations.extend(books.violations(client, &network, arguments.connections).await?);
    screen::progress("reads");
    let accounts: Vec<_> = payers.iter().map(|payer| network.address(payer.account)).collect();
    let reads = Reads::measure(client, &accounts, arguments.connections).await?;
    Ok(Measured { light, load, reads, restart: None, violations })
}

/// What each payer needs, and the first of them besides: they open accounts for others.
fn balance(
    network: &Network,
    funder: &Payer,
    payers: &[Payer],
    arguments: &Arguments,
) -> Result<Amount> {
    let each = arguments.transactions.div_ceil(u32::try_from(payers.len())?);
    transfers::cost(network, funder, each, arguments.operations)
}

/// Rounds of transactions that open every account, a lane each: the funder opens the first payers', and
/// those open the rest side by side, because few transactions of one sender may wait.
fn openings(
    network: &Network,
    funder: &mut Payer,
    payers: &mut [Payer],
    silent: &[AccountId],
    balance: Amount,
) -> Result<Vec<Vec<Vec<Prepared>>>> {
    let few = OPENERS.min(payers.len());
    let rest: Vec<Opening> = payers[few..]
        .iter()
        .map(|payer| Opening { account: payer.account, balance })
        .chain(
            silent.iter().map(|account| Opening { account: *account, balance: transfers::AMOUNT }),
        )
        .collect();
    let share = rest.len().div_ceil(few).max(1);
    // An account costs what it gets, its deposit, and less than the fee of a transaction of its own.
    let one = balance.checked_add(network.account_deposit);
    let one = one.and_then(|one| one.checked_add(transfers::cost(network, funder, 1, 1).ok()?));
    let budget = one.and_then(|one| one.checked_mul(u64::try_from(share).ok()?));
    let opener = budget.and_then(|budget| budget.checked_add(balance));
    let opener = opener.context("so many accounts cost more than there is money")?;
    let first: Vec<Opening> = payers[..few]
        .iter()
        .map(|payer| Opening { account: payer.account, balance: opener })
        .collect();
    let first = accounts::openings(network, funder, &first)?;
    let second: Result<Vec<_>> = payers[..few]
        .iter_mut()
        .zip(rest.chunks(share))
        .map(|(payer, share)| accounts::openings(network, payer, share))
        .collect();
    Ok(vec![vec![first], second?])
}

async fn load(node: &Node, lanes: Vec<Vec<Prepared>>, arguments: &Arguments) -> Result<Load> {
    let until = arguments.seconds.map(|seconds| Duration::from_secs(seconds.into()));
    let client = node.client();
    let first = submission::drained(client).await?.height + 1;
    let (before, own) = (node.usage()?, Usage::of_this_process()?);
    let submission = submission::drive(client, lanes, arguments.batch.into(), until).await?;
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
