//! Signed coefficients of 128 bits, and any scalar as two of them.

use k256::{Scalar, U256};

/// What a point is multiplied by: an integer between -2^128 and 2^128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coefficient {
    /// Its distance from zero.
    pub(super) magnitude: u128,
    /// On which side of zero it is.
    pub(super) sign: Sign,
}

/// On which side of zero something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Zero or above.
    Plus,
    /// Below zero.
    Minus,
}

// A short basis of the lattice of all (a, b) with a + b·λ = 0 modulo the group's order: (A1, -B1) and
// (A2, A1); and round(2^384 · A1 / order), round(2^384 · B1 / order).
const A1: U256 =
    U256::from_be_hex("000000000000000000000000000000003086d221a7d46bcde86c90e49284eb15");
const B1: U256 =
    U256::from_be_hex("00000000000000000000000000000000e4437ed6010e88286f547fa90abfe4c3");
const A2: U256 =
    U256::from_be_hex("0000000000000000000000000000000114ca50f7a8e2f3f657c1108d9d44cfd8");
const G1: U256 =
    U256::from_be_hex("3086d221a7d46bcde86c90e49284eb153daa8a1471e8ca7fe893209a45dbb031");
const G2: U256 =
    U256::from_be_hex("e4437ed6010e88286f547fa90abfe4c4221208ac9df506c61571b4ae8ac47f71");

/// Two coefficients `a`, `b` with `a + b·λ = scalar` modulo the group's order, where λ is what the curve's
/// endomorphism multiplies by.
///
/// (scalar, 0) less the nearest point of the lattice is short: |a| < (A1 + A2 + 1) / 2 and |b| < (A1 + B1) / 2 + 1,
/// both below 2^128.
pub(super) fn halves(scalar: &Scalar) -> [Coefficient; 2] {
    let scalar = U256::from(scalar);
    let (c1, c2) = (nearest(&scalar, &G1), nearest(&scalar, &G2));
    let a = scalar.wrapping_sub(&c1.wrapping_mul(&A1)).wrapping_sub(&c2.wrapping_mul(&A2));
    let b = c1.wrapping_mul(&B1).wrapping_sub(&c2.wrapping_mul(&A1));
    [signed(&a), signed(&b)]
}

/// `scalar` times `fraction` / 2^384, to the nearest integer.
fn nearest(scalar: &U256, fraction: &U256) -> U256 {
    let (_, high) = scalar.widening_mul(fraction);
    let down = high.shr_vartime(128);
    let half = high.shr_vartime(127).bitand(&U256::ONE);
    down.wrapping_add(&half)
}

/// Reads a two's complement.
fn signed(number: &U256) -> Coefficient {
    let negative = number.bit_vartime(255);
    let (magnitude, sign) =
        if negative { (number.wrapping_neg(), Sign::Minus) } else { (*number, Sign::Plus) };
    let [low, high, zero, nought] = magnitude.to_words().map(u128::from);
    assert!(zero == 0 && nought == 0, "halves of a scalar are short");
    Coefficient { magnitude: high << 64 | low, sign }
}

#[cfg(test)]
mod tests {
    use k256::elliptic_curve::scalar::FromUintUnchecked;
    use k256::elliptic_curve::{Field, PrimeField};

    use super::*;

    /// What the curve's endomorphism multiplies by.
    fn lambda() -> Scalar {
        let text = "37718080363155996902926221483475020450927657555482586988616620542887997980018";
        Scalar::from_str_vartime(text).unwrap()
    }

    fn value(coefficient: Coefficient) -> Scalar {
        let magnitude = Scalar::from(coefficient.magnitude);
        if coefficient.sign == Sign::Minus { -magnitude } else { magnitude }
    }

    #[test]
    fn halves_make_the_scalar() {
        let mut scalars = vec![Scalar::ZERO, lambda(), lambda() * lambda()];
        let mut power = Scalar::ONE;
        for _ in 0..256 {
            scalars.extend([power, power - Scalar::ONE, -power, power * lambda()]);
            power = power.double();
        }
        // The corners of the lattice's cells, where halves are longest.
        let basis = [A1, B1, A2, G1, G2].map(Scalar::from_uint_unchecked);
        for one in basis {
            for other in basis {
                scalars.extend([
                    one * other,
                    one + other * lambda(),
                    (one + other) * Scalar::TWO_INV,
                ]);
            }
        }
        let mut next = lambda();
        for _ in 0..2_000 {
            next = next * next + Scalar::ONE;
            scalars.push(next);
        }
        for scalar in scalars {
            let [one, other] = halves(&scalar);
            assert_eq!(value(one) + value(other) * lambda(), scalar);
        }
    }
}
