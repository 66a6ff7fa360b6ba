//! Programs of the workspace that run for long, and take the place of xtask.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use crate::cargo::Cargo;
use crate::failure::{self, Failure};
use crate::report;

/// Builds the programs of the workspace, `what` among them.
pub(crate) fn build(what: &str) -> Result<(), Failure> {
    let cargo = Cargo::ready()?;
    report::progress(&format!("building {what}"));
    // All of the workspace, for the same reason as for the demo.
    failure::run(&mut cargo.command("build", &["--workspace", "--bins"]))
}

/// Does not return if the campaign starts.
pub(crate) fn run(mut campaign: Command, args: &[OsString]) -> Result<ExitCode, Failure> {
    campaign.args(args);
    let error = campaign.exec();
    Err(failure::not_started(&campaign, &error))
}
