//! Submitting at full speed, one call at a time on each connection, and waiting until nothing waits.
//!
//! What the node has no room for is offered again after a pause. A transaction that is refused for any
//! other reason is given up, and so are the later ones of its sender, which could not be executed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rpc::client::{Client, ClientError};
use rpc::methods::{NodeStatus, TxSubmit};
use rpc::text::Text;
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

/// Submits every lane at once, each in its order, for `span` at most.
pub(crate) async fn drive(
    client: &Client,
    lanes: Vec<Vec<Prepared>>,
    span: Option<Duration>,
) -> Result<Submission> {
    let began = Instant::now();
    let until = span.map(|span| began + span);
    let mut running = JoinSet::new();
    for prepared in lanes {
        running.spawn(Lane::new(client.clone()).run(prepared, until));
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
    accepted: Vec<Prepared>,
    refusals: BTreeMap<String, u64>,
    given_up: u64,
}

impl Lane {
    const fn new(client: Client) -> Self {
        Self { client, accepted: Vec::new(), refusals: BTreeMap::new(), given_up: 0 }
    }

    async fn run(mut self, prepared: Vec<Prepared>, until: Option<Instant>) -> Result<Self> {
        let mut stuck = BTreeSet::new();
        for prepared in prepared {
            if until.is_some_and(|until| Instant::now() >= until) {
                break;
            }
            let sender = prepared.transaction.sender;
            if !stuck.contains(&sender) && self.submit(&prepared).await? {
                self.accepted.push(prepared);
            } else {
                stuck.insert(sender);
                self.given_up += 1;
            }
        }
        Ok(self)
    }

    /// Offers a transaction until it is accepted, or refused for good: then false.
    async fn submit(&mut self, prepared: &Prepared) -> Result<bool> {
        let began = Instant::now();
        loop {
            let transaction = Text(prepared.bytes.clone());
            let name = match self.client.call(TxSubmit { transaction }).await {
                Ok(_) => return Ok(true),
                Err(ClientError::Refused(refusal)) => refusal.name,
                Err(ClientError::Unreachable { .. } | ClientError::Timeout { .. }) => {
                    NO_ANSWER.to_owned()
                }
                Err(error @ ClientError::Incompatible { .. }) => return Err(error.into()),
            };
            let passes = PASSING.contains(&name.as_str());
            if passes && began.elapsed() > PATIENCE {
                bail!("the node takes no transaction: {name} for {} s", PATIENCE.as_secs());
            }
            *self.refusals.entry(name).or_default() += 1;
            if !passes {
                return Ok(false);
            }
            sleep(PAUSE).await;
        }
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
