//! Channels and peers: what travels among authorities, how much of it, and who may connect.
//!
//! Every connection is authenticated by the authorities' keys, encrypted, and bound to the chain. The
//! largest message is derived from the limits of the protocol, so that it is the same on every node.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use chain::authority::AuthorityKey;
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
use crate::committee::{Scheme, name, namespace, point};
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
/// Sets of peers that stay connected: the one named last. Who else may stay is in it.
const SETS_CONNECTED: NonZeroUsize = NZUsize!(1);
/// Times that peers change in one epoch, at most: more than it has blocks.
const SETS_PER_EPOCH_MAX: u64 = 1 << 24;
/// Peers that a running node can connect to beyond those in its settings.
const NEWCOMERS_MAX: NonZeroUsize = NZUsize!(32);
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

/// The three channels whose messages belong to an epoch.
pub(crate) struct Voting<T: Transport> {
    pub(crate) votes: Channel<T>,
    pub(crate) certificates: Channel<T>,
    pub(crate) certificate_requests: Channel<T>,
}

/// All channels, and the peers at their other ends.
pub(crate) struct Network<T: Transport> {
    pub(crate) voting: Voting<T>,
    pub(crate) block_requests: Channel<T>,
    pub(crate) blocks: Channel<T>,
    pub(crate) tips: Channel<T>,
    pub(crate) transactions: Channel<T>,
    pub(crate) peers: Peers<T>,
}

/// Who may connect.
///
/// ```text
///   where a peer is:   what the chain says, or else what the settings say
///   voters             called and let in, their messages first
///   others             whoever else we know, followers, who voted in the epoch before: called and let in
/// ```
pub(crate) struct Peers<T: Transport> {
    manager: T::Manager,
    pub(crate) blocker: T::Blocker,
    /// Where authorities are by the settings, those of other epochs too.
    configured: BTreeMap<PublicKey, SocketAddr>,
    /// Where they are by the chain, under its own names: it is compared after every block, and read seldom.
    said: BTreeMap<AuthorityKey, SocketAddr>,
    /// Where the voters of the epoch before are, who may still need what its end was.
    before: BTreeMap<PublicKey, SocketAddr>,
    /// Where followers come from.
    followers: BTreeMap<PublicKey, IpAddr>,
    /// Who votes now.
    voters: Set<PublicKey>,
    /// Peers at once, ourselves among them.
    room: usize,
    /// The number of the next set of peers: the network wants them rising, and the same where they are.
    next: u64,
}

impl<T: Transport> Peers<T> {
    /// Nobody yet. At most `room` peers connect at once.
    pub(crate) fn new(
        (manager, blocker): (T::Manager, T::Blocker),
        (configured, followers): Others,
        room: NonZeroUsize,
    ) -> Self {
        Self {
            manager,
            blocker,
            configured,
            said: BTreeMap::new(),
            before: BTreeMap::new(),
            followers,
            voters: Set::default(),
            room: room.get(),
            next: 0,
        }
    }

    /// What tells of peers as they come and go.
    pub(crate) fn provider(&self) -> T::Manager {
        self.manager.clone()
    }

    /// Where the authority is, as far as anybody has said.
    pub(crate) fn address(&self, key: &PublicKey) -> Option<SocketAddr> {
        let elsewhere = || self.configured.get(key).or_else(|| self.before.get(key));
        self.said.get(&name(key)).or_else(elsewhere).copied()
    }

    /// True when it is known of anybody else where he is.
    pub(crate) fn reaches_others(&self, us: &PublicKey) -> bool {
        let said = self.said.keys().any(|key| *key != name(us));
        said || self.configured.keys().any(|key| key != us)
    }

    /// Takes over what the chain says. True when that is new.
    pub(crate) fn hear(&mut self, said: BTreeMap<AuthorityKey, SocketAddr>) -> bool {
        let new = self.said != said;
        self.said = said;
        new
    }

    /// `voters` vote in `epoch`, which begins.
    pub(crate) fn enter(&mut self, epoch: Epoch, voters: Set<PublicKey>) {
        self.next = epoch.get().saturating_mul(SETS_PER_EPOCH_MAX).max(self.next);
        let left = self.voters.iter().filter_map(|key| Some((key.clone(), self.address(key)?)));
        self.before = left.collect();
        self.voters = voters;
        for key in self.voters.iter().filter(|key| self.address(key).is_none()) {
            tracing::warn!(authority = %key, "authority has no address");
        }
        self.connect();
    }

    /// Connects to those who vote, and lets everybody else in whom we know. A voter without an address is left
    /// out, as are those for whom there is no room.
    pub(crate) fn connect(&mut self) {
        let voters = self.voters.iter().filter_map(|key| Some((key.clone(), self.address(key)?)));
        // Nobody calls followers: they call, from wherever their address says.
        let followers = self.followers.iter().map(|(key, ip)| (key.clone(), (*ip, 0).into()));
        let said = self.said.iter().filter_map(|(key, address)| Some((point(key)?, *address)));
        let known = self.configured.iter().chain(&self.before);
        let others = said.chain(known.map(|(key, address)| (key.clone(), *address)));
        let others = others.chain(followers).filter(|(key, _)| self.voters.position(key).is_none());
        let mut places = self.room;
        let voters = first_of_each(voters, &mut places);
        let others = first_of_each(others, &mut places);
        let peers = AddressableTrackedPeers::new(voters, others);
        self.manager.track(self.next, peers);
        self.next = self.next.saturating_add(1);
    }
}

/// The first address of each peer, as long as there are `places`.
fn first_of_each(
    peers: impl Iterator<Item = (PublicKey, SocketAddr)>,
    places: &mut usize,
) -> Map<PublicKey, Address> {
    let mut first = BTreeMap::new();
    for (key, address) in peers {
        if first.contains_key(&key) {
            continue;
        }
        match places.checked_sub(1) {
            Some(left) => *places = left,
            None => {
                tracing::warn!(peer = %key, "no room for a peer: start the node again to make some");
                continue;
            }
        }
        first.insert(key, Address::Symmetric(address));
    }
    Map::from_iter_dedup(first)
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
    // The network sets memory aside for every one of them and a second's messages of each, so this is not the
    // most that a chain may have.
    let peers = addresses.keys().chain(followers.keys()).collect::<BTreeSet<_>>().len();
    let peers_max = NEWCOMERS_MAX.saturating_add(peers);
    let handshake = Sake {
        signer,
        synchrony_bound: HANDSHAKE_CLOCK_SKEW,
        max_handshake_age: HANDSHAKE_AGE_MAX,
        version: sake::Version::V1,
    };
    let config = lookup::Config {
        tracked_peer_sets: SETS_CONNECTED,
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
        voting: Voting {
            votes: register(VOTES, SMALL_MESSAGES_PER_SECOND),
            certificates: register(CERTIFICATES, SMALL_MESSAGES_PER_SECOND),
            certificate_requests: register(CERTIFICATE_REQUESTS, SMALL_MESSAGES_PER_SECOND),
        },
        block_requests: register(BLOCK_REQUESTS, BLOCK_REQUESTS_PER_SECOND),
        blocks: register(BLOCKS, BLOCKS_PER_SECOND),
        tips: register(TIPS, TIPS_PER_SECOND),
        transactions: register(TRANSACTIONS, PASSED_PER_SECOND),
        peers: Peers::new((oracle.clone(), oracle), (addresses, followers), peers_max),
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
