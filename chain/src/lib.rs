//! The vocabulary of the chain: what money, accounts, transactions, blocks and receipts are.
//!
//! Bytes come in, types go out. The crate is pure: no I/O, clock, randomness, threads or floats, so the
//! same bytes mean the same on every machine.

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

pub mod account;
pub mod address;
pub mod agent;
pub mod amount;
pub mod attribute;
pub mod authority;
pub mod authority_set;
pub mod batch;
pub mod block;
pub mod book;
pub mod captured;
pub mod certificate;
pub mod channel;
pub mod charter;
pub mod conditions;
pub mod contract;
pub mod encoding;
pub mod equivocation;
pub mod event;
pub mod gossip;
pub mod hash;
pub mod height;
pub mod hold;
pub mod host;
pub mod id;
pub mod keys;
pub mod light;
pub mod limits;
pub mod market;
pub mod memo;
pub mod merkle;
pub mod name;
pub mod operation;
pub mod order;
pub mod param;
pub mod params;
pub mod parties;
pub mod predicate;
pub mod proposal;
pub mod quantity;
pub mod quote;
pub mod receipt;
pub mod sealed;
pub mod signers;
pub mod snapshot;
pub mod standing;
pub mod state;
pub mod supply;
pub mod switch;
pub mod target;
pub mod time;
pub mod timer;
pub mod token;
pub mod transaction;
pub mod voucher;
pub mod witness;
pub mod word;
