//! Claims about authorities: who may change what, when it counts, and what keeps finality.

use core::net::SocketAddr;

use chain::account::AccountId;
use chain::authority::{Authority, AuthorityKey, AuthoritySignature};
use chain::authority_set::{AuthorityAct, AuthorityEvent};
use chain::event::Event;
use chain::operation::Operation;
use chain::proposal::{Admission, AuthoritiesChange, Change, ProposalEnded};
use chain::time::Millis;

use crate::rejection::Rejection;
use crate::testing::account;
use crate::testing::council::{admission, council, proof, voter};

fn change(add: Vec<Admission>, remove: &[&str]) -> Change {
    let remove: Vec<AccountId> = remove.iter().map(|who| account(who)).collect();
    Change::Authorities(AuthoritiesChange::new(add, remove).unwrap())
}

fn rotate(key: AuthorityKey, to: u8, proof: AuthoritySignature) -> Operation {
    Operation::Authority { key, act: AuthorityAct::Rotate { key: voter(to), proof } }
}

fn accounts(authorities: &[Authority]) -> Vec<AccountId> {
    let mut accounts: Vec<AccountId> = authorities.iter().map(|it| it.account).collect();
    accounts.sort_unstable();
    accounts
}

fn named(names: &[&str]) -> Vec<AccountId> {
    let mut accounts: Vec<AccountId> = names.iter().map(|name| account(name)).collect();
    accounts.sort_unstable();
    accounts
}

#[test]
fn one_joins_and_one_leaves_at_the_boundary_and_not_before() {
    let mut ledger = council();
    let (how, events) = ledger.decide(change(vec![admission(4, "e")], &["d"]));
    assert_eq!(how, ProposalEnded::Enacted);
    let epoch = ledger.height.0 / 10 + 1;
    let (key, who) = (voter(3), account("d"));
    let removed = AuthorityEvent::Removed { key, account: who, epoch };
    let (key, who) = (voter(4), account("e"));
    let added = AuthorityEvent::Added { key, account: who, epoch };
    assert_eq!(events[..2], [Event::Authority(removed), Event::Authority(added)]);
    assert_eq!(accounts(&ledger.authorities().voting), named(&["a", "b", "c", "d"]));
    ledger.refuses_change("e", change(vec![], &["b"]), Rejection::NotAuthority);

    let next = ledger.end_epoch();
    assert_eq!(accounts(&next), named(&["a", "b", "c", "e"]));
    assert_eq!(ledger.authorities().voting, next);
    assert_eq!(ledger.authorities().next, next);
    ledger.refuses_change("d", change(vec![], &["b"]), Rejection::NotAuthority);
    ledger.act("e", Operation::Propose { change: change(vec![], &["b"]) });
}

#[test]
fn key_rotates_without_a_vote_and_votes_from_the_next_epoch_on() {
    let mut ledger = council();
    let address = SocketAddr::from(([10, 0, 0, 1], 4_000));
    let act = AuthorityAct::Move { address: Some(address) };
    ledger.act("b", Operation::Authority { key: voter(1), act });
    let events = ledger.act("b", rotate(voter(1), 5, proof(5, "b", Some(voter(1)))));
    let epoch = ledger.height.0 / 10 + 1;
    let (before, key) = (voter(1), voter(5));
    let rotated = AuthorityEvent::Rotated { account: account("b"), before, key, epoch };
    assert_eq!(events, [Event::Authority(rotated)]);
    assert!(ledger.authorities().voting.iter().any(|it| it.key == before));
    let next = ledger.end_epoch();
    assert!(next.iter().any(|it| it.key == key) && next.iter().all(|it| it.key != before));
    let set = ledger.authorities();
    assert_eq!((set.endpoint(&key), set.endpoint(&before)), (Some(address), None));
    // Once more, and back within the same epoch.
    ledger.act("b", rotate(voter(5), 6, proof(6, "b", Some(voter(5)))));
    ledger.act("b", rotate(voter(6), 5, proof(5, "b", Some(voter(6)))));
    assert_eq!(ledger.end_epoch(), next);
}

#[test]
fn rotation_that_nobody_can_follow_is_refused() {
    let mut ledger = council();
    let good = proof(5, "b", Some(voter(1)));
    for (who, operation, rejection) in [
        ("c", rotate(voter(1), 5, good), Rejection::AuthorityUnknown),
        ("alice", rotate(voter(1), 5, good), Rejection::AuthorityUnknown),
        ("b", rotate(voter(9), 5, good), Rejection::AuthorityUnknown),
        ("b", rotate(voter(1), 2, proof(2, "b", Some(voter(1)))), Rejection::AuthorityKnown),
        ("b", rotate(voter(1), 1, proof(1, "b", Some(voter(1)))), Rejection::AuthorityKnown),
        ("b", rotate(voter(1), 6, good), Rejection::AuthorityUnproven),
        ("b", rotate(voter(1), 5, proof(5, "c", Some(voter(1)))), Rejection::AuthorityUnproven),
        ("b", rotate(voter(1), 5, proof(5, "b", None)), Rejection::AuthorityUnproven),
        ("b", rotate(voter(1), 5, proof(6, "b", Some(voter(1)))), Rejection::AuthorityUnproven),
    ] {
        ledger.refuses(who, operation, rejection);
    }
    ledger.act("b", rotate(voter(1), 5, good));
    let second = rotate(voter(2), 6, proof(6, "c", Some(voter(2))));
    ledger.refuses("c", second.clone(), Rejection::TooManyNewAuthorities);
    ledger.end_epoch();
    ledger.act("c", second);
}

#[test]
fn removal_names_the_account_so_that_no_other_key_escapes_it() {
    let mut ledger = council();
    let proposal = ledger.agreed(change(vec![], &["d"]));
    ledger.act("d", rotate(voter(3), 5, proof(5, "d", Some(voter(3)))));
    ledger.pass(10);
    assert!(crate::state::View::new(&ledger.state, &[]).proposal(&proposal).is_none());
    assert_eq!(accounts(&ledger.end_epoch()), named(&["a", "b", "c"]));
}

#[test]
fn set_that_would_break_finality_is_refused() {
    let mut ledger = council();
    let unproven = Admission { proof: proof(5, "e", None), ..admission(4, "e") };
    let nowhere = Some(SocketAddr::from(([0, 0, 0, 0], 1)));
    let unreachable = Admission { address: nowhere, ..admission(4, "e") };
    let taken = {
        let authority = Authority { key: voter(1), account: account("e") };
        Admission { authority, address: None, proof: proof(1, "e", None) }
    };
    let two = vec![admission(4, "e"), admission(5, "alice")];
    for (change, rejection) in [
        (change(vec![], &["a", "b", "c", "d"]), Rejection::AuthoritiesEmpty),
        (change(two, &["c", "d"]), Rejection::TooManyNewAuthorities),
        (change(vec![], &["e"]), Rejection::AuthorityUnknown),
        (change(vec![admission(4, "nobody")], &[]), Rejection::AccountUnknown),
        (change(vec![unproven], &[]), Rejection::AuthorityUnproven),
        (change(vec![unreachable], &[]), Rejection::AddressUnreachable),
        (change(vec![taken], &[]), Rejection::AuthorityKnown),
    ] {
        ledger.refuses_change("a", change, rejection);
    }
}

#[test]
fn change_that_a_rotation_has_made_too_large_is_dropped() {
    let mut ledger = council();
    let joins = change(vec![admission(4, "e")], &["d"]);
    ledger.agreed(joins.clone());
    ledger.act("b", rotate(voter(1), 5, proof(5, "b", Some(voter(1)))));
    ledger.pass(10);
    assert_eq!(accounts(&ledger.end_epoch()), named(&["a", "b", "c", "d"]));
    assert_eq!(ledger.decide(joins).0, ProposalEnded::Enacted);
    assert_eq!(accounts(&ledger.end_epoch()), named(&["a", "b", "c", "e"]));
}

#[test]
fn address_is_the_authoritys_own_to_say() {
    let mut ledger = council();
    let at = |port| Some(SocketAddr::from(([10, 0, 0, 1], port)));
    let moved = |key, address| Operation::Authority { key, act: AuthorityAct::Move { address } };
    ledger.act("b", moved(voter(1), at(4_000)));
    ledger.refuses("b", moved(voter(1), at(4_000)), Rejection::AddressUnchanged);
    ledger.refuses("b", moved(voter(1), at(0)), Rejection::AddressUnreachable);
    ledger.refuses("c", moved(voter(1), at(4_001)), Rejection::AuthorityUnknown);
    ledger.refuses("c", moved(voter(2), None), Rejection::AddressUnchanged);
    assert_eq!(ledger.authorities().endpoint(&voter(1)), at(4_000));
    ledger.act("b", moved(voter(1), None));
    assert_eq!(ledger.authorities().endpoints, []);
}

#[test]
fn change_in_the_last_block_of_an_epoch_counts_for_the_next() {
    let mut ledger = council();
    while ledger.height.next().0 % 10 != 9 {
        ledger.apply(ledger.time.after(Millis(1)), &[]).unwrap();
    }
    let operation = rotate(voter(1), 5, proof(5, "b", Some(voter(1))));
    let signed = ledger.sign("b", 0, vec![operation]);
    let applied = ledger.apply(ledger.time.after(Millis(1)), &[signed]).unwrap();
    let next = applied.next_authorities.expect("the block is the last of its epoch");
    assert!(next.iter().any(|it| it.key == voter(5)));
    let entered = AuthorityEvent::Entered { epoch: 1, authorities: 4 };
    assert_eq!(applied.receipts.matching, [Event::Authority(entered)]);
}

#[test]
fn authorities_are_no_more_than_there_may_be() {
    let mut ledger = council();
    let mut authorities = ledger.authorities().voting;
    let others = (100..196).map(|number| Authority { key: voter(number), account: account("a") });
    authorities.extend(others);
    ledger.govern(authorities);
    let joins = change(vec![admission(4, "e")], &[]);
    ledger.refuses_change("a", joins, Rejection::TooManyAuthorities);
}
