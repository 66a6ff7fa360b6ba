//! Order, bounds and memory of the mempool.

mod floods;
mod model;

use super::*;
use crate::testing::{account, key, transaction, transfer};

fn verified(signed: SignedTransaction) -> Arc<VerifiedTransaction> {
    Arc::new(signed.verify().unwrap())
}

fn insert(mempool: &mut Mempool, sender: u8, nonce: u64) -> Result<Hash, InsertError> {
    let transaction = verified(transfer(sender, nonce));
    let id = transaction.id();
    mempool.insert(transaction, Nonce(0)).map(|()| id)
}

fn id(number: usize) -> Hash {
    let mut id = Hash::ZERO;
    id.0[..8].copy_from_slice(&number.to_be_bytes());
    id
}

/// Sender and nonce of every candidate, for senders whose accounts stand at nonce 0.
fn candidates(mempool: &Mempool) -> Vec<(u8, u64)> {
    let name = |sender: AccountId| (1..=9).find(|byte| account(*byte) == sender).unwrap();
    let pairs = mempool
        .candidates(|_| Nonce(0))
        .map(|candidate| (name(candidate.transaction().sender), candidate.transaction().nonce.0));
    pairs.collect()
}

#[test]
fn senders_take_turns_in_order_of_arrival() {
    let mut mempool = Mempool::default();
    for (sender, nonce) in [(2, 0), (2, 1), (2, 2), (1, 0), (3, 0), (1, 1)] {
        insert(&mut mempool, sender, nonce).unwrap();
    }
    assert_eq!(candidates(&mempool), [(2, 0), (1, 0), (3, 0), (2, 1), (1, 1), (2, 2)]);
}

#[test]
fn included_sender_goes_to_the_back_of_the_line() {
    let mut mempool = Mempool::default();
    insert(&mut mempool, 1, 0).unwrap();
    insert(&mut mempool, 1, 1).unwrap();
    insert(&mut mempool, 2, 0).unwrap();
    mempool.settle(Height(1), [&transfer(1, 0)]);
    let next = |sender: &AccountId| Nonce(u64::from(*sender == account(1)));
    let order: Vec<_> =
        mempool.candidates(next).map(|candidate| candidate.transaction().sender).collect();
    assert_eq!(order, [account(2), account(1)]);
}

#[test]
fn gap_is_no_candidate_until_it_is_closed() {
    let mut mempool = Mempool::default();
    insert(&mut mempool, 1, 2).unwrap();
    insert(&mut mempool, 1, 0).unwrap();
    assert_eq!(candidates(&mempool), [(1, 0)]);
    assert_eq!(mempool.next_nonce(&account(1), Nonce(0)), Nonce(1));
    insert(&mut mempool, 1, 1).unwrap();
    assert_eq!(candidates(&mempool), [(1, 0), (1, 1), (1, 2)]);
    assert_eq!(mempool.next_nonce(&account(1), Nonce(0)), Nonce(3));
}

#[test]
fn nothing_is_replaced() {
    let mut mempool = Mempool::default();
    let id = insert(&mut mempool, 1, 0).unwrap();
    assert_eq!(insert(&mut mempool, 1, 0), Err(InsertError::Known));
    let mut other = transaction(1, 0);
    other.valid_until = Height(50);
    let refused = mempool.insert(verified(other.sign(&key(1))), Nonce(0));
    assert_eq!(refused, Err(InsertError::NonceTaken(Nonce(0))));
    assert!(mempool.waiting(&id).is_some());
}

#[test]
fn one_sender_fills_its_own_room_only() {
    let mut mempool = Mempool::default();
    for nonce in 0..SENDER_TRANSACTIONS_MAX as u64 {
        insert(&mut mempool, 1, nonce).unwrap();
    }
    let over = SENDER_TRANSACTIONS_MAX as u64;
    assert_eq!(insert(&mut mempool, 1, over), Err(InsertError::SenderFull));
    assert_eq!(insert(&mut mempool, 2, over), Err(InsertError::SenderFull));
    assert!(insert(&mut mempool, 2, over - 1).is_ok());
}

#[test]
fn full_mempool_refuses_and_keeps_what_it_has() {
    let mut mempool = Mempool::default();
    let id = insert(&mut mempool, 1, 0).unwrap();
    let room = BYTES_MAX - mempool.bytes;
    mempool.bytes += room;
    assert_eq!(insert(&mut mempool, 2, 0), Err(InsertError::Full));
    mempool.bytes -= room;
    assert!(mempool.waiting(&id).is_some());
    assert!(insert(&mut mempool, 2, 0).is_ok());
}

#[test]
fn busy_mempool_takes_nothing_behind_a_gap() {
    let mut mempool = Mempool::default();
    insert(&mut mempool, 1, 0).unwrap();
    let last = SENDER_TRANSACTIONS_MAX as u64 - 1;
    let quiet = (mempool.bytes, mempool.ids.clone());
    for (count, bytes) in [(GAP_TRANSACTIONS_MAX, 0), (1, GAP_BYTES_MAX)] {
        mempool.bytes = mempool.bytes.max(bytes);
        mempool
            .ids
            .extend((mempool.ids.len()..count).map(|number| (id(number), (account(9), Nonce(0)))));
        for (sender, nonce) in [(1, 2), (2, 1), (2, last)] {
            assert_eq!(insert(&mut mempool, sender, nonce), Err(InsertError::SenderFull));
            let gap = transfer(sender, nonce);
            let entry = Entry { id: gap.transaction.id(), signed: &gap, bytes: 200, before: None };
            assert_eq!(mempool.check(&entry, Nonce(0)), Err(InsertError::SenderFull));
            let before = Nonce(gap.transaction.nonce.0 - 1);
            let closed = Entry { before: Some(before), ..entry };
            assert_eq!(mempool.check(&closed, Nonce(0)), Ok(()));
        }
        (mempool.bytes, mempool.ids) = quiet.clone();
    }
    insert(&mut mempool, 2, last).unwrap();
    // What follows on directly is taken though the mempool is busy, and closes gaps.
    insert(&mut mempool, 3, 1).unwrap();
    mempool.bytes += GAP_BYTES_MAX;
    for (sender, nonce) in [(1, 1), (3, 0), (3, 2)] {
        insert(&mut mempool, sender, nonce).unwrap();
    }
    assert_eq!(insert(&mut mempool, 3, 4), Err(InsertError::SenderFull));
}

#[test]
fn followers_of_a_rejected_transaction_go_with_it() {
    let mut mempool = Mempool::default();
    let ids: Vec<_> = [0, 1, 2, 9].map(|nonce| insert(&mut mempool, 1, nonce).unwrap()).into();
    let other = insert(&mut mempool, 2, 0).unwrap();
    mempool.reject(&ids[1], Rejection::FeeNotCovered);
    assert_eq!(mempool.fate(&ids[1]), Some(Fate::Rejected(Rejection::FeeNotCovered)));
    for follower in &ids[2..] {
        assert_eq!(mempool.fate(follower), Some(Fate::Rejected(Rejection::NonceTooHigh)));
    }
    assert!(mempool.waiting(&ids[0]).is_some() && mempool.waiting(&other).is_some());
    let expiries: usize = mempool.expiries.values().map(HashSet::len).sum();
    assert_eq!((mempool.len(), expiries, mempool.line.len()), (2, 2, 2));
}

#[test]
fn followers_of_an_expired_transaction_go_with_it() {
    let mut mempool = Mempool::default();
    let mut put = |nonce, valid_until| {
        let mut transaction = transaction(1, nonce);
        transaction.valid_until = Height(valid_until);
        let transaction = verified(transaction.sign(&key(1)));
        let id = transaction.id();
        mempool.insert(transaction, Nonce(0)).map(|()| id).unwrap()
    };
    let (head, same, later) = (put(0, 10), put(1, 10), put(2, 11));
    mempool.settle(Height(10), []);
    assert_eq!(mempool.fate(&head), Some(Fate::Expired));
    assert_eq!(mempool.fate(&same), Some(Fate::Expired));
    assert_eq!(mempool.fate(&later), Some(Fate::Rejected(Rejection::NonceTooHigh)));
    assert!(mempool.is_empty() && mempool.expiries.is_empty());
}

#[test]
fn inclusion_forgets_and_overtaken_nonce_is_rejected() {
    let mut mempool = Mempool::default();
    let ours = insert(&mut mempool, 1, 0).unwrap();
    let next = insert(&mut mempool, 1, 1).unwrap();
    let mut other = transaction(1, 0);
    other.valid_until = Height(50);
    mempool.settle(Height(1), [&other.sign(&key(1))]);
    assert_eq!(mempool.fate(&ours), Some(Fate::Rejected(Rejection::NonceTooLow)));
    assert!(mempool.waiting(&next).is_some());
    mempool.settle(Height(2), [&transfer(1, 1)]);
    assert_eq!(mempool.fate(&next), None);
    assert!(mempool.is_empty());
    assert_eq!((mempool.bytes(), mempool.line.len(), mempool.expiries.len()), (0, 0, 0));
}

#[test]
fn transaction_expires_with_its_last_height_and_not_before() {
    let mut mempool = Mempool::default();
    let id = insert(&mut mempool, 1, 0).unwrap();
    mempool.settle(Height(99), []);
    assert!(mempool.waiting(&id).is_some());
    mempool.settle(Height(100), []);
    assert_eq!(mempool.fate(&id), Some(Fate::Expired));
    assert!(mempool.is_empty());
}

#[test]
fn rejected_transaction_may_come_again() {
    let mut mempool = Mempool::default();
    let id = insert(&mut mempool, 1, 0).unwrap();
    mempool.reject(&id, Rejection::FeeNotCovered);
    assert_eq!(mempool.fate(&id), Some(Fate::Rejected(Rejection::FeeNotCovered)));
    assert_eq!(insert(&mut mempool, 1, 0), Ok(id));
    assert_eq!(mempool.fate(&id), None);
}

#[test]
fn memory_of_fates_is_bounded_and_forgets_the_oldest() {
    let mut fates = Fates::default();
    (0..=FATES_MAX).for_each(|number| fates.remember(id(number), Fate::Expired));
    assert_eq!(fates.by_id.len(), FATES_MAX);
    assert!(!fates.by_id.contains_key(&id(0)));
    assert!(fates.by_id.contains_key(&id(FATES_MAX)));
}
