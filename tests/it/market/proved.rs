//! Every match of these tests is worked out again from what its block's roots prove, and from nothing less.

use chain::account::AccountId;
use chain::attribute::Attributes;
use chain::block::{Header, VERSION};
use chain::event::Event;
use chain::hash::Hash;
use chain::height::Height;
use chain::host::PoolId;
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::merkle::{Entry, ListProof};
use chain::operation::OrderPlace;
use chain::order::Order;
use chain::quantity::{Price, Quantity};
use chain::receipt::{BlockEvents, Receipts};
use chain::state::{Key, Object};
use runtime::batch::{self, Batch, BatchInvalid, Evidence, Shown};
use runtime::block::Applied;
use runtime::context::BlockContext;
use runtime::state::{State, View};
use runtime::tree::{Tree, depth_after};

use super::floor::{Floor, ask, bid, deny, hourly, immediate, saturday, with};
use super::hosts::over;

/// A block and the state it left.
pub(super) struct Proved<'a> {
    pub(super) state: &'a State,
    pub(super) context: BlockContext,
    pub(super) applied: &'a Applied,
}

impl Proved<'_> {
    /// Works out again the match of every market.
    pub(super) fn check(&self) {
        let tree = tree(self.state);
        let view = View::new(self.state, &[]);
        for market in (0..).map(MarketId).take_while(|id| view.market(*id).is_some()) {
            let evidence = self.evidence(&tree, market);
            let batch = batch::verify(market, &evidence).unwrap_or_else(|error| panic!("{error}"));
            self.check_reports(market, &batch);
        }
    }

    /// The batch has all that the block's matching says of the market.
    fn check_reports(&self, market: MarketId, batch: &Batch) {
        let of_market = |event: &&Event| match event {
            Event::CellCleared { market: of, .. }
            | Event::Matched { market: of, .. }
            | Event::OrderClosed { market: of, .. } => *of == market,
            _ => false,
        };
        assert!(self.applied.receipts.matching.iter().filter(of_market).eq(&batch.events));
    }

    pub(super) fn evidence(&self, tree: &Tree, market: MarketId) -> Evidence {
        let Receipts { timers, matching, .. } = &self.applied.receipts;
        let digests = self.applied.receipts.digests();
        let last = |id| match self.applied.changes.ended.get(&Key::Order(id)) {
            Some(Object::Order(order)) => (id, order.as_ref().clone()),
            other => panic!("{id} ended as {other:?}"),
        };
        let ended: Vec<(ObjectId, Order)> = batch::ended(market, matching).map(last).collect();
        let left = View::new(self.state, &[]);
        let keys = batch::keys(left, &self.context, market, (matching, &ended)).expect("sound");
        let shown = |key| Shown {
            key,
            object: self.state.get(&key).cloned(),
            proof: tree.prove(&[], &key),
        };
        let parent = self.header(Hash::ZERO, None);
        Evidence {
            header: self.header(parent.digest(), Some(tree)),
            parent,
            events: BlockEvents { timers: timers.clone(), matching: matching.clone() },
            events_proof: ListProof::of(&digests, digests.len() - 1).expect("a last item"),
            ended,
            objects: keys.into_iter().map(shown).collect(),
        }
    }

    /// The block's header over a parent of this digest; without a tree that of the parent.
    fn header(&self, parent: Hash, tree: Option<&Tree>) -> Header {
        let BlockContext { chain, height, epoch, parent_time, time, proposer, .. } = self.context;
        let own = tree.is_some();
        Header {
            version: VERSION,
            chain,
            height: if own { height } else { Height(height.0 - 1) },
            epoch,
            parent,
            time: if own { time } else { parent_time },
            proposer,
            transactions_root: Hash::ZERO,
            receipts_root: self.applied.receipts.root(),
            state_root: tree.map_or(Hash::ZERO, Tree::root),
            next_authorities: None,
        }
    }
}

/// The tree over a state.
pub(super) fn tree(state: &State) -> Tree {
    let entries =
        state.iter().map(|(key, object)| Entry { key: key.digest(), value: object.digest() });
    let depth = depth_after(0, state.len().try_into().expect("few objects"));
    Tree::from_entries(depth, entries).expect("a depth that fits")
}

const MARKET: MarketId = MarketId(0);

/// What shows a block of three bids and three asks: one bid is filled and ends, one rests in part, one found
/// nothing in time; two asks are sold out, one of them over a host's pool.
fn evidence() -> Evidence {
    let mut floor = Floor::new(&[hourly(), hourly()], 6, 100_000);
    let window = saturday(0, 2);
    floor.place(&[ask(60, 30, window)]);
    let host = floor.host(5, Attributes::default(), 30);
    let (_, applied) = floor.place_by(&[
        (1, ask(50, 35, saturday(0, 4))),
        (5, over(host, ask(20, 32, window))),
        (2, bid(100, 50, window)),
        (3, bid(40, 36, window)),
        (4, immediate(bid(5, 20, window))),
    ]);
    let proved = floor.proved(&applied);
    let evidence = proved.evidence(&tree(proved.state), MARKET);
    let batch = batch::verify(MARKET, &evidence).expect("sound evidence");
    let ended = batch.events.iter().filter(|event| matches!(event, Event::OrderClosed { .. }));
    assert_eq!((batch.orders.len(), ended.count()), (6, 4));
    evidence
}

/// Why evidence is refused after a change.
fn refused(change: impl FnOnce(&mut Evidence)) -> BatchInvalid {
    let mut evidence = evidence();
    change(&mut evidence);
    batch::verify(MARKET, &evidence).expect_err("changed evidence")
}

/// Why a match is refused that authorities vouch for who say something else of it than it did.
fn denied(change: impl FnOnce(&mut BlockEvents)) -> BatchInvalid {
    refused(|evidence| {
        change(&mut evidence.events);
        let Evidence { events, .. } = evidence;
        let receipts = Receipts {
            transactions: Vec::new(),
            timers: events.timers.clone(),
            matching: events.matching.clone(),
        };
        evidence.events_proof = ListProof::of(&receipts.digests(), 0).expect("one item");
        evidence.header.receipts_root = receipts.root();
    })
}

#[test]
fn evidence_of_which_anything_is_left_out_is_refused() {
    for index in 0..evidence().objects.len() {
        let key = evidence().objects[index].key;
        let reason = refused(|evidence| drop(evidence.objects.remove(index)));
        let expected = match key {
            Key::Order(_) => matches!(reason, BatchInvalid::Orders { .. } | BatchInvalid::Trade(_)),
            Key::Book(_) => matches!(reason, BatchInvalid::Orders { open: 0, .. }),
            key => reason == BatchInvalid::Missing(key),
        };
        assert!(expected, "{key:?}: {reason}");
    }
    for index in 0..evidence().ended.len() {
        let reason = refused(|evidence| drop(evidence.ended.remove(index)));
        assert_eq!(reason, BatchInvalid::Ended);
    }
}

#[test]
fn evidence_of_which_anything_is_changed_is_refused() {
    for index in 0..evidence().objects.len() {
        let changed = |object: &mut Option<Object>| match object {
            Some(Object::Order(order)) => order.limit = Price(order.limit.0 + 1),
            Some(Object::Market(market)) => market.k_bps = 0,
            Some(Object::Book(book)) => book.orders += 1,
            Some(Object::Host(host)) => host.owner = AccountId([9; 20]),
            Some(Object::Pool(pool)) => pool.capacity = Quantity(pool.capacity.0 + 1),
            Some(other) => panic!("{other:?} has no part in this match"),
            None => *object = Some(Object::Timer),
        };
        let key = evidence().objects[index].key;
        let reason = refused(|evidence| changed(&mut evidence.objects[index].object));
        assert_eq!(reason, BatchInvalid::Object(key));
        if evidence().objects[index].object.is_some() {
            let reason = refused(|evidence| evidence.objects[index].object = None);
            assert_eq!(reason, BatchInvalid::Object(key));
        }
        let reason = refused(|evidence| evidence.objects[index].proof.entries.clear());
        assert_eq!(reason, BatchInvalid::Object(key));
        let twice = refused(|evidence| evidence.objects.push(evidence.objects[index].clone()));
        assert_eq!(twice, BatchInvalid::Repeated(key));
    }
    let other = |order: &mut Order| order.quantity = Quantity(order.quantity.0 + 1);
    assert_eq!(refused(|evidence| other(&mut evidence.ended[0].1)), BatchInvalid::Ended);
    assert_eq!(refused(|evidence| evidence.ended.swap(0, 1)), BatchInvalid::Ended);
    assert_eq!(refused(|evidence| evidence.parent.time.0 += 1), BatchInvalid::Parent);
    assert_eq!(refused(|evidence| evidence.header.height = Height(9)), BatchInvalid::Parent);
    let shorter = refused(|evidence| drop(evidence.events.matching.pop()));
    assert_eq!(shorter, BatchInvalid::Events);
}

#[test]
fn evidence_of_more_than_the_match_depends_on_is_refused() {
    let mut floor = Floor::new(&[hourly(), hourly()], 3, 100_000);
    floor.place(&[ask(60, 30, saturday(0, 2))]);
    let elsewhere = OrderPlace { market: MarketId(1), ..ask(20, 30, saturday(0, 2)) };
    let (ids, applied) = floor.place_by(&[(1, bid(10, 40, saturday(0, 2))), (2, elsewhere)]);
    let proved = floor.proved(&applied);
    let tree = tree(proved.state);
    for key in [Key::Supply, Key::Order(ids[1]), Key::Book(MarketId(1))] {
        let mut evidence = proved.evidence(&tree, MARKET);
        let object = proved.state.get(&key).cloned();
        assert!(object.is_some(), "{key:?}");
        evidence.objects.push(Shown { key, object, proof: tree.prove(&[], &key) });
        assert_eq!(batch::verify(MARKET, &evidence), Err(BatchInvalid::Needless(key)));
    }
}

#[test]
fn evidence_of_what_never_was_is_refused() {
    let invented = evidence().ended[0].1.clone();
    let key = Key::Order(ObjectId([7; 32]));
    let object = Some(Object::Order(Box::new(invented.clone())));
    let proof = evidence().objects[0].proof.clone();
    let shown = Shown { key, object, proof };
    assert_eq!(refused(|it| it.objects.push(shown)), BatchInvalid::Object(key));
    let ended = (ObjectId([7; 32]), invented);
    assert_eq!(refused(|it| it.ended.push(ended)), BatchInvalid::Ended);
}

#[test]
fn state_that_no_rules_lead_to_is_refused() {
    let mut floor = Floor::new(&[hourly()], 3, 100_000);
    let host = floor.host(0, Attributes::default(), 30);
    // Both meet, and one denies the other.
    let wanted = with(deny(&floor, &[0]), bid(10, 30, saturday(0, 2)));
    let orders = [(0, over(host, ask(20, 30, saturday(0, 2)))), (1, immediate(wanted))];
    let (_, applied) = floor.place_by(&orders);
    for key in [Key::Host(host), Key::Pool(PoolId { host, market: MARKET })] {
        let objects = floor.state.iter().filter(|(other, _)| **other != key);
        let state = State::from_objects(objects.map(|(key, object)| (*key, object.clone())));
        let proved = Proved { state: &state, ..floor.proved(&applied) };
        let evidence = proved.evidence(&tree(&state), MARKET);
        assert_eq!(batch::verify(MARKET, &evidence), Err(BatchInvalid::Missing(key)));
    }
}

#[test]
fn match_that_authorities_falsified_is_found_out() {
    let reason = denied(|events| {
        for event in &mut events.matching {
            if let Event::CellCleared { price, .. } = event {
                price.0 += 1;
            }
        }
    });
    assert_eq!(reason, BatchInvalid::Outcome);
    let trade = |events: &BlockEvents| {
        events.matching.iter().position(|event| matches!(event, Event::Matched { .. }))
    };
    let reason = denied(|events| {
        let at = trade(events).expect("a trade");
        events.matching.remove(at);
    });
    assert_eq!(reason, BatchInvalid::Outcome);
    let reason = denied(|events| {
        let at = trade(events).expect("a trade");
        if let Event::Matched { quantity, .. } = &mut events.matching[at] {
            quantity.0 += 1_000;
        }
    });
    assert!(matches!(reason, BatchInvalid::Trade(_)), "{reason}");
    let reason = denied(|events| {
        events.matching.retain(|event| !matches!(event, Event::OrderClosed { .. }));
    });
    assert_eq!(reason, BatchInvalid::Ended);
}
