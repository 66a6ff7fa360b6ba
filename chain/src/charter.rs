//! The charter: what a network's members agreed on at its beginning. Its digest names the chain, so whoever
//! knows the chain's name can check a charter that a stranger shows, and read in it who votes first.
//!
//! The accounts of the genesis stand in it as a root, because there may be millions.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::address::Network;
use crate::amount::Amount;
use crate::authority::Authority;
use crate::authority_set::AuthoritySet;
use crate::encoding::{bounded_list, encode};
use crate::hash::{Domain, Hash};
use crate::limits::{AUTHORITIES_MAX, MARKETS_MAX};
use crate::market::Market;
use crate::merkle;
use crate::params::{ContractTerms, Deposits, Fees, Params, ProposalTerms};
use crate::time::{Millis, Time};
use crate::token::Token;

/// What a network's members agreed on at its beginning.
///
/// The order of the fields is the order of the canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Charter {
    /// The version of the rules it starts with.
    pub version: u16,
    /// Which kind of network it is: decides how addresses begin.
    pub network: Network,
    /// What people call it, as `tally-dev`.
    pub name: String,
    /// The time of block 0.
    pub time: Time,
    /// Its money.
    pub token: Token,
    /// Who votes first, in rising order of key, no key twice.
    #[borsh(deserialize_with = "authorities")]
    pub authorities: Vec<Authority>,
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
    /// What is traded; a market's position is its number.
    #[borsh(deserialize_with = "markets")]
    pub markets: Vec<Market>,
    /// Commits to who has money: the list root of every [`Balance::digest`], in rising order of account.
    pub accounts_root: Hash,
}

impl Charter {
    /// The chain's identity. Every signature on the chain covers it.
    pub fn chain(&self) -> Hash {
        Hash::of(Domain::Genesis, &[&encode(self)])
    }

    /// Who votes first, and goes on until something changes.
    pub fn authority_set(&self) -> AuthoritySet {
        AuthoritySet::new(self.authorities.clone())
    }

    /// The parameters the network starts with.
    pub fn params(&self) -> Params {
        Params {
            chain: self.chain(),
            version: self.version,
            upgrade: None,
            epoch_blocks: self.epoch_blocks,
            cashier: self.cashier,
            treasury: self.treasury,
            fees: self.fees,
            deposits: self.deposits,
            settle_delay_min: self.settle_delay_min,
            settle_delay_max: self.settle_delay_max,
            settle_blocks: self.settle_blocks,
            hold_span_max: self.hold_span_max,
            withdrawal_span: self.withdrawal_span,
            refund_span: self.refund_span,
            contracts: self.contracts,
            proposals: self.proposals,
        }
    }
}

/// What an account begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Balance {
    /// The account.
    pub account: AccountId,
    /// All its money in base units, its own deposit included.
    pub amount: Amount,
}

impl Balance {
    /// The digest that the charter's root is over.
    pub fn digest(&self) -> Hash {
        Hash::of(Domain::Balance, &[&encode(self)])
    }

    /// The root of `balances`, which are in rising order of account.
    pub fn root(balances: &[Self]) -> Hash {
        let digests: Vec<Hash> = balances.iter().map(Self::digest).collect();
        merkle::list_root(&digests)
    }
}

fn authorities<R: io::Read>(reader: &mut R) -> io::Result<Vec<Authority>> {
    bounded_list(reader, 1..=AUTHORITIES_MAX)
}

fn markets<R: io::Read>(reader: &mut R) -> io::Result<Vec<Market>> {
    bounded_list(reader, 0..=MARKETS_MAX)
}
