//! PostgreSQL beside the ledger, in one run on one machine: transfers between two rows, as one stored function
//! with synced commits, and then `load` with the same number of accounts. Prints both and their ratio.
//!
//! PostgreSQL neither checks signatures nor proves anything; the ratio says what that costs, or does not. Where
//! it is not installed, the program says so and exits with 3. Other exit codes: 0, 1 when the run failed, 2 for
//! wrong arguments.

mod postgres;

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use bench::screen;
use clap::Parser;
use clap::value_parser;
use serde_json::Value;

use crate::postgres::{Bench, Postgres};

/// The exit code when there is nothing to compare with.
const NOT_INSTALLED: u8 = 3;

/// Compares the ledger with PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "compare", version)]
struct Arguments {
    /// Accounts on both sides.
    #[arg(long, default_value_t = 1_000_000, value_parser = value_parser!(u32).range(2..=4_000_000))]
    accounts: u32,
    /// Transactions that the ledger settles.
    #[arg(long, default_value_t = 100_000, value_parser = value_parser!(u32).range(1..=10_000_000))]
    transactions: u32,
    /// Clients of PostgreSQL.
    #[arg(long, default_value_t = 16, value_parser = value_parser!(u8).range(1..=64))]
    clients: u8,
    /// How long PostgreSQL is measured, in seconds.
    #[arg(long, default_value_t = 15, value_parser = value_parser!(u16).range(1..=600))]
    seconds: u16,
    /// The folder of PostgreSQL's programs; the newest of those in /usr/lib/postgresql unless told otherwise.
    #[arg(long, value_name = "FOLDER")]
    postgres: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Some(programs) = arguments.postgres.clone().or_else(postgres::installed) else {
        screen::result("PostgreSQL is not installed here: nothing to compare with.");
        return ExitCode::from(NOT_INSTALLED);
    };
    match run(&arguments, programs) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::progress(&format!("The run failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, programs: PathBuf) -> Result<()> {
    let Arguments { accounts, clients, seconds, .. } = *arguments;
    screen::progress("starting PostgreSQL");
    let server = Postgres::start(programs)?;
    screen::progress(&format!("{accounts} rows, then {seconds} s of transfers"));
    server.fill(accounts)?;
    let synced = server.measure(&Bench { accounts, clients, seconds })?;
    let version = server.version()?;
    server.stop()?;

    screen::progress("the ledger");
    let load = load(arguments)?;
    let settled = number(&load, &["load", "transfers_per_s"])?;
    let beside = number(&load, &["node", "cpu_beside_us"])?;
    let ratio = number(&load, &["node", "cpu_beside_to_verification"])?;
    screen::result(&format!(
        "{accounts} accounts, one transfer to a transaction, on disk when it is acknowledged\n\
         {version}, {clients} clients: {synced:>10.0} transfers a second, no signatures\n\
         the ledger, signed, over RPC: {settled:>10.0} transfers a second, {:.2} x\n\
         its CPU beside verification: {beside:.1} us a transfer, {ratio:.2} of one verification",
        settled / synced
    ));
    Ok(())
}

/// The report of `load`, the program beside this one.
fn load(arguments: &Arguments) -> Result<Value> {
    let program = std::env::current_exe()?.with_file_name("load");
    let output = Command::new(&program)
        .args(["--json", "--batch", "100"])
        .args(["--accounts", &arguments.accounts.to_string()])
        .args(["--transactions", &arguments.transactions.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}: is it built?", program.display()))?;
    ensure!(output.status.success(), "load ended with {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn number(report: &Value, path: &[&str]) -> Result<f64> {
    let value = path.iter().fold(report, |value, name| &value[*name]);
    value.as_f64().with_context(|| format!("load reports no {}", path.join(".")))
}
