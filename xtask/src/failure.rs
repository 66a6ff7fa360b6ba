//! Why a command of xtask stopped.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

/// The reason a command stopped, and with it who tells the user.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Words for the user, not yet printed.
    Explained(String),
    /// A program that was run has said why; its exit code is passed on.
    Reported(u8),
}

impl Failure {
    /// A failure in words, ending with what the user can do about it where that is known.
    pub(crate) fn explained(words: impl Into<String>) -> Self {
        Self::Explained(words.into())
    }

    /// A file or folder that could not be used.
    pub(crate) fn at(path: &Path, error: &io::Error) -> Self {
        Self::Explained(format!("{}: {error}", path.display()))
    }
}

/// Runs `command` to its end; anything but success is a failure that the program has reported.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    ended(status)
}

/// What a finished program's status means for xtask.
pub(crate) fn ended(status: ExitStatus) -> Result<(), Failure> {
    if status.success() {
        return Ok(());
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Err(Failure::Reported(code.unwrap_or(1)))
}

/// A program that could not be run at all.
pub(crate) fn not_started(command: &Command, error: &io::Error) -> Failure {
    Failure::explained(format!("cannot run {}: {error}", command.get_program().display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_code_of_a_program_is_passed_on() {
        let outcome = run(Command::new("sh").args(["-c", "exit 7"]));
        assert_eq!(outcome, Err(Failure::Reported(7)));
    }

    #[test]
    fn program_that_is_not_there_is_named() {
        let Err(Failure::Explained(words)) = run(&mut Command::new("no-such-program-here")) else {
            panic!("a missing program is explained");
        };
        assert!(words.contains("no-such-program-here"), "{words}");
    }
}
