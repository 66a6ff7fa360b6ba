//! What a claim says of points of the curve: s·G = R + e·P.

use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::{Group, PrimeField};
use k256::{FieldBytes, Scalar};
use sha2::{Digest, Sha256};

use super::Claim;
use super::coefficient::{Coefficient, Sign, halves};
use super::field::Field;
use super::point::{Point, lift};
use super::product::{Term, sum_of_products};
use super::weight::weights;

/// A claim whose key and signature have been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Equation<'a> {
    /// The claim.
    pub(super) claim: &'a Claim,
    /// Its place among the claims it came with.
    pub(super) position: usize,
    /// P, the key.
    key: Point,
    /// R, the first half of the signature.
    nonce: Point,
    /// The second half.
    s: Scalar,
    /// The challenge: a hash of R, P and the message.
    e: Scalar,
}

/// The equations of these claims, those of equal keys together. A claim that has none does not hold: its
/// key or R is no point, or its s is zero or not below the order of the group.
pub(super) fn equations(claims: &[Claim]) -> Vec<Equation<'_>> {
    let mut sorted: Vec<(usize, &Claim)> = claims.iter().enumerate().collect();
    sorted.sort_unstable_by_key(|(position, claim)| (claim.key, *position));
    let challenge = challenge();
    let (mut keys, mut nonces, mut read) = (Vec::new(), Vec::new(), Vec::new());
    for together in sorted.chunk_by(|(_, one), (_, next)| one.key == next.key) {
        let Some(key) = together.first().and_then(|(_, claim)| Field::from_bytes(&claim.key.0))
        else {
            continue;
        };
        for (position, claim) in together {
            let Some((nonce, s)) = numbers(claim) else { continue };
            nonces.push(nonce);
            read.push((keys.len(), *position, *claim, s));
        }
        keys.push(key);
    }
    let (keys, nonces) = (lift(&keys), lift(&nonces));
    let mut equations = Vec::with_capacity(read.len());
    for ((key, position, claim, s), nonce) in read.into_iter().zip(nonces) {
        let key = keys.get(key).copied().flatten();
        let (Some(key), Some(nonce)) = (key, nonce) else { continue };
        let e = challenge_of(&challenge, claim);
        equations.push(Equation { claim, position, key, nonce, s, e });
    }
    equations
}

/// True when all of them hold. Of batches in which some do not, one in 2^128 passes.
///
/// What is checked is that the sum of all R + e·P - s·G, each weighted, is infinity.
pub(super) fn hold(equations: &[Equation<'_>]) -> bool {
    let claims = equations.iter().map(|equation| equation.claim);
    let mut weights = weights(claims);
    let mut terms = Vec::with_capacity(equations.len().saturating_add(1).saturating_mul(3));
    let mut generators = Scalar::ZERO;
    for together in equations.chunk_by(|one, next| one.claim.key == next.claim.key) {
        let mut keys = Scalar::ZERO;
        for (Equation { nonce, s, e, .. }, magnitude) in together.iter().zip(&mut weights) {
            let coefficient = Coefficient { magnitude, sign: Sign::Plus };
            terms.push(Term { point: *nonce, coefficient });
            let weight = Scalar::from(magnitude);
            keys = keys.add(&weight.mul(e));
            generators = generators.add(&weight.mul(s));
        }
        terms.extend(together.first().map(|one| product(&one.key, &keys)).into_iter().flatten());
    }
    terms.extend(product(&Point::generator(), &generators.negate()));
    sum_of_products(&terms).is_identity().into()
}

/// A point times a scalar.
fn product(point: &Point, scalar: &Scalar) -> [Term; 2] {
    let [one, other] = halves(scalar);
    [
        Term { point: *point, coefficient: one },
        Term { point: point.endomorphism(), coefficient: other },
    ]
}

/// The numbers of a signature: R's x, and s.
fn numbers(claim: &Claim) -> Option<(Field, Scalar)> {
    let [r, s] = claim.signature.0.as_chunks().0 else { return None };
    let s = Scalar::from_repr((*s).into()).into_option()?;
    let zero = bool::from(s.is_zero());
    Field::from_bytes(r).filter(|_| !zero).map(|r| (r, s))
}

/// A hasher that has read what BIP-340 begins challenges with.
fn challenge() -> Sha256 {
    let tag = Sha256::digest(b"BIP0340/challenge");
    Sha256::new_with_prefix(tag).chain_update(tag)
}

/// The challenge of a claim.
fn challenge_of(begun: &Sha256, claim: &Claim) -> Scalar {
    let (r, _) = claim.signature.0.split_at(32);
    let hasher = begun.clone().chain_update(r).chain_update(claim.key.0);
    let digest: [u8; 32] = hasher.chain_update(claim.message.0).finalize().into();
    Scalar::reduce(&FieldBytes::from(digest))
}
