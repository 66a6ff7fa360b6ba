//! The same contract where bob may take back what is left of it, with a notice of twelve.

use super::*;

/// The contract while it is active, which bob may take back with a notice of twelve.
fn interruptible() -> Scene {
    let kind = Kind::Interruptible { notice: Millis(12) };
    Scene::matched_of("", kind).moved_to(ContractState::Active)
}

#[test]
fn reclaimed_contract_pays_the_slots_that_are_over_by_the_end_of_the_notice() {
    let mut scene = interruptible();
    scene.at(119);
    assert_eq!(scene.act("bob", ContractAct::ReclaimStart), None);
    // Given at 119, it ends at 131: three slots are over then, and two return at once.
    assert_eq!(scene.state(), Some(ContractState::Reclaiming));
    assert_eq!(scene.contract().unwrap().ends, Time(131));
    scene.has(CASH - 360, 1_200 - 360, 360);
    for (time, due) in [(121, 130), (130, 130), (131, 131)] {
        scene.at(time);
        assert_eq!(scene.contract().unwrap().due, Time(due), "{time}");
    }
    scene.at(132);
    assert_eq!(scene.state(), Some(ContractState::Ended));
    scene.has(CASH - 1_080, 120, 1_080);
    assert_eq!(scene.act("bob", result(Extent::Partial)), None);
    assert_eq!(scene.act("alice", sign_off(Verdict::Accept)), None);
    scene.closed(ContractClosed::Accepted, 1_200);
}

#[test]
fn reclaimed_contract_pays_no_more_although_its_timer_is_late() {
    let mut scene = interruptible();
    assert_eq!(scene.act("bob", ContractAct::ReclaimStart), None);
    let ends = scene.contract().unwrap().ends;
    assert!(ends < Time(120), "{ends}");
    scene.at(149);
    scene.at(150);
    assert_eq!(scene.state(), Some(ContractState::Ended));
    scene.has(CASH - 360, 40, 360);
}

#[test]
fn notice_longer_than_the_rest_of_the_window_changes_nothing() {
    let mut scene = interruptible();
    scene.at(145);
    assert_eq!(scene.act("bob", ContractAct::ReclaimStart), None);
    assert_eq!(scene.contract().unwrap().ends, Time(150));
    scene.at(150);
    scene.at(151);
    scene.has(CASH - 1_800, 200, 1_800);
}

#[test]
fn reclaiming_is_the_sellers_in_an_active_contract_that_is_not_firm() {
    let mut firm = Scene::in_state(ContractState::Active);
    assert_eq!(firm.act("bob", ContractAct::ReclaimStart), Some(Rejection::NotInterruptible));
    assert_eq!(firm.act("alice", ContractAct::ReclaimStart), Some(Rejection::NotSeller));
    let kind = Kind::Interruptible { notice: Millis(12) };
    for state in STATES.into_iter().filter(|state| *state != ContractState::Active) {
        let mut scene = Scene::matched_of("", kind).moved_to(state);
        let refused = scene.act("bob", ContractAct::ReclaimStart);
        assert_eq!(refused, Some(Rejection::ContractState), "{state:?}");
    }
    let mut scene = interruptible();
    assert_eq!(scene.act("bob", ContractAct::ReclaimStart), None);
    let refused = scene.act("bob", ContractAct::ReclaimStart);
    assert_eq!(refused, Some(Rejection::ContractState), "once is enough");
}

#[test]
fn parties_of_a_reclaimed_contract_may_leave_it_as_before() {
    for (who, act, reason, paid) in [
        ("alice", ContractAct::Abort, ContractClosed::AbortedByBuyer, 400),
        ("bob", ContractAct::Abort, ContractClosed::AbortedBySeller, 0),
    ] {
        let mut scene = interruptible();
        assert_eq!(scene.act("bob", ContractAct::ReclaimStart), None);
        assert_eq!(scene.act(who, act), None);
        scene.closed(reason, paid);
    }
    let mut scene = interruptible();
    scene.at(115);
    assert_eq!(scene.act("bob", ContractAct::ReclaimStart), None);
    // It ends at 127: the slot that runs would be paid, the next would not.
    assert_eq!(scene.act("alice", ContractAct::EndEarly), None);
    assert_eq!(scene.state(), Some(ContractState::Ended));
    scene.has(CASH - 720, 80, 720);
}
