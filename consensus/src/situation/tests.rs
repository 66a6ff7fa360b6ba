//! Who is here, who is ahead, and what is said about it.

use chain::hash::Hash;

use super::*;

const US: AuthorityKey = key(0);

const fn key(number: u8) -> AuthorityKey {
    AuthorityKey([number; 32])
}

fn tip(height: u64) -> TipNotice {
    said(Time(0), height)
}

fn said(time: Time, height: u64) -> TipNotice {
    TipNotice { height: Height(height), digest: Hash([1; 32]), time, abstains: false }
}

/// Four voters, of whom we are the first, at `height`.
fn look(presence: &mut Presence, now: u64, height: u64) -> (Situation, Option<Notice>) {
    let voters = (0..4).map(key).collect();
    let height = Height(height);
    presence.look(Time(now), &Stand { us: US, voters: &voters, quorum: 3, height, abstains: false })
}

#[test]
fn silent_peer_is_away_until_it_is_heard_again() {
    let mut presence = Presence::new(Time(0));
    presence.hear(Time(1_000), key(1), tip(5));
    presence.hear(Time(1_000), key(2), tip(5));
    let seen = |presence: &mut Presence, now| {
        let (situation, _) = look(presence, now, 5);
        (situation.present, situation.progress())
    };
    assert_eq!(seen(&mut presence, 6_000), (3, Progress::AtTip));
    assert_eq!(seen(&mut presence, 6_001), (1, Progress::TooFewAuthorities));
    presence.hear(Time(7_000), key(2), tip(5));
    assert_eq!(seen(&mut presence, 7_000), (2, Progress::TooFewAuthorities));
    presence.hear(Time(7_000), key(3), tip(5));
    assert_eq!(seen(&mut presence, 7_000), (3, Progress::AtTip));
}

#[test]
fn who_keeps_votes_back_does_not_count() {
    let mut presence = Presence::new(Time(0));
    let short = TipNotice { abstains: true, ..tip(5) };
    for (number, tip) in [(1, tip(5)), (2, tip(5)), (3, short)] {
        presence.hear(Time(1_000), key(number), tip);
    }
    let (situation, _) = look(&mut presence, 1_000, 5);
    assert_eq!((situation.present, situation.progress()), (3, Progress::AtTip));
    let voters = (0..4).map(key).collect();
    let stand = Stand { us: US, voters: &voters, quorum: 3, height: Height(5), abstains: true };
    let (situation, _) = presence.look(Time(1_000), &stand);
    assert_eq!((situation.present, situation.progress()), (2, Progress::TooFewAuthorities));
    let abstaining = situation.neighbours.iter().filter(|it| it.abstains() && it.is_here());
    assert_eq!(abstaining.map(|it| it.key).collect::<Vec<_>>(), [key(3)]);
}

#[test]
fn clocks_are_compared_with_those_of_authorities_that_are_here() {
    let mut presence = Presence::new(Time(0));
    presence.hear(Time(1_000), key(1), said(Time(900), 5));
    presence.hear(Time(1_000), key(2), said(Time(1_250), 5));
    presence.hear(Time(1_000), key(9), said(Time(u64::MAX), 5));
    let (situation, _) = look(&mut presence, 1_000, 5);
    let ahead: Vec<_> = situation.neighbours.iter().map(|it| it.clock_ahead).collect();
    assert_eq!(ahead, [Some(-100), Some(250), None, Some(i64::MAX)]);
    assert_eq!(situation.clocks_apart(), Millis(250));
    assert_eq!(look(&mut presence, 7_000, 5).0.clocks_apart(), Millis(0));
}

#[test]
fn followers_are_seen_and_do_not_count() {
    let mut presence = Presence::new(Time(0));
    presence.hear(Time(0), key(9), tip(5));
    let (situation, _) = look(&mut presence, 0, 5);
    assert_eq!((situation.role, situation.present, situation.voters), (Role::Authority, 1, 4));
    let keys: Vec<_> = situation.neighbours.iter().map(|it| (it.key, it.role)).collect();
    let others = [(1, Role::Authority), (2, Role::Authority), (3, Role::Authority)];
    let expected = others.into_iter().chain([(9, Role::Follower)]);
    assert_eq!(keys, expected.map(|(number, role)| (key(number), role)).collect::<Vec<_>>());
}

#[test]
fn one_liar_does_not_set_the_height_to_reach() {
    let mut presence = Presence::new(Time(0));
    for (number, height) in [(1, u64::MAX), (2, 900), (3, 800)] {
        presence.hear(Time(0), key(number), tip(height));
    }
    let (situation, _) = look(&mut presence, 0, 100);
    assert_eq!(situation.target, Some(Height(900)));
    assert_eq!((situation.blocks_behind(), situation.progress()), (800, Progress::CatchingUp));
}

#[test]
fn speed_and_time_left_follow_from_the_last_looks() {
    let mut presence = Presence::new(Time(0));
    let mut last = Situation::default();
    for second in 0..30 {
        for number in 1..4 {
            presence.hear(Time(second * 1_000), key(number), tip(1_000));
        }
        last = look(&mut presence, second * 1_000, second * 20).0;
    }
    assert_eq!(last.blocks_per_minute, 1_200);
    assert_eq!(last.time_left(), Some(Millis(21_000)));
}

#[test]
fn what_changes_is_said_once_and_what_lasts_again_after_a_while() {
    let mut presence = Presence::new(Time(0));
    let mut said = Vec::new();
    for second in 0..100 {
        let now = Time(second * 1_000);
        if second >= 60 {
            (1..4).for_each(|number| presence.hear(now, key(number), tip(100)));
        }
        let height = if second < 70 { 0 } else { 100 };
        said.extend(look(&mut presence, now.0, height).1.map(|notice| (second, notice)));
    }
    let expected = [
        (6, Notice::Halted),
        (36, Notice::Halted),
        (60, Notice::Resumed),
        (65, Notice::Behind),
        (70, Notice::CaughtUp),
    ];
    assert_eq!(said, expected);
}
