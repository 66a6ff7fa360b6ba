//! The real program on a home, with its log beside it.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use tests::process::program;

/// A node on `home`, not started yet. It says at `ready` where it answers, and everything else in `log`.
pub(crate) fn node(home: &Path, ready: &Path, log: &Path) -> Command {
    let mut command = Command::new(program("tallyd"));
    command.args(["dev", "--rpc", "127.0.0.1:0", "--log-format", "text", "--home"]).arg(home);
    command.arg("--ready-file").arg(ready);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(File::create(log).expect("a log"));
    command
}
