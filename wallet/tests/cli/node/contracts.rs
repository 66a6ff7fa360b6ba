//! What the node answers about contracts: one in each state, which its name begins with, and what has happened in it.

use chain::account::AccountId;
use chain::address::Network;
use chain::amount::Amount;
use chain::conditions::{Brokers, Kind, Split};
use chain::contract::{Contract, ContractClosed, ContractState, Delivery, Extent, Staged};
use chain::event::Event;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::market::{Market, MarketId};
use chain::order::Pass;
use chain::params::ContractTerms;
use chain::parties::Parties;
use chain::quantity::{Price, Quantity};
use chain::sealed::Sealed;
use chain::time::{Millis, Time, Window};
use rpc::translate::Translator;
use rpc::types::{ContractView, HappeningView, ObjectStatus, OriginView, RejectionView};
use serde_json::{Value, json};

use super::{HOUR, NOON};

const MINUTE: u64 = HOUR / 60;
const SLOTS: u64 = 6;

/// The states, in the order in which the last contract passed them.
const COURSE: [ContractState; 9] = [
    ContractState::Matched,
    ContractState::Staging,
    ContractState::Ready,
    ContractState::Active,
    ContractState::Reclaiming,
    ContractState::Ended,
    ContractState::SignOff,
    ContractState::Disputed,
    ContractState::Closed(ContractClosed::Accepted),
];

/// The answer to `contract_get`: of a name that begins with 1 to 9, the contract in that state; of others an active one.
pub(super) fn contract_get(params: &Value) -> Value {
    let (state, now) = stage(params);
    let mut answer = serde_json::to_value(view(state)).unwrap();
    answer["contract"] = params["contract"].clone();
    answer["tip"] = tip(now);
    answer
}

/// The answer to `contract_list`.
pub(super) fn contract_list() -> Value {
    let item = serde_json::to_value(view(ContractState::Active)).unwrap();
    json!({ "tip": tip(NOON + 90 * MINUTE), "items": [item], "next_cursor": null })
}

/// The answer to `contract_list_history`, in two parts.
pub(super) fn contract_list_history(params: &Value) -> Value {
    let (state, now) = stage(params);
    let mut items = past(state);
    let next = match params["cursor"].as_str() {
        Some(_) => {
            items.drain(..1);
            None
        }
        None => (items.len() > 1).then_some("9.1"),
    };
    if next.is_some() {
        items.truncate(1);
    }
    json!({ "tip": tip(now), "items": items, "next_cursor": next })
}

/// The state that is asked for, and when.
fn stage(params: &Value) -> (ContractState, u64) {
    let name = params["contract"].as_str().unwrap();
    let place = name[..2].parse::<usize>().ok().filter(|place| (1..=9).contains(place));
    let state = COURSE[place.map_or(3, |place| place - 1)];
    let now = match state {
        ContractState::Matched => NOON - 55 * MINUTE,
        ContractState::Staging => NOON - 30 * MINUTE,
        ContractState::Ready => NOON - 10 * MINUTE,
        ContractState::Active => NOON + 90 * MINUTE,
        ContractState::Reclaiming => NOON + 3 * HOUR + 35 * MINUTE,
        ContractState::Ended => NOON + 6 * HOUR + 10 * MINUTE,
        ContractState::SignOff => NOON + 7 * HOUR,
        ContractState::Disputed => NOON + 9 * HOUR,
        ContractState::Closed(_) => NOON + 12 * HOUR,
    };
    (state, now)
}

fn view(state: ContractState) -> ContractView {
    let status = match state {
        ContractState::Closed(_) => ObjectStatus::Ended,
        _ => ObjectStatus::Open,
    };
    translator().contract(ObjectId([0xc1; 32]), &contract(state), &market(), status)
}

/// The contract in `state`.
fn contract(state: ContractState) -> Contract {
    let window = window();
    let place = COURSE.iter().position(|course| *course == state).unwrap();
    let (due, slots_paid) = match state {
        ContractState::Matched | ContractState::Ready => (NOON, 0),
        ContractState::Staging => (NOON + 10 * MINUTE, 0),
        ContractState::Active => (NOON + 2 * HOUR, 1),
        ContractState::Reclaiming => (NOON + 4 * HOUR, 3),
        ContractState::Ended => (NOON + 7 * HOUR, SLOTS),
        ContractState::SignOff => (NOON + 30 * HOUR, SLOTS),
        ContractState::Disputed | ContractState::Closed(_) => (NOON + 170 * HOUR, SLOTS),
    };
    let reclaims = state == ContractState::Reclaiming;
    let closed = matches!(state, ContractState::Closed(_));
    let staged = Staged { digests: vec![Hash([0xe1; 32])], location: Sealed::default() };
    let result =
        Delivery { digest: Hash([0xe3; 32]), location: Sealed::default(), extent: Extent::Whole };
    Contract {
        buyer: account(7),
        seller: account(8),
        market: MarketId(0),
        bid: ObjectId([0xb1; 32]),
        ask: ObjectId([0xb2; 32]),
        quantity: Quantity(2),
        window,
        price: Price(45),
        hold: ObjectId([0xa3; 32]),
        state,
        due: Time(due),
        slots_missed: 0,
        slots_paid,
        paid: Amount::from_u64(slots_paid * 81 + if closed { 54 } else { 0 }),
        buyer_endpoint: None,
        seller_endpoint: Sealed::new([0, 0xff]),
        staged: (place > 0).then_some(staged),
        fingerprint: (place > 1).then_some(Hash([0xe2; 32])),
        result: (place > 5).then_some(result),
        terms: terms(),
        kind: if reclaims { Kind::Interruptible { notice: Millis(HOUR) } } else { Kind::Firm },
        ends: if reclaims { Time(NOON + 4 * HOUR + 30 * MINUTE) } else { window.end },
        host: Some(ObjectId([0xf1; 32])),
        split: Split::default(),
        parties: Parties::default(),
        agreement: Some(Hash([0x21; 32])),
        brokers: Brokers { buyer: None, seller: Some(account(9)) },
        user: None,
    }
}

/// What has happened in the contract when it is in `state`.
fn past(state: ContractState) -> Vec<HappeningView> {
    let place = COURSE.iter().position(|course| *course == state).unwrap();
    let deal = contract(state);
    let moved = |state, due: u64| moved(&deal, state, due);
    let (buyer, seller, id) = (deal.buyer, deal.seller, ObjectId([0xc1; 32]));
    let mut past = vec![happened(NOON - HOUR, OriginView::Matching, &matched(&deal))];
    let mut add = |reached: usize, time: u64, origin: OriginView, events: &[Event]| {
        if place >= reached {
            past.extend(events.iter().map(|event| happened(time, origin, event)));
        }
    };
    let endpoint = Event::EndpointPublished { contract: id, by: seller, to: buyer };
    add(1, NOON - 50 * MINUTE, by(1), &[endpoint]);
    let due = NOON + 10 * MINUTE;
    add(1, NOON - 40 * MINUTE, by(2), &[moved(ContractState::Staging, due)]);
    add(2, NOON - 20 * MINUTE, by(3), &[moved(ContractState::Ready, NOON)]);
    let begins = moved(ContractState::Active, NOON + HOUR);
    add(3, NOON, OriginView::Timers, &[begins]);
    for slot in 1..=deal.slots_paid {
        let time = NOON + slot * HOUR;
        add(3, time, OriginView::Timers, &payment(&deal, slot, 81));
    }
    if state == ContractState::Reclaiming {
        let notice = NOON + 3 * HOUR + 30 * MINUTE;
        add(4, notice, by(4), &[moved(ContractState::Reclaiming, NOON + 4 * HOUR)]);
        return past;
    }
    let over = moved(ContractState::Ended, NOON + 7 * HOUR);
    add(5, NOON + 6 * HOUR + 1_000, OriginView::Timers, &[over]);
    let (digest, extent) = (Hash([0xe3; 32]), Extent::Whole);
    let posted = Event::ResultPosted { contract: id, buyer, seller, digest, extent };
    let sign_off = moved(ContractState::SignOff, NOON + 30 * HOUR);
    add(6, NOON + 6 * HOUR + 20 * MINUTE, by(5), &[posted, sign_off]);
    let rejected = moved(ContractState::Disputed, NOON + 170 * HOUR);
    add(7, NOON + 8 * HOUR, by(6), &[rejected]);
    let (amount, reason) = (Amount::from_u64(540), ContractClosed::Accepted);
    let closed = Event::ContractClosed { contract: id, buyer, seller, paid: amount, reason };
    let [commission, paid] = payment(&deal, SLOTS, 54);
    add(8, NOON + 10 * HOUR, by(7), &[commission, paid, closed]);
    let (amount, reason) = (Amount::from_u64(40), chain::memo::Memo::new("late").unwrap());
    let back =
        Event::Refunded { of: id, from: seller, to: buyer, amount, cumulative: amount, reason };
    add(8, NOON + 11 * HOUR, by(8), &[back]);
    past
}

fn matched(deal: &Contract) -> Event {
    Event::Matched {
        contract: ObjectId([0xc1; 32]),
        hold: deal.hold,
        market: deal.market,
        bid: deal.bid,
        ask: deal.ask,
        buyer: deal.buyer,
        seller: deal.seller,
        window: deal.window,
        quantity: deal.quantity,
        price: deal.price,
        total: Amount::from_u64(540),
        pass: Some(Pass::First),
    }
}

fn moved(deal: &Contract, state: ContractState, due: u64) -> Event {
    let (buyer, seller) = (deal.buyer, deal.seller);
    Event::ContractMoved { contract: ObjectId([0xc1; 32]), buyer, seller, state, due: Time(due) }
}

fn payment(deal: &Contract, slots_paid: u64, amount: u64) -> [Event; 2] {
    let (contract, buyer, seller) = (ObjectId([0xc1; 32]), deal.buyer, deal.seller);
    let amount = Amount::from_u64(amount);
    [
        Event::CommissionTaken { of: contract, from: seller, amount: Amount::from_u64(1) },
        Event::ContractPaid { contract, buyer, seller, slots_paid, amount },
    ]
}

fn happened(time: u64, origin: OriginView, event: &Event) -> HappeningView {
    let height = 9 + (time - (NOON - HOUR)) / MINUTE;
    HappeningView { height, time, origin, event: translator().event(event) }
}

fn by(transaction: u8) -> OriginView {
    OriginView::Transaction { transaction: Hash([transaction; 32]).into() }
}

fn translator() -> Translator {
    Translator::new(Network::Dev, |code| RejectionView {
        code,
        name: String::new(),
        message: String::new(),
    })
}

fn window() -> Window {
    Window { start: Time(NOON), end: Time(NOON + SLOTS * HOUR) }
}

fn account(key: u8) -> AccountId {
    AccountId::of_key(&SecretKey::from_bytes(&[key; 32]).unwrap().public_key())
}

fn market() -> Market {
    Market {
        name: "cpu".to_owned(),
        unit: "core".to_owned(),
        slot: Millis(HOUR),
        lot: Quantity(1),
        tick: Price(1),
        quantity_min: Quantity(1),
        horizon_slots: 720,
        lead: Millis(0),
        k_bps: 5_000,
        grades: Vec::new(),
        attributes: chain::attribute::Schema::default(),
        status: chain::market::MarketStatus::Open,
    }
}

const fn terms() -> ContractTerms {
    ContractTerms {
        stage_grace: Millis(10 * MINUTE),
        ready_grace: Millis(10 * MINUTE),
        result_grace: Millis(HOUR),
        sign_off_grace: Millis(24 * HOUR),
        dispute_span: Millis(168 * HOUR),
        holdback_bps: 1_000,
        booking_bps: 1_000,
        commission_bps: 100,
        commission_bps_max: 500,
        broker_bps: 2_500,
    }
}

fn tip(time: u64) -> Value {
    let mut tip = super::super::tip(10);
    tip["time"] = json!(time);
    tip
}
