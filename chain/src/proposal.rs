//! Proposals: what authorities agree to change, who has approved it, and when it takes effect.

use core::net::SocketAddr;
use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::authority::{Authority, AuthoritySignature};
use crate::encoding::{bounded_list, encode};
use crate::hash::{Domain, Hash};
use crate::id::ObjectId;
use crate::limits::AUTHORITIES_MAX;
use crate::market::{Market, MarketId, MarketStatus, MarketTerms};
use crate::param::{ParamChange, ParamsChange};
use crate::params::Upgrade;
use crate::time::Time;

/// A change that takes effect once enough authorities have approved it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Change {
    /// What is traded, and how.
    Market(MarketChange),
    /// What things cost and how long they may take.
    Params(ParamsChange),
    /// Who votes from the next epoch on.
    Authorities(AuthoritiesChange),
    /// Who holds an office.
    Appoint {
        /// The office.
        office: Office,
        /// Who holds it from then on.
        account: AccountId,
    },
    /// An account keeps what it has, and only ends what it has begun.
    Freeze(AccountId),
    /// A frozen account may do again what accounts may.
    Unfreeze(AccountId),
    /// Other rules from a height on, in place of those that were to follow; none calls these off.
    Upgrade(Option<Upgrade>),
}

impl Change {
    /// What is approved: no other change has this digest.
    pub fn digest(&self) -> Hash {
        Hash::of(Domain::Change, &[&encode(self)])
    }
}

/// An office that one account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum Office {
    /// Deposits, and pays withdrawals out.
    Cashier = 0,
    /// Gets the members' share of the fees, and the commission.
    Treasury = 1,
}

/// Who is to join the authorities and who is to leave: somebody does. A removal takes effect before what is
/// added.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct AuthoritiesChange {
    add: Vec<Admission>,
    remove: Vec<AccountId>,
}

/// An authority that is to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Admission {
    /// Its key and its account.
    pub authority: Authority,
    /// Where its node is reached, if it says so.
    pub address: Option<SocketAddr>,
    /// The key's signature on [`AuthorityKey::claim`](crate::authority::AuthorityKey::claim).
    pub proof: AuthoritySignature,
}

impl AuthoritiesChange {
    /// These, in any order; `None` when there is none, more than [`AUTHORITIES_MAX`] of either, or a key or
    /// an account twice.
    pub fn new(mut add: Vec<Admission>, mut remove: Vec<AccountId>) -> Option<Self> {
        add.sort_by_key(|admission| admission.authority.key);
        remove.sort_unstable();
        Self::of_sorted(add, remove)
    }

    /// Who joins, in rising order of key.
    pub fn add(&self) -> &[Admission] {
        &self.add
    }

    /// Whose authorities leave, in rising order: all that vote for the account.
    pub fn remove(&self) -> &[AccountId] {
        &self.remove
    }

    fn of_sorted(add: Vec<Admission>, remove: Vec<AccountId>) -> Option<Self> {
        let rising = add.is_sorted_by(|a, b| a.authority.key < b.authority.key)
            && remove.is_sorted_by(|a, b| a < b);
        let some = !add.is_empty() || !remove.is_empty();
        let few = add.len() <= AUTHORITIES_MAX && remove.len() <= AUTHORITIES_MAX;
        (rising && some && few).then_some(Self { add, remove })
    }
}

impl BorshDeserialize for AuthoritiesChange {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let add = bounded_list(reader, 0..=AUTHORITIES_MAX)?;
        let remove = bounded_list(reader, 0..=AUTHORITIES_MAX)?;
        let change = Self::of_sorted(add, remove);
        change.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no change of authorities"))
    }
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
    /// A param has another number, from the next block on.
    ParamSet {
        /// The proposal that says so.
        proposal: ObjectId,
        /// Which, and what it was and is.
        change: ParamChange,
    },
    /// Somebody else holds an office, from the next block on.
    Appointed {
        /// The proposal that says so.
        proposal: ObjectId,
        /// The office.
        office: Office,
        /// Who held it.
        before: AccountId,
        /// Who holds it.
        account: AccountId,
    },
    /// An account is frozen.
    Frozen {
        /// The proposal that says so.
        proposal: ObjectId,
        /// The account.
        account: AccountId,
    },
    /// An account is not frozen any more.
    Unfrozen {
        /// The proposal that says so.
        proposal: ObjectId,
        /// The account.
        account: AccountId,
    },
    /// Other rules follow from a height on, or none do.
    UpgradeSet {
        /// The proposal that says so.
        proposal: ObjectId,
        /// Which, and from where on.
        upgrade: Option<Upgrade>,
    },
}

fn approvals<R: io::Read>(reader: &mut R) -> io::Result<Vec<AccountId>> {
    bounded_list(reader, 1..=AUTHORITIES_MAX)
}
