//! The contract with the outside: JSON-RPC 2.0 over HTTP.
//!
//! The crate owns every type on the wire ([`types`]), the errors ([`error`]), the methods ([`methods`]),
//! a client and a server. It knows no ledger: the node answers through [`api::Api`].

pub mod api;
pub mod canonical;
#[cfg(feature = "client")]
pub mod client;
pub mod error;
pub mod methods;
pub mod openrpc;
#[cfg(feature = "server")]
pub mod server;
pub mod text;
pub mod translate;
pub mod types;
