//! Proposals: what authorities agree to change, who has approved it, and when it takes effect.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::encoding::bounded_list;
use crate::id::ObjectId;
use crate::limits::AUTHORITIES_MAX;
use crate::market::{Market, MarketId, MarketStatus, MarketTerms};
use crate::time::Time;

/// A change that takes effect once enough authorities have approved it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Change {
    /// What is traded, and how.
    Market(MarketChange),
}

/// A change of what is traded, and how.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum MarketChange {
    /// There is another market; its number is the first that no other has.
    Add(Box<Market>),
    /// A market has other terms from then on.
    Set {
        /// The market.
        market: MarketId,
        /// All of its terms, those that stay among them.
        terms: MarketTerms,
    },
}

/// A proposal that is not decided or not carried out.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// Who made it.
    pub proposer: AccountId,
    /// What is to change.
    pub change: Change,
    /// Which accounts of authorities have approved it, the proposer's among them: in rising order, none twice.
    #[borsh(deserialize_with = "approvals")]
    pub approvals: Vec<AccountId>,
    /// How far it has come.
    pub stage: ProposalStage,
    /// What its owner set aside for it, returned when it ends; in base units.
    pub deposit: Amount,
}

/// How far a proposal has come. It has one deadline at most, whatever the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ProposalStage {
    /// Too few have approved it.
    Open {
        /// When it ends without effect.
        until: Time,
    },
    /// Enough have approved it.
    Approved {
        /// When it takes effect.
        enacts: Time,
    },
    /// It has taken effect and closed a market whose orders have not all ended; some do in every block.
    Closing,
    /// It is over and no part of the state.
    Ended(ProposalEnded),
}

/// How a proposal came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum ProposalEnded {
    /// It took effect.
    Enacted = 0,
    /// Too few approved it in time.
    Expired = 1,
    /// When it was to take effect it was no change that could be made, or those who had approved it were
    /// not enough any more.
    Dropped = 2,
}

/// A step of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ProposalEvent {
    /// An authority proposed a change.
    Proposed {
        /// The proposal.
        proposal: ObjectId,
        /// Who made it.
        proposer: AccountId,
        /// When it ends unless enough approve it.
        until: Time,
    },
    /// An authority approved a proposal.
    Approved {
        /// The proposal.
        proposal: ObjectId,
        /// Whose account did.
        by: AccountId,
        /// When it takes effect, if this was the last approval that it needs.
        enacts: Option<Time>,
    },
    /// A proposal is over.
    Closed {
        /// The proposal.
        proposal: ObjectId,
        /// Who made it.
        proposer: AccountId,
        /// How it ended.
        reason: ProposalEnded,
    },
    /// There is another market, or one has other terms.
    MarketSet {
        /// The proposal that says so.
        proposal: ObjectId,
        /// The market.
        market: MarketId,
        /// Whether orders can be placed in it.
        status: MarketStatus,
    },
}

fn approvals<R: io::Read>(reader: &mut R) -> io::Result<Vec<AccountId>> {
    bounded_list(reader, 1..=AUTHORITIES_MAX)
}
