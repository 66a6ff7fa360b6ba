//! The pools that asks of a book sell out of, several perhaps out of one, and what is said of their hosts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chain::attribute::Attributes;
use chain::host::Pool;
use chain::id::ObjectId;
use chain::order::Sold;
use chain::predicate::Predicates;
use chain::quantity::Quantity;
use chain::time::Window;

use crate::spans;

/// A pool as the match finds it, what is said of its host, and what it has sold.
#[derive(Clone, Debug)]
pub(super) struct OpenPool<'a> {
    attributes: &'a Attributes,
    pool: &'a Pool,
    sold: Cow<'a, [Sold]>,
}

impl<'a> OpenPool<'a> {
    /// A pool of a host of which `attributes` are said.
    pub(super) fn new(attributes: &'a Attributes, pool: &'a Pool) -> Self {
        Self { attributes, pool, sold: Cow::Borrowed(&pool.sold) }
    }

    /// The least that is for sale in any slot of `window`.
    pub(super) fn free(&self, window: Window) -> Quantity {
        let dark = &self.pool.blackouts;
        let next = dark.partition_point(|it| it.end <= window.start);
        if dark.get(next).is_some_and(|it| it.start < window.end) {
            return Quantity::ZERO;
        }
        spans::free(self.pool.capacity, &self.sold, window)
    }

    /// Takes `quantity` units out of every slot of `window`.
    pub(super) fn sell(&mut self, window: Window, quantity: Quantity) {
        self.sold = Cow::Owned(spans::sell(&self.sold, window, quantity));
    }
}

/// The pools of a book, each at its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Pools<'a> {
    places: BTreeMap<ObjectId, usize>,
    pools: Vec<OpenPool<'a>>,
}

impl<'a> Pools<'a> {
    /// The place of the pool of `host`, which `pool` says where it is asked for the first time.
    pub(super) fn place(&mut self, host: ObjectId, pool: impl FnOnce() -> OpenPool<'a>) -> usize {
        let Self { places, pools } = self;
        *places.entry(host).or_insert_with(|| {
            pools.push(pool());
            pools.len().saturating_sub(1)
        })
    }

    /// The pool at `place`.
    pub(super) fn at(&self, place: usize) -> &OpenPool<'a> {
        self.pools.get(place).expect("a place of this book")
    }

    /// The pool at `place`.
    pub(super) fn at_mut(&mut self, place: usize) -> &mut OpenPool<'a> {
        self.pools.get_mut(place).expect("a place of this book")
    }

    /// True when the host behind the pool at `place`, where there is one, has all that is asked for.
    pub(super) fn suits(
        &self,
        place: Option<usize>,
        predicates: &Predicates,
        window: Window,
    ) -> bool {
        let has = |place| predicates.hold(self.at(place).attributes, window.end);
        predicates.is_empty() || place.is_some_and(has)
    }

    /// Which hosts have all that `predicates` ask for, until the end of `window` at least.
    pub(super) fn suiting(&self, predicates: &Predicates, window: Window) -> Suiting {
        if predicates.is_empty() {
            return Suiting::All;
        }
        let suits = |it: &OpenPool<'_>| predicates.hold(it.attributes, window.end);
        Suiting::Some(self.pools.iter().map(suits).collect())
    }
}

/// Which asks have what a group of bids asks for.
#[derive(Clone, Debug)]
pub(super) enum Suiting {
    /// All: nothing is asked for.
    All,
    /// Those that sell out of the pools at the marked places. An ask without a pool has no host of which
    /// anything could be said.
    Some(Vec<bool>),
}

impl Suiting {
    /// True for an ask that sells out of the pool at `place`, where it does out of one.
    pub(super) fn admits(&self, place: Option<usize>) -> bool {
        match self {
            Self::All => true,
            Self::Some(suits) => {
                place.and_then(|place| suits.get(place)).is_some_and(|suits| *suits)
            }
        }
    }

    /// Pools that were looked at for each predicate.
    pub(super) const fn pools(&self) -> usize {
        match self {
            Self::All => 0,
            Self::Some(suits) => suits.len(),
        }
    }
}

/// What one bid's walk would take out of pools, in every slot of its window, before anything is taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Spoken(BTreeMap<usize, Quantity>);

impl Spoken {
    /// What would be taken out of the pool at `place`.
    pub(super) fn of(&self, place: usize) -> Quantity {
        self.0.get(&place).copied().unwrap_or_default()
    }

    /// Notes that `quantity` more units would be.
    pub(super) fn add(&mut self, place: usize, quantity: Quantity) {
        let sum = self.of(place).checked_add(quantity);
        self.0.insert(place, sum.expect("no more is taken than a pool has"));
    }
}
