//! Steps that are about hosts and their pools, and what orders say of them.

use chain::attribute::{
    Attribute, AttributeKind, AttributeValue, Attributes, Evidence, Schema, SchemaEntry, Words,
};
use chain::host::{BlackoutChange, PoolId};
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::operation::Operation;
use chain::order::AskTerms;
use chain::predicate::{Predicate, Predicates, Test};
use chain::quantity::Quantity;
use chain::state::Key;
use chain::time::{Time, Window};
use chain::word::Word;
use runtime::state::State;

use super::operations::moment;
use super::world::{SLOT, World};
use crate::input::Input;

/// What the markets of the world let bids ask.
pub(super) fn schema() -> Schema {
    let os = Words::new(vec![word("linux"), word("bsd"), word("dos")]).expect("three words");
    let kinds = [
        ("tee", AttributeKind::Flag),
        ("memory", AttributeKind::Number { unit: "GiB".to_owned() }),
        ("os", AttributeKind::Word { choices: os }),
    ];
    let entries = kinds.map(|(key, kind)| SchemaEntry { key: word(key), kind });
    Schema::new(entries.to_vec()).expect("three keys")
}

pub(super) fn operation(world: &World, input: &mut Input<'_>, state: &State) -> Operation {
    match input.below(8) {
        0 => Operation::HostRegister { attributes: attributes(world, input), endpoint: None },
        1 => Operation::HostUpdate {
            host: host(input, state),
            attributes: attributes(world, input),
            endpoint: None,
        },
        2 => Operation::HostClose { host: host(input, state) },
        3..6 => {
            let capacity = if input.once_in(16) { input.number() } else { 6 * input.below(8) };
            Operation::PoolSet { pool: pool(input, state), capacity: Quantity(capacity) }
        }
        _ => {
            let first = world.time / SLOT + input.below(6);
            let (start, end) = (first * SLOT, (first + input.below(4)) * SLOT);
            Operation::PoolBlackout {
                pool: pool(input, state),
                window: Window { start: Time(start), end: Time(end) },
                change: if input.once_in(3) { BlackoutChange::Lift } else { BlackoutChange::Begin },
            }
        }
    }
}

/// Most often an ask over the pool of a host.
pub(super) fn ask(input: &mut Input<'_>, state: &State) -> AskTerms {
    AskTerms { host: (!input.once_in(3)).then(|| host(input, state)) }
}

/// Most often nothing.
pub(super) fn predicates(input: &mut Input<'_>) -> Predicates {
    let tests = [
        ("tee", Test::Set),
        ("memory", Test::AtLeast(input.below(4))),
        ("memory", Test::AtMost(input.below(4))),
        ("os", Test::OneOf(Words::new(vec![word("bsd"), word("linux")]).expect("two words"))),
    ];
    let asked = tests.into_iter().filter(|_| input.once_in(8)).map(|(key, test)| Predicate {
        key: word(key),
        test,
        evidence: Evidence::Declared,
    });
    Predicates::new(asked.collect()).expect("few predicates")
}

fn attributes(world: &World, input: &mut Input<'_>) -> Attributes {
    let values = [
        ("tee", AttributeValue::Flag),
        ("memory", AttributeValue::Number(input.below(4))),
        ("os", AttributeValue::Word(word(input.pick(&["linux", "bsd", "dos"])))),
    ];
    let mut said = Vec::new();
    for (key, value) in values {
        if input.once_in(4) {
            continue;
        }
        let evidence = if input.once_in(32) { Evidence::Attested } else { Evidence::Declared };
        let expires = input.once_in(4).then(|| moment(world, input));
        said.push(Attribute { key: word(key), value, evidence, expires });
    }
    Attributes::new(said).expect("few attributes")
}

/// A host that stands in the state, or none.
fn host(input: &mut Input<'_>, state: &State) -> ObjectId {
    let hosts = state.iter().filter_map(|(key, _)| match key {
        Key::Host(id) => Some(*id),
        _ => None,
    });
    let hosts: Vec<ObjectId> = hosts.collect();
    let choice = usize::from(input.byte());
    hosts.get(choice % hosts.len().max(1)).copied().unwrap_or(ObjectId([1; 32]))
}

fn pool(input: &mut Input<'_>, state: &State) -> PoolId {
    let market = if input.once_in(16) { 2 } else { u32::from(input.byte() % 2) };
    PoolId { host: host(input, state), market: MarketId(market) }
}

fn word(text: &str) -> Word {
    Word::new(text).expect("a word")
}
