//! Signatures: RFC 8032's own, and what must not pass for one.

use curve25519_dalek::constants::ED25519_BASEPOINT_TABLE;

use super::*;
use crate::hash::from_hex;

/// Signs as RFC 8032 says, for tests of this crate.
pub(crate) struct Signer {
    scalar: Scalar,
    prefix: [u8; 32],
}

impl Signer {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        let expanded: [u8; 64] = Sha512::digest(seed).into();
        let (mut scalar, prefix) = AuthoritySignature(expanded).halves();
        scalar[0] &= 248;
        scalar[31] = scalar[31] & 127 | 64;
        Self { scalar: Scalar::from_bytes_mod_order(scalar), prefix }
    }

    pub(crate) fn key(&self) -> AuthorityKey {
        AuthorityKey((&self.scalar * ED25519_BASEPOINT_TABLE).compress().to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> AuthoritySignature {
        let hash = |parts: &[&[u8]]| Scalar::from_hash(Sha512::new().chain_update(parts.concat()));
        let nonce = hash(&[&self.prefix, message]);
        let commitment = (&nonce * ED25519_BASEPOINT_TABLE).compress().to_bytes();
        let challenge = hash(&[&commitment, &self.key().0, message]);
        let scalar = (nonce + challenge * self.scalar).to_bytes();
        AuthoritySignature([commitment, scalar].concat().try_into().unwrap())
    }
}

#[test]
fn test_vector_of_rfc_8032_verifies() {
    let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    let key = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
        085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    let key = AuthorityKey::from_hex(key).unwrap();
    let signature = AuthoritySignature(from_hex(signature).unwrap());
    assert_eq!(key.verify(&[0x72], &signature), Ok(()));
    assert_eq!(key.verify(&[0x73], &signature), Err(SignatureInvalid));
    let signer = Signer::new(from_hex(seed).unwrap());
    assert_eq!((signer.key(), signer.sign(&[0x72])), (key, signature));
}

#[test]
fn scalar_beyond_the_order_is_refused() {
    let signer = Signer::new([1; 32]);
    let mut signature = signer.sign(b"message");
    assert_eq!(signer.key().verify(b"message", &signature), Ok(()));
    // The order of the curve's large subgroup, lowest byte first.
    let order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let order: [u8; 32] = from_hex(order).unwrap();
    let mut carry = 0;
    for (byte, add) in signature.0[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum % 256).unwrap();
        carry = sum / 256;
    }
    assert_eq!(signer.key().verify(b"message", &signature), Err(SignatureInvalid));
}

#[test]
fn bytes_that_are_no_point_are_no_key() {
    let wrong = (0..=u8::MAX).map(|byte| AuthorityKey([byte; 32]));
    let wrong = wrong.into_iter().find(|key| !key.is_on_curve()).unwrap();
    let signature = Signer::new([1; 32]).sign(b"message");
    assert_eq!(wrong.verify(b"message", &signature), Err(SignatureInvalid));
}
