//! The program `tally` as users meet it: what it prints, and what it exits with.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod keys;
mod node;
mod program;
mod transactions;
mod usage;
