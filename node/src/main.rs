//! `tallyd`: the node as a program. Answers go to stdout, the log to stderr.
//!
//! Exit codes: 0 stopped as told, 1 could not start or failed, 2 usage, 3 no node answers, 70 could not go
//! on: the disk failed or an invariant is broken.

mod commands;
mod fatal;
mod logging;
mod output;

use std::process::ExitCode;

use clap::Parser;

use commands::{Command, Failure};

/// The node of a Tally network.
#[derive(Debug, Parser)]
#[command(name = "tallyd", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { error, code }) => {
            output::complain(&error);
            ExitCode::from(code)
        }
    }
}
