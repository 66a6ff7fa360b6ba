//! `tallyd`: the node as a program. Answers go to stdout, the log to stderr.
//!
//! Exit codes: 0 stopped as told, 1 could not start or failed, 2 usage, 3 no node answers, 70 could not go
//! on: the disk failed or an invariant is broken, 71 too little room on the disk.

mod commands;
mod fatal;
mod logging;
mod output;

use std::process::ExitCode;

use clap::Parser;
use rustix::process::{Resource, Rlimit, setrlimit};

use commands::{Command, Failure};

/// The node of a Tally network.
#[derive(Debug, Parser)]
#[command(name = "tallyd", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    leave_no_core();
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { error, code }) => {
            output::complain(&error);
            ExitCode::from(code)
        }
    }
}

/// A crash leaves no copy of the memory, where the authority's key is.
fn leave_no_core() {
    // A system that knows no such limit writes no such copy.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}
