//! What the players do meanwhile: transfers and orders, each submitted to whatever node answers, again and
//! again until it is settled or can be no more.

use anyhow::{Result, ensure};
use chain::account::AccountId;
use chain::amount::Amount;
use chain::conditions::Conditions;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::market::{Grade, MarketId};
use chain::memo::Memo;
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::time::{Time, Window};
use chain::transaction::Transaction;
use consensus::simulation::World;
use node::door::Offer;

use super::fleet::{Fleet, PLAYERS};
use crate::random::Random;

/// Blocks for which a transaction may wait.
const PATIENCE: u64 = 200;
/// A slot of the developers' markets.
const HOUR: u64 = 3_600_000;

/// The players' pending transactions, and what was settled.
pub(super) struct Load {
    random: Random,
    pending: Vec<Option<Pending>>,
    /// With the heights of their blocks.
    settled: Vec<(Hash, Height)>,
    accounts: Vec<AccountId>,
}

struct Pending {
    id: Hash,
    bytes: Vec<u8>,
    until: Height,
}

impl Load {
    /// The load that `seed` decides on.
    pub(super) fn new(fleet: &Fleet, seed: u64) -> Self {
        let accounts = fleet.players().iter().map(|key| AccountId::of_key(&key.public_key()));
        Self {
            random: Random::new(seed),
            pending: (0..PLAYERS).map(|_| None).collect(),
            settled: Vec::new(),
            accounts: accounts.collect(),
        }
    }

    /// How many transactions were settled.
    pub(super) fn settled(&self) -> usize {
        self.settled.len()
    }

    /// One player submits something new, or once more what it waits for.
    pub(super) fn submit(&mut self, fleet: &Fleet, world: &World) {
        let player = usize::try_from(self.random.below(PLAYERS as u64)).expect("few players");
        if self.pending[player].is_none() {
            self.pending[player] = self.made(fleet, player, world.now());
        }
        let (doors, Some(pending)) = (fleet.doors(), &self.pending[player]) else { return };
        if doors.is_empty() {
            return;
        }
        let door = *self.random.pick(&doors);
        // Refused, it is tried again, or found settled, or too late.
        door.submit(vec![Offer::decode(&pending.bytes)]);
    }

    /// Looks at what has become of what is pending.
    pub(super) fn notice(&mut self, fleet: &Fleet) {
        let Some(ledger) = fleet.farthest() else { return };
        let height = ledger.read().header.height;
        for pending in &mut self.pending {
            let Some(Pending { id, until, .. }) = pending else { continue };
            let place = ledger.store().place(id).expect("the database is sound");
            if let Some(place) = place.filter(|place| place.height <= height) {
                self.settled.push((*id, place.height));
                *pending = None;
            } else if *until < height {
                *pending = None;
            }
        }
    }

    /// Every node has all that was settled.
    pub(super) fn check(&self, fleet: &Fleet) -> Result<()> {
        for gossip in fleet.doors() {
            let ledger = gossip.door().ledger();
            let height = ledger.read().header.height;
            for (id, settled) in self.settled.iter().filter(|(_, settled)| *settled <= height) {
                let place = ledger.store().place(id)?.map(|place| place.height);
                ensure!(place == Some(*settled), "transaction {id}, settled at {settled}, is gone");
            }
        }
        Ok(())
    }

    fn made(&mut self, fleet: &Fleet, player: usize, now: Time) -> Option<Pending> {
        let sender = self.accounts[player];
        let (nonce, height) = {
            let committed = fleet.farthest()?.read();
            let nonce = committed.view().account(&sender).unwrap_or_default().nonce;
            (nonce, committed.header.height)
        };
        let operation = if self.random.once_in(2) { self.transfer() } else { self.order(now) };
        Some(self.signed(fleet, player, (nonce, height), operation))
    }

    fn signed(
        &self,
        fleet: &Fleet,
        player: usize,
        (nonce, height): (Nonce, Height),
        operation: Operation,
    ) -> Pending {
        let until = Height(height.0 + PATIENCE);
        let transaction = Transaction {
            chain: fleet.chain(),
            sender: self.accounts[player],
            nonce,
            valid_until: until,
            fee_max: Amount::from_u64(1_000_000),
            operations: vec![operation],
        };
        let signed = transaction.sign(&fleet.players()[player]);
        Pending { id: signed.transaction.id(), bytes: encode(&signed), until }
    }

    fn transfer(&mut self) -> Operation {
        let to = *self.random.pick(&self.accounts);
        let amount = Amount::from_u64(1 + self.random.below(1_000));
        Operation::Transfer { to, amount, memo: Memo::default() }
    }

    /// An order for some hours of the next day, at prices that often meet.
    fn order(&mut self, now: Time) -> Operation {
        let start = (now.0 / HOUR + 2 + self.random.below(24)) * HOUR;
        let end = start + HOUR * (1 + self.random.below(4));
        let bid = BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None };
        let side = if self.random.once_in(2) { Side::Bid(bid) } else { Side::Ask(AskTerms::OWN) };
        Operation::OrderPlace(OrderPlace {
            market: MarketId(0),
            side,
            quantity: Quantity(1 + self.random.below(20)),
            window: Window { start: Time(start), end: Time(end) },
            limit: Price(1 + self.random.below(20)),
            time_in_force: TimeInForce::Until(Time(start)),
            grade: Grade::BASE,
            parties: Parties::default(),
            conditions: Conditions::default(),
            predicates: Predicates::default(),
            stretch: None,
        })
    }
}
