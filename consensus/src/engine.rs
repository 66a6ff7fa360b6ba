//! Starts the engine on threads of its own, and stops it.

use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU64;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chain::authority::AuthorityKey;
use chain::height::Height;
use chain::time::Millis;
use commonware_consensus::types::FixedEpocher;
use commonware_cryptography::ed25519::PublicKey;
use commonware_macros::select;
use commonware_runtime::{Metrics, Runner, Spawner, tokio};
use commonware_utils::channel::{mpsc as queue, oneshot};

use crate::committee::point;
use crate::network::Others;
use crate::settings::{JournalRule, Settings, StartError};
use crate::wiring::{self, Kit};
use crate::{Application, Peering, Wake, journal, network};

/// Threads that run the engine's tasks, beside the application's own and those that wait for the disk.
const WORKERS: usize = 2;
/// What the names of the engine's files begin with.
const STORE: &str = "engine";
/// How long the parts may take to stop by themselves before they are stopped.
const PARTS_STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the engine may take to write down its metrics.
const METRICS_TIMEOUT: Duration = Duration::from_secs(2);
/// Questions for metrics that wait.
const METRICS_QUESTIONS_MAX: usize = 4;

/// A running engine. Dropped, it is told to stop, and not waited for.
#[derive(Debug)]
pub struct Engine {
    stop: Mutex<Option<oneshot::Sender<()>>>,
    metrics: queue::Sender<mpsc::SyncSender<String>>,
    ending: Arc<Ending>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How an engine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was told to.
    Stopped,
    /// By itself, which it should not: the node must exit, and report failure.
    Failed,
}

/// The engine did not stop as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopError {
    /// It was still running at the deadline; it goes on stopping.
    #[error("the engine did not stop in time")]
    DeadlineExceeded,
    /// It had failed before, or failed as it stopped.
    #[error("the engine failed")]
    Failed,
}

impl Engine {
    /// Waits until the engine has ended. Any number of threads may wait.
    pub fn wait(&self) -> End {
        let mut end = self.ending.lock();
        loop {
            match *end {
                Some(end) => return end,
                None => {
                    end = self.ending.ended.wait(end).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// What the engine counts of itself, in the text format of OpenMetrics without its last line. Nothing when it
    /// has ended or does not answer in time. Waits: not to be called where that is not allowed.
    pub fn metrics(&self) -> String {
        let (answer, text) = mpsc::sync_channel(1);
        let asked = self.metrics.try_send(answer).is_ok();
        let text = asked.then(|| text.recv_timeout(METRICS_TIMEOUT).ok()).flatten();
        text.unwrap_or_default().trim_end_matches("# EOF\n").to_owned()
    }

    /// Tells the engine to stop and waits for it, at most `deadline`. The call into the application that is
    /// under way is finished; a block being committed is on disk when this returns `Ok`.
    ///
    /// # Errors
    /// [`StopError`] when it is still running at the deadline, or failed.
    pub fn stop(&self, deadline: Duration) -> Result<(), StopError> {
        drop(self.stop.lock().unwrap_or_else(PoisonError::into_inner).take());
        let end = self.ending.lock();
        let (end, _) = self
            .ending
            .ended
            .wait_timeout_while(end, deadline, |end| end.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        let end = *end;
        match end {
            None => return Err(StopError::DeadlineExceeded),
            Some(End::Failed) => return Err(StopError::Failed),
            Some(End::Stopped) => {}
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        match thread.map(JoinHandle::join) {
            Some(Err(_)) => Err(StopError::Failed),
            Some(Ok(())) | None => Ok(()),
        }
    }
}

/// Where the engine's thread leaves word of how it ended.
#[derive(Debug, Default)]
struct Ending {
    end: Mutex<Option<End>>,
    ended: Condvar,
}

impl Ending {
    fn lock(&self) -> MutexGuard<'_, Option<End>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves word when the engine's thread ends, by panic too.
struct LastWord {
    ending: Arc<Ending>,
    end: End,
}

impl Drop for LastWord {
    fn drop(&mut self) {
        *self.ending.lock() = Some(self.end);
        self.ending.ended.notify_all();
    }
}

/// Starts the engine for `application`, and returns when it runs. `wake` is the bell that the application's
/// mempool rings, `peering` its end of what passes among nodes beside the agreement.
///
/// # Errors
/// [`StartError`] says what does not fit; then nothing was voted.
pub fn start(
    settings: Settings,
    application: Arc<dyn Application>,
    wake: Wake,
    peering: Peering,
) -> Result<Engine, StartError> {
    settings.check()?;
    let others = (points(&settings.peers)?, points(&settings.followers)?);
    check_journal(&settings, &*application)?;
    check_address(settings.listen)?;

    let (stop, stopped) = oneshot::channel();
    let (started, outcome) = mpsc::sync_channel(1);
    let (metrics, questions) = queue::channel(METRICS_QUESTIONS_MAX);
    let ending = Arc::new(Ending::default());
    let last_word = LastWord { ending: Arc::clone(&ending), end: End::Failed };
    let directory = settings.directory.clone();
    let launch =
        Launch { settings, others, application, wake, peering, started, stopped, questions };
    let thread = thread::Builder::new()
        .name("consensus".to_owned())
        .spawn(move || {
            let mut last_word = last_word;
            last_word.end = launch.run();
        })
        .expect("the system has a thread left");
    match outcome.recv() {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            // How it ended after that adds nothing.
            let _ = thread.join();
            return Err(error);
        }
        Err(_) => {
            return Err(StartError::EndedEarly { directory, reason: last_words(thread.join()) });
        }
    }
    let (stop, thread) = (Mutex::new(Some(stop)), Mutex::new(Some(thread)));
    Ok(Engine { stop, metrics, ending, thread })
}

/// What a thread that panicked said.
fn last_words(ended: thread::Result<()>) -> String {
    let Err(panic) = ended else { return "it ended without a word".to_owned() };
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
    words.unwrap_or("it failed without a word").to_owned()
}

/// What the engine's thread starts with.
struct Launch {
    settings: Settings,
    others: Others,
    application: Arc<dyn Application>,
    wake: Wake,
    peering: Peering,
    started: mpsc::SyncSender<Result<(), StartError>>,
    stopped: oneshot::Receiver<()>,
    questions: queue::Receiver<mpsc::SyncSender<String>>,
}

impl Launch {
    /// Runs the engine until it is told to stop, or a part of it ends.
    fn run(self) -> End {
        let config = tokio::Config::default()
            .with_worker_threads(WORKERS)
            .with_storage_directory(&self.settings.directory);
        tokio::Runner::new(config).start(|context| self.within(context))
    }

    async fn within(self, context: tokio::Context) -> End {
        let Self { settings, others, application, wake, peering, started, .. } = self;
        let (mut stopped, mut questions) = (self.stopped, self.questions);
        let signer = settings.secret.signer();
        let chain = application.genesis().header.chain;
        let (channels, network) =
            network::open(&context, signer.clone(), chain, settings.listen, others);
        let blocks = NonZeroU64::new(settings.epoch_blocks).expect("checked at the start");
        let kit = Kit {
            store: STORE.to_owned(),
            application,
            signer,
            epocher: FixedEpocher::new(blocks),
            pacing: settings.pacing,
            abstention: settings.abstention,
            clock_ahead: Millis(0),
            wake,
            peering,
            rule: settings.journal,
        };
        let mut parts = match wiring::assemble(&context, kit, channels).await {
            Ok(parts) => parts,
            Err(error) => {
                started.send(Err(error)).expect("the starter waits for the outcome");
                return End::Failed;
            }
        };
        parts.push("network", network);
        started.send(Ok(())).expect("the starter waits for the outcome");
        let end = loop {
            select! {
                _ = &mut stopped => break End::Stopped,
                part = parts.ended() => {
                    tracing::error!(part, "a part of the engine has ended");
                    break End::Failed;
                },
                asked = questions.recv() => match asked {
                    // Whoever asked may have given up.
                    Some(answer) => drop(answer.try_send(context.encode())),
                    None => break End::Stopped,
                },
            }
        };
        if context.stop(0, Some(PARTS_STOP_TIMEOUT)).await.is_err() {
            tracing::warn!("parts of the engine were slow to stop");
        }
        end
    }
}

/// Peers' addresses under the engine's keys.
fn points<A: Copy>(
    peers: &BTreeMap<AuthorityKey, A>,
) -> Result<BTreeMap<PublicKey, A>, StartError> {
    peers
        .iter()
        .map(|(key, address)| match point(key) {
            Some(point) => Ok((point, *address)),
            None => Err(StartError::PeerInvalid { key: *key }),
        })
        .collect()
}

/// Refuses to vote without the record of past votes, then makes room for a new one.
fn check_journal(settings: &Settings, application: &dyn Application) -> Result<(), StartError> {
    let directory = &settings.directory;
    let unusable = |source| StartError::DirectoryUnusable { directory: directory.clone(), source };
    let exists = journal::exists(directory).map_err(unusable)?;
    let tip = application.tip().height;
    let alone = settings.peers.keys().all(|key| *key == settings.secret.key());
    let must_exist = settings.journal == JournalRule::MustContinue || alone;
    // Nothing was voted on in a ledger that has only the block that it was made with.
    let first = application.anchor().map_or(Height::GENESIS, |anchor| anchor.block.header.height);
    if tip > first && !exists && must_exist {
        return Err(StartError::JournalMissing { directory: directory.clone(), tip });
    }
    fs::create_dir_all(directory).map_err(unusable)
}

/// Tries the address, because the network would stop the process over it.
fn check_address(address: SocketAddr) -> Result<(), StartError> {
    TcpListener::bind(address)
        .map(drop)
        .map_err(|source| StartError::ListenFailed { address, source })
}
