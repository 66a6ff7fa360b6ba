//! Witnesses: who signed a thing. They stand in rising order of key, so that one set of them has one form.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::batch::Claim;
use crate::encoding::bounded_list;
use crate::hash::Hash;
use crate::keys::{PublicKey, SecretKey, Signature, SignatureInvalid};
use crate::limits::WITNESSES_MAX;

/// A key and its signature over a digest: a transaction's id, or that of a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Witness {
    /// Who signed.
    pub key: PublicKey,
    /// The signature.
    pub signature: Signature,
}

impl Witness {
    /// The signature of `key` over `digest`.
    pub fn sign(digest: &Hash, key: &SecretKey) -> Self {
        Self { key: key.public_key(), signature: key.sign(digest) }
    }
}

/// The signatures of several keys over `digest`, none of them twice, given in any order.
pub(crate) fn sign(digest: &Hash, keys: &[SecretKey]) -> Vec<Witness> {
    let mut witnesses: Vec<Witness> = keys.iter().map(|key| Witness::sign(digest, key)).collect();
    witnesses.sort_unstable_by_key(|witness| witness.key);
    witnesses
}

/// What must hold for `digest` to be signed.
///
/// # Errors
/// [`SignatureInvalid`] when the witnesses are none or out of order.
pub(crate) fn claims(
    digest: Hash,
    witnesses: &[Witness],
) -> Result<impl Iterator<Item = Claim>, SignatureInvalid> {
    if witnesses.is_empty() || !witnesses.is_sorted_by(|a, b| a.key < b.key) {
        return Err(SignatureInvalid);
    }
    Ok(witnesses.iter().map(move |witness| {
        let Witness { key, signature } = *witness;
        Claim { key, message: digest, signature }
    }))
}

/// Reads 1 to [`WITNESSES_MAX`] witnesses, in whatever order.
pub(crate) fn read<R: io::Read>(reader: &mut R) -> io::Result<Vec<Witness>> {
    bounded_list(reader, 1..=WITNESSES_MAX)
}
