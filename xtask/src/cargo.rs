//! Cargo as xtask runs it: one profile, the lock file as it is, and the same environment each time,
//! so that no command makes another one build again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::{prerequisites, rocksdb};

/// The root of the workspace, where cargo runs.
pub(crate) fn workspace() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("xtask is a folder of the workspace")
}

/// Cargo without additions to the environment.
pub(crate) fn plain() -> Command {
    let mut command =
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(workspace());
    command
}

/// Cargo for crates of the workspace, with what it takes to build them.
#[derive(Debug)]
pub(crate) struct Cargo {
    environment: Vec<(&'static str, OsString)>,
}

impl Cargo {
    /// Installs missing compilers and compiles RocksDB, if the machine has not yet.
    pub(crate) fn ready() -> Result<Self, Failure> {
        prerequisites::ensure()?;
        let mut environment = Vec::new();
        if let Some(folder) = prerequisites::libclang_path_to_set() {
            environment.push(("LIBCLANG_PATH", folder.into()));
        }
        if let Some(folder) = rocksdb::ensure(&environment)? {
            environment.push(("ROCKSDB_LIB_DIR", folder.into()));
            environment.push(("ROCKSDB_STATIC", "1".into()));
        }
        Ok(Self { environment })
    }

    /// `cargo COMMAND --locked ARGS`.
    pub(crate) fn command(&self, command: &str, args: &[&str]) -> Command {
        let mut cargo = plain();
        cargo.arg(command).arg("--locked").args(args).envs(self.environment.iter().cloned());
        cargo
    }
}

/// A program of the workspace, after it was built: beside xtask itself, which has the same profile.
pub(crate) fn program(name: &str) -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()
        .map_err(|error| Failure::explained(format!("cannot tell where xtask is: {error}")))?;
    let path = own.with_file_name(name);
    if path.is_file() {
        return Ok(path);
    }
    let place = path.display();
    Err(Failure::explained(format!("{place} was not built; run xtask as `cargo xtask`")))
}
