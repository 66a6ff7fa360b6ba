//! A market as the protocol describes it, in the plainest and slowest way: every ask is an array of
//! slots, every question is asked of every order. The runtime must agree with it.

mod price;

use std::collections::{BTreeMap, BTreeSet};

use chain::account::AccountId;
use chain::conditions::Kind;
use chain::hash::Hash;
use chain::height::Height;
use chain::id::ObjectId;
use chain::market::{Grade, Market};
use chain::order::{BidTerms, FillRule, Order, OrderClosed, Pass, Sellers, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::time::{Time, Window};

pub mod pools;

use pools::ModelPool;

/// What bids accept, and the text that they agree to.
pub type Said = (Kind, Option<Hash>);

/// What has one price: what one pass trades of bids of the same window, grade, parties, predicates, kind and agreement, of one bidder where some
/// ask within reach treats it otherwise than a stranger, and their sellers, either those they prefer or the
/// others.
pub type Cell = (Pass, Window, Grade, Parties, Predicates, Said, Option<AccountId>, Sellers);

/// An open order. An ask keeps what it has left in every slot of its window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelOrder {
    /// The order as it was placed.
    pub placed: Order,
    /// Units a bid still wants.
    pub open: u64,
    /// Units an ask has left, slot by slot.
    pub free: Vec<u64>,
}

/// A part of a bid served by an ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelTrade {
    /// The bid.
    pub bid: ObjectId,
    /// The ask.
    pub ask: ObjectId,
    /// Units in each slot of the bid's window.
    pub quantity: u64,
    /// Base units for a unit and slot.
    pub price: u64,
    /// At the limits, or beyond.
    pub pass: Pass,
}

/// What a match did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelMatch {
    /// Who trades with whom.
    pub trades: BTreeSet<ModelTrade>,
    /// The price of each cell that traded, and how much it traded.
    pub cells: BTreeMap<Cell, (u64, u64)>,
    /// Which orders ended.
    pub closed: BTreeMap<ObjectId, OrderClosed>,
    /// Which bids are still open although an ask at their price has room, and why.
    pub excused: BTreeMap<ObjectId, Excuse>,
    /// In how many cells of the second pass the plain interval, between the limits and the stretches of every
    /// trade, was empty.
    pub without_plain_price: usize,
}

/// Why a bid is open although it could trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excuse {
    /// It would get less than its fill rule asks for.
    FillRule,
    /// It would take more sellers than it accepts.
    SellersMax,
}

/// One market and its open orders.
#[derive(Clone, Debug)]
pub struct MarketModel {
    /// Its terms.
    pub market: Market,
    /// Its open orders.
    pub orders: BTreeMap<ObjectId, ModelOrder>,
    /// What hosts have to sell in it.
    pub pools: BTreeMap<ObjectId, ModelPool>,
    /// The pass that runs.
    pass: Pass,
    /// What each bid has found in the block that is matched, and from whom.
    found: BTreeMap<ObjectId, (u64, BTreeSet<AccountId>)>,
}

impl MarketModel {
    /// A market without orders.
    pub fn new(market: Market) -> Self {
        Self {
            market,
            orders: BTreeMap::new(),
            pools: BTreeMap::new(),
            pass: Pass::First,
            found: BTreeMap::new(),
        }
    }

    /// Adds an order that was accepted.
    pub fn place(&mut self, id: ObjectId, placed: Order) {
        let slots = (placed.window.end.0 - placed.window.start.0) / self.market.slot.0;
        let free = match placed.side {
            Side::Bid(_) => Vec::new(),
            Side::Ask(_) => (0..slots).map(|_| placed.quantity.0).collect(),
        };
        let open = placed.quantity.0;
        self.orders.insert(id, ModelOrder { placed, open, free });
    }

    /// Gives an order another quantity, limit and stretch. It keeps its rank if it asks or offers no more than
    /// before and is no worse for the other side; otherwise it stands as if placed now, at `height` with `tie`.
    pub fn amend(
        &mut self,
        id: ObjectId,
        (quantity, limit, stretch): (Quantity, Price, Option<Price>),
        (height, tie): (Height, Hash),
    ) {
        let order = self.orders.get_mut(&id).expect("only an open order is amended");
        let before = order.placed.clone();
        let traded = match before.side {
            Side::Bid(_) => before.quantity.0 - order.open,
            Side::Ask(_) => 0,
        };
        order.open = quantity.0 - traded;
        for free in &mut order.free {
            *free = quantity.0 - (before.quantity.0 - *free);
        }
        (order.placed.quantity, order.placed.limit) = (quantity, limit);
        order.placed.stretch = stretch;
        let (reach, reached) = (stretch.unwrap_or(limit), before.stretch.unwrap_or(before.limit));
        let worse = match before.side {
            Side::Bid(_) => limit < before.limit || reach < reached,
            Side::Ask(_) => limit > before.limit || reach > reached,
        };
        if worse || quantity > before.quantity {
            (order.placed.placed, order.placed.tie) = (height, tie);
        }
    }

    /// Ends an order by its owner's will.
    pub fn cancel(&mut self, id: ObjectId) {
        self.orders.remove(&id).expect("only an open order is cancelled");
    }

    /// Ends several orders by their owner's will. Returns which.
    pub fn cancel_all(&mut self, ends: impl Fn(&Order) -> bool) -> BTreeSet<ObjectId> {
        let ended = self.orders.iter().filter(|(_, order)| ends(&order.placed));
        let ended: BTreeSet<ObjectId> = ended.map(|(id, _)| *id).collect();
        self.orders.retain(|id, _| !ended.contains(id));
        ended
    }

    /// Ends the orders whose time has come when the parent block's time is `now`.
    pub fn expire(&mut self, now: Time) -> BTreeSet<ObjectId> {
        let over = |order: &ModelOrder| match order.placed.time_in_force {
            TimeInForce::Until(until) => until <= now,
            TimeInForce::ImmediateOrCancel => unreachable!("such an order never rests"),
        };
        let ended = self.orders.iter().filter(|(_, order)| over(order)).map(|(id, _)| *id);
        let ended: BTreeSet<_> = ended.collect();
        self.orders.retain(|id, _| !ended.contains(id));
        ended
    }

    /// Matches the open orders when the parent block's time is `now`: at their limits, and where one has a
    /// stretch, what is left once more at those.
    pub fn clear(&mut self, now: Time) -> ModelMatch {
        let mut result = ModelMatch::default();
        let mut undone = BTreeSet::new();
        self.found.clear();
        let stretches = |order: &ModelOrder| order.placed.stretch.is_some();
        let ranges = self
            .orders
            .values()
            .filter(|order| stretches(order))
            .any(|order| self.takes_part(&order.placed));
        for pass in if ranges { &[Pass::First, Pass::Second][..] } else { &[Pass::First] } {
            self.pass = *pass;
            result.excused.clear();
            self.run(&mut result);
            let broken = result.excused.iter().filter(|(_, why)| **why == Excuse::FillRule);
            undone.extend(broken.map(|(bid, _)| *bid));
        }
        result.closed = self.closed(now, &result, &undone);
        self.orders.retain(|id, _| !result.closed.contains_key(id));
        result.excused.retain(|id, _| !result.closed.contains_key(id));
        result
    }

    /// One pass of a match.
    fn run(&mut self, result: &mut ModelMatch) {
        let mut trades: Vec<(ObjectId, ObjectId, u64)> = Vec::new();
        let mut short: Vec<ObjectId> = Vec::new();
        for bid in self.bids() {
            let before = self.orders[&bid].open;
            let (takes, excuse) = self.serve(bid);
            for (ask, quantity) in &takes {
                self.take(bid, *ask, *quantity);
                trades.push((bid, *ask, *quantity));
            }
            let open = before - takes.iter().map(|(_, quantity)| quantity).sum::<u64>();
            self.orders.get_mut(&bid).expect("it is open").open = open;
            if open > 0 && self.offers(bid).is_empty() {
                short.push(bid);
            } else if open > 0 {
                result.excused.insert(bid, excuse.expect("an offer is passed over for a reason"));
            }
        }
        for cell in
            trades.iter().map(|(bid, ask, _)| self.cell(*bid, *ask)).collect::<BTreeSet<_>>()
        {
            let in_cell = |bid: &ObjectId, ask: &ObjectId| self.cell(*bid, *ask) == cell;
            let trades: Vec<_> = trades.iter().filter(|(bid, ask, _)| in_cell(bid, ask)).collect();
            let (any, ask, _) = trades[0];
            let alike = |bid: &&ObjectId| self.alike(**bid) == self.alike(*any);
            let short: Vec<_> = short.iter().filter(alike).collect();
            let (price, plain) = self.price(&trades, &short, self.sellers(*any, *ask));
            result.without_plain_price += usize::from(!plain);
            let quantity = trades.iter().map(|(.., quantity)| quantity).sum();
            result.cells.insert(cell, (price, quantity));
            for (bid, ask, quantity) in trades {
                let (pass, quantity) = (self.pass, *quantity);
                let trade = ModelTrade { bid: *bid, ask: *ask, quantity, price, pass };
                result.trades.insert(trade);
            }
        }
    }

    /// The worst price for its owner at which an order trades in the pass that runs.
    fn worst(&self, id: ObjectId) -> Price {
        let order = &self.orders[&id].placed;
        match self.pass {
            Pass::First => order.limit,
            Pass::Second => order.stretch.unwrap_or(order.limit),
        }
    }

    /// The bids that are not filled, the highest price first, then the earlier, then the lower tie.
    fn bids(&self) -> Vec<ObjectId> {
        let wanting =
            |order: &&ModelOrder| matches!(order.placed.side, Side::Bid(_)) && order.open > 0;
        let mut bids: Vec<_> = self.orders.iter().filter(|(_, order)| wanting(order)).collect();
        bids.sort_by(|(one_id, one), (other_id, other)| {
            let (one, other) = (&one.placed, &other.placed);
            let dearer_first = self.worst(**other_id).cmp(&self.worst(**one_id));
            dearer_first.then((one.placed, one.tie).cmp(&(other.placed, other.tie)))
        });
        bids.into_iter().map(|(id, _)| *id).collect()
    }

    fn asks(&self) -> impl Iterator<Item = (&ObjectId, &ModelOrder)> {
        self.orders.iter().filter(|(_, order)| matches!(order.placed.side, Side::Ask(_)))
    }

    /// True when the host behind `ask` has what `bid` asks for. An ask without a host has nothing.
    pub fn suits(&self, bid: ObjectId, ask: ObjectId) -> bool {
        let bid = &self.orders[&bid].placed;
        match self.pool(ask) {
            Some(pool) => pool.suits(&bid.predicates, bid.window.end),
            None => bid.predicates.is_empty(),
        }
    }

    fn pool(&self, ask: ObjectId) -> Option<&ModelPool> {
        self.orders[&ask].placed.side.host().map(|host| &self.pools[&host])
    }

    /// The asks that may serve `bid`, whatever their price and however much they have left.
    fn eligible(&self, bid: ObjectId) -> Vec<ObjectId> {
        let (id, bid) = (bid, &self.orders[&bid].placed);
        let mut asks: Vec<_> = self.asks().collect();
        asks.retain(|(ask, _)| self.suits(id, **ask));
        asks.retain(|(_, ask)| ask.placed.owner != bid.owner);
        asks.retain(|(_, ask)| ask.placed.grade >= bid.grade);
        asks.retain(|(_, ask)| fits(bid.conditions.kind, ask.placed.conditions.kind));
        asks.retain(|(_, ask)| {
            let wanted = ask.placed.conditions.agreement;
            wanted.is_none() || wanted == bid.conditions.agreement
        });
        asks.retain(|(_, ask)| admits(&bid.parties, ask.placed.owner));
        asks.retain(|(_, ask)| admits(&ask.placed.parties, bid.owner));
        asks.retain(|(_, ask)| ask.placed.window.start <= bid.window.start);
        asks.retain(|(_, ask)| ask.placed.window.end >= bid.window.end);
        asks.sort_by_key(|(id, ask)| {
            let (counted, others) = match &bid.parties.prefer {
                Some(preference) if preference.accounts().contains(ask.placed.owner) => {
                    (10_000 - u128::from(preference.tolerance_bps()), false)
                }
                _ => (10_000, true),
            };
            let effective = u128::from(self.worst(**id).0) * counted;
            (effective, others, self.worst(**id), ask.placed.placed, ask.placed.tie)
        });
        asks.into_iter().map(|(id, _)| *id).collect()
    }

    /// The eligible asks that have at least a lot left for `bid` and ask no more than it bids.
    fn offers(&self, bid: ObjectId) -> Vec<ObjectId> {
        let mut asks = self.eligible(bid);
        asks.retain(|ask| self.worst(*ask) <= self.worst(bid) && self.room(bid, *ask) > 0);
        asks
    }

    /// What `ask` and the pool it sells out of have left throughout the window of `bid`, in whole lots.
    pub fn room(&self, bid: ObjectId, ask: ObjectId) -> u64 {
        let slots = self.slots(bid, ask);
        let own = slots.map(|slot| self.orders[&ask].free[slot]);
        let own = own.min().expect("a window has slots");
        let starts = pools::starts(self.orders[&bid].placed.window, self.market.slot.0);
        let least = match self.pool(ask) {
            Some(pool) => starts.map(|start| pool.free(start)).chain([own]).min(),
            None => Some(own),
        };
        let least = least.expect("an ask has something left, or nothing");
        least - least % self.market.lot.0
    }

    /// The slots of `bid`, counted from the start of `ask`.
    fn slots(&self, bid: ObjectId, ask: ObjectId) -> std::ops::Range<usize> {
        let (bid, ask) = (self.orders[&bid].placed.window, self.orders[&ask].placed.window);
        let slot = |time: Time| ((time.0 - ask.start.0) / self.market.slot.0) as usize;
        slot(bid.start)..slot(bid.end)
    }

    /// What a bid takes from which asks; and why not more, where its own terms are to blame. They are judged by
    /// what it finds in the block, with what it found in the pass before.
    fn serve(&mut self, id: ObjectId) -> (Vec<(ObjectId, u64)>, Option<Excuse>) {
        let mut trial = self.clone();
        let bid = &self.orders[&id];
        let Side::Bid(BidTerms { fill, sellers_max }) = bid.placed.side else {
            panic!("only bids are served")
        };
        let (earlier, mut sellers) = self.found.get(&id).cloned().unwrap_or_default();
        let (mut takes, mut remaining) = (Vec::new(), bid.open);
        let wanted = bid.open + earlier;
        let mut excuse = None;
        for ask in self.offers(id) {
            let seller = self.orders[&ask].placed.owner;
            let one_more = !sellers.contains(&seller);
            if remaining == 0 {
                break;
            }
            // What was taken from one ask, another may have no more.
            let room = trial.room(id, ask);
            if room == 0 {
                continue;
            }
            if one_more && sellers_max.is_some_and(|most| sellers.len() == usize::from(most)) {
                excuse = Some(Excuse::SellersMax);
                break;
            }
            sellers.insert(seller);
            let quantity = remaining.min(room);
            trial.take(id, ask, quantity);
            takes.push((ask, quantity));
            remaining -= quantity;
        }
        let least = match fill {
            FillRule::AllOrNone => wanted,
            FillRule::AtLeast(quantity) => quantity.0.min(wanted),
        };
        if wanted - remaining < least {
            (Vec::new(), Some(Excuse::FillRule))
        } else {
            self.found.insert(id, (wanted - remaining, sellers));
            (takes, excuse)
        }
    }

    fn take(&mut self, bid: ObjectId, ask: ObjectId, quantity: u64) {
        let slots = self.slots(bid, ask);
        for free in &mut self.orders.get_mut(&ask).expect("it is open").free[slots] {
            *free -= quantity;
        }
        let window = self.orders[&bid].placed.window;
        if let Some(host) = self.orders[&ask].placed.side.host() {
            let pool = self.pools.get_mut(&host).expect("the pool of an open ask stands");
            pool.sell(window, self.market.slot.0, quantity);
        }
    }

    fn cell(&self, bid: ObjectId, ask: ObjectId) -> Cell {
        let (window, grade, parties, predicates, said, bidder) = self.alike(bid);
        (self.pass, window, grade, parties, predicates, said, bidder, self.sellers(bid, ask))
    }

    /// What bids of one cell have in common.
    fn alike(
        &self,
        bid: ObjectId,
    ) -> (Window, Grade, Parties, Predicates, Said, Option<AccountId>) {
        let bid = &self.orders[&bid].placed;
        let matters =
            self.asks().filter(|(_, ask)| self.takes_part(&ask.placed)).any(|(_, ask)| {
                let ask = &ask.placed;
                let named = [&ask.parties.only, &ask.parties.deny];
                ask.owner == bid.owner || named.iter().any(|list| list.contains(bid.owner))
            });
        let (parties, predicates) = (bid.parties.clone(), bid.predicates.clone());
        let bidder = matters.then_some(bid.owner);
        let said = (bid.conditions.kind, bid.conditions.agreement);
        (bid.window, bid.grade, parties, predicates, said, bidder)
    }

    /// True for a bid that goes as high as some ask whose window contains its own, for an ask that is such
    /// to some bid, and for one that is to trade at once.
    fn takes_part(&self, order: &Order) -> bool {
        let farthest = |order: &Order| order.stretch.unwrap_or(order.limit);
        let is_ask = |order: &Order| matches!(order.side, Side::Ask(_));
        let meets = |other: &Order| {
            let (bid, ask) = if is_ask(order) { (other, order) } else { (order, other) };
            is_ask(order) != is_ask(other)
                && farthest(bid) >= farthest(ask)
                && ask.window.contains(bid.window)
        };
        order.time_in_force == TimeInForce::ImmediateOrCancel
            || self.orders.values().any(|other| meets(&other.placed))
    }

    fn sellers(&self, bid: ObjectId, ask: ObjectId) -> Sellers {
        let owner = self.orders[&ask].placed.owner;
        match &self.orders[&bid].placed.parties.prefer {
            Some(preference) if preference.accounts().contains(owner) => Sellers::Preferred,
            _ => Sellers::Any,
        }
    }

    /// Which orders end after the match, and why.
    fn closed(
        &self,
        now: Time,
        result: &ModelMatch,
        undone: &BTreeSet<ObjectId>,
    ) -> BTreeMap<ObjectId, OrderClosed> {
        let mut closed = BTreeMap::new();
        for (id, order) in &self.orders {
            let immediate = order.placed.time_in_force == TimeInForce::ImmediateOrCancel;
            let sold = result.trades.iter().any(|trade| trade.ask == *id);
            let bought = result.trades.iter().any(|trade| trade.bid == *id);
            let reason = match order.placed.side {
                Side::Bid(_) if order.open == 0 => Some(OrderClosed::Filled),
                Side::Ask(_) if sold && self.is_sold_out(order, now) => Some(OrderClosed::SoldOut),
                _ if !immediate => None,
                _ if undone.contains(id) && !bought => Some(OrderClosed::FillRule),
                _ => Some(OrderClosed::NotMatched),
            };
            closed.extend(reason.map(|reason| (*id, reason)));
        }
        closed
    }

    /// True when nothing is left in any slot that a bid placed next could still ask for.
    fn is_sold_out(&self, ask: &ModelOrder, now: Time) -> bool {
        ask.free.iter().enumerate().all(|(slot, free)| {
            let start = ask.placed.window.start.0 + slot as u64 * self.market.slot.0;
            *free == 0 || start <= now.0 + self.market.lead.0
        })
    }
}

/// True when a bid that accepts one kind may be served with another.
fn fits(accepted: Kind, offered: Kind) -> bool {
    let notice = |kind| match kind {
        Kind::Firm => u64::MAX,
        Kind::Interruptible { notice } => notice.0,
    };
    notice(offered) >= notice(accepted)
}

/// True when an order with these parties may trade with `account`.
fn admits(parties: &Parties, account: AccountId) -> bool {
    let alone = parties.only.iter().next().is_none() || parties.only.iter().any(|it| it == account);
    alone && parties.deny.iter().all(|it| it != account)
}
