//! Authorities: the keys that may vote, and the accounts that are paid for it.
//!
//! A vote's signature is ed25519 under the rules of ZIP 215, as the engine's are: encodings of points need
//! not be canonical, the scalar must be, and the equation is multiplied by the cofactor. So every verifier,
//! of one signature or of many at once, comes to the same verdict.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use sha2::{Digest, Sha512};

use crate::account::AccountId;
use crate::keys::SignatureInvalid;

/// An authority's ed25519 key, 32 bytes. It votes; it holds no money.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct AuthorityKey(pub [u8; 32]);

impl AuthorityKey {
    /// Parses 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::hash::from_hex(text).map(Self)
    }

    /// True when the bytes are a point of the curve; under any others no signature verifies.
    pub fn is_on_curve(&self) -> bool {
        CompressedEdwardsY(self.0).decompress().is_some()
    }

    /// Verifies that the owner of this key signed `message`.
    ///
    /// # Errors
    /// [`SignatureInvalid`] when it did not.
    pub fn verify(
        &self,
        message: &[u8],
        signature: &AuthoritySignature,
    ) -> Result<(), SignatureInvalid> {
        let (nonce, scalar) = signature.halves();
        let key = CompressedEdwardsY(self.0).decompress().ok_or(SignatureInvalid)?;
        let scalar = Scalar::from_canonical_bytes(scalar).into_option().ok_or(SignatureInvalid)?;
        let challenge = Sha512::new().chain_update(nonce).chain_update(self.0);
        let challenge = Scalar::from_hash(challenge.chain_update(message));
        let nonce = CompressedEdwardsY(nonce).decompress().ok_or(SignatureInvalid)?;
        if is_signed(&key, &nonce, &scalar, &challenge) { Ok(()) } else { Err(SignatureInvalid) }
    }
}

/// Whether `[8] nonce = [8] ([scalar] base - [challenge] key)`.
#[expect(clippy::arithmetic_side_effects, reason = "points of a curve do not overflow")]
fn is_signed(
    key: &EdwardsPoint,
    nonce: &EdwardsPoint,
    scalar: &Scalar,
    challenge: &Scalar,
) -> bool {
    let expected = EdwardsPoint::vartime_double_scalar_mul_basepoint(challenge, &-key, scalar);
    (nonce - expected).mul_by_cofactor().is_identity()
}

impl fmt::Display for AuthorityKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for AuthorityKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// An authority's ed25519 signature, 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AuthoritySignature(pub [u8; 64]);

impl AuthoritySignature {
    /// The commitment to the nonce, and the scalar.
    fn halves(&self) -> ([u8; 32], [u8; 32]) {
        let (mut nonce, mut scalar) = ([0; 32], [0; 32]);
        nonce.iter_mut().chain(&mut scalar).zip(self.0).for_each(|(to, from)| *to = from);
        (nonce, scalar)
    }
}

impl fmt::Debug for AuthoritySignature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// A key that may vote, and the account that is paid its share of the fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Authority {
    /// The voting key.
    pub key: AuthorityKey,
    /// Where its fees go.
    pub account: AccountId,
}

#[cfg(test)]
pub(crate) mod tests;
