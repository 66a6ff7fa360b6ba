//! The network at a glance: all that a wallet needs before it signs.

use chain::address::Network;
use chain::amount::Amount;
use chain::hash::Hash;
use chain::params::{ContractTerms, Deposits, Fees};
use chain::token::Token;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text};

/// The chain and what its members have agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChainStatusView {
    /// The chain's identity: the hash of its genesis. Every signature is bound to it.
    pub chain: Text<Hash>,
    /// What people call it.
    pub name: String,
    /// Which kind of network it is.
    pub network: NetworkView,
    /// What its addresses begin with, before the digit 1.
    pub address_prefix: String,
    /// The version of the rules.
    pub protocol_version: u16,
    /// Its money.
    pub token: TokenView,
    /// All the money there is: what was minted less what was burned.
    pub supply: Text<Amount>,
    /// What was ever put on the ledger, genesis included.
    pub minted: Text<Amount>,
    /// What was withdrawn from it.
    pub burned: Text<Amount>,
    /// What transactions pay.
    pub fees: FeesView,
    /// What objects cost while they stand.
    pub deposits: DepositsView,
    /// The account that may deposit, and that pays withdrawals out.
    pub cashier: Text<Address>,
    /// The account that gets the members' share of the fees.
    pub treasury: Text<Address>,
    /// The epoch of the tip, counted from 0.
    pub epoch: u64,
    /// Blocks in an epoch.
    pub epoch_blocks: u64,
    /// How many authorities vote.
    pub authorities: u32,
    /// The shortest settle delay of a channel.
    pub settle_delay_min_ms: u64,
    /// The longest settle delay of a channel.
    pub settle_delay_max_ms: u64,
    /// How many blocks must pass, besides the settle delay, before a channel closes on its payer's word.
    pub settle_blocks: u64,
    /// The furthest a hold's end may lie ahead.
    pub hold_span_max_ms: u64,
    /// How long the cashier may take to answer a withdrawal.
    pub withdrawal_span_ms: u64,
    /// How long after the end of what paid it a payment may be given back.
    pub refund_span_ms: u64,
    /// How long the parties of a contract have for what, and what it costs to leave.
    pub contracts: ContractTermsView,
}

/// Which kind of network a chain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NetworkView {
    /// Real money.
    Main,
    /// A public trial network.
    Test,
    /// A developer's own chain.
    Dev,
}

impl From<Network> for NetworkView {
    fn from(network: Network) -> Self {
        match network {
            Network::Main => Self::Main,
            Network::Test => Self::Test,
            Network::Dev => Self::Dev,
        }
    }
}

impl From<NetworkView> for Network {
    fn from(network: NetworkView) -> Self {
        match network {
            NetworkView::Main => Self::Main,
            NetworkView::Test => Self::Test,
            NetworkView::Dev => Self::Dev,
        }
    }
}

/// The network's money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenView {
    /// Two to eight upper-case letters. The base unit is the same in lower case after a `u`.
    pub symbol: String,
    /// How many digits follow the point.
    pub decimals: u8,
}

impl From<&Token> for TokenView {
    fn from(token: &Token) -> Self {
        Self { symbol: token.symbol.clone(), decimals: token.decimals }
    }
}

impl From<&TokenView> for Token {
    fn from(token: &TokenView) -> Self {
        Self { symbol: token.symbol.clone(), decimals: token.decimals }
    }
}

/// What transactions pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeesView {
    /// For every transaction.
    pub base: Text<Amount>,
    /// For every byte of it, signed.
    pub per_byte: Text<Amount>,
    /// For every operation in it.
    pub per_operation: Text<Amount>,
    /// The proposer's part in basis points; the rest is the treasury's.
    pub proposer_bps: u16,
}

impl From<&Fees> for FeesView {
    fn from(fees: &Fees) -> Self {
        Self {
            base: fees.base.into(),
            per_byte: fees.per_byte.into(),
            per_operation: fees.per_operation.into(),
            proposer_bps: fees.proposer_bps,
        }
    }
}

impl From<&FeesView> for Fees {
    fn from(fees: &FeesView) -> Self {
        Self {
            base: fees.base.0,
            per_byte: fees.per_byte.0,
            per_operation: fees.per_operation.0,
            proposer_bps: fees.proposer_bps,
        }
    }
}

/// What an object's owner sets aside while it stands; returned when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositsView {
    /// For an account; paid by whoever opens it.
    pub account: Text<Amount>,
    /// For a hold opened by its owner, and for a withdrawal.
    pub hold: Text<Amount>,
    /// For an order.
    pub order: Text<Amount>,
    /// For a channel.
    pub channel: Text<Amount>,
    /// For the name of an account.
    pub name: Text<Amount>,
    /// For a set of keys in place of an account's own.
    pub keys: Text<Amount>,
    /// For what is granted to an agent.
    pub agent: Text<Amount>,
    /// For a host.
    pub host: Text<Amount>,
    /// For a pool of a host.
    pub pool: Text<Amount>,
    /// For a proposal.
    pub proposal: Text<Amount>,
}

impl From<&Deposits> for DepositsView {
    fn from(deposits: &Deposits) -> Self {
        Self {
            account: deposits.account.into(),
            hold: deposits.hold.into(),
            order: deposits.order.into(),
            channel: deposits.channel.into(),
            name: deposits.name.into(),
            keys: deposits.keys.into(),
            agent: deposits.agent.into(),
            host: deposits.host.into(),
            pool: deposits.pool.into(),
            proposal: deposits.proposal.into(),
        }
    }
}

/// How long the parties of a contract have for what, and what it costs to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractTermsView {
    /// For the buyer to stage: from the match on, and in any case until the window begins.
    pub stage_grace_ms: u64,
    /// For the seller to be ready: from the window's start, or from the staging if that comes later.
    pub ready_grace_ms: u64,
    /// For the seller to post a result: from the end of the slots on.
    pub result_grace_ms: u64,
    /// For the buyer to reject a result: from the posting on.
    pub sign_off_grace_ms: u64,
    /// For the parties to agree on what was rejected.
    pub dispute_span_ms: u64,
    /// What is held back of every slot's price until the contract closes, in basis points.
    pub holdback_bps: u16,
    /// What a buyer pays of the whole price who does not use what it booked, in basis points.
    pub booking_bps: u16,
    /// What the treasury gets of all that contracts pay, in basis points.
    pub commission_bps: u16,
    /// The most that may ever become.
    pub commission_bps_max: u16,
    /// What the broker of each side gets of the commission, in basis points of it.
    pub broker_bps: u16,
}

impl From<&ContractTerms> for ContractTermsView {
    fn from(terms: &ContractTerms) -> Self {
        Self {
            stage_grace_ms: terms.stage_grace.0,
            ready_grace_ms: terms.ready_grace.0,
            result_grace_ms: terms.result_grace.0,
            sign_off_grace_ms: terms.sign_off_grace.0,
            dispute_span_ms: terms.dispute_span.0,
            holdback_bps: terms.holdback_bps,
            booking_bps: terms.booking_bps,
            commission_bps: terms.commission_bps,
            commission_bps_max: terms.commission_bps_max,
            broker_bps: terms.broker_bps,
        }
    }
}
