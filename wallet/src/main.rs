//! `tally`: keys, payments and the market of a Tally network.

use std::process::ExitCode;

use wallet::cli;

// A second thread listens for Ctrl-C while the first waits for an answer on the terminal.
#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> ExitCode {
    let exit = cli::run(std::env::args_os().collect()).await;
    ExitCode::from(exit as u8)
}
