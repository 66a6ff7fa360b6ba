//! Pools in the model: what is sold in every single slot, and what is said of the host behind them.

use std::collections::{BTreeMap, BTreeSet};

use chain::attribute::{Attribute, AttributeValue, Attributes};
use chain::predicate::{Predicate, Predicates, Test};
use chain::time::{Time, Window};

/// What a host has to sell in the market.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelPool {
    /// What is said of the host.
    pub attributes: Attributes,
    /// Units in every slot.
    pub capacity: u64,
    /// Units sold in the slots that begin at these points.
    pub sold: BTreeMap<u64, u64>,
    /// The slots, by their beginning, in which nothing more is sold.
    pub dark: BTreeSet<u64>,
}

impl ModelPool {
    /// What is for sale in the slot that begins at `start`.
    pub fn free(&self, start: u64) -> u64 {
        let sold = self.sold.get(&start).copied().unwrap_or(0);
        if self.dark.contains(&start) { 0 } else { self.capacity - sold }
    }

    /// Sells so much in every slot of `window`, slots being `slot` long.
    pub fn sell(&mut self, window: Window, slot: u64, quantity: u64) {
        for start in starts(window, slot) {
            *self.sold.entry(start).or_default() += quantity;
        }
    }

    /// Takes back so much in every slot of `window`.
    pub fn give_back(&mut self, window: Window, slot: u64, quantity: u64) {
        for start in starts(window, slot) {
            let sold = self.sold.get_mut(&start).expect("it was sold");
            *sold -= quantity;
            if *sold == 0 {
                self.sold.remove(&start);
            }
        }
    }

    /// True when the host has all that is asked for, until `end` at least.
    pub fn suits(&self, predicates: &Predicates, end: Time) -> bool {
        let has = |predicate: &Predicate| {
            self.attributes.iter().any(|attribute| is_met(predicate, attribute, end))
        };
        predicates.iter().all(has)
    }
}

/// Where the slots of `window` begin.
pub fn starts(window: Window, slot: u64) -> impl Iterator<Item = u64> {
    (window.start.0..window.end.0).step_by(slot as usize)
}

fn is_met(predicate: &Predicate, attribute: &Attribute, end: Time) -> bool {
    let passes = match &attribute.value {
        AttributeValue::Flag => predicate.test == Test::Set,
        AttributeValue::Number(number) => match predicate.test {
            Test::AtLeast(least) => least <= *number,
            Test::AtMost(most) => most >= *number,
            Test::Equals(same) => same == *number,
            Test::Set | Test::OneOf(_) => false,
        },
        AttributeValue::Word(word) => match &predicate.test {
            Test::OneOf(words) => words.iter().any(|one| one == word),
            _ => false,
        },
    };
    let lasts = match attribute.expires {
        Some(expires) => expires >= end,
        None => true,
    };
    passes && lasts && attribute.key == predicate.key && attribute.evidence >= predicate.evidence
}
