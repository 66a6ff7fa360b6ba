//! What the methods answer with. These types are the wire: the rules may change without them.
//!
//! Points in time are milliseconds since 1970-01-01T00:00:00Z; spans end in `_ms`. Sums and prices are
//! strings of base units, so that no reader rounds them; quantities, heights and nonces are numbers.

mod account;
mod authority;
mod batch;
mod block;
mod conditions;
mod contract;
mod earning;
mod event;
mod explanation;
mod followed;
mod history;
mod host;
mod market;
mod node;
mod page;
mod past;
mod proof;
mod proposal;
mod quote;
mod snapshot;
mod standing;
mod status;
mod transaction;
mod turn;

use chain::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::account::{
    AccountView, AgentView, BestVoucherView, ChannelStatusView, ChannelView, HoldClosedView,
    HoldView, ObjectStatus, PaymentView, PurposeView, ScopeView, SignersView,
};
pub use self::authority::{
    AdmissionView, AuthoritiesView, AuthorityActView, AuthorityEventView, OfficeView,
    ParamChangeView, ParamUnitView, SeatView, UpgradeView,
};
pub use self::batch::{
    BATCH_EVENTS_BYTES_MAX, BATCH_ITEMS_MAX, BATCH_OBJECTS_BYTES_MAX, BATCH_ORDERS_MAX,
    BATCH_PART_ITEMS_MAX, BatchItemView, BatchReportView, BatchView,
};
pub use self::block::{
    AuthorityView, BlockContentView, BlockEventView, BlockPhase, BlockView, BlocksView,
};
pub use self::conditions::{BrokersView, ConditionsView, ShareView};
pub use self::contract::{
    ContractActView, ContractClosedView, ContractStateView, ContractView, DeliveryView, ExtentView,
    StagedView, VerdictView,
};
pub use self::earning::{EarningSourceView, EarningView};
pub use self::event::EventView;
pub use self::explanation::{
    ExplanationView, OrderQuoteView, PassedView, QuotedFillView, WhyNotView, WhyView,
};
pub use self::followed::{FollowedAccountView, FollowedView, MessageView};
pub use self::history::{Change, ColumnsView, FailureView, HistoryLineView, HistoryView, StepView};
pub use self::host::{
    AttributeKindView, AttributeValueView, AttributeView, BlackoutChangeView, EvidenceView,
    HostView, PoolView, PredicateView, SchemaEntryView, TestView,
};
pub use self::market::{
    CancelScopeView, DepthView, FillRuleView, LevelView, MarketView, OrderClosedView,
    OrderDetailView, OrderPlaceView, OrderView, PartiesView, PassView, SellersView, SideView,
    SoldView, TimeInForceView, WindowView,
};
pub use self::node::{
    CatchUpView, DiskView, GossipView, KeepsView, MempoolView, NodeStatusView, PeerView,
    PresenceView, ProgressView, RoleView,
};
pub use self::page::{
    BLOCKS_MAX, LIMIT_DEFAULT, LIMIT_MAX, Limit, PAGE_BYTES_MAX, Page, SIFTED_MAX,
};
pub use self::past::{CandleView, HappeningView, IntervalView, OriginView, TradeView};
pub use self::proof::{
    CertificateView, EPOCHS_MAX, EpochView, EpochsView, GenesisView, HEADERS_MAX, StateProofView,
    TxProofView,
};
pub use self::proposal::{
    ChangeView, MarketStatusView, MarketTermsView, NewMarketView, ProposalEndedView,
    ProposalEventView, ProposalStageView, ProposalView,
};
pub use self::quote::{CapacityView, OfferView, QuoteView};
pub use self::snapshot::{ChunkView, ManifestView, SnapshotView, SnapshotsView};
pub use self::standing::{
    StandingActView, StandingClosedView, StandingEventView, StandingStateView, StandingTermsView,
    StandingView, WeekdayView,
};
pub use self::status::{
    ChainStatusView, ContractTermsView, DepositsView, FeesView, NetworkView, TokenView,
};
pub use self::transaction::{
    IncludedView, OperationView, OutcomeView, ReceiptView, RejectionView, SimulationView,
    SubmissionView, SubmittedBatchView, SubmittedView, TransactionView, TxView, VoucherView,
};
pub use self::turn::{ActKindView, OutlookView, PartyView, TurnView};
use crate::text::Text;

/// The block that an answer is about: the last one committed when the question came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TipView {
    /// Its height.
    pub height: u64,
    /// The digest of its header.
    pub block_hash: Text<Hash>,
    /// The root of the state after it.
    pub state_root: Text<Hash>,
    /// Its time.
    pub time: u64,
}

/// An answer and the block it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}AtTip")]
pub struct AtTip<T> {
    /// The block.
    pub tip: TipView,
    /// The answer; its fields stand beside `tip`.
    #[serde(flatten)]
    pub value: T,
}
