//! Whose turn it is in a contract, and what comes of it when nobody acts.

use chain::amount::Amount;
use chain::contract::{ActKind, Outlook, Party};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;
use crate::types::{ContractClosedView, ContractStateView};

/// What a contract waits for, and what its deadline does when that does not come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutlookView {
    /// By whom and how the wait can be ended as it should; empty where time alone has to pass.
    pub duties: Vec<TurnView>,
    /// When the deadline has come.
    pub until: u64,
    /// The state that it leads to. While slots pass, it is the same until the last is over.
    pub then: ContractStateView,
    /// Why the contract closes then, if it does.
    pub reason: Option<ContractClosedView>,
    /// What the seller is paid then, before commission and what others get of it.
    pub pays: Text<Amount>,
    /// How much of what the contract holds returns to the buyer then.
    pub returns: Text<Amount>,
    /// All that its parties may do in its state.
    pub acts: Vec<TurnView>,
    /// Until when they may.
    pub acts_until: u64,
}

/// An act, and who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TurnView {
    /// Who.
    pub by: PartyView,
    /// What.
    pub act: ActKindView,
}

/// A part in a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyView {
    /// It pays.
    Buyer,
    /// It is paid.
    Seller,
}

/// An act in a contract, without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActKindView {
    /// Says where a party can be reached.
    EndpointPublish,
    /// Says that code and data are ready.
    StageReady,
    /// Says that the seller is ready to run them.
    HostReady,
    /// Posts a result.
    ResultPost,
    /// Signs off: it is as agreed.
    Accept,
    /// Signs off: it is not.
    Reject,
    /// Ends the slots.
    EndEarly,
    /// Gives up what a party still has to expect.
    Abort,
    /// Takes back what is left of the window.
    ReclaimStart,
}

impl OutlookView {
    /// The outlook of a contract whose parties may do `acts` until `acts_until`.
    pub(crate) fn new(
        outlook: &Outlook,
        acts: impl Iterator<Item = (Party, ActKind)>,
        acts_until: u64,
    ) -> Self {
        Self {
            duties: outlook.duties.iter().copied().map(Into::into).collect(),
            until: outlook.until.0,
            then: outlook.then.into(),
            reason: outlook.then.reason().map(Into::into),
            pays: outlook.pays.into(),
            returns: outlook.returns.into(),
            acts: acts.map(Into::into).collect(),
            acts_until,
        }
    }
}

impl From<(Party, ActKind)> for TurnView {
    fn from((by, act): (Party, ActKind)) -> Self {
        Self { by: by.into(), act: act.into() }
    }
}

impl From<Party> for PartyView {
    fn from(party: Party) -> Self {
        match party {
            Party::Buyer => Self::Buyer,
            Party::Seller => Self::Seller,
        }
    }
}

impl From<ActKind> for ActKindView {
    fn from(act: ActKind) -> Self {
        match act {
            ActKind::EndpointPublish => Self::EndpointPublish,
            ActKind::StageReady => Self::StageReady,
            ActKind::HostReady => Self::HostReady,
            ActKind::ResultPost => Self::ResultPost,
            ActKind::Accept => Self::Accept,
            ActKind::Reject => Self::Reject,
            ActKind::EndEarly => Self::EndEarly,
            ActKind::Abort => Self::Abort,
            ActKind::ReclaimStart => Self::ReclaimStart,
        }
    }
}
