//! Coordinates: integers modulo p = 2^256 - 2^32 - 977.
//!
//! A coordinate is any integer below 2^256 that is congruent to it; only bytes and questions about its value
//! see the one below p. As 2^256 is congruent to [`FOLD`], what is carried out of 256 bits comes back in as
//! so many times `FOLD`. Time depends on values: everything here is public.

use k256::Secp256k1;
use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::hazmat::FieldArithmetic;
use k256::elliptic_curve::ops::Invert;

/// 2^256 modulo p.
const FOLD: u64 = (1 << 32) + 977;

/// An integer modulo p, in four words, the lowest first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field([u64; 4]);

impl Field {
    /// Zero.
    pub(super) const ZERO: Self = Self::small(0);

    /// One.
    pub(super) const ONE: Self = Self::small(1);

    /// A small number.
    pub(super) const fn small(number: u64) -> Self {
        Self([number, 0, 0, 0])
    }

    /// The coordinate with these bytes, the highest first; `None` when they are not below p.
    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().rev().zip(bytes.as_chunks().0) {
            *word = u64::from_be_bytes(*bytes);
        }
        let (_, beyond) = plus_word(words, FOLD);
        (!beyond).then_some(Self(words))
    }

    /// The coordinate's bytes, the highest first.
    pub(super) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (to, word) in bytes.as_chunks_mut().0.iter_mut().rev().zip(self.least()) {
            *to = word.to_be_bytes();
        }
        bytes
    }

    /// True when it is zero.
    #[inline]
    pub(super) fn is_zero(self) -> bool {
        self.least() == [0; 4]
    }

    /// True when the integer below p is odd.
    pub(super) fn is_odd(self) -> bool {
        let [low, ..] = self.least();
        low & 1 == 1
    }

    /// The sum of both.
    #[inline(always)]
    pub(super) fn plus(self, other: Self) -> Self {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, other.0);
        let (r0, carry) = a0.overflowing_add(b0);
        let (r1, carry) = a1.carrying_add(b1, carry);
        let (r2, carry) = a2.carrying_add(b2, carry);
        let (r3, carry) = a3.carrying_add(b3, carry);
        let ([r0, r1, r2, r3], carry) = plus_word([r0, r1, r2, r3], folded(carry));
        // What is carried now leaves less than FOLD.
        Self([r0.wrapping_add(folded(carry)), r1, r2, r3])
    }

    /// This less the other.
    #[inline(always)]
    pub(super) fn minus(self, other: Self) -> Self {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, other.0);
        let (r0, borrow) = a0.overflowing_sub(b0);
        let (r1, borrow) = a1.borrowing_sub(b1, borrow);
        let (r2, borrow) = a2.borrowing_sub(b2, borrow);
        let (r3, borrow) = a3.borrowing_sub(b3, borrow);
        let (r0, borrow) = r0.overflowing_sub(folded(borrow));
        let (r1, borrow) = r1.borrowing_sub(0, borrow);
        let (r2, borrow) = r2.borrowing_sub(0, borrow);
        let (r3, borrow) = r3.borrowing_sub(0, borrow);
        // What is borrowed now leaves at least 2^256 - FOLD.
        Self([r0.wrapping_sub(folded(borrow)), r1, r2, r3])
    }

    /// The product of both.
    #[inline(always)]
    pub(super) fn times(self, other: Self) -> Self {
        let ([a0, a1, a2, a3], b) = (self.0, other.0);
        let (p0, row) = row(a0, b, [0; 4]);
        let (p1, row) = self::row(a1, b, row);
        let (p2, row) = self::row(a2, b, row);
        let (p3, high) = self::row(a3, b, row);
        reduced([p0, p1, p2, p3], high)
    }

    /// The square.
    #[inline(always)]
    pub(super) fn squared(self) -> Self {
        let [a0, a1, a2, a3] = self.0;
        // Products of different words count twice.
        let (p1, carry) = a0.carrying_mul(a1, 0);
        let (p2, carry) = a0.carrying_mul(a2, carry);
        let (p3, p4) = a0.carrying_mul(a3, carry);
        let (p3, carry) = a1.carrying_mul(a2, p3);
        let (p4, p5) = a1.carrying_mul_add(a3, p4, carry);
        let (p5, p6) = a2.carrying_mul(a3, p5);
        let twice = |word: u64, below: u64| word << 1 | below >> 63;
        // Products of words with themselves count once.
        let (q0, q1) = a0.carrying_mul(a0, 0);
        let (q2, q3) = a1.carrying_mul(a1, 0);
        let (q4, q5) = a2.carrying_mul(a2, 0);
        let (q6, q7) = a3.carrying_mul(a3, 0);
        let (r1, carry) = q1.overflowing_add(twice(p1, 0));
        let (r2, carry) = q2.carrying_add(twice(p2, p1), carry);
        let (r3, carry) = q3.carrying_add(twice(p3, p2), carry);
        let (r4, carry) = q4.carrying_add(twice(p4, p3), carry);
        let (r5, carry) = q5.carrying_add(twice(p5, p4), carry);
        let (r6, carry) = q6.carrying_add(twice(p6, p5), carry);
        // A square of 256 bits has 512: nothing is carried out of the last word.
        let (r7, _) = q7.carrying_add(twice(0, p6), carry);
        reduced([q0, r1, r2, r3], [r4, r5, r6, r7])
    }

    /// The number whose product with this one is one; `None` for zero. By k256.
    pub(super) fn inverse(self) -> Option<Self> {
        type Element = <Secp256k1 as FieldArithmetic>::FieldElement;
        let element = Element::from_repr(self.to_bytes().into()).into_option()?;
        let inverse = Invert::invert_vartime(&element).into_option()?;
        Self::from_bytes(&inverse.to_repr().into())
    }

    /// The words of the integer below p.
    #[inline(always)]
    fn least(self) -> [u64; 4] {
        let (less, beyond) = plus_word(self.0, FOLD);
        if beyond { less } else { self.0 }
    }
}

/// `FOLD` if something was carried or borrowed, else nothing.
#[inline(always)]
fn folded(carry: bool) -> u64 {
    if carry { FOLD } else { 0 }
}

/// The sum of an integer and a word, and whether it is beyond 256 bits.
#[inline(always)]
fn plus_word([a0, a1, a2, a3]: [u64; 4], word: u64) -> ([u64; 4], bool) {
    let (a0, carry) = a0.overflowing_add(word);
    let (a1, carry) = a1.overflowing_add(u64::from(carry));
    let (a2, carry) = a2.overflowing_add(u64::from(carry));
    let (a3, carry) = a3.overflowing_add(u64::from(carry));
    ([a0, a1, a2, a3], carry)
}

/// `word` times `b` plus `sum`: the lowest word, and the rest.
#[inline(always)]
fn row(word: u64, [b0, b1, b2, b3]: [u64; 4], [s0, s1, s2, s3]: [u64; 4]) -> (u64, [u64; 4]) {
    let (r0, carry) = word.carrying_mul(b0, s0);
    let (r1, carry) = word.carrying_mul_add(b1, s1, carry);
    let (r2, carry) = word.carrying_mul_add(b2, s2, carry);
    let (r3, r4) = word.carrying_mul_add(b3, s3, carry);
    (r0, [r1, r2, r3, r4])
}

/// `low` plus 2^256 times `high`, modulo p.
#[inline(always)]
fn reduced(low: [u64; 4], high: [u64; 4]) -> Field {
    let [l0, l1, l2, l3] = low;
    let [h0, h1, h2, h3] = high;
    let (r0, carry) = h0.carrying_mul(FOLD, l0);
    let (r1, carry) = h1.carrying_mul_add(FOLD, l1, carry);
    let (r2, carry) = h2.carrying_mul_add(FOLD, l2, carry);
    let (r3, carry) = h3.carrying_mul_add(FOLD, l3, carry);
    // At most FOLD is carried; so what is folded in next is at most FOLD², less than 2^65.
    let (r0, carry) = carry.carrying_mul(FOLD, r0);
    let (r1, carry) = r1.overflowing_add(carry);
    let (r2, carry) = r2.overflowing_add(u64::from(carry));
    let (r3, carry) = r3.overflowing_add(u64::from(carry));
    // What is carried now leaves less than 2^65: the last fold ends in the second word.
    let (r0, carry) = r0.overflowing_add(folded(carry));
    Field([r0, r1.wrapping_add(u64::from(carry)), r2, r3])
}

#[cfg(test)]
mod tests {
    use k256::elliptic_curve::PrimeField;

    use super::*;

    type Element = <Secp256k1 as FieldArithmetic>::FieldElement;

    /// Words at which something is carried, or nearly.
    const WORDS: [u64; 5] = [0, 1, FOLD, u64::MAX - FOLD + 1, u64::MAX];

    /// Integers of four such words each, those from p up included.
    fn edges() -> Vec<Field> {
        let mut fields = vec![[0; 4]];
        for place in 0..4 {
            fields = fields
                .iter()
                .flat_map(|words| {
                    WORDS.map(|word| {
                        let mut words = *words;
                        words[place] = word;
                        words
                    })
                })
                .collect();
        }
        fields.into_iter().map(Field).collect()
    }

    /// The same number, by k256.
    fn element(field: Field) -> Element {
        let word = Element::from_u64(1 << 32).square();
        let horner =
            |sum: Element, digit: &u64| (sum * word + Element::from_u64(*digit)).normalize();
        field.0.iter().rev().fold(Element::ZERO, horner)
    }

    fn assert_is(field: Field, expected: Element) {
        assert_eq!(field.to_bytes()[..], expected.to_bytes()[..], "{field:?}");
    }

    #[test]
    fn sums_differences_and_products_are_those_of_k256() {
        let edges: Vec<(Field, Element)> =
            edges().into_iter().map(|field| (field, element(field))).collect();
        for (a, k) in &edges {
            for (b, l) in &edges {
                assert_is(a.plus(*b), *k + l);
                assert_is(a.minus(*b), *k + l.negate(1));
                assert_is(a.times(*b), k.mul(l));
            }
            assert_is(a.squared(), k.square());
        }
    }

    #[test]
    fn wide_products_are_reduced() {
        let fold = Element::from_u64(FOLD);
        for high in edges() {
            for low in edges() {
                let expected = element(high).mul(&fold) + element(low);
                assert_is(reduced(low.0, high.0), expected);
            }
        }
    }

    /// The integers below 2^256 just above and below which the second fold carries out of the first word.
    #[test]
    fn the_last_carry_reaches_the_second_word() {
        let fold = Element::from_u64(FOLD);
        let high = [u64::MAX; 4];
        let beyond = u128::from(FOLD) * u128::from(FOLD) - u128::from(FOLD) - (1 << 64);
        for less in [beyond - 1, beyond, beyond + 1, beyond + 2, beyond + u128::from(FOLD)] {
            let low = [u64::try_from(less).unwrap().wrapping_neg(), u64::MAX, u64::MAX, u64::MAX];
            let expected = element(Field(high)).mul(&fold) + element(Field(low));
            assert_is(reduced(low, high), expected);
        }
    }

    #[test]
    fn bytes_below_the_modulus_alone_are_coordinates() {
        for field in edges() {
            let bytes: Vec<u8> = field.0.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
            let bytes: [u8; 32] = bytes.try_into().unwrap();
            let expected = Element::from_repr(bytes.into()).into_option();
            let read = Field::from_bytes(&bytes);
            assert_eq!(read.map(|field| field.0), expected.map(|_| field.0), "{field:?}");
            assert_eq!(read.map(Field::to_bytes), expected.map(|_| bytes), "{field:?}");
        }
    }

    #[test]
    fn zero_odd_and_inverse_are_those_of_k256() {
        for field in edges() {
            let expected = element(field).normalize();
            assert_eq!(field.is_zero(), bool::from(expected.is_zero()), "{field:?}");
            assert_eq!(field.is_odd(), bool::from(expected.is_odd()), "{field:?}");
            match field.inverse() {
                Some(inverse) => assert_is(inverse.times(field), Element::ONE),
                None => assert!(field.is_zero(), "{field:?}"),
            }
        }
    }
}
