//! What a run found, as one JSON object and as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;
use bench::machine::Machine;
use bench::rates::Rates;
use serde::Serialize;

use crate::usage::Usage;
use crate::{Load, Measured};

/// The form of the JSON object.
const SCHEMA: u32 = 2;

/// What a run found. Times are in the units that the names end in; rates are a second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Report {
    schema: u32,
    machine: Machine,
    plan: Plan,
    /// The rates, before and after the rest.
    rates: [Rates; 2],
    light: LightFigures,
    load: LoadFigures,
    reads: ReadFigures,
    /// From the start of the killed node to its first answer, in milliseconds; none of a node that was
    /// there before.
    restart_ms: Option<f64>,
    /// What the node used; none of a node that was there before.
    node: Option<NodeFigures>,
    /// CPU of the program that submits, in microseconds a settled transaction.
    own_cpu_us: f64,
    /// What does not add up; none in a good run.
    pub(crate) violations: Vec<String>,
}

/// What a run was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Plan {
    /// Accounts that pay and are paid.
    pub(crate) accounts: u32,
    /// Transactions to submit at most.
    pub(crate) transactions: u32,
    /// Transfers in each.
    pub(crate) operations: u8,
    /// Transactions in a call.
    pub(crate) batch: u16,
    /// Connections, one call at a time on each.
    pub(crate) connections: u8,
    /// Where the node came from.
    pub(crate) node: String,
}

/// Single transfers on an idle chain.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct LightFigures {
    transfers: usize,
    final_p50_ms: f64,
    final_p99_ms: f64,
}

/// Reads at full speed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct ReadFigures {
    account_get_per_s: f64,
    node_status_per_s: f64,
    account_get_to_node_status: f64,
}

/// Transfers at full speed.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct LoadFigures {
    accepted: usize,
    settled: usize,
    /// Refused calls by the name of the error; those for want of room were made again.
    refusals: BTreeMap<String, u64>,
    given_up: u64,
    seconds: f64,
    accepted_per_s: f64,
    settled_per_s: f64,
    transfers_per_s: f64,
    settled_to_r1: f64,
    settled_to_r2: f64,
    /// Blocks with transactions.
    blocks: usize,
    block_transactions_mean: f64,
    block_transactions_max: u32,
}

/// What the node used for a settled transaction.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct NodeFigures {
    cpu_us: f64,
    /// The same without what checking one signature among others costs.
    cpu_beside_us: f64,
    /// To the CPU of checking one signature by itself.
    cpu_to_verification: f64,
    /// `cpu_beside_us`, likewise.
    cpu_beside_to_verification: f64,
    /// By the name of the thread; threads that ended are missing.
    cpu_threads_us: BTreeMap<String, f64>,
    memory_peak_mib: f64,
    /// Growth of the node's folders.
    bytes: BTreeMap<String, f64>,
}

impl Report {
    /// Works the figures out. `rates` were measured before and after.
    pub(crate) fn new(
        machine: Machine,
        plan: Plan,
        rates: [Rates; 2],
        measured: &Measured,
    ) -> Self {
        let Measured { light, load, reads, restart, violations } = measured;
        let rate = rates[0].between(rates[1]);
        let settled = load.blocks.settled(&load.submission.accepted);
        Self {
            schema: SCHEMA,
            machine,
            rates,
            light: LightFigures {
                transfers: light.transfers.len(),
                final_p50_ms: millis(light.percentile(50)),
                final_p99_ms: millis(light.percentile(99)),
            },
            load: LoadFigures::new(load, settled, rate, plan.operations),
            reads: ReadFigures {
                account_get_per_s: reads.accounts,
                node_status_per_s: reads.empty,
                account_get_to_node_status: reads.accounts / reads.empty,
            },
            restart_ms: restart.map(millis),
            node: load.node.as_ref().map(|usage| NodeFigures::new(usage, settled, rate)),
            own_cpu_us: each(micros(load.own.cpu), settled),
            plan,
            violations: violations.clone(),
        }
    }

    /// One JSON object.
    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// A table for people.
    pub(crate) fn text(&self) -> String {
        let Self { machine, plan, rates, light, load, reads, violations, .. } = self;
        let rate = rates[0].between(rates[1]);
        let mut table = Table { text: format!("{machine}\nnode {}\n", plan.node) };
        let cores = machine.cores;
        let span = |of: fn(&Rates) -> f64| format!("{:.0}, {:.0}", of(&rates[0]), of(&rates[1]));
        table.title("Signatures checked a second, 512 together");
        table.row("R1, one core", rate.r1, &format!("before and after: {}", span(|it| it.r1)));
        let note = format!("before and after: {}", span(|it| it.r2));
        table.row(&format!("R2, all {cores} cores"), rate.r2, &note);
        let note = format!("before and after: {}", span(|it| it.single));
        table.row("one by one, one core", rate.single, &note);
        let ratio = rate.single / rate.r1;
        let note = format!("µs together, {ratio:.3} of one by itself");
        table.fine("one, on one core", rate.together_us(), &note);
        table.fine("one by itself, on one core", rate.verification_us(), "µs");
        table.title("Light load");
        let note = format!("ms, of {} single transfers", light.transfers);
        table.fine("time to final, p50", light.final_p50_ms, &note);
        table.fine("time to final, p99", light.final_p99_ms, "ms");
        load.rows(&mut table, plan);
        if let Some(node) = &self.node {
            node.rows(&mut table);
        }
        table.title("Reads, and a new start");
        let note = format!("a second: {:.2} of node_status", reads.account_get_to_node_status);
        table.row("account_get", reads.account_get_per_s, &note);
        table.row("node_status", reads.node_status_per_s, "a second");
        if let Some(restart) = self.restart_ms {
            table.row("kill -9, then start to first answer", restart, "ms");
        }
        table.title("This program, on the same cores");
        table.fine("CPU", self.own_cpu_us, "µs a transaction");
        table.title("Books");
        match violations.as_slice() {
            [] => {
                table.line("every accepted transaction is settled once, and the balances are right")
            }
            violations => violations.iter().for_each(|text| table.line(text)),
        }
        table.text
    }
}

impl LoadFigures {
    fn new(load: &Load, settled: usize, rate: Rates, operations: u8) -> Self {
        let submission = &load.submission;
        let sizes = &load.blocks.sizes;
        let submitting = submission.ended.duration_since(submission.began);
        let settled_per_s = per_second(settled, load.span);
        Self {
            accepted: submission.accepted.len(),
            settled,
            refusals: submission.refusals.clone(),
            given_up: submission.given_up,
            seconds: load.span.as_secs_f64(),
            accepted_per_s: per_second(submission.accepted.len(), submitting),
            settled_per_s,
            transfers_per_s: settled_per_s * f64::from(operations),
            settled_to_r1: settled_per_s / rate.r1,
            settled_to_r2: settled_per_s / rate.r2,
            blocks: sizes.len(),
            block_transactions_mean: each(sizes.iter().copied().map(f64::from).sum(), sizes.len()),
            block_transactions_max: sizes.iter().copied().max().unwrap_or(0),
        }
    }

    fn rows(&self, table: &mut Table, plan: &Plan) {
        let Plan { accounts, connections, operations, batch, .. } = plan;
        let title = format!(
            "Load: {operations} transfers to a signed transaction, {batch} of those a call"
        );
        table.title(&title);
        let note = format!("of {accounts} accounts over {connections} connections");
        table.row("accepted", number(self.accepted), &note);
        let note = format!("in {:.2} s, final and on disk", self.seconds);
        table.row("settled", number(self.settled), &note);
        table.row("accepted a second", self.accepted_per_s, "");
        let (r1, r2) = (self.settled_to_r1, self.settled_to_r2);
        table.row("settled a second", self.settled_per_s, &format!("{r1:.3} of R1, {r2:.3} of R2"));
        table.row("transfers a second", self.transfers_per_s, "");
        let refusals = self.refusals.iter().map(|(name, count)| format!("{name} {count}"));
        let note = refusals.collect::<Vec<_>>().join(", ");
        let refused: u64 = self.refusals.values().sum();
        table.line(&format!("{:<34}{refused:>12}  {note}", "refused"));
        table.row("blocks", number(self.blocks), "");
        let note = format!("at most {}", self.block_transactions_max);
        table.fine("transactions a block", self.block_transactions_mean, &note);
    }
}

impl NodeFigures {
    fn new(usage: &Usage, settled: usize, rate: Rates) -> Self {
        let cpu_us = each(micros(usage.cpu), settled);
        let cpu_beside_us = cpu_us - rate.together_us();
        let threads = usage.threads.iter().filter(|(_, cpu)| !cpu.is_zero());
        let files = usage.files.iter();
        Self {
            cpu_us,
            cpu_beside_us,
            cpu_to_verification: cpu_us / rate.verification_us(),
            cpu_beside_to_verification: cpu_beside_us / rate.verification_us(),
            cpu_threads_us: threads
                .map(|(name, cpu)| (name.clone(), each(micros(*cpu), settled)))
                .collect(),
            memory_peak_mib: mib(usage.memory_peak_kib),
            bytes: files
                .map(|(name, bytes)| (name.clone(), each(float(*bytes), settled)))
                .collect(),
        }
    }

    fn rows(&self, table: &mut Table) {
        table.title("The node, a settled transaction");
        let note = format!("µs: {:.2} of one verification by itself", self.cpu_to_verification);
        table.fine("CPU", self.cpu_us, &note);
        let note = format!("µs: {:.2} of it", self.cpu_beside_to_verification);
        table.fine("CPU beside verification", self.cpu_beside_us, &note);
        for (name, cpu) in &self.cpu_threads_us {
            table.fine(&format!("  threads '{name}'"), *cpu, "µs");
        }
        let ended = self.cpu_us - self.cpu_threads_us.values().sum::<f64>();
        table.fine("  threads that ended", ended.max(0.0), "µs");
        for (name, bytes) in &self.bytes {
            table.fine(&format!("{name}, growth"), *bytes, "bytes");
        }
        table.fine("peak memory, in all", self.memory_peak_mib, "MiB");
    }
}

/// Lines of a name, a number and a note.
struct Table {
    text: String,
}

impl Table {
    fn line(&mut self, text: &str) {
        writeln!(self.text, "  {}", text.trim_end()).expect("text has room");
    }

    fn title(&mut self, text: &str) {
        writeln!(self.text, "\n{text}").expect("text has room");
    }

    fn row(&mut self, name: &str, number: f64, note: &str) {
        self.line(&format!("{name:<34}{number:>12.0}  {note}"));
    }

    fn fine(&mut self, name: &str, number: f64, note: &str) {
        self.line(&format!("{name:<34}{number:>12.1}  {note}"));
    }
}

fn per_second(count: usize, span: Duration) -> f64 {
    number(count) / span.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// What falls to one of `count`; nothing when there is none.
fn each(total: f64, count: usize) -> f64 {
    if count == 0 { 0.0 } else { total / number(count) }
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

fn micros(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}

fn mib(kib: u64) -> f64 {
    float(kib) / 1024.0
}

fn number(count: usize) -> f64 {
    float(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Exact below 2^53.
fn float(count: u64) -> f64 {
    count as f64
}
