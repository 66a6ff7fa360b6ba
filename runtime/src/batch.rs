//! The match of one market in a block, worked out again by somebody who trusts nobody but the block's header.
//!
//! ```text
//!                 +- receipts root -> what the match reported -----------------+
//! block's header -+                                                            | taken back from
//!                 +- state root ---> what the block left: orders, pools, ... <-+
//!                                      |
//!                                      v
//!                    what the match found -> the match, once more -> what it reports = what was reported
//! ```
//! No root says what a match found in the middle of its block, and none needs to. A match changes nothing that
//! matches read but by adding what it trades to orders and pools, and by ending orders. So what it found is
//! what the block left, less the trades it reported, and with the orders that it reported as ended; their last
//! forms are named by digests in the reports. If these trades were not the ones that the match makes, it
//! reports others when it is run again.
//!
//! What is shown must be all that a match reads: the state counts the open orders of a market, and whatever
//! else is read is noted while the match runs, and must have been shown, to be there or not to be.

mod evidence;
mod found;

use std::collections::{BTreeMap, BTreeSet};

use chain::event::Event;
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::order::Order;
use chain::state::{Key, Object};

use crate::context::BlockContext;
use crate::matching;
use crate::state::{Reads, State, View};

pub use evidence::{Evidence, Shown};

/// Why evidence does not show the match that it should. The first reason found is reported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchInvalid {
    /// The second header is not that of the parent.
    #[error("the header before is not that of the block's parent")]
    Parent,
    /// The events are not the block's own.
    #[error("the events are not those of the block")]
    Events,
    /// The state does not hold this under a key that is shown.
    #[error("the state does not hold what is shown under {0:?}")]
    Object(Key),
    /// A key is shown twice, or an order both as open and as ended.
    #[error("{0:?} is shown more than once")]
    Repeated(Key),
    /// The match reads what is not shown.
    #[error("the match depends on {0:?}, which is not shown")]
    Missing(Key),
    /// The match does not read what is shown.
    #[error("the match does not depend on {0:?}")]
    Needless(Key),
    /// There is no such market.
    #[error("there is no such market")]
    Unknown,
    /// Fewer orders are shown than are open, or more.
    #[error("{shown} open orders are shown and there are {open}")]
    Orders {
        /// How many are shown.
        shown: u64,
        /// How many the state counts.
        open: u64,
    },
    /// The orders shown as ended by the match are not those that it ended.
    #[error("the orders shown as ended are not those that the match ended")]
    Ended,
    /// A reported trade is none that its orders can have made.
    #[error("the order {0} cannot have made the trade that was reported")]
    Trade(ObjectId),
    /// The match leads to something else than the block says. Whoever shows it is honest: those who vouch for
    /// the block are not.
    #[error("the match leads to something else than the block reports")]
    Outcome,
}

/// What a match did, and between whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The market.
    pub market: Market,
    /// The orders that the match found open, some of them perhaps too late to trade.
    pub orders: Vec<(ObjectId, Order)>,
    /// What it reported: cells that cleared, each with its trades, and then the orders that ended.
    pub events: Vec<Event>,
}

/// Works out again what the match of `market` did in the block of the evidence. Who vouches for the block's
/// header is another question, which [`chain::light`] answers.
///
/// # Errors
/// [`BatchInvalid`] when the evidence does not show it.
pub fn verify(market: MarketId, evidence: &Evidence) -> Result<Batch, BatchInvalid> {
    let context = evidence.context()?;
    let reported = reports(market, evidence.reported()?);
    let ended = evidence.ended(&reported)?;
    let shown = evidence.shown()?;
    let standing = shown.iter().filter_map(|(key, object)| Some((*key, (*object)?.clone())));
    let state = State::from_objects(standing);
    let left = View::new(&state, &[]);
    let (open, orders) = (left.orders_in(market), left.book(market).len());
    let orders = u64::try_from(orders).expect("what is in memory is counted in 64 bits");
    if orders != open {
        return Err(BatchInvalid::Orders { shown: orders, open });
    }

    let before = found::before(left, &reported, ended)?;
    let found = left.under(&before);
    let needed = needed(found, &context, market, ended);
    if let Some(key) = needed.iter().find(|key| !is_there(key, &shown)) {
        return Err(BatchInvalid::Missing(*key));
    }
    if let Some(key) = shown.keys().find(|key| !needed.contains(key)) {
        return Err(BatchInvalid::Needless(*key));
    }
    let of = found.market(market).ok_or(BatchInvalid::Unknown)?;
    let reads = Reads::default();
    let again = matching::report(found.noting(&reads), &context, market);
    let mut read = reads.into_keys();
    for (id, _) in ended {
        read.remove(&Key::Order(*id));
    }
    if let Some(key) = read.into_iter().find(|key| !shown.contains_key(key)) {
        return Err(BatchInvalid::Missing(key));
    }
    if again != reported {
        return Err(BatchInvalid::Outcome);
    }
    let orders = found.book(market).into_iter();
    let orders = orders.filter_map(|id| Some((id, found.order(&id)?.clone())));
    Ok(Batch { market: of.clone(), orders: orders.collect(), events: reported })
}

/// The keys under which evidence must show what stands there, or that nothing does, for the match of `market`
/// in the block of `context` that left the state as `left` shows it. `matching` is what the block's matching
/// reported, `ended` the last forms of the orders of the market that it ended.
///
/// # Errors
/// [`BatchInvalid`] when these are not what the block did.
pub fn keys(
    left: View<'_>,
    context: &BlockContext,
    market: MarketId,
    (matching, ended): (&[Event], &[(ObjectId, Order)]),
) -> Result<BTreeSet<Key>, BatchInvalid> {
    let before = found::before(left, &reports(market, matching), ended)?;
    Ok(needed(left.under(&before), context, market, ended))
}

/// The orders of `market` that the match ended, by what it reported.
pub fn ended(market: MarketId, matching: &[Event]) -> impl Iterator<Item = ObjectId> {
    let of_market = matching.iter().filter(move |event| market_of(event) == Some(market));
    of_market.filter_map(|event| {
        let Event::OrderClosed { order, .. } = event else { return None };
        Some(*order)
    })
}

/// What a block's matching reported of one market.
fn reports(market: MarketId, matching: &[Event]) -> Vec<Event> {
    matching.iter().filter(|event| market_of(event) == Some(market)).cloned().collect()
}

/// The market that an event of a match is about, if the event names one.
fn market_of(event: &Event) -> Option<MarketId> {
    let (Event::CellCleared { market, .. }
    | Event::Matched { market, .. }
    | Event::OrderClosed { market, .. }) = event
    else {
        return None;
    };
    Some(*market)
}

/// True for a key that is shown, and shown to be of something where the rules leave nothing else: an ask may
/// name a host and sell out of a pool that stand, and none besides.
fn is_there(key: &Key, shown: &BTreeMap<Key, Option<&Object>>) -> bool {
    let stands = matches!(key, Key::Host(_) | Key::Pool(_));
    shown.get(key).is_some_and(|object| object.is_some() || !stands)
}

/// The keys that the match of `market` reads where it finds `found`, that of the count of its orders and those
/// of all of these, whether or not they meet; but not those of the orders that it ended, which are in the state
/// no more. Other orders may be looked up and found to be elsewhere or nowhere: the count speaks for them.
fn needed(
    found: View<'_>,
    context: &BlockContext,
    market: MarketId,
    ended: &[(ObjectId, Order)],
) -> BTreeSet<Key> {
    let reads = Reads::default();
    matching::read(found.noting(&reads), context, market);
    let mut keys = reads.into_keys();
    keys.retain(|key| !matches!(key, Key::Order(_)));
    keys.insert(Key::Book(market));
    keys.extend(found.book(market).into_iter().map(Key::Order));
    for (id, _) in ended {
        keys.remove(&Key::Order(*id));
    }
    keys
}
