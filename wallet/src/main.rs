//! `tally`: keys, payments and the market of a Tally network.

use std::process::ExitCode;

use wallet::cli;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let exit = cli::run(std::env::args_os().collect()).await;
    ExitCode::from(exit as u8)
}
