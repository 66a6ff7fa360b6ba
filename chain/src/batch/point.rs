//! Points of the curve in affine coordinates; infinity is `None` wherever it can occur.

use k256::AffinePoint;
use k256::elliptic_curve::point::AffineCoordinates;

use super::field::Field;

/// A cube root of one: (βx, y) is λ times (x, y).
const BETA: [u8; 32] = [
    0x7a, 0xe9, 0x6a, 0x2b, 0x65, 0x7c, 0x07, 0x10, 0x6e, 0x64, 0x47, 0x9e, 0xac, 0x34, 0x34, 0xe9,
    0x9c, 0xf0, 0x49, 0x75, 0x12, 0xf5, 0x89, 0x95, 0xc1, 0x39, 0x6c, 0x28, 0x71, 0x95, 0x01, 0xee,
];

/// Square roots taken in step: one alone waits for its own products, several keep the multiplier busy.
const LANES: usize = 4;

/// A point that is not infinity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    x: Field,
    y: Field,
}

/// The line through two points that are to be added.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line {
    /// Through two points with different x.
    Chord,
    /// Through a point that is added to itself.
    Tangent,
}

impl Point {
    /// The generator of the group.
    pub(super) fn generator() -> Self {
        let x = Field::from_bytes(&AffinePoint::GENERATOR.x().into()).expect("it is a coordinate");
        lift(&[x]).pop().flatten().expect("the generator is on the curve, with an even y")
    }

    /// The point with the same x and the other y.
    #[inline]
    pub(super) fn negated(&self) -> Self {
        Self { x: self.x, y: Field::ZERO.minus(self.y) }
    }

    /// λ times the point.
    pub(super) fn endomorphism(&self) -> Self {
        let beta = Field::from_bytes(&BETA).expect("β is below the modulus");
        Self { x: self.x.times(beta), y: self.y }
    }

    /// The line through this point and another, and what its slope is divided by, which is not zero; `None`
    /// when it is vertical, and their sum infinity.
    #[inline]
    pub(super) fn line(&self, other: &Self) -> Option<(Line, Field)> {
        let run = other.x.minus(self.x);
        if !run.is_zero() {
            return Some((Line::Chord, run));
        }
        // No point of this curve has y = 0, so the tangent of a point is never vertical.
        let equal = other.y.minus(self.y).is_zero();
        equal.then(|| (Line::Tangent, self.y.plus(self.y)))
    }

    /// The sum with a point joined to this one by such a line, given the inverse of what its slope is
    /// divided by.
    #[inline]
    pub(super) fn plus(&self, other: &Self, line: Line, inverse: Field) -> Self {
        let rise = match line {
            Line::Chord => other.y.minus(self.y),
            Line::Tangent => self.x.squared().times(Field::small(3)),
        };
        let slope = rise.times(inverse);
        let x = slope.squared().minus(self.x).minus(other.x);
        let y = slope.times(self.x.minus(x)).minus(self.y);
        Self { x, y }
    }

    /// The point as k256 knows it.
    pub(super) fn to_affine(self) -> AffinePoint {
        AffinePoint::from_coordinates(&self.x.to_bytes().into(), &self.y.to_bytes().into())
            .into_option()
            .expect("sums of points of the curve are on it")
    }
}

/// The points with these x and an even y; `None` where the curve has none.
pub(super) fn lift(xs: &[Field]) -> Vec<Option<Point>> {
    let mut points = Vec::with_capacity(xs.len());
    for lanes in xs.chunks(LANES) {
        let mut cubes = [Field::ONE; LANES];
        for (cube, x) in cubes.iter_mut().zip(lanes) {
            *cube = x.squared().times(*x).plus(Field::small(7));
        }
        for ((x, cube), root) in lanes.iter().zip(cubes).zip(candidate_roots(&cubes)) {
            let is_root = root.squared().minus(cube).is_zero();
            let y = if root.is_odd() { Field::ZERO.minus(root) } else { root };
            points.push(is_root.then_some(Point { x: *x, y }));
        }
    }
    points
}

/// The square roots of those numbers that have one; of the others, something else.
///
/// p is 3 modulo 4, so a root of `a` is `a` to the power of (p + 1) / 4. In binary this exponent has runs of
/// 223, 22 and 2 ones; `ones_n` is `a` to the power of n ones.
fn candidate_roots(squares: &[Field; LANES]) -> [Field; LANES] {
    let ones_2 = raised(squares, 1, squares);
    let ones_3 = raised(&ones_2, 1, squares);
    let ones_6 = raised(&ones_3, 3, &ones_3);
    let ones_9 = raised(&ones_6, 3, &ones_3);
    let ones_11 = raised(&ones_9, 2, &ones_2);
    let ones_22 = raised(&ones_11, 11, &ones_11);
    let ones_44 = raised(&ones_22, 22, &ones_22);
    let ones_88 = raised(&ones_44, 44, &ones_44);
    let ones_176 = raised(&ones_88, 88, &ones_88);
    let ones_220 = raised(&ones_176, 44, &ones_44);
    let ones_223 = raised(&ones_220, 3, &ones_3);
    let upper = raised(&ones_223, 23, &ones_22);
    raised(&upper, 6, &ones_2).map(|lane| lane.squared().squared())
}

/// Squares each base so often, then multiplies it by its factor.
fn raised(bases: &[Field; LANES], squarings: u32, factors: &[Field; LANES]) -> [Field; LANES] {
    let mut lanes = *bases;
    for _ in 0..squarings {
        for lane in &mut lanes {
            *lane = lane.squared();
        }
    }
    for (lane, factor) in lanes.iter_mut().zip(factors) {
        *lane = lane.times(*factor);
    }
    lanes
}
