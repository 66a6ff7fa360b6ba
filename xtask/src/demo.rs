//! `cargo xtask demo`: builds the programs and gives the terminal to the demo.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use crate::cargo::{Cargo, program};
use crate::failure::{self, Failure};
use crate::report;

/// Does not return if the demo starts: it takes the place of xtask, and so gets its signals and
/// gives its exit code.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, Failure> {
    let cargo = Cargo::ready()?;
    report::progress(
        "building the node and the demo (about 15 minutes the first time on two cores)",
    );
    // All of the workspace, as for the tests: for some of its crates alone cargo would choose other
    // features of the engine's dependencies, and compile the engine twice.
    failure::run(&mut cargo.command("build", &["--workspace", "--bins"]))?;
    let mut demo = Command::new(program("demo")?);
    demo.arg("--tallyd").arg(program("tallyd")?).args(args);
    let error = demo.exec();
    Err(failure::not_started(&demo, &error))
}
