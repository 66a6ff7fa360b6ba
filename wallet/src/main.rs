//! `tally`: keys, payments and the market of a Tally network.

use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};
use wallet::cli;

// A second thread listens for Ctrl-C while the first waits for an answer on the terminal.
#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> ExitCode {
    leave_no_core();
    let exit = cli::run(std::env::args_os().collect()).await;
    ExitCode::from(exit as u8)
}

/// A crash leaves no copy of the memory, where secrets are.
fn leave_no_core() {
    // A system that knows no such limit writes no such copy.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}
