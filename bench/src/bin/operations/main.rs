//! Single operations on one core, each beside what checking a signature costs in the same run. `bench` says
//! what the figures mean.
//!
//! An operation is run a number of times on the same input; the table shows the median and the best run.
//! Everything happens in memory: what the store costs, a node under load shows.

mod apply_block;
mod books;
mod fixture;
mod matcher;
mod orders;
mod sign;
mod state_tree;
mod timing;
mod verify;

use std::process::ExitCode;

use bench::machine::Machine;
use bench::screen;
use clap::Parser;

use crate::timing::Timing;

/// What a name begins with, and how it is measured.
type Operation = (&'static str, fn() -> Vec<Timing>);

/// What can be measured.
const OPERATIONS: [Operation; 7] = [
    ("verify", verify::measure),
    ("sign", sign::measure),
    ("apply_block/transactions", apply_block::measure),
    ("apply_block/orders", orders::measure),
    ("apply_block/books", books::measure),
    ("matcher", matcher::measure),
    ("state_tree", state_tree::measure),
];

/// Measures single operations.
#[derive(Debug, Parser)]
#[command(name = "operations", version)]
struct Arguments {
    /// Measures only what begins so, as `apply_block`.
    #[arg(default_value = "")]
    name: String,
}

fn main() -> ExitCode {
    let Arguments { name } = Arguments::parse();
    let mut chosen = OPERATIONS.iter().filter(|(own, _)| own.starts_with(&name)).peekable();
    if chosen.peek().is_none() {
        let names: Vec<&str> = OPERATIONS.iter().map(|(own, _)| *own).collect();
        screen::progress(&format!("'{name}' is none of: {}", names.join(", ")));
        return ExitCode::from(2);
    }
    screen::result(&Machine::read().to_string());
    let reference = verify::one();
    screen::result(&format!("R1 {:.0} signatures checked a second, one core\n", reference.rate()));
    screen::result(&Timing::head());
    for (_, measure) in chosen {
        for timing in measure() {
            screen::result(&timing.row(&reference));
        }
    }
    ExitCode::SUCCESS
}
