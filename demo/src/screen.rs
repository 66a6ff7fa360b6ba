//! What the demo shows while it runs. Progress goes to standard error, the report to standard output.

use anyhow::{Context, Result};
use chain::address::Network;
use chain::keys::SecretKey;
use wallet::keystore::secret::{KeyPath, Secret};

/// Shows a line of the story.
#[expect(clippy::print_stderr, reason = "the demo's progress")]
pub(crate) fn step(text: &str) {
    eprintln!("  {text}");
}

/// Shows what comes next.
#[expect(clippy::print_stderr, reason = "the demo's progress")]
pub(crate) fn chapter(text: &str) {
    eprintln!("\n{text}");
}

/// Shows how far the day has come.
pub(crate) fn hour(hour: u64, hours: u64) {
    if hour == 0 {
        chapter("The day begins");
    } else if hour == hours {
        step("the day is over");
    } else if hour.is_multiple_of(6) {
        step(&format!("{hour} of {hours} hours have passed"));
    }
}

/// Shows the report.
#[expect(clippy::print_stdout, reason = "the demo's result")]
pub(crate) fn report(text: &str) {
    println!("{text}");
}

/// Makes a key as the wallet does, from twenty-four random words.
pub(crate) fn new_key(name: &str, network: Network) -> Result<SecretKey> {
    let path = KeyPath::new(network, 0, 0).context("the first path of a network")?;
    let secret = Secret::generate(path).with_context(|| format!("making a key for {name}"))?;
    Ok(secret.key()?)
}
