//! What becomes of blocks: how many, how far apart, and how long each step takes.

use std::cell::Cell;
use std::time::{Duration, Instant};

use chain::block::Header;
use chain::event::Event;
use chain::height::Height;
use chain::receipt::{Outcome, Receipts};
use chain::time::Time;
use consensus::Verdict;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::{counter, note, spans};

/// What becomes of blocks.
#[derive(Clone, Debug)]
pub struct Blocks {
    committed: Counter,
    proposed: Counter,
    judged: Family<Labels, Counter>,
    included: Counter,
    failed: Counter,
    trades: Counter,
    equivocations: Counter,
    interval: Histogram,
    build: Histogram,
    execute: Histogram,
    verify: Histogram,
    check: Histogram,
    commit: Histogram,
}

type Labels = [(&'static str, &'static str); 1];

const VALID: Labels = [("verdict", "valid")];
const INVALID: Labels = [("verdict", "invalid")];
const PASSED: Labels = [("verdict", "passed")];

impl Blocks {
    pub(super) fn new(registry: &mut Registry) -> Self {
        Self {
            judged: judged(registry),
            committed: counter(
                registry,
                "blocks_committed",
                "Blocks that became final and are on disk",
            ),
            proposed: counter(
                registry,
                "blocks_proposed",
                "Blocks that were built here to be proposed",
            ),
            included: counter(
                registry,
                "transactions_included",
                "Transactions in committed blocks",
            ),
            failed: counter(
                registry,
                "transactions_failed",
                "Transactions in committed blocks that paid their fee and took no effect",
            ),
            trades: counter(registry, "trades", "Trades in committed blocks"),
            equivocations: counter(
                registry,
                "equivocations",
                "Proofs that an authority contradicted itself",
            ),
            interval: spans(
                registry,
                "block_interval_seconds",
                "Time from a block to the next, by their headers",
            ),
            build: spans(
                registry,
                "block_build_seconds",
                "Time to build a block, its execution included",
            ),
            execute: spans(
                registry,
                "block_execute_seconds",
                "Time to execute a block that is built or judged: transactions, timers, matching, roots",
            ),
            verify: spans(
                registry,
                "block_verify_seconds",
                "Time to verify the signatures of a block of others",
            ),
            check: spans(registry, "block_check_seconds", "Time to judge a block of others"),
            commit: spans(
                registry,
                "block_commit_seconds",
                "Time to make a final block durable and move the tip",
            ),
        }
    }

    /// A block was built, within `whole`, of which it took `executed` to execute it.
    pub fn built(&self, whole: Duration, executed: Duration) {
        self.proposed.inc();
        note(&self.build, whole);
        note(&self.execute, executed);
    }

    /// A block of others was judged within `whole`, of which its signatures took `verified`.
    pub fn checked(&self, verdict: Option<Verdict>, whole: Duration, verified: Duration) {
        let verdict = match verdict {
            Some(Verdict::Valid) => VALID,
            Some(Verdict::Invalid) => INVALID,
            None => PASSED,
        };
        self.judged.get_or_create(&verdict).inc();
        note(&self.check, whole);
        note(&self.verify, verified);
        note(&self.execute, whole.saturating_sub(verified));
    }

    /// A block became the tip; `parent_time` is the time of the one before.
    pub fn committed(&self, header: &Header, parent_time: Time, receipts: &Receipts) {
        self.committed.inc();
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.included.inc_by(count(receipts.transactions.len()));
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. });
        let failed = receipts.transactions.iter().filter(|receipt| failed(&receipt.outcome));
        self.failed.inc_by(count(failed.count()));
        let steps = receipts.steps().flatten();
        let trades = steps.filter(|event| matches!(event, Event::Matched { .. }));
        self.trades.inc_by(count(trades.count()));
        // Genesis may be as old as it likes.
        if header.height > Height::GENESIS.next() {
            note(&self.interval, Duration::from_millis(header.time.since(parent_time).0));
        }
    }

    /// An authority contradicted itself.
    pub fn contradicted(&self) {
        self.equivocations.inc();
    }

    /// It took so long to commit a block.
    pub fn commit_took(&self, span: Duration) {
        note(&self.commit, span);
    }
}

fn judged(registry: &mut Registry) -> Family<Labels, Counter> {
    let judged = Family::default();
    for verdict in [VALID, INVALID, PASSED] {
        drop(judged.get_or_create(&verdict));
    }
    let help =
        "Blocks of others that were judged: valid, invalid, or passed as nobody needed a verdict";
    registry.register("blocks_judged", help, judged.clone());
    judged
}

/// Measures time, whole and in parts. It tells nobody what time it is, so nothing depends on it.
#[derive(Debug)]
pub struct Stopwatch {
    began: Instant,
    parts: Cell<Duration>,
}

impl Stopwatch {
    /// Begins.
    pub fn start() -> Self {
        Self { began: Instant::now(), parts: Cell::default() }
    }

    /// Time since it began.
    pub fn whole(&self) -> Duration {
        self.began.elapsed()
    }

    /// Does `work`, the time of which counts as a part.
    pub fn part<A>(&self, work: impl FnOnce() -> A) -> A {
        let began = Instant::now();
        let done = work();
        self.parts.set(self.parts.get() + began.elapsed());
        done
    }

    /// Time that the parts took together.
    pub const fn parts(&self) -> Duration {
        self.parts.get()
    }
}
