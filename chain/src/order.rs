//! Orders: what is needed or offered, and what has become of it.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::conditions::Conditions;
use crate::hash::Hash;
use crate::height::Height;
use crate::id::ObjectId;
use crate::market::{Grade, MarketId};
use crate::parties::Parties;
use crate::predicate::Predicates;
use crate::quantity::{Price, Quantity};
use crate::time::{Time, Window};

/// Whether capacity is needed or offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Side {
    /// A need: the whole window, from one or several sellers.
    Bid(BidTerms),
    /// An offer: any part of the quantity in any part of the window.
    Ask(AskTerms),
}

/// What a bid accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct BidTerms {
    /// How much must be found at once.
    pub fill: FillRule,
    /// From how many sellers at most in one block; `None` for any number.
    pub sellers_max: Option<u16>,
}

/// What an ask sells out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct AskTerms {
    /// The host whose pool in the market it sells out of; none for an ask that is its own capacity.
    pub host: Option<ObjectId>,
}

impl AskTerms {
    /// The terms of an ask that is its own capacity.
    pub const OWN: Self = Self { host: None };
}

/// How much of a bid must be filled in one block for anything of it to trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum FillRule {
    /// Everything still open.
    AllOrNone,
    /// At least so many units; zero for anything.
    AtLeast(Quantity),
}

/// How long an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum TimeInForce {
    /// Trades in the block that places it, or not at all.
    ImmediateOrCancel,
    /// Rests until this point.
    Until(Time),
}

/// Which of its open orders an account takes back at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum CancelScope {
    /// All of them.
    All,
    /// Those in one market.
    Market(MarketId),
    /// The bids in one market.
    Bids(MarketId),
    /// The asks in one market.
    Asks(MarketId),
}

impl CancelScope {
    /// True for an order that is within the scope.
    pub fn covers(self, order: &Order) -> bool {
        let is_bid = matches!(order.side, Side::Bid(_));
        match self {
            Self::All => true,
            Self::Market(market) => order.market == market,
            Self::Bids(market) => order.market == market && is_bid,
            Self::Asks(market) => order.market == market && !is_bid,
        }
    }

    /// The market that the scope is about, if it is about one.
    pub const fn market(self) -> Option<MarketId> {
        match self {
            Self::All => None,
            Self::Market(market) | Self::Bids(market) | Self::Asks(market) => Some(market),
        }
    }
}

impl Side {
    /// The host whose pool an ask sells out of; none for a bid.
    pub const fn host(self) -> Option<ObjectId> {
        match self {
            Self::Ask(AskTerms { host }) => host,
            Self::Bid(_) => None,
        }
    }
}

/// An open order.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Order {
    /// Who placed it.
    pub owner: AccountId,
    /// Where it is traded.
    pub market: MarketId,
    /// Whether capacity is needed or offered.
    pub side: Side,
    /// Units asked for or offered in each slot.
    pub quantity: Quantity,
    /// Units of a bid filled so far. An ask keeps `sold` instead.
    pub filled: Quantity,
    /// The slots.
    pub window: Window,
    /// The highest price of a bid, the lowest of an ask.
    pub limit: Price,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// The least grade of what is needed, or the grade of what is offered.
    pub grade: Grade,
    /// With whom it may trade.
    pub parties: Parties,
    /// The height of the block that placed it, or that last made it wait anew.
    pub placed: Height,
    /// Its rank among orders of equal price and height.
    pub tie: Hash,
    /// The money of a bid.
    pub hold: Option<ObjectId>,
    /// What an ask has sold: spans that do not overlap, in order of time, none of zero units.
    pub sold: Vec<Sold>,
    /// On which conditions it trades.
    pub conditions: Conditions,
    /// What a bid asks of the hosts that are to serve it.
    pub predicates: Predicates,
    /// The price that it goes to in the second pass of a match: no better for its owner than the limit.
    pub stretch: Option<Price>,
    /// The standing order that placed it.
    pub standing: Option<ObjectId>,
    /// What its owner set aside for it, returned when it ends; in base units.
    pub deposit: Amount,
}

impl Order {
    /// The worst price for its owner at which it trades: its stretch, or its limit where it has none.
    pub const fn reach(&self) -> Price {
        match self.stretch {
            Some(stretch) => stretch,
            None => self.limit,
        }
    }
}

/// Units sold throughout a span of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Sold {
    /// The slots.
    pub window: Window,
    /// Units in each of them, above zero.
    pub quantity: Quantity,
}

/// Which part of a match trades: orders meet at their limits first, and what is left at their stretches then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum Pass {
    /// At the limits.
    First = 0,
    /// At the stretches; an order without one counts with its limit.
    Second = 1,
}

impl Pass {
    /// The number that stands in the names of the contracts it makes.
    pub const fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }
}

/// Which sellers a bid trades with at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum Sellers {
    /// Those it does not prefer to others.
    Any = 0,
    /// Those it prefers.
    Preferred = 1,
}

/// Why an order is open no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum OrderClosed {
    /// A bid got everything it asked for.
    Filled = 0,
    /// Its owner took the rest back.
    Cancelled = 1,
    /// Its time ran out.
    Expired = 2,
    /// It was to trade in its block and found no offer at its price.
    NotMatched = 3,
    /// It found offers, fewer than its fill rule asks for.
    FillRule = 4,
    /// An ask has nothing left to sell.
    SoldOut = 5,
    /// Its market was closed.
    MarketClosed = 6,
}
