//! Account keys: secp256k1, signing with BIP-340 Schnorr, which has one valid signature a nonce and
//! can be checked in batches.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use k256::schnorr::{self, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::hash::Hash;

/// A signature does not verify, or its key is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature invalid")]
pub struct SignatureInvalid;

/// The bytes are no secret key: zero, or not below the order of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a secret key")]
pub struct SecretKeyInvalid;

/// A public key: the x coordinate of a curve point, 32 bytes. It may be no point at all; then no
/// signature verifies under it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Verifies that the owner of this key signed `message`.
    ///
    /// # Errors
    /// [`SignatureInvalid`] when it did not.
    pub fn verify(&self, message: &Hash, signature: &Signature) -> Result<(), SignatureInvalid> {
        let key = VerifyingKey::from_slice(&self.0).map_err(|_| SignatureInvalid)?;
        let signature =
            schnorr::Signature::from_slice(&signature.0).map_err(|_| SignatureInvalid)?;
        key.verify_raw(&message.0, &signature).map_err(|_| SignatureInvalid)
    }

    /// True when the bytes are a point on the curve.
    pub fn is_on_curve(&self) -> bool {
        VerifyingKey::from_slice(&self.0).is_ok()
    }

    /// Parses 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::hash::from_hex(text).map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A BIP-340 signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// A secret key. Never printed; wiped from memory when dropped.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key with these 32 bytes.
    ///
    /// # Errors
    /// [`SecretKeyInvalid`] when they are zero or not below the order of the curve.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SecretKeyInvalid> {
        SigningKey::from_slice(bytes).map(Self).map_err(|_| SecretKeyInvalid)
    }

    /// The key's 32 bytes, wiped when dropped.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes().into())
    }

    /// Signs `message`. The nonce is derived from key and message, so signing twice gives the same
    /// signature.
    pub fn sign(&self, message: &Hash) -> Signature {
        let signature = self.0.sign_raw(&message.0, &[0; 32]);
        Signature(signature.expect("a derived nonce is zero once in 2^256 messages").to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey(of {})", self.public_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Domain;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).unwrap()
    }

    #[test]
    fn signature_verifies_under_its_key_and_message_alone() {
        let message = Hash::of(Domain::Voucher, &[b"a"]);
        let signature = key(1).sign(&message);
        assert_eq!(key(1).public_key().verify(&message, &signature), Ok(()));
        assert_eq!(key(2).public_key().verify(&message, &signature), Err(SignatureInvalid));
        let other = Hash::of(Domain::Voucher, &[b"b"]);
        assert_eq!(key(1).public_key().verify(&other, &signature), Err(SignatureInvalid));
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let message = Hash::of(Domain::Voucher, &[b"a"]);
        let signature = key(1).sign(&message);
        for bit in 0..512 {
            let mut flipped = signature;
            flipped.0[bit / 8] ^= 1 << (bit % 8);
            let result = key(1).public_key().verify(&message, &flipped);
            assert_eq!(result, Err(SignatureInvalid), "bit {bit}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", key(7));
        assert!(!shown.contains("07070707"), "{shown}");
    }

    #[test]
    fn zero_and_the_order_are_no_keys() {
        assert!(SecretKey::from_bytes(&[0; 32]).is_err());
        assert!(SecretKey::from_bytes(&[0xff; 32]).is_err());
        assert!(!PublicKey([0xff; 32]).is_on_curve());
    }
}
