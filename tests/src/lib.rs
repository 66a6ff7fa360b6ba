//! What the tests of the whole are made of: naive models, written from the protocol document, and a
//! harness for real processes.

pub mod contract_model;
pub mod kills;
pub mod ledger_model;
pub mod liar;
pub mod market_model;
pub mod operate;
pub mod process;
pub mod proposal_model;
pub mod quote_model;
pub mod random;
pub mod simulation;
pub mod testnet;
pub mod watch;
