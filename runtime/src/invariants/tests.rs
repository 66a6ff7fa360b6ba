//! Each broken invariant is found.

use chain::account::Account;
use chain::amount::Amount;
use chain::book::Book;
use chain::captured::Captured;
use chain::channel::{BestVoucher, Channel, ChannelStatus};
use chain::conditions::Conditions;
use chain::contract::{Contract, ContractClosed, ContractState};
use chain::hash::Hash;
use chain::height::Height;
use chain::hold::{Hold, Purpose};
use chain::id::ObjectId;
use chain::market::{Grade, MarketId};
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Order, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::target::Target;
use chain::time::{Time, Window};
use chain::timer::{Due, Timer, TimerKind};

use super::{Violation, check};
use crate::state::{Changes, State};
use crate::testing::{Ledger, account, market, run};

const ID: ObjectId = ObjectId([9; 32]);

/// The state after a script, with `changes` on top.
fn broken(
    script: &str,
    changes: impl IntoIterator<Item = (Key, Option<Object>)>,
) -> Result<(), Violation> {
    let mut state = run(script).state;
    state.commit(&Changes { objects: changes.into_iter().collect(), ..Changes::default() });
    check(&state)
}

fn sum(units: u64) -> Amount {
    Amount::from_u64(units)
}

fn alice(cash: u64, held: u64) -> (Key, Option<Object>) {
    let alice = Account { cash: sum(cash), held: sum(held), ..Account::default() };
    (Key::Account(account("alice")), Some(Object::Account(alice)))
}

#[test]
fn nothing_is_no_genesis() {
    assert_eq!(check(&State::default()), Err(Violation::NoGenesis));
}

#[test]
fn sound_state_passes() {
    assert_eq!(broken("alice 10, bob 0; alice holds 5 for bob until 50 as h", []), Ok(()));
}

#[test]
fn money_that_comes_or_goes_is_found() {
    for (minted, burned) in [(11, 0), (10, 1), (12, 1), (0, 1)] {
        let supply = Object::Supply(Supply { minted: sum(minted), burned: sum(burned) });
        let found = broken("alice 10", [(Key::Supply, Some(supply))]);
        assert_eq!(found, Err(Violation::Supply), "{minted} {burned}");
    }
    assert_eq!(broken("alice 10", [alice(9, 0)]), Err(Violation::Supply));
}

#[test]
fn held_money_that_no_object_needs_is_found() {
    let id = account("alice");
    assert_eq!(broken("alice 10", [alice(10, 1)]), Err(Violation::Held(id)));
    assert_eq!(broken("alice 10", [alice(10, 11)]), Err(Violation::HeldAboveCash(id)));
    let script = "alice 10, bob 0; alice holds 5 for bob until 50 as h";
    assert_eq!(broken(script, [alice(10, 4)]), Err(Violation::Held(id)));
}

#[test]
fn orders_that_are_not_counted_are_found() {
    let id = account("alice");
    let miscounted = Account { cash: sum(10), orders: 1, ..Account::default() };
    let change = (Key::Account(id), Some(Object::Account(miscounted)));
    assert_eq!(broken("alice 10", [change]), Err(Violation::OrderCount(id)));
}

#[test]
fn object_without_its_owner_is_found() {
    let ledger = run("alice 0, bob 0");
    let purpose = Purpose::User { beneficiary: account("bob"), expires: Time(50) };
    let owner = account("nobody");
    let hold = Hold::new(owner, purpose, sum(5));
    let mut state = ledger.state;
    let objects = [(Key::Hold(ID), Some(Object::Hold(Box::new(hold))))].into();
    state.commit(&Changes { objects, ..Changes::default() });
    assert_eq!(check(&state), Err(Violation::OwnerMissing(owner)));
}

#[test]
fn holds_that_do_not_fit_are_found() {
    let (owner, beneficiary) = (account("alice"), account("bob"));
    let user = Purpose::User { beneficiary, expires: Time(50) };
    let sound = || Hold { captured: sum(1), ..Hold::new(owner, user.clone(), sum(5)) };
    let target = Target::new("a bank").unwrap();
    for hold in [
        Hold { captured: sum(5), ..sound() },
        Hold { refunded: sum(2), ..sound() },
        Hold { purpose: Purpose::Withdrawal { target, expires: Time(50) }, ..sound() },
        Hold { purpose: Purpose::Bid { order: ID }, ..sound() },
        Hold { purpose: Purpose::Contract { contract: ID }, ..sound() },
        Hold { purpose: Purpose::Channel { channel: ID }, ..sound() },
    ] {
        let rest = hold.amount.checked_sub(hold.captured).unwrap().base_units();
        let held = u64::try_from(rest).unwrap();
        let change = (Key::Hold(ID), Some(Object::Hold(Box::new(hold.clone()))));
        let found = broken("alice 10, bob 0", [alice(10, held), change]);
        assert_eq!(found, Err(Violation::Hold(ID)), "{hold:?}");
    }
}

#[test]
fn payments_that_do_not_fit_are_found() {
    let ledger = run("alice 10, bob 0; alice holds 5 for bob until 50 as h; bob captures 5 of h");
    let id = ledger.object("h");
    let Some(Object::Captured(sound)) = ledger.state.get(&Key::Captured(id)) else { panic!() };
    for (changed, violation) in [
        (Captured { refunded: sum(6), ..**sound }, Violation::Captured(id)),
        (Captured { captured: sum(0), ..**sound }, Violation::Captured(id)),
        (Captured { payer: sound.payee, ..**sound }, Violation::Captured(id)),
        (Captured { until: Time(1), ..**sound }, Violation::Timer(id)),
    ] {
        let mut state = ledger.state.clone();
        let objects = [(Key::Captured(id), Some(Object::Captured(Box::new(changed))))].into();
        state.commit(&Changes { objects, ..Changes::default() });
        assert_eq!(check(&state), Err(violation), "{changed:?}");
    }
}

#[test]
fn channels_that_do_not_fit_are_found() {
    let ledger = run("alice 10, bob 0; alice opens c to bob 8 delay 10");
    let id = ledger.object("c");
    let Some(Object::Channel(channel)) = ledger.state.get(&Key::Channel(id)) else { panic!() };
    let best = Some(BestVoucher { sequence: 1, cumulative: sum(9) });
    for (changed, violation) in [
        (Channel { best, ..**channel }, Violation::Channel(id)),
        (Channel { payee: channel.payer, ..**channel }, Violation::Channel(id)),
        (Channel { funded: sum(7), ..**channel }, Violation::Hold(channel.hold)),
        (Channel { hold: ID, ..**channel }, Violation::Hold(channel.hold)),
    ] {
        let mut state = ledger.state.clone();
        let objects = [(Key::Channel(id), Some(Object::Channel(Box::new(changed))))].into();
        state.commit(&Changes { objects, ..Changes::default() });
        assert_eq!(check(&state), Err(violation), "{changed:?}");
    }
}

#[test]
fn deadlines_missing_doubled_or_misplaced_are_found() {
    let script = "alice 10, bob 0; alice holds 5 for bob until 50 as h";
    let object = run(script).object("h");
    let timer = |due, kind| Key::Timer(Timer { due, kind, object });
    let right = timer(Due::Time(Time(50)), TimerKind::HoldExpire);
    let late = timer(Due::Time(Time(51)), TimerKind::HoldExpire);
    let other = timer(Due::Time(Time(50)), TimerKind::OrderExpire);
    let set = Some(Object::Timer);
    for changes in [
        vec![(right, None)],
        vec![(right, None), (late, set.clone())],
        vec![(late, set.clone())],
        vec![(right, None), (other, set)],
    ] {
        assert_eq!(broken(script, changes), Err(Violation::Timer(object)));
    }
}

#[test]
fn deadline_of_nothing_is_found() {
    let timer = Timer { due: Due::Height(Height(5)), kind: TimerKind::ChannelClose, object: ID };
    let change = (Key::Timer(timer), Some(Object::Timer));
    assert_eq!(broken("alice 10", [change]), Err(Violation::Timer(ID)));
}

#[test]
fn closing_channel_without_a_deadline_is_found() {
    let ledger = run("alice 10, bob 0; alice opens c to bob 8 delay 10");
    let id = ledger.object("c");
    let Some(Object::Channel(channel)) = ledger.state.get(&Key::Channel(id)) else { panic!() };
    let status = ChannelStatus::Closing { time: Time(50), height: Height(5) };
    let channel = Channel { status, ..**channel };
    let mut state = ledger.state;
    let objects = [(Key::Channel(id), Some(Object::Channel(Box::new(channel))))].into();
    state.commit(&Changes { objects, ..Changes::default() });
    assert_eq!(check(&state), Err(Violation::Timer(id)));
}

/// A market where an ask of ten met a bid of fifteen: both are open, and there is a contract of ten.
fn trading() -> Ledger {
    let mut ledger = run("alice 10000, bob 0");
    let market = market();
    let market = (Key::Market(MarketId(0)), Object::Market(Box::new(market)));
    let objects = ledger.state.iter().map(|(key, object)| (*key, object.clone()));
    ledger = Ledger::of_state(State::from_objects(objects.chain([market])));
    let place = |side, quantity, end, limit| {
        let window = Window { start: Time(100), end: Time(end) };
        let (market, time_in_force) = (MarketId(0), TimeInForce::Until(Time(100)));
        let (quantity, limit) = (Quantity(quantity), Price(limit));
        let (grade, parties, conditions) = (Grade::BASE, Parties::default(), Conditions::default());
        let predicates = Predicates::default();
        let order = OrderPlace {
            market,
            side,
            quantity,
            window,
            limit,
            time_in_force,
            grade,
            parties,
            conditions,
            predicates,
            stretch: None,
        };
        vec![Operation::OrderPlace(order)]
    };
    let any = BidTerms { fill: FillRule::AtLeast(Quantity::ZERO), sellers_max: None };
    let bid = ledger.sign("alice", 0, place(Side::Bid(any), 15, 150, 50));
    let ask = ledger.sign("bob", 0, place(Side::Ask(AskTerms::OWN), 10, 200, 30));
    ledger.apply(Time(1), &[bid, ask]).unwrap();
    ledger
}

/// What is found when the first object for which `change` makes another is replaced by that.
fn found(change: impl Fn(&Key, &Object) -> Option<Object>) -> Option<Violation> {
    let mut state = trading().state;
    let changed = state.iter().find_map(|(key, object)| Some((*key, Some(change(key, object)?))));
    let objects = changed.into_iter().collect();
    state.commit(&Changes { objects, ..Changes::default() });
    check(&state).err()
}

fn found_in_order(side: fn(&Side) -> bool, change: impl Fn(&mut Order)) -> Option<Violation> {
    found(|_, object| {
        let Object::Order(order) = object else { return None };
        let mut order = side(&order.side).then(|| order.clone())?;
        change(&mut order);
        Some(Object::Order(order))
    })
}

fn found_in_contract(change: impl Fn(&mut Contract)) -> Option<Violation> {
    found(|_, object| {
        let Object::Contract(contract) = object else { return None };
        let mut contract = contract.clone();
        change(&mut contract);
        Some(Object::Contract(contract))
    })
}

fn is_bid(side: &Side) -> bool {
    matches!(side, Side::Bid(_))
}

fn is_ask(side: &Side) -> bool {
    matches!(side, Side::Ask(_))
}

#[test]
fn book_that_counts_other_orders_is_found() {
    let count = |change: fn(&Book) -> u64| {
        found(move |_, object| {
            let Object::Book(book) = object else { return None };
            Some(Object::Book(Book { orders: change(book) }))
        })
    };
    assert_eq!(count(|book| book.orders + 1), Some(Violation::Book));
    assert_eq!(count(|book| book.orders - 1), Some(Violation::Book));
    let empty = Object::Book(Book { orders: 0 });
    let found = broken("alice 10", [(Key::Book(MarketId(0)), Some(empty))]);
    assert_eq!(found, Err(Violation::Book));
}

#[test]
fn orders_that_cannot_stand_are_found() {
    let (bids, asks) = (is_bid, is_ask);
    let immediate = TimeInForce::ImmediateOrCancel;
    for violation in [
        found_in_order(bids, |bid| bid.time_in_force = immediate),
        found_in_order(asks, |ask| ask.time_in_force = immediate),
        found_in_order(asks, |ask| ask.filled = Quantity(1)),
        found_in_order(asks, |ask| ask.sold[0].quantity = Quantity(11)),
        found_in_order(asks, |ask| ask.sold[0].quantity = Quantity(0)),
        found_in_order(asks, |ask| ask.sold[0].window.start = Time(90)),
        found_in_order(asks, |ask| ask.sold.push(ask.sold[0])),
    ] {
        assert!(matches!(violation, Some(Violation::Order(_))), "{violation:?}");
    }
    for change in [
        |bid: &mut Order| bid.filled = Quantity(9),
        |bid: &mut Order| bid.limit = Price(49),
        |bid: &mut Order| bid.hold = None,
    ] {
        let violation = found_in_order(bids, change);
        assert!(matches!(violation, Some(Violation::Hold(_))), "{violation:?}");
    }
}

#[test]
fn trades_that_are_not_in_contracts_are_found() {
    let (bids, asks) = (is_bid, is_ask);
    for violation in [
        found_in_order(asks, |ask| ask.sold.clear()),
        found_in_order(asks, |ask| ask.sold[0].window.end = Time(140)),
        found_in_order(bids, |bid| (bid.quantity, bid.filled) = (Quantity(14), Quantity(9))),
    ] {
        assert!(matches!(violation, Some(Violation::Trades(_))), "{violation:?}");
    }
}

#[test]
fn contracts_that_do_not_fit_are_found() {
    for change in [
        |contract: &mut Contract| contract.seller = contract.buyer,
        |contract: &mut Contract| contract.slots_paid = 1,
        |contract: &mut Contract| contract.state = ContractState::Staging,
        |contract: &mut Contract| contract.fingerprint = Some(Hash::ZERO),
    ] {
        let violation = found_in_contract(change);
        assert!(matches!(violation, Some(Violation::Contract(_))), "{violation:?}");
    }
    let violation = found_in_contract(|contract| contract.due.0 += 1);
    assert!(matches!(violation, Some(Violation::Timer(_))), "{violation:?}");
    let violation = found_in_contract(|contract| contract.hold = ID);
    assert!(matches!(violation, Some(Violation::Hold(_))), "{violation:?}");
    for change in [
        |contract: &mut Contract| contract.price = Price(41),
        |contract: &mut Contract| contract.quantity = Quantity(9),
        |contract: &mut Contract| contract.slots_missed = 1,
        |contract: &mut Contract| contract.paid = sum(1),
        |contract: &mut Contract| contract.state = ContractState::Closed(ContractClosed::NoShow),
        |contract: &mut Contract| contract.buyer = account("bob"),
    ] {
        let violation = found_in_contract(change);
        assert!(matches!(violation, Some(Violation::Hold(_))), "{violation:?}");
    }
}

#[test]
fn orders_and_contracts_without_deadlines_are_found() {
    for kind in [TimerKind::OrderExpire, TimerKind::ContractDue] {
        let mut state = trading().state;
        let timers = state.iter().map(|(key, _)| *key);
        let of_kind = |key: &Key| matches!(key, Key::Timer(timer) if timer.kind == kind);
        let timers: Vec<Key> = timers.filter(of_kind).collect();
        let objects = timers.into_iter().map(|key| (key, None)).collect();
        state.commit(&Changes { objects, ..Changes::default() });
        assert!(matches!(check(&state), Err(Violation::Timer(_))), "{kind:?}");
    }
}
