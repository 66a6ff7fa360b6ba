//! Where a run's words go: progress to standard error, results to standard output.

/// Says how far the run is.
#[expect(clippy::print_stderr, reason = "the run's progress")]
pub fn progress(text: &str) {
    eprintln!("{text}");
}

/// Shows a result.
#[expect(clippy::print_stdout, reason = "the run's result")]
pub fn result(text: &str) {
    println!("{text}");
}
