//! Tests of the whole, a module a topic.

mod encoding;
mod ledger;
mod market;
mod tidy;
