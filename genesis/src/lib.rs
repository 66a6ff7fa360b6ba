//! The first state of a network, built from a file that people write.
//!
//! ```text
//! TOML -> Spec -> Genesis -> charter -> its digest, which is the chain's identity
//!                        \-> objects, state tree and header of block 0
//! ```
//! A [`Spec`] is what the file says, word for word. A [`Genesis`] is what it means, and has passed every
//! check. Two files that mean the same, with accounts and authorities in another order or amounts
//! written in another unit, are one network.

mod attributes;
mod check;
mod dev;
mod error;
mod genesis;
mod span;
mod spec;
mod state;
#[cfg(test)]
mod tests;

pub use crate::attributes::AttributeSpec;
pub use crate::dev::{DEV, dev_spec};
pub use crate::error::{GenesisError, Problem};
pub use crate::genesis::Genesis;
pub use crate::span::{SPAN_MAX, SpanInvalid};
pub use crate::spec::{
    AccountSpec, AuthoritySpec, ChannelsSpec, ContractsSpec, DepositsSpec, FeesSpec, HoldsSpec,
    MarketSpec, NetworkName, RefundsSpec, Spec, TokenSpec, WithdrawalsSpec,
};
