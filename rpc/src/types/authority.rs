//! Who votes, who will, and what authorities decide, as clients see them.

use std::net::SocketAddr;

use chain::authority::AuthorityKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Number, Text};

/// Who votes, and who will.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuthoritiesView {
    /// The epoch of the next block.
    pub epoch: u64,
    /// The height at which the epoch after it begins, and those in `next` vote.
    pub next_epoch_height: u64,
    /// How many must vote for a block.
    pub quorum: u32,
    /// Who votes.
    pub voting: Vec<SeatView>,
    /// Who votes from the next epoch on: the same unless something changes.
    pub next: Vec<SeatView>,
    /// The version of the rules.
    pub protocol_version: u16,
    /// The version that follows, and from where on, once authorities have agreed on it.
    pub upgrade: Option<UpgradeView>,
}

/// An authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeatView {
    /// Its key.
    pub key: Text<AuthorityKey>,
    /// Its account.
    pub account: Text<Address>,
    /// Where its node is reached by the others, if it says so.
    pub address: Option<Text<SocketAddr>>,
}

/// Other rules, from a height on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UpgradeView {
    /// Their version.
    pub version: u16,
    /// The first block that follows them.
    pub height: u64,
}

/// An authority that is to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdmissionView {
    /// Its key, which it has shown to have.
    pub key: Text<AuthorityKey>,
    /// Its account.
    pub account: Text<Address>,
    /// Where its node is reached, if it says so.
    pub address: Option<Text<SocketAddr>>,
}

/// An office that one account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfficeView {
    /// Deposits, and pays withdrawals out.
    Cashier,
    /// Gets the members' share of the fees, and the commission.
    Treasury,
}

/// What becomes of one param.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParamChangeView {
    /// Which, by the name that a genesis file gives it.
    pub param: String,
    /// What its number counts.
    pub unit: ParamUnitView,
    /// Its number before.
    pub before: Text<Number>,
    /// Its number from then on.
    pub value: Text<Number>,
}

/// What a param's number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParamUnitView {
    /// Base units of money.
    Amount,
    /// Milliseconds.
    Millis,
    /// Basis points.
    Bps,
    /// Blocks.
    Blocks,
}

/// What an authority's account asks for of one of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum AuthorityActView {
    /// Another key votes in its place from the next epoch on.
    Rotate {
        /// The other key.
        to: Text<AuthorityKey>,
    },
    /// Its node is reached elsewhere, or nobody says where.
    Move {
        /// Where.
        address: Option<Text<SocketAddr>>,
    },
}

/// A change of who votes, or of where they are reached, named by `type` as all events are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AuthorityEventView {
    /// Another authority votes from an epoch on.
    AuthorityAdded {
        /// Its key.
        key: Text<AuthorityKey>,
        /// Its account.
        account: Text<Address>,
        /// The first epoch.
        epoch: u64,
    },
    /// An authority votes no more from an epoch on.
    AuthorityRemoved {
        /// Its key.
        key: Text<AuthorityKey>,
        /// Its account.
        account: Text<Address>,
        /// The first epoch without it.
        epoch: u64,
    },
    /// An authority votes with another key from an epoch on.
    AuthorityRotated {
        /// Its account.
        account: Text<Address>,
        /// The key before.
        before: Text<AuthorityKey>,
        /// The key from then on.
        key: Text<AuthorityKey>,
        /// The first epoch.
        epoch: u64,
    },
    /// An authority's node is reached elsewhere.
    AuthorityMoved {
        /// Its account.
        account: Text<Address>,
        /// Its key.
        key: Text<AuthorityKey>,
        /// Where, if it says so.
        address: Option<Text<SocketAddr>>,
    },
    /// The block is the last of its epoch, and others vote in the next.
    EpochEntered {
        /// The epoch that begins.
        epoch: u64,
        /// How many vote in it.
        authorities: u32,
    },
}
