//! The state: every object there is, what a block changes in it, and how it reads before the changes
//! of the latest blocks are committed.
//!
//! The committed state is never copied. A block on top of uncommitted ancestors reads through a
//! [`View`]: the newest change of an object wins, and what nobody changed is read from the state.

mod accounts;
mod levels;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use chain::account::{Account, AccountId};
use chain::agent::Agent;
use chain::captured::Captured;
use chain::channel::Channel;
use chain::contract::Contract;
use chain::height::Height;
use chain::hold::Hold;
use chain::host::{Host, Pool, PoolId};
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::name::{Name, NameUse};
use chain::order::Order;
use chain::params::Params;
use chain::proposal::Proposal;
use chain::quote::QuoteUse;
use chain::signers::{SignerSet, Signers};
use chain::standing::Standing;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::switch::CancelSwitch;
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

    /// The network's parameters.
    ///
    /// # Panics
    /// When the state has none: it was not made from a genesis.
    pub fn params(&self) -> &'a Params {
        let Some(Object::Params(params)) = self.get(&Key::Params) else {
            unreachable!("a genesis has parameters, and nothing removes them")
        };
        params
    }

    /// All the money there is.
    ///
    /// # Panics
    /// When the state has no such object: it was not made from a genesis.
    pub fn supply(&self) -> Supply {
        let Some(Object::Supply(supply)) = self.get(&Key::Supply) else {
            unreachable!("a genesis has a supply, and nothing removes it")
        };
        *supply
    }

    /// An account.
    pub fn account(&self, id: &AccountId) -> Option<Account> {
        let Some(Object::Account(account)) = self.get(&Key::Account(*id)) else { return None };
        Some(*account)
    }

    /// A market.
    pub fn market(&self, id: MarketId) -> Option<&'a Market> {
        let Some(Object::Market(market)) = self.get(&Key::Market(id)) else { return None };
        Some(market)
    }

    /// The markets, which are numbered without a gap.
    pub fn markets(self) -> impl Iterator<Item = (MarketId, &'a Market)> {
        (0..).map(MarketId).map_while(move |id| self.market(id).map(|market| (id, market)))
    }

    /// A proposal that is not over.
    pub fn proposal(&self, id: &ObjectId) -> Option<&'a Proposal> {
        let Some(Object::Proposal(proposal)) = self.get(&Key::Proposal(*id)) else { return None };
        Some(proposal)
    }

    /// An open hold.
    pub fn hold(&self, id: &ObjectId) -> Option<Hold> {
        let Some(Object::Hold(hold)) = self.get(&Key::Hold(*id)) else { return None };
        Some(hold.as_ref().clone())
    }

    /// An open order.
    pub fn order(&self, id: &ObjectId) -> Option<&'a Order> {
        let Some(Object::Order(order)) = self.get(&Key::Order(*id)) else { return None };
        Some(order)
    }

    /// A contract that has not ended.
    pub fn contract(&self, id: &ObjectId) -> Option<&'a Contract> {
        let Some(Object::Contract(contract)) = self.get(&Key::Contract(*id)) else { return None };
        Some(contract)
    }

    /// A channel that has not ended.
    pub fn channel(&self, id: &ObjectId) -> Option<Channel> {
        let Some(Object::Channel(channel)) = self.get(&Key::Channel(*id)) else { return None };
        Some(**channel)
    }

    /// What an ended hold, contract or channel paid, for as long as it may be given back.
    pub fn captured(&self, id: &ObjectId) -> Option<Captured> {
        let Some(Object::Captured(captured)) = self.get(&Key::Captured(*id)) else { return None };
        Some(**captured)
    }

    /// The account that bears `name`.
    pub fn named(&self, name: &Name) -> Option<AccountId> {
        let Some(Object::Name(account)) = self.get(&Key::Name(*name)) else { return None };
        Some(*account)
    }

    /// What an account is called.
    pub fn name_of(&self, account: &AccountId) -> Option<Name> {
        self.name_use(account).map(|bears| bears.name)
    }

    /// The same, with what the account set aside for it.
    pub fn name_use(&self, account: &AccountId) -> Option<NameUse> {
        let Some(Object::NameOf(bears)) = self.get(&Key::NameOf(*account)) else { return None };
        Some(**bears)
    }

    /// The keys that sign for an account in place of its own.
    pub fn signers(&self, account: &AccountId) -> Option<&'a Signers> {
        self.signer_set(account).map(|set| &set.signers)
    }

    /// The same, with what the account set aside for it.
    pub fn signer_set(&self, account: &AccountId) -> Option<&'a SignerSet> {
        let Some(Object::Signers(set)) = self.get(&Key::Signers(*account)) else { return None };
        Some(set)
    }

    /// What an account granted to a key.
    pub fn agent(&self, id: &ObjectId) -> Option<Agent> {
        let Some(Object::Agent(agent)) = self.get(&Key::Agent(*id)) else { return None };
        Some(**agent)
    }

    /// When the orders of an account end: the switch of that name.
    pub fn switch(&self, id: &ObjectId) -> Option<CancelSwitch> {
        let Some(Object::CancelSwitch(switch)) = self.get(&Key::CancelSwitch(*id)) else {
            return None;
        };
        Some(*switch)
    }

    /// How much of a quote was accepted, for as long as more could be.
    pub fn quote_use(&self, id: &ObjectId) -> Option<QuoteUse> {
        let Some(Object::QuoteUse(quote_use)) = self.get(&Key::QuoteUse(*id)) else { return None };
        Some(**quote_use)
    }

    /// A host.
    pub fn host(&self, id: &ObjectId) -> Option<&'a Host> {
        let Some(Object::Host(host)) = self.get(&Key::Host(*id)) else { return None };
        Some(host)
    }

    /// What a host has to sell in a market.
    pub fn pool(&self, id: &PoolId) -> Option<&'a Pool> {
        let Some(Object::Pool(pool)) = self.get(&Key::Pool(*id)) else { return None };
        Some(pool)
    }

    /// The pools of `host`, in order of market.
    pub fn pools_of(&self, host: ObjectId) -> BTreeMap<PoolId, &'a Pool> {
        let pool = |market| Key::Pool(PoolId { host, market });
        let all = pool(MarketId(0))..=pool(MarketId(u32::MAX));
        let written = self.layers().flat_map(|changes| changes.objects.range(all.clone()));
        let keys = self.state.others.range(all.clone()).map(|(key, _)| key);
        let keys = keys.chain(written.map(|(key, _)| key));
        keys.filter_map(|key| if let Key::Pool(id) = key { Some(*id) } else { None })
            .filter_map(|id| self.pool(&id).map(|pool| (id, pool)))
            .collect()
    }

    /// A standing order.
    pub fn standing(&self, id: &ObjectId) -> Option<&'a Standing> {
        let Some(Object::Standing(standing)) = self.get(&Key::Standing(*id)) else { return None };
        Some(standing)
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
