//! An order for tests that look at orders alone.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::conditions::Conditions;
use chain::hash::Hash;
use chain::height::Height;
use chain::market::{Grade, MarketId};
use chain::order::{Order, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::time::Window;

/// An order of its own owner for one unit at a price of one, now or never. Among equals, the one with the
/// lower number is first.
pub(crate) fn order(number: u8, side: Side, window: Window) -> Order {
    Order {
        owner: AccountId([number; 20]),
        market: MarketId(0),
        side,
        quantity: Quantity(1),
        filled: Quantity::ZERO,
        window,
        limit: Price(1),
        time_in_force: TimeInForce::ImmediateOrCancel,
        grade: Grade::BASE,
        parties: Parties::default(),
        placed: Height(1),
        tie: Hash([number; 32]),
        hold: None,
        sold: Vec::new(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
        stretch: None,
        standing: None,
        deposit: Amount::ZERO,
    }
}
