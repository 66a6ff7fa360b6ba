//! The verdicts are those of k256 on each claim, whatever the claims.

use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{FieldBytes, ProjectivePoint, Scalar};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::keys::SecretKey;

/// What a batch answers when all of it holds.
const NONE: [usize; 0] = [];
/// The order of the group, and the modulus of the coordinates.
const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const MODULUS: &str = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";

fn bytes(hex: &str) -> [u8; 32] {
    Hash::from_hex(hex).unwrap().0
}

fn message(number: usize) -> Hash {
    Hash([number.to_le_bytes(); 4].concat().try_into().unwrap())
}

/// A claim that holds, by a key and a nonce of which nothing else is known.
fn honest(number: usize) -> Claim {
    let mut secret = [7; 32];
    secret[..8].copy_from_slice(&number.to_be_bytes());
    let (key, message) = (SecretKey::from_bytes(&secret).unwrap(), message(number));
    Claim { key: key.public_key(), message, signature: key.sign(&message) }
}

fn honest_to(count: usize) -> Vec<Claim> {
    (0..count).map(honest).collect()
}

/// A claim that holds, by a key and a nonce that are chosen, so that points meet.
fn chosen(key: Scalar, nonce: Scalar, message: Hash) -> Claim {
    let (key, x) = even(key);
    let (nonce, r) = even(nonce);
    let tag = Sha256::digest(b"BIP0340/challenge");
    let hasher = Sha256::new().chain_update(tag).chain_update(tag);
    let digest = hasher.chain_update(r).chain_update(x).chain_update(message.0).finalize();
    let e = Scalar::reduce(&FieldBytes::from(<[u8; 32]>::from(digest)));
    with(Claim { key: PublicKey(x), message, signature: Signature([0; 64]) }, r, nonce + e * key)
}

/// The scalar or its negative, whichever gives a point with an even y, and that point's x.
fn even(scalar: Scalar) -> (Scalar, [u8; 32]) {
    let point = (ProjectivePoint::GENERATOR * scalar).to_affine();
    let scalar = if bool::from(point.y_is_odd()) { -scalar } else { scalar };
    (scalar, point.x().into())
}

/// The claim with this signature.
fn with(claim: Claim, r: [u8; 32], s: Scalar) -> Claim {
    let signature = [r, s.to_bytes().into()].concat();
    Claim { signature: Signature(signature.try_into().unwrap()), ..claim }
}

fn halves_of(claim: &Claim) -> ([u8; 32], Scalar) {
    let [r, s] = claim.signature.0.as_chunks().0 else { panic!("two halves") };
    (*r, Scalar::reduce(&FieldBytes::from(*s)))
}

/// Compares the batch with k256, and says what fails.
fn check(claims: &[Claim]) -> Vec<usize> {
    let alone = |(position, claim): (usize, &Claim)| claim.verify().is_err().then_some(position);
    let failed: Vec<usize> = claims.iter().enumerate().filter_map(alone).collect();
    assert_eq!(verify(claims), failed);
    failed
}

/// Claims that do not hold, each wrong in its own way.
fn wrong(claim: Claim) -> Vec<Claim> {
    let (r, s) = halves_of(&claim);
    let flipped = |mut bytes: [u8; 32]| {
        bytes[31] ^= 1;
        bytes
    };
    let raw = |r: [u8; 32], s: [u8; 32]| Claim {
        signature: Signature([r, s].concat().try_into().unwrap()),
        ..claim
    };
    let s_bytes: [u8; 32] = s.to_bytes().into();
    let key = |key| Claim { key: PublicKey(key), ..claim };
    let mut claims = vec![
        Claim { message: Hash(flipped(claim.message.0)), ..claim },
        key(honest(9_999).key.0),
        key(flipped(claim.key.0)),
        key([0; 32]),
        key(bytes(MODULUS)),
        key([0xff; 32]),
        raw([0; 32], s_bytes),
        raw(flipped(r), s_bytes),
        raw(bytes(MODULUS), s_bytes),
        raw([0xff; 32], s_bytes),
        raw(r, [0; 32]),
        raw(r, bytes(ORDER)),
        raw(r, [0xff; 32]),
        raw([0; 32], [0; 32]),
        with(claim, r, -s),
        with(claim, r, s + Scalar::ONE),
        with(claim, claim.key.0, s),
    ];
    claims.extend((0..4).map(|number| key(message(number).0)));
    claims
}

#[test]
fn vectors_of_bip_340_get_their_verdicts() {
    let table = include_str!("../../../tests/vectors/bip340.csv");
    let (mut valid, mut invalid) = (Vec::new(), Vec::new());
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let [_, key, message, signature, verdict] = columns[..] else { panic!("{line}") };
        let signature = [&signature[..64], &signature[64..]].map(bytes).concat();
        let (key, message) = (PublicKey(bytes(key)), Hash(bytes(message)));
        let claim = Claim { key, message, signature: Signature(signature.try_into().unwrap()) };
        if verdict == "TRUE" { valid.push(claim) } else { invalid.push(claim) }
    }
    assert_eq!((valid.len(), invalid.len()), (5, 10));
    assert_eq!(check(&[valid.clone(), honest_to(20)].concat()), NONE);
    assert_eq!(check(&invalid), (0..10).collect::<Vec<usize>>());
    for claim in invalid {
        let mut claims = honest_to(20);
        claims.insert(7, claim);
        assert_eq!(check(&claims), [7]);
    }
}

#[test]
fn batches_of_any_size_hold_but_for_what_is_wrong() {
    let claims = honest_to(BATCH_MAX + 9);
    for size in [0, 1, 2, 3, 4, 5, 7, 8, 9, 255, 256, BATCH_MAX, BATCH_MAX + 1, BATCH_MAX + 9] {
        let mut claims = claims[..size].to_vec();
        assert_eq!(verify(&claims), NONE, "{size}");
        for wrong in [0, size / 2, size.saturating_sub(1)] {
            let Some(claim) = claims.get_mut(wrong) else { continue };
            claim.message.0[31] ^= 0x80;
            assert_eq!(verify(&claims), [wrong], "{size}");
            claims[wrong].message.0[31] ^= 0x80;
        }
    }
}

/// Verdicts alone would not tell: what no sum settles is settled one by one.
#[test]
fn sums_hold_when_all_claims_do() {
    for size in [1, 2, 5, 33, 256] {
        let mut claims = honest_to(size);
        assert!(hold(&equations(&claims)), "{size}");
        claims[size / 2].message.0[0] ^= 1;
        assert!(!hold(&equations(&claims)), "{size}");
    }
}

#[test]
fn whatever_is_wrong_is_found_at_every_position() {
    for position in 0..9 {
        for claim in wrong(honest(position)) {
            let mut claims = honest_to(9);
            claims[position] = claim;
            assert_eq!(check(&claims), [position], "{claim:?}");
        }
    }
}

#[test]
fn many_wrong_claims_are_each_found() {
    let mut claims = honest_to(200);
    for (position, claim) in claims.iter_mut().enumerate() {
        let ways = wrong(*claim);
        if position % 3 == 0 || (64..96).contains(&position) {
            *claim = ways[position % ways.len()];
        }
    }
    assert_eq!(check(&claims).len(), 67 + 22);
    let all: Vec<Claim> = honest_to(10).into_iter().flat_map(wrong).take(200).collect();
    assert_eq!(check(&all).len(), 200);
}

/// Sums that are right although their parts are wrong: what only weights tell, and only weights that
/// differ, that follow no pattern, and that depend on what is signed with.
#[test]
fn errors_that_cancel_are_found() {
    let mut claims = honest_to(12);
    // In the order in which weights are drawn.
    claims.sort_unstable_by_key(|claim| claim.key);
    let weights: Vec<Scalar> = weight::weights(claims.iter()).take(12).map(Scalar::from).collect();
    let small = |number: u64| Scalar::from(number);
    let errors = [
        (small(1), -small(1)),
        (small(1), small(1)),
        (small(2), -small(1)),
        (small(10), -small(3)),
        (weights[9], -weights[2]),
    ];
    for (one, other) in errors {
        let mut claims = claims.clone();
        for (position, error) in [(2, one), (9, other)] {
            let (r, s) = halves_of(&claims[position]);
            claims[position] = with(claims[position], r, s + error);
        }
        assert_eq!(check(&claims), [2, 9]);
    }
}

#[test]
fn signatures_swapped_between_equal_nonces_are_found() {
    let pair =
        [1, 2].map(|number| chosen(Scalar::from(77_u64), Scalar::from(99_u64), message(number)));
    let [one, other] = pair.map(|claim| halves_of(&claim));
    assert_eq!(one.0, other.0);
    let mut claims = honest_to(10);
    claims.extend(pair);
    assert_eq!(check(&claims), NONE);
    claims[10] = with(pair[0], one.0, other.1);
    claims[11] = with(pair[1], other.0, one.1);
    assert_eq!(check(&claims), [10, 11]);
}

#[test]
fn equal_keys_and_equal_claims_count_each() {
    let key = SecretKey::from_bytes(&[5; 32]).unwrap();
    let of_one_key = |number| {
        let message = message(number);
        Claim { key: key.public_key(), message, signature: key.sign(&message) }
    };
    for count in [5, 64, 300] {
        let mut claims: Vec<Claim> = (0..count).map(of_one_key).collect();
        assert_eq!(check(&claims), NONE);
        claims[count / 2].message = message(count);
        assert_eq!(check(&claims), [count / 2]);

        let mut claims = vec![honest(1); count];
        assert_eq!(check(&claims), NONE);
        claims[count - 1].signature.0[40] ^= 1;
        assert_eq!(check(&claims), [count - 1]);
    }
}

/// Keys and nonces that are small multiples of the generator, and of λ: their sums are equal, opposite or
/// infinity again and again.
#[test]
fn points_that_meet_do_not_change_verdicts() {
    let lambda = "37718080363155996902926221483475020450927657555482586988616620542887997980018";
    let lambda = Scalar::from_str_vartime(lambda).unwrap();
    for (count, factor) in [(40, Scalar::ONE), (40, lambda), (200, -lambda)] {
        let scalar = |number: usize| Scalar::from(u64::try_from(number).unwrap() + 1) * factor;
        let mut claims: Vec<Claim> = (0..count)
            .map(|number| chosen(scalar(number % 3), scalar(number % 7), message(number)))
            .collect();
        assert_eq!(check(&claims), NONE);
        claims[3].message = message(count);
        assert_eq!(check(&claims), [3]);
    }
}

/// A nonce that is its key's point or the opposite: their sum, or the sum's half, is infinity.
#[test]
fn nonces_equal_to_keys_do_not_change_verdicts() {
    let scalar = |number: usize| Scalar::from(u64::try_from(number).unwrap() + 1_000);
    let mut claims: Vec<Claim> =
        (0..30).map(|number| chosen(scalar(number), -scalar(number), message(number))).collect();
    assert_eq!(check(&claims), NONE);
    let (r, s) = halves_of(&claims[17]);
    claims[17] = with(claims[17], r, -s);
    assert_eq!(check(&claims), [17]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Any mixture: honest, chosen and repeated claims, and some of each made wrong.
    #[test]
    fn any_mixture_gets_the_verdicts_of_k256(
        parts in prop::collection::vec((0..4_u8, 0..12_usize, 0..12_usize, 0..120_usize), 0..60)
    ) {
        let mut claims: Vec<Claim> = Vec::new();
        for (kind, one, other, way) in parts {
            let scalar = |number: usize| Scalar::from(u64::try_from(number).unwrap() + 1);
            let claim = match kind {
                0 => honest(one),
                1 => chosen(scalar(one), scalar(other), message(one)),
                2 => chosen(scalar(one), scalar(other).invert().unwrap(), message(other)),
                _ => claims.get(one).copied().unwrap_or_else(|| honest(other)),
            };
            claims.push(wrong(claim).get(way).copied().unwrap_or(claim));
        }
        check(&claims);
    }
}
