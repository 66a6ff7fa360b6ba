//! Kills without warning under load, and what must be true of the node after each of them.
//!
//! ```text
//! start -> is all that was shown still there? -> load -> SIGKILL -> start ...
//!    \-> SIGKILL, while it starts and recovers -> start ...
//! ```
//! Whatever an RPC client was told is settled must be settled for good: once, at its place, with its
//! receipt. In the end the whole chain is read over RPC and applied again from genesis.

mod book;
mod replay;
mod sender;
mod shown;
mod victim;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rpc::client::Client;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::random::Random;
use book::Book;
use sender::Sender;
use shown::Shown;
use victim::Victim;

/// Clients that pay, hold, order and open channels at once.
const SENDERS: u64 = 6;
/// How many blocks a node that answers adds before it is killed, at most; and how long that is waited for.
const LIFE_BLOCKS_MAX: u64 = 16;
const LIFE_MAX: Duration = Duration::from_secs(5);
/// How long after its last block it is killed, at most: about as long as a block takes.
const LAST_MS_MAX: u64 = 40;
/// One kill in so many falls while the node starts.
const STARTS_KILLED: u64 = 4;

/// Where the node answers at the moment; nobody while it is away.
type Door = watch::Receiver<Option<Client>>;

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often the node is killed.
    pub kills: u64,
    /// Decides on the load and on the moments. The machine decides with it: a seed repeats the load, not
    /// the moment within a write.
    pub seed: u64,
    /// The program.
    pub tallyd: PathBuf,
    /// An empty folder for the node's home and its log.
    pub folder: PathBuf,
}

/// What a campaign without a failure has seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// How often the node was killed.
    pub kills: u64,
    /// How many of these fell before it answered.
    pub kills_at_start: u64,
    /// Transactions that clients were told are settled; every one is there once, at its place.
    pub acknowledged: u64,
    /// Transactions in the chain, acknowledged or not.
    pub transactions: u64,
    /// Transactions whose operations failed, so that they only paid.
    pub failed: u64,
    /// Blocks, all applied again from genesis with the same roots.
    pub blocks: u64,
    /// How long it took.
    pub took: Duration,
    /// How long a node took to answer after a kill, at the median.
    pub restart: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, kills_at_start, acknowledged, transactions, failed, blocks, .. } = self;
        writeln!(formatter, "kills         {kills} ({kills_at_start} before the node answered)")?;
        writeln!(formatter, "acknowledged  {acknowledged} (lost 0, twice 0)")?;
        writeln!(formatter, "transactions  {transactions} ({failed} failed)")?;
        let between = *blocks as f64 / (*kills).max(1) as f64;
        writeln!(formatter, "blocks        {blocks} ({between:.1} between two kills)")?;
        writeln!(formatter, "restart       {} ms (median)", self.restart.as_millis())?;
        write!(formatter, "took          {} s", self.took.as_secs())
    }
}

/// Kills a node as `plan` says.
///
/// # Errors
/// When anything is not as it must be. What the node left is then in the plan's folder.
pub fn run(plan: &Plan) -> Result<Report> {
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    let runtime = threads.worker_threads(2).enable_all().build()?;
    let campaign = Campaign::begin(plan)?;
    runtime.block_on(async {
        // What is dropped ends its node.
        tokio::select! {
            report = campaign.run(plan) => report,
            told = told_to_stop() => told.and_then(|()| bail!("it was told to stop")),
        }
    })
}

/// Waits for somebody who wants the campaign to end.
async fn told_to_stop() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => Ok(pressed?),
        _ = terminate.recv() => Ok(()),
    }
}

struct Campaign {
    victim: Victim,
    book: Arc<Book>,
    shown: Shown,
    random: Random,
    door: watch::Sender<Option<Client>>,
    report: Report,
    restarts: Vec<Duration>,
}

impl Campaign {
    fn begin(plan: &Plan) -> Result<Self> {
        Ok(Self {
            victim: Victim::new(plan, &sender::accounts(plan.seed, SENDERS))?,
            book: Arc::default(),
            shown: Shown::default(),
            random: Random::new(plan.seed),
            door: watch::Sender::new(None),
            report: Report::default(),
            restarts: Vec::new(),
        })
    }

    async fn run(mut self, plan: &Plan) -> Result<Report> {
        let began = Instant::now();
        let enough = Arc::new(AtomicBool::new(false));
        let mut senders = JoinSet::new();
        while self.report.kills < plan.kills {
            self.victim.start()?;
            if self.report.kills > 0 && self.random.once_in(STARTS_KILLED) {
                self.kill_at_start().await?;
                continue;
            }
            let client = self.answers().await?;
            if senders.is_empty() {
                self.open_doors(plan.seed, &enough, &mut senders)?;
            }
            self.door.send_replace(Some(client.clone()));
            let blocks = self.random.below(LIFE_BLOCKS_MAX + 1);
            self.shown.follow(&client, blocks, LIFE_MAX).await?;
            sleep(Duration::from_millis(self.random.below(LAST_MS_MAX))).await;
            self.kill()?;
            while let Some(ended) = senders.try_join_next() {
                ended?.context("a sender")?;
            }
        }
        self.victim.start()?;
        let client = self.answers().await?;
        self.door.send_replace(Some(client.clone()));
        enough.store(true, Ordering::Relaxed);
        while let Some(ended) = senders.join_next().await {
            ended?.context("a sender")?;
        }
        self.finish(&client).await?;
        self.report.took = began.elapsed();
        Ok(self.report)
    }

    /// Lets everybody begin to send.
    fn open_doors(
        &self,
        seed: u64,
        enough: &Arc<AtomicBool>,
        senders: &mut JoinSet<Result<()>>,
    ) -> Result<()> {
        let genesis = self.victim.genesis()?;
        let accounts = sender::accounts(seed, SENDERS);
        for number in 0..SENDERS {
            let sender =
                Sender::new(seed, number, &genesis, Arc::clone(&accounts), Arc::clone(&self.book));
            senders.spawn(sender.run(self.door.subscribe(), Arc::clone(enough)));
        }
        Ok(())
    }

    /// Waits until the node answers, and sees to it that nothing of what it has said before is gone.
    async fn answers(&mut self) -> Result<Client> {
        let (client, took) = self.victim.answers().await?;
        self.restarts.push(took);
        self.shown.check(&client).await?;
        self.book.check_some(&client, &mut self.random).await?;
        Ok(client)
    }

    async fn kill_at_start(&mut self) -> Result<()> {
        let usual = self.restarts.iter().max().map_or(500, Duration::as_millis);
        let usual = u64::try_from(usual)?.max(1);
        sleep(Duration::from_millis(self.random.below(usual))).await;
        if !self.victim.has_answered() {
            self.report.kills_at_start += 1;
        }
        self.kill()
    }

    fn kill(&mut self) -> Result<()> {
        self.door.send_replace(None);
        self.victim.kill()?;
        self.report.kills += 1;
        Ok(())
    }

    /// Reads the whole chain, finds everything that was acknowledged in it, and applies it again.
    async fn finish(&mut self, client: &Client) -> Result<()> {
        self.shown.follow(client, 0, Duration::ZERO).await?;
        let chain = shown::read_all(client).await?;
        self.shown.compare(&chain)?;
        self.victim.stop()?;
        let counts = self.book.compare(&chain)?;
        replay::from_genesis(&self.victim.genesis()?, &chain, &self.book)?;
        ensure!(counts.acknowledged > 0, "nothing was settled between the kills");
        self.restarts.sort_unstable();
        let restart = self.restarts.get(self.restarts.len() / 2).copied().unwrap_or_default();
        self.report = Report {
            acknowledged: counts.acknowledged,
            transactions: counts.transactions,
            failed: counts.failed,
            blocks: chain.len() as u64,
            restart,
            ..self.report
        };
        Ok(())
    }
}
