//! The matcher alone: the match of one market, from the orders in its book to what it reports, the names of its
//! contracts and the digests of the orders it ends among it. Holds, contracts, state tree and store are not
//! included, nor is placing the orders.

use chain::account::AccountId;
use chain::attribute::Schema;
use chain::authority::AuthorityKey;
use chain::conditions::Conditions;
use chain::event::Event;
use chain::hash::{Domain, Hash};
use chain::height::Height;
use chain::id::ObjectId;
use chain::limits::BLOCK_FILLS_MAX;
use chain::market::{Grade, Market, MarketId, MarketStatus};
use chain::order::{AskTerms, BidTerms, FillRule, Order, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::state::{Key, Object};
use chain::time::{Millis, Time, Window};
use runtime::context::BlockContext;
use runtime::matching;
use runtime::state::{State, View};

use crate::timing::Timing;

/// Orders that meet, bids and asks in turns: as many pairs as a block makes contracts.
const ORDERS: u32 = 2 * BLOCK_FILLS_MAX as u32;
/// Orders beside them that meet none.
const RESTING: [u32; 2] = [0, 100_000];
const MARKET: MarketId = MarketId(0);
const SLOT: Millis = Millis(3_600_000);
const NOW: Time = Time(1_000 * SLOT.0);

/// The match measured here. An item is an order that meets another.
pub(crate) fn measure() -> Vec<Timing> {
    let context = BlockContext {
        chain: Hash::ZERO,
        height: Height(2),
        epoch: 0,
        parent: Hash::ZERO,
        parent_time: NOW,
        time: NOW.after(Millis(1)),
        proposer: AuthorityKey([9; 32]),
    };
    let measure = |resting| {
        let meeting = (0..ORDERS).map(|number| order(number, 40, 50));
        let apart = (ORDERS..ORDERS + resting).map(|number| order(number, 60, 30));
        let market = (Key::Market(MARKET), Object::Market(Box::new(market())));
        let state = State::from_objects(meeting.chain(apart).chain([market]));
        let run = || matching::report(View::new(&state, &[]), &context, MARKET);
        let ended = run().iter().filter(|it| matches!(it, Event::OrderClosed { .. })).count();
        assert_eq!(ended, ORDERS as usize, "every order that meets another is filled");
        Timing::measure(&format!("matcher/orders={ORDERS},resting={resting}"), ORDERS, run)
    };
    RESTING.into_iter().map(measure).collect()
}

fn market() -> Market {
    Market {
        name: "cpu".to_owned(),
        unit: "core".to_owned(),
        slot: SLOT,
        lot: Quantity(1),
        tick: Price(1),
        quantity_min: Quantity(1),
        horizon_slots: 744,
        lead: Millis(0),
        k_bps: 5_000,
        grades: Vec::new(),
        attributes: Schema::default(),
        status: MarketStatus::Open,
    }
}

/// An ask at `ask` or a bid at `bid`, or little above, of an owner of its own.
fn order(number: u32, ask: u64, bid: u64) -> (Key, Object) {
    let tie = Hash::of(Domain::Reference, &[&number.to_le_bytes()]);
    let mut owner = AccountId::default();
    owner.0.iter_mut().zip(tie.0).for_each(|(to, from)| *to = from);
    let terms = BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None };
    let better = u64::from(number / 2 % 10);
    let (side, limit) = if number.is_multiple_of(2) {
        (Side::Bid(terms), bid + better)
    } else {
        (Side::Ask(AskTerms::OWN), ask + better)
    };
    let window = Window { start: NOW.after(SLOT), end: NOW.after(SLOT.times(7)) };
    let order = Order {
        owner,
        market: MARKET,
        side,
        quantity: Quantity(10),
        filled: Quantity::ZERO,
        window,
        limit: Price(limit),
        stretch: None,
        standing: None,
        deposit: chain::amount::Amount::ZERO,
        time_in_force: TimeInForce::Until(window.start),
        grade: Grade::BASE,
        parties: Parties::default(),
        placed: Height(1),
        tie,
        hold: None,
        sold: Vec::new(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
    };
    (Key::Order(ObjectId(tie.0)), Object::Order(Box::new(order)))
}
