//! Pools: what they have, what asks sell out of them, and what comes back.

use chain::conditions::Conditions;
use chain::contract::{ContractAct, ContractState};
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::market::{Grade, MarketId};
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Side, Sold, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::Price;
use chain::state::{Key, Object};
use chain::time::Time;

use super::*;
use crate::rejection::Rejection;
use crate::rules::host::tests::{hall, registered, tried};
use crate::state::View;
use crate::testing::Ledger;

const MARKET: MarketId = MarketId(1);

fn window(start: u64, end: u64) -> Window {
    Window { start: Time(start), end: Time(end) }
}

fn sets(pool: PoolId, capacity: u64) -> Operation {
    Operation::PoolSet { pool, capacity: Quantity(capacity) }
}

fn darkens(pool: PoolId, (start, end): (u64, u64), change: BlackoutChange) -> Operation {
    Operation::PoolBlackout { pool, window: window(start, end), change }
}

fn order(side: Side, quantity: u64, (start, end): (u64, u64)) -> OrderPlace {
    OrderPlace {
        market: MARKET,
        side,
        quantity: Quantity(quantity),
        window: window(start, end),
        limit: Price(10),
        time_in_force: TimeInForce::Until(Time(start)),
        grade: Grade::BASE,
        parties: Parties::default(),
        conditions: Conditions::default(),
        predicates: Predicates::default(),
        stretch: None,
    }
}

fn asks(pool: PoolId, quantity: u64, slots: (u64, u64)) -> Operation {
    let side = Side::Ask(AskTerms { host: Some(pool.host) });
    Operation::OrderPlace(order(side, quantity, slots))
}

fn bids(quantity: u64, slots: (u64, u64)) -> Operation {
    let any = BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None };
    Operation::OrderPlace(order(Side::Bid(any), quantity, slots))
}

/// A host of alice with a pool of ten units.
fn selling() -> (Ledger, PoolId) {
    let mut ledger = hall();
    let host = registered(&mut ledger, "alice");
    let pool = PoolId { host, market: MARKET };
    assert_eq!(tried(&mut ledger, "alice", sets(pool, 10)), None);
    (ledger, pool)
}

/// The same with so much sold to bob, in slots from 100 on, and the contract's name.
fn sold(quantity: u64, end: u64) -> (Ledger, PoolId, ObjectId) {
    let (mut ledger, pool) = selling();
    assert_eq!(tried(&mut ledger, "alice", asks(pool, 10, (100, 200))), None);
    assert_eq!(tried(&mut ledger, "bob", bids(quantity, (100, end))), None);
    let contract = contracts(&ledger).pop().unwrap().0;
    (ledger, pool, contract)
}

fn contracts(ledger: &Ledger) -> Vec<(ObjectId, Quantity)> {
    let contract = |(key, object): (&Key, &Object)| match (key, object) {
        (Key::Contract(id), Object::Contract(contract)) => Some((*id, contract.quantity)),
        _ => None,
    };
    ledger.state.iter().filter_map(contract).collect()
}

fn stands(ledger: &Ledger, pool: PoolId) -> Option<Pool> {
    View::new(&ledger.state, &[]).pool(&pool).cloned()
}

fn spans(ledger: &Ledger, pool: PoolId) -> Vec<Sold> {
    stands(ledger, pool).unwrap().sold
}

#[test]
fn pool_is_set_changed_and_ended_by_its_capacity() {
    let (mut ledger, pool) = selling();
    let mut sets = |who: &str, capacity| tried(&mut ledger, who, sets(pool, capacity));
    assert_eq!(sets("alice", 10), Some(Rejection::PoolUnchanged));
    assert_eq!(sets("alice", 11), Some(Rejection::QuantityNotInLots));
    assert_eq!(sets("bob", 12), Some(Rejection::NotHostOwner));
    assert_eq!(sets("alice", 4), None);
    assert_eq!(sets("alice", 0), None);
    assert_eq!(sets("alice", 0), Some(Rejection::PoolUnknown));
    assert_eq!(stands(&ledger, pool), None);
    ledger.step("alice 1000/7");
}

#[test]
fn pool_needs_a_host_a_market_and_its_deposit() {
    let mut ledger = hall();
    let host = registered(&mut ledger, "carol");
    let mut refused = |host, market| tried(&mut ledger, "carol", sets(PoolId { host, market }, 2));
    assert_eq!(refused(ObjectId([9; 32]), MARKET), Some(Rejection::HostUnknown));
    assert_eq!(refused(host, MarketId(2)), Some(Rejection::MarketUnknown));
    assert_eq!(refused(host, MARKET), Some(Rejection::BalanceTooLow));
}

#[test]
fn host_closes_with_its_pools_once_nothing_is_on_offer_or_sold() {
    let (mut ledger, pool, contract) = sold(4, 120);
    let ask = View::new(&ledger.state, &[]).contract(&contract).unwrap().ask;
    let close = Operation::HostClose { host: pool.host };
    assert_eq!(tried(&mut ledger, "alice", close.clone()), Some(Rejection::PoolInUse));
    assert_eq!(tried(&mut ledger, "alice", Operation::OrderCancel { order: ask }), None);
    assert_eq!(tried(&mut ledger, "alice", close.clone()), Some(Rejection::PoolInUse));
    assert_eq!(tried(&mut ledger, "alice", sets(pool, 0)), Some(Rejection::PoolInUse));
    let act = ContractAct::Abort;
    assert_eq!(tried(&mut ledger, "alice", Operation::Contract { contract, act }), None);
    assert_eq!(tried(&mut ledger, "alice", close), None);
    assert_eq!(stands(&ledger, pool), None);
    ledger.step("alice 1000");
}

#[test]
fn capacity_never_falls_below_what_is_sold() {
    let (mut ledger, pool, _) = sold(4, 120);
    assert_eq!(tried(&mut ledger, "alice", sets(pool, 2)), Some(Rejection::CapacitySold));
    assert_eq!(tried(&mut ledger, "alice", sets(pool, 4)), None);
    // Nothing is left in the two slots that are sold.
    assert_eq!(tried(&mut ledger, "bob", bids(2, (110, 120))), None);
    assert_eq!(contracts(&ledger).len(), 1);
    assert_eq!(tried(&mut ledger, "alice", sets(pool, 6)), None);
    assert_eq!(contracts(&ledger).len(), 2, "the market wakes when capacity rises");
}

#[test]
fn asks_over_one_pool_sell_no_more_than_it_has_within_one_match_too() {
    let (mut ledger, pool) = selling();
    for _ in 0..2 {
        assert_eq!(tried(&mut ledger, "alice", asks(pool, 8, (100, 200))), None);
    }
    assert_eq!(tried(&mut ledger, "bob", bids(20, (100, 130))), None);
    let mut quantities: Vec<u64> = contracts(&ledger).iter().map(|(_, it)| it.0).collect();
    quantities.sort_unstable();
    assert_eq!(quantities, [2, 8]);
    assert_eq!(spans(&ledger, pool), [Sold { window: window(100, 130), quantity: Quantity(10) }]);
}

#[test]
fn ask_needs_a_pool_of_its_owner_in_its_market() {
    let (mut ledger, pool) = selling();
    let mut refused = |who: &str, pool, change: fn(&mut OrderPlace)| {
        let side = Side::Ask(AskTerms { host: Some(pool) });
        let mut order = order(side, 2, (100, 110));
        change(&mut order);
        tried(&mut ledger, who, Operation::OrderPlace(order))
    };
    assert_eq!(refused("alice", ObjectId([9; 32]), |_| {}), Some(Rejection::HostUnknown));
    assert_eq!(refused("bob", pool.host, |_| {}), Some(Rejection::NotHostOwner));
    let elsewhere = |order: &mut OrderPlace| order.market = MarketId(0);
    assert_eq!(refused("alice", pool.host, elsewhere), Some(Rejection::PoolUnknown));
    assert_eq!(refused("alice", pool.host, |_| {}), None);
}

#[test]
fn nothing_is_sold_in_a_blackout_until_it_is_lifted() {
    let (mut ledger, pool, _) = sold(4, 120);
    let begin = darkens(pool, (110, 140), BlackoutChange::Begin);
    assert_eq!(tried(&mut ledger, "alice", begin.clone()), None, "what is sold stays sold");
    assert_eq!(tried(&mut ledger, "alice", begin), Some(Rejection::PoolUnchanged));
    assert_eq!(tried(&mut ledger, "bob", bids(2, (130, 150))), None);
    assert_eq!(tried(&mut ledger, "bob", bids(2, (140, 150))), None);
    assert_eq!(contracts(&ledger).len(), 2, "one of both bids");
    let lift = darkens(pool, (130, 140), BlackoutChange::Lift);
    assert_eq!(tried(&mut ledger, "alice", lift), None);
    assert_eq!(contracts(&ledger).len(), 3, "the market wakes");
    assert_eq!(stands(&ledger, pool).unwrap().blackouts, [window(110, 130)]);
}

#[test]
fn blackouts_join_split_and_are_forgotten() {
    let (mut ledger, pool) = selling();
    let mut changes =
        |who: &str, slots, change| tried(&mut ledger, who, darkens(pool, slots, change));
    use BlackoutChange::{Begin, Lift};
    assert_eq!(changes("bob", (100, 110), Begin), Some(Rejection::NotHostOwner));
    assert_eq!(changes("alice", (105, 110), Begin), Some(Rejection::WindowNotOnSlots));
    assert_eq!(changes("alice", (100, 110), Lift), Some(Rejection::PoolUnchanged));
    for slots in [(100, 110), (150, 160), (110, 120), (140, 170)] {
        assert_eq!(changes("alice", slots, Begin), None);
    }
    assert_eq!(stands(&ledger, pool).unwrap().blackouts, [window(100, 120), window(140, 170)]);
    assert_eq!(tried(&mut ledger, "alice", darkens(pool, (110, 150), Lift)), None);
    assert_eq!(stands(&ledger, pool).unwrap().blackouts, [window(100, 110), window(150, 170)]);
    ledger.step("time 110");
    let late = tried(&mut ledger, "alice", darkens(pool, (100, 110), Lift));
    assert_eq!(late, Some(Rejection::WindowTooSoon));
    assert_eq!(tried(&mut ledger, "alice", darkens(pool, (160, 170), Lift)), None);
    assert_eq!(stands(&ledger, pool).unwrap().blackouts, [window(150, 160)]);
    let unknown = PoolId { market: MarketId(0), ..pool };
    let nowhere = tried(&mut ledger, "alice", darkens(unknown, (200, 210), Begin));
    assert_eq!(nowhere, Some(Rejection::PoolUnknown));
}

#[test]
fn blackouts_of_a_pool_are_bounded() {
    let (mut ledger, pool) = selling();
    let most = u64::try_from(BLACKOUTS_MAX).unwrap();
    for number in 0..most {
        let start = 1_000 + 20 * number;
        let begin = darkens(pool, (start, start + 10), BlackoutChange::Begin);
        assert_eq!(tried(&mut ledger, "alice", begin), None);
    }
    let one_more = darkens(pool, (900, 910), BlackoutChange::Begin);
    assert_eq!(tried(&mut ledger, "alice", one_more), Some(Rejection::TooManyBlackouts));
    let joins = darkens(pool, (990, 1_000), BlackoutChange::Begin);
    assert_eq!(tried(&mut ledger, "alice", joins), None);
}

#[test]
fn what_a_contract_gives_up_is_for_sale_again() {
    for (act, until) in [(ContractAct::Abort, 20), (ContractAct::EndEarly, 105)] {
        let (mut ledger, pool, contract) = sold(10, 130);
        let ready = ContractAct::HostReady { fingerprint: Hash::ZERO };
        for (time, who, act) in
            [(30, "bob", crate::rules::contract::tests::staged()), (40, "alice", ready)]
        {
            if until > time {
                ledger.step(&format!("time {time}"));
                assert_eq!(tried(&mut ledger, who, Operation::Contract { contract, act }), None);
            }
        }
        assert_eq!(tried(&mut ledger, "alice", asks(pool, 10, (110, 200))), None);
        assert_eq!(tried(&mut ledger, "bob", bids(6, (110, 120))), None);
        assert_eq!(contracts(&ledger).len(), 1, "nothing is left of the slots");
        ledger.step(&format!("time {until}"));
        assert_eq!(tried(&mut ledger, "bob", Operation::Contract { contract, act }), None);
        let live = contracts(&ledger).into_iter().filter(|(id, _)| {
            View::new(&ledger.state, &[]).contract(id).unwrap().state == ContractState::Matched
        });
        assert_eq!(live.count(), 1, "the market wakes, and what came back is sold");
        let slots = Sold { window: window(110, 120), quantity: Quantity(6) };
        assert_eq!(spans(&ledger, pool), [slots]);
    }
}

#[test]
fn pool_forgets_what_it_sold_once_the_slots_are_over() {
    let (mut ledger, pool, _) = sold(4, 120);
    assert_eq!(spans(&ledger, pool).len(), 1);
    // Nobody stages: the contract ends at the start of its window.
    ledger.step("time 101");
    ledger.step("block");
    assert_eq!(spans(&ledger, pool), []);
}

#[test]
fn what_orders_ask_of_hosts_is_known_to_the_market_and_asked_by_bids() {
    use chain::attribute::{Evidence, Words};
    use chain::predicate::{Predicate, Test};

    use crate::rules::host::tests::word;

    let mut ledger = hall();
    let asked = |key: &str, test: Test| {
        let predicate = Predicate { key: word(key), test, evidence: Evidence::Declared };
        Predicates::new(vec![predicate]).unwrap()
    };
    let Operation::OrderPlace(bid) = bids(2, (100, 110)) else { panic!("a bid is an order") };
    let mut refused = |side, market, predicates| {
        let place = OrderPlace { side, market, predicates, ..bid.clone() };
        tried(&mut ledger, "bob", Operation::OrderPlace(place))
    };
    let dos = Test::OneOf(Words::new(vec![word("dos")]).unwrap());
    let set = || asked("tee", Test::Set);
    assert_eq!(refused(bid.side, MARKET, set()), None);
    let ask = refused(Side::Ask(AskTerms::OWN), MARKET, set());
    assert_eq!(ask, Some(Rejection::AskRequires));
    assert_eq!(refused(bid.side, MarketId(0), set()), Some(Rejection::AttributeUnknown));
    for mismatch in [asked("memory", Test::Set), asked("os", dos), asked("tee", Test::Equals(1))] {
        assert_eq!(refused(bid.side, MARKET, mismatch), Some(Rejection::AttributeMismatch));
    }
}
