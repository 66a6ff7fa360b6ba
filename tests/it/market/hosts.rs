//! What bids ask of hosts, and asks that share the pool of one.

use chain::attribute::{
    Attribute, AttributeKind, AttributeValue, Attributes, Evidence, Schema, SchemaEntry,
};
use chain::host::{Host, PoolId};
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, FillRule, Side};
use chain::predicate::{Predicate, Predicates, Test};
use chain::quantity::Quantity;
use chain::state::{Key, Object};
use chain::time::Time;
use chain::word::Word;
use runtime::state::Changes;

use super::floor::{Floor, Trader, ask, bid, filled, fills, hourly, saturday, sellers};

impl Floor {
    /// Registers a host of the trader, with a pool in the first market.
    pub(super) fn host(&mut self, who: Trader, said: Attributes, capacity: u64) -> ObjectId {
        let host = self.next_id(who);
        let pool = PoolId { host, market: MarketId(0) };
        let operations = vec![
            Operation::HostRegister { attributes: said, endpoint: None },
            Operation::PoolSet { pool, capacity: Quantity(capacity) },
        ];
        self.block(self.now().0 + 1, &[(who, operations)]);
        host
    }
}

/// A schema with a flag and a number.
pub(super) fn trusted() -> Schema {
    let (flag, unit) = (AttributeKind::Flag, "GiB".to_owned());
    let entries = vec![
        SchemaEntry { key: word("tee"), kind: flag },
        SchemaEntry { key: word("memory"), kind: AttributeKind::Number { unit } },
    ];
    Schema::new(entries).expect("two keys")
}

/// What a host says that declares one flag.
pub(super) fn flag(key: &str) -> Attributes {
    said(Evidence::Declared, &[(key, AttributeValue::Flag, None)])
}

/// That a host must have a flag.
pub(super) fn flag_set(key: &str) -> Predicates {
    asked(&[(key, Test::Set)])
}

/// The same bid, asking that of hosts.
pub(super) fn asking(predicates: Predicates, mut bid: OrderPlace) -> OrderPlace {
    bid.predicates = predicates;
    bid
}

/// The same ask, over the pool of a host.
pub(super) fn over(host: ObjectId, ask: OrderPlace) -> OrderPlace {
    OrderPlace { side: Side::Ask(AskTerms { host: Some(host) }), ..ask }
}

fn asked(tests: &[(&str, Test)]) -> Predicates {
    let predicate = |(key, test): &(&str, Test)| Predicate {
        key: word(key),
        test: test.clone(),
        evidence: Evidence::Declared,
    };
    Predicates::new(tests.iter().map(predicate).collect()).expect("few predicates")
}

fn said(evidence: Evidence, values: &[(&str, AttributeValue, Option<Time>)]) -> Attributes {
    let attribute = |(key, value, expires): &(&str, AttributeValue, Option<Time>)| {
        let value = value.clone();
        Attribute { key: word(key), value, evidence, expires: *expires }
    };
    Attributes::new(values.iter().map(attribute).collect()).expect("few attributes")
}

fn word(text: &str) -> Word {
    Word::new(text).expect("a word")
}

fn floor() -> Floor {
    Floor::new(&[Market { attributes: trusted(), ..hourly() }], 5, 1_000_000)
}

#[test]
fn bid_is_served_by_hosts_that_have_all_it_asks_for() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let memory =
        |number| said(Evidence::Declared, &[("memory", AttributeValue::Number(number), None)]);
    let (small, large) = (floor.host(1, memory(32), 10), floor.host(2, memory(64), 10));
    let least = asked(&[("memory", Test::AtLeast(64)), ("memory", Test::AtMost(128))]);
    let (ids, applied) = floor.place_by(&[
        (0, asking(least, bid(10, 60, window))),
        (1, over(small, ask(10, 20, window))),
        (2, over(large, ask(10, 40, window))),
        (3, ask(10, 10, window)),
    ]);
    assert_eq!(fills(&ids, &applied), [(0, 2, 10, 50, 500)], "an ask without a host says nothing");
}

#[test]
fn what_is_said_must_hold_until_the_window_is_over() {
    let window = saturday(0, 2);
    for (end, trades) in [(saturday(0, 1).end, 0), (window.end, 1)] {
        let mut floor = floor();
        let lasting = said(Evidence::Declared, &[("tee", AttributeValue::Flag, Some(end))]);
        let host = floor.host(1, lasting, 10);
        let picky = asking(flag_set("tee"), bid(10, 60, window));
        let (ids, applied) = floor.place(&[picky, over(host, ask(10, 40, window))]);
        assert_eq!(fills(&ids, &applied).len(), trades);
    }
}

#[test]
fn better_evidence_serves_who_asks_for_less() {
    let window = saturday(0, 1);
    let levels = [Evidence::Declared, Evidence::Benchmarked, Evidence::Attested];
    for known in levels {
        for evidence in levels {
            let mut floor = floor();
            let host = floor.host(1, Attributes::default(), 10);
            // No rule makes such evidence yet; the state can hold it.
            let attributes = said(known, &[("tee", AttributeValue::Flag, None)]);
            let proven = Host {
                owner: floor.account_of(1),
                attributes,
                endpoint: None,
                deposit: chain::amount::Amount::ZERO,
            };
            let objects = [(Key::Host(host), Some(Object::Host(Box::new(proven))))].into();
            floor.state.commit(&Changes { objects, ..Changes::default() });
            let wanted = Predicate { key: word("tee"), test: Test::Set, evidence };
            let wanted = Predicates::new(vec![wanted]).expect("one predicate");
            let picky = asking(wanted, bid(10, 60, window));
            let (ids, applied) = floor.place(&[picky, over(host, ask(10, 40, window))]);
            assert_eq!(fills(&ids, &applied).len(), usize::from(known >= evidence));
        }
    }
}

#[test]
fn market_wakes_when_a_host_says_what_was_asked_for() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let host = floor.host(1, Attributes::default(), 10);
    let picky = asking(flag_set("tee"), bid(10, 60, window));
    let (ids, applied) = floor.place(&[picky, over(host, ask(10, 40, window))]);
    assert_eq!(fills(&ids, &applied), []);
    floor.block(floor.now().0 + 1, &[]);
    let update = Operation::HostUpdate { host, attributes: flag("tee"), endpoint: None };
    let applied = floor.block(floor.now().0 + 1, &[(1, vec![update])]);
    assert_eq!(fills(&ids, &applied), [(0, 1, 10, 50, 500)]);
}

#[test]
fn all_or_none_bid_finds_a_pool_once_however_many_asks_sell_it() {
    let window = saturday(0, 1);
    for (wanted, trades) in [(11, vec![]), (10, vec![(0, 1, 8, 50, 400), (0, 2, 2, 50, 100)])] {
        let mut floor = floor();
        let host = floor.host(1, Attributes::default(), 10);
        let first = floor.place_by(&[(1, over(host, ask(8, 30, window)))]).0;
        let second = floor.place_by(&[(1, over(host, ask(8, 40, window)))]).0;
        let whole = filled(FillRule::AllOrNone, sellers(1, bid(wanted, 60, window)));
        let (bids, applied) = floor.place_by(&[(0, whole)]);
        let ids = [bids, first, second].concat();
        assert_eq!(fills(&ids, &applied), trades);
    }
}

#[test]
fn ask_whose_pool_is_sold_by_another_bounds_no_price() {
    let window = saturday(0, 1);
    let mut floor = floor();
    let host = floor.host(1, Attributes::default(), 10);
    let cheap = floor.place_by(&[(1, over(host, ask(10, 30, window)))]).0;
    let dear = floor.place_by(&[(1, over(host, ask(10, 40, window)))]).0;
    let (bids, applied) = floor.place_by(&[(0, bid(10, 60, window))]);
    let ids = [bids, cheap, dear].concat();
    // The ask at 40 would be the bound above, had its pool anything left.
    assert_eq!(fills(&ids, &applied), [(0, 1, 10, 45, 450)]);
}
