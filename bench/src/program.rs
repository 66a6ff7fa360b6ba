//! The programs that are measured.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

/// The node's program: the one that was `told`, else the one beside the running program.
///
/// # Errors
/// When the system does not say which program runs.
pub fn tallyd(told: Option<&Path>) -> io::Result<PathBuf> {
    match told {
        Some(tallyd) => Ok(tallyd.to_owned()),
        None => Ok(env::current_exe()?.with_file_name("tallyd")),
    }
}
