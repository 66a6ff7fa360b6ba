//! `cargo xtask simulate`: builds the simulator and runs worlds of four authorities, one for each seed.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use crate::cargo::{Cargo, program};
use crate::failure::{self, Failure};
use crate::report;

/// Does not return if the campaign starts: it takes the place of xtask.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, Failure> {
    let mut simulate = campaign()?;
    simulate.args(args);
    let error = simulate.exec();
    Err(failure::not_started(&simulate, &error))
}

/// The campaign, ready to start.
pub(crate) fn campaign() -> Result<Command, Failure> {
    let cargo = Cargo::ready()?;
    report::progress("building the simulator");
    // All of the workspace, for the same reason as for the demo.
    failure::run(&mut cargo.command("build", &["--workspace", "--bins"]))?;
    Ok(Command::new(program("simulate")?))
}
