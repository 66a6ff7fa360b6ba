//! Contracts as clients see them: the deal, how far it has come, and what its parties do in it.

use chain::amount::Amount;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::quantity::Price;
use chain::sealed::Sealed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};
use crate::types::{
    BrokersView, ContractTermsView, ObjectStatus, OutlookView, PartiesView, ShareView, WindowView,
};

/// A deal between a buyer and a seller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractView {
    /// Its name.
    pub contract: Text<ObjectId>,
    /// Who pays.
    pub buyer: Text<Address>,
    /// Who is paid.
    pub seller: Text<Address>,
    /// The number of the market it was made in.
    pub market: u32,
    /// The name of that market.
    pub market_name: String,
    /// The bid it came from.
    pub bid: Text<ObjectId>,
    /// The ask it came from.
    pub ask: Text<ObjectId>,
    /// Units in each slot.
    pub quantity: u64,
    /// The slots.
    pub window: WindowView,
    /// The price.
    pub price: Text<Price>,
    /// Price times units times slots.
    pub total: Text<Amount>,
    /// How much of it was paid.
    pub paid: Text<Amount>,
    /// The hold with its money.
    pub hold: Text<ObjectId>,
    /// How many slots it has.
    pub slots: u64,
    /// How many of them were over before the seller was ready; nobody pays them.
    pub slots_missed: u64,
    /// How many of them are paid, but for what is held back.
    pub slots_paid: u64,
    /// Whether it is open.
    pub status: ObjectStatus,
    /// How far it has come.
    pub state: ContractStateView,
    /// Why it is over, if it is.
    pub reason: Option<ContractClosedView>,
    /// When the duty that runs ends, or the slot; none once it is over.
    pub due: Option<u64>,
    /// Where the buyer can be reached, sealed to the seller.
    pub buyer_endpoint: Option<Text<Sealed>>,
    /// Where the seller can be reached, sealed to the buyer.
    pub seller_endpoint: Option<Text<Sealed>>,
    /// What the buyer has made ready.
    pub staged: Option<StagedView>,
    /// The digest of what the seller has made ready.
    pub fingerprint: Option<Text<Hash>>,
    /// The last result that the seller posted.
    pub result: Option<DeliveryView>,
    /// What the network had agreed on when it was made: this holds for it to its end.
    pub terms: ContractTermsView,
    /// How long before the seller says so if it takes back the rest; none where it may not.
    pub notice_ms: Option<u64>,
    /// When its slots end: with the window, or before where the seller takes back the rest.
    pub ends: u64,
    /// The host whose pool it was sold out of.
    pub host: Option<Text<ObjectId>>,
    /// Who gets parts of what the seller is paid.
    pub split: Vec<ShareView>,
    /// To whom the seller sells: the buyer may pass it on to them.
    pub parties: PartiesView,
    /// Whose turn it is, and what comes when nobody acts; none once it is over.
    pub outlook: Option<OutlookView>,
    /// The SHA-256 digest of the text that both sides agreed to.
    pub agreement: Option<Text<Hash>>,
    /// Who gets shares of the commission.
    pub brokers: BrokersView,
    /// Who uses what the buyer pays for, and acts besides it.
    pub user: Option<Text<Address>>,
}

/// How far a contract has come: whose turn it is, and to do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContractStateView {
    /// The buyer is to stage code and data.
    Matched,
    /// The seller is to get ready.
    Staging,
    /// Both wait for the window to begin.
    Ready,
    /// The slots of the window pass and are paid.
    Active,
    /// The slots are over: the seller is to post the result.
    Ended,
    /// The buyer is to sign off.
    SignOff,
    /// The buyer has rejected the result: what is held back is disputed.
    Disputed,
    /// It is over.
    Closed,
    /// The seller has given notice; until then slots pass and are paid.
    Reclaiming,
}

/// Why a contract is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContractClosedView {
    /// The buyer has accepted.
    Accepted,
    /// The buyer did not say in time that it does not accept.
    Silence,
    /// The seller posted no result in time.
    NoResult,
    /// The buyer rejected the result, and nobody gave way in time.
    Rejected,
    /// The seller was not ready in time.
    NoShow,
    /// The buyer did not stage in time.
    BuyerLate,
    /// The buyer gave up.
    AbortedByBuyer,
    /// The seller gave up.
    AbortedBySeller,
}

/// What the buyer has made ready for the seller to fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StagedView {
    /// The digests of code and data.
    pub digests: Vec<Text<Hash>>,
    /// Where they are, sealed to the seller.
    pub location: Text<Sealed>,
}

/// What the seller has computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryView {
    /// Its digest.
    pub digest: Text<Hash>,
    /// Where it is, sealed to the buyer.
    pub location: Text<Sealed>,
    /// Whether it is all there is to compute.
    pub extent: ExtentView,
}

/// How much of a result there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExtentView {
    /// All of it.
    Whole,
    /// What there is so far.
    Partial,
}

/// What a buyer says of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictView {
    /// It is as agreed.
    Accept,
    /// It is not.
    Reject,
}

/// What a party of a contract does in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ContractActView {
    /// Either side says where it can be reached.
    EndpointPublish {
        /// The words, sealed to the other side.
        endpoint: Text<Sealed>,
    },
    /// The buyer has made code and data ready.
    StageReady(StagedView),
    /// The seller is ready to run them.
    HostReady {
        /// The digest of what will run.
        fingerprint: Text<Hash>,
    },
    /// The seller posts a result.
    ResultPost(DeliveryView),
    /// The buyer signs off.
    SignOff {
        /// What it says.
        verdict: VerdictView,
    },
    /// The buyer needs no more slots.
    EndEarly,
    /// Either side gives up what it still has to expect.
    Abort,
    /// The seller takes back what is left of the window after its notice.
    ReclaimStart,
}
