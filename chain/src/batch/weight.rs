//! The weights of a batch.
//!
//! Equations that hold add up to one that holds. Some that do not could be chosen to cancel, were they not
//! weighted by numbers that cannot be known before all of them are fixed. So the weights are a hash of all
//! keys, messages and signatures: whoever changes one changes every weight. A batch with a wrong claim passes
//! once in 2^128 attempts, which is as hard as forging a signature.

use sha2::{Digest, Sha256};

use super::Claim;

/// What the hash begins with, so that nothing else hashes to the same.
const TAG: &[u8] = b"tally/weights";

/// A weight for each claim, in their order.
pub(super) fn weights<'a>(claims: impl Iterator<Item = &'a Claim>) -> impl Iterator<Item = u128> {
    let mut all = Sha256::new_with_prefix(TAG);
    for Claim { key, message, signature } in claims {
        all.update(key.0);
        all.update(message.0);
        all.update(signature.0);
    }
    let seeded = Sha256::new_with_prefix(all.finalize());
    (0_u64..).map(move |number| {
        let digest: [u8; 32] = seeded.clone().chain_update(number.to_le_bytes()).finalize().into();
        u128::from_le_bytes(*digest.first_chunk().expect("32 bytes are more than 16"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;
    use crate::keys::{PublicKey, Signature};

    #[test]
    fn every_byte_that_is_claimed_changes_every_weight() {
        let claim = |byte| Claim {
            key: PublicKey([byte; 32]),
            message: Hash([byte + 1; 32]),
            signature: Signature([byte + 2; 64]),
        };
        let drawn = |claims: &[Claim]| weights(claims.iter()).take(3).collect::<Vec<u128>>();
        let claims = [10, 20, 30].map(claim);
        let first = drawn(&claims);
        assert_eq!(drawn(&claims), first);
        assert!(first[0] != first[1] && first[1] != first[2] && first[0] != first[2]);
        for place in 0..3 {
            for byte in 0..128 {
                let mut changed = claims;
                let claim = &mut changed[place];
                let parts = [&mut claim.key.0[..], &mut claim.message.0, &mut claim.signature.0];
                let changed_byte = parts.into_iter().flatten().nth(byte).unwrap();
                *changed_byte ^= 1;
                for (one, other) in drawn(&changed).iter().zip(&first) {
                    assert_ne!(one, other, "{place} {byte}");
                }
            }
        }
    }
}
