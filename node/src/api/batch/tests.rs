//! What shows a match, part by part and at past heights.

use chain::conditions::Conditions;
use chain::event::Event;
use chain::market::Grade;
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::time::{Time, Window};
use chain::transaction::SignedTransaction;
use rpc::api::Api;
use rpc::types::{BATCH_PART_ITEMS_MAX, BatchItemView, Limit};
use runtime::batch::{Evidence, Shown};

use super::super::tests::{Fixture, ask, fixture, submit};
use super::*;
use crate::testing::{Chain, account, key, operation};

fn question(market: &str, height: Option<u64>) -> MarketGetBatch {
    let limit = Limit::new(BATCH_PART_ITEMS_MAX).unwrap();
    MarketGetBatch { market: market.to_owned(), height, cursor: None, limit }
}

/// All items of a match, asked for one by one; between any two of them another match is asked for.
fn one_by_one(api: &NodeApi, market: &str, height: u64) -> Vec<BatchItemView> {
    let (mut cursor, mut items) = (None, Vec::new());
    loop {
        let limit = Limit::new(1).unwrap();
        let asked = MarketGetBatch { cursor, limit, ..question(market, Some(height)) };
        let part = api.market_get_batch(&asked).unwrap().value;
        assert_eq!((part.header.0.0.height.0, part.items.len()), (height, 1));
        items.extend(part.items);
        cursor = part.next_cursor;
        if cursor.is_none() {
            return items;
        }
        api.market_get_batch(&question("gpu", None)).unwrap();
    }
}

#[test]
fn parts_of_a_match_add_up_to_it_whatever_is_asked_between_them() {
    let Fixture { chain, api, .. } = &fixture();
    for nonce in 0..3 {
        submit(api, &ask(chain, nonce, 5, 40)).unwrap();
    }
    chain.grow();
    let whole = api.market_get_batch(&question("cpu", None)).unwrap().value;
    assert!(whole.report.is_some() && whole.next_cursor.is_none());
    // Three orders, their count, the markets and the end of these.
    assert!(whole.items.len() > 5, "{}", whole.items.len());
    assert_eq!(one_by_one(api, "cpu", 1), whole.items);

    submit(api, &ask(chain, 3, 5, 30)).unwrap();
    chain.grow();
    let now = api.market_get_batch(&question("cpu", None)).unwrap().value;
    assert_eq!(now.items.len(), whole.items.len() + 1);
    assert_eq!(api.market_get_batch(&question("cpu", Some(1))).unwrap().value, whole);
    assert_eq!(one_by_one(api, "cpu", 1), whole.items);
}

/// An order of key `byte` in a market, for an hour from hour 10 of the tip on.
fn order(chain: &Chain, byte: u8, (market, side, units): (u32, Side, u64)) -> SignedTransaction {
    let hour = 3_600_000;
    let start = (chain.tip().time.0 / hour + 10) * hour;
    let committed = chain.ledger.read();
    let nonce = committed.view().account(&account(byte)).unwrap().nonce;
    // Some bids reach their asks with their stretch alone.
    let reaches = matches!(side, Side::Bid(_)) && units % 2 == 0;
    let place = OrderPlace {
        market: MarketId(market),
        side,
        quantity: Quantity(units),
        window: Window { start: Time(start), end: Time(start + hour) },
        limit: Price(if reaches { 35 } else { 40 }),
        stretch: reaches.then_some(Price(45)),
        time_in_force: TimeInForce::Until(Time(start)),
        grade: Grade::BASE,
        parties: Parties::default(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
    };
    operation(byte, nonce.0, Operation::OrderPlace(place)).sign(&key(byte))
}

fn evidence(view: BatchView) -> Evidence {
    let report = view.report.expect("the first part has a report");
    let mut evidence = Evidence {
        header: view.header.0.0,
        parent: report.parent.0.0,
        events: report.events.0.0,
        events_proof: report.events_proof.0.0,
        ended: Vec::new(),
        objects: Vec::new(),
    };
    for item in view.items {
        match item {
            BatchItemView::Ended { order, object } => {
                let Object::Order(last) = object.0.0 else { panic!("no order") };
                evidence.ended.push((order.0, *last));
            }
            BatchItemView::Left { key, object, proof } => {
                let object = object.map(|object| object.0.0);
                evidence.objects.push(Shown { key: key.0.0, object, proof: proof.0.0 });
            }
        }
    }
    evidence
}

#[test]
fn every_match_is_proved_from_every_later_block() {
    let Fixture { chain, api, .. } = &fixture();
    let bid = Side::Bid(BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None });
    let ask = Side::Ask(AskTerms::OWN);
    let (mut heights, mut trades) = (0, 0);
    for round in 0..12_u64 {
        let (one, other) = ((round % 2) as u32, (round % 3 == 0).into());
        for (byte, order_of) in [(1, (one, ask, 3 + round)), (2, (other, bid, 2 + 3 * (round % 4)))]
        {
            submit(api, &order(chain, byte, order_of)).unwrap();
        }
        chain.grow();
        heights += 1;
        for height in 1..=heights {
            for (market, name) in (0..).map(MarketId).zip(["cpu", "gpu"]) {
                let view = api.market_get_batch(&question(name, Some(height))).unwrap().value;
                let proven = batch::verify(market, &evidence(view));
                let proven = proven.unwrap_or_else(|error| panic!("{name} at {height}: {error}"));
                let count = proven.events.iter().filter(|it| matches!(it, Event::Matched { .. }));
                trades += count.count();
            }
        }
    }
    assert!(trades > 20, "{trades}");
}

#[test]
fn match_that_is_not_kept_and_cursors_that_are_none_are_refused() {
    let Fixture { chain, api, .. } = &fixture();
    chain.grow();
    let refused = |asked| api.market_get_batch(&asked).map(|_| ()).unwrap_err();
    let kept = Error::HeightUnavailable { first: 1, tip: 1 };
    assert_eq!(refused(question("cpu", Some(0))), kept);
    assert_eq!(refused(question("cpu", Some(2))), kept);
    assert_eq!(refused(question("tea", None)), Error::MarketUnknown);
    let cursor = Some("x".to_owned());
    let asked = MarketGetBatch { cursor, ..question("cpu", None) };
    assert_eq!(refused(asked), Error::CursorInvalid);
}

#[test]
fn sizes_up_to_the_bound_are_shown() {
    assert_eq!(check("things", 3, 3), Ok(()));
    let refused = Error::MatchTooLarge { what: "things", count: 4, max: 3 };
    assert_eq!(check("things", 4, 3), Err(refused));
}
