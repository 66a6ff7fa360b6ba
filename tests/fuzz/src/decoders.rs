//! The byte format: what decodes encodes to the same bytes, and nothing that a decoded value is asked
//! panics.

use std::fmt::Debug;

use borsh::{BorshDeserialize, BorshSerialize};
use chain::amount::Amount;
use chain::block::{Block, Header};
use chain::encoding::{decode, encode};
use chain::equivocation::Equivocation;
use chain::gossip::{Passed, TipNotice};
use chain::hash::Hash;
use chain::limits::{PASSED_BYTES_MAX, TRANSACTION_BYTES_MAX};
use chain::memo::Memo;
use chain::merkle::StateProof;
use chain::receipt::{Receipt, Receipts};
use chain::snapshot::{self, Manifest};
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::transaction::{SignedTransaction, Transaction};
use chain::voucher::{SignedVoucher, Voucher};

use crate::memory::bounded;

/// A `T` that fills `bytes`, if there is one; then it has these bytes alone.
fn canonical<T: BorshDeserialize + BorshSerialize + Debug>(bytes: &[u8]) -> Option<T> {
    let value: T = bounded(bytes.len(), || decode(bytes)).ok()?;
    assert_eq!(encode(&value), bytes, "{value:?} has other bytes too");
    Some(value)
}

pub(crate) fn transaction(bytes: &[u8]) {
    canonical::<Transaction>(bytes);
    let decoded = canonical::<SignedTransaction>(bytes);
    let submitted = bounded(bytes.len(), || SignedTransaction::from_bytes(bytes)).ok();
    let fits = bytes.len() <= TRANSACTION_BYTES_MAX;
    assert_eq!(submitted, decoded.filter(|_| fits), "a submission decodes if it is not too large");
    let Some(signed) = submitted else { return };
    let (id, witnessed) = (signed.transaction.id(), signed.witnessed_id());
    if let Ok(verified) = signed.verify() {
        assert_eq!((verified.id(), verified.bytes()), (id, bytes.len()));
        assert_eq!(verified.signed().witnessed_id(), witnessed);
    }
}

pub(crate) fn block(bytes: &[u8]) {
    if let Some(block) = canonical::<Block>(bytes) {
        block.header.digest();
        Block::transactions_root(&block.transactions);
    }
}

pub(crate) fn gossip(bytes: &[u8]) {
    canonical::<TipNotice>(bytes);
    let decoded = canonical::<Passed>(bytes);
    let heard = bounded(bytes.len(), || Passed::from_bytes(bytes)).ok();
    let fits = bytes.len() <= PASSED_BYTES_MAX;
    assert_eq!(heard, decoded.filter(|_| fits), "a message decodes if it is not too large");
}

/// The bytes are taken for a manifest, and for both kinds of chunk that hold whole items. What those take in memory is
/// bounded by how long a chunk may be.
pub(crate) fn snapshot(bytes: &[u8]) {
    if let Some(manifest) = canonical::<Manifest>(bytes) {
        if let Ok(read) = Manifest::read(bytes, manifest.header.chain) {
            assert!(read.chunks.is_sorted_by_key(|chunk| chunk.content), "chunks out of order");
            assert_eq!(read, manifest);
        }
        let sum: u64 = manifest.chunks.iter().map(|chunk| u64::from(chunk.bytes)).sum();
        assert_eq!(manifest.bytes(), sum);
    }
    let mut last = Vec::new();
    if let Ok(objects) = snapshot::objects(0, bytes, &mut last) {
        assert!(
            objects.is_sorted_by(|(a, _), (b, _)| encode(a) < encode(b)),
            "objects out of order"
        );
        let again: Vec<u8> = objects.iter().flat_map(encode).collect();
        assert_eq!(again, bytes, "a chunk of objects has other bytes too");
    }
    if let Ok(ends) = snapshot::epoch_ends(0, bytes) {
        let again: Vec<u8> = ends.iter().flat_map(encode).collect();
        assert_eq!(again, bytes, "a chunk of ends has other bytes too");
    }
}

pub(crate) fn equivocation(bytes: &[u8]) {
    if let Some(proof) = canonical::<Equivocation>(bytes) {
        // Nobody has signed anything on a chain of that name.
        assert!(proof.verify(Hash::ZERO).is_err(), "a signature was made up: {proof:?}");
    }
}

pub(crate) fn header(bytes: &[u8]) {
    if let Some(header) = canonical::<Header>(bytes) {
        header.digest();
    }
}

pub(crate) fn receipts(bytes: &[u8]) {
    canonical::<Receipt>(bytes);
    if let Some(receipts) = canonical::<Receipts>(bytes) {
        receipts.root();
    }
}

pub(crate) fn object(bytes: &[u8]) {
    if let Some(object) = canonical::<Object>(bytes) {
        object.digest();
        object.belongs_under(&Key::Supply);
    }
}

pub(crate) fn key(bytes: &[u8]) {
    if let Some(key) = canonical::<Key>(bytes) {
        key.digest();
    }
}

pub(crate) fn voucher(bytes: &[u8]) {
    canonical::<Voucher>(bytes);
    if let Some(signed) = canonical::<SignedVoucher>(bytes) {
        // Either is an answer.
        let _ = signed.verify();
    }
}

pub(crate) fn proof(bytes: &[u8]) {
    let Some(proof) = canonical::<StateProof>(bytes) else { return };
    let object = Object::Supply(Supply { minted: Amount::ZERO, burned: Amount::ZERO });
    for shown in [None, Some(&object)] {
        let verified = proof.verify(&Hash::ZERO, &Key::Supply, shown);
        assert!(verified.is_err(), "no proof leads to the root of zeros");
    }
}

pub(crate) fn memo(bytes: &[u8]) {
    if let Some(memo) = canonical::<Memo>(bytes) {
        let shown = memo.to_string();
        assert!(!shown.contains(char::is_control), "{shown:?} moves the terminal's cursor");
    }
}
