//! The one place that prints: progress on stderr, results on stdout.
//!
//! A reader that has gone away, such as a pager, is no reason to stop.

use std::io::{self, Write};

/// Progress for the person who waits.
pub(crate) fn progress(words: &str) {
    print(io::stderr(), &format!("xtask: {words}"));
}

/// Why a command stopped.
pub(crate) fn error(words: &str) {
    print(io::stderr(), &format!("xtask: error: {words}"));
}

/// A line that the command was run for.
pub(crate) fn result(words: &str) {
    print(io::stdout(), words);
}

fn print(mut to: impl Write, line: &str) {
    let _ = writeln!(to, "{line}").and_then(|()| to.flush());
}
