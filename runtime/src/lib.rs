//! The rules of the ledger: a state and a block in, what changed and receipts out.
//!
//! The crate is pure: no I/O, clock, randomness, threads or floats, and no map whose order varies. The
//! same blocks give the same bytes on every machine.
//!
//! A block runs in this order: timers that are due, transactions one by one, matching, fees paid out.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm
)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails"))]
#![cfg_attr(test, allow(clippy::indexing_slicing, reason = "a test out of bounds fails"))]
#![cfg_attr(test, allow(clippy::panic, reason = "a test fails by panicking"))]

pub mod batch;
pub mod block;
pub mod context;
pub mod invariants;
pub mod matching;
pub mod posting;
pub mod rejection;
pub mod state;
pub mod transaction;
pub mod tree;

mod draft;
mod fees;
mod meeting;
mod money;
mod rules;
mod signing;
mod spans;
mod timers;

#[cfg(test)]
mod testing;
