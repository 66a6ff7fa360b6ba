//! The program `tally` as users meet it: what it prints, and what it exits with.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod exits;
mod golden;
mod history;
mod keys;
mod node;
mod offline;
mod program;
mod quotes;
mod settings;
mod signers;
mod statement;
mod transactions;
mod usage;
