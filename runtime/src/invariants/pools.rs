//! Pools against the contracts and asks that draw on them.

use std::collections::BTreeMap;

use chain::account::AccountId;
use chain::contract::Contract;
use chain::host::{Pool, PoolId};
use chain::limits::BLACKOUTS_MAX;
use chain::state::{Key, Object};
use chain::time::Time;

use crate::invariants::Violation;
use crate::state::{State, View};

/// What draws on a pool.
#[derive(Default)]
struct Draws<'a> {
    asks: u32,
    contracts: Vec<&'a Contract>,
}

pub(super) fn check(state: &State) -> Result<(), Violation> {
    let view = View::new(state, &[]);
    let mut draws: BTreeMap<PoolId, Draws<'_>> = BTreeMap::new();
    for (_, object) in state.iter() {
        if let Object::Order(order) = object
            && let Some(host) = order.side.host()
        {
            let id = PoolId { host, market: order.market };
            let asks = &mut drawn(&view, &mut draws, id, order.owner)?.asks;
            *asks = asks.saturating_add(1);
        } else if let Object::Contract(contract) = object
            && let Some(host) = contract.host.filter(|_| contract.state.occupies())
        {
            let id = PoolId { host, market: contract.market };
            drawn(&view, &mut draws, id, contract.seller)?.contracts.push(contract);
        }
    }
    for (key, object) in state.iter() {
        match (key, object) {
            (Key::Host(id), Object::Host(host)) if view.account(&host.owner).is_none() => {
                return Err(Violation::Host(*id));
            }
            (Key::Pool(id), Object::Pool(pool)) => {
                let draws = draws.remove(id).unwrap_or_default();
                if !is_sound(&view, *id, pool, &draws) {
                    return Err(Violation::Pool(*id));
                }
            }
            _ => {}
        }
    }
    draws.keys().next().map_or(Ok(()), |pool| Err(Violation::Pool(*pool)))
}

/// What draws on a pool, for one more that `owner` lets draw: the owner of the host.
fn drawn<'d, 'a>(
    view: &View<'_>,
    draws: &'d mut BTreeMap<PoolId, Draws<'a>>,
    id: PoolId,
    owner: AccountId,
) -> Result<&'d mut Draws<'a>, Violation> {
    let own = view.host(&id.host).is_some_and(|host| host.owner == owner);
    if own { Ok(draws.entry(id).or_default()) } else { Err(Violation::Pool(id)) }
}

fn is_sound(view: &View<'_>, id: PoolId, pool: &Pool, draws: &Draws<'_>) -> bool {
    let Some(market) = view.market(id.market) else { return false };
    let dark = &pool.blackouts;
    !pool.capacity.is_zero()
        && pool.capacity.is_multiple_of(market.lot)
        && pool.asks == draws.asks
        && dark.len() <= BLACKOUTS_MAX
        && dark.is_sorted_by(|one, next| one.end < next.start)
        && dark.iter().all(|it| it.slots(market.slot).is_some())
        && has_sold(pool, &draws.contracts)
}

/// True when the pool's spans are in order and as few as possible, within its capacity, and say at every point
/// in time what its contracts need.
fn has_sold(pool: &Pool, contracts: &[&Contract]) -> bool {
    let spans = &pool.sold;
    let apart = spans.is_sorted_by(|one, next| {
        let (one_ends, next_starts) = (one.window.end, next.window.start);
        one_ends < next_starts || (one_ends == next_starts && one.quantity != next.quantity)
    });
    let sized = spans.iter().all(|it| {
        it.window.start < it.window.end && !it.quantity.is_zero() && it.quantity <= pool.capacity
    });
    let of_contracts = contracts.iter().flat_map(|it| [it.window.start, it.window.end]);
    let of_spans = spans.iter().flat_map(|it| [it.window.start, it.window.end]);
    let agrees = |point: Time| {
        let sold = spans.iter().filter(|it| it.window.start <= point && point < it.window.end);
        let needed =
            contracts.iter().filter(|it| it.window.start <= point && point < it.window.end);
        sold.map(|it| u128::from(it.quantity.0)).sum::<u128>()
            == needed.map(|it| u128::from(it.quantity.0)).sum::<u128>()
    };
    apart && sized && of_contracts.chain(of_spans).all(agrees)
}
