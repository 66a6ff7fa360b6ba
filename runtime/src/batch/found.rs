//! What a match found: what its block left, less the trades it reported, and with the orders it ended.

use std::collections::BTreeMap;

use chain::event::Event;
use chain::host::{Pool, PoolId};
use chain::id::ObjectId;
use chain::order::{Order, Side};
use chain::quantity::Quantity;
use chain::state::{Key, Object};
use chain::time::Window;

use super::BatchInvalid;
use crate::spans;
use crate::state::{Changes, View};

/// What leads from the state that a block left back to what its match found of one market. `reported` is
/// what the match reported of the market, `ended` the last forms of its orders that ended.
pub(super) fn before(
    left: View<'_>,
    reported: &[Event],
    ended: &[(ObjectId, Order)],
) -> Result<Changes, BatchInvalid> {
    let mut orders: BTreeMap<ObjectId, Order> = ended.iter().cloned().collect();
    let mut pools: BTreeMap<PoolId, Pool> = BTreeMap::new();
    for event in reported {
        let Event::Matched { market, bid, ask, window, quantity, .. } = *event else { continue };
        for id in [bid, ask] {
            let order = orders.get(&id).or_else(|| left.order(&id));
            let before = order.and_then(|order| without(order, window, quantity));
            orders.insert(id, before.ok_or(BatchInvalid::Trade(id))?);
        }
        if let Some(host) = orders.get(&ask).and_then(|order| order.side.host()) {
            let id = PoolId { host, market };
            let pool = pools.get(&id).or_else(|| left.pool(&id));
            let before = pool.and_then(|pool| {
                let sold = spans::take_back(&pool.sold, window, quantity)?;
                Some(Pool { sold, ..pool.clone() })
            });
            pools.insert(id, before.ok_or(BatchInvalid::Missing(Key::Pool(id)))?);
        }
    }
    let order = |(id, order)| (Key::Order(id), Some(Object::Order(Box::new(order))));
    let pool = |(id, pool)| (Key::Pool(id), Some(Object::Pool(Box::new(pool))));
    let objects = orders.into_iter().map(order).chain(pools.into_iter().map(pool));
    Ok(Changes { objects: objects.collect(), ..Changes::default() })
}

/// An order as it was before it traded `quantity` units in `window`; `None` where it cannot have.
fn without(order: &Order, window: Window, quantity: Quantity) -> Option<Order> {
    let mut before = order.clone();
    match order.side {
        Side::Bid(_) => before.filled = order.filled.checked_sub(quantity)?,
        Side::Ask(_) => before.sold = spans::take_back(&order.sold, window, quantity)?,
    }
    Some(before)
}
