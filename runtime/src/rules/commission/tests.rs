//! Commission on the contract of the tests of contracts: 400 a slot, a tenth held back.

use chain::amount::Amount;
use chain::conditions::Conditions;
use chain::contract::{ContractAct, ContractState};
use chain::memo::Memo;
use chain::operation::Operation;

use crate::rejection::Rejection;
use crate::rules::contract::tests::{Scene, accept};
use crate::testing::account;

fn cash(scene: &Scene, name: &str) -> u128 {
    scene.ledger.account(name).unwrap().cash.base_units()
}

fn refund(scene: &mut Scene, units: u64) -> Option<Rejection> {
    let (of, amount, reason) = (scene.id, Amount::from_u64(units), Memo::default());
    scene.operate("bob", Operation::Refund { of, amount, reason })
}

#[test]
fn commission_is_one_share_of_all_payments_rounded_down_once() {
    let mut scene = Scene::in_state_given("given commission 33; ", ContractState::Active);
    scene.at(110);
    scene.at(111);
    // 360 · 0.33 % = 1.188; 1 800 · 0.33 % = 5.94; 2 000 · 0.33 % = 6.6.
    assert_eq!((cash(&scene, "bob"), cash(&scene, "treasury")), (359, 1));
    scene.at(150);
    scene.at(151);
    assert_eq!((cash(&scene, "bob"), cash(&scene, "treasury")), (1_795, 5));
    assert_eq!(scene.act("alice", accept()), None);
    assert_eq!((cash(&scene, "bob"), cash(&scene, "treasury")), (1_994, 6));
    assert_eq!(cash(&scene, "alice"), 8_000, "the buyer pays the price and no more");
}

#[test]
fn refund_returns_its_commission_and_a_full_one_returns_all() {
    let mut scene = Scene::in_state_given("given commission 33; ", ContractState::Ended);
    assert_eq!(refund(&mut scene, 400), None);
    // Of 1 400 kept, 4.62.
    assert_eq!((cash(&scene, "bob"), cash(&scene, "treasury")), (1_396, 4));
    // What is paid afterwards is commissioned on top of what was kept: of 1 600, 5.28.
    assert_eq!(scene.act("alice", accept()), None);
    assert_eq!((cash(&scene, "bob"), cash(&scene, "treasury")), (1_595, 5));
    // Its own money covers the refund before the commission comes back.
    assert_eq!(refund(&mut scene, 1_596), Some(Rejection::BalanceTooLow));
    let gift = Operation::Transfer {
        to: account("bob"),
        amount: Amount::from_u64(5),
        memo: Memo::default(),
    };
    assert_eq!(scene.operate("alice", gift), None);
    assert_eq!(refund(&mut scene, 1_600), None);
    assert_eq!((cash(&scene, "bob"), cash(&scene, "treasury")), (5, 0));
    assert_eq!(cash(&scene, "alice"), 9_995);
}

#[test]
fn treasury_that_has_less_returns_what_it_has() {
    let mut scene = Scene::in_state_given("given commission 33; ", ContractState::Ended);
    let spend = Operation::Transfer {
        to: account("carol"),
        amount: Amount::from_u64(4),
        memo: Memo::default(),
    };
    assert_eq!(scene.operate("treasury", spend), None);
    assert_eq!(refund(&mut scene, 1_000), None);
    // The commission of the 800 kept is 2.64, so 3 should return; there is 1.
    assert_eq!((cash(&scene, "bob"), cash(&scene, "treasury")), (796, 0));
    assert_eq!(cash(&scene, "alice"), 9_200);
}

#[test]
fn booking_share_bears_commission_too() {
    let mut scene = Scene::in_state_given("given commission 33; ", ContractState::Matched);
    assert_eq!(scene.act("alice", ContractAct::Abort), None);
    // 400 · 0.33 % = 1.32
    assert_eq!((cash(&scene, "bob"), cash(&scene, "treasury")), (399, 1));
}

#[test]
fn brokers_have_shares_of_the_commission_and_keep_them() {
    let broker = |name| Conditions { broker: Some(account(name)), ..Conditions::default() };
    let given = "given commission 1000; ";
    let scene = Scene::matched_on(given, &broker("carol"), &broker("alice"));
    let mut scene = scene.moved_to(ContractState::Active);
    let got = |scene: &Scene| ["treasury", "carol", "alice"].map(|name| cash(scene, name));
    // Three slots: the commission of 1 080 is 108; two fifths of that are 43, the larger half the buyer's broker's.
    scene.at(130);
    scene.at(131);
    assert_eq!(got(&scene), [108 - 43, 22, 10_000 - 1_080 + 21]);
    scene.at(150);
    scene.at(151);
    assert_eq!(scene.act("alice", accept()), None);
    assert_eq!(got(&scene), [120, 40, 8_040]);
    assert_eq!(cash(&scene, "bob"), 1_800);
    // Of what is given back the treasury returns what it kept of it.
    assert_eq!(refund(&mut scene, 1_000), None);
    assert_eq!(got(&scene), [60, 40, 9_040]);
    assert_eq!(cash(&scene, "bob"), 860);
}

#[test]
fn one_broker_has_its_share_alone() {
    let broker = Conditions { broker: Some(account("carol")), ..Conditions::default() };
    let none = Conditions::default();
    for (bought, sold) in [(&broker, &none), (&none, &broker)] {
        let scene = Scene::matched_on("given commission 1000; ", bought, sold);
        let scene = scene.moved_to(ContractState::Ended);
        assert_eq!([cash(&scene, "treasury"), cash(&scene, "carol")], [180 - 36, 36]);
    }
}
