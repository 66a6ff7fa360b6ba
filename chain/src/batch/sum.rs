//! Additions of points, many at once: adding two affine points takes one division, and many divisions cost
//! one inversion and three products each.

use super::field::Field;
use super::point::{Line, Point};

/// Additions that share an inversion. It costs as much as 130 products; points of more additions
/// would not stay in the first caches.
const ADDITIONS_MAX: usize = 1_024;

/// One addition: the point at `from` is added to the point at `to`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addition {
    /// Where the sum goes.
    pub(super) to: usize,
    /// What is added.
    pub(super) from: usize,
}

/// Neighbouring points that are to be added up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Where the first is, and then their sum.
    pub(super) start: usize,
    /// How many there are.
    pub(super) length: usize,
}

/// Adds up each run in place: afterwards its sum is where its first point was. Runs do not overlap.
pub(super) fn sum_runs(points: &mut [Option<Point>], mut runs: Vec<Run>) {
    let mut additions = Vec::new();
    loop {
        runs.retain(|run| run.length > 1);
        if runs.is_empty() {
            return;
        }
        additions.clear();
        for run in &mut runs {
            let half = run.length / 2;
            let kept = run.length.saturating_sub(half);
            let low = run.start..run.start.saturating_add(half);
            additions.extend(low.map(|to| Addition { to, from: to.saturating_add(kept) }));
            run.length = kept;
        }
        add(points, &additions);
    }
}

/// Carries out the additions, none of which touches a point of another.
pub(super) fn add(points: &mut [Option<Point>], additions: &[Addition]) {
    for together in additions.chunks(ADDITIONS_MAX) {
        add_together(points, together);
    }
}

/// An addition of two points that a line joins.
struct Step {
    addition: Addition,
    line: Line,
    /// What the slope of the line is divided by.
    run: Field,
    /// The product of the runs of all lines before this one.
    before: Field,
}

fn add_together(points: &mut [Option<Point>], additions: &[Addition]) {
    let mut steps = Vec::with_capacity(additions.len());
    let mut product = Field::ONE;
    for addition in additions {
        let Some(other) = at(points, addition.from) else { continue };
        let Some(one) = at(points, addition.to) else {
            let sum = Some(*other);
            put(points, addition.to, sum);
            continue;
        };
        let Some((line, run)) = one.line(other) else {
            put(points, addition.to, None);
            continue;
        };
        steps.push(Step { addition: *addition, line, run, before: product });
        product = product.times(run);
    }
    let mut inverse = product.inverse().expect("no run is zero");
    for Step { addition, line, run, before } in steps.into_iter().rev() {
        let ends = at(points, addition.to).zip(at(points, addition.from));
        let sum = ends.map(|(one, other)| one.plus(other, line, before.times(inverse)));
        inverse = inverse.times(run);
        put(points, addition.to, sum);
    }
}

fn at(points: &[Option<Point>], index: usize) -> Option<&Point> {
    points.get(index).and_then(Option::as_ref)
}

fn put(points: &mut [Option<Point>], index: usize, point: Option<Point>) {
    if let Some(place) = points.get_mut(index) {
        *place = point;
    }
}
