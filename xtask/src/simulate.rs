//! `cargo xtask simulate`: builds the simulator and runs worlds of four authorities, one for each seed.

use std::process::Command;

use crate::campaign;
use crate::cargo::program;
use crate::failure::Failure;

/// The campaign, ready to start.
pub(crate) fn campaign() -> Result<Command, Failure> {
    campaign::build("the simulator")?;
    Ok(Command::new(program("simulate")?))
}
