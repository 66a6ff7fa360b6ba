//! What waits to be passed on, and what finds no room.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::keys::SecretKey;
use chain::memo::Memo;
use chain::operation::Operation;
use chain::transaction::Transaction;

use super::*;

/// A transaction of this many operations.
fn transaction(nonce: u64, operations: usize) -> Arc<VerifiedTransaction> {
    let key = SecretKey::from_bytes(&[9; 32]).unwrap();
    let memo = Memo::new("m".repeat(chain::limits::MEMO_BYTES_MAX)).unwrap();
    let (to, amount) = (AccountId([2; 20]), Amount::from_u64(1));
    let transaction = Transaction {
        chain: Hash([7; 32]),
        sender: AccountId::of_key(&key.public_key()),
        nonce: Nonce(nonce),
        valid_until: Height(100),
        fee_max: Amount::from_u64(1),
        operations: vec![Operation::Transfer { to, amount, memo }; operations],
    };
    Arc::new(transaction.sign(&key).verify().unwrap())
}

#[test]
fn messages_hold_what_fits_in_order_and_lose_nothing() {
    let (peering, large) = (Peering::new(), transaction(0, 64));
    let count = 3 * PASSED_BYTES_MAX / large.bytes();
    for nonce in 0..count {
        peering.pass_on(transaction(nonce as u64, 64));
    }
    let mut nonces = Vec::new();
    while let Some(passed) = peering.take() {
        assert!(encode(&passed).len() <= PASSED_BYTES_MAX);
        assert_eq!(Passed::from_bytes(&encode(&passed)).as_ref(), Ok(&passed));
        nonces.extend(passed.transactions.iter().map(|one| one.transaction.nonce.0));
    }
    assert!(nonces.into_iter().eq(0..count as u64));
    assert_eq!(peering.outbox().bytes, 0);
    assert_eq!(peering.passed(), count as u64);
    assert_eq!(peering.dropped(), 0);
}

#[test]
fn what_finds_no_room_is_dropped_and_counted() {
    let (peering, large) = (Peering::new(), transaction(0, 64));
    let fit = OUTBOX_BYTES_MAX / large.bytes();
    (0..fit + 2).for_each(|_| peering.pass_on(Arc::clone(&large)));
    assert_eq!(peering.waiting(), fit);
    assert_eq!(peering.dropped(), 2);
    peering.take().unwrap();
    peering.pass_on(large);
    assert_eq!(peering.dropped(), 2);
}

#[test]
fn lone_authority_passes_nothing_on() {
    let peering = Peering::new();
    peering.show(Situation::default());
    peering.pass_on(transaction(0, 1));
    assert_eq!(peering.take(), None);
}
