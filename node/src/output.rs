//! The one place where the program prints.

use std::fmt::Display;

/// Prints an answer, and a line's end.
#[expect(clippy::print_stdout, reason = "answers go to stdout")]
pub(crate) fn say(text: impl Display) {
    println!("{text}");
}

/// Prints why a command failed, causes included.
#[expect(clippy::print_stderr, reason = "there may be no log yet")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("tallyd: {error:#}");
}
