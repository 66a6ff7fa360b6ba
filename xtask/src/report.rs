//! The one place that prints: progress on stderr, results on stdout.

/// Progress for the person who waits.
#[expect(clippy::print_stderr, reason = "xtask talks to a terminal")]
pub(crate) fn progress(words: &str) {
    eprintln!("xtask: {words}");
}

/// Why a command stopped.
#[expect(clippy::print_stderr, reason = "xtask talks to a terminal")]
pub(crate) fn error(words: &str) {
    eprintln!("xtask: error: {words}");
}

/// A line that the command was run for.
#[expect(clippy::print_stdout, reason = "xtask talks to a terminal")]
pub(crate) fn result(words: &str) {
    println!("{words}");
}
