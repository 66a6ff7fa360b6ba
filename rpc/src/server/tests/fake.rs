//! A node of fixed answers: each says enough about its question to show that it arrived whole.

mod growing;
mod objects;
mod past;
mod proofs;
mod samples;
mod snapshots;

use chain::account::{Account, AccountId, Signing};
use chain::address::Network;
use chain::agent::{Agent, Scope, Scopes};
use chain::amount::Amount;
use chain::attribute::{
    Attribute, AttributeKind, AttributeValue, Attributes, Evidence, Schema, SchemaEntry, Words,
};
use chain::block::{Block, Header};
use chain::captured::Captured;
use chain::channel::{BestVoucher, Channel, ChannelStatus};
use chain::contract::{Contract, ContractState, Delivery, Extent, Staged};
use chain::event::Event;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::hold::{Hold, Purpose};
use chain::host::{Host, Pool, PoolId};
use chain::id::ObjectId;
use chain::keys::{PublicKey, SecretKey};
use chain::market::{Grade, Market, MarketId};
use chain::memo::Memo;
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Order, Side, Sold, TimeInForce};
use chain::params::{ContractTerms, Deposits, Fees};
use chain::parties::Parties;
use chain::predicate::{Predicate, Predicates, Test};
use chain::quantity::{Price, Quantity};
use chain::receipt::{Outcome, Receipt, Receipts};
use chain::sealed::Sealed;
use chain::signers::Signers;
use chain::standing::{Day, Days, Standing, StandingState, StandingTerms, Weekdays};
use chain::time::{Millis, Time, Window};
use chain::token::Token;
use chain::transaction::{SignedTransaction, Transaction};
use chain::word::Word;

use super::history;
pub(crate) use growing::Fake;
use objects::{
    account, block, channel, contract, contract_terms, deposits, fees, hold, host, market, order,
    pool, standing,
};
pub(crate) use samples::samples;

use crate::api::Api;
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
use crate::translate::{AccountFacts, Translator};
use crate::types::{
    AccountView, AgentView, AtTip, AuthoritiesView, BatchView, BlockEventView, BlockView,
    BlocksView, CandleView, CertificateView, ChainStatusView, Change, ChannelView, ContractView,
    DepthView, EarningSourceView, EarningView, EpochsView, ExplanationView, FollowedAccountView,
    GenesisView, HappeningView, HistoryView, HoldView, HostView, IncludedView, IntervalView,
    LevelView, Limit, MarketView, NodeStatusView, ObjectStatus, OrderDetailView, OrderQuoteView,
    OrderView, OriginView, Page, PassedView, PaymentView, PoolView, ProposalView, QuotedFillView,
    RejectionView, SimulationView, StandingView, StateProofView, SubmittedBatchView, SubmittedView,
    TipView, TradeView, TxProofView, TxView, WhyNotView, WhyView,
};

/// What a question's parameters make the fake do.
pub(super) const MISSING: AccountId = AccountId([0; 20]);
pub(super) const PANICS: AccountId = AccountId([1; 20]);
pub(super) const WAITS: AccountId = AccountId([2; 20]);
pub(super) const ALICE: AccountId = AccountId([7; 20]);

/// What would clear a terminal, and stand in a log like a line of its own.
pub(super) const FORGED: &str = "\u{1b}[2J\r\n2026-01-01T00:00:00Z  INFO forged: all is well";

pub(super) fn translator() -> Translator {
    Translator::new(Network::Dev, |code| {
        let (name, message) = (format!("CODE_{code}"), format!("code {code}"));
        RejectionView { code, name, message }
    })
}

pub(super) fn address(account: AccountId) -> Text<Address> {
    translator().address(account)
}

fn id(byte: u8) -> ObjectId {
    ObjectId([byte; 32])
}

fn window() -> Window {
    Window { start: Time(3_600_000), end: Time(7_200_000) }
}

fn at_tip<T>(value: T) -> AtTip<T> {
    AtTip { tip: tip(), value }
}

pub(super) fn tip() -> TipView {
    translator().tip(&header(9))
}

fn header(height: u64) -> Header {
    Header {
        version: 1,
        chain: Hash([1; 32]),
        height: Height(height),
        epoch: 0,
        parent: Hash([2; 32]),
        time: Time(1_000 + height),
        proposer: chain::authority::AuthorityKey([3; 32]),
        transactions_root: Hash([4; 32]),
        receipts_root: Hash([5; 32]),
        state_root: Hash([6; 32]),
        next_authorities: None,
    }
}

pub(super) fn signed(nonce: u64) -> SignedTransaction {
    let key = SecretKey::from_bytes(&[1; 32]).unwrap();
    let memo = Memo::new("for \"lunch\"").unwrap();
    let transfer = Operation::Transfer { to: ALICE, amount: Amount::from_u64(5), memo };
    Transaction {
        chain: Hash([1; 32]),
        sender: AccountId::of_key(&key.public_key()),
        nonce: Nonce(nonce),
        valid_until: Height(100),
        fee_max: Amount::from_u64(1_000),
        operations: vec![transfer],
    }
    .sign(&key)
}

/// Three items, each with the cursor after it.
fn page<T: serde::Serialize>(
    cursor: Option<&str>,
    limit: Limit,
    item: impl Fn(u8) -> T,
) -> Result<Page<T>, Error> {
    let from: u8 = cursor.unwrap_or("0").parse().map_err(|_| Error::CursorInvalid)?;
    Ok(Page::fill(tip(), limit, (from..3).map(|at| ((at + 1).to_string(), item(at)))))
}

impl Api for Fake {
    fn on_commit(&self, heard: Box<dyn Fn(u64) + Send + Sync>) {
        self.hear(heard);
    }

    fn tip_height(&self) -> u64 {
        self.height()
    }

    fn block_at(&self, height: u64) -> Result<BlockView, Error> {
        self.block(height)
    }

    fn account_at_height(
        &self,
        account: &Text<Address>,
        height: u64,
    ) -> Result<FollowedAccountView, Error> {
        self.account(account, height)
    }

    fn market_trades_at(&self, market: &str, height: u64) -> Result<Vec<TradeView>, Error> {
        self.trades(market, height)
    }

    fn chain_status(&self) -> Result<AtTip<ChainStatusView>, Error> {
        Ok(at_tip(objects::chain_status()))
    }

    fn chain_get_block(&self, question: &ChainGetBlock) -> Result<AtTip<BlockView>, Error> {
        if question.height > 9 {
            return Err(Error::HeightUnavailable { first: 0, tip: 9 });
        }
        let (block, receipts) = block(question.height);
        Ok(at_tip(translator().block(&block, &receipts)))
    }

    fn chain_get_blocks(&self, question: &ChainGetBlocks) -> Result<BlocksView, Error> {
        let heights = (question.from..=9).take(question.count.items());
        let blocks = heights.map(|height| {
            let (block, receipts) = block(height);
            translator().block(&block, &receipts)
        });
        Ok(BlocksView::fill(tip(), blocks))
    }

    fn chain_list_transactions(
        &self,
        question: &ChainListTransactions,
    ) -> Result<Page<IncludedView>, Error> {
        let (block, receipts) = block(question.height);
        let (transaction, receipt) = (&block.transactions[0], &receipts.transactions[0]);
        page(question.cursor.as_deref(), question.limit, |at| {
            translator().included(at.into(), transaction, receipt)
        })
    }

    fn chain_list_events(&self, question: &ChainListEvents) -> Result<Page<BlockEventView>, Error> {
        let (_, receipts) = block(question.height);
        let events: Vec<_> = translator().block_events(&receipts).collect();
        page(question.cursor.as_deref(), question.limit, |_| events[0].clone())
    }

    fn chain_get_genesis(&self) -> Result<AtTip<GenesisView>, Error> {
        Ok(at_tip(proofs::genesis()))
    }

    fn chain_get_epochs(&self, question: &ChainGetEpochs) -> Result<EpochsView, Error> {
        Ok(proofs::epochs(question))
    }

    fn chain_get_certificate(
        &self,
        question: &ChainGetCertificate,
    ) -> Result<AtTip<CertificateView>, Error> {
        match question.height {
            9 => Err(Error::CertificateUnavailable { height: 9 }),
            height => Ok(at_tip(proofs::link(height))),
        }
    }

    fn chain_get_proof(&self, question: &ChainGetProof) -> Result<AtTip<StateProofView>, Error> {
        Ok(at_tip(proofs::state(question.key.0.0)))
    }

    fn tx_get_proof(&self, _: &TxGetProof) -> Result<AtTip<TxProofView>, Error> {
        Ok(at_tip(proofs::transaction()))
    }

    fn account_get_proof(
        &self,
        question: &AccountGetProof,
    ) -> Result<AtTip<StateProofView>, Error> {
        let account = translator().account(&question.account)?;
        Ok(at_tip(proofs::state(chain::state::Key::Account(account))))
    }

    fn tx_submit(&self, question: &TxSubmit) -> Result<SubmittedView, Error> {
        let signed = SignedTransaction::from_bytes(question.transaction.0.as_bytes());
        let transaction = signed.map_err(|_| Error::TransactionMalformed)?.transaction;
        if transaction.nonce == Nonce(0) {
            let (name, message) = ("NONCE_TOO_LOW".to_owned(), "used already".to_owned());
            return Err(Error::Rejected(RejectionView { code: 6, name, message }));
        }
        Ok(SubmittedView { id: transaction.id().into() })
    }

    fn tx_submit_batch(&self, question: &TxSubmitBatch) -> Result<SubmittedBatchView, Error> {
        let results = question.transactions.iter().map(|transaction| {
            self.tx_submit(&TxSubmit { transaction: transaction.clone() }).into()
        });
        Ok(SubmittedBatchView { results: results.collect() })
    }

    fn tx_simulate(&self, question: &TxSimulate) -> Result<AtTip<SimulationView>, Error> {
        let signed = SignedTransaction::from_bytes(question.transaction.0.as_bytes());
        let transaction = signed.map_err(|_| Error::TransactionMalformed)?.transaction;
        if transaction.nonce == Nonce(0) {
            let (name, message) = ("NONCE_TOO_LOW".to_owned(), "used already".to_owned());
            return Ok(at_tip(SimulationView::Rejected(RejectionView { code: 6, name, message })));
        }
        let (_, receipts) = block(5);
        let receipt = translator().receipt(&receipts.transactions[1]);
        Ok(at_tip(SimulationView::Included(receipt)))
    }

    fn tx_get(&self, question: &TxGet) -> Result<AtTip<TxView>, Error> {
        let (block, receipts) = block(5);
        let transaction = &block.transactions[1];
        let included = translator().included(1, transaction, &receipts.transactions[1]);
        let rejection = RejectionView { code: 1, name: "N".to_owned(), message: "m".to_owned() };
        Ok(at_tip(match question.id.0.0[0] {
            0 => TxView::Pending { transaction: translator().transaction(transaction) },
            1 => TxView::Included {
                height: 5,
                block_hash: block.header.digest().into(),
                time: 6,
                included,
            },
            2 => TxView::Rejected(rejection),
            3 => TxView::Expired,
            _ => TxView::Unknown { blocks_from: 0 },
        }))
    }

    fn account_get(&self, question: &AccountGet) -> Result<AtTip<AccountView>, Error> {
        let id = translator().account(&question.account)?;
        match id {
            MISSING => return Err(Error::NotFound { what: "account" }),
            PANICS => panic!("as asked{FORGED}"),
            WAITS => self.wait(),
            _ => {}
        }
        let (cash, held) = (Amount::MAX, Amount::from_u64(1));
        Ok(at_tip(account(id, cash, held)))
    }

    fn account_get_by_name(
        &self,
        question: &AccountGetByName,
    ) -> Result<AtTip<AccountView>, Error> {
        let view = account(ALICE, Amount::MAX, Amount::ZERO);
        Ok(at_tip(AccountView { name: Some(question.name), ..view }))
    }

    fn agent_list(&self, question: &AgentList) -> Result<Page<AgentView>, Error> {
        let account = translator().account(&question.account)?;
        page(question.cursor.as_deref(), question.limit, |at| {
            let (cap, spent) = (Amount::MAX, Amount::ZERO);
            let scopes = Scopes::new(Scope::ALL).unwrap();
            let (key, expires) = (PublicKey([at; 32]), Time(5));
            translator().agent(&Agent { account, key, scopes, cap, spent, expires, deposit: cap })
        })
    }

    fn account_list_history(&self, question: &AccountListHistory) -> Result<HistoryView, Error> {
        history::answer(question)
    }

    fn hold_get(&self, question: &HoldGet) -> Result<AtTip<HoldView>, Error> {
        Ok(at_tip(hold(question.hold.0.0[0])))
    }

    fn hold_list(&self, question: &HoldList) -> Result<Page<HoldView>, Error> {
        page(question.cursor.as_deref(), question.limit, hold)
    }

    fn withdrawal_list(&self, question: &WithdrawalList) -> Result<Page<HoldView>, Error> {
        page(question.cursor.as_deref(), question.limit, hold)
    }

    fn payment_get(&self, question: &PaymentGet) -> Result<AtTip<PaymentView>, Error> {
        let payment = objects::payment();
        Ok(at_tip(translator().payment(question.of.0, &payment, Some(payment.until))))
    }

    fn market_list(&self) -> Result<Page<MarketView>, Error> {
        page(None, Limit::default(), |at| translator().market(MarketId(at.into()), &market()))
    }

    fn market_get(&self, question: &MarketGet) -> Result<AtTip<MarketView>, Error> {
        if question.market != "cpu" {
            return Err(Error::MarketUnknown);
        }
        Ok(at_tip(translator().market(MarketId(0), &market())))
    }

    fn market_depth(&self, question: &MarketDepth) -> Result<DepthView, Error> {
        let window = question.window.unwrap_or_else(|| window().into());
        let bid = LevelView { window, price: Price(5).into(), quantity: 6, orders: 7 };
        Ok(DepthView { tip: tip(), bids: vec![bid], asks: vec![], truncated: false })
    }

    fn market_orders(&self, question: &MarketOrders) -> Result<Page<OrderView>, Error> {
        page(question.cursor.as_deref(), question.limit, |at| order(at).order)
    }

    fn market_trades(&self, question: &MarketTrades) -> Result<Page<TradeView>, Error> {
        past::trades(question)
    }

    fn market_candles(&self, question: &MarketCandles) -> Result<Page<CandleView>, Error> {
        past::candles(question)
    }

    fn account_list_earnings(
        &self,
        question: &AccountListEarnings,
    ) -> Result<Page<EarningView>, Error> {
        past::earnings(question)
    }

    fn order_list_history(
        &self,
        question: &OrderListHistory,
    ) -> Result<Page<HappeningView>, Error> {
        past::happenings(question.cursor.as_deref(), question.limit, OriginView::Timers)
    }

    fn contract_list_history(
        &self,
        question: &ContractListHistory,
    ) -> Result<Page<HappeningView>, Error> {
        past::happenings(question.cursor.as_deref(), question.limit, OriginView::Matching)
    }

    fn channel_list_history(
        &self,
        question: &ChannelListHistory,
    ) -> Result<Page<HappeningView>, Error> {
        let transaction = Hash([7; 32]).into();
        let origin = OriginView::Transaction { transaction };
        past::happenings(question.cursor.as_deref(), question.limit, origin)
    }

    fn market_get_batch(&self, question: &MarketGetBatch) -> Result<AtTip<BatchView>, Error> {
        proofs::batch(question).map(at_tip)
    }

    fn order_get(&self, question: &OrderGet) -> Result<AtTip<OrderDetailView>, Error> {
        Ok(at_tip(order(question.order.0.0[0])))
    }

    fn order_list(&self, question: &OrderList) -> Result<Page<OrderView>, Error> {
        page(question.cursor.as_deref(), question.limit, |at| order(at).order)
    }

    fn order_for_host(&self, question: &OrderForHost) -> Result<Page<OrderView>, Error> {
        page(question.cursor.as_deref(), question.limit, |at| order(at).order)
    }

    fn host_get(&self, question: &HostGet) -> Result<AtTip<HostView>, Error> {
        Ok(at_tip(host(question.host.0.0[0])))
    }

    fn host_list(&self, question: &HostList) -> Result<Page<HostView>, Error> {
        page(question.cursor.as_deref(), question.limit, host)
    }

    fn host_pools(&self, question: &HostPools) -> Result<Page<PoolView>, Error> {
        page(question.cursor.as_deref(), question.limit, pool)
    }

    fn order_explain(&self, question: &OrderExplain) -> Result<AtTip<ExplanationView>, Error> {
        past::explained(question)
    }

    fn order_quote(&self, question: &OrderQuote) -> Result<AtTip<OrderQuoteView>, Error> {
        past::quoted(question)
    }

    fn standing_get(&self, question: &StandingGet) -> Result<AtTip<StandingView>, Error> {
        Ok(at_tip(standing(question.standing.0.0[0])))
    }

    fn standing_list(&self, question: &StandingList) -> Result<Page<StandingView>, Error> {
        page(question.cursor.as_deref(), question.limit, standing)
    }

    fn contract_get(&self, question: &ContractGet) -> Result<AtTip<ContractView>, Error> {
        Ok(at_tip(contract(question.contract.0.0[0])))
    }

    fn contract_list(&self, question: &ContractList) -> Result<Page<ContractView>, Error> {
        page(question.cursor.as_deref(), question.limit, contract)
    }

    fn channel_get(&self, question: &ChannelGet) -> Result<AtTip<ChannelView>, Error> {
        Ok(at_tip(channel(question.channel.0.0[0])))
    }

    fn channel_list(&self, question: &ChannelList) -> Result<Page<ChannelView>, Error> {
        page(question.cursor.as_deref(), question.limit, channel)
    }

    fn authority_list(&self) -> Result<AtTip<AuthoritiesView>, Error> {
        Ok(at_tip(objects::authorities()))
    }

    fn authority_list_history(
        &self,
        question: &AuthorityListHistory,
    ) -> Result<Page<HappeningView>, Error> {
        past::happenings(question.cursor.as_deref(), question.limit, OriginView::Timers)
    }

    fn authority_proposals(
        &self,
        question: &AuthorityProposals,
    ) -> Result<Page<ProposalView>, Error> {
        page(question.cursor.as_deref(), question.limit, objects::proposal)
    }

    fn proposal_get(&self, question: &ProposalGet) -> Result<AtTip<ProposalView>, Error> {
        Ok(at_tip(objects::proposal(question.proposal.0.0[0])))
    }

    fn node_status(&self) -> Result<AtTip<NodeStatusView>, Error> {
        Ok(at_tip(objects::node_status()))
    }
}
