//! The params one by one, by the names that a genesis file gives them, so that a change says of each that
//! differs what it was and what it becomes, and of the others nothing.

use std::collections::BTreeMap;
use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::Amount;
use crate::encoding::bounded_list;
use crate::params::Params;
use crate::time::Millis;

/// A param that authorities can change while the network runs. The chain, the length of its epochs and the
/// most that its commission may be stay as the genesis said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum Param {
    /// What every transaction pays.
    FeeBase = 0,
    /// What each byte of it pays.
    FeePerByte = 1,
    /// What each operation in it pays.
    FeePerOperation = 2,
    /// The proposer's part of the fees.
    FeeProposerBps = 3,
    /// For opening an account.
    DepositAccount = 4,
    /// For a hold and a withdrawal.
    DepositHold = 5,
    /// For an order and a standing order.
    DepositOrder = 6,
    /// For a channel.
    DepositChannel = 7,
    /// For a name.
    DepositName = 8,
    /// For a set of keys.
    DepositKeys = 9,
    /// For a grant to an agent.
    DepositAgent = 10,
    /// For a host.
    DepositHost = 11,
    /// For a pool.
    DepositPool = 12,
    /// For a proposal.
    DepositProposal = 13,
    /// The shortest settle delay of a channel.
    SettleDelayMin = 14,
    /// The longest settle delay of a channel.
    SettleDelayMax = 15,
    /// Blocks that must pass besides before a channel closes on its payer's word.
    SettleBlocks = 16,
    /// How far ahead a hold may end.
    HoldSpanMax = 17,
    /// How long the cashier has for a withdrawal.
    WithdrawalSpan = 18,
    /// How long a payment may be given back.
    RefundSpan = 19,
    /// For a buyer to stage.
    StageGrace = 20,
    /// For a seller to be ready.
    ReadyGrace = 21,
    /// For a seller to post a result.
    ResultGrace = 22,
    /// For a buyer to sign off.
    SignOffGrace = 23,
    /// For both to agree on what was rejected.
    DisputeSpan = 24,
    /// What is held back of each slot's price.
    HoldbackBps = 25,
    /// What a buyer pays who does not come.
    BookingBps = 26,
    /// What the treasury gets of all that contracts pay.
    CommissionBps = 27,
    /// What a broker gets of that.
    BrokerBps = 28,
    /// How long a proposal can be approved.
    ProposalSpan = 29,
    /// How long it waits then before it takes effect.
    ProposalDelay = 30,
}

/// What a param's number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamUnit {
    /// Base units of money.
    Amount,
    /// Milliseconds.
    Millis,
    /// Hundredths of a hundredth.
    Bps,
    /// Blocks.
    Blocks,
}

/// Where a param's number stands.
enum Slot<'a> {
    Amount(&'a mut Amount),
    Millis(&'a mut Millis),
    Bps(&'a mut u16),
    Blocks(&'a mut u64),
}

impl Param {
    /// All of them, in rising order.
    pub const ALL: [Self; 31] = [
        Self::FeeBase,
        Self::FeePerByte,
        Self::FeePerOperation,
        Self::FeeProposerBps,
        Self::DepositAccount,
        Self::DepositHold,
        Self::DepositOrder,
        Self::DepositChannel,
        Self::DepositName,
        Self::DepositKeys,
        Self::DepositAgent,
        Self::DepositHost,
        Self::DepositPool,
        Self::DepositProposal,
        Self::SettleDelayMin,
        Self::SettleDelayMax,
        Self::SettleBlocks,
        Self::HoldSpanMax,
        Self::WithdrawalSpan,
        Self::RefundSpan,
        Self::StageGrace,
        Self::ReadyGrace,
        Self::ResultGrace,
        Self::SignOffGrace,
        Self::DisputeSpan,
        Self::HoldbackBps,
        Self::BookingBps,
        Self::CommissionBps,
        Self::BrokerBps,
        Self::ProposalSpan,
        Self::ProposalDelay,
    ];

    /// What a genesis file calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FeeBase => "fees.base",
            Self::FeePerByte => "fees.per_byte",
            Self::FeePerOperation => "fees.per_operation",
            Self::FeeProposerBps => "fees.proposer_bps",
            Self::DepositAccount => "deposits.account",
            Self::DepositHold => "deposits.hold",
            Self::DepositOrder => "deposits.order",
            Self::DepositChannel => "deposits.channel",
            Self::DepositName => "deposits.name",
            Self::DepositKeys => "deposits.keys",
            Self::DepositAgent => "deposits.agent",
            Self::DepositHost => "deposits.host",
            Self::DepositPool => "deposits.pool",
            Self::DepositProposal => "deposits.proposal",
            Self::SettleDelayMin => "channels.settle_delay_min",
            Self::SettleDelayMax => "channels.settle_delay_max",
            Self::SettleBlocks => "channels.settle_blocks",
            Self::HoldSpanMax => "holds.span_max",
            Self::WithdrawalSpan => "withdrawals.span",
            Self::RefundSpan => "refunds.span",
            Self::StageGrace => "contracts.stage_grace",
            Self::ReadyGrace => "contracts.ready_grace",
            Self::ResultGrace => "contracts.result_grace",
            Self::SignOffGrace => "contracts.sign_off_grace",
            Self::DisputeSpan => "contracts.dispute_span",
            Self::HoldbackBps => "contracts.holdback_bps",
            Self::BookingBps => "contracts.booking_bps",
            Self::CommissionBps => "contracts.commission_bps",
            Self::BrokerBps => "contracts.broker_bps",
            Self::ProposalSpan => "proposals.span",
            Self::ProposalDelay => "proposals.delay",
        }
    }

    /// The param that a genesis file calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|param| param.name() == name)
    }

    /// What its number counts.
    pub const fn unit(self) -> ParamUnit {
        match self {
            Self::FeeBase
            | Self::FeePerByte
            | Self::FeePerOperation
            | Self::DepositAccount
            | Self::DepositHold
            | Self::DepositOrder
            | Self::DepositChannel
            | Self::DepositName
            | Self::DepositKeys
            | Self::DepositAgent
            | Self::DepositHost
            | Self::DepositPool
            | Self::DepositProposal => ParamUnit::Amount,
            Self::SettleDelayMin
            | Self::SettleDelayMax
            | Self::HoldSpanMax
            | Self::WithdrawalSpan
            | Self::RefundSpan
            | Self::StageGrace
            | Self::ReadyGrace
            | Self::ResultGrace
            | Self::SignOffGrace
            | Self::DisputeSpan
            | Self::ProposalSpan
            | Self::ProposalDelay => ParamUnit::Millis,
            Self::FeeProposerBps
            | Self::HoldbackBps
            | Self::BookingBps
            | Self::CommissionBps
            | Self::BrokerBps => ParamUnit::Bps,
            Self::SettleBlocks => ParamUnit::Blocks,
        }
    }
}

impl Params {
    /// The number of `param`, in its unit.
    pub fn value(&self, param: Param) -> u128 {
        match self.clone().slot(param) {
            Slot::Amount(amount) => amount.base_units(),
            Slot::Millis(span) => span.0.into(),
            Slot::Bps(bps) => (*bps).into(),
            Slot::Blocks(blocks) => (*blocks).into(),
        }
    }

    /// Gives `param` another number, in its unit; `None` when it is larger than the param's type.
    #[must_use]
    pub fn set(&mut self, param: Param, value: u128) -> Option<()> {
        match self.slot(param) {
            Slot::Amount(amount) => *amount = Amount::new(value)?,
            Slot::Millis(span) => span.0 = u64::try_from(value).ok()?,
            Slot::Bps(bps) => *bps = u16::try_from(value).ok()?,
            Slot::Blocks(blocks) => *blocks = u64::try_from(value).ok()?,
        }
        Some(())
    }

    fn slot(&mut self, param: Param) -> Slot<'_> {
        let Self { fees, deposits, contracts, proposals, .. } = self;
        match param {
            Param::FeeBase => Slot::Amount(&mut fees.base),
            Param::FeePerByte => Slot::Amount(&mut fees.per_byte),
            Param::FeePerOperation => Slot::Amount(&mut fees.per_operation),
            Param::FeeProposerBps => Slot::Bps(&mut fees.proposer_bps),
            Param::DepositAccount => Slot::Amount(&mut deposits.account),
            Param::DepositHold => Slot::Amount(&mut deposits.hold),
            Param::DepositOrder => Slot::Amount(&mut deposits.order),
            Param::DepositChannel => Slot::Amount(&mut deposits.channel),
            Param::DepositName => Slot::Amount(&mut deposits.name),
            Param::DepositKeys => Slot::Amount(&mut deposits.keys),
            Param::DepositAgent => Slot::Amount(&mut deposits.agent),
            Param::DepositHost => Slot::Amount(&mut deposits.host),
            Param::DepositPool => Slot::Amount(&mut deposits.pool),
            Param::DepositProposal => Slot::Amount(&mut deposits.proposal),
            Param::SettleDelayMin => Slot::Millis(&mut self.settle_delay_min),
            Param::SettleDelayMax => Slot::Millis(&mut self.settle_delay_max),
            Param::SettleBlocks => Slot::Blocks(&mut self.settle_blocks),
            Param::HoldSpanMax => Slot::Millis(&mut self.hold_span_max),
            Param::WithdrawalSpan => Slot::Millis(&mut self.withdrawal_span),
            Param::RefundSpan => Slot::Millis(&mut self.refund_span),
            Param::StageGrace => Slot::Millis(&mut contracts.stage_grace),
            Param::ReadyGrace => Slot::Millis(&mut contracts.ready_grace),
            Param::ResultGrace => Slot::Millis(&mut contracts.result_grace),
            Param::SignOffGrace => Slot::Millis(&mut contracts.sign_off_grace),
            Param::DisputeSpan => Slot::Millis(&mut contracts.dispute_span),
            Param::HoldbackBps => Slot::Bps(&mut contracts.holdback_bps),
            Param::BookingBps => Slot::Bps(&mut contracts.booking_bps),
            Param::CommissionBps => Slot::Bps(&mut contracts.commission_bps),
            Param::BrokerBps => Slot::Bps(&mut contracts.broker_bps),
            Param::ProposalSpan => Slot::Millis(&mut proposals.span),
            Param::ProposalDelay => Slot::Millis(&mut proposals.delay),
        }
    }
}

/// What becomes of one param.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ParamChange {
    /// Which.
    pub param: Param,
    /// Its number before, in its unit. The change is none any more once the param has another.
    pub before: u128,
    /// Its number from then on.
    pub value: u128,
}

/// What becomes of some params: at least one, in rising order, none twice.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct ParamsChange(Vec<ParamChange>);

impl ParamsChange {
    /// These changes, in any order; `None` when there is none, or two of one param.
    pub fn new(changes: impl IntoIterator<Item = ParamChange>) -> Option<Self> {
        let changes: Vec<ParamChange> = changes.into_iter().collect();
        let sorted: BTreeMap<Param, ParamChange> =
            changes.iter().map(|change| (change.param, *change)).collect();
        let sound = !changes.is_empty() && sorted.len() == changes.len();
        sound.then(|| Self(sorted.into_values().collect()))
    }

    /// Each of them, in rising order of param.
    pub fn iter(&self) -> impl Iterator<Item = &ParamChange> {
        self.0.iter()
    }
}

impl BorshDeserialize for ParamsChange {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let changes: Vec<ParamChange> = bounded_list(reader, 1..=Param::ALL.len())?;
        let sorted = changes.is_sorted_by(|a, b| a.param < b.param);
        if sorted {
            Ok(Self(changes))
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "params out of order"))
        }
    }
}

#[cfg(test)]
mod tests;
