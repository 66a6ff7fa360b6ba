//! Claims about which orders a match looks at, against a look at all of them.

use std::collections::{BTreeMap, BTreeSet};

use chain::id::ObjectId;
use chain::market::MarketId;
use chain::order::{AskTerms, BidTerms, FillRule, Order, Side, TimeInForce};
use chain::quantity::Price;
use chain::state::{Key, Object};
use chain::time::{Time, Window};
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{Changes, State, View};
use crate::testing;

const MARKET: MarketId = MarketId(1);

/// Whether an order is a bid, its limit, and the number of its window.
type Said = (bool, u8, u8);
/// An order's name, and what it says; none where it ends.
type Written = (u8, Option<Said>);

/// One of a few windows, some of them in others.
fn window(number: u8) -> Window {
    let (start, slots) = (u64::from(number % 3), u64::from(number / 3 % 3));
    Window { start: Time(start), end: Time(start + slots + 1) }
}

fn order((is_bid, limit, number): Said, market: MarketId) -> Order {
    let bid = BidTerms { fill: FillRule::AllOrNone, sellers_max: None };
    let side = if is_bid { Side::Bid(bid) } else { Side::Ask(AskTerms::OWN) };
    Order {
        market,
        limit: Price(limit.into()),
        time_in_force: TimeInForce::Until(Time(9)),
        ..testing::order(1, side, window(number))
    }
}

fn object(name: u8, terms: Said, market: MarketId) -> (Key, Object) {
    (Key::Order(ObjectId([name; 32])), Object::Order(Box::new(order(terms, market))))
}

/// What a block writes. The side of an order follows from its name, as it never changes.
fn block(written: &[Written]) -> Changes {
    let objects = written.iter().map(|(name, terms)| {
        let key = Key::Order(ObjectId([*name; 32]));
        (
            key,
            terms
                .map(|(_, limit, number)| object(*name, (*name % 2 == 0, limit, number), MARKET).1),
        )
    });
    Changes { objects: objects.collect(), ..Changes::default() }
}

/// The same question, asked of every order.
fn meeting(view: &View<'_>, live: impl Fn(&Order) -> bool) -> BTreeSet<ObjectId> {
    let orders: BTreeMap<ObjectId, &Order> = view
        .book(MARKET)
        .into_iter()
        .filter_map(|id| view.order(&id).map(|order| (id, order)))
        .filter(|(_, order)| live(order))
        .collect();
    let meets = |one: &Order| {
        orders.values().any(|other| match (&one.side, &other.side) {
            (Side::Bid(_), Side::Ask(_)) => {
                one.limit >= other.limit && other.window.contains(one.window)
            }
            (Side::Ask(_), Side::Bid(_)) => {
                one.limit <= other.limit && one.window.contains(other.window)
            }
            _ => false,
        })
    };
    orders.iter().filter(|(_, order)| meets(order)).map(|(id, _)| *id).collect()
}

fn written() -> impl Strategy<Value = Vec<Written>> {
    vec((0..20_u8, proptest::option::of((any::<bool>(), 1..12_u8, 0..9_u8))), 0..12)
}

proptest! {
    #[test]
    fn orders_that_meet_are_found_through_all_layers(
        committed in written(),
        layers in vec(written(), 0..3),
        dead in 0..12_u8,
    ) {
        let mut state = State::default();
        state.commit(&block(&committed));
        let layers: Vec<Changes> = layers.iter().map(|layer| block(layer)).collect();
        let live = |order: &Order| order.limit != Price(dead.into());
        let ancestors: Vec<&Changes> = layers.iter().collect();
        let found = View::new(&state, &ancestors).meeting(MARKET, live);
        let names: BTreeSet<ObjectId> = found.iter().map(|(id, _)| *id).collect();
        prop_assert_eq!(names.len(), found.len(), "none twice");
        prop_assert_eq!(&names, &meeting(&View::new(&state, &ancestors), live));
        // It is the same once the layers are committed.
        for layer in &layers {
            state.commit(layer);
        }
        let found: BTreeSet<ObjectId> =
            View::new(&state, &[]).meeting(MARKET, live).iter().map(|(id, _)| *id).collect();
        prop_assert_eq!(found, names);
    }
}

#[test]
fn order_that_is_to_trade_at_once_is_found_though_it_meets_none() {
    let state = State::from_objects([
        object(2, (true, 5, 0), MARKET),
        object(4, (true, 6, 0), MarketId(0)),
    ]);
    let immediate =
        Order { time_in_force: TimeInForce::ImmediateOrCancel, ..order((true, 3, 0), MARKET) };
    let key = Key::Order(ObjectId([6; 32]));
    let objects = [(key, Some(Object::Order(Box::new(immediate))))].into_iter().collect();
    let newest = Changes { objects, ..Changes::default() };
    let found = View::new(&state, &[]).under(&newest).meeting(MARKET, |_| true);
    assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ObjectId([6; 32])]);
}
