//! Pools: how much a host has to sell in a market, slot by slot.
//!
//! ```text
//! capacity ─ sold by a match ─► the contract's slots ─ they end, early or in time ─► for sale again
//! ```
//!
//! Invariant: in every slot, what is sold out of a pool is the sum of the contracts whose slots have not
//! ended, and within its capacity. A blackout is no sale: what was sold before it stays sold.

use chain::account::AccountId;
use chain::contract::Contract;
use chain::event::Event;
use chain::host::{BlackoutChange, Pool, PoolId};
use chain::limits::BLACKOUTS_MAX;
use chain::quantity::Quantity;
use chain::time::Window;

use super::host;
use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;
use crate::spans;
use crate::state::View;

/// Gives a host of the sender so much to sell in every slot of a market. Nothing ends the pool.
pub(crate) fn set(
    draft: &mut Draft<'_>,
    step: &Step,
    id: PoolId,
    capacity: Quantity,
) -> Result<(), Rejection> {
    host::own(draft, step, id.host)?;
    let market = draft.view().market(id.market).ok_or(Rejection::MarketUnknown)?;
    if !capacity.is_multiple_of(market.lot) {
        return Err(Rejection::QuantityNotInLots);
    }
    let before = draft.view().pool(&id).cloned();
    let deposit = draft.params().deposits.pool;
    match &before {
        None if capacity.is_zero() => return Err(Rejection::PoolUnknown),
        None => money::check_available(&money::account(draft, &step.sender), [deposit])?,
        Some(pool) if pool.capacity == capacity => return Err(Rejection::PoolUnchanged),
        Some(pool) if capacity.is_zero() && is_in_use(pool) => return Err(Rejection::PoolInUse),
        Some(pool) if pool.sold.iter().any(|sold| sold.quantity > capacity) => {
            return Err(Rejection::CapacitySold);
        }
        Some(_) => {}
    }

    // From here on the pool has this capacity.
    if capacity.is_zero() {
        end(draft, id, step.sender);
        return Ok(());
    }
    if before.is_none() {
        money::set_aside(draft, step.sender, deposit);
    }
    let (sold, blackouts) = (Vec::new(), Vec::new());
    let pool = before.unwrap_or(Pool { capacity, asks: 0, sold, blackouts, deposit });
    draft.wake(id.market);
    draft.put_pool(id, Pool { capacity, ..pool });
    draft.emit(Event::PoolSet { pool: id, owner: step.sender, capacity });
    Ok(())
}

/// Begins a blackout of a pool, or lifts one, or a part of one. Those that are over are forgotten.
pub(crate) fn blackout(
    draft: &mut Draft<'_>,
    step: &Step,
    id: PoolId,
    (window, change): (Window, BlackoutChange),
) -> Result<(), Rejection> {
    host::own(draft, step, id.host)?;
    let market = draft.view().market(id.market);
    let pool = draft.view().pool(&id).ok_or(Rejection::PoolUnknown)?.clone();
    let slot = market.expect("a pool is of a market").slot;
    window.slots(slot).ok_or(Rejection::WindowNotOnSlots)?;
    let now = draft.context().parent_time;
    if window.end <= now {
        return Err(Rejection::WindowTooSoon);
    }
    let before: Vec<Window> = pool.blackouts.iter().copied().filter(|it| it.end > now).collect();
    let blackouts = match change {
        BlackoutChange::Begin => begun(&before, window),
        BlackoutChange::Lift => lifted(&before, window),
    };
    if blackouts == before {
        return Err(Rejection::PoolUnchanged);
    }
    if blackouts.len() > BLACKOUTS_MAX {
        return Err(Rejection::TooManyBlackouts);
    }

    // From here on the blackouts are others.
    draft.wake(id.market);
    draft.put_pool(id, Pool { blackouts, ..pool });
    draft.emit(Event::PoolBlackout { pool: id, owner: step.sender, window, change });
    Ok(())
}

/// True when something out of the pool is on offer, or is sold and not over.
pub(super) fn is_in_use(pool: &Pool) -> bool {
    pool.asks > 0 || !pool.sold.is_empty()
}

/// Ends a pool that is not in use.
pub(super) fn end(draft: &mut Draft<'_>, id: PoolId, owner: AccountId) {
    let deposit = pool(draft, id).deposit;
    money::free(draft, owner, deposit);
    draft.remove_pool(id);
    draft.emit(Event::PoolSet { pool: id, owner, capacity: Quantity::ZERO });
}

/// Checks that a host of `owner` has the pool.
pub(super) fn check_own(view: &View<'_>, owner: AccountId, id: PoolId) -> Result<(), Rejection> {
    host::owned(view, owner, id.host)?;
    view.pool(&id).map(|_| ()).ok_or(Rejection::PoolUnknown)
}

/// Counts the open asks over a pool.
pub(super) fn count_asks(draft: &mut Draft<'_>, id: PoolId, change: impl Fn(u32) -> Option<u32>) {
    let mut pool = pool(draft, id);
    pool.asks = change(pool.asks).expect("every open ask is counted once");
    draft.put_pool(id, pool);
}

/// Takes what a new contract needs out of the pool it was sold out of, if it was.
pub(super) fn sell(draft: &mut Draft<'_>, contract: &Contract) {
    let Some(host) = contract.host else { return };
    let id = PoolId { host, market: contract.market };
    let pool = pool(draft, id);
    let sold = spans::sell(&pool.sold, contract.window, contract.quantity);
    assert!(sold.iter().all(|it| it.quantity <= pool.capacity), "a pool sells what it has");
    draft.put_pool(id, Pool { sold, ..pool });
}

/// Returns what a contract needed to the pool it was sold out of, if it was: its slots have ended.
pub(super) fn give_back(draft: &mut Draft<'_>, contract: &Contract) {
    let Some(host) = contract.host else { return };
    let id = PoolId { host, market: contract.market };
    let pool = pool(draft, id);
    let sold = spans::give_back(&pool.sold, contract.window, contract.quantity);
    draft.wake(id.market);
    draft.put_pool(id, Pool { sold, ..pool });
}

fn pool(draft: &Draft<'_>, id: PoolId) -> Pool {
    draft.view().pool(&id).expect("a pool in use stands").clone()
}

/// `blackouts` with `window` among them.
fn begun(blackouts: &[Window], window: Window) -> Vec<Window> {
    let touches = |it: &&Window| it.start <= window.end && window.start <= it.end;
    let joined = blackouts.iter().filter(touches).fold(window, |joined, it| Window {
        start: joined.start.min(it.start),
        end: joined.end.max(it.end),
    });
    let mut after: Vec<Window> = blackouts.iter().filter(|it| !touches(it)).copied().collect();
    after.push(joined);
    after.sort_unstable();
    after
}

/// `blackouts` without what lies in `window`.
fn lifted(blackouts: &[Window], window: Window) -> Vec<Window> {
    let parts = blackouts.iter().flat_map(|it| {
        let before = Window { end: it.end.min(window.start), ..*it };
        let behind = Window { start: it.start.max(window.end), ..*it };
        [before, behind]
    });
    parts.filter(|part| part.start < part.end).collect()
}

#[cfg(test)]
mod tests;
