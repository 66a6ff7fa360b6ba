//! What a header owes to its turn.

use chain::authority::AuthorityKey;
use chain::block::Header;
use chain::hash::Hash;
use chain::height::Height;
use chain::time::Time;

use super::follows;
use crate::tests::toy::{authorities, genesis, secret};
use crate::{Place, Turn};

fn turn(place: Place) -> Turn {
    let parent = Header { time: Time(10), ..genesis(authorities(2)).header };
    let proposer = secret(1).key();
    Turn { time: Time(11), epoch: 3, proposer, parent, ancestors: Vec::new(), place }
}

/// The header that `turn(place)` asks for, changed by `change`, is accepted or not.
fn check(place: Place, change: impl FnOnce(&mut Header)) -> bool {
    let turn = turn(place);
    let mut header = Header {
        height: Height(1),
        epoch: turn.epoch,
        parent: turn.parent.digest(),
        time: turn.time,
        proposer: turn.proposer,
        next_authorities: (place == Place::Last).then(|| authorities(2)),
        ..turn.parent
    };
    change(&mut header);
    follows(&header, &turn)
}

#[test]
fn header_of_the_turn_is_accepted() {
    assert!(check(Place::Within, |_| {}));
    assert!(check(Place::Last, |_| {}));
}

#[test]
fn header_of_another_turn_is_refused() {
    assert!(!check(Place::Within, |header| header.chain = Hash::ZERO));
    assert!(!check(Place::Within, |header| header.height = Height(2)));
    assert!(!check(Place::Within, |header| header.epoch = 2));
    assert!(!check(Place::Within, |header| header.parent = Hash::ZERO));
    assert!(!check(Place::Within, |header| header.time = Time(12)));
    assert!(!check(Place::Within, |header| header.proposer = secret(0).key()));
}

#[test]
fn time_that_does_not_advance_is_refused() {
    let turn = Turn { time: Time(10), ..turn(Place::Within) };
    let header = Header {
        height: Height(1),
        epoch: turn.epoch,
        parent: turn.parent.digest(),
        time: turn.time,
        proposer: turn.proposer,
        next_authorities: None,
        ..turn.parent
    };
    assert!(!follows(&header, &turn));
}

#[test]
fn only_the_last_block_of_an_epoch_names_authorities() {
    assert!(!check(Place::Within, |header| header.next_authorities = Some(authorities(2))));
    assert!(!check(Place::Last, |header| header.next_authorities = None));
    assert!(!check(Place::Last, |header| header.next_authorities = Some(Vec::new())));
    assert!(!check(Place::Last, |header| {
        let authorities = header.next_authorities.as_mut().unwrap();
        authorities[0].key = not_a_key();
    }));
}

/// Bytes that are no point of the curve.
fn not_a_key() -> AuthorityKey {
    let keys = (0..=u8::MAX).map(|byte| AuthorityKey([byte; 32]));
    keys.into_iter().find(|key| crate::committee::point(key).is_none()).unwrap()
}
