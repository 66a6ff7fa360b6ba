//! The wallet: keys, transactions and the program `tally`.
//!
//! [`keystore`], [`compose`], [`submit`], [`proof`] and [`vouchers`] are for other programs; the rest is the
//! program: arguments in, one answer out.

mod args;
pub mod cli;
mod commands;
pub mod compose;
mod context;
pub mod failure;
pub mod files;
pub mod keystore;
mod output;
mod prompt;
pub mod proof;
mod settings;
mod signing;
pub mod submit;
mod text;
pub mod vouchers;
mod when;
mod window;
