//! What the network's members have agreed on: fees, deposits, who pays money in.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::hash::Hash;
use crate::height::Height;
use crate::limits::{
    BPS, BROKER_BPS_MAX, PARAM_AMOUNT_MAX, PARAM_SPAN_MAX_MS, PROPOSAL_SPAN_MAX_MS,
    SETTLE_BLOCKS_MAX,
};
use crate::param::{Param, ParamUnit};
use crate::time::Millis;

/// The parameters of a network.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Params {
    /// The chain's identity: the hash of its genesis.
    pub chain: Hash,
    /// The version of the rules.
    pub version: u16,
    /// The version that follows, and from where on, once authorities have agreed on it.
    pub upgrade: Option<Upgrade>,
    /// Blocks in an epoch.
    pub epoch_blocks: u64,
    /// The account that may deposit, and that pays withdrawals out.
    pub cashier: AccountId,
    /// The account that gets the members' share of the fees.
    pub treasury: AccountId,
    /// What transactions pay.
    pub fees: Fees,
    /// What objects cost while they stand.
    pub deposits: Deposits,
    /// The shortest settle delay of a channel.
    pub settle_delay_min: Millis,
    /// The longest settle delay of a channel.
    pub settle_delay_max: Millis,
    /// How many blocks must pass, besides the settle delay, before a channel closes on its payer's word.
    pub settle_blocks: u64,
    /// The furthest a hold's end may lie ahead.
    pub hold_span_max: Millis,
    /// How long the cashier may take to answer a withdrawal.
    pub withdrawal_span: Millis,
    /// How long after the end of what paid it a payment may be given back.
    pub refund_span: Millis,
    /// How long the parties of a contract have for what, and what it costs to leave.
    pub contracts: ContractTerms,
    /// How long authorities have to agree, and how long before what they agreed on takes effect.
    pub proposals: ProposalTerms,
}

/// Other rules, from a height on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Upgrade {
    /// Their version.
    pub version: u16,
    /// The first block that follows them: the first of an epoch.
    pub height: Height,
}

impl Params {
    /// The version of the rules that the block at `height` follows, as far as these params know.
    pub fn version_at(&self, height: Height) -> u16 {
        let begun = self.upgrade.filter(|upgrade| upgrade.height <= height);
        begun.map_or(self.version, |upgrade| upgrade.version)
    }

    /// True when `param` is within the bounds that proposals keep: no fee or deposit is so high, and no span so
    /// long, that nobody could propose to change it back.
    pub fn is_within(&self, param: Param) -> bool {
        let (least, most): (u128, u128) = match (param, param.unit()) {
            (_, ParamUnit::Amount) => (0, PARAM_AMOUNT_MAX),
            (Param::ProposalSpan | Param::ProposalDelay, _) => (1, PROPOSAL_SPAN_MAX_MS.into()),
            (Param::SettleDelayMin, _) => (0, self.settle_delay_max.0.into()),
            (Param::SettleDelayMax, _) => {
                (self.settle_delay_min.0.into(), PARAM_SPAN_MAX_MS.into())
            }
            (_, ParamUnit::Millis) => (1, PARAM_SPAN_MAX_MS.into()),
            (Param::CommissionBps, _) => (0, self.contracts.commission_bps_max.into()),
            // Two brokers get no more than there is.
            (Param::BrokerBps, _) => (0, BROKER_BPS_MAX.into()),
            (_, ParamUnit::Bps) => (0, BPS.into()),
            (_, ParamUnit::Blocks) => (0, SETTLE_BLOCKS_MAX.into()),
        };
        (least..=most).contains(&self.value(param))
    }
}

/// How long authorities have to agree, and how long before what they agreed on takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProposalTerms {
    /// How long after a proposal it can be approved.
    pub span: Millis,
    /// How long after the last approval that it needs it takes effect; above zero.
    pub delay: Millis,
}

/// How long the parties of a contract have for what, and what it costs to leave. Each clock starts when the
/// duty does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ContractTerms {
    /// For the buyer to stage: from the match on, and in any case until the window begins.
    pub stage_grace: Millis,
    /// For the seller to be ready: from the window's start, or from the staging if that comes later.
    pub ready_grace: Millis,
    /// For the seller to post a result: from the end of the slots on.
    pub result_grace: Millis,
    /// For the buyer to reject a result: from the posting on.
    pub sign_off_grace: Millis,
    /// For the parties to agree on what was rejected.
    pub dispute_span: Millis,
    /// What is held back of every slot's price until the contract closes, in basis points.
    pub holdback_bps: u16,
    /// What a buyer pays of the whole price who does not use what it booked, in basis points.
    pub booking_bps: u16,
    /// What the treasury gets of all that contracts pay, in basis points.
    pub commission_bps: u16,
    /// The most that may ever become.
    pub commission_bps_max: u16,
    /// What the broker of each side gets of the commission, in basis points of it: half of it at most.
    pub broker_bps: u16,
}

/// What transactions pay, in base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Fees {
    /// For every transaction.
    pub base: Amount,
    /// For every byte of it, signed.
    pub per_byte: Amount,
    /// For every operation in it.
    pub per_operation: Amount,
    /// The proposer's part of the fees in basis points; the rest is the treasury's.
    pub proposer_bps: u16,
}

impl Fees {
    /// What a transaction of so many bytes and operations pays; `None` above the largest amount.
    pub fn of(&self, bytes: usize, operations: usize) -> Option<Amount> {
        let bytes = self.per_byte.checked_mul(u64::try_from(bytes).ok()?)?;
        let operations = self.per_operation.checked_mul(u64::try_from(operations).ok()?)?;
        self.base.checked_add(bytes)?.checked_add(operations)
    }
}

/// What an object's owner sets aside while it stands, in base units; returned when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Deposits {
    /// For an account; paid by whoever opens it.
    pub account: Amount,
    /// For a hold opened by its owner, and for a withdrawal.
    pub hold: Amount,
    /// For an order.
    pub order: Amount,
    /// For a channel.
    pub channel: Amount,
    /// For the name of an account.
    pub name: Amount,
    /// For a set of keys in place of an account's own.
    pub keys: Amount,
    /// For what is granted to an agent.
    pub agent: Amount,
    /// For a host.
    pub host: Amount,
    /// For a pool of a host.
    pub pool: Amount,
    /// For a proposal.
    pub proposal: Amount,
}
