//! Channels and peers: what travels among authorities, how much of it, and who may connect.
//!
//! Every connection is authenticated by the authorities' keys, encrypted, and bound to the chain. The
//! largest message is derived from the limits of the protocol, so that it is the same on every node.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use chain::hash::Hash;
use chain::limits::{AUTHORITIES_MAX, PASSED_BYTES_MAX};
use commonware_consensus::marshal::standard::Standard;
use commonware_consensus::types::Epoch;
use commonware_consensus::{marshal, simplex};
use commonware_cryptography::ChaCha20Poly1305;
use commonware_cryptography::Signer;
use commonware_cryptography::ed25519::{PrivateKey, PublicKey};
use commonware_cryptography::sha256::Digest;
use commonware_p2p::authenticated::lookup;
use commonware_p2p::utils::mux::prefixed;
use commonware_p2p::{
    Address, AddressableManager, AddressableTrackedPeers, Blocker, Receiver, Sender,
    max_message_size,
};
use commonware_runtime::{Handle, Quota, Resolver};
use commonware_stream::cups::{self, Cups};
use commonware_stream::sake::{self, Sake};
use commonware_utils::ordered::{Map, Set};
use commonware_utils::{NZU32, NZUsize};

use crate::block::Sealed;
use crate::committee::{Scheme, namespace};
use crate::wiring::Runtime;

const VOTES: u64 = 0;
const CERTIFICATES: u64 = 1;
const CERTIFICATE_REQUESTS: u64 = 2;
const BLOCK_REQUESTS: u64 = 3;
const BLOCKS: u64 = 4;
const TIPS: u64 = 5;
const TRANSACTIONS: u64 = 6;

/// Votes, certificates or requests for them that one peer may send in a second, each.
const SMALL_MESSAGES_PER_SECOND: NonZeroU32 = NZU32!(1_024);
/// Blocks that one peer may ask for in a second.
const BLOCK_REQUESTS_PER_SECOND: NonZeroU32 = NZU32!(256);
/// Blocks that one peer may propose or forward in a second.
const BLOCKS_PER_SECOND: NonZeroU32 = NZU32!(64);
/// Times that one peer may say in a second how far it is.
const TIPS_PER_SECOND: NonZeroU32 = NZU32!(8);
/// Messages with transactions that one peer may send in a second.
pub(crate) const PASSED_PER_SECOND: NonZeroU32 = NZU32!(64);
/// Epochs whose authorities stay connected: the last and the running one.
const EPOCHS_CONNECTED: NonZeroUsize = NZUsize!(2);
/// Messages that wait in one queue of the network.
const QUEUE_MAX: NonZeroUsize = NZUsize!(1_024);
/// How far the clocks of two authorities may differ when they connect.
const HANDSHAKE_CLOCK_SKEW: Duration = Duration::from_secs(5);
/// How old a greeting may be.
const HANDSHAKE_AGE_MAX: Duration = Duration::from_secs(10);

/// What carries the messages: the real network, or the simulated one of a test.
pub(crate) trait Transport: 'static {
    type Sender: Sender<PublicKey = PublicKey>;
    type Receiver: Receiver<PublicKey = PublicKey>;
    type Manager: AddressableManager<PublicKey = PublicKey>;
    type Blocker: Blocker<PublicKey = PublicKey>;
}

/// Both ends of one channel.
pub(crate) type Channel<T> = (<T as Transport>::Sender, <T as Transport>::Receiver);

/// All channels, and the peers at their other ends.
pub(crate) struct Network<T: Transport> {
    pub(crate) votes: Channel<T>,
    pub(crate) certificates: Channel<T>,
    pub(crate) certificate_requests: Channel<T>,
    pub(crate) block_requests: Channel<T>,
    pub(crate) blocks: Channel<T>,
    pub(crate) tips: Channel<T>,
    pub(crate) transactions: Channel<T>,
    pub(crate) peers: Peers<T>,
}

/// Who may connect.
pub(crate) struct Peers<T: Transport> {
    pub(crate) manager: T::Manager,
    pub(crate) blocker: T::Blocker,
    /// Where authorities are, those of other epochs too.
    pub(crate) addresses: BTreeMap<PublicKey, SocketAddr>,
    /// Where followers come from.
    pub(crate) followers: BTreeMap<PublicKey, IpAddr>,
}

impl<T: Transport> Peers<T> {
    /// Connects to the `voters` of `epoch`, and lets everybody else in whom we know. A voter without an
    /// address is left out.
    pub(crate) fn track(&mut self, epoch: Epoch, voters: &Set<PublicKey>) {
        let known = voters.iter().filter_map(|key| {
            let address = self.addresses.get(key);
            if address.is_none() {
                tracing::warn!(authority = %key, %epoch, "authority has no address");
            }
            Some((key.clone(), Address::Symmetric(*address?)))
        });
        let known = Map::from_iter_dedup(known.collect::<Vec<_>>());
        // Nobody calls them: they call, from wherever their address says.
        let followers = self.followers.iter().map(|(key, ip)| (key.clone(), (*ip, 0).into()));
        let others = self.addresses.iter().map(|(key, address)| (key.clone(), *address));
        let others = others.chain(followers).filter(|(key, _)| voters.position(key).is_none());
        let others = others.map(|(key, address)| (key, Address::Symmetric(address)));
        let others = Map::from_iter_dedup(others.collect::<Vec<_>>());
        self.manager.track(epoch.get(), AddressableTrackedPeers::new(known, others));
    }
}

/// Where authorities are, and where followers come from.
pub(crate) type Others = (BTreeMap<PublicKey, SocketAddr>, BTreeMap<PublicKey, IpAddr>);

/// The network of production: TCP between known addresses.
pub(crate) struct Tcp<E>(PhantomData<E>);

impl<E: Runtime> Transport for Tcp<E> {
    type Sender = lookup::Sender<PublicKey, E>;
    type Receiver = lookup::Receiver<PublicKey>;
    type Manager = lookup::Oracle<PublicKey>;
    type Blocker = lookup::Oracle<PublicKey>;
}

/// Listens on `listen`, and runs until the runtime stops. Nobody is let in before a set is tracked.
pub(crate) fn open<E>(
    context: &E,
    signer: PrivateKey,
    chain: Hash,
    listen: SocketAddr,
    (mut addresses, followers): Others,
) -> (Network<Tcp<E>>, Handle<()>)
where
    E: Runtime + commonware_runtime::Network + Resolver,
{
    addresses.insert(signer.public_key(), listen);
    // Nobody else is ever tracked. The network sets memory aside for every one of them and a second's
    // messages of each, so this is not the most that a chain may have.
    let peers = addresses.keys().chain(followers.keys()).collect::<BTreeSet<_>>().len();
    let peers_max = NonZeroUsize::new(peers).expect("we are one of them");
    let handshake = Sake {
        signer,
        synchrony_bound: HANDSHAKE_CLOCK_SKEW,
        max_handshake_age: HANDSHAKE_AGE_MAX,
        version: sake::Version::V1,
    };
    let config = lookup::Config {
        tracked_peer_sets: EPOCHS_CONNECTED,
        ..lookup::Config::local(
            Cups::<_, ChaCha20Poly1305>::new(handshake, cups::Version::V1),
            &namespace(chain),
            listen,
            peers_max,
            message_bytes_max(),
            QUEUE_MAX,
        )
    };
    let (mut network, oracle) = lookup::Network::new(context.child("network"), config);
    let mut register = |channel, rate| network.register(channel, Quota::per_second(rate));
    let channels = Network {
        votes: register(VOTES, SMALL_MESSAGES_PER_SECOND),
        certificates: register(CERTIFICATES, SMALL_MESSAGES_PER_SECOND),
        certificate_requests: register(CERTIFICATE_REQUESTS, SMALL_MESSAGES_PER_SECOND),
        block_requests: register(BLOCK_REQUESTS, BLOCK_REQUESTS_PER_SECOND),
        blocks: register(BLOCKS, BLOCKS_PER_SECOND),
        tips: register(TIPS, TIPS_PER_SECOND),
        transactions: register(TRANSACTIONS, PASSED_PER_SECOND),
        peers: Peers { manager: oracle.clone(), blocker: oracle, addresses, followers },
    };
    (channels, network.start())
}

/// The longest message any channel carries, in bytes.
pub(crate) fn message_bytes_max() -> u32 {
    let authorities = u32::try_from(AUTHORITIES_MAX).expect("few authorities");
    max_message_size(&[
        prefixed(simplex::max_payload_size::<Scheme, Digest>(authorities)),
        marshal::max_payload_size::<Standard<Sealed>, Scheme>(authorities, &()),
        PASSED_BYTES_MAX,
    ])
}
