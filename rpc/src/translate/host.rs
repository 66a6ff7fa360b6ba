//! Hosts, what is said of them, and what bids ask of them.

use chain::attribute::{
    Attribute, AttributeKind, AttributeValue, Attributes, Evidence, SchemaEntry, Words,
};
use chain::event::Event;
use chain::host::{BlackoutChange, Host, Pool, PoolId};
use chain::id::ObjectId;
use chain::market::Market;
use chain::operation::Operation;
use chain::predicate::{Predicate, Predicates, Test};

use super::Translator;
use crate::types::{
    AttributeKindView, AttributeValueView, AttributeView, BlackoutChangeView, EventView,
    EvidenceView, HostView, OperationView, PoolView, PredicateView, SchemaEntryView, TestView,
};

impl Translator {
    /// A host.
    pub fn host(&self, id: ObjectId, host: &Host) -> HostView {
        HostView {
            host: id.into(),
            owner: self.address(host.owner),
            attributes: attributes(&host.attributes),
            endpoint: host.endpoint.clone().map(Into::into),
        }
    }

    /// What a host has to sell in `market`.
    pub fn pool(&self, id: PoolId, pool: &Pool, market: &Market) -> PoolView {
        PoolView {
            host: id.host.into(),
            market: id.market.0,
            market_name: market.name.clone(),
            capacity: pool.capacity.0,
            asks: pool.asks,
            sold: pool.sold.iter().copied().map(Into::into).collect(),
            blackouts: pool.blackouts.iter().copied().map(Into::into).collect(),
        }
    }

    /// A change of a host or of its pools.
    pub(super) fn host_event(&self, event: &Event) -> EventView {
        let at = |account| self.address(account);
        match *event {
            Event::HostRegistered { host, owner } => {
                EventView::HostRegistered { host: host.into(), owner: at(owner) }
            }
            Event::HostUpdated { host, owner } => {
                EventView::HostUpdated { host: host.into(), owner: at(owner) }
            }
            Event::HostClosed { host, owner } => {
                EventView::HostClosed { host: host.into(), owner: at(owner) }
            }
            Event::PoolSet { pool, owner, capacity } => EventView::PoolSet {
                host: pool.host.into(),
                market: pool.market.0,
                owner: at(owner),
                capacity: capacity.0,
            },
            Event::PoolBlackout { pool, owner, window, change } => EventView::PoolBlackout {
                host: pool.host.into(),
                market: pool.market.0,
                owner: at(owner),
                window: window.into(),
                change: change.into(),
            },
            _ => unreachable!("`event` sends each variant to its function"),
        }
    }
}

/// A step that is about a host or its pools.
pub(super) fn operation(operation: &Operation) -> OperationView {
    match operation {
        Operation::HostRegister { attributes, endpoint } => OperationView::HostRegister {
            attributes: self::attributes(attributes),
            endpoint: endpoint.clone().map(Into::into),
        },
        Operation::HostUpdate { host, attributes, endpoint } => OperationView::HostUpdate {
            host: (*host).into(),
            attributes: self::attributes(attributes),
            endpoint: endpoint.clone().map(Into::into),
        },
        Operation::HostClose { host } => OperationView::HostClose { host: (*host).into() },
        Operation::PoolSet { pool, capacity } => OperationView::PoolSet {
            host: pool.host.into(),
            market: pool.market.0,
            capacity: capacity.0,
        },
        Operation::PoolBlackout { pool, window, change } => OperationView::PoolBlackout {
            host: pool.host.into(),
            market: pool.market.0,
            window: (*window).into(),
            change: (*change).into(),
        },
        _ => unreachable!("`operation` sends each variant to its function"),
    }
}

/// What is said of a host.
pub(super) fn attributes(attributes: &Attributes) -> Vec<AttributeView> {
    attributes.iter().map(Into::into).collect()
}

/// What a bid asks of hosts.
pub(super) fn predicates(predicates: &Predicates) -> Vec<PredicateView> {
    predicates.iter().map(Into::into).collect()
}

impl From<&Attribute> for AttributeView {
    fn from(attribute: &Attribute) -> Self {
        Self {
            key: attribute.key.to_string(),
            value: match &attribute.value {
                AttributeValue::Flag => AttributeValueView::Flag,
                AttributeValue::Number(value) => AttributeValueView::Number { value: *value },
                AttributeValue::Word(word) => AttributeValueView::Word { value: word.to_string() },
            },
            evidence: attribute.evidence.into(),
            expires: attribute.expires.map(|time| time.0),
        }
    }
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        match evidence {
            Evidence::Declared => Self::Declared,
            Evidence::Benchmarked => Self::Benchmarked,
            Evidence::Attested => Self::Attested,
        }
    }
}

impl From<&SchemaEntry> for SchemaEntryView {
    fn from(entry: &SchemaEntry) -> Self {
        let kind = match &entry.kind {
            AttributeKind::Flag => AttributeKindView::Flag,
            AttributeKind::Number { unit } => AttributeKindView::Number { unit: unit.clone() },
            AttributeKind::Word { choices } => AttributeKindView::Word { choices: words(choices) },
        };
        Self { key: entry.key.to_string(), kind }
    }
}

impl From<&Predicate> for PredicateView {
    fn from(predicate: &Predicate) -> Self {
        let test = match &predicate.test {
            Test::Set => TestView::Set,
            Test::AtLeast(number) => TestView::AtLeast { number: *number },
            Test::AtMost(number) => TestView::AtMost { number: *number },
            Test::Equals(number) => TestView::Equals { number: *number },
            Test::OneOf(some) => TestView::OneOf { words: words(some) },
        };
        Self { key: predicate.key.to_string(), test, evidence: predicate.evidence.into() }
    }
}

impl From<BlackoutChange> for BlackoutChangeView {
    fn from(change: BlackoutChange) -> Self {
        match change {
            BlackoutChange::Begin => Self::Begin,
            BlackoutChange::Lift => Self::Lift,
        }
    }
}

fn words(words: &Words) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}
