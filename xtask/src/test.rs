//! `cargo xtask test`: every test of the workspace, and their number at the end.

use std::io::{BufRead, BufReader};
use std::process::{ExitCode, Stdio};

use crate::cargo::Cargo;
use crate::failure::{self, Failure};
use crate::report;

/// The summary lines of cargo's test runner, added up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Builds all first, the node that some tests start among it, so that tests find it up to date.
pub(crate) fn run() -> Result<ExitCode, Failure> {
    let cargo = Cargo::ready()?;
    report::progress("building everything (about 20 minutes the first time on two cores)");
    failure::run(&mut cargo.command("build", &["--workspace", "--bins", "--tests"]))?;
    report::progress("running the tests");
    let mut command = cargo.command("test", &["--workspace", "--no-fail-fast"]);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failure::not_started(&command, &error))?;
    let output = child.stdout.take().expect("stdout is piped");
    let mut totals = Totals::default();
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        totals.add(&line);
        report::result(&line);
    }
    let status = child.wait().map_err(|error| failure::not_started(&command, &error))?;
    report::result(&totals.line());
    failure::ended(status)?;
    Ok(ExitCode::SUCCESS)
}

impl Totals {
    /// Adds `line` if it is one like `test result: ok. 3 passed; 0 failed; 0 ignored; ...`.
    fn add(&mut self, line: &str) {
        let Some(summary) = line.strip_prefix("test result: ") else { return };
        let facts = summary.split_once(". ").map_or(summary, |(_, facts)| facts);
        for fact in facts.split("; ") {
            let Some((number, word)) = fact.split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    fn line(&self) -> String {
        let Self { passed, failed, skipped } = self;
        match skipped {
            0 => format!("{passed} passed, {failed} failed"),
            _ => format!("{passed} passed, {failed} failed, {skipped} skipped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_all_runners_are_added_up() {
        let mut totals = Totals::default();
        totals.add("running 4 tests");
        totals.add("test transfer_beyond_balance_is_rejected ... ok");
        totals.add(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; \
             finished in 0.05s",
        );
        totals
            .add("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out");
        assert_eq!(totals, Totals { passed: 4, failed: 2, skipped: 1 });
        assert_eq!(totals.line(), "4 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn nothing_skipped_is_not_mentioned() {
        assert_eq!(Totals { passed: 9, ..Totals::default() }.line(), "9 passed, 0 failed");
    }
}
