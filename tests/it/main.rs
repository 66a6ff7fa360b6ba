//! Tests of the whole, a module a topic.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod bad_input;
mod bundle;
mod deploy;
mod documents;
mod encoding;
mod homes;
mod ledger;
mod market;
mod operation;
mod proofs;
mod proposals;
mod replay;
mod restart;
mod secrets;
mod snapshots;
mod tidy;
mod wallet;
