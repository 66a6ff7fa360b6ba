//! Keys of fuzzed authorities: they can sign, by the rules of ed25519, that they are to vote.

use chain::account::AccountId;
use chain::authority::{Authority, AuthorityKey, AuthoritySignature};
use chain::hash::Hash;
use chain::proposal::Admission;
use curve25519_dalek::constants::ED25519_BASEPOINT_TABLE;
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

/// The key with this number.
pub(super) fn voter(number: u8) -> AuthorityKey {
    AuthorityKey((&secret(number) * ED25519_BASEPOINT_TABLE).compress().to_bytes())
}

/// What lets the key with this number vote for `account`.
pub(super) fn admission(number: u8, (chain, account): (Hash, AccountId)) -> Admission {
    let authority = Authority { key: voter(number), account };
    Admission { authority, address: None, proof: proof(number, (chain, account), None) }
}

/// The proof that the key with this number is to vote for `account`, in place of `replaces`.
#[expect(clippy::arithmetic_side_effects, reason = "scalars are counted modulo the group's order")]
pub(super) fn proof(
    number: u8,
    (chain, account): (Hash, AccountId),
    replaces: Option<AuthorityKey>,
) -> AuthoritySignature {
    let claim = AuthorityKey::claim(chain, &account, replaces);
    let message = AuthorityKey::claim_bytes(claim);
    let hash = |parts: &[&[u8]]| Scalar::from_hash(Sha512::new().chain_update(parts.concat()));
    let nonce = hash(&[&[number], &message]);
    let commitment = (&nonce * ED25519_BASEPOINT_TABLE).compress().to_bytes();
    let challenge = hash(&[&commitment, &voter(number).0, &message]);
    let scalar = (nonce + challenge * secret(number)).to_bytes();
    AuthoritySignature([commitment, scalar].concat().try_into().expect("two halves of 32 bytes"))
}

fn secret(number: u8) -> Scalar {
    Scalar::from(u64::from(number).saturating_add(8))
}
