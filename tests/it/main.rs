//! Tests of the whole, a module a topic.

mod documents;
mod encoding;
mod homes;
mod ledger;
mod market;
mod restart;
mod tidy;
mod wallet;
