//! Many signatures verified together, with the verdict that each would get by itself.

use crate::hash::Hash;
use crate::keys::{PublicKey, Signature, SignatureInvalid};

/// That the owner of a key signed a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose signature it should be.
    pub key: PublicKey,
    /// What should have been signed.
    pub message: Hash,
    /// The signature.
    pub signature: Signature,
}

impl Claim {
    /// Verifies this claim by itself.
    ///
    /// # Errors
    /// [`SignatureInvalid`] when it does not hold.
    pub fn verify(&self) -> Result<(), SignatureInvalid> {
        self.key.verify(&self.message, &self.signature)
    }
}

/// Which of `claims` do not hold, by position, rising; empty when all hold. The verdict is that of
/// [`Claim::verify`] on each, on every input.
pub fn verify(claims: &[Claim]) -> Vec<usize> {
    let failed = |(_, claim): &(usize, &Claim)| claim.verify().is_err();
    claims.iter().enumerate().filter(failed).map(|(position, _)| position).collect()
}
