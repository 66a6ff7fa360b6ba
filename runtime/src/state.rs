//! The state: every object there is, what a block changes in it, and how it reads before the changes
//! of the latest blocks are committed.
//!
//! The committed state is never copied. A block on top of uncommitted ancestors reads through a
//! [`View`]: the newest change of an object wins, and what nobody changed is read from the state.

mod accounts;
mod levels;
mod objects;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use chain::account::AccountId;
use chain::height::Height;
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::order::Order;
use chain::proposal::Proposal;
use chain::state::{Key, Object};
use chain::time::Time;
use chain::timer::{Due, Timer, TimerKind};

use accounts::Accounts;
use levels::Levels;

/// The committed objects, in memory, and the book that follows from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    accounts: Accounts,
    /// All other objects.
    others: BTreeMap<Key, Object>,
    book: BTreeMap<MarketId, BTreeSet<ObjectId>>,
    levels: BTreeMap<MarketId, Levels>,
    /// The open orders of each account.
    orders: BTreeSet<(AccountId, ObjectId)>,
    at_rest: BTreeSet<MarketId>,
}

impl State {
    /// The state that holds exactly `objects`.
    ///
    /// # Panics
    /// When an object stands under a key of another kind.
    pub fn from_objects(objects: impl IntoIterator<Item = (Key, Object)>) -> Self {
        let mut state = Self::default();
        for (key, object) in objects {
            state.put(key, Some(object));
        }
        state
    }

    /// The object under `key`.
    pub fn get(&self, key: &Key) -> Option<&Object> {
        if let Key::Account(id) = key { self.accounts.get(id) } else { self.others.get(key) }
    }

    /// Every object, in rising order of key.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Object)> {
        let accounts = Key::Account(AccountId([0; 20]));
        let (below, above) = (self.others.range(..accounts), self.others.range(accounts..));
        below.chain(self.accounts.iter()).chain(above)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.accounts.len().saturating_add(self.others.len())
    }

    /// True when there is no object at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The open orders of `market`.
    pub fn book(&self, market: MarketId) -> impl Iterator<Item = &ObjectId> {
        self.book.get(&market).into_iter().flatten()
    }

    /// The open orders of `market` whose names come after `last`, or all of them.
    pub fn book_after(
        &self,
        market: MarketId,
        last: Option<ObjectId>,
    ) -> impl Iterator<Item = &ObjectId> {
        let first = last.map_or(Bound::Unbounded, Bound::Excluded);
        let book = self.book.get(&market).into_iter();
        book.flat_map(move |book| book.range((first, Bound::Unbounded)))
    }

    /// The hosts whose names come after `last`, or all of them.
    pub fn hosts_after(&self, last: Option<ObjectId>) -> impl Iterator<Item = ObjectId> {
        let first = Key::Host(last.unwrap_or(ObjectId([0; 32])));
        let hosts = first..=Key::Host(ObjectId([u8::MAX; 32]));
        let names = self.others.range(hosts);
        let names =
            names.filter_map(|(key, _)| if let Key::Host(id) = key { Some(*id) } else { None });
        names.filter(move |id| last != Some(*id))
    }

    /// The proposals that are not over and whose names come after `last`, or all of them.
    pub fn proposals_after(
        &self,
        last: Option<ObjectId>,
    ) -> impl Iterator<Item = (ObjectId, &Proposal)> {
        let first = Bound::Included(Key::Proposal(ObjectId([0; 32])));
        let first = last.map_or(first, |last| Bound::Excluded(Key::Proposal(last)));
        let end = Bound::Included(Key::Proposal(ObjectId([u8::MAX; 32])));
        self.others.range((first, end)).filter_map(|(key, object)| match (key, object) {
            (Key::Proposal(id), Object::Proposal(proposal)) => Some((*id, proposal.as_ref())),
            _ => None,
        })
    }

    /// Takes over what a block changed. Returns what shows, as a layer over this state, how it was before.
    ///
    /// # Panics
    /// When an object stands under a key of another kind.
    pub fn commit(&mut self, changes: &Changes) -> Changes {
        let objects = changes.objects.iter();
        let before = objects.map(|(key, object)| (*key, self.put(*key, object.clone())));
        let mut back = Changes { objects: before.collect(), ..Changes::default() };
        let orders = back.orders().filter_map(|(id, order)| Some((order?.owner, id)));
        back.placed = orders.collect();
        self.at_rest.clone_from(&changes.at_rest);
        back
    }

    /// Puts an object under a key, or nothing. Returns what stood there.
    fn put(&mut self, key: Key, object: Option<Object>) -> Option<Object> {
        if let Some(object) = &object {
            assert!(object.belongs_under(&key), "an object under a key of its kind");
        }
        if let Key::Order(id) = key {
            self.unlist(id);
        }
        if let (Key::Order(id), Some(Object::Order(order))) = (key, &object) {
            self.list(id, order);
        }
        match (key, object) {
            (Key::Account(id), Some(object)) => self.accounts.insert(id, object),
            (Key::Account(id), None) => self.accounts.remove(&id),
            (_, Some(object)) => self.others.insert(key, object),
            (_, None) => self.others.remove(&key),
        }
    }

    /// Notes an open order where it is looked for.
    fn list(&mut self, id: ObjectId, order: &Order) {
        self.book.entry(order.market).or_default().insert(id);
        self.levels.entry(order.market).or_default().insert(id, order);
        self.orders.insert((order.owner, id));
    }

    /// Strikes out the order of this name, if it is open.
    fn unlist(&mut self, id: ObjectId) {
        let Some(Object::Order(order)) = self.others.get(&Key::Order(id)) else { return };
        self.orders.remove(&(order.owner, id));
        if let Some(book) = self.book.get_mut(&order.market) {
            book.remove(&id);
        }
        if let Some(levels) = self.levels.get_mut(&order.market) {
            levels.remove(id, order);
        }
        if self.levels.get(&order.market).is_some_and(Levels::is_empty) {
            self.book.remove(&order.market);
            self.levels.remove(&order.market);
        }
    }
}

/// What one block wrote. Each touched object stands here once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What stands under a key after the block; `None` where an object was removed.
    pub objects: BTreeMap<Key, Option<Object>>,
    /// The last form of the holds, orders, contracts and channels that came to their end. They are no
    /// part of the state any more.
    pub ended: BTreeMap<Key, Object>,
    /// The orders that the block placed and that stand after it, by owner.
    pub placed: BTreeSet<(AccountId, ObjectId)>,
    /// Markets in which nothing can trade after the block until one of them is woken: see `matching`. This
    /// follows from the objects and saves work alone: a state read back knows of none, and its next block
    /// matches every market, to the same effect.
    pub at_rest: BTreeSet<MarketId>,
}

impl Changes {
    /// The orders the block touched: what they are after it, `None` where they ended.
    pub fn orders(&self) -> impl Iterator<Item = (ObjectId, Option<&Order>)> {
        let orders = Key::Order(ObjectId([0; 32]))..=Key::Order(ObjectId([u8::MAX; 32]));
        self.objects.range(orders).filter_map(|(key, object)| match (key, object) {
            (Key::Order(id), Some(Object::Order(order))) => Some((*id, Some(order.as_ref()))),
            (Key::Order(id), None) => Some((*id, None)),
            _ => None,
        })
    }
}

/// The state as a block sees it: the committed one under the changes of blocks not committed yet.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    state: &'a State,
    ancestors: &'a [&'a Changes],
    newest: Option<&'a Changes>,
    reads: Option<&'a Reads>,
}

/// Under which keys something was looked for, whether or not it was there.
#[derive(Debug, Default)]
pub(crate) struct Reads(RefCell<BTreeSet<Key>>);

impl Reads {
    /// The keys.
    pub(crate) fn into_keys(self) -> BTreeSet<Key> {
        self.0.into_inner()
    }
}

impl<'a> View<'a> {
    /// The state after `ancestors`, the oldest first.
    pub const fn new(state: &'a State, ancestors: &'a [&'a Changes]) -> Self {
        Self { state, ancestors, newest: None, reads: None }
    }

    /// The same, under the changes of a block that still runs.
    pub(crate) const fn under<'b>(self, newest: &'b Changes) -> View<'b>
    where
        'a: 'b,
    {
        View { newest: Some(newest), ..self }
    }

    /// The same, noting under which keys objects are looked for. Orders that are listed and not looked at,
    /// and timers, are not noted.
    pub(crate) const fn noting<'b>(self, reads: &'b Reads) -> View<'b>
    where
        'a: 'b,
    {
        View { reads: Some(reads), ..self }
    }

    /// The object under `key`.
    pub fn get(&self, key: &Key) -> Option<&'a Object> {
        if let Some(reads) = self.reads {
            reads.0.borrow_mut().insert(*key);
        }
        for changes in self.layers().rev() {
            if let Some(object) = changes.objects.get(key) {
                return object.as_ref();
            }
        }
        self.state.get(key)
    }

    /// The open orders of `account`.
    pub fn orders_of(&self, account: AccountId) -> BTreeSet<ObjectId> {
        let all = (account, ObjectId([0; 32]))..=(account, ObjectId([u8::MAX; 32]));
        let placed = self.layers().flat_map(|changes| changes.placed.range(all.clone()));
        let orders = self.state.orders.range(all.clone()).chain(placed);
        orders.map(|(_, id)| *id).filter(|id| self.order(id).is_some()).collect()
    }

    /// How many orders of `market` are open.
    pub fn orders_in(&self, market: MarketId) -> u64 {
        let Some(Object::Book(book)) = self.get(&Key::Book(market)) else { return 0 };
        book.orders
    }

    /// The open orders of `market`.
    pub fn book(&self, market: MarketId) -> BTreeSet<ObjectId> {
        let mut book: BTreeSet<ObjectId> = self.state.book(market).copied().collect();
        for (id, order) in self.layers().flat_map(Changes::orders) {
            if order.is_some_and(|order| order.market == market) {
                book.insert(id);
            } else {
                book.remove(&id);
            }
        }
        book
    }

    /// True when nothing could trade in `market` after the newest of the ancestors, or, without one,
    /// after the committed block, for as long as nothing wakes it.
    pub(crate) fn is_at_rest(&self, market: MarketId) -> bool {
        let at_rest = self.ancestors.last().map_or(&self.state.at_rest, |last| &last.at_rest);
        at_rest.contains(&market)
    }

    /// The timers due when the parent block's time is `time` and the block's height is `height`: those
    /// due at a height, then those due at a time, each the oldest first; at most `count`. Heights come
    /// first because they are few, and a deposit stands behind each: a crowd of others cannot hold them up.
    pub fn timers_due(&self, time: Time, height: Height, count: usize) -> Vec<Timer> {
        let mut due = self.timers_until(Due::Height(Height(0)), Due::Height(height), count);
        let room = count.saturating_sub(due.len());
        due.extend(self.timers_until(Due::Time(Time(0)), Due::Time(time), room));
        due
    }

    /// The timers of standing orders due when the parent block's time is `time`, the oldest first; at most
    /// `count`. They have a queue of their own, since they fire at another point of a block.
    pub fn standing_due(&self, time: Time, count: usize) -> Vec<Timer> {
        self.timers_until(Due::Match(Time(0)), Due::Match(time), count)
    }

    /// The first `count` timers due within `first..=last`, the oldest first.
    fn timers_until(&self, first: Due, last: Due, count: usize) -> Vec<Timer> {
        let first = Timer { due: first, kind: TimerKind::ContractDue, object: ObjectId([0; 32]) };
        let last = Timer { due: last, kind: TimerKind::LAST, object: ObjectId([u8::MAX; 32]) };
        let range = Key::Timer(first)..=Key::Timer(last);
        let committed = self.state.others.range(range.clone()).map(|(key, _)| key);
        // The first of all are among the first of each layer.
        let mut due: BTreeSet<Timer> = self.set(committed).take(count).collect();
        for changes in self.layers() {
            let changed = changes.objects.range(range.clone()).map(|(key, _)| key);
            due.extend(self.set(changed).take(count));
        }
        due.into_iter().take(count).collect()
    }

    /// Those of the timers named by `keys` that are set.
    fn set<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> impl Iterator<Item = Timer> {
        keys.filter(|key| self.get(key).is_some())
            .filter_map(|key| if let Key::Timer(timer) = key { Some(*timer) } else { None })
    }

    /// The layers of changes, the oldest first.
    fn layers(&self) -> impl DoubleEndedIterator<Item = &'a Changes> {
        self.ancestors.iter().copied().chain(self.newest)
    }
}

#[cfg(test)]
mod tests;
