//! `cargo xtask fuzz`: the fuzz targets under libFuzzer, each from its corpus and for some seconds.
//!
//! The program is compiled with counters at every branch, by flags that the stable compiler has. What
//! is found goes into the target's corpus, and so is a test from then on; inputs that are merely new
//! stay in the build folder.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::{fs, thread};

use crate::failure::{self, Failure};
use crate::{cargo, prerequisites, report};

/// Seconds for each target, unless told otherwise.
pub(crate) const SECONDS: u32 = 20;
/// The longest that one input may take, in seconds.
const INPUT_SECONDS_MAX: u32 = 10;
/// The last words of a target that failed.
const LINES_SHOWN_MAX: usize = 60;

/// Counters and the values of comparisons, which libFuzzer steers by.
const FLAGS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// The variable that tells xtask to stand in for the compiler.
const WRAPS: &str = "TALLY_FUZZ_COMPILES";

/// What to fuzz, and for how long.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    seconds: u32,
    /// None: all of them.
    targets: Vec<String>,
}

/// How a target ended.
#[derive(Debug)]
struct Ended {
    name: String,
    executions: Option<u64>,
    /// What a target that failed said last.
    finding: Option<String>,
}

/// Fuzzes what `args` say: `[--seconds N] [TARGET...]`.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, Failure> {
    let plan = Plan::parse(args)?;
    Ok(if fuzz(&plan)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Fuzzes every target for the usual time; whether nothing was found.
pub(crate) fn all() -> Result<bool, Failure> {
    fuzz(&Plan { seconds: SECONDS, targets: Vec::new() })
}

fn fuzz(plan: &Plan) -> Result<bool, Failure> {
    let known = targets()?;
    if let Some(unknown) = plan.targets.iter().find(|name| !known.contains(name)) {
        let known = known.join(", ");
        return Err(Failure::explained(format!("no fuzz target {unknown}; there are {known}")));
    }
    let program = build()?;
    let chosen = if plan.targets.is_empty() { known } else { plan.targets.clone() };
    let at_once = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (waiting, ended) = (Mutex::new(chosen), Mutex::new(Vec::new()));
    let work = || {
        // Not in the loop's head, where the lock would be held for as long as the target runs.
        let next = || waiting.lock().expect("no worker panics").pop();
        while let Some(name) = next() {
            let result = run_target(&program, &name, plan.seconds);
            ended.lock().expect("no worker panics").push(result);
        }
    };
    thread::scope(|scope| (0..at_once).for_each(|_| drop(scope.spawn(work))));
    let ended: Vec<Ended> =
        ended.into_inner().expect("no worker panics").into_iter().collect::<Result<_, _>>()?;
    ended.iter().for_each(|ended| report::result(&ended.line()));
    Ok(ended.iter().all(|ended| ended.finding.is_none()))
}

/// The targets are the folders of the corpus; a test holds them to the code.
fn targets() -> Result<Vec<String>, Failure> {
    let folder = corpus();
    let entries = fs::read_dir(&folder).map_err(|error| Failure::at(&folder, &error))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

fn corpus() -> PathBuf {
    cargo::workspace().join("tests/fuzz/corpus")
}

/// Builds the program, apart from all other builds. Gives its path.
fn build() -> Result<PathBuf, Failure> {
    prerequisites::ensure()?;
    let own = std::env::current_exe()
        .map_err(|error| Failure::explained(format!("cannot tell where xtask is: {error}")))?;
    report::progress("building the fuzz targets (about 5 minutes the first time on two cores)");
    let mut command = cargo::plain();
    command.args(["build", "--locked", "--package", "fuzz", "--bins", "--features", "libfuzzer"]);
    command.args(["--profile", "fuzz", "--target-dir"]).arg(folder());
    command.env("RUSTC_WORKSPACE_WRAPPER", own).env(WRAPS, "1");
    failure::run(&mut command)?;
    Ok(folder().join("fuzz/fuzz"))
}

/// Stands in for the compiler when cargo builds a crate of the workspace for [`build`], and adds the
/// flags: so the crates of others have no counters, and cryptography is as fast as ever. Does not
/// return if the compiler starts; `None` when cargo did not ask for this.
pub(crate) fn compile() -> Option<Failure> {
    std::env::var_os(WRAPS)?;
    let mut args = std::env::args_os().skip(1);
    let mut compiler = Command::new(args.next()?);
    compiler.args(args).args(FLAGS);
    let error = compiler.exec();
    Some(failure::not_started(&compiler, &error))
}

/// The build folder of fuzzing.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| cargo::workspace().join("target")).join("fuzzing")
}

fn run_target(program: &Path, name: &str, seconds: u32) -> Result<Ended, Failure> {
    let fresh = folder().join("corpus").join(name);
    fs::create_dir_all(&fresh).map_err(|error| Failure::at(&fresh, &error))?;
    let kept = corpus().join(name);
    let mut findings = kept.clone().into_os_string();
    findings.push("/found-");
    let mut command = Command::new(program);
    command.env("TALLY_FUZZ_TARGET", name).env("RUST_BACKTRACE", "0");
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-timeout={INPUT_SECONDS_MAX}"));
    let mut prefix = OsString::from("-artifact_prefix=");
    prefix.push(findings);
    command.args(["-print_final_stats=1", "-verbosity=1"]).arg(prefix).arg(fresh).arg(kept);
    report::progress(&format!("fuzzing {name} for {seconds} s"));
    follow(&mut command, name)
}

/// Runs a target to its end and keeps its last words.
fn follow(command: &mut Command, name: &str) -> Result<Ended, Failure> {
    let spawned = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| failure::not_started(command, &error))?;
    let output = child.stderr.take().expect("stderr is piped");
    let (mut executions, mut last) = (None, std::collections::VecDeque::new());
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        executions = executed(&line).or(executions);
        if last.len() == LINES_SHOWN_MAX {
            last.pop_front();
        }
        last.push_back(line);
    }
    let status = child.wait().map_err(|error| failure::not_started(command, &error))?;
    let finding = (!status.success()).then(|| Vec::from(last).join("\n"));
    Ok(Ended { name: name.to_owned(), executions, finding })
}

/// The number in the line that says how many inputs were tried.
fn executed(line: &str) -> Option<u64> {
    line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok()
}

impl Plan {
    fn parse(args: &[OsString]) -> Result<Self, Failure> {
        let mut plan = Self { seconds: SECONDS, targets: Vec::new() };
        let mut args = args.iter().map(|arg| arg.to_string_lossy());
        while let Some(arg) = args.next() {
            if arg == "--seconds" {
                let seconds = args.next().and_then(|text| text.parse().ok()).filter(|it| *it > 0);
                plan.seconds = seconds
                    .ok_or_else(|| Failure::explained("--seconds takes a number above 0"))?;
            } else if arg.starts_with('-') {
                return Err(Failure::explained(format!("fuzz has no option {arg}")));
            } else {
                plan.targets.push(arg.into_owned());
            }
        }
        Ok(plan)
    }
}

impl Ended {
    fn line(&self) -> String {
        let Self { name, executions, finding } = self;
        let executions = executions.map_or_else(|| "?".to_owned(), |count| count.to_string());
        match finding {
            None => format!("{name}: {executions} executions, nothing found"),
            Some(words) => format!("{words}\n{name}: {executions} executions, FOUND SOMETHING"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(args: &[&str]) -> Result<Plan, Failure> {
        Plan::parse(&args.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn seconds_and_targets_are_read_in_any_order() {
        let expected = Plan { seconds: 7, targets: vec!["block".into(), "key".into()] };
        assert_eq!(plan(&["block", "--seconds", "7", "key"]), Ok(expected));
        assert_eq!(plan(&[]), Ok(Plan { seconds: SECONDS, targets: Vec::new() }));
    }

    #[test]
    fn wrong_arguments_are_refused() {
        for args in [&["--seconds"][..], &["--seconds", "0"], &["--seconds", "x"], &["--second"]] {
            assert!(plan(args).is_err(), "{args:?}");
        }
    }

    #[test]
    fn executions_are_read_from_the_final_statistics() {
        assert_eq!(executed("stat::number_of_executed_units: 1234"), Some(1_234));
        assert_eq!(executed("stat::new_units_added: 5"), None);
    }
}
