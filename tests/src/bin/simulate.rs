//! `simulate`: runs worlds of four authorities under simulated time, one for each seed.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::{env, io, panic};

use clap::Parser;
use tests::simulation::{self, Report};
use tracing_subscriber::EnvFilter;

/// Runs simulated worlds, one for each seed, and says of each what came of it. RUST_LOG=info shows what nodes log.
#[derive(Clone, Copy, Debug, Parser)]
struct Args {
    /// How many seeds.
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Simulated seconds before the network heals.
    #[arg(long, default_value_t = 40)]
    seconds: u64,
    /// How many of the seeds are run twice, to see that both runs are the same.
    #[arg(long, default_value_t = 0)]
    twice: u64,
    /// How many authorities run twice, in place of one in every third world. With two of four a fork is possible: it
    /// counts as a failure, and says so.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=4))]
    twins: Option<u8>,
}

type Outcome = (u64, Result<Report, String>);

fn main() -> ExitCode {
    let args = Args::parse();
    if cfg!(panic = "abort") {
        say("This build aborts where a simulated node fails: build it with the dev profile.");
        return ExitCode::FAILURE;
    }
    hide_injected_faults();
    log();
    let (next, (sender, outcomes)) = (AtomicU64::new(0), mpsc::channel());
    let count = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..count {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || work(args, next, &sender));
        }
        drop(sender);
        tell(args, outcomes)
    })
}

/// Shows on stderr what nodes log, as far as RUST_LOG asks for it.
fn log() {
    if env::var_os("RUST_LOG").is_some() {
        let asked = EnvFilter::from_default_env();
        tracing_subscriber::fmt().with_env_filter(asked).with_writer(io::stderr).init();
    }
}

/// The engine stops a node whose disk fails by a panic. Here that is part of the plan.
fn hide_injected_faults() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        let payload = panicked.payload();
        let words = payload.downcast_ref::<String>().map(String::as_str);
        if !words.is_some_and(|words| words.contains("injected storage fault")) {
            usual(panicked);
        }
    }));
}

/// Runs one seed after the other, as long as there are some.
fn work(args: Args, next: &AtomicU64, outcomes: &mpsc::Sender<Outcome>) {
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        if place >= args.seeds {
            return;
        }
        let seed = args.from.saturating_add(place);
        let twins = args.twins.map(usize::from);
        let run =
            || simulation::run(seed, args.seconds, twins).map_err(|error| format!("{error:#}"));
        let outcome =
            run().and_then(|report| match (place < args.twice).then(run).transpose()? {
                Some(again) if again != report => Err(format!("{report}, and then {again}")),
                Some(_) | None => Ok(report),
            });
        if outcomes.send((seed, outcome)).is_err() {
            return;
        }
    }
}

/// Says what came of every seed, and of all.
fn tell(args: Args, outcomes: mpsc::Receiver<Outcome>) -> ExitCode {
    let (mut failed, mut blocks, mut crashes, mut span) = (Vec::new(), 0, 0, 0);
    for (seed, outcome) in outcomes {
        match outcome {
            Ok(report) => {
                say(&format!("seed {seed}: {report}"));
                blocks += report.height;
                crashes += report.crashes;
                span += report.span.0 / 1_000;
            }
            Err(reason) => {
                say(&format!("seed {seed}: FAILED: {reason}"));
                failed.push(seed);
            }
        }
    }
    let Args { seeds, seconds, .. } = args;
    let count = failed.len();
    say(&format!(
        "{seeds} seeds, {count} failed: {blocks} blocks, {crashes} crashes, {span} simulated seconds"
    ));
    for seed in &failed {
        let twins = args.twins.map_or_else(String::new, |twins| format!(" --twins {twins}"));
        say(&format!(
            "again: cargo xtask simulate --seeds 1 --from {seed} --seconds {seconds}{twins}"
        ));
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::print_stdout, reason = "the one place where the program prints")]
fn say(text: &str) {
    println!("{text}");
}
