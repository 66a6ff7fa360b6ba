//! What travels is what the digest names.

use chain::hash::Hash;
use commonware_codec::{DecodeExt, Encode};
use commonware_cryptography::Digestible;

use super::Sealed;
use crate::tests::toy::{authorities, genesis};

#[test]
fn block_travels_unchanged() {
    let sealed = Sealed::new(genesis(authorities(2))).unwrap();
    let received = Sealed::decode(sealed.encode()).unwrap();
    assert_eq!(received.block(), sealed.block());
    assert_eq!(received.digest(), sealed.digest());
    assert_eq!(received.encode(), sealed.encode());
}

#[test]
fn other_transactions_than_the_header_names_do_not_decode() {
    let mut block = genesis(authorities(1));
    block.header.transactions_root = Hash([1; 32]);
    let bytes = chain::encoding::encode(&block).encode();
    assert!(Sealed::new(block).is_none());
    assert!(Sealed::decode(bytes).is_err());
}

#[test]
fn bytes_left_over_do_not_decode() {
    let mut bytes = chain::encoding::encode(&genesis(authorities(1)));
    assert!(Sealed::decode(bytes.encode()).is_ok());
    bytes.push(0);
    assert!(Sealed::decode(bytes.encode()).is_err());
    assert!(Sealed::decode(Vec::<u8>::new().encode()).is_err());
}
