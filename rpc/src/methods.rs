//! The methods: what each is called, asks and answers. A question is a type; one list of them is all that
//! the server registers and the document describes.

mod account;
mod batch;
mod chain;
mod history;
mod host;
mod market;
mod order;
mod past;
mod proof;
mod proposal;
mod snapshot;
mod standing;
mod subscribe;
mod transaction;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::account::{
    AccountGet, AccountGetByName, AgentList, ChannelGet, ChannelList, HoldGet, HoldList,
    PaymentGet, WithdrawalList,
};
pub use self::batch::MarketGetBatch;
pub use self::chain::{
    ChainGetBlock, ChainGetBlocks, ChainListEvents, ChainListTransactions, ChainStatus, NodeStatus,
};
pub use self::history::{AccountListHistory, HistoryOrder};
pub use self::host::{HostGet, HostList, HostPools, OrderForHost};
pub use self::market::{
    ContractGet, ContractList, DepthBy, MarketDepth, MarketGet, MarketList, MarketOrders, OrderGet,
    OrderList, SideName,
};
pub use self::order::{OrderExplain, OrderQuote};
pub use self::past::{
    AccountListEarnings, ChannelListHistory, ContractListHistory, MarketCandles, MarketTrades,
    OrderListHistory,
};
pub use self::proof::{
    AccountGetProof, ChainGetCertificate, ChainGetEpochs, ChainGetGenesis, ChainGetProof,
    TxGetProof,
};
pub use self::proposal::{AuthorityList, AuthorityListHistory, AuthorityProposals, ProposalGet};
pub use self::snapshot::{SnapshotGetChunk, SnapshotGetManifest, SnapshotList};
pub use self::standing::{StandingGet, StandingList};
pub use self::subscribe::{
    AccountSubscribe, ChainSubscribe, MarketSubscribeDepth, MarketSubscribeTrades, Of, Said, Topic,
    TopicVisitor, TxSubscribe, each_topic,
};
pub use self::transaction::{BATCH_TRANSACTIONS_MAX, TxGet, TxSimulate, TxSubmit, TxSubmitBatch};
use crate::api::Api;
use crate::error::Error;

/// A method: the type that implements it is its parameters.
pub trait Method: Serialize + DeserializeOwned + JsonSchema + Send + 'static {
    /// What it is called on the wire.
    const NAME: &'static str;
    /// What it answers, in a sentence.
    const SUMMARY: &'static str;
    /// What it answers with.
    type Answer: Serialize + DeserializeOwned + JsonSchema + Clone + Send + 'static;

    /// Asks `api`.
    ///
    /// # Errors
    /// What `api` says.
    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error>;
}

/// Something to be done with every method.
pub trait Visitor {
    /// Sees the method `M`.
    fn visit<M: Method>(&mut self);
}

/// Shows `visitor` every method, in the order of the documentation.
pub fn each(visitor: &mut impl Visitor) {
    visitor.visit::<ChainStatus>();
    visitor.visit::<ChainGetBlock>();
    visitor.visit::<ChainGetBlocks>();
    visitor.visit::<ChainListTransactions>();
    visitor.visit::<ChainListEvents>();
    visitor.visit::<ChainGetGenesis>();
    visitor.visit::<ChainGetEpochs>();
    visitor.visit::<ChainGetCertificate>();
    visitor.visit::<ChainGetProof>();
    visitor.visit::<TxSubmit>();
    visitor.visit::<TxSubmitBatch>();
    visitor.visit::<TxSimulate>();
    visitor.visit::<TxGet>();
    visitor.visit::<TxGetProof>();
    visitor.visit::<AccountGet>();
    visitor.visit::<AccountListHistory>();
    visitor.visit::<AccountListEarnings>();
    visitor.visit::<AccountGetByName>();
    visitor.visit::<AgentList>();
    visitor.visit::<AccountGetProof>();
    visitor.visit::<HoldGet>();
    visitor.visit::<HoldList>();
    visitor.visit::<WithdrawalList>();
    visitor.visit::<PaymentGet>();
    visitor.visit::<MarketList>();
    visitor.visit::<MarketGet>();
    visitor.visit::<MarketDepth>();
    visitor.visit::<MarketOrders>();
    visitor.visit::<MarketTrades>();
    visitor.visit::<MarketCandles>();
    visitor.visit::<MarketGetBatch>();
    visitor.visit::<OrderGet>();
    visitor.visit::<OrderList>();
    visitor.visit::<OrderForHost>();
    visitor.visit::<HostGet>();
    visitor.visit::<HostList>();
    visitor.visit::<HostPools>();
    visitor.visit::<OrderExplain>();
    visitor.visit::<OrderQuote>();
    visitor.visit::<OrderListHistory>();
    visitor.visit::<StandingGet>();
    visitor.visit::<StandingList>();
    visitor.visit::<ContractGet>();
    visitor.visit::<ContractList>();
    visitor.visit::<ContractListHistory>();
    visitor.visit::<ChannelGet>();
    visitor.visit::<ChannelList>();
    visitor.visit::<ChannelListHistory>();
    visitor.visit::<AuthorityList>();
    visitor.visit::<AuthorityListHistory>();
    visitor.visit::<AuthorityProposals>();
    visitor.visit::<ProposalGet>();
    visitor.visit::<NodeStatus>();
    visitor.visit::<SnapshotList>();
    visitor.visit::<SnapshotGetManifest>();
    visitor.visit::<SnapshotGetChunk>();
}
