//! What holds after every block, whatever was in it.
//!
//! [`check`] looks at the whole state; tests run it after every block. In release every block asserts
//! the same about the money it touched, which costs little: a broken invariant stops the node.
//!
//! - All cash together is the supply.
//! - An account holds no more than it has. What it holds is the rest of its open holds, the deposits of
//!   its orders, holds, channels, hosts and so on, and its own deposit unless the genesis opened it.
//! - A hold has captured no more than its amount, and belongs to an object that names it.
//! - A contract's hold has the price of its slots that were paid or can be, and paid what it says.
//! - The contracts of an open bid are within what it has filled; an open ask counts as sold whatever its
//!   contracts take.
//! - The contracts that came of a quote are within what was accepted of it, and that within what it offers.
//! - What is sold out of a pool is what its contracts need whose slots have not ended, and within its
//!   capacity in every slot, however many asks sold it.
//! - A standing order waits for a window of its pattern, and its open bids are within what it counts, which is
//!   within its budget.
//! - Somebody votes; most of those who vote next vote now; who votes or holds an office is not frozen.
//! - A market counts its open orders.
//! - Every deadline stands in the queue exactly once, and names an object that has it.

mod links;
mod money;
mod network;
mod pools;
mod standing;
mod timers;
mod trades;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::host::PoolId;
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::name::Name;
use chain::state::{Key, Object};

use crate::state::{Changes, State, View};

/// An invariant is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// There is no supply, or there are no parameters or no authorities.
    #[error("the state was not made from a genesis")]
    NoGenesis,
    /// The cash of all accounts is not the supply.
    #[error("all cash together is not the supply")]
    Supply,
    /// An account holds more than it has.
    #[error("account {0:?} holds more than it has")]
    HeldAboveCash(AccountId),
    /// What an account holds is not what its objects need.
    #[error("account {0:?} does not hold what its objects need")]
    Held(AccountId),
    /// An object belongs to an account that does not exist.
    #[error("account {0:?} owns an object and does not exist")]
    OwnerMissing(AccountId),
    /// An account counts other orders than it has.
    #[error("account {0:?} does not count its open orders")]
    OrderCount(AccountId),
    /// A hold captured more than its amount, or its object does not name it or needs another amount.
    #[error("hold {0} does not fit its object")]
    Hold(ObjectId),
    /// An order is filled beyond its quantity, has sold what it does not have, or should have ended.
    #[error("order {0} is not one that can stand")]
    Order(ObjectId),
    /// An order counts as traded what is not in its contracts, or what it did not agree to.
    #[error("order {0} has traded something else than its contracts say")]
    Trades(ObjectId),
    /// A contract has paid another sum than its slots cost, or should have ended.
    #[error("contract {0} is not one that can stand")]
    Contract(ObjectId),
    /// More was given back than was paid, or what was paid is kept while what paid it stands.
    #[error("what {0} paid is not as it was paid")]
    Captured(ObjectId),
    /// A name leads to another account than bears it, or to none.
    #[error("the name {0} does not lead to its account and back")]
    Name(Name),
    /// An account does not say rightly whether a set of keys signs for it.
    #[error("account {0:?} and its set of keys do not fit")]
    Signers(AccountId),
    /// An agent used more than its cap, or stands under another name than its own.
    #[error("agent {0} is not one that can stand")]
    Agent(ObjectId),
    /// A switch stands under another name than its own, or belongs to nobody.
    #[error("the switch {0} is not one that can stand")]
    CancelSwitch(ObjectId),
    /// More of a quote became contracts than was accepted, or more was accepted than it offers.
    #[error("quote {0} was accepted otherwise than its contracts say")]
    Quote(ObjectId),
    /// A standing order is not at a window of its pattern, or its orders cost more than it may.
    #[error("the standing order {0} is not one that can stand")]
    Standing(ObjectId),
    /// A channel owes more than it has.
    #[error("channel {0} is not one that can stand")]
    Channel(ObjectId),
    /// A host belongs to nobody.
    #[error("host {0} belongs to nobody")]
    Host(ObjectId),
    /// A pool has sold something else than its contracts need, or more than it has, or counts other asks.
    #[error("pool {0:?} is not one that can stand")]
    Pool(PoolId),
    /// A market is beyond the bounds of markets.
    #[error("market {0} is not one that can stand")]
    Market(MarketId),
    /// A proposal is not approved by its proposer, or by somebody twice.
    #[error("proposal {0} is not one that can stand")]
    Proposal(ObjectId),
    /// The authorities are none that can vote, or go on to vote.
    #[error("the authorities are not such as can vote")]
    Authorities,
    /// The version that is to follow is not above the present one.
    #[error("the version that is to follow is no later one")]
    Upgrade,
    /// An account that votes or holds an office is frozen.
    #[error("account {0:?} holds an office and is frozen")]
    Office(AccountId),
    /// An object has another number of deadlines in the queue than it should, or at another point.
    #[error("the deadline of {0} is not in the queue exactly once")]
    Timer(ObjectId),
    /// The book of a market is not its open orders, or counts others.
    #[error("the book is not the open orders")]
    Book,
}

/// Checks every invariant over the whole state.
///
/// # Errors
/// The first [`Violation`] found.
pub fn check(state: &State) -> Result<(), Violation> {
    check_after(state, &[])
}

/// The same on a chain that once asked for these deposits when an account was opened.
///
/// # Errors
/// As [`check`].
pub fn check_after(state: &State, account_deposits: &[Amount]) -> Result<(), Violation> {
    network::check(state)?;
    money::check(state, account_deposits)?;
    links::check(state)?;
    trades::check(state)?;
    pools::check(state)?;
    standing::check(state)?;
    timers::check(state)
}

/// Asserts what must hold over what a block touched: no money came or went but what was minted or burned,
/// and no account holds more than it has.
pub(crate) fn assert_touched(parent: &View<'_>, changes: &Changes) {
    let (mut before, mut after) = (Some(Amount::ZERO), Some(Amount::ZERO));
    for (key, object) in &changes.objects {
        let Key::Account(id) = key else { continue };
        let Some(Object::Account(account)) = object else {
            unreachable!("an account is never removed")
        };
        assert!(account.held <= account.cash, "{id:?} holds no more than it has");
        let cash = parent.account(id).unwrap_or_default().cash;
        before = before.and_then(|sum| sum.checked_add(cash));
        after = after.and_then(|sum| sum.checked_add(account.cash));
    }
    let supply = match changes.objects.get(&Key::Supply) {
        Some(Some(Object::Supply(supply))) => *supply,
        _ => parent.supply(),
    };
    let earlier = parent.supply();
    let minted = supply.minted.checked_sub(earlier.minted).expect("what was minted never falls");
    let burned = supply.burned.checked_sub(earlier.burned).expect("what was burned never falls");
    let expected = before.and_then(|sum| sum.checked_add(minted)?.checked_sub(burned));
    assert!(
        after.is_some() && after == expected,
        "no money comes or goes but what was minted or burned"
    );
}

#[cfg(test)]
mod tests;
