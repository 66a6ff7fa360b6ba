//! `kills`: kills a node under load without warning, again and again, and sees to it that nothing is lost.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use tests::kills::{self, Plan, Report};

/// Kills a node under load, and checks after each kill that nothing it acknowledged is lost.
#[derive(Debug, Parser)]
struct Args {
    /// How often the node is killed.
    #[arg(long, default_value_t = 100)]
    count: u64,
    /// Decides on the load and the moments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The node's program; by default the one beside this.
    #[arg(long)]
    tallyd: Option<PathBuf>,
    /// Where the node's home is made; by default a folder for temporary files.
    #[arg(long)]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let seed = args.seed;
    match run(args) {
        Ok(report) => {
            say(&format!("{report}\nseed          {seed}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("FAILED with seed {seed}: {error:?}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<Report> {
    let tallyd = match args.tallyd {
        Some(path) => path,
        None => std::env::current_exe()?.with_file_name("tallyd"),
    };
    let mut temporary = tempfile::Builder::new();
    temporary.prefix("tally-kills-");
    let folder = match args.folder {
        Some(parent) => temporary.tempdir_in(parent)?,
        None => temporary.tempdir()?,
    };
    let path = folder.path().to_owned();
    let plan = Plan { kills: args.count, seed: args.seed, tallyd, folder: path };
    kills::run(&plan).with_context(|| format!("the home is kept in {}", folder.keep().display()))
}

#[expect(clippy::print_stdout, reason = "the one place where the program prints")]
fn say(text: &str) {
    println!("{text}");
}
