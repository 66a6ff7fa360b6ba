//! The objects of the state: what they are called and what bytes they have in the state tree.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::{Account, AccountId};
use crate::agent::Agent;
use crate::authority_set::AuthoritySet;
use crate::book::Book;
use crate::captured::Captured;
use crate::channel::Channel;
use crate::contract::Contract;
use crate::encoding::encode;
use crate::hash::{Domain, Hash};
use crate::hold::Hold;
use crate::host::{Host, Pool, PoolId};
use crate::id::ObjectId;
use crate::market::{Market, MarketId};
use crate::name::{Name, NameUse};
use crate::order::Order;
use crate::params::Params;
use crate::proposal::Proposal;
use crate::quote::QuoteUse;
use crate::signers::SignerSet;
use crate::standing::Standing;
use crate::supply::Supply;
use crate::switch::CancelSwitch;
use crate::timer::Timer;

/// The name of an object of the state. The order of the variants is part of the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Key {
    /// The network's parameters.
    Params,
    /// All the money there is.
    Supply,
    /// An account.
    Account(AccountId),
    /// The reference of a deposit or withdrawal that was made.
    Reference(Hash),
    /// A market.
    Market(MarketId),
    /// A hold.
    Hold(ObjectId),
    /// An order.
    Order(ObjectId),
    /// A contract.
    Contract(ObjectId),
    /// A channel.
    Channel(ObjectId),
    /// A deadline.
    Timer(Timer),
    /// What an ended hold, contract or channel of this name paid.
    Captured(ObjectId),
    /// Whose name this is.
    Name(Name),
    /// What the account is called.
    NameOf(AccountId),
    /// The keys that sign for the account.
    Signers(AccountId),
    /// What an account granted to a key.
    Agent(ObjectId),
    /// When the orders of an account end.
    CancelSwitch(ObjectId),
    /// How much of a quote was accepted.
    QuoteUse(ObjectId),
    /// A host.
    Host(ObjectId),
    /// What a host has to sell in a market.
    Pool(PoolId),
    /// A standing order.
    Standing(ObjectId),
    /// How much stands in the book of a market.
    Book(MarketId),
    /// What authorities are to agree on.
    Proposal(ObjectId),
    /// Who votes.
    Authorities,
}

impl Key {
    /// The key's place in the state tree.
    pub fn digest(&self) -> Hash {
        Hash::of(Domain::StateKey, &[&encode(self)])
    }
}

/// An object of the state. Each kind of key names one kind of object.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Object {
    /// Under [`Key::Params`].
    Params(Box<Params>),
    /// Under [`Key::Supply`].
    Supply(Supply),
    /// Under [`Key::Account`].
    Account(Account),
    /// Under [`Key::Reference`]: that it was used.
    Reference,
    /// Under [`Key::Market`].
    Market(Box<Market>),
    /// Under [`Key::Hold`].
    Hold(Box<Hold>),
    /// Under [`Key::Order`].
    Order(Box<Order>),
    /// Under [`Key::Contract`].
    Contract(Box<Contract>),
    /// Under [`Key::Channel`].
    Channel(Box<Channel>),
    /// Under [`Key::Timer`]: that it is set.
    Timer,
    /// Under [`Key::Captured`].
    Captured(Box<Captured>),
    /// Under [`Key::Name`].
    Name(AccountId),
    /// Under [`Key::NameOf`].
    NameOf(Box<NameUse>),
    /// Under [`Key::Signers`].
    Signers(Box<SignerSet>),
    /// Under [`Key::Agent`].
    Agent(Box<Agent>),
    /// Under [`Key::CancelSwitch`].
    CancelSwitch(CancelSwitch),
    /// Under [`Key::QuoteUse`].
    QuoteUse(Box<QuoteUse>),
    /// Under [`Key::Host`].
    Host(Box<Host>),
    /// Under [`Key::Pool`].
    Pool(Box<Pool>),
    /// Under [`Key::Standing`].
    Standing(Box<Standing>),
    /// Under [`Key::Book`].
    Book(Book),
    /// Under [`Key::Proposal`].
    Proposal(Box<Proposal>),
    /// Under [`Key::Authorities`].
    Authorities(Box<AuthoritySet>),
}

impl Object {
    /// What the state tree commits to for this object.
    pub fn digest(&self) -> Hash {
        Hash::of(Domain::StateValue, &[&encode(self)])
    }

    /// True when `key` is the kind of key that names this kind of object.
    pub const fn belongs_under(&self, key: &Key) -> bool {
        matches!(
            (key, self),
            (Key::Params, Self::Params(_))
                | (Key::Supply, Self::Supply(_))
                | (Key::Account(_), Self::Account(_))
                | (Key::Reference(_), Self::Reference)
                | (Key::Market(_), Self::Market(_))
                | (Key::Hold(_), Self::Hold(_))
                | (Key::Order(_), Self::Order(_))
                | (Key::Contract(_), Self::Contract(_))
                | (Key::Channel(_), Self::Channel(_))
                | (Key::Timer(_), Self::Timer)
                | (Key::Captured(_), Self::Captured(_))
                | (Key::Name(_), Self::Name(_))
                | (Key::NameOf(_), Self::NameOf(_))
                | (Key::Signers(_), Self::Signers(_))
                | (Key::Agent(_), Self::Agent(_))
                | (Key::CancelSwitch(_), Self::CancelSwitch(_))
                | (Key::QuoteUse(_), Self::QuoteUse(_))
                | (Key::Host(_), Self::Host(_))
                | (Key::Pool(_), Self::Pool(_))
                | (Key::Standing(_), Self::Standing(_))
                | (Key::Book(_), Self::Book(_))
                | (Key::Proposal(_), Self::Proposal(_))
                | (Key::Authorities, Self::Authorities(_))
        )
    }
}
