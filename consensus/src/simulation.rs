//! The agreement under simulated time, network and disks: the same seed gives the same run.
//!
//! ```text
//!   Simulation --run--> World --start--> a node's parts, as they run in earnest,
//!        |                |              on a simulated network, clock and disk
//!   power cut         links, crashes,
//!   between runs      failing disks
//! ```
//! Between two runs the power of all nodes is gone: what they had not synced is lost, as it is when a node's
//! machine stops. A crash within a run stops a node's program alone, and its disk keeps what was written.

mod lie;
mod link;
mod repeat;
mod twin;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use chain::time::{Millis, Time};
use commonware_consensus::types::FixedEpocher;
use commonware_cryptography::Signer;
use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::simulated::{self, Control, Oracle, SocketManager};
use commonware_runtime::deterministic::{Config, Context, FaultConfig, Runner};
use commonware_runtime::{Clock, Handle, Quota, Spawner, Supervisor};
use commonware_utils::channel::fallible::OneshotExt;
use commonware_utils::channel::oneshot;
use commonware_utils::{NZU32, NZUsize};

use crate::application::now;
use crate::network::{Network, Peers, Transport, Voting, message_bytes_max};
use crate::wiring::{Kit, assemble};
use crate::{
    Abstention, Application, AuthoritySecret, JournalRule, Pacing, Peering, StartError, Wake,
};

pub use self::lie::equivocate;
pub use self::link::Link;
pub(crate) use self::repeat::{Repeating, Repeats};

/// Channels of a node.
const CHANNELS: usize = 7;
/// Messages of a channel that a peer may send in a second.
const MESSAGES_PER_SECOND: NonZeroU32 = NZU32!(4_096);
/// Identities in a set of peers.
const PEERS_MAX: NonZeroUsize = NZUsize!(32);
/// Epochs whose authorities stay connected.
const EPOCHS_CONNECTED: NonZeroUsize = NZUsize!(2);

/// What all nodes of a simulation have in common.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The secrets of all nodes that there may be; a node's number is its place here.
    pub secrets: Vec<AuthoritySecret>,
    /// Blocks in an epoch, above zero.
    pub epoch_blocks: u64,
    /// How fast blocks follow one another.
    pub pacing: Pacing,
    /// When it begins.
    pub begins: Time,
}

/// What a node is started with.
pub struct Member {
    /// The node.
    pub application: Arc<dyn Application>,
    /// The bell of its mempool.
    pub wake: Wake,
    /// Its end of what passes among nodes.
    pub peering: Peering,
    /// What to do when its journal lacks blocks.
    pub rule: JournalRule,
    /// How far its clock is ahead of the world's.
    pub clock_ahead: Millis,
}

impl fmt::Debug for Member {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Member").field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// A world that is run in parts.
pub struct Simulation {
    rules: Rules,
    next: Option<Runner>,
    trace: String,
}

impl fmt::Debug for Simulation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Simulation").field("trace", &self.trace).finish_non_exhaustive()
    }
}

impl Simulation {
    /// A world that nothing has happened in.
    pub fn new(seed: u64, rules: Rules) -> Self {
        let begins = UNIX_EPOCH + Duration::from_millis(rules.begins.0);
        let config = Config::new().with_seed(seed).with_start_time(begins).with_catch_panics(true);
        Self { rules, next: Some(Runner::new(config)), trace: String::new() }
    }

    /// Runs a part of the simulation to the end of `script`; then the power is gone.
    pub fn run<T>(&mut self, script: impl AsyncFnOnce(&mut World) -> T) -> T {
        let runner = self.next.take().expect("put back after every part");
        let rules = self.rules.clone();
        let (outcome, checkpoint) = runner.start_and_recover(|context| async move {
            let mut world = World::new(context, rules).await;
            script(&mut world).await
        });
        self.trace = checkpoint.auditor().state();
        self.next = Some(Runner::from(checkpoint));
        outcome
    }

    /// A digest of all that has happened: who ran when, and what was sent and written.
    pub fn trace(&self) -> &str {
        &self.trace
    }
}

/// The network, and the nodes that run on it.
pub struct World {
    context: Context,
    oracle: Oracle<PublicKey, Context>,
    rules: Rules,
    repeats: Repeats,
    running: BTreeMap<usize, Vec<Running>>,
    /// How many nodes were started, so that no two have the same name.
    starts: u64,
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let running: Vec<&usize> = self.running.keys().collect();
        formatter.debug_struct("World").field("running", &running).finish_non_exhaustive()
    }
}

/// A node at work, or one of two twins.
struct Running {
    parts: Handle<()>,
    ended: Arc<AtomicBool>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.parts.abort();
    }
}

/// Both ends of one simulated channel.
type Ends = (simulated::Sender<PublicKey, Context>, simulated::Receiver<PublicKey>);

/// The network of a simulation.
pub(crate) struct Simulated;

impl Transport for Simulated {
    type Sender = simulated::Sender<PublicKey, Context>;
    type Receiver = Repeating;
    type Manager = SocketManager<PublicKey, Context>;
    type Blocker = Control<PublicKey, Context>;
}

impl World {
    async fn new(context: Context, rules: Rules) -> Self {
        let config = simulated::Config {
            max_size: message_bytes_max(),
            max_peers_per_set: PEERS_MAX,
            disconnect_on_block: true,
            tracked_peer_sets: EPOCHS_CONNECTED,
        };
        let (network, oracle) = simulated::Network::new(context.child("network"), config);
        network.start();
        let (repeats, running) = (Repeats::default(), BTreeMap::new());
        Self { context, oracle, rules, repeats, running, starts: 0 }
    }

    /// Starts the node of this number, which is not running.
    ///
    /// # Errors
    /// [`StartError`] says what does not fit; nothing was voted then.
    pub async fn start(&mut self, number: usize, member: Member) -> Result<(), StartError> {
        self.start_on(number, format!("node-{number}"), member).await
    }

    /// Starts the node of this number, which is not running, on a disk with nothing on it.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_on_empty_disk(
        &mut self,
        number: usize,
        member: Member,
    ) -> Result<(), StartError> {
        let store = format!("node-{number}-on-disk-{}", self.starts);
        self.start_on(number, store, member).await
    }

    async fn start_on(
        &mut self,
        number: usize,
        store: String,
        member: Member,
    ) -> Result<(), StartError> {
        assert!(!self.running.contains_key(&number), "node {number} is running");
        let network = self.network::<Simulated>(number, self.channels(number).await);
        let running = self.launch(self.kit(number, store, member), network).await?;
        self.running.insert(number, vec![running]);
        Ok(())
    }

    /// Stops the program of a node between two of its steps, and says nothing to it. Its disk keeps what was
    /// written.
    pub fn crash(&mut self, number: usize) {
        self.running.remove(&number);
    }

    /// The nodes that ended by themselves, as they must when their disk fails; they are not running any more.
    pub fn failed(&mut self) -> Vec<usize> {
        let has_ended = |node: &Running| node.ended.load(Ordering::Relaxed);
        let failed: Vec<usize> = self
            .running
            .iter()
            .filter(|(_, nodes)| nodes.iter().any(has_ended))
            .map(|(number, _)| *number)
            .collect();
        failed.iter().for_each(|number| self.crash(*number));
        failed
    }

    /// Whether the node of this number is running.
    pub fn is_running(&self, number: usize) -> bool {
        self.running.contains_key(&number)
    }

    /// Lets time pass.
    pub async fn pass(&self, span: Millis) {
        self.context.sleep(Duration::from_millis(span.0)).await;
    }

    /// The time that all clocks show.
    pub fn now(&self) -> Time {
        now(&self.context)
    }

    /// From now on `link` is how messages from one node to another travel; none do without one.
    pub async fn link(&mut self, from: usize, to: usize, link: Option<Link>) {
        let (from, to) = (self.key(from), self.key(to));
        // There may be none to remove.
        let _ = self.oracle.remove_link(from.clone(), to.clone()).await;
        if let Some(link) = link {
            let added = self.oracle.add_link(from, to, link.into_engine()).await;
            added.expect("no link is there");
        }
    }

    /// From now on so many in a thousand syncs of the disks fail. A node whose disk fails ends.
    pub fn fail_disks(&mut self, per_mille: u16) {
        let rate = link::probability_of(per_mille);
        let faults = self.context.storage_fault_config();
        let mut faults = faults.write();
        *faults = FaultConfig { sync_rate: Some(rate), ..FaultConfig::default() };
    }

    /// From now on so many in a thousand messages come twice.
    pub fn repeat(&mut self, per_mille: u16) {
        self.repeats.set(per_mille);
    }

    /// Runs a node's parts until one of them ends, or the node is stopped.
    async fn launch<T: Transport>(
        &mut self,
        kit: Kit,
        network: Network<T>,
    ) -> Result<Running, StartError> {
        self.starts += 1;
        let context = self.context.child("node").with_attribute("start", self.starts);
        let (started, outcome) = oneshot::channel();
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let parts = context.spawn(move |context| async move {
            match assemble(&context, kit, network).await {
                Ok(mut parts) => {
                    started.send_lossy(Ok(()));
                    parts.ended().await;
                }
                Err(error) => {
                    started.send_lossy(Err(error));
                }
            }
            end.store(true, Ordering::Relaxed);
        });
        let running = Running { parts, ended };
        match outcome.await {
            Ok(started) => started.map(|()| running),
            // It panicked as it started: its disk failed.
            Err(_) => {
                running.ended.store(true, Ordering::Relaxed);
                Ok(running)
            }
        }
    }

    fn kit(&self, number: usize, store: String, member: Member) -> Kit {
        let Member { application, wake, peering, rule, clock_ahead } = member;
        let blocks = NonZeroU64::new(self.rules.epoch_blocks).expect("an epoch has blocks");
        Kit {
            store,
            application,
            signer: self.rules.secrets[number].signer(),
            epocher: FixedEpocher::new(blocks),
            pacing: self.rules.pacing,
            abstention: Abstention::new(),
            clock_ahead,
            wake,
            peering,
            rule,
        }
    }

    /// The ends of all channels of a node.
    async fn channels(&self, number: usize) -> [Ends; CHANNELS] {
        let control = self.oracle.control(self.key(number));
        let mut ends = Vec::with_capacity(CHANNELS);
        for channel in 0..CHANNELS as u64 {
            let end = control.register(channel, Quota::per_second(MESSAGES_PER_SECOND)).await;
            ends.push(end.expect("the network runs"));
        }
        ends.try_into().unwrap_or_else(|_| unreachable!("one end for each channel"))
    }

    /// The network of a node with these ends.
    fn network<T>(
        &self,
        number: usize,
        ends: [(T::Sender, simulated::Receiver<PublicKey>); CHANNELS],
    ) -> Network<T>
    where
        T: Transport<
                Receiver = Repeating,
                Manager = SocketManager<PublicKey, Context>,
                Blocker = Control<PublicKey, Context>,
            >,
    {
        let ends = ends.map(|(sender, receiver)| (sender, self.repeats.hear(receiver)));
        let [votes, certificates, certificate_requests, block_requests, blocks, tips, transactions] =
            ends;
        Network {
            voting: Voting { votes, certificates, certificate_requests },
            block_requests,
            blocks,
            tips,
            transactions,
            peers: self.peers(number),
        }
    }

    fn peers<T>(&self, number: usize) -> Peers<T>
    where
        T: Transport<
                Manager = SocketManager<PublicKey, Context>,
                Blocker = Control<PublicKey, Context>,
            >,
    {
        let address = |place: usize| {
            let port = u16::try_from(place + 1).expect("few nodes");
            SocketAddr::from((Ipv4Addr::LOCALHOST, port))
        };
        let all = 0..self.rules.secrets.len();
        let addresses = all.map(|number| (self.key(number), address(number))).collect();
        let room = NonZeroUsize::new(self.rules.secrets.len()).expect("there are nodes");
        let network = (self.oracle.socket_manager(), self.oracle.control(self.key(number)));
        Peers::new(network, (addresses, BTreeMap::new()), room)
    }

    fn key(&self, number: usize) -> PublicKey {
        self.rules.secrets[number].signer().public_key()
    }
}
