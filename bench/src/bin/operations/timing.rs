//! How long an operation takes: the median and the best of several runs on the same input.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Runs of each operation.
const RUNS: usize = 11;

/// The time of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timing {
    /// As `apply_block/transactions=1000`.
    name: String,
    /// Items in a run: signatures, transactions, keys.
    items: u32,
    /// What the runs took, in rising order.
    runs: Vec<Duration>,
}

impl Timing {
    /// Times `run` over `items` items, after one run that warms up.
    pub(crate) fn measure<R>(name: &str, items: u32, mut run: impl FnMut() -> R) -> Self {
        black_box(run());
        let mut runs: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let began = Instant::now();
                black_box(run());
                began.elapsed()
            })
            .collect();
        runs.sort_unstable();
        Self { name: name.to_owned(), items, runs }
    }

    /// Items a second, in the median run.
    pub(crate) fn rate(&self) -> f64 {
        1.0 / self.seconds(RUNS / 2)
    }

    /// The names of the columns.
    pub(crate) fn head() -> String {
        format!(
            "{:<44}{:>12}{:>12}{:>12}{:>14}",
            "operation", "median µs", "best µs", "items/s", "verifications"
        )
    }

    /// What an item costs, in microseconds and in verifications of `reference`.
    pub(crate) fn row(&self, reference: &Self) -> String {
        let (median, best) = (self.seconds(RUNS / 2), self.seconds(0));
        format!(
            "{:<44}{:>12.2}{:>12.2}{:>12.0}{:>14.4}",
            self.name,
            median * 1e6,
            best * 1e6,
            self.rate(),
            median * reference.rate()
        )
    }

    /// What an item took in the run of this rank, in seconds.
    fn seconds(&self, rank: usize) -> f64 {
        self.runs.get(rank).map_or(0.0, |run| run.as_secs_f64() / f64::from(self.items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_costs_its_part_of_a_run() {
        let of = |millis| Timing {
            name: "wait/items=10".to_owned(),
            items: 10,
            runs: vec![Duration::from_millis(millis); RUNS],
        };
        assert_eq!(of(20).rate().round(), 500.0);
        let row = of(20).row(&of(10));
        let numbers: Vec<&str> = row.split_whitespace().skip(1).collect();
        assert_eq!(numbers, ["2000.00", "2000.00", "500", "2.0000"]);
    }
}
