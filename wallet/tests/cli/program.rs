//! Runs the built program in a home of its own, without a terminal.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The password of every key in these tests.
pub(crate) const PASSWORD: &str = "correct horse";

/// A wallet of its own.
pub(crate) struct Wallet {
    home: TempDir,
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Wallet {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("password"), PASSWORD).unwrap();
        Self { home }
    }

    /// A wallet with keys of these names.
    pub(crate) fn with_keys(names: &[&str]) -> Self {
        let wallet = Self::new();
        for name in names {
            let run = wallet.run(&["key", "new", name]);
            assert_eq!(run.exit, 0, "{run:?}");
        }
        wallet
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    /// Runs `tally` with these arguments; the password comes from a file.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.env("TALLY_PASSWORD_FILE", self.home.path().join("password"));
        finish(command)
    }

    /// A wallet whose keys are alice, of the private key 07…, and bob, of 08….
    pub(crate) fn with_known_keys() -> Self {
        let wallet = Self::new();
        for (name, byte) in [("alice", "07"), ("bob", "08")] {
            let file = wallet.file(name, &byte.repeat(32));
            let run = wallet.run(&["key", "import", name, "--private-key", "--secret-file", &file]);
            assert_eq!(run.exit, 0, "{run:?}");
        }
        wallet
    }

    /// Writes a file and says where it is.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs `tally` with these arguments, the password and these variables of the environment.
    pub(crate) fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.env("TALLY_PASSWORD_FILE", self.home.path().join("password"));
        command.envs(variables.iter().copied());
        finish(command)
    }

    /// Runs `tally` with these arguments and no password.
    pub(crate) fn run_without_password(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments))
    }

    /// The document of a run that must exit with `exit`.
    pub(crate) fn json(&self, arguments: &[&str], exit: i32) -> Value {
        let run = self.run(&[&["--json"], arguments].concat());
        assert_eq!(run.exit, exit, "{run:?}");
        document(&run)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tally"));
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| name.to_string_lossy().starts_with("TALLY_")) {
            command.env_remove(name);
        }
        command.env("COLUMNS", "80").env("TZ", "UTC").env_remove("NO_COLOR");
        command.env("TALLY_HOME", self.home.path().join("home")).args(arguments);
        command
    }
}

/// The one document on stdout, which every JSON answer is.
pub(crate) fn document(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout).expect(&run.stdout);
    assert_eq!(document["schema"], 1);
    document
}

fn finish(mut command: Command) -> Run {
    let output: Output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let exit = output.status.code().unwrap();
    Run { exit, stdout: text(output.stdout), stderr: text(output.stderr) }
}
