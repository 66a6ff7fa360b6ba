//! What a network begins with, as values; its bytes are canonical and their hash names the chain.

use borsh::BorshSerialize;
use chain::account::AccountId;
use chain::address::Network;
use chain::amount::Amount;
use chain::authority::Authority;
use chain::encoding::encode;
use chain::hash::{Domain, Hash};
use chain::market::Market;
use chain::params::{Deposits, Fees, Params};
use chain::time::{Millis, Time};
use chain::token::Token;

/// What a network begins with. Made by [`Spec::genesis`](crate::Spec::genesis) alone, which has checked
/// it: there is an authority, every account can pay its deposit, no sum overflows.
///
/// The order of the fields is the order of the canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
#[cfg_attr(test, derive(borsh::BorshDeserialize))]
#[non_exhaustive]
pub struct Genesis {
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
    /// What is traded; a market's position is its number.
    pub markets: Vec<Market>,
    /// Who has money, in rising order of account, none twice.
    pub accounts: Vec<Balance>,
}

/// What an account begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
#[cfg_attr(test, derive(borsh::BorshDeserialize))]
pub struct Balance {
    /// The account.
    pub account: AccountId,
    /// All its money in base units, its own deposit included.
    pub amount: Amount,
}

impl Genesis {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// The chain's identity: the hash of the canonical bytes. Every signature on the chain covers it.
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::Genesis, &[&self.encode()])
    }

    /// The parameters the network starts with.
    pub fn params(&self) -> Params {
        Params {
            chain: self.hash(),
            authorities: self.authorities.clone(),
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
        }
    }
}
