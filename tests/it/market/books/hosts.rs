//! What the traders of the random books do with hosts and pools, and what the models make of it.

use chain::attribute::{
    Attribute, AttributeKind, AttributeValue, Attributes, Evidence, Schema, SchemaEntry, Words,
};
use chain::contract::ContractAct;
use chain::host::{BlackoutChange, Host, PoolId};
use chain::predicate::{Predicate, Test};
use chain::word::Word;
use runtime::state::Changes;
use tests::market_model::pools::{ModelPool, starts};

use super::*;

/// What came of a trade with an ask over a pool, for as long as it needs its slots.
pub(super) struct Sale {
    pool: PoolId,
    seller: AccountId,
    window: Window,
    quantity: u64,
}

/// What the books' markets let bids ask.
pub(super) fn schema() -> Schema {
    let kinds = [
        ("memory", AttributeKind::Number { unit: "GiB".into() }),
        ("os", AttributeKind::Word { choices: words(&["linux", "bsd", "dos"]) }),
        ("tee", AttributeKind::Flag),
    ];
    let entries = kinds.map(|(key, kind)| SchemaEntry { key: word(key), kind });
    Schema::new(entries.to_vec()).expect("three keys")
}

/// Most often nothing; else one or two things that some hosts have.
pub(super) fn predicates(random: &mut Random) -> Predicates {
    let mut asked = Vec::new();
    let tests = [
        ("memory", Test::AtLeast(random.below(3))),
        ("memory", Test::AtMost(random.below(3))),
        ("memory", Test::Equals(1)),
        ("os", Test::OneOf(words(&["linux", "bsd"]))),
        ("tee", Test::Set),
    ];
    for (key, test) in tests {
        if random.once_in(20) {
            let evidence = *random.pick(&[Evidence::Declared, Evidence::Benchmarked]);
            asked.push(Predicate { key: word(key), test, evidence });
        }
    }
    Predicates::new(asked).expect("few predicates")
}

impl Trading {
    /// Gives every trader a host with a pool in each market. Some of what is said of it is better known than an
    /// owner can declare.
    pub(super) fn settle_in(&mut self) {
        let mut asked = Vec::new();
        for trader in 0..TRADERS {
            let (host, owner) = (self.floor.next_id(trader), self.floor.account_of(trader));
            let said = Attributes::default();
            let mut operations = vec![Operation::HostRegister { attributes: said, endpoint: None }];
            for (market, model) in (0..).map(MarketId).zip(&mut self.models) {
                let capacity = model.market.lot.0 * (3 + self.random.below(16));
                let pool = PoolId { host, market };
                operations.push(Operation::PoolSet { pool, capacity: Quantity(capacity) });
                model.pools.insert(host, ModelPool { capacity, ..ModelPool::default() });
            }
            self.hosts.push((host, owner));
            asked.push((trader, operations));
        }
        let applied = self.floor.block(self.floor.now().0 + 1, &asked);
        let outcomes = applied.receipts.transactions.iter().map(|receipt| &receipt.outcome);
        assert!(outcomes.into_iter().all(|it| matches!(it, Outcome::Applied { .. })));
        for (host, owner) in self.hosts.clone() {
            let attributes =
                attributes(&mut self.random, &[Evidence::Declared, Evidence::Attested]);
            self.say(host, &attributes);
            let said =
                Host { owner, attributes, endpoint: None, deposit: chain::amount::Amount::ZERO };
            let objects = [(Key::Host(host), Some(Object::Host(Box::new(said))))].into();
            self.floor.state.commit(&Changes { objects, ..Changes::default() });
        }
    }

    /// Something that a trader does with its host, its pools or what it sold out of them. Nobody else changes
    /// the same things, so the order of traders does not matter.
    pub(super) fn host_command(&mut self, trader: Trader) -> Operation {
        let (host, _) = self.hosts[trader];
        let owner = self.floor.account_of(trader);
        let now = self.floor.now().0;
        let random = &mut self.random;
        let market = MarketId(u32::from(random.once_in(4)));
        let pool = PoolId { host, market };
        let own = self.sales.iter().filter(|(_, sale)| sale.seller == owner);
        let own: Vec<ObjectId> = own.map(|(id, _)| *id).collect();
        match random.below(6) {
            0 | 1 if !own.is_empty() => {
                Operation::Contract { contract: *random.pick(&own), act: ContractAct::Abort }
            }
            0..=2 => {
                let lot = self.models[market.0 as usize].market.lot.0;
                let capacity = Quantity(lot * (1 + random.below(20)));
                Operation::PoolSet { pool, capacity }
            }
            3 => {
                let attributes = attributes(random, &[Evidence::Declared]);
                Operation::HostUpdate { host, attributes, endpoint: None }
            }
            _ => {
                let first = now / SLOT + random.below(6);
                let end = first + 1 + random.below(3);
                Operation::PoolBlackout {
                    pool,
                    window: Window { start: Time(first * SLOT), end: Time(end * SLOT) },
                    change: *random.pick(&[BlackoutChange::Begin, BlackoutChange::Lift]),
                }
            }
        }
    }

    /// Does in the models what was done with a host, a pool or a contract.
    pub(super) fn follow_host(&mut self, operation: &Operation) {
        match operation {
            Operation::HostUpdate { host, attributes, .. } => self.say(*host, attributes),
            Operation::PoolSet { pool, capacity } => self.pool(*pool).capacity = capacity.0,
            Operation::PoolBlackout { pool, window, change } => {
                let slots: BTreeSet<u64> = starts(*window, SLOT).collect();
                let dark = &mut self.pool(*pool).dark;
                match change {
                    BlackoutChange::Begin => dark.extend(slots),
                    BlackoutChange::Lift => dark.retain(|slot| !slots.contains(slot)),
                }
            }
            // What becomes of a contract, its events say.
            Operation::Contract { .. } => {}
            other => panic!("{other:?} is no matter of the market"),
        }
    }

    /// Gives back in the models what contracts that `events` report as over had taken.
    pub(super) fn follow_contracts(&mut self, events: &[Event]) {
        for event in events {
            let Event::ContractClosed { contract, .. } = event else { continue };
            if let Some(Sale { pool, window, quantity, .. }) = self.sales.remove(contract) {
                self.pool(pool).give_back(window, SLOT, quantity);
            }
        }
    }

    /// Keeps in mind what was sold out of pools, and compares them.
    pub(super) fn compare_pools(&mut self, seed: u64, applied: &Applied) {
        for event in &applied.receipts.matching {
            let Event::Matched { contract, market, ask, seller, window, quantity, .. } = event
            else {
                continue;
            };
            if let Some(host) = self.sources[ask] {
                let (pool, quantity) = (PoolId { host, market: *market }, quantity.0);
                let sale = Sale { pool, seller: *seller, window: *window, quantity };
                self.sales.insert(*contract, sale);
                self.counts.out_of_pools += 1;
            }
        }
        for (market, model) in (0..).map(MarketId).zip(&self.models) {
            for (host, expected) in &model.pools {
                let id = PoolId { host: *host, market };
                let view = View::new(&self.floor.state, &[]);
                let pool = view.pool(&id).expect("no trader ends its pools");
                let mut sold = BTreeMap::new();
                for span in &pool.sold {
                    sold.extend(starts(span.window, SLOT).map(|slot| (slot, span.quantity.0)));
                }
                assert_eq!(sold, expected.sold, "seed {seed}: {id:?}");
                assert_eq!(pool.capacity.0, expected.capacity, "seed {seed}: {id:?}");
            }
        }
    }

    fn say(&mut self, host: ObjectId, attributes: &Attributes) {
        for model in &mut self.models {
            let pool = model.pools.get_mut(&host).expect("every host has a pool");
            pool.attributes = attributes.clone();
        }
    }

    fn pool(&mut self, id: PoolId) -> &mut ModelPool {
        let model = &mut self.models[id.market.0 as usize];
        model.pools.get_mut(&id.host).expect("every host has a pool")
    }
}

fn attributes(random: &mut Random, evidence: &[Evidence]) -> Attributes {
    let os = *random.pick(&["linux", "bsd", "dos"]);
    let values = [
        ("memory", AttributeValue::Number(random.below(3))),
        ("os", AttributeValue::Word(word(os))),
        ("tee", AttributeValue::Flag),
    ];
    let mut said = Vec::new();
    for (key, value) in values {
        let expires = random.once_in(4).then(|| Time(SLOT * (4 + random.below(12))));
        if !random.once_in(4) {
            let evidence = *random.pick(evidence);
            said.push(Attribute { key: word(key), value, evidence, expires });
        }
    }
    Attributes::new(said).expect("three keys")
}

fn words(texts: &[&str]) -> Words {
    Words::new(texts.iter().map(|text| word(text)).collect()).expect("few words")
}

fn word(text: &str) -> Word {
    Word::new(text).expect("a word")
}
