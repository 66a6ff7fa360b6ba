//! Submitting at full speed, one call at a time on each connection, and waiting until nothing waits.
//!
//! What the node has no room for is offered again after a pause. A transaction that is refused for any
//! other reason is given up, and so are the later ones of its sender, which could not be executed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rpc::client::{Client, ClientError};
use rpc::methods::{NodeStatus, TxSubmit, TxSubmitBatch};
use rpc::text::Text;
use rpc::types::SubmissionView;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::payment::Prepared;

/// How long to wait before offering a transaction again.
const PAUSE: Duration = Duration::from_millis(10);
/// How often to ask whether everything is settled.
const POLL: Duration = Duration::from_millis(10);
/// How long a node may refuse one transaction for want of room, or add no block.
const PATIENCE: Duration = Duration::from_secs(60);

/// What passes by itself: the node has no room, as many of the sender's transactions wait as may, or there
/// is no answer. Submitting again is harmless.
const PASSING: [&str; 5] = ["MEMPOOL_FULL", "SENDER_FULL", "NONCE_TOO_HIGH", "TIMEOUT", NO_ANSWER];

/// What is counted when a call did not reach the node or came to no answer.
const NO_ANSWER: &str = "NO_ANSWER";

/// What became of the transactions of a run.
#[derive(Debug)]
pub(crate) struct Submission {
    /// When the first was submitted.
    pub(crate) began: Instant,
    /// When the last was answered.
    pub(crate) ended: Instant,
    /// Those that the node accepted.
    pub(crate) accepted: Vec<Prepared>,
    /// How often the node refused, by the name of the error.
    pub(crate) refusals: BTreeMap<String, u64>,
    /// How many were given up.
    pub(crate) given_up: u64,
}

impl Submission {
    /// Transactions that were given up, in a sentence.
    pub(crate) fn violations(&self) -> Option<String> {
        let Self { given_up, refusals, .. } = self;
        (*given_up > 0).then(|| format!("{given_up} transactions were given up: {refusals:?}"))
    }
}

/// Submits every lane at once, each in its order, `batch` transactions a call, for `span` at most.
pub(crate) async fn drive(
    client: &Client,
    lanes: Vec<Vec<Prepared>>,
    batch: usize,
    span: Option<Duration>,
) -> Result<Submission> {
    let began = Instant::now();
    let until = span.map(|span| began + span);
    let mut running = JoinSet::new();
    for prepared in lanes {
        running.spawn(Lane::new(client.clone(), batch).run(prepared, until));
    }
    let (accepted, refusals) = (Vec::new(), BTreeMap::new());
    let mut all = Submission { began, ended: began, accepted, refusals, given_up: 0 };
    while let Some(lane) = running.join_next().await {
        let lane = lane??;
        all.accepted.extend(lane.accepted);
        all.given_up += lane.given_up;
        for (name, count) in lane.refusals {
            *all.refusals.entry(name).or_default() += count;
        }
    }
    all.ended = Instant::now();
    Ok(all)
}

/// One connection's part.
struct Lane {
    client: Client,
    batch: usize,
    accepted: Vec<Prepared>,
    refusals: BTreeMap<String, u64>,
    given_up: u64,
}

impl Lane {
    const fn new(client: Client, batch: usize) -> Self {
        Self { client, batch, accepted: Vec::new(), refusals: BTreeMap::new(), given_up: 0 }
    }

    async fn run(mut self, prepared: Vec<Prepared>, until: Option<Instant>) -> Result<Self> {
        let mut stuck = BTreeSet::new();
        let mut rest = prepared.into_iter();
        loop {
            let mut offered: Vec<Prepared> = rest.by_ref().take(self.batch).collect();
            if offered.is_empty() || until.is_some_and(|until| Instant::now() >= until) {
                return Ok(self);
            }
            let count = offered.len();
            offered.retain(|one| !stuck.contains(&one.transaction.sender));
            self.given_up += (count - offered.len()) as u64;
            for refused in self.submit(offered).await? {
                stuck.insert(refused.transaction.sender);
                self.given_up += 1;
            }
        }
    }

    /// Offers transactions until each is accepted, or refused for good: those are returned.
    async fn submit(&mut self, mut offered: Vec<Prepared>) -> Result<Vec<Prepared>> {
        let began = Instant::now();
        let mut refused = Vec::new();
        while !offered.is_empty() {
            let results = self.call(&offered).await?;
            let mut again = Vec::new();
            for (one, result) in offered.into_iter().zip(results) {
                let Err(name) = result else {
                    self.accepted.push(one);
                    continue;
                };
                let passes = PASSING.contains(&name.as_str());
                if passes && began.elapsed() > PATIENCE {
                    bail!("the node takes no transaction: {name} for {} s", PATIENCE.as_secs());
                }
                *self.refusals.entry(name).or_default() += 1;
                if passes { again.push(one) } else { refused.push(one) }
            }
            offered = again;
            if !offered.is_empty() {
                sleep(PAUSE).await;
            }
        }
        Ok(refused)
    }

    /// Offers transactions once. Says of each whether it was accepted, or the name of the error.
    async fn call(&self, offered: &[Prepared]) -> Result<Vec<Result<(), String>>> {
        let transactions: Vec<_> = offered.iter().map(|one| Text(one.bytes.clone())).collect();
        let answer = if self.batch == 1 {
            let transaction = transactions.into_iter().next().context("nothing is offered")?;
            self.client.call(TxSubmit { transaction }).await.map(|_| vec![Ok(())])
        } else {
            let answer = self.client.call(TxSubmitBatch { transactions }).await;
            answer.map(|answer| answer.results.into_iter().map(accepted).collect())
        };
        let all = |name: String| vec![Err(name); offered.len()];
        match answer {
            Ok(results) => Ok(results),
            Err(ClientError::Refused(refusal)) => Ok(all(refusal.name)),
            Err(ClientError::Unreachable { .. } | ClientError::Timeout { .. }) => {
                Ok(all(NO_ANSWER.to_owned()))
            }
            Err(error @ ClientError::Incompatible { .. }) => Err(error.into()),
        }
    }
}

fn accepted(result: SubmissionView) -> Result<(), String> {
    match result {
        SubmissionView::Accepted(_) => Ok(()),
        SubmissionView::Refused { name, .. } => Err(name),
    }
}

/// The moment when nothing waited, and the tip then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drained {
    pub(crate) when: Instant,
    pub(crate) height: u64,
}

/// Waits until the node's mempool is empty: what it accepted before is settled.
pub(crate) async fn drained(client: &Client) -> Result<Drained> {
    let (mut moved, mut tip) = (Instant::now(), None);
    loop {
        let status = client.call(NodeStatus {}).await?;
        let (when, height) = (Instant::now(), status.tip.height);
        if status.value.mempool.transactions == 0 {
            return Ok(Drained { when, height });
        }
        if tip != Some(height) {
            (moved, tip) = (when, Some(height));
        }
        if moved.elapsed() > PATIENCE {
            bail!("no block for {} s, and transactions wait", PATIENCE.as_secs());
        }
        sleep(POLL).await;
    }
}
