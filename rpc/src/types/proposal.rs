//! Proposals of authorities as clients see them.

use chain::hash::Hash;
use chain::id::ObjectId;
use chain::proposal::Change;
use chain::quantity::Price;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canonical::Canonical;
use crate::text::{Address, Text};
use crate::types::{AdmissionView, OfficeView, ParamChangeView, SchemaEntryView, UpgradeView};

/// What authorities are to agree on, or have agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalView {
    /// Its name.
    pub proposal: Text<ObjectId>,
    /// Who made it.
    pub proposer: Text<Address>,
    /// What is to change.
    pub change: ChangeView,
    /// The digest of the change: what whoever approves it signs.
    pub digest: Text<Hash>,
    /// The change itself, so that nobody need believe what is said of it.
    pub bytes: Text<Canonical<Change>>,
    /// Which accounts of authorities have approved it.
    pub approvals: Vec<Text<Address>>,
    /// How far it has come.
    #[serde(flatten)]
    pub stage: ProposalStageView,
}

/// How far a proposal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum ProposalStageView {
    /// Too few have approved it.
    Open {
        /// When it ends without effect.
        until: u64,
    },
    /// Enough have approved it.
    Approved {
        /// When it takes effect.
        enacts: u64,
    },
    /// It has taken effect and closed a market whose orders have not all ended.
    Closing,
    /// It is over.
    Ended {
        /// How it ended.
        reason: ProposalEndedView,
    },
}

/// How a proposal came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalEndedView {
    /// It took effect.
    Enacted,
    /// Too few approved it in time.
    Expired,
    /// When it was to take effect it could not be done any more.
    Dropped,
}

/// A change that takes effect once enough authorities have approved it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChangeView {
    /// There is another market.
    MarketAdd {
        /// The market.
        market: NewMarketView,
    },
    /// A market has other terms.
    MarketSet {
        /// The market's number.
        market: u32,
        /// All of its terms.
        terms: MarketTermsView,
    },
    /// Params have other numbers.
    Params {
        /// Which, what they were and what they become.
        changes: Vec<ParamChangeView>,
    },
    /// Others vote from the next epoch on.
    Authorities {
        /// Who joins.
        add: Vec<AdmissionView>,
        /// Whose authorities leave.
        remove: Vec<Text<Address>>,
    },
    /// Somebody else holds an office.
    Appoint {
        /// The office.
        office: OfficeView,
        /// Who holds it from then on.
        account: Text<Address>,
    },
    /// An account keeps what it has, and only ends what it has begun.
    Freeze {
        /// The account.
        account: Text<Address>,
    },
    /// A frozen account may do again what accounts may.
    Unfreeze {
        /// The account.
        account: Text<Address>,
    },
    /// Other rules follow from a height on; or none, and those that were to are called off.
    Upgrade {
        /// Which, and from where on.
        upgrade: Option<UpgradeView>,
    },
}

/// A market that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewMarketView {
    /// What people call it.
    pub name: String,
    /// The unit of the good.
    pub unit: String,
    /// The length of a slot.
    pub slot_ms: u64,
    /// Quantities are multiples of this.
    pub lot: u64,
    /// Prices are multiples of this.
    pub tick: Text<Price>,
    /// What the grades are called, from 1 on.
    pub grades: Vec<String>,
    /// What bids may ask of the hosts that are to serve them.
    pub attributes: Vec<SchemaEntryView>,
    /// What of it may change.
    #[serde(flatten)]
    pub terms: MarketTermsView,
}

/// What of a market may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MarketTermsView {
    /// The smallest quantity of an order.
    pub quantity_min: u64,
    /// How many slots ahead of the present an order's window may end.
    pub horizon_slots: u64,
    /// How long before its window a bid must trade.
    pub lead_ms: u64,
    /// Where the price lies between the highest accepted ask (0) and the lowest accepted bid (10 000).
    pub k_bps: u16,
    /// Whether orders can be placed in it.
    pub status: MarketStatusView,
}

/// Whether orders can be placed in a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarketStatusView {
    /// They can.
    Open,
    /// None is placed and none trades any more. Contracts go on.
    Closed,
}

/// A step of a proposal, named by `type` as all events are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ProposalEventView {
    /// An authority proposed a change.
    Proposed {
        /// The proposal.
        proposal: Text<ObjectId>,
        /// Who made it.
        proposer: Text<Address>,
        /// When it ends unless enough approve it.
        until: u64,
    },
    /// An authority approved a proposal.
    ProposalApproved {
        /// The proposal.
        proposal: Text<ObjectId>,
        /// Whose account did.
        by: Text<Address>,
        /// When it takes effect, if this was the last approval that it needs.
        enacts: Option<u64>,
    },
    /// A proposal is over.
    ProposalClosed {
        /// The proposal.
        proposal: Text<ObjectId>,
        /// Who made it.
        proposer: Text<Address>,
        /// How it ended.
        reason: ProposalEndedView,
    },
    /// There is another market, or one has other terms.
    MarketSet {
        /// The proposal that says so.
        proposal: Text<ObjectId>,
        /// The market.
        market: u32,
        /// Whether orders can be placed in it.
        status: MarketStatusView,
    },
    /// A param has another number, from the next block on.
    ParamSet {
        /// The proposal that says so.
        proposal: Text<ObjectId>,
        /// Which, and what it was and is.
        change: ParamChangeView,
    },
    /// Somebody else holds an office, from the next block on.
    Appointed {
        /// The proposal that says so.
        proposal: Text<ObjectId>,
        /// The office.
        office: OfficeView,
        /// Who held it.
        before: Text<Address>,
        /// Who holds it.
        account: Text<Address>,
    },
    /// An account is frozen.
    Frozen {
        /// The proposal that says so.
        proposal: Text<ObjectId>,
        /// The account.
        account: Text<Address>,
    },
    /// An account is not frozen any more.
    Unfrozen {
        /// The proposal that says so.
        proposal: Text<ObjectId>,
        /// The account.
        account: Text<Address>,
    },
    /// Other rules follow from a height on, or none do.
    UpgradeSet {
        /// The proposal that says so.
        proposal: Text<ObjectId>,
        /// Which, and from where on.
        upgrade: Option<UpgradeView>,
    },
}
