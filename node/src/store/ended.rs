//! What is kept of objects that came to their end: their last form, where it was, and why.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use chain::event::Event;
use chain::height::Height;
use chain::hold::HoldClosed;
use chain::order::OrderClosed;
use chain::receipt::Receipts;
use chain::state::{Key, Object};
use runtime::state::Changes;

/// A hold, order, contract or channel after its end.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Ended {
    /// Its last form.
    pub object: Object,
    /// The block that ended it.
    pub height: Height,
    /// Why, for holds and orders.
    pub reason: Option<Reason>,
}

/// Why a hold or an order came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Reason {
    /// A hold.
    Hold(HoldClosed),
    /// An order.
    Order(OrderClosed),
}

/// What the block at `height` ended.
pub(super) fn of_block(
    height: Height,
    changes: &Changes,
    receipts: &Receipts,
) -> impl Iterator<Item = (Key, Ended)> {
    let reasons: BTreeMap<Key, Reason> = receipts.steps().flatten().filter_map(reason).collect();
    changes.ended.iter().map(move |(key, object)| {
        let reason = reasons.get(key).copied();
        (*key, Ended { object: object.clone(), height, reason })
    })
}

fn reason(event: &Event) -> Option<(Key, Reason)> {
    match event {
        Event::HoldClosed { hold, reason, .. } => Some((Key::Hold(*hold), Reason::Hold(*reason))),
        Event::OrderClosed { order, reason, .. } => {
            Some((Key::Order(*order), Reason::Order(*reason)))
        }
        _ => None,
    }
}
