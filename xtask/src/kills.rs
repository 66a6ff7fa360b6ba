//! `cargo xtask kills`: builds the node and kills it under load, again and again.

use std::process::Command;

use crate::campaign;
use crate::cargo::program;
use crate::failure::Failure;

/// The campaign, ready to start, with what it needs built.
pub(crate) fn campaign() -> Result<Command, Failure> {
    campaign::build("the node and the campaign")?;
    let mut kills = Command::new(program("kills")?);
    kills.arg("--tallyd").arg(program("tallyd")?);
    Ok(kills)
}
