//! What is shown leads to the header it comes with, or is refused: every digit of it counts.

use chain::amount::Amount;
use chain::authority::AuthorityKey;
use chain::block::VERSION;
use chain::encoding::encode;
use chain::height::Nonce;
use chain::keys::SecretKey;
use chain::memo::Memo;
use chain::merkle::{self, Entry, ListProof, StateProof};
use chain::operation::Operation;
use chain::receipt::Outcome;
use chain::time::Time;
use chain::transaction::Transaction;
use rpc::text::TransactionBytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::*;

fn digest(byte: u8) -> Hash {
    Hash([byte; 32])
}

fn canonical<T>(value: T) -> Text<Canonical<T>> {
    Text(Canonical(value))
}

fn header(state_root: Hash, transactions_root: Hash, receipts_root: Hash) -> Header {
    Header {
        version: VERSION,
        chain: digest(1),
        height: Height(9),
        epoch: 0,
        parent: digest(2),
        time: Time(5),
        proposer: AuthorityKey([3; 32]),
        transactions_root,
        receipts_root,
        state_root,
        next_authorities: None,
    }
}

/// A state of two leaves that holds the reference 1; `key` is asked for.
fn shown_state(key: Key) -> StateProofView {
    let held = Key::Reference(digest(1));
    let entry = Entry { key: held.digest(), value: Object::Reference.digest() };
    let leaves = if merkle::leaf_of(&entry.key, 1) == 0 {
        [vec![entry], Vec::new()]
    } else {
        [Vec::new(), vec![entry]]
    };
    let nodes = [merkle::leaf(&leaves[0]), merkle::leaf(&leaves[1])];
    let root = merkle::state_root(1, &merkle::inner(&nodes[0], &nodes[1]));
    let number = usize::try_from(merkle::leaf_of(&key.digest(), 1)).unwrap();
    let proof = StateProof { entries: leaves[number].clone(), neighbours: vec![nodes[number ^ 1]] };
    StateProofView {
        header: canonical(header(root, digest(4), digest(5))),
        key: canonical(key),
        object: (key == held).then(|| canonical(Object::Reference)),
        proof: canonical(proof),
    }
}

fn signed(nonce: u64) -> SignedTransaction {
    let key = SecretKey::from_bytes(&[1; 32]).unwrap();
    let (to, memo) = (AccountId([7; 20]), Memo::default());
    Transaction {
        chain: digest(1),
        sender: AccountId::of_key(&key.public_key()),
        nonce: Nonce(nonce),
        valid_until: Height(100),
        fee_max: Amount::from_u64(1_000),
        operations: vec![Operation::Transfer { to, amount: Amount::from_u64(5), memo }],
    }
    .sign(&key)
}

/// Transaction number 1 of a block of three, and its id.
fn shown_transaction() -> (Hash, TxProofView) {
    let transactions: Vec<SignedTransaction> = (0..3).map(signed).collect();
    let receipts: Vec<Receipt> = transactions
        .iter()
        .map(|signed| Receipt {
            transaction: signed.transaction.id(),
            fee: Amount::from_u64(10),
            outcome: Outcome::Applied { events: Vec::new() },
        })
        .collect();
    let listed: Vec<Hash> = transactions.iter().map(SignedTransaction::witnessed_id).collect();
    let done: Vec<Hash> = receipts.iter().map(Receipt::digest).chain([digest(9)]).collect();
    let header = header(digest(6), merkle::list_root(&listed), merkle::list_root(&done));
    let view = TxProofView {
        header: canonical(header),
        transaction: Text(TransactionBytes::new(encode(&transactions[1])).unwrap()),
        transaction_proof: canonical(ListProof::of(&listed, 1).unwrap()),
        receipt: canonical(receipts[1].clone()),
        receipt_proof: canonical(ListProof::of(&done, 1).unwrap()),
    };
    (transactions[1].transaction.id(), view)
}

/// With any digit of any text of `shown` changed, `verify` refuses, or answers about another header.
fn every_digit_counts<T, A>(shown: &T, verify: impl Fn(T) -> Result<(A, Header), ProofError>)
where
    T: Serialize + DeserializeOwned + Clone,
{
    let (_, header) = verify(shown.clone()).unwrap();
    let json = serde_json::to_value(shown).unwrap();
    let mut changes = 0;
    for (field, value) in json.as_object().unwrap() {
        let Value::String(text) = value else { continue };
        for at in 0..text.len() {
            let other = if &text[at..=at] == "0" { "1" } else { "0" };
            let mut changed = json.clone();
            changed[field] = format!("{}{other}{}", &text[..at], &text[at + 1..]).into();
            let Ok(changed) = serde_json::from_value(changed) else { continue };
            changes += 1;
            if let Ok((_, about)) = verify(changed) {
                assert_eq!(field, "header", "digit {at}");
                assert_ne!(about.digest(), header.digest(), "digit {at}");
            }
        }
    }
    assert!(changes > 300, "only {changes} changes were readable");
}

#[test]
fn every_digit_of_a_state_proof_counts() {
    for byte in 1..8 {
        let key = Key::Reference(digest(byte));
        every_digit_counts(&shown_state(key), |shown| state(&key, shown));
    }
}

#[test]
fn every_digit_of_a_transaction_proof_counts() {
    let (id, shown) = shown_transaction();
    every_digit_counts(&shown, |shown| transaction(id, shown));
}

#[test]
fn object_that_is_hidden_or_made_up_is_refused() {
    let held = Key::Reference(digest(1));
    let hidden = StateProofView { object: None, ..shown_state(held) };
    assert!(matches!(state(&held, hidden), Err(ProofError::State)));
    let absent = Key::Reference(digest(2));
    let object = Some(canonical(Object::Reference));
    let made_up = StateProofView { object, ..shown_state(absent) };
    assert!(matches!(state(&absent, made_up), Err(ProofError::State)));
    assert!(matches!(state(&absent, shown_state(held)), Err(ProofError::State)));
}

#[test]
fn receipt_of_another_transaction_is_refused() {
    let (id, shown) = shown_transaction();
    let other = signed(0).transaction.id();
    assert!(matches!(transaction(other, shown.clone()), Err(ProofError::Transaction)));

    // A receipt with a true path, but of the neighbour.
    let receipts: Vec<Receipt> = (0..3)
        .map(|nonce| Receipt {
            transaction: signed(nonce).transaction.id(),
            fee: Amount::from_u64(10),
            outcome: Outcome::Applied { events: Vec::new() },
        })
        .collect();
    let done: Vec<Hash> = receipts.iter().map(Receipt::digest).chain([digest(9)]).collect();
    let swapped = TxProofView {
        receipt: canonical(receipts[0].clone()),
        receipt_proof: canonical(ListProof::of(&done, 0).unwrap()),
        ..shown
    };
    assert!(matches!(transaction(id, swapped), Err(ProofError::Receipt)));
}
