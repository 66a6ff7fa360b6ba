//! What fuzzed authorities propose: markets that may be sound, and terms that may fit.

use chain::market::{Market, MarketId, MarketStatus};
use chain::operation::Operation;
use chain::proposal::{Change, MarketChange};
use chain::quantity::Quantity;
use chain::state::{Key, Object};
use chain::time::Millis;
use runtime::state::State;

use crate::input::Input;

pub(super) fn propose(input: &mut Input<'_>, state: &State) -> Operation {
    let number = MarketId(u32::from(input.byte() % 3));
    let Some(Object::Market(market)) = state.get(&Key::Market(number)) else {
        return add(input, state);
    };
    if input.once_in(3) {
        return add(input, state);
    }
    let mut terms = market.terms();
    match input.below(5) {
        0 => terms.quantity_min = Quantity(input.number()),
        1 => terms.lead = Millis(input.number()),
        2 => terms.k_bps = u16::from(input.byte()) * 64,
        3 => terms.horizon_slots = input.number(),
        _ => {
            terms.status = match terms.status {
                MarketStatus::Open => MarketStatus::Closed,
                MarketStatus::Closed => MarketStatus::Open,
            };
        }
    }
    Operation::Propose { change: Change::Market(MarketChange::Set { market: number, terms }) }
}

fn add(input: &mut Input<'_>, state: &State) -> Operation {
    let Some(Object::Market(first)) = state.get(&Key::Market(MarketId(0))) else {
        unreachable!("the world has a market")
    };
    let name = input.pick(&["spare", "cpu", "GPU"]).to_string();
    let market = Market { name, ..first.as_ref().clone() };
    Operation::Propose { change: Change::Market(MarketChange::Add(Box::new(market))) }
}
