//! `apply_block` with orders that all match: as many asks as bids for one window, holds, contracts and
//! events included; signatures, state tree and store not.

use chain::conditions::Conditions;
use chain::market::{Grade, MarketId};
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::time::{Millis, Window};
use chain::transaction::VerifiedTransaction;

use crate::fixture::Fixture;
use crate::timing::Timing;

/// Orders in a block, each of an account of its own.
const ORDERS: u32 = 1_000;
/// A slot of the developers' markets.
const SLOT: Millis = Millis(3_600_000);

/// The operations measured here. An item is an order.
pub(crate) fn measure() -> Vec<Timing> {
    let fixture = Fixture::new(ORDERS, ORDERS + 1);
    let block: Vec<VerifiedTransaction> = (0..ORDERS as usize)
        .map(|number| fixture.transaction(number, vec![order(&fixture, number)]))
        .collect();
    let contracts = fixture.apply(&block).receipts.matching.len();
    assert!(contracts >= ORDERS as usize / 2, "every bid is filled: {contracts} events");
    let name = format!("apply_block/orders={ORDERS}");
    vec![Timing::measure(&name, ORDERS, || fixture.apply(&block))]
}

/// Asks and bids in turns, each ask as large as a bid and cheap enough for it.
fn order(fixture: &Fixture, number: usize) -> Operation {
    let bid = BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None };
    let is_bid = number.is_multiple_of(2);
    let start = fixture.time.after(SLOT);
    Operation::OrderPlace(OrderPlace {
        market: MarketId(0),
        side: if is_bid { Side::Bid(bid) } else { Side::Ask(AskTerms::OWN) },
        quantity: Quantity(10),
        window: Window { start, end: start.after(SLOT) },
        limit: if is_bid { Price(50) } else { Price(40) },
        time_in_force: TimeInForce::Until(start),
        grade: Grade::BASE,
        parties: Parties::default(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
        stretch: None,
    })
}
