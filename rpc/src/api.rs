//! What the server asks the node. The trait turns the arrow round: the node depends on this crate and
//! implements it, so that no ledger is known here.
//!
//! Calls are synchronous and may come from many threads at once; the server runs them where blocking is
//! allowed, and no more of them at a time than its settings say. One answer is about one block: its tip
//! and everything else in it belong together.

mod snapshots;

pub use snapshots::Snapshots;

use crate::error::Error;
use crate::methods::{
    AccountGet, AccountGetByName, AccountGetProof, AccountListEarnings, AccountListHistory,
    AgentList, AuthorityListHistory, AuthorityProposals, ChainGetBlock, ChainGetBlocks,
    ChainGetCertificate, ChainGetEpochs, ChainGetProof, ChainListEvents, ChainListTransactions,
    ChannelGet, ChannelList, ChannelListHistory, ContractGet, ContractList, ContractListHistory,
    HoldGet, HoldList, HostGet, HostList, HostPools, MarketCandles, MarketDepth, MarketGet,
    MarketGetBatch, MarketOrders, MarketTrades, OrderExplain, OrderForHost, OrderGet, OrderList,
    OrderListHistory, OrderQuote, PaymentGet, ProposalGet, StandingGet, StandingList, TxGet,
    TxGetProof, TxSimulate, TxSubmit, TxSubmitBatch, WithdrawalList,
};
use crate::text::{Address, Text};
use crate::types::{
    AccountView, AgentView, AtTip, AuthoritiesView, BatchView, BlockEventView, BlockView,
    BlocksView, CandleView, CertificateView, ChainStatusView, ChannelView, ContractView, DepthView,
    EarningView, EpochsView, ExplanationView, FollowedAccountView, GenesisView, HappeningView,
    HistoryView, HoldView, HostView, IncludedView, MarketView, NodeStatusView, OrderDetailView,
    OrderQuoteView, OrderView, Page, PaymentView, PoolView, ProposalView, SimulationView,
    StandingView, StateProofView, SubmittedBatchView, SubmittedView, TradeView, TxProofView,
    TxView,
};

/// What a node answers. Any call may also end in [`Error::ShuttingDown`] or [`Error::Internal`].
pub trait Api: Snapshots + Send + Sync + 'static {
    /// Calls `heard` with the height of every block that is committed from here on, right after it is; `heard` takes
    /// no time.
    fn on_commit(&self, heard: Box<dyn Fn(u64) + Send + Sync>);

    /// The height of the tip.
    fn tip_height(&self) -> u64;

    /// A block without what it holds.
    ///
    /// # Errors
    /// [`Error::HeightUnavailable`].
    fn block_at(&self, height: u64) -> Result<BlockView, Error>;

    /// What happened to an account in a block.
    ///
    /// # Errors
    /// [`Error::HeightUnavailable`], [`Error::AddressInvalid`].
    fn account_at_height(
        &self,
        account: &Text<Address>,
        height: u64,
    ) -> Result<FollowedAccountView, Error>;

    /// The trades of a market in a block.
    ///
    /// # Errors
    /// [`Error::HeightUnavailable`], [`Error::MarketUnknown`].
    fn market_trades_at(&self, market: &str, height: u64) -> Result<Vec<TradeView>, Error>;

    /// The chain and what its members have agreed on: all that a wallet needs before it signs.
    ///
    /// # Errors
    /// None of its own.
    fn chain_status(&self) -> Result<AtTip<ChainStatusView>, Error>;

    /// A block, with what it holds and did unless that is too large for one answer.
    ///
    /// # Errors
    /// [`Error::HeightUnavailable`].
    fn chain_get_block(&self, question: &ChainGetBlock) -> Result<AtTip<BlockView>, Error>;

    /// Blocks in a row: at most 100, and no more than fit one answer.
    ///
    /// # Errors
    /// [`Error::HeightUnavailable`] when there is no first block.
    fn chain_get_blocks(&self, question: &ChainGetBlocks) -> Result<BlocksView, Error>;

    /// The transactions of a block and what they did.
    ///
    /// # Errors
    /// [`Error::HeightUnavailable`], [`Error::CursorInvalid`].
    fn chain_list_transactions(
        &self,
        question: &ChainListTransactions,
    ) -> Result<Page<IncludedView>, Error>;

    /// What a block did by itself: timers, then matching and paying out.
    ///
    /// # Errors
    /// [`Error::HeightUnavailable`], [`Error::CursorInvalid`].
    fn chain_list_events(&self, question: &ChainListEvents) -> Result<Page<BlockEventView>, Error>;

    /// What the chain began with.
    ///
    /// # Errors
    /// None of its own.
    fn chain_get_genesis(&self) -> Result<AtTip<GenesisView>, Error>;

    /// The last headers of epochs in a row: at most 100, and no more than fit one answer.
    ///
    /// # Errors
    /// [`Error::CertificateUnavailable`] when the node has no certificate for the first.
    fn chain_get_epochs(&self, question: &ChainGetEpochs) -> Result<EpochsView, Error>;

    /// The first certificate at or above a height, and at most 64 headers that link to it.
    ///
    /// # Errors
    /// [`Error::HeightUnavailable`], [`Error::CertificateUnavailable`].
    fn chain_get_certificate(
        &self,
        question: &ChainGetCertificate,
    ) -> Result<AtTip<CertificateView>, Error>;

    /// What the state of the tip holds under a key, with a proof.
    ///
    /// # Errors
    /// None of its own: that there is nothing is proved too.
    fn chain_get_proof(&self, question: &ChainGetProof) -> Result<AtTip<StateProofView>, Error>;

    /// Submits a signed transaction. Submitting the same bytes twice is harmless.
    ///
    /// # Errors
    /// [`Error::TransactionMalformed`], [`Error::SignatureInvalid`], [`Error::Rejected`],
    /// [`Error::MempoolFull`], [`Error::SenderFull`], [`Error::NonceTaken`].
    fn tx_submit(&self, question: &TxSubmit) -> Result<SubmittedView, Error>;

    /// Submits signed transactions, each as [`Self::tx_submit`] does. One result for each, in their order.
    ///
    /// # Errors
    /// None of its own: what is wrong with a transaction is its result.
    fn tx_submit_batch(&self, question: &TxSubmitBatch) -> Result<SubmittedBatchView, Error>;

    /// What a transaction would do in the block after the tip, of which nothing is kept. Signatures are not
    /// verified. Its nonce may be any from the account's to the first that nothing waits with; what waits
    /// with those before is not run.
    ///
    /// # Errors
    /// [`Error::TransactionMalformed`].
    fn tx_simulate(&self, question: &TxSimulate) -> Result<AtTip<SimulationView>, Error>;

    /// Where a transaction stands: pending, included, rejected, expired or unknown.
    ///
    /// # Errors
    /// None of its own: what the node knows nothing of is unknown.
    fn tx_get(&self, question: &TxGet) -> Result<AtTip<TxView>, Error>;

    /// A transaction in a block and what it did, with proofs.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is in no block.
    fn tx_get_proof(&self, question: &TxGetProof) -> Result<AtTip<TxProofView>, Error>;

    /// An account.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::NotFound`].
    fn account_get(&self, question: &AccountGet) -> Result<AtTip<AccountView>, Error>;

    /// The account that bears a name.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn account_get_by_name(&self, question: &AccountGetByName)
    -> Result<AtTip<AccountView>, Error>;

    /// What an account granted to keys besides its own.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::CursorInvalid`].
    fn agent_list(&self, question: &AgentList) -> Result<Page<AgentView>, Error>;

    /// An account with a proof, or the proof that there is none.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`].
    fn account_get_proof(&self, question: &AccountGetProof)
    -> Result<AtTip<StateProofView>, Error>;

    /// What became of an account within a range of blocks, and what it had after each step.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::NotFound`], [`Error::HistoryOff`], [`Error::CursorInvalid`].
    fn account_list_history(&self, question: &AccountListHistory) -> Result<HistoryView, Error>;

    /// A hold, also after its end.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn hold_get(&self, question: &HoldGet) -> Result<AtTip<HoldView>, Error>;

    /// The open holds that an account owns or may capture.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::CursorInvalid`].
    fn hold_list(&self, question: &HoldList) -> Result<Page<HoldView>, Error>;

    /// The withdrawals that wait for the cashier.
    ///
    /// # Errors
    /// [`Error::CursorInvalid`].
    fn withdrawal_list(&self, question: &WithdrawalList) -> Result<Page<HoldView>, Error>;

    /// What a hold, contract or channel has paid, for as long as it may be given back.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn payment_get(&self, question: &PaymentGet) -> Result<AtTip<PaymentView>, Error>;

    /// The markets of the network.
    ///
    /// # Errors
    /// None of its own.
    fn market_list(&self) -> Result<Page<MarketView>, Error>;

    /// A market.
    ///
    /// # Errors
    /// [`Error::MarketUnknown`].
    fn market_get(&self, question: &MarketGet) -> Result<AtTip<MarketView>, Error>;

    /// What stands in the book of a market, summed up by window and price.
    ///
    /// # Errors
    /// [`Error::MarketUnknown`].
    fn market_depth(&self, question: &MarketDepth) -> Result<DepthView, Error>;

    /// The open orders of a market.
    ///
    /// # Errors
    /// [`Error::MarketUnknown`], [`Error::CursorInvalid`].
    fn market_orders(&self, question: &MarketOrders) -> Result<Page<OrderView>, Error>;

    /// What was traded in a market.
    ///
    /// # Errors
    /// [`Error::MarketUnknown`], [`Error::IndexOff`], [`Error::CursorInvalid`].
    fn market_trades(&self, question: &MarketTrades) -> Result<Page<TradeView>, Error>;

    /// What a market traded in equal spans of time.
    ///
    /// # Errors
    /// [`Error::MarketUnknown`], [`Error::IndexOff`], [`Error::CursorInvalid`].
    fn market_candles(&self, question: &MarketCandles) -> Result<Page<CandleView>, Error>;

    /// What an account earned.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::IndexOff`], [`Error::CursorInvalid`].
    fn account_list_earnings(
        &self,
        question: &AccountListEarnings,
    ) -> Result<Page<EarningView>, Error>;

    /// What happened to an order.
    ///
    /// # Errors
    /// [`Error::IndexOff`], [`Error::NotFound`], [`Error::CursorInvalid`].
    fn order_list_history(&self, question: &OrderListHistory)
    -> Result<Page<HappeningView>, Error>;

    /// What happened to a contract.
    ///
    /// # Errors
    /// [`Error::IndexOff`], [`Error::NotFound`], [`Error::CursorInvalid`].
    fn contract_list_history(
        &self,
        question: &ContractListHistory,
    ) -> Result<Page<HappeningView>, Error>;

    /// What happened to a channel.
    ///
    /// # Errors
    /// [`Error::IndexOff`], [`Error::NotFound`], [`Error::CursorInvalid`].
    fn channel_list_history(
        &self,
        question: &ChannelListHistory,
    ) -> Result<Page<HappeningView>, Error>;

    /// A part of what shows a market's match in one of the last blocks.
    ///
    /// # Errors
    /// [`Error::MarketUnknown`], [`Error::CursorInvalid`], [`Error::HeightUnavailable`] for a block whose state
    /// the node does not keep, [`Error::MatchTooLarge`].
    fn market_get_batch(&self, question: &MarketGetBatch) -> Result<AtTip<BatchView>, Error>;

    /// An order, also after its end, and what an ask has sold.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn order_get(&self, question: &OrderGet) -> Result<AtTip<OrderDetailView>, Error>;

    /// The open orders of an account.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::CursorInvalid`].
    fn order_list(&self, question: &OrderList) -> Result<Page<OrderView>, Error>;

    /// The open bids of a market that a host can serve at some price. A page may be empty and yet have a
    /// `next_cursor`: one question looks at a bounded number of orders.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::MarketUnknown`], [`Error::CursorInvalid`].
    fn order_for_host(&self, question: &OrderForHost) -> Result<Page<OrderView>, Error>;

    /// A host, and what is said of it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn host_get(&self, question: &HostGet) -> Result<AtTip<HostView>, Error>;

    /// The hosts of an account, or all there are.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::CursorInvalid`].
    fn host_list(&self, question: &HostList) -> Result<Page<HostView>, Error>;

    /// What a host has to sell, market by market.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::CursorInvalid`].
    fn host_pools(&self, question: &HostPools) -> Result<Page<PoolView>, Error>;

    /// Why an order does not trade, as the book of the tip stands.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::BookTooLarge`].
    fn order_explain(&self, question: &OrderExplain) -> Result<AtTip<ExplanationView>, Error>;

    /// What an order would get in the block after the tip, and what it would cost.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::BookTooLarge`], and [`Error::Rejected`] for one that nobody
    /// could place.
    fn order_quote(&self, question: &OrderQuote) -> Result<AtTip<OrderQuoteView>, Error>;

    /// A standing order, also after its end.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn standing_get(&self, question: &StandingGet) -> Result<AtTip<StandingView>, Error>;

    /// The standing orders of an account that are not over.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::CursorInvalid`].
    fn standing_list(&self, question: &StandingList) -> Result<Page<StandingView>, Error>;

    /// A contract, also after its end.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn contract_get(&self, question: &ContractGet) -> Result<AtTip<ContractView>, Error>;

    /// The open contracts in which an account buys or sells.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::CursorInvalid`].
    fn contract_list(&self, question: &ContractList) -> Result<Page<ContractView>, Error>;

    /// A channel, also after its end.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn channel_get(&self, question: &ChannelGet) -> Result<AtTip<ChannelView>, Error>;

    /// The open channels in which an account pays or is paid.
    ///
    /// # Errors
    /// [`Error::AddressInvalid`], [`Error::CursorInvalid`].
    fn channel_list(&self, question: &ChannelList) -> Result<Page<ChannelView>, Error>;

    /// Who votes, and who will.
    ///
    /// # Errors
    /// None of its own.
    fn authority_list(&self) -> Result<AtTip<AuthoritiesView>, Error>;

    /// All that authorities have decided.
    ///
    /// # Errors
    /// [`Error::IndexOff`], [`Error::CursorInvalid`].
    fn authority_list_history(
        &self,
        question: &AuthorityListHistory,
    ) -> Result<Page<HappeningView>, Error>;

    /// The proposals of authorities that are not over.
    ///
    /// # Errors
    /// [`Error::CursorInvalid`].
    fn authority_proposals(
        &self,
        question: &AuthorityProposals,
    ) -> Result<Page<ProposalView>, Error>;

    /// A proposal, also after its end.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn proposal_get(&self, question: &ProposalGet) -> Result<AtTip<ProposalView>, Error>;

    /// The node that answers.
    ///
    /// # Errors
    /// None of its own.
    fn node_status(&self) -> Result<AtTip<NodeStatusView>, Error>;
}
