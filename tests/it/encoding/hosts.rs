//! A host and its pool, what is said of it, and what bids ask of hosts.

use chain::attribute::{
    Attribute, AttributeKind, AttributeValue, Attributes, Evidence, Schema, SchemaEntry, Words,
};
use chain::host::{BlackoutChange, Host, Pool, PoolId};
use chain::predicate::{Predicate, Predicates, Test};
use chain::sealed::Sealed;
use chain::word::Word;

use super::*;

const POOL: PoolId = PoolId { host: ObjectId([0x0e; 32]), market: MarketId(1) };

/// What the owners of hosts do.
pub(super) fn operations() -> Vec<(&'static str, Operation)> {
    let endpoint = Sealed::new([0x5e; 3]);
    let blackout = |change| Operation::PoolBlackout { pool: POOL, window: window(), change };
    vec![
        ("host-register", Operation::HostRegister { attributes: attributes(), endpoint: None }),
        (
            "host-update",
            Operation::HostUpdate { host: POOL.host, attributes: Attributes::default(), endpoint },
        ),
        ("host-close", Operation::HostClose { host: POOL.host }),
        ("pool-set", Operation::PoolSet { pool: POOL, capacity: Quantity(32) }),
        ("pool-blackout", blackout(BlackoutChange::Begin)),
        ("pool-blackout-lift", blackout(BlackoutChange::Lift)),
    ]
}

pub(super) fn objects(owner: AccountId) -> Vec<Named> {
    let host = Host {
        owner,
        attributes: attributes(),
        endpoint: Sealed::new([0x5e; 3]),
        deposit: amount(8),
    };
    let pool = Pool {
        capacity: Quantity(32),
        asks: 2,
        sold: vec![Sold { window: window(), quantity: Quantity(6) }],
        blackouts: vec![Window { start: Time(14_400_000), end: Time(18_000_000) }],
        deposit: amount(9),
    };
    vec![
        ("host", Key::Host(POOL.host), Object::Host(Box::new(host))),
        ("pool", Key::Pool(POOL), Object::Pool(Box::new(pool))),
    ]
}

/// One key of each kind.
pub(super) fn schema() -> Schema {
    let kinds = [
        ("tee", AttributeKind::Flag),
        ("memory", AttributeKind::Number { unit: "GiB".to_owned() }),
        ("os", AttributeKind::Word { choices: words() }),
    ];
    let entries = kinds.map(|(key, kind)| SchemaEntry { key: word(key), kind });
    Schema::new(entries.to_vec()).unwrap()
}

/// One test of each kind.
pub(super) fn predicates() -> Predicates {
    let tests = [
        ("tee", Test::Set, Evidence::Attested),
        ("memory", Test::AtLeast(64), Evidence::Benchmarked),
        ("memory", Test::AtMost(256), Evidence::Declared),
        ("memory", Test::Equals(128), Evidence::Declared),
        ("os", Test::OneOf(words()), Evidence::Declared),
    ];
    let predicates =
        tests.map(|(key, test, evidence)| Predicate { key: word(key), test, evidence });
    Predicates::new(predicates.to_vec()).unwrap()
}

/// One value of each kind.
fn attributes() -> Attributes {
    let attribute = |key, value, expires| Attribute {
        key: word(key),
        value,
        evidence: Evidence::Declared,
        expires,
    };
    let attributes = vec![
        attribute("tee", AttributeValue::Flag, Some(Time(86_400_000))),
        attribute("memory", AttributeValue::Number(128), None),
        attribute("os", AttributeValue::Word(word("linux")), None),
    ];
    Attributes::new(attributes).unwrap()
}

fn words() -> Words {
    Words::new(vec![word("linux"), word("bsd")]).unwrap()
}

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}
