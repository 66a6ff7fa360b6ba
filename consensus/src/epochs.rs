//! One voting engine an epoch, each with its own authorities and its own votes on disk.
//!
//! ```text
//!   last block of epoch e committed
//!     -> its header names the voters of e + 1: register them, connect to them
//!     -> start the engine of e + 1 on that block, stop the engine of e
//!     -> acknowledge the block
//! ```
//!
//! Before the acknowledgement is on disk the block is delivered again after a crash, so an epoch is never
//! skipped. A message for an epoch we have not reached says that its sender has crossed a boundary we have
//! not seen: we ask that sender for it.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use chain::time::Millis;
use commonware_consensus::marshal::core::Mailbox;
use commonware_consensus::marshal::standard::{Inline, Standard};
use commonware_consensus::simplex::elector::RoundRobin;
use commonware_consensus::simplex::{self, Floor, ForwardPolicy, SkipBudget, SkipPolicy};
use commonware_consensus::types::{Epoch, Epocher, FixedEpocher, ViewDelta};
use commonware_cryptography::Sha256;
use commonware_cryptography::certificate::Scheme as _;
use commonware_cryptography::ed25519::PublicKey;
use commonware_cryptography::sha256::Digest;
use commonware_macros::select_loop;
use commonware_p2p::utils::mux::{Builder, MuxHandle, Muxer};
use commonware_parallel::Sequential;
use commonware_runtime::Handle;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_utils::channel::{mpsc, watch};
use commonware_utils::vec::NonEmptyVec;
use commonware_utils::{Acknowledgement, NZDuration, NZUsize, NonZeroDuration};

use crate::abstention::Abstaining;
use crate::application::Authority;
use crate::block::Sealed;
use crate::committed::Boundary;
use crate::committee::{Committees, Scheme, voters};
use crate::journal::{REPLAY_BUFFER_BYTES, WRITE_BUFFER_BYTES};
use crate::network::{Peers, Transport, Voting};
use crate::recovery::Certificate;
use crate::settings::Pacing;
use crate::wiring::Runtime;
use crate::witness::Witness;
use crate::{Application, Tip};

/// Messages that wait in one queue of the engine.
pub(crate) const QUEUE_MAX: NonZeroUsize = NZUsize!(1_024);
/// Views behind the last final one whose votes are kept.
pub(crate) const VIEWS_KEPT: ViewDelta = ViewDelta::new(256);
const FETCH_TIMEOUT_MS: u64 = 2_000;
/// How long to wait before asking again.
pub(crate) const FETCH_RETRY: Duration = Duration::from_millis(100);
/// A proposer silent for this many certification timeouts is skipped at once.
const SKIP_AFTER_TIMEOUTS: u32 = 4;

/// Where final blocks are put in order.
pub(crate) type Marshal = Mailbox<Scheme, Standard<Sealed>>;
/// Our part, wrapped so that blocks are well linked, stay in their epoch, and are on disk before a vote
/// makes them final.
pub(crate) type Wrapped<E> = Inline<E, Scheme, Authority, Sealed, FixedEpocher>;
/// A message for an epoch without an engine: the epoch, its sender, its bytes.
type Stray = (u64, commonware_p2p::Message<PublicKey>);

/// What the engine of every epoch shares.
pub(crate) struct Epochs<E: Runtime, T: Transport> {
    pub(crate) application: Arc<dyn Application>,
    /// What the names of our files begin with.
    pub(crate) store: String,
    pub(crate) wrapped: Abstaining<E>,
    pub(crate) marshal: Marshal,
    pub(crate) committees: Committees,
    pub(crate) peers: Peers<T>,
    pub(crate) epocher: FixedEpocher,
    pub(crate) pages: CacheRef,
    pub(crate) pacing: Pacing,
    /// The last certificates in the journal when the engine started.
    pub(crate) certified: BTreeMap<Epoch, Certificate>,
}

/// The same channels, split by epoch.
struct Split<T: Transport> {
    votes: MuxHandle<T::Sender>,
    certificates: MuxHandle<T::Sender>,
    certificate_requests: MuxHandle<T::Sender>,
    stray_votes: mpsc::Receiver<Stray>,
    stray_certificates: mpsc::Receiver<Stray>,
}

/// The epoch whose engine runs. Dropped, its engine stops.
struct Active {
    epoch: Epoch,
    engine: Handle<()>,
}

impl Drop for Active {
    fn drop(&mut self) {
        self.engine.abort();
    }
}

/// Runs the engine of `epoch`, which builds on the block with digest `base`, and of every epoch after. Ends
/// when the runtime stops, or when a part it needs has ended.
pub(crate) async fn run<E: Runtime, T: Transport>(
    context: E,
    mut epochs: Epochs<E, T>,
    voting: Voting<T>,
    (epoch, base): (Epoch, Digest),
    (mut boundaries, mut tip): (mpsc::Receiver<Boundary>, watch::Receiver<Tip>),
) {
    let mut split = split(&context, voting);
    let Some(mut active) = epochs.enter(&context, &mut split, epoch, base).await else { return };
    select_loop! {
        context,
        on_stopped => {},
        _ = &mut active.engine => break,
        Some(boundary) = boundaries.recv() else break => {
            assert_eq!(boundary.epoch, active.epoch, "epochs end in order");
            let next = boundary.epoch.next();
            let voters = voters(&boundary.next_authorities).expect("a final header names voters");
            epochs.committees.register(next, voters);
            let entered = epochs.enter(&context, &mut split, next, boundary.digest).await;
            let Some(entered) = entered else { break };
            active = entered;
            boundary.acknowledgement.acknowledge();
        },
        moved = tip.changed() => match moved {
            Ok(()) => epochs.hear(),
            Err(_) => break,
        },
        Some((theirs, (sender, _))) = split.stray_votes.recv() else break => {
            epochs.catch_up(active.epoch, theirs, sender);
        },
        Some((theirs, (sender, _))) = split.stray_certificates.recv() else break => {
            epochs.catch_up(active.epoch, theirs, sender);
        },
    }
}

fn split<E: Runtime, T: Transport>(context: &E, voting: Voting<T>) -> Split<T> {
    let votes = Muxer::builder(context.child("votes"), voting.votes.0, voting.votes.1);
    let (muxer, votes, stray_votes) = votes.with_backup().build();
    muxer.start();
    let (sender, receiver) = voting.certificates;
    let certificates = Muxer::builder(context.child("certificates"), sender, receiver);
    let (muxer, certificates, stray_certificates) = certificates.with_backup().build();
    muxer.start();
    let (sender, receiver) = voting.certificate_requests;
    let (muxer, certificate_requests) = Muxer::new(context.child("requests"), sender, receiver);
    muxer.start();
    Split { votes, certificates, certificate_requests, stray_votes, stray_certificates }
}

impl<E: Runtime, T: Transport> Epochs<E, T> {
    /// Connects to the voters of `epoch` and starts its engine. `None` when the runtime stops.
    async fn enter(
        &mut self,
        context: &E,
        split: &mut Split<T>,
        epoch: Epoch,
        base: Digest,
    ) -> Option<Active> {
        let scheme = self.committees.of(epoch).expect("registered before it is entered");
        self.peers.enter(epoch, scheme.participants().clone());
        let context = context.child("engine").with_attribute("epoch", epoch);
        let floor = self.certified.remove(&epoch).map_or(Floor::Genesis(base), Floor::Finalized);
        let engine = simplex::Engine::new(context, self.config(&scheme, epoch, floor));
        let votes = split.votes.register(epoch.get()).await.ok()?;
        let certificates = split.certificates.register(epoch.get()).await.ok()?;
        let requests = split.certificate_requests.register(epoch.get()).await.ok()?;
        let engine = engine.start(votes, certificates, requests);
        let (votes, authorities) = (scheme.me().is_some(), scheme.participants().len());
        tracing::info!(%epoch, authorities, votes, "epoch entered");
        Some(Active { epoch, engine })
    }

    fn config(
        &self,
        scheme: &Scheme,
        epoch: Epoch,
        floor: Floor<Scheme, Digest>,
    ) -> EngineConfig<E, T> {
        let certification_timeout = span(self.pacing.certification_timeout);
        let chain = self.application.genesis().header.chain;
        let application = Arc::clone(&self.application);
        let reporter = Witness::new(self.wrapped.inner(), application, (scheme.clone(), chain));
        simplex::Config {
            scheme: scheme.clone(),
            elector: RoundRobin::default(),
            blocker: self.peers.blocker.clone(),
            automaton: self.wrapped.clone(),
            relay: self.wrapped.clone(),
            reporter,
            track_historical_votes: false,
            strategy: Sequential,
            partition: format!("{}-votes-{epoch}", self.store),
            mailbox_size: QUEUE_MAX,
            epoch,
            floor,
            replay_buffer: REPLAY_BUFFER_BYTES,
            write_buffer: WRITE_BUFFER_BYTES,
            page_cache: self.pages.clone(),
            leader_timeout: span(self.pacing.leader_timeout),
            certification_timeout,
            timeout_retry: span(self.pacing.timeout_retry),
            view_retention: VIEWS_KEPT,
            skip: SkipPolicy::Enabled {
                timeout: certification_timeout.saturating_mul(SKIP_AFTER_TIMEOUTS),
                budget: SkipBudget::Participants,
            },
            fetch_timeout: fetch_timeout(),
            fetch_retry_delay: FETCH_RETRY,
            forward: ForwardPolicy::SilentVoters,
        }
    }

    /// Connects to where the chain says now that authorities are.
    fn hear(&mut self) {
        if self.peers.hear(self.application.addresses()) {
            self.peers.connect();
        }
    }

    /// Asks `sender`, who is in epoch `theirs`, for the end of `ours`.
    fn catch_up(&self, ours: Epoch, theirs: u64, sender: PublicKey) {
        if theirs <= ours.get() {
            return;
        }
        let last = self.epocher.last(ours).expect("heights do not run out");
        self.marshal.hint_finalized(last, NonEmptyVec::new(sender));
    }
}

/// The configuration of an epoch's engine.
type EngineConfig<E, T> = simplex::Config<
    Scheme,
    RoundRobin<Sha256>,
    <T as Transport>::Blocker,
    Digest,
    Abstaining<E>,
    Abstaining<E>,
    Witness<E>,
    Sequential,
>;

/// How long a peer may take to send a certificate or a block.
pub(crate) fn fetch_timeout() -> NonZeroDuration {
    NZDuration!(Duration::from_millis(FETCH_TIMEOUT_MS))
}

fn span(Millis(length): Millis) -> Duration {
    Duration::from_millis(length)
}
