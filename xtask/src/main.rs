//! `cargo xtask demo | test | kills | simulate | ci | fuzz`: the commands that people and CI run.
//!
//! Depends on no crate of the workspace and on none from outside, so that it compiles in seconds
//! and can look for compilers, and build RocksDB once for the machine, before anything else.

mod cache;
mod campaign;
mod cargo;
mod ci;
mod demo;
mod failure;
mod fuzz;
mod kills;
mod prerequisites;
mod report;
mod rocksdb;
mod simulate;
mod test;

use std::ffi::OsString;
use std::process::ExitCode;

use failure::Failure;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

Commands:
  demo [ARGS]  build a node and play a day of the market on it; ARGS go to the demo
               (cargo xtask demo --help lists them)
  test         build everything and run every test
  kills [ARGS] kill a node under load, again and again, and look for what it lost;
               --count N, --seed S
  simulate [ARGS]
               four authorities under simulated time, with crashes, partitions and lost messages,
               a world for each seed; --seeds N, --from S, --seconds T, --twice N
  ci           formatting, lints, documentation, dependencies, spelling, 100 kills, 200 simulated
               worlds, and fuzzing for a while
  fuzz [--seconds N] [TARGET...]
               every fuzz target, or those named, for 20 seconds each or N; the targets are the
               folders below tests/fuzz/corpus

Environment:
  TALLY_CACHE  where RocksDB and tools are kept once compiled (default ~/.cache/tally)";

fn main() -> ExitCode {
    if let Some(failure) = fuzz::compile() {
        return ended(failure);
    }
    let mut args = std::env::args_os().skip(1);
    let command = args.next();
    let rest: Vec<OsString> = args.collect();
    match run(command.as_ref().and_then(|name| name.to_str()), &rest) {
        Ok(code) => code,
        Err(failure) => ended(failure),
    }
}

/// Says why a command stopped, if nobody has yet.
fn ended(failure: Failure) -> ExitCode {
    match failure {
        Failure::Reported(code) => ExitCode::from(code),
        Failure::Explained(words) => {
            report::error(&words);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Option<&str>, rest: &[OsString]) -> Result<ExitCode, Failure> {
    match (command, rest) {
        (Some("demo"), args) => demo::run(args),
        (Some("kills"), args) => campaign::run(kills::campaign()?, args),
        (Some("simulate"), args) => campaign::run(simulate::campaign()?, args),
        (Some("test"), []) => test::run(),
        (Some("ci"), []) => ci::run(),
        (Some("fuzz"), args) => fuzz::run(args),
        (Some("help" | "--help" | "-h"), []) => {
            report::result(USAGE);
            Ok(ExitCode::SUCCESS)
        }
        (Some(name @ ("test" | "ci")), [extra, ..]) => {
            let extra = extra.display();
            Err(Failure::explained(format!(
                "{name} takes no arguments, and got {extra}\n\n{USAGE}"
            )))
        }
        _ => Err(Failure::explained(USAGE)),
    }
}
