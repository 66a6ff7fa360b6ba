//! A block in the making: what it changed so far, and how to take back the running transaction.
//!
//! Writes go straight to the block's changes. Until a transaction is committed, each write leaves what
//! it replaced in a journal, so that undoing costs what was written and committing costs nothing.

use std::collections::BTreeSet;

use chain::account::{Account, AccountId};
use chain::agent::Agent;
use chain::authority_set::AuthoritySet;
use chain::book::Book;
use chain::captured::Captured;
use chain::channel::Channel;
use chain::contract::Contract;
use chain::event::Event;
use chain::hash::Hash;
use chain::hold::Hold;
use chain::host::{Host, Pool, PoolId};
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::name::{Name, NameUse};
use chain::order::Order;
use chain::params::Params;
use chain::proposal::Proposal;
use chain::quote::QuoteUse;
use chain::signers::SignerSet;
use chain::standing::Standing;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::switch::CancelSwitch;
use chain::timer::{Due, Timer, TimerKind};

use crate::context::BlockContext;
use crate::posting::{BlockStep, Posting, Postings};
use crate::state::{Changes, View};

/// A block in the making.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    parent: View<'a>,
    params: &'a Params,
    context: BlockContext,
    changes: Changes,
    journal: Vec<Undo>,
    events: Vec<Event>,
    postings: Postings,
    /// Markets in which something may trade that could not before. One too many does no harm, so that
    /// undoing a transaction leaves them.
    woken: BTreeSet<MarketId>,
}

/// How to take back one write.
#[derive(Debug)]
enum Undo {
    /// What the block's changes said about a key; `None` where they were silent.
    Change(Key, Option<Option<Object>>),
    /// An object ended.
    End(Key),
}

impl<'a> Draft<'a> {
    /// A block that has changed nothing yet, on top of `parent`.
    pub(crate) fn new(parent: View<'a>, context: BlockContext) -> Self {
        Self {
            parent,
            params: parent.params(),
            context,
            changes: Changes::default(),
            journal: Vec::new(),
            events: Vec::new(),
            postings: Postings::default(),
            woken: BTreeSet::new(),
        }
    }

    /// Where the block stands.
    pub(crate) const fn context(&self) -> &BlockContext {
        &self.context
    }

    /// The network's parameters as the block's parent left them; what changes them counts from the next block on.
    pub(crate) const fn params(&self) -> &'a Params {
        self.params
    }

    /// The state before the block.
    pub(crate) const fn parent(&self) -> View<'a> {
        self.parent
    }

    /// The state as it is now, in the middle of the block.
    pub(crate) const fn view(&self) -> View<'_> {
        self.parent.under(&self.changes)
    }

    pub(crate) fn put_account(&mut self, id: AccountId, account: Account) {
        self.postings.note(id, &account);
        self.write(Key::Account(id), Some(Object::Account(account)));
    }

    /// The params of the blocks to come; this one runs by its parent's.
    pub(crate) fn put_params(&mut self, params: Params) {
        self.write(Key::Params, Some(Object::Params(Box::new(params))));
    }

    pub(crate) fn put_authorities(&mut self, set: AuthoritySet) {
        self.write(Key::Authorities, Some(Object::Authorities(Box::new(set))));
    }

    pub(crate) fn put_supply(&mut self, supply: Supply) {
        self.write(Key::Supply, Some(Object::Supply(supply)));
    }

    pub(crate) fn put_reference(&mut self, reference: Hash) {
        self.write(Key::Reference(reference), Some(Object::Reference));
    }

    pub(crate) fn put_hold(&mut self, id: ObjectId, hold: Hold) {
        self.write(Key::Hold(id), Some(Object::Hold(Box::new(hold))));
    }

    /// Writes an order that was not there before.
    pub(crate) fn place_order(&mut self, id: ObjectId, order: Order) {
        self.changes.placed.insert((order.owner, id));
        self.wake(order.market);
        self.count(order.market, |orders| orders.checked_add(1));
        self.put_order(id, order);
    }

    pub(crate) fn put_order(&mut self, id: ObjectId, order: Order) {
        self.write(Key::Order(id), Some(Object::Order(Box::new(order))));
    }

    pub(crate) fn put_contract(&mut self, id: ObjectId, contract: Contract) {
        self.write(Key::Contract(id), Some(Object::Contract(Box::new(contract))));
    }

    pub(crate) fn put_channel(&mut self, id: ObjectId, channel: Channel) {
        self.write(Key::Channel(id), Some(Object::Channel(Box::new(channel))));
    }

    pub(crate) fn put_captured(&mut self, id: ObjectId, captured: Captured) {
        self.write(Key::Captured(id), Some(Object::Captured(Box::new(captured))));
    }

    pub(crate) fn remove_captured(&mut self, id: ObjectId) {
        self.write(Key::Captured(id), None);
    }

    /// Calls an account `name` in place of `before`.
    pub(crate) fn put_name(&mut self, id: AccountId, before: Option<Name>, name: Option<NameUse>) {
        if let Some(before) = before {
            self.write(Key::Name(before), None);
        }
        if let Some(NameUse { name, .. }) = name {
            self.write(Key::Name(name), Some(Object::Name(id)));
        }
        self.write(Key::NameOf(id), name.map(|name| Object::NameOf(Box::new(name))));
    }

    /// Lets `signers` sign for an account, or none but its own key.
    pub(crate) fn put_signers(&mut self, id: AccountId, signers: Option<SignerSet>) {
        self.write(Key::Signers(id), signers.map(|signers| Object::Signers(Box::new(signers))));
    }

    pub(crate) fn put_agent(&mut self, id: ObjectId, agent: Agent) {
        self.write(Key::Agent(id), Some(Object::Agent(Box::new(agent))));
    }

    pub(crate) fn remove_agent(&mut self, id: ObjectId) {
        self.write(Key::Agent(id), None);
    }

    /// Sets when the orders of an account end, or that they do not.
    pub(crate) fn put_switch(&mut self, id: ObjectId, switch: Option<CancelSwitch>) {
        self.write(Key::CancelSwitch(id), switch.map(Object::CancelSwitch));
    }

    /// Notes how much of a quote was accepted.
    pub(crate) fn put_quote_use(&mut self, id: ObjectId, quote_use: QuoteUse) {
        self.write(Key::QuoteUse(id), Some(Object::QuoteUse(Box::new(quote_use))));
    }

    pub(crate) fn remove_quote_use(&mut self, id: ObjectId) {
        self.write(Key::QuoteUse(id), None);
    }

    pub(crate) fn put_host(&mut self, id: ObjectId, host: Host) {
        self.write(Key::Host(id), Some(Object::Host(Box::new(host))));
    }

    pub(crate) fn remove_host(&mut self, id: ObjectId) {
        self.write(Key::Host(id), None);
    }

    pub(crate) fn put_pool(&mut self, id: PoolId, pool: Pool) {
        self.write(Key::Pool(id), Some(Object::Pool(Box::new(pool))));
    }

    pub(crate) fn remove_pool(&mut self, id: PoolId) {
        self.write(Key::Pool(id), None);
    }

    pub(crate) fn put_standing(&mut self, id: ObjectId, standing: Standing) {
        self.write(Key::Standing(id), Some(Object::Standing(Box::new(standing))));
    }

    /// Takes a standing order out of the state; `last` is its last form.
    pub(crate) fn end_standing(&mut self, id: ObjectId, last: Standing) {
        self.end(Key::Standing(id), Object::Standing(Box::new(last)));
    }

    pub(crate) fn put_proposal(&mut self, id: ObjectId, proposal: Proposal) {
        self.write(Key::Proposal(id), Some(Object::Proposal(Box::new(proposal))));
    }

    /// Writes a market; orders may trade otherwise from now on.
    pub(crate) fn put_market(&mut self, id: MarketId, market: Market) {
        self.wake(id);
        self.write(Key::Market(id), Some(Object::Market(Box::new(market))));
    }

    /// Takes a proposal out of the state; `last` is its last form.
    pub(crate) fn end_proposal(&mut self, id: ObjectId, last: Proposal) {
        self.end(Key::Proposal(id), Object::Proposal(Box::new(last)));
    }

    /// Takes a hold out of the state; `last` is its last form.
    pub(crate) fn end_hold(&mut self, id: ObjectId, last: Hold) {
        self.end(Key::Hold(id), Object::Hold(Box::new(last)));
    }

    /// Takes an order out of the state; `last` is its last form. Returns the digest of that.
    pub(crate) fn end_order(&mut self, id: ObjectId, last: Order) -> Hash {
        self.count(last.market, |orders| orders.checked_sub(1));
        let last = Object::Order(Box::new(last));
        let digest = last.digest();
        self.end(Key::Order(id), last);
        digest
    }

    /// Takes a contract out of the state; `last` is its last form.
    pub(crate) fn end_contract(&mut self, id: ObjectId, last: Contract) {
        self.end(Key::Contract(id), Object::Contract(Box::new(last)));
    }

    /// Takes a channel out of the state; `last` is its last form.
    pub(crate) fn end_channel(&mut self, id: ObjectId, last: Channel) {
        self.end(Key::Channel(id), Object::Channel(Box::new(last)));
    }

    /// Sets a deadline of `object`.
    pub(crate) fn set_timer(&mut self, due: Due, kind: TimerKind, object: ObjectId) {
        self.write(Key::Timer(Timer { due, kind, object }), Some(Object::Timer));
    }

    /// Takes a deadline of `object` back.
    pub(crate) fn clear_timer(&mut self, due: Due, kind: TimerKind, object: ObjectId) {
        self.write(Key::Timer(Timer { due, kind, object }), None);
    }

    /// Notes that something may trade in `market` that could not before.
    pub(crate) fn wake(&mut self, market: MarketId) {
        self.woken.insert(market);
    }

    /// True when the block has woken `market`.
    pub(crate) fn is_awake(&self, market: MarketId) -> bool {
        self.woken.contains(&market)
    }

    /// Notes that nothing can trade in `market` after this block until it is woken.
    pub(crate) fn set_at_rest(&mut self, market: MarketId) {
        self.changes.at_rest.insert(market);
    }

    /// Reports a change.
    pub(crate) fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The events since this was called last.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Keeps everything written since the last commit: it cannot be undone any more.
    pub(crate) fn commit_transaction(&mut self) {
        self.journal.clear();
        self.postings.keep();
    }

    /// Takes back everything written and reported since the last commit.
    pub(crate) fn undo_transaction(&mut self) {
        while let Some(undo) = self.journal.pop() {
            match undo {
                Undo::Change(key, Some(before)) => self.changes.objects.insert(key, before),
                Undo::Change(key, None) => self.changes.objects.remove(&key),
                Undo::End(key) => self.changes.ended.remove(&key).map(Some),
            };
        }
        self.events.clear();
        self.postings.undo();
    }

    /// Ends a step of the block: what it wrote of accounts becomes postings.
    pub(crate) fn end_step(&mut self, step: BlockStep) {
        self.postings.end_step(step);
    }

    /// What the block changed, without the objects that came and went within it, and the postings of its
    /// steps.
    pub(crate) fn into_changes(mut self) -> (Changes, Vec<Posting>) {
        let parent = self.parent;
        self.changes.objects.retain(|key, object| object.is_some() || parent.get(key).is_some());
        let objects = &self.changes.objects;
        let stands = |id: &ObjectId| matches!(objects.get(&Key::Order(*id)), Some(Some(_)));
        self.changes.placed.retain(|(_, id)| stands(id));
        (self.changes, self.postings.into_ended())
    }

    /// Counts the open orders of a market.
    fn count(&mut self, market: MarketId, change: impl Fn(u64) -> Option<u64>) {
        let orders = change(self.view().orders_in(market)).expect("every open order is counted");
        let book = (orders > 0).then_some(Object::Book(Book { orders }));
        self.write(Key::Book(market), book);
    }

    fn end(&mut self, key: Key, last: Object) {
        self.write(key, None);
        let before = self.changes.ended.insert(key, last);
        assert!(before.is_none(), "an object ends once");
        self.journal.push(Undo::End(key));
    }

    fn write(&mut self, key: Key, object: Option<Object>) {
        let before = self.changes.objects.insert(key, object);
        self.journal.push(Undo::Change(key, before));
    }
}

#[cfg(test)]
mod tests;
