//! The node: the one place where the ledger's rules meet threads, sockets and disk. The time is the
//! engine's, and comes with every turn.
//!
//! ```text
//!   clients                                     engine (crate consensus)
//!      | submit, read                              | work, build, check, commit; hear
//!      v                                           v
//!     api -- gossip, door --> mempool <--- builder <--- application
//!      |                                      |            |
//!      +---------> ledger <-------------------+------------+
//!                    |  state, tree, index in memory; overlays of blocks that are not committed
//!                    v
//!                  store          one synced write a block
//! ```
//!
//! Invariants:
//! - what a client is told is settled is on disk;
//! - a block's state root is compared when it is built, checked, committed, and when the node starts;
//! - mempool, builder, ledger and store know neither clock nor threads of their own, and ask no async
//!   runtime, so that a simulator can drive them.

pub mod api;
pub mod application;
pub mod builder;
pub mod config;
pub mod dev;
pub mod disk;
pub mod door;
pub mod equivocations;
pub mod export;
pub mod gossip;
pub mod home;
pub mod index;
pub mod keeper;
pub mod ledger;
pub mod market_index;
pub mod mempool;
pub mod metrics;
pub mod node;
pub mod operation;
pub mod snapshot;
pub mod store;
pub mod testnet;
pub mod verify;

#[cfg(test)]
mod testing;
