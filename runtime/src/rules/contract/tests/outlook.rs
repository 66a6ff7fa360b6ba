//! What a contract says of its next deadline, and of who may do what, is what comes of them.

use chain::contract::{ActKind, Outlook, Party};

use super::*;

const SLOT: Millis = Millis(10);

/// Every state that a contract stands in, reclaiming too.
fn scenes() -> Vec<Scene> {
    let mut scenes: Vec<Scene> = STATES.into_iter().map(Scene::in_state).collect();
    let kind = Kind::Interruptible { notice: Millis(12) };
    scenes.push(Scene::matched_of("", kind).moved_to(ContractState::Active));
    let mut reclaiming = Scene::matched_of("", kind).moved_to(ContractState::Active);
    assert_eq!(reclaiming.act("bob", ContractAct::ReclaimStart), None);
    scenes.push(reclaiming);
    scenes
}

/// Lets the deadline pass and asserts that what was foretold has come.
fn pass(scene: &mut Scene) -> Outlook {
    let outlook = scene.contract().unwrap().outlook(SLOT).expect("it is not over");
    let sums = |scene: &Scene| {
        let [alice, bob] = ["alice", "bob"].map(|name| scene.ledger.account(name).unwrap());
        [alice.cash, alice.held, bob.cash].map(|sum| sum.base_units())
    };
    let (pays, returns) = (outlook.pays.base_units(), outlook.returns.base_units());
    let [cash, held, earned] = sums(scene);
    scene.at(outlook.until.0);
    assert_eq!(sums(scene), [cash, held, earned], "nothing happens before");
    scene.at(outlook.until.0 + 1);
    assert_eq!(sums(scene), [cash - pays, held - pays - returns, earned + pays], "{outlook:?}");
    let then =
        scene.state().unwrap_or_else(|| match scene.ledger.ended(&Key::Contract(scene.id)) {
            Some(Object::Contract(ended)) => ended.state,
            other => panic!("{other:?}"),
        });
    assert_eq!(then, outlook.then);
    outlook
}

#[test]
fn deadlines_lead_where_the_outlook_says() {
    for mut scene in scenes() {
        let mut passed = 0;
        while scene.contract().is_some() {
            pass(&mut scene);
            passed += 1;
        }
        assert!(passed > 0);
    }
}

#[test]
fn partial_result_makes_the_outlook_a_sign_off() {
    let mut scene = Scene::in_state(ContractState::Active);
    assert_eq!(scene.act("bob", result(Extent::Partial)), None);
    while scene.state() != Some(ContractState::Ended) {
        pass(&mut scene);
    }
    assert_eq!(pass(&mut scene).then, ContractState::SignOff);
}

#[test]
fn outlook_after_missed_slots_counts_those_that_are_left() {
    let mut scene = Scene::in_state(ContractState::Staging);
    scene.at(112);
    assert_eq!(scene.act("bob", ready()), None);
    let outlook = pass(&mut scene);
    assert_eq!((outlook.until, outlook.pays.base_units()), (Time(120), 360));
}

#[test]
fn duty_ends_the_wait_for_it() {
    for scene in scenes() {
        let contract = scene.contract().unwrap().clone();
        for (party, kind) in contract.outlook(SLOT).unwrap().duties {
            let mut scene = Scene { ledger: scene.ledger.clone(), id: scene.id };
            assert_eq!(scene.act(name(*party), act(*kind)), None, "{kind:?}");
            assert_ne!(scene.state(), Some(contract.state), "{kind:?}");
        }
    }
}

#[test]
fn parties_may_do_what_a_contract_says_that_they_may() {
    for scene in scenes() {
        let contract = scene.contract().unwrap().clone();
        let possible: Vec<(Party, ActKind)> = contract.possible_acts().collect();
        for party in Party::ALL {
            for kind in ActKind::ALL {
                let mut scene = Scene { ledger: scene.ledger.clone(), id: scene.id };
                let done = scene.act(name(party), act(kind));
                let expected = possible.contains(&(party, kind));
                assert_eq!(done.is_none(), expected, "{party:?} {kind:?} in {:?}", contract.state);
            }
        }
    }
}

const fn name(party: Party) -> &'static str {
    match party {
        Party::Buyer => "alice",
        Party::Seller => "bob",
    }
}

fn act(kind: ActKind) -> ContractAct {
    match kind {
        ActKind::EndpointPublish => endpoint(),
        ActKind::StageReady => staged(),
        ActKind::HostReady => ready(),
        ActKind::ResultPost => result(Extent::Whole),
        ActKind::Accept => accept(),
        ActKind::Reject => sign_off(Verdict::Reject),
        ActKind::EndEarly => ContractAct::EndEarly,
        ActKind::Abort => ContractAct::Abort,
        ActKind::ReclaimStart => ContractAct::ReclaimStart,
    }
}
