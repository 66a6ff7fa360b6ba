//! `cargo xtask ci`: all that must hold besides the tests. Each check runs even if one before it
//! failed, and the last lines say how each of them ended.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::cargo::{self, Cargo};
use crate::failure::{self, Failure};
use crate::prerequisites::on_path;
use crate::{cache, fuzz, kills, report, simulate};

/// A checker, taken from the path or else compiled once into the cache.
#[derive(Debug)]
struct Tool {
    package: &'static str,
    version: &'static str,
    program: &'static str,
}

const DENY: Tool = Tool { package: "cargo-deny", version: "0.20.2", program: "cargo-deny" };
const TYPOS: Tool = Tool { package: "typos-cli", version: "1.52.0", program: "typos" };

/// How often a node is killed under load.
const KILLS: &str = "100";
/// How many worlds are simulated, how many of them twice, and for how long.
const WORLDS: [&str; 6] = ["--seeds", "200", "--twice", "20", "--seconds", "40"];

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    /// What it takes could not be had.
    Skipped(&'static str),
}

const NO_TOOL: Outcome = Outcome::Skipped("its tool could not be installed");
const NO_DATABASE: Outcome = Outcome::Skipped("its database could not be had");

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let cargo = Cargo::ready()?;
    let mut lints = cargo.command("clippy", &["--workspace", "--all-targets"]);
    lints.args(["--", "--deny", "warnings"]);
    let mut docs = cargo.command("doc", &["--workspace", "--no-deps"]);
    docs.env("RUSTDOCFLAGS", "--deny warnings");
    let mut format = cargo::plain();
    format.args(["fmt", "--all", "--check"]);
    let checks = [
        ("formatting", Some(format)),
        ("lints", Some(lints)),
        ("documentation", Some(docs)),
        (
            "dependencies",
            DENY.command(&["check", "--hide-inclusion-graph", "bans", "licenses", "sources"])?,
        ),
        ("spelling", TYPOS.command(&[])?),
    ];
    let mut outcomes = Vec::new();
    for (name, command) in checks {
        outcomes.push((name, check(name, command)));
    }
    outcomes.push(("kills", ended(kill())));
    outcomes.push(("simulation", ended(simulation())));
    outcomes.push(("advisories", ended(advisories())));
    outcomes.push(("fuzzing", ended(fuzzing())));
    for (name, outcome) in &outcomes {
        report::result(&line(name, outcome));
    }
    let failed = outcomes.iter().any(|(_, outcome)| *outcome == Outcome::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn check(name: &str, command: Option<Command>) -> Outcome {
    let Some(mut command) = command else { return NO_TOOL };
    report::progress(&format!("checking {name}"));
    let started = Instant::now();
    let outcome = ended(failure::run(&mut command).map(|()| Outcome::Passed));
    report::progress(&format!("{name}: {} s", started.elapsed().as_secs()));
    outcome
}

/// A check that could not be run has failed.
fn ended(check: Result<Outcome, Failure>) -> Outcome {
    check.unwrap_or_else(|failure| {
        if let Failure::Explained(words) = failure {
            report::error(&words);
        }
        Outcome::Failed
    })
}

/// Whether a node that is killed under load loses anything.
fn kill() -> Result<Outcome, Failure> {
    let mut campaign = kills::campaign()?;
    campaign.args(["--count", KILLS]);
    Ok(check("kills", Some(campaign)))
}

/// Whether authorities agree, whatever happens to them.
fn simulation() -> Result<Outcome, Failure> {
    let mut campaign = simulate::campaign()?;
    campaign.args(WORLDS);
    Ok(check("simulation", Some(campaign)))
}

/// Whether something is known against a dependency; its database comes from the network.
fn advisories() -> Result<Outcome, Failure> {
    let Some(mut fetch) = DENY.command(&["fetch", "db"])? else { return Ok(NO_TOOL) };
    // Without a network this would ask for a password, or wait.
    fetch.env("GIT_TERMINAL_PROMPT", "0");
    if failure::run(&mut fetch).is_err() {
        return Ok(NO_DATABASE);
    }
    let args = ["check", "--hide-inclusion-graph", "--disable-fetch", "advisories"];
    Ok(check("advisories", DENY.command(&args)?))
}

fn fuzzing() -> Result<Outcome, Failure> {
    Ok(if fuzz::all()? { Outcome::Passed } else { Outcome::Failed })
}

fn line(name: &str, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => format!("{name}: ok"),
        Outcome::Failed => format!("{name}: FAILED"),
        Outcome::Skipped(why) => format!("{name}: SKIPPED, {why}"),
    }
}

impl Tool {
    /// The tool with `args`, installed first if it is not there; `None` if that fails.
    fn command(&self, args: &[&str]) -> Result<Option<Command>, Failure> {
        let kept = self.root()?.join("bin").join(self.program);
        let program = if on_path(self.program) {
            PathBuf::from(self.program)
        } else if kept.is_file() || self.installs()? {
            kept
        } else {
            return Ok(None);
        };
        let mut command = Command::new(program);
        command.args(args).current_dir(cargo::workspace());
        Ok(Some(command))
    }

    /// The folder of this version of the tool.
    fn root(&self) -> Result<PathBuf, Failure> {
        Ok(cache::folder()?.join("tools").join(format!("{}-{}", self.package, self.version)))
    }

    /// Compiles the tool; whether that went well.
    fn installs(&self) -> Result<bool, Failure> {
        let Self { package, version, .. } = self;
        report::progress(&format!(
            "installing {package} {version} (some minutes, once for this machine)"
        ));
        let mut command = cargo::plain();
        // The tools are run for seconds: what counts is how long they take to compile.
        command.args(["install", "--locked", "--debug", "--quiet", "--version", version, "--root"]);
        command.arg(self.root()?).arg(package);
        // Not beside the project's own builds, where the tool's crates would stay for nothing.
        command.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0");
        let started = Instant::now();
        let installed = failure::run(&mut command).is_ok();
        report::progress(&format!("{package}: {} s", started.elapsed().as_secs()));
        Ok(installed)
    }
}
