//! What the node answers clients: reads of the tip, and the way in for transactions.
//!
//! An answer is about one block. What is read of the state, the mempool and the database belongs to the
//! tip that the answer names, because nothing is committed while it is put together.

mod batch;
mod blocks;
mod book;
mod earnings;
mod explain;
mod follow;
mod history;
mod hosts;
mod lists;
mod past;
mod proofs;
mod proposals;
mod simulate;
mod snapshots;
mod status;
mod submit;

use std::fmt::Display;
use std::sync::{Arc, Mutex, RwLockReadGuard};

use chain::account::AccountId;
use chain::authority::AuthorityKey;
use chain::charter::Charter;
use genesis::Genesis;
use rpc::api::Api;
use rpc::error::Error;
use rpc::methods::{
    AccountGet, AccountGetByName, AccountGetProof, AccountListEarnings, AccountListHistory,
    AgentList, AuthorityListHistory, AuthorityProposals, ChainGetBlock, ChainGetBlocks,
    ChainGetCertificate, ChainGetEpochs, ChainGetProof, ChainListEvents, ChainListTransactions,
    ChannelGet, ChannelList, ChannelListHistory, ContractGet, ContractList, ContractListHistory,
    HoldGet, HoldList, HostGet, HostList, HostPools, MarketCandles, MarketDepth, MarketGet,
    MarketGetBatch, MarketOrders, MarketTrades, OrderExplain, OrderForHost, OrderGet, OrderList,
    OrderListHistory, OrderQuote, PaymentGet, ProposalGet, StandingGet, StandingList, TxGet,
    TxGetProof, TxSimulate, TxSubmit, TxSubmitBatch, WithdrawalList,
};
use rpc::text::{Address, Text};
use rpc::translate::{AccountFacts, Translator};
use rpc::types::{
    AccountView, AgentView, AtTip, AuthoritiesView, BatchView, BlockEventView, BlockView,
    BlocksView, CandleView, CertificateView, ChainStatusView, ChannelView, ContractView, DepthView,
    EarningView, EpochsView, ExplanationView, FollowedAccountView, GenesisView, HappeningView,
    HistoryView, HoldView, HostView, IncludedView, MarketView, NodeStatusView, OrderDetailView,
    OrderQuoteView, OrderView, Page, PaymentView, PoolView, ProposalView, RejectionView,
    SimulationView, StandingView, StateProofView, SubmittedBatchView, SubmittedView, TradeView,
    TxProofView, TxView,
};
use runtime::rejection::Rejection;

use crate::application::{SharedMempool, lock};
use crate::disk::Guard;
use crate::gossip::Gossip;
use crate::ledger::{Committed, Ledger};
use crate::snapshot::Shelf;
use crate::store::StoreError;

/// The node as its clients see it.
#[derive(Debug)]
pub struct NodeApi {
    translate: Translator,
    charter: Charter,
    key: AuthorityKey,
    gossip: Arc<Gossip>,
    disk: Arc<Guard>,
    ledger: Arc<Ledger>,
    mempool: SharedMempool,
    /// The snapshots that it serves, if any.
    shelf: Option<Arc<Shelf>>,
    /// Held while a book is matched for a question.
    dry_matches: Mutex<()>,
    /// The match that was shown last. Held while one is put together.
    shown_match: Mutex<Option<batch::Kept>>,
}

impl NodeApi {
    /// Answers from the ledger and the mempool that `gossip` leads to, and lets in what clients submit. `key`
    /// is the node's.
    pub fn new(
        genesis: &Genesis,
        key: AuthorityKey,
        gossip: Arc<Gossip>,
        disk: Arc<Guard>,
    ) -> Self {
        let door = gossip.door();
        let (ledger, mempool) = (Arc::clone(door.ledger()), Arc::clone(door.mempool()));
        Self {
            translate: Translator::new(genesis.network, rejection_of_code),
            charter: genesis.charter.clone(),
            key,
            gossip,
            disk,
            ledger,
            mempool,
            shelf: None,
            dry_matches: Mutex::default(),
            shown_match: Mutex::default(),
        }
    }

    /// Serves the snapshots on `shelf` from here on.
    #[must_use]
    pub fn serving(self, shelf: Arc<Shelf>) -> Self {
        Self { shelf: Some(shelf), ..self }
    }

    fn read(&self) -> RwLockReadGuard<'_, Committed> {
        self.ledger.read()
    }

    fn account_at(
        &self,
        committed: &Committed,
        id: AccountId,
    ) -> Result<AtTip<AccountView>, Error> {
        let view = committed.view();
        let account = view.account(&id).ok_or(Error::NotFound { what: "account" })?;
        let next = lock(&self.mempool).next_nonce(&id, account.nonce);
        let (name, signers) = (view.name_of(&id), view.signers(&id));
        let facts = AccountFacts { id, account, next, name, signers };
        Ok(self.at(committed, self.translate.account_view(&facts)))
    }

    fn at<T>(&self, committed: &Committed, value: T) -> AtTip<T> {
        AtTip { tip: self.translate.tip(&committed.header), value }
    }
}

/// How clients are told of a rejection.
fn rejection_view(rejection: Rejection) -> RejectionView {
    let (code, name) = (rejection.code(), rejection.name().to_owned());
    RejectionView { code, name, message: rejection.to_string() }
}

pub(crate) fn rejection_of_code(code: u16) -> RejectionView {
    Rejection::from_code(code).map_or_else(
        || RejectionView {
            code,
            name: "UNKNOWN".to_owned(),
            message: "a code of another version".to_owned(),
        },
        rejection_view,
    )
}

/// The node is at fault: the log says how, the client only that.
#[expect(clippy::needless_pass_by_value, reason = "takes errors as `map_err` gives them")]
fn internal(error: StoreError) -> Error {
    fault(&error)
}

fn fault(error: &dyn Display) -> Error {
    tracing::error!(%error, "cannot answer a client");
    Error::Internal
}

impl Api for NodeApi {
    fn on_commit(&self, heard: Box<dyn Fn(u64) + Send + Sync>) {
        self.ledger.on_commit(heard);
    }

    fn tip_height(&self) -> u64 {
        self.read().header.height.0
    }

    fn block_at(&self, height: u64) -> Result<BlockView, Error> {
        follow::block(self, height)
    }

    fn account_at_height(
        &self,
        account: &Text<Address>,
        height: u64,
    ) -> Result<FollowedAccountView, Error> {
        follow::account(self, account, height)
    }

    fn market_trades_at(&self, market: &str, height: u64) -> Result<Vec<TradeView>, Error> {
        follow::trades(self, market, height)
    }

    fn chain_status(&self) -> Result<AtTip<ChainStatusView>, Error> {
        let committed = self.read();
        let (view, params) = (committed.view(), committed.view().params());
        let status = ChainStatusView {
            chain: params.chain.into(),
            name: self.charter.name.clone(),
            network: self.charter.network.into(),
            address_prefix: self.charter.network.prefix().to_owned(),
            protocol_version: committed.header.version,
            token: (&self.charter.token).into(),
            supply: view.supply().cash().into(),
            minted: view.supply().minted.into(),
            burned: view.supply().burned.into(),
            fees: (&params.fees).into(),
            deposits: (&params.deposits).into(),
            cashier: self.translate.address(params.cashier),
            treasury: self.translate.address(params.treasury),
            epoch: committed.header.epoch,
            epoch_blocks: params.epoch_blocks,
            authorities: u32::try_from(view.authorities().voting.len()).unwrap_or(u32::MAX),
            settle_delay_min_ms: params.settle_delay_min.0,
            settle_delay_max_ms: params.settle_delay_max.0,
            settle_blocks: params.settle_blocks,
            hold_span_max_ms: params.hold_span_max.0,
            withdrawal_span_ms: params.withdrawal_span.0,
            refund_span_ms: params.refund_span.0,
            contracts: (&params.contracts).into(),
        };
        Ok(self.at(&committed, status))
    }

    fn chain_get_block(&self, question: &ChainGetBlock) -> Result<AtTip<BlockView>, Error> {
        blocks::block(self, question)
    }

    fn chain_get_blocks(&self, question: &ChainGetBlocks) -> Result<BlocksView, Error> {
        blocks::blocks(self, question)
    }

    fn chain_list_transactions(
        &self,
        question: &ChainListTransactions,
    ) -> Result<Page<IncludedView>, Error> {
        blocks::transactions(self, question)
    }

    fn chain_list_events(&self, question: &ChainListEvents) -> Result<Page<BlockEventView>, Error> {
        blocks::events(self, question)
    }

    fn chain_get_genesis(&self) -> Result<AtTip<GenesisView>, Error> {
        Ok(proofs::genesis(self))
    }

    fn chain_get_epochs(&self, question: &ChainGetEpochs) -> Result<EpochsView, Error> {
        proofs::epochs(self, question)
    }

    fn chain_get_certificate(
        &self,
        question: &ChainGetCertificate,
    ) -> Result<AtTip<CertificateView>, Error> {
        proofs::certificate(self, question)
    }

    fn chain_get_proof(&self, question: &ChainGetProof) -> Result<AtTip<StateProofView>, Error> {
        Ok(proofs::state(self, question))
    }

    fn tx_get_proof(&self, question: &TxGetProof) -> Result<AtTip<TxProofView>, Error> {
        proofs::transaction(self, question)
    }

    fn account_get_proof(
        &self,
        question: &AccountGetProof,
    ) -> Result<AtTip<StateProofView>, Error> {
        proofs::account(self, question)
    }

    fn tx_submit(&self, question: &TxSubmit) -> Result<SubmittedView, Error> {
        submit::submit(self, question)
    }

    fn tx_submit_batch(&self, question: &TxSubmitBatch) -> Result<SubmittedBatchView, Error> {
        submit::submit_batch(self, question)
    }

    fn tx_simulate(&self, question: &TxSimulate) -> Result<AtTip<SimulationView>, Error> {
        simulate::simulate(self, question)
    }

    fn tx_get(&self, question: &TxGet) -> Result<AtTip<TxView>, Error> {
        submit::find(self, question)
    }

    fn account_get(&self, question: &AccountGet) -> Result<AtTip<AccountView>, Error> {
        let id = self.translate.account(&question.account)?;
        self.account_at(&self.read(), id)
    }

    fn account_get_by_name(
        &self,
        question: &AccountGetByName,
    ) -> Result<AtTip<AccountView>, Error> {
        let committed = self.read();
        let id = committed.view().named(&question.name.0);
        self.account_at(&committed, id.ok_or(Error::NotFound { what: "name" })?)
    }

    fn agent_list(&self, question: &AgentList) -> Result<Page<AgentView>, Error> {
        lists::agents(self, question)
    }

    fn account_list_history(&self, question: &AccountListHistory) -> Result<HistoryView, Error> {
        history::history(self, question)
    }

    fn hold_get(&self, question: &HoldGet) -> Result<AtTip<HoldView>, Error> {
        lists::hold(self, question)
    }

    fn hold_list(&self, question: &HoldList) -> Result<Page<HoldView>, Error> {
        lists::holds(self, question)
    }

    fn withdrawal_list(&self, question: &WithdrawalList) -> Result<Page<HoldView>, Error> {
        lists::withdrawals(self, question)
    }

    fn payment_get(&self, question: &PaymentGet) -> Result<AtTip<PaymentView>, Error> {
        lists::payment(self, question)
    }

    fn market_list(&self) -> Result<Page<MarketView>, Error> {
        Ok(book::markets(self))
    }

    fn market_get(&self, question: &MarketGet) -> Result<AtTip<MarketView>, Error> {
        book::market(self, question)
    }

    fn market_depth(&self, question: &MarketDepth) -> Result<DepthView, Error> {
        book::depth(self, question)
    }

    fn market_orders(&self, question: &MarketOrders) -> Result<Page<OrderView>, Error> {
        book::orders(self, question)
    }

    fn market_trades(&self, question: &MarketTrades) -> Result<Page<TradeView>, Error> {
        past::trades(self, question)
    }

    fn market_candles(&self, question: &MarketCandles) -> Result<Page<CandleView>, Error> {
        past::candles(self, question)
    }

    fn account_list_earnings(
        &self,
        question: &AccountListEarnings,
    ) -> Result<Page<EarningView>, Error> {
        earnings::earnings(self, question)
    }

    fn order_list_history(
        &self,
        question: &OrderListHistory,
    ) -> Result<Page<HappeningView>, Error> {
        past::of_order(self, question)
    }

    fn contract_list_history(
        &self,
        question: &ContractListHistory,
    ) -> Result<Page<HappeningView>, Error> {
        past::of_contract(self, question)
    }

    fn channel_list_history(
        &self,
        question: &ChannelListHistory,
    ) -> Result<Page<HappeningView>, Error> {
        past::of_channel(self, question)
    }

    fn market_get_batch(&self, question: &MarketGetBatch) -> Result<AtTip<BatchView>, Error> {
        batch::batch(self, question)
    }

    fn order_get(&self, question: &OrderGet) -> Result<AtTip<OrderDetailView>, Error> {
        lists::order(self, question)
    }

    fn order_list(&self, question: &OrderList) -> Result<Page<OrderView>, Error> {
        lists::orders(self, question)
    }

    fn order_for_host(&self, question: &OrderForHost) -> Result<Page<OrderView>, Error> {
        hosts::bids(self, question)
    }

    fn host_get(&self, question: &HostGet) -> Result<AtTip<HostView>, Error> {
        hosts::host(self, question)
    }

    fn host_list(&self, question: &HostList) -> Result<Page<HostView>, Error> {
        hosts::list(self, question)
    }

    fn host_pools(&self, question: &HostPools) -> Result<Page<PoolView>, Error> {
        hosts::pools(self, question)
    }

    fn order_explain(&self, question: &OrderExplain) -> Result<AtTip<ExplanationView>, Error> {
        explain::explain(self, question)
    }

    fn order_quote(&self, question: &OrderQuote) -> Result<AtTip<OrderQuoteView>, Error> {
        explain::quote(self, question)
    }

    fn standing_get(&self, question: &StandingGet) -> Result<AtTip<StandingView>, Error> {
        lists::standing_order(self, question)
    }

    fn standing_list(&self, question: &StandingList) -> Result<Page<StandingView>, Error> {
        lists::standing_orders(self, question)
    }

    fn contract_get(&self, question: &ContractGet) -> Result<AtTip<ContractView>, Error> {
        lists::contract(self, question)
    }

    fn contract_list(&self, question: &ContractList) -> Result<Page<ContractView>, Error> {
        lists::contracts(self, question)
    }

    fn channel_get(&self, question: &ChannelGet) -> Result<AtTip<ChannelView>, Error> {
        lists::channel(self, question)
    }

    fn channel_list(&self, question: &ChannelList) -> Result<Page<ChannelView>, Error> {
        lists::channels(self, question)
    }

    fn authority_list(&self) -> Result<AtTip<AuthoritiesView>, Error> {
        Ok(proposals::authorities(self))
    }

    fn authority_list_history(
        &self,
        question: &AuthorityListHistory,
    ) -> Result<Page<HappeningView>, Error> {
        past::of_authorities(self, question)
    }

    fn authority_proposals(
        &self,
        question: &AuthorityProposals,
    ) -> Result<Page<ProposalView>, Error> {
        proposals::list(self, question)
    }

    fn proposal_get(&self, question: &ProposalGet) -> Result<AtTip<ProposalView>, Error> {
        proposals::proposal(self, question)
    }

    fn node_status(&self) -> Result<AtTip<NodeStatusView>, Error> {
        Ok(status::status(self))
    }
}

#[cfg(test)]
mod tests;
