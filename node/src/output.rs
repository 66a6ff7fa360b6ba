//! The one place where the program prints.

use std::fmt::Display;

/// Prints an answer, and a line's end.
#[expect(clippy::print_stdout, reason = "answers go to stdout")]
pub(crate) fn say(text: impl Display) {
    println!("{text}");
}

/// Says on stderr how far a command has come.
#[expect(clippy::print_stderr, reason = "answers alone go to stdout")]
pub(crate) fn note(text: impl Display) {
    eprintln!("{text}");
}

/// Prints why a command failed, and what caused it where that is not said yet.
#[expect(clippy::print_stderr, reason = "there may be no log yet")]
pub(crate) fn complain(error: &anyhow::Error) {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            text += if text.is_empty() { "" } else { ": " };
            text += &cause;
        }
    }
    eprintln!("tallyd: {text}");
}
