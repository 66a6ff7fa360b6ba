//! `cargo xtask kills`: builds the node and kills it under load, again and again.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use crate::cargo::{Cargo, program};
use crate::failure::{self, Failure};
use crate::report;

/// Does not return if the campaign starts: it takes the place of xtask.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, Failure> {
    let mut kills = campaign()?;
    kills.args(args);
    let error = kills.exec();
    Err(failure::not_started(&kills, &error))
}

/// The campaign, ready to start, with what it needs built.
pub(crate) fn campaign() -> Result<Command, Failure> {
    let cargo = Cargo::ready()?;
    report::progress("building the node and the campaign");
    // All of the workspace, for the same reason as for the demo.
    failure::run(&mut cargo.command("build", &["--workspace", "--bins"]))?;
    let mut kills = Command::new(program("kills")?);
    kills.arg("--tallyd").arg(program("tallyd")?);
    Ok(kills)
}
