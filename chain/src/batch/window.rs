//! Windows: the positions at which coefficients are cut into signed digits.
//!
//! A coefficient below 2^128 is the sum of its digits times 2^shift, one digit a window, each at least
//! -2^(bits-1) and at most 2^(bits-1).

/// Bits that all windows have together: a magnitude's 128 and one that a carry may reach.
const BITS: u32 = 129;
/// The widest window: its digits fit an `i16`.
const WINDOW_BITS_MAX: u32 = 13;
/// The narrowest window worth having.
const WINDOW_BITS_MIN: u32 = 4;

/// Where a digit is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The lowest bit of it.
    pub(super) shift: u32,
    /// How many bits it spans.
    pub(super) bits: u32,
}

impl Window {
    /// How many magnitudes its digits have, zero aside.
    pub(super) const fn magnitudes(&self) -> usize {
        1 << self.bits.saturating_sub(1)
    }
}

/// The windows that make the sum of so many products cheapest, from the lowest up.
pub(super) fn windows(terms: usize) -> Vec<Window> {
    let narrowest = BITS.div_ceil(WINDOW_BITS_MIN);
    let count = (BITS.div_ceil(WINDOW_BITS_MAX)..=narrowest)
        .min_by_key(|count| even(*count).map(|window| additions(terms, window)).sum::<usize>())
        .unwrap_or(narrowest);
    even(count).collect()
}

/// So many windows, the lower ones a bit wider when they cannot all be equal.
fn even(count: u32) -> impl Iterator<Item = Window> {
    let mut shift = 0;
    (0..count).map(move |place| {
        let left = count.saturating_sub(place);
        let bits = BITS.saturating_sub(shift).div_ceil(left);
        let window = Window { shift, bits };
        shift = shift.saturating_add(bits);
        window
    })
}

/// About how many additions a window takes.
fn additions(terms: usize, window: Window) -> usize {
    let places = window.magnitudes();
    // Of so many thrown at so many places at random.
    let occupied =
        terms.saturating_mul(places).checked_div(terms.saturating_add(places)).unwrap_or(0);
    terms.saturating_sub(occupied).saturating_add(places.saturating_mul(2))
}

/// The digits of `magnitude`, from the lowest window up.
pub(super) fn digits(magnitude: u128, windows: &[Window]) -> impl Iterator<Item = i16> {
    let mut rest = magnitude;
    let mut carry = 0;
    windows.iter().map(move |window| {
        let [low, high, ..] = rest.to_le_bytes();
        let digits = 1_i16.wrapping_shl(window.bits);
        let digit = i16::from_le_bytes([low, high]) & digits.saturating_sub(1);
        let digit = digit.saturating_add(carry);
        rest = rest.checked_shr(window.bits).unwrap_or(0);
        carry = i16::from(digit > digits / 2);
        if carry == 0 { digit } else { digit.saturating_sub(digits) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_every_bit_once() {
        for terms in [0, 1, 2, 10, 100, 770, 3_074, 100_000] {
            let windows = windows(terms);
            let mut shift = 0;
            for window in &windows {
                assert_eq!(window.shift, shift, "{terms}");
                assert!((WINDOW_BITS_MIN - 1..=WINDOW_BITS_MAX).contains(&window.bits), "{terms}");
                shift += window.bits;
            }
            assert_eq!(shift, BITS, "{terms}");
        }
    }

    #[test]
    fn more_terms_have_fewer_windows() {
        let counts = [8, 48, 768, 3_072].map(|terms| windows(terms).len());
        assert!(counts.is_sorted_by(|few, many| few > many), "{counts:?}");
    }

    #[test]
    fn digits_are_in_their_range_and_add_up() {
        let magnitudes = [0, 1, 2, u128::MAX, u128::MAX - 1, u128::MAX / 2, u128::MAX / 2 + 1];
        let ones = (0..128).map(|bit| u128::MAX >> bit);
        let lone = (0..128).map(|bit| 1 << bit);
        for magnitude in magnitudes.into_iter().chain(ones).chain(lone) {
            for terms in [1, 30, 770, 3_074, 1_000_000] {
                let windows = windows(terms);
                // Modulo 2^128, to which digits that add up to less than it are faithful.
                let mut sum = 0_u128;
                for (digit, window) in digits(magnitude, &windows).zip(&windows) {
                    assert!(usize::from(digit.unsigned_abs()) <= window.magnitudes(), "{digit}");
                    let shifted = i128::from(digit).checked_shl(window.shift).unwrap_or(0);
                    sum = sum.wrapping_add(shifted.cast_unsigned());
                }
                assert_eq!(sum, magnitude, "{terms}");
            }
        }
    }
}
