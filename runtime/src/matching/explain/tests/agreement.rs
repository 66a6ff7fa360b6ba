//! What an order is told about itself is what the matcher does: on random books, and with a limit that is better
//! by what was short.

use std::collections::BTreeMap;

use chain::order::Sold;
use chain::parties::Preference;

use super::*;
use crate::matching::clear;
use crate::testing::params;

const BOOKS: u64 = 1_000;
const ORDERS: u8 = 12;

/// Numbers that follow from a seed alone.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn once_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }

    fn order(&mut self, number: u8) -> Order {
        let is_bid = self.once_in(2);
        let first = 2 + self.below(4);
        let slots = (first, first + 1 + self.below(if is_bid { 2 } else { 5 }));
        let terms = (1 + self.below(8), 1 + self.below(9));
        let mut order = if is_bid { bid(number, terms, slots) } else { ask(number, terms, slots) };
        order.owner = AccountId([u8::try_from(self.below(5)).unwrap(); 20]);
        order.grade = Grade(u8::from(self.once_in(3)));
        if self.once_in(6) {
            let notice = Millis(10 * (1 + self.below(2)));
            order.conditions.kind = Kind::Interruptible { notice };
        }
        order.parties = self.parties(is_bid);
        if is_bid {
            let fill = match self.below(3) {
                0 => FillRule::AllOrNone,
                1 => FillRule::AtLeast(Quantity(self.below(terms.0 + 1))),
                _ => FillRule::AtLeast(Quantity::ZERO),
            };
            let sellers_max = self.once_in(4).then_some(1);
            order.side = Side::Bid(BidTerms { fill, sellers_max });
        } else if self.once_in(3) {
            let window = Window { end: Time(order.window.start.0 + 10), ..order.window };
            order.sold = vec![Sold { window, quantity: Quantity(1 + self.below(terms.0)) }];
        }
        order
    }

    fn parties(&mut self, is_bid: bool) -> Parties {
        let mut some = |chance| {
            let one = AccountId([u8::try_from(self.below(5)).unwrap(); 20]);
            let chosen = self.once_in(chance);
            Accounts::new(chosen.then_some(one).into_iter().collect()).unwrap()
        };
        let (only, deny, preferred) = (some(16), some(6), some(3));
        let prefer = if is_bid { Preference::new(preferred, 4_000) } else { None };
        Parties { only, deny, prefer }
    }
}

fn state(orders: &[Order]) -> State {
    let named =
        |order: &Order| (Key::Order(ObjectId(order.tie.0)), Object::Order(Box::new(order.clone())));
    let market = (Key::Market(MarketId(0)), Object::Market(Box::new(market())));
    let params = (Key::Params, Object::Params(Box::new(params())));
    State::from_objects(orders.iter().map(named).chain([market, params]))
}

/// What each order gets in the next match.
fn got(orders: &[Order]) -> BTreeMap<ObjectId, u64> {
    let state = state(orders);
    let view = View::new(&state, &[]);
    let cleared = clear(view, (MarketId(0), &market()), (Share::of(1), Turns::FromTheBest), NOW);
    let mut got = BTreeMap::new();
    for fill in cleared.cells.iter().flat_map(|cell| &cell.fills) {
        for id in [fill.bid, fill.ask] {
            *got.entry(id).or_default() += fill.quantity.0;
        }
    }
    got
}

/// The same orders, one of them at another limit.
fn amended(orders: &[Order], at: usize, limit: u64) -> Vec<Order> {
    let mut orders = orders.to_vec();
    orders[at].limit = Price(limit);
    orders
}

fn check_price(orders: &[Order], at: usize, short: Price, seed: u64) {
    let order = &orders[at];
    let id = ObjectId(order.tie.0);
    let is_bid = matches!(order.side, Side::Bid(_));
    let better = |by: u64| if is_bid { order.limit.0 + by } else { order.limit.0 - by };
    let trades = |by: u64| got(&amended(orders, at, better(by))).contains_key(&id);
    assert!(trades(short.0), "seed {seed}: {order:?} is not short by {short}");
}

#[test]
fn random_books_do_what_orders_are_told() {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..BOOKS {
        let mut random = Random(seed);
        let orders: Vec<Order> = (1..=ORDERS).map(|number| random.order(number)).collect();
        let (state, got) = (state(&orders), got(&orders));
        for (at, order) in orders.iter().enumerate() {
            let id = ObjectId(order.tie.0);
            let told = explain(&View::new(&state, &[]), NOW, id, order);
            let says = if let Reason::Trades(quantity) = told.reason { quantity.0 } else { 0 };
            let gets = got.get(&id).copied().unwrap_or(0);
            assert_eq!(says, gets, "seed {seed}: {order:?} is told {told:?}");
            if let Reason::Price { short } = told.reason {
                check_price(&orders, at, short, seed);
            }
            let name = format!("{:?}", told.reason);
            let name = name.split([' ', '(']).next().unwrap().to_owned();
            *reasons.entry(name).or_default() += 1;
        }
    }
    let all =
        ["Fill", "Grade", "Kind", "Outranked", "Party", "Price", "Sellers", "Trades", "Window"];
    for name in all {
        let seen = reasons.get(name).copied().unwrap_or(0);
        assert!(seen >= 30, "{name} was told {seen} times: {reasons:?}");
    }
}
