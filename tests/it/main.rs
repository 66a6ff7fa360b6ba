//! Tests of the whole, a module a topic.

mod documents;
mod encoding;
mod ledger;
mod market;
mod tidy;
