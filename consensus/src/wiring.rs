//! Puts the parts together: network, archives, ordered delivery, the application's threads, the
//! epochs.
//!
//! Generic over the runtime and the transport, so that the same wiring runs under simulated time.

use std::num::NonZeroUsize;
use std::sync::Arc;

use chain::block::Header;
use chain::height::Height;
use chain::time::Millis;
use commonware_broadcast::buffered;
use commonware_consensus::marshal::core::Actor;
use commonware_consensus::marshal::resolver::p2p as resolver;
use commonware_consensus::marshal::standard::Inline;
use commonware_consensus::marshal::{self, Start};
use commonware_consensus::types::{Epoch, Epocher, FixedEpocher};
use commonware_cryptography::certificate::Scheme as _;
use commonware_cryptography::ed25519::{PrivateKey, PublicKey};
use commonware_cryptography::sha256::Digest;
use commonware_cryptography::{Digested, Digestible, Signer};
use commonware_parallel::Sequential;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_runtime::{Clock, Handle, Metrics, Spawner, Storage};
use commonware_utils::NZUsize;
use commonware_utils::channel::watch;
use futures::future::select_all;
use rand_core::CryptoRng;

use crate::abstention::Abstaining;
use crate::application::Authority;
use crate::block::{Sealed, engine_height};
use crate::certificates::Certificates;
use crate::committed::{Committed, DELIVERIES_MAX, Inbox};
use crate::committee::{Committees, Scheme, name, voters};
use crate::epochs::{Epochs, FETCH_RETRY, QUEUE_MAX, VIEWS_KEPT, fetch_timeout};
use crate::gossip::Gossip;
use crate::network::{Network, Peers, Transport};
use crate::recovery::{Beginning, Opened};
use crate::settings::{JournalRule, Pacing, StartError};
use crate::{Abstention, Application, Peering, Tip, Wake, calls, epochs, journal, recovery};

/// What the parts need of a runtime.
pub(crate) trait Runtime: Spawner + Clock + Metrics + Storage + CryptoRng {}
impl<E: Spawner + Clock + Metrics + Storage + CryptoRng> Runtime for E {}

/// Proposed blocks kept for one peer.
const BLOCKS_PER_PEER_MAX: usize = 8;
/// Missing heights fetched at once when we are behind.
const REPAIRS_MAX: NonZeroUsize = NZUsize!(32);

/// What the parts are put together from.
pub(crate) struct Kit {
    /// What the names of our files begin with, as simulated nodes share one disk.
    pub(crate) store: String,
    pub(crate) application: Arc<dyn Application>,
    pub(crate) signer: PrivateKey,
    pub(crate) epocher: FixedEpocher,
    pub(crate) pacing: Pacing,
    pub(crate) abstention: Abstention,
    /// How far the node's clock is ahead of the engine's.
    pub(crate) clock_ahead: Millis,
    pub(crate) wake: Wake,
    pub(crate) peering: Peering,
    /// What to do when the journal lacks blocks that the application has.
    pub(crate) rule: JournalRule,
}

/// The parts at work.
pub(crate) struct Parts(Vec<(&'static str, Handle<()>)>);

impl Parts {
    /// Adds a part that runs beside the others.
    pub(crate) fn push(&mut self, name: &'static str, part: Handle<()>) {
        self.0.push((name, part));
    }

    /// Waits for the first part to end, which none should, and names it.
    pub(crate) async fn ended(&mut self) -> &'static str {
        let (_, index, _) = select_all(self.0.iter_mut().map(|(_, part)| part)).await;
        self.0[index].0
    }
}

/// Starts every part. Refuses, before anything is voted, when the journal and the application do not fit
/// together.
pub(crate) async fn assemble<E: Runtime, T: Transport>(
    context: &E,
    kit: Kit,
    network: Network<T>,
) -> Result<Parts, StartError> {
    let genesis = Sealed::new(kit.application.genesis())
        .filter(|genesis| genesis.block().header.height == Height::GENESIS)
        .ok_or(StartError::GenesisInvalid)?;
    let committees = Committees::new(kit.signer.clone(), genesis.block().header.chain);
    let pages = journal::pages();
    let opened = recovery::open(context, &kit, &committees, &pages).await?;
    let Opened { certificate_archive, block_archive, certified, anchor, before } = opened;

    let mut peers = network.peers;
    let (broadcast, buffer) =
        buffered::Engine::new(context.child("broadcast"), kit.broadcast(&peers));
    let resolver =
        resolver::init(context.child("resolver"), kit.resolver(&peers), network.block_requests);
    let config = kit.marshal(start(anchor, genesis), committees.clone(), &pages);
    let (actor, marshal, floor) =
        Actor::init(context.child("marshal"), certificate_archive, block_archive, config).await;

    let acknowledged = floor.processed().map_or(0, |processed| processed.height().get());
    let acknowledged = Height(acknowledged).max(before);
    let first = kit.first_epoch(acknowledged)?;
    kit.locate(&mut peers, &committees, first.0)?;

    let (inbox, delivered) = Inbox::new();
    let (committed, boundaries) = Committed::new(Arc::clone(&kit.application), kit.epocher.clone());
    let tip = committed.watch();
    let (application, heights) = (Arc::clone(&kit.application), tip.clone());
    let gossip = kit.gossip(&committees, &tip, &peers);
    let Kit { store, wake, pacing, abstention, clock_ahead: ahead, epocher, .. } = kit;
    let archive = Certificates::new(marshal.clone(), committees.clone(), epocher.clone());
    let (archived, deliveries) = archive.start(context.child("certified"), delivered);
    let commits = committed.start(context.child("commits"), deliveries);
    let channels = (network.tips, network.transactions);
    let gossip = gossip.start::<_, T>(context, channels, Arc::clone(&application));
    let (calls, answers) =
        calls::start(context.child("answers"), Arc::clone(&application), tip.clone());
    let authority = Authority { calls, tip, wake, pacing, epocher: epocher.clone(), ahead };
    let inner = Inline::new(context.child("view"), authority, marshal.clone(), epocher.clone());
    let wrapped = Abstaining::new(context, inner, abstention);
    let epochs = Epochs {
        application,
        store,
        wrapped,
        marshal,
        committees,
        peers,
        epocher,
        pages,
        pacing,
        certified,
    };
    let epochs = context.child("epochs").spawn(move |context| {
        epochs::run(context, epochs, network.voting, first, (boundaries, heights))
    });
    let parts = [
        ("broadcast", broadcast.start(network.blocks)),
        ("marshal", actor.start(inbox, buffer, resolver)),
        ("certificates", archived),
        ("commits", commits),
        ("answers", answers),
        ("epochs", epochs),
    ];
    Ok(Parts(parts.into_iter().chain(gossip).collect()))
}

impl Kit {
    /// Registers the voters of every epoch up to that of the next block.
    pub(crate) fn register(&self, committees: &Committees) -> Result<(), StartError> {
        let next = self.application.tip().height.next();
        let mut epoch = Epoch::zero();
        loop {
            let height = self.height_before(epoch);
            let voters = self
                .header(height)
                .and_then(|header| voters(&header.next_authorities?))
                .ok_or(StartError::AuthoritiesInvalid { height })?;
            committees.register(epoch, voters);
            if self.epocher.last(epoch).is_none_or(|last| next.0 <= last.get()) {
                return Ok(());
            }
            epoch = epoch.next();
        }
    }

    /// The epoch of the first block that is not acknowledged, and the digest it builds on.
    fn first_epoch(&self, acknowledged: Height) -> Result<(Epoch, Digest), StartError> {
        let tip = self.application.tip().height;
        if tip < acknowledged {
            return Err(StartError::StoreBehind { tip, acknowledged });
        }
        let next = engine_height(acknowledged.next());
        let epoch = self.epocher.containing(next).expect("heights do not run out").epoch();
        let height = self.height_before(epoch);
        let header = self.header(height).ok_or(StartError::AuthoritiesInvalid { height })?;
        Ok((epoch, Digest(header.digest().0)))
    }

    /// The height whose header names the voters of `epoch`: the last of the epoch before, or genesis.
    fn height_before(&self, epoch: Epoch) -> Height {
        let last = epoch.previous().and_then(|before| self.epocher.last(before));
        last.map_or(Height::GENESIS, |last| Height(last.get()))
    }

    fn header(&self, height: Height) -> Option<Header> {
        match height {
            Height::GENESIS => Some(self.application.genesis().header),
            _ => self.application.header(height),
        }
    }

    /// Finds out where authorities are. Where others vote in `epoch`, it is known of somebody; not of all of
    /// them, as some may be gone by now.
    fn locate<T: Transport>(
        &self,
        peers: &mut Peers<T>,
        committees: &Committees,
        epoch: Epoch,
    ) -> Result<(), StartError> {
        peers.hear(self.application.addresses());
        let scheme = committees.of(epoch).expect("registered up to the tip");
        let us = self.signer.public_key();
        let other = scheme.participants().iter().find(|key| **key != us);
        match other {
            Some(key) if !peers.reaches_others(&us) => {
                Err(StartError::AddressMissing { key: name(key) })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn gossip<T: Transport>(
        &self,
        committees: &Committees,
        tip: &watch::Receiver<Tip>,
        peers: &Peers<T>,
    ) -> Gossip<T::Blocker> {
        Gossip {
            us: self.signer.public_key(),
            peering: self.peering.clone(),
            committees: committees.clone(),
            epocher: self.epocher.clone(),
            tip: tip.clone(),
            abstention: self.abstention.clone(),
            blocker: peers.blocker.clone(),
            garbage: Arc::default(),
        }
    }

    fn broadcast<T: Transport>(
        &self,
        peers: &Peers<T>,
    ) -> buffered::Config<PublicKey, (), T::Manager, Sequential> {
        buffered::Config {
            public_key: self.signer.public_key(),
            mailbox_size: QUEUE_MAX,
            deque_size: BLOCKS_PER_PEER_MAX,
            priority: true,
            codec_config: (),
            peer_provider: peers.provider(),
            strategy: Sequential,
        }
    }

    fn resolver<T: Transport>(
        &self,
        peers: &Peers<T>,
    ) -> resolver::Config<PublicKey, T::Manager, T::Blocker> {
        resolver::Config {
            public_key: self.signer.public_key(),
            peer_provider: peers.provider(),
            blocker: peers.blocker.clone(),
            mailbox_size: QUEUE_MAX,
            fetch_timeout: fetch_timeout(),
            fetch_retry_delay: FETCH_RETRY,
            priority_requests: false,
            priority_responses: false,
        }
    }

    fn marshal(
        &self,
        start: Start<Scheme, Digest, Digested<Sealed>>,
        committees: Committees,
        pages: &CacheRef,
    ) -> marshal::Config<Committees, FixedEpocher, Sequential, Sealed, Digested<Sealed>> {
        marshal::Config {
            provider: committees,
            epocher: self.epocher.clone(),
            start,
            partition_prefix: format!("{}-marshal", self.store),
            mailbox_size: QUEUE_MAX,
            view_retention: VIEWS_KEPT,
            prunable_items_per_section: journal::CACHE_SECTION_ITEMS,
            page_cache: pages.clone(),
            replay_buffer: journal::REPLAY_BUFFER_BYTES,
            key_write_buffer: journal::WRITE_BUFFER_BYTES,
            value_write_buffer: journal::WRITE_BUFFER_BYTES,
            block_codec_config: (),
            max_repair: REPAIRS_MAX,
            max_pending_acks: NZUsize!(DELIVERIES_MAX),
            strategy: Sequential,
        }
    }
}

/// Where final blocks begin: at the `anchor`, or with genesis.
fn start(anchor: Option<Beginning>, genesis: Sealed) -> Start<Scheme, Digest, Digested<Sealed>> {
    match anchor {
        Some((_, certificate)) => Start::Floor(certificate),
        None => {
            let digest = genesis.digest();
            Start::Genesis(Digested::precomputed(genesis, digest))
        }
    }
}
