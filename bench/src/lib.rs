//! Measurements: how fast the ledger is, beside what its signatures alone would cost.
//!
//! ```text
//! cargo run --release -p bench --bin load                    a node under load, from the outside
//! cargo run --release -p bench --bin operations [NAME]       single operations, on one core
//! cargo run --release -p bench --bin compare                 PostgreSQL and then `load`, and their ratio
//! cargo run --release -p bench --bin attacks                 honest calls while a node is attacked
//! cargo run --release -p bench --bin join                    how long a node takes to join a long chain
//! ```
//! `load` and `attacks` start a developer's chain beside themselves, so build the node too:
//! `cargo build --release --workspace --bins`.
//!
//! # What the figures mean
//!
//! - **R1** and **R2** are the signatures that our verifier checks a second when it has 512 together, on
//!   one core and on all; **one verification** is what one signature costs a core by itself. All three are
//!   measured in every run, before and after the rest. Machines differ and drift; ratios to them in the
//!   same run are what may be compared and quoted. An absolute figure goes with machine, commit and build,
//!   which every run prints.
//! - **CPU beside verification** is the node's CPU without one signature of a batch (1 / R1).
//! - A transfer is **settled** when its block is final and on the node's disk.
//! - Rates are per second of wall time. CPU is the node's user and system time, of all its threads, in
//!   microseconds a transfer. Memory is the node's peak resident set. Sizes are lengths of files in bytes.
//! - Node and load share the machine's cores; the load's own CPU is printed beside the node's.
//!
//! Only a release build says anything about speed; every other says so in its first lines.

pub mod machine;
pub mod program;
pub mod rates;
pub mod screen;
