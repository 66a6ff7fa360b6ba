//! Standing orders one by one, and against the orders that they placed.

use std::collections::BTreeMap;

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::order::Side;
use chain::standing::{Day, Standing, StandingState};
use chain::state::{Key, Object};

use crate::invariants::Violation;
use crate::state::{State, View};

/// Checks that what the open bids of a standing order have set aside is counted, and that they are its owner's.
pub(super) fn check(state: &State) -> Result<(), Violation> {
    let view = View::new(state, &[]);
    let mut aside: BTreeMap<ObjectId, Option<Amount>> = BTreeMap::new();
    for (key, object) in state.iter() {
        let (Key::Order(_), Object::Order(order)) = (key, object) else { continue };
        let Some(id) = order.standing else { continue };
        let Some(standing) = view.standing(&id) else { continue };
        if standing.owner != order.owner || standing.terms.template.market != order.market {
            return Err(Violation::Standing(id));
        }
        let hold = order.hold.and_then(|hold| view.hold(&hold)).map(|hold| hold.amount);
        let sum = aside.entry(id).or_insert(Some(Amount::ZERO));
        *sum = sum.and_then(|sum| sum.checked_add(hold.unwrap_or_default()));
    }
    for (id, aside) in aside {
        let committed = view.standing(&id).map(|standing| standing.committed);
        if aside.is_none() || committed < aside {
            return Err(Violation::Standing(id));
        }
    }
    Ok(())
}

/// True when a standing order waits for a window of its pattern, within its budget.
pub(super) fn is_sound(view: &View<'_>, standing: &Standing) -> bool {
    let Standing { terms, state, next, due, committed, .. } = standing;
    let timely = match state {
        StandingState::Running => *due >= terms.placed_at(*next),
        StandingState::Paused => *due == terms.until,
    };
    let is_bid = matches!(terms.template.side, Side::Bid(_));
    timely
        && terms.window_from(Day::of(next.start)) == Some(*next)
        && terms.budget.is_none_or(|budget| is_bid && *committed <= budget)
        && (is_bid || committed.is_zero())
        && view.market(terms.template.market).is_some()
}
