//! What is passed on and what is not, and what becomes of what others pass on.

use chain::amount::Amount;
use chain::authority::AuthorityKey;
use chain::encoding::encode;
use chain::limits::{OPERATIONS_MAX, PARTIES_MAX, TRANSACTION_BYTES_MAX};
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, Side};
use chain::parties::{Accounts, Parties};
use chain::transaction::Transaction;
use tempfile::TempDir;

use super::*;
use crate::testing::{Chain, account, key, transaction, transfer};

const AUTHORITY: Peer = Peer { key: AuthorityKey([5; 32]), role: Role::Authority };
const FOLLOWER: Peer = Peer { key: AuthorityKey([6; 32]), role: Role::Follower };

fn chain() -> (TempDir, Chain) {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::open(folder.path()).unwrap();
    (folder, chain)
}

fn submit(chain: &Chain, signed: SignedTransaction) -> Result<Admitted, Refusal> {
    chain.gossip.submit(vec![Offer::of(signed)]).pop().unwrap()
}

fn passed_on(chain: &Chain) -> usize {
    chain.gossip.peering().waiting()
}

#[test]
fn what_clients_submit_is_passed_on_once() {
    let (_folder, chain) = chain();
    assert!(matches!(submit(&chain, transfer(1, 0)), Ok(Admitted::New(_))));
    assert!(matches!(submit(&chain, transfer(1, 0)), Ok(Admitted::Known(_))));
    assert_eq!(passed_on(&chain), 1);
    chain.grow();
    assert!(matches!(submit(&chain, transfer(1, 0)), Ok(Admitted::Known(_))));
    assert_eq!(passed_on(&chain), 1);
}

#[test]
fn what_is_refused_is_not_passed_on() {
    let (_folder, chain) = chain();
    let mut forged = transfer(1, 0);
    forged.witnesses[0].signature.0[0] ^= 1;
    assert!(matches!(submit(&chain, forged), Err(Refusal::Signature)));
    assert!(matches!(submit(&chain, transfer(1, 64)), Err(Refusal::NoRoom(_))));
    assert_eq!(passed_on(&chain), 0);
}

#[test]
fn authority_passes_on_what_followers_bring_and_not_what_authorities_do() {
    let (_folder, chain) = chain();
    assert_eq!(chain.gossip.hear(AUTHORITY, vec![transfer(1, 0)]), Ok(()));
    assert_eq!(passed_on(&chain), 0);
    assert_eq!(chain.gossip.hear(FOLLOWER, vec![transfer(1, 0), transfer(1, 1)]), Ok(()));
    assert_eq!((passed_on(&chain), lock(&chain.mempool).len()), (1, 2));
}

#[test]
fn what_no_honest_node_passes_on_is_garbage() {
    let (_folder, chain) = chain();
    let hear = |signed| chain.gossip.hear(AUTHORITY, vec![signed]).unwrap_err().0;
    let mut forged = transfer(1, 0);
    forged.witnesses[0].signature.0[0] ^= 1;
    assert!(hear(forged).contains("signature"));
    let elsewhere = Transaction { chain: Hash([9; 32]), ..transaction(1, 0) };
    assert!(hear(elsewhere.sign(&key(1))).contains("another chain"));
    let accounts = |first| (first..).take(PARTIES_MAX).map(account).collect();
    let list = |first| Accounts::new(accounts(first)).unwrap();
    let parties = Parties { only: list(1), deny: list(101), ..Parties::default() };
    let order = OrderPlace { parties, ..chain.order(Side::Ask(AskTerms::OWN), 1, 1) };
    let long = Transaction {
        operations: vec![Operation::OrderPlace(order); OPERATIONS_MAX],
        ..transaction(1, 0)
    };
    assert!(encode(&long).len() > TRANSACTION_BYTES_MAX);
    assert!(hear(long.sign(&key(1))).contains("too long"));
    assert!(lock(&chain.mempool).is_empty());
}

#[test]
fn what_is_late_or_early_is_no_fault_of_whoever_passes_it_on() {
    let (_folder, chain) = chain();
    chain.submit(transfer(1, 0));
    chain.grow();
    let other = Transaction { fee_max: Amount::from_u64(2_000_000), ..transaction(1, 0) };
    let early = transfer(1, 500);
    let poor = Transaction { sender: account(9), ..transaction(9, 0) };
    let all = [transfer(1, 0), other.sign(&key(1)), early, poor.sign(&key(9))];
    for signed in all {
        assert_eq!(chain.gossip.hear(AUTHORITY, vec![signed]), Ok(()));
    }
    assert!(lock(&chain.mempool).is_empty());
}

#[test]
fn what_still_waits_after_many_blocks_is_passed_on_once_more() {
    let (_folder, chain) = chain();
    // The gap keeps it from every block.
    submit(&chain, transfer(1, 1)).unwrap();
    submit(&chain, transfer(2, 0)).unwrap();
    chain.gossip.hear(FOLLOWER, vec![transfer(3, 1)]).unwrap();
    assert_eq!(passed_on(&chain), 3);
    (1..REPEAT_BLOCKS).for_each(|_| drop(chain.grow()));
    assert_eq!(passed_on(&chain), 3);
    chain.grow();
    assert_eq!(passed_on(&chain), 4);
    (0..REPEAT_BLOCKS).for_each(|_| drop(chain.grow()));
    assert_eq!(passed_on(&chain), 5);
}

#[test]
fn few_are_passed_on_again_with_one_block_and_none_is_forgotten() {
    let mut own = Own::default();
    let id = |number: usize| Hash([u8::try_from(number % 251).unwrap(); 32]);
    for number in 0..3 * REPEATS_MAX {
        own.remember(Height(number as u64 % 2), id(number));
    }
    assert_eq!(own.due(Height(REPEAT_BLOCKS - 1)), []);
    let counts: Vec<_> = (1..5).map(|step| own.due(Height(REPEAT_BLOCKS + step)).len()).collect();
    assert_eq!(counts, [REPEATS_MAX, REPEATS_MAX, REPEATS_MAX, 0]);
    assert_eq!((own.count, own.ids.len()), (0, 0));
}
