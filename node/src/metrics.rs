//! What a node counts and measures of itself: blocks, transactions, what waits, who is around it, its disk and its
//! process. Written in the text format of OpenMetrics.
//!
//! What happens is counted where it happens. How things stand is looked at when somebody asks, so that nothing is
//! spent on it otherwise. Every series is there from the start, at 0: one that appears only once something happens
//! is not seen to rise.

mod blocks;
mod process;
mod standing;
mod transactions;

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

pub use blocks::{Blocks, Stopwatch};
pub use standing::{Facts, Standing};
pub use transactions::{Source, Transactions};

/// What the names begin with.
const PREFIX: &str = "tally";
/// What the names of the engine's own begin with.
const ENGINE_PREFIX: &str = "tally_engine_";
/// The shortest span that is told apart from shorter ones, in seconds; each bucket is twice the one before.
const SECONDS_MIN: f64 = 0.000_5;
/// Buckets of spans: up to 16 s.
const SECONDS_BUCKETS: u16 = 16;

/// What a node counts of itself.
pub struct Metrics {
    /// What becomes of blocks.
    pub blocks: Blocks,
    /// What becomes of transactions that somebody brings.
    pub transactions: Transactions,
    /// What the server for clients counts.
    pub rpc: rpc::server::Metrics,
    standing: Mutex<Standing>,
    registry: Registry,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let blocks = Blocks::new(&mut registry);
        let transactions = Transactions::new(&mut registry);
        let rpc = rpc::server::Metrics::default();
        rpc.register(&mut registry);
        let standing = Mutex::new(Standing::new(&mut registry));
        Self { blocks, transactions, rpc, standing, registry }
    }
}

impl Metrics {
    /// All of it, with how things stand by `facts`, and with what the engine counts, `engine`, which is text of the
    /// same format.
    pub fn text(&self, facts: &Facts<'_>, engine: &str) -> String {
        // Whoever else asks waits, so that each text is of one moment.
        let standing = self.standing.lock().expect("nothing panics while it looks");
        standing.look(facts);
        let mut text = String::new();
        encode_registry(&mut text, &self.registry).expect("a string takes all");
        text.push_str(&under(ENGINE_PREFIX, engine));
        encode_eof(&mut text).expect("a string takes all");
        text
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Metrics")
    }
}

/// The metrics in `text`, with `prefix` before each name.
fn under(prefix: &str, text: &str) -> String {
    let mut prefixed = String::with_capacity(text.len() * 2);
    for line in text.lines() {
        let words = ["# HELP ", "# TYPE ", "# UNIT "];
        let word = words.into_iter().find(|word| line.starts_with(word)).unwrap_or_default();
        prefixed.extend([word, prefix, &line[word.len()..], "\n"]);
    }
    prefixed
}

/// A number that goes up and down, under `name`.
fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

/// A number that only rises, under `name`.
fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

/// A histogram of spans, under `name`.
fn spans(registry: &mut Registry, name: &str, help: &str) -> Histogram {
    let histogram = Histogram::new(exponential_buckets(SECONDS_MIN, 2.0, SECONDS_BUCKETS));
    registry.register(name, help, histogram.clone());
    histogram
}

/// Notes how long something took.
fn note(histogram: &Histogram, span: Duration) {
    histogram.observe(span.as_secs_f64());
}

/// Sets a gauge to a count.
fn show(gauge: &Gauge, count: impl TryInto<i64>) {
    gauge.set(count.try_into().unwrap_or(i64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_comes_before_names_alone() {
        let text = "# HELP a_b Of a, and b.\n# TYPE a_b counter\na_b_total{c=\"d\"} 1\n";
        let prefixed = under("p_", text);
        assert_eq!(
            prefixed,
            "# HELP p_a_b Of a, and b.\n# TYPE p_a_b counter\np_a_b_total{c=\"d\"} 1\n"
        );
    }
}
