//! Timers: every deadline stands in one queue, and the runtime fires what is due.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::height::Height;
use crate::id::ObjectId;
use crate::time::Time;

/// A deadline. The order is the order of firing: by what is due, then kind, then object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Timer {
    /// When it fires.
    pub due: Due,
    /// What happens then.
    pub kind: TimerKind,
    /// To which object.
    pub object: ObjectId,
}

/// When a timer fires: judged by the parent block's time, or by the block's own height. All but the last fire
/// before the block's transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Due {
    /// Once the parent block's time has reached this.
    Time(Time),
    /// Once the block's height has reached this.
    Height(Height),
    /// Once the parent block's time has reached this, after the block's transactions and before its match.
    Match(Time),
}

/// What a timer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum TimerKind {
    /// Pays the slots of an active contract that have passed, or ends the duty that runs in another one.
    ContractDue = 0,
    /// Ends a hold.
    HoldExpire = 1,
    /// Ends an order.
    OrderExpire = 2,
    /// Ends a channel whose payer asked for it.
    ChannelClose = 3,
    /// Forgets a payment that can no longer be given back.
    RefundEnd = 4,
    /// Ends what was granted to an agent.
    AgentExpire = 5,
    /// Ends the orders of an account.
    CancelAll = 6,
    /// Forgets how much of a quote was accepted, as nobody can accept it any more.
    QuoteEnd = 7,
    /// Places an order of a standing one, or ends it.
    StandingDue = 8,
    /// Ends a proposal, or lets it take effect.
    ProposalDue = 9,
}

impl TimerKind {
    /// The kind that fires last among equals.
    pub const LAST: Self = Self::ProposalDue;
}
