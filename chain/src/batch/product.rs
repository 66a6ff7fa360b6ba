//! Sums of many points, each multiplied by a coefficient.
//!
//! The bucket method: coefficients are cut into digits; in each window the points with equal digits are added up
//! first, and only these sums, the window's buckets, are multiplied by what the digits stand for.

use k256::ProjectivePoint;

use super::coefficient::{Coefficient, Sign};
use super::point::Point;
use super::sum::{Addition, Run, add, sum_runs};
use super::window::{Window, digits, windows};

/// Points that are put into buckets together. Of fewer, too few additions would share an inversion;
/// more would not stay in the caches.
const POINTS_TOGETHER: usize = 8_192;

/// A point and what it is multiplied by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    /// The point.
    pub(super) point: Point,
    /// What it is multiplied by.
    pub(super) coefficient: Coefficient,
}

/// A window, and where its buckets begin among those of all windows. The bucket of magnitude `m` is the
/// `m - 1`th.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    window: Window,
}

/// The sum of all products.
pub(super) fn sum_of_products(terms: &[Term]) -> ProjectivePoint {
    let windows = windows(terms.len());
    let mut start = 0_usize;
    let spans = windows.iter().map(|window| {
        let span = Span { start, window: *window };
        start = start.saturating_add(window.magnitudes());
        span
    });
    let spans: Vec<Span> = spans.collect();
    let digits = cut(terms, &windows);
    let together = POINTS_TOGETHER.checked_div(terms.len()).unwrap_or(1).max(1);
    let rows = digits.chunks(terms.len().max(1).saturating_mul(together));
    let mut buckets = Vec::with_capacity(start);
    for (spans, digits) in spans.chunks(together).zip(rows) {
        buckets.extend(filled(terms, digits, spans));
    }
    fold(&mut buckets, &spans);
    weigh(&buckets, &spans)
}

/// The digits of all coefficients: a row for each window, in it a digit for each term.
fn cut(terms: &[Term], windows: &[Window]) -> Vec<i16> {
    let mut rows = vec![0; terms.len().saturating_mul(windows.len())];
    for (column, Term { coefficient, .. }) in terms.iter().enumerate() {
        let places = rows.iter_mut().skip(column).step_by(terms.len());
        for (place, digit) in places.zip(digits(coefficient.magnitude, windows)) {
            *place = match coefficient.sign {
                Sign::Plus => digit,
                Sign::Minus => digit.saturating_neg(),
            };
        }
    }
    rows
}

/// The buckets of neighbouring windows, given their rows of digits.
fn filled(terms: &[Term], digits: &[i16], spans: &[Span]) -> Vec<Option<Point>> {
    let first = spans.first().map_or(0, |span| span.start);
    let rows = digits.chunks(terms.len().max(1));
    let places = || {
        spans.iter().zip(rows.clone()).flat_map(move |(span, row)| {
            let start = span.start.saturating_sub(first);
            row.iter().zip(terms).filter(|(digit, _)| **digit != 0).map(move |(digit, term)| {
                let magnitude = usize::from(digit.unsigned_abs());
                (start.saturating_add(magnitude).saturating_sub(1), *digit, &term.point)
            })
        })
    };

    let count = spans.iter().map(|span| span.window.magnitudes()).sum();
    let mut runs = vec![Run { start: 0, length: 0 }; count];
    for (bucket, ..) in places() {
        if let Some(run) = runs.get_mut(bucket) {
            run.length = run.length.saturating_add(1);
        }
    }
    let mut total = 0_usize;
    for run in &mut runs {
        run.start = total;
        total = total.saturating_add(run.length);
        run.length = 0;
    }
    let mut points = vec![None; total];
    for (bucket, digit, point) in places() {
        let Some(run) = runs.get_mut(bucket) else { continue };
        if let Some(place) = points.get_mut(run.start.saturating_add(run.length)) {
            *place = Some(if digit < 0 { point.negated() } else { *point });
        }
        run.length = run.length.saturating_add(1);
    }
    sum_runs(&mut points, runs.clone());
    let sum = |run: Run| points.get(run.start).copied().flatten().filter(|_| run.length > 0);
    runs.into_iter().map(sum).collect()
}

/// Adds the upper half of each window's buckets to the lower half, then the same with the lower half, and
/// so on; then adds up each upper half.
///
/// Afterwards the first bucket of a window holds the sum of all its buckets, and the `2^level`th the sum
/// of those whose place has the bit `2^level`.
fn fold(buckets: &mut [Option<Point>], spans: &[Span]) {
    let deepest = spans.iter().map(Span::levels).max().unwrap_or(0);
    for level in (0..deepest).rev() {
        let half = half(level);
        let additions = spans.iter().filter(|span| level < span.levels()).flat_map(|span| {
            let low = span.start..span.start.saturating_add(half);
            low.map(|to| Addition { to, from: to.saturating_add(half) })
        });
        add(buckets, &additions.collect::<Vec<Addition>>());
    }
    let upper = spans.iter().flat_map(|span| {
        let halves = (0..span.levels()).map(half);
        halves.map(|half| Run { start: span.start.saturating_add(half), length: half })
    });
    sum_runs(buckets, upper.collect());
}

/// The sum of folded buckets, each times its magnitude and the weight of its window.
fn weigh(buckets: &[Option<Point>], spans: &[Span]) -> ProjectivePoint {
    let mut sum = ProjectivePoint::IDENTITY;
    for span in spans.iter().rev() {
        sum = sum.double();
        for level in (0..span.levels()).rev() {
            sum = with(sum.double(), buckets, span.start.saturating_add(half(level)));
        }
        sum = with(sum, buckets, span.start);
    }
    sum
}

#[expect(clippy::arithmetic_side_effects, reason = "points have sums")]
fn with(sum: ProjectivePoint, buckets: &[Option<Point>], index: usize) -> ProjectivePoint {
    let point = buckets.get(index).copied().flatten();
    point.map_or(sum, |point| sum + point.to_affine())
}

/// Half of the buckets that are left at a level.
fn half(level: u32) -> usize {
    1_usize.checked_shl(level).unwrap_or(0)
}

impl Span {
    /// How often its buckets can be halved until one is left.
    const fn levels(&self) -> u32 {
        self.window.bits.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use k256::elliptic_curve::PrimeField;
    use k256::{ProjectivePoint, Scalar};

    use super::super::field::Field;
    use super::super::point::lift;
    use super::*;

    fn coefficient(magnitude: u128, sign: Sign) -> Coefficient {
        Coefficient { magnitude, sign }
    }

    /// What the sum should be, by k256.
    fn expected(terms: &[Term]) -> ProjectivePoint {
        let products = terms.iter().map(|Term { point, coefficient }| {
            let product =
                ProjectivePoint::from(point.to_affine()) * Scalar::from(coefficient.magnitude);
            if coefficient.sign == Sign::Minus { -product } else { product }
        });
        products.sum()
    }

    /// Points with small x, in no relation that is known.
    fn points(count: usize) -> Vec<Point> {
        let xs: Vec<Field> = (1..).map(Field::small).take(3 * count + 3).collect();
        lift(&xs).into_iter().flatten().take(count).collect()
    }

    #[test]
    fn sums_are_those_of_one_by_one() {
        let points = points(300);
        for count in [1, 2, 3, 7, 40, 300] {
            let mut state = 88_172_645_463_325_252_u64;
            let mut random = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                u128::from(state).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            };
            let term = |point: &Point| {
                let sign = if random() & 1 == 0 { Sign::Plus } else { Sign::Minus };
                Term { point: *point, coefficient: coefficient(random(), sign) }
            };
            let terms: Vec<Term> = points[..count].iter().map(term).collect();
            assert_eq!(sum_of_products(&terms), expected(&terms), "{count}");
        }
    }

    #[test]
    fn edges_of_coefficients_are_counted() {
        let magnitudes = (0..128).flat_map(|bit| [1_u128 << bit, (1 << bit) - 1, u128::MAX >> bit]);
        for magnitude in magnitudes {
            let terms = [Sign::Plus, Sign::Minus, Sign::Plus]
                .into_iter()
                .zip(points(3))
                .map(|(sign, point)| Term { point, coefficient: coefficient(magnitude, sign) })
                .collect::<Vec<Term>>();
            assert_eq!(sum_of_products(&terms), expected(&terms), "{magnitude}");
        }
    }

    /// Equal points that double, opposite points that cancel, and points whose sums meet again.
    #[test]
    fn points_that_meet_are_added() {
        let generator = Point::generator();
        let both = [generator, generator.negated(), generator.endomorphism()];
        for count in [2, 3, 8, 33, 200] {
            for magnitude in [0, 1, 2, 5, 1 << 64, u128::MAX] {
                for step in [0, 1, 3] {
                    let terms: Vec<Term> = (0..count)
                        .map(|place| Term {
                            point: both[place * step % both.len()],
                            coefficient: coefficient(
                                magnitude.wrapping_add(place as u128 / 5),
                                if place % 2 == 0 { Sign::Plus } else { Sign::Minus },
                            ),
                        })
                        .collect();
                    assert_eq!(
                        sum_of_products(&terms),
                        expected(&terms),
                        "{count} {magnitude} {step}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_endomorphism_multiplies_by_lambda() {
        let lambda =
            "37718080363155996902926221483475020450927657555482586988616620542887997980018";
        let lambda = Scalar::from_str_vartime(lambda).unwrap();
        for point in points(20) {
            let product = ProjectivePoint::from(point.to_affine()) * lambda;
            assert_eq!(product, ProjectivePoint::from(point.endomorphism().to_affine()));
        }
    }
}
