//! Tests of the whole, a module a topic.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod documents;
mod encoding;
mod homes;
mod ledger;
mod market;
mod proofs;
mod restart;
mod tidy;
mod wallet;
