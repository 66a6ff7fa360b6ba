//! The wallet's verdict on every act of every account in every state is that of the rules.

use chain::address::Network;
use chain::amount::Amount;
use chain::attribute::Schema;
use chain::conditions::{Brokers, Kind, Split};
use chain::contract::{Contract, ContractClosed};
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::params::ContractTerms;
use chain::parties::Parties;
use chain::quantity::{Price, Quantity};
use chain::time::{Millis, Time, Window};
use rpc::translate::Translator;
use rpc::types::{ObjectStatus, RejectionView};

use super::*;

const BUYER: AccountId = AccountId([1; 20]);
const SELLER: AccountId = AccountId([2; 20]);
const STRANGER: AccountId = AccountId([3; 20]);
const USER: AccountId = AccountId([77; 20]);
const DUE: u64 = 120;
const ENDS: u64 = 140;

fn contract(state: ContractState, kind: Kind) -> Contract {
    Contract {
        buyer: BUYER,
        seller: SELLER,
        market: MarketId(0),
        bid: ObjectId([1; 32]),
        ask: ObjectId([2; 32]),
        quantity: Quantity(2),
        window: Window { start: Time(100), end: Time(150) },
        price: Price(45),
        hold: ObjectId([3; 32]),
        state,
        due: Time(DUE),
        slots_missed: 0,
        slots_paid: 1,
        paid: Amount::from_u64(81),
        buyer_endpoint: None,
        seller_endpoint: None,
        staged: None,
        fingerprint: None,
        result: None,
        terms: ContractTerms {
            stage_grace: Millis(1),
            ready_grace: Millis(1),
            result_grace: Millis(1),
            sign_off_grace: Millis(1),
            dispute_span: Millis(1),
            holdback_bps: 1_000,
            booking_bps: 1_000,
            commission_bps: 100,
            commission_bps_max: 500,
            broker_bps: 0,
        },
        kind,
        ends: Time(ENDS),
        host: None,
        split: Split::default(),
        parties: Parties::default(),
        agreement: None,
        brokers: Brokers::default(),
        user: Some(USER),
    }
}

fn view(contract: &Contract) -> ContractView {
    let market = Market {
        name: "cpu".to_owned(),
        unit: "core".to_owned(),
        slot: Millis(10),
        lot: Quantity(1),
        tick: Price(1),
        quantity_min: Quantity(1),
        horizon_slots: 720,
        lead: Millis(0),
        k_bps: 5_000,
        grades: Vec::new(),
        attributes: Schema::default(),
        status: chain::market::MarketStatus::Open,
    };
    let nameless = |code| RejectionView { code, name: String::new(), message: String::new() };
    let translator = Translator::new(Network::Dev, nameless);
    translator.contract(ObjectId([9; 32]), contract, &market, ObjectStatus::Open)
}

#[test]
fn verdict_is_that_of_the_rules_in_every_state() {
    for kind in [Kind::Firm, Kind::Interruptible { notice: Millis(5) }] {
        for state in COURSE {
            let contract = contract(state, kind);
            let view = view(&contract);
            for own in [BUYER, SELLER, USER, STRANGER] {
                for act in ActKind::ALL {
                    for now in [DUE - 1, DUE, ENDS - 1, ENDS] {
                        let expected = contract.check_turn(own, act, Time(now));
                        let said = verdict(&view, own, act, now);
                        assert_eq!(said, expected, "{own:?} {act:?} in {state:?} at {now}");
                        let checked = check(&view, (own, "alice"), act, now);
                        assert_eq!(checked.is_ok(), expected.is_ok());
                    }
                }
            }
        }
    }
}

#[test]
fn refusal_says_when_it_is_time_and_what_can_be_done() {
    let refusal = |state, own, act, now| {
        let failure = check(&view(&contract(state, Kind::Firm)), (own, "alice"), act, now);
        let failure = failure.expect_err("it is out of turn");
        (failure.code.into_owned(), failure.message, failure.hint.unwrap_or_default())
    };
    let (code, message, hint) = refusal(ContractState::Active, BUYER, ActKind::Accept, 110);
    assert_eq!(code, "CONTRACT_STATE");
    assert!(message.starts_with("it is too early to accept"), "{message}");
    assert_eq!(hint, "what you can do now: endpoint, end, abort");
    let (_, message, _) = refusal(ContractState::Active, SELLER, ActKind::HostReady, 110);
    assert_eq!(message, "it is too late to be ready: the contract is active");
    let (code, _, hint) = refusal(ContractState::SignOff, BUYER, ActKind::Reject, DUE);
    assert_eq!(code, "CONTRACT_DUE_PASSED");
    assert!(hint.starts_with("there is nothing that you can do now"), "{hint}");
}

#[test]
fn contract_that_is_over_refuses_everything() {
    let closed = ContractState::Closed(ContractClosed::Silence);
    let view = view(&contract(closed, Kind::Firm));
    for act in ActKind::ALL {
        let failure = check(&view, (BUYER, "alice"), act, 0).expect_err("it is over");
        assert_eq!(
            (&*failure.code, &*failure.message),
            ("CONTRACT_UNKNOWN", "the contract is over: silence")
        );
    }
}
