//! The wallet: keys, transactions and the program `tally`.
//!
//! [`keystore`], [`compose`], [`transaction_file`], [`submit`], [`pending`], [`proof`], [`quote_file`] and [`vouchers`] are for
//! other programs; the rest is the program: arguments in, one answer out.

mod args;
mod attribute;
pub mod cli;
mod commands;
pub mod compose;
mod context;
pub mod failure;
pub mod files;
mod interrupt;
pub mod keystore;
mod output;
pub mod pending;
mod prompt;
pub mod proof;
pub mod quote_file;
mod settings;
mod shown;
mod signer;
mod signing;
mod simulation;
mod statement;
pub mod submit;
mod text;
pub mod transaction_file;
pub mod vouchers;
mod watch;
mod when;
mod window;
mod witnesses;
