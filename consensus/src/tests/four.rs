//! Four authorities under simulated time: same seed, same run.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use chain::block::Header;
use chain::certificate::Certificate;
use chain::hash::Hash;
use chain::light::LightClient;
use chain::time::Millis;
use commonware_consensus::types::FixedEpocher;
use commonware_cryptography::Signer;
use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::simulated::{self, Control, Link, Oracle};
use commonware_runtime::deterministic::{Context, Runner};
use commonware_runtime::{Clock, Quota, Runner as _, Supervisor};
use commonware_utils::{NZU32, NZUsize, probability};

use super::toy::{Toy, authorities, numbered, secret};
use crate::network::{Channel, Network, Peers, Voting, message_bytes_max};
use crate::simulation::{Repeats, Simulated};
use crate::wiring::{Kit, Parts, assemble};
use crate::{JournalRule, Pacing, Wake};

const AUTHORITIES: u8 = 4;
/// All who have a link and an address: the authorities, and one who may join them.
const PEOPLE: u8 = 5;
const EPOCH_BLOCKS: u64 = 6;
const GOAL: u64 = 20;

pub(super) type Net = Oracle<PublicKey, Context>;

/// The digests that every authority has up to the goal. All but the last start at once; the last `joins`.
fn simulate(seed: u64, joins: Joins) -> Vec<Vec<Hash>> {
    Runner::seeded(seed).start(|context| async move {
        let oracle = network(&context).await;
        let mut nodes = Vec::new();
        for number in 0..AUTHORITIES - 1 {
            nodes.push(node(&context, &oracle, number).await);
        }
        if joins == Joins::Late {
            reach(&context, &nodes, GOAL / 2).await;
        }
        nodes.push(node(&context, &oracle, AUTHORITIES - 1).await);
        reach(&context, &nodes, GOAL).await;
        nodes.iter().for_each(|(toy, _)| follow(toy));
        let reached = usize::try_from(GOAL).unwrap();
        nodes.iter().map(|(toy, _)| toy.digests()[..=reached].to_vec()).collect()
    })
}

/// A light client that knows the first authorities alone finds every block final up to the goal.
fn follow(toy: &Toy) {
    let (headers, certificates) = toy.finality();
    let genesis = &headers[0];
    let first = genesis.next_authorities.as_ref().unwrap();
    let mut client = LightClient::new(genesis.chain, EPOCH_BLOCKS, first).unwrap();
    for height in 1..=usize::try_from(GOAL).unwrap() {
        let above = |certificate: &&Certificate| {
            let certified = headers[height..].iter().map(Header::digest);
            certified.into_iter().any(|digest| digest == certificate.block)
        };
        let certificate = certificates.iter().find(above).unwrap();
        let certified = headers.iter().position(|it| it.digest() == certificate.block).unwrap();
        let found = client.verify(&headers[height..=certified], certificate).unwrap();
        assert!(found.votes >= 3 && found.voters == 4, "{found:?}");
        if headers[height].next_authorities.is_some() {
            client.advance(&headers[height], certificate).unwrap();
        }
    }
    assert_eq!(client.epoch(), GOAL / EPOCH_BLOCKS);
}

/// When the last authority starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joins {
    AtOnce,
    Late,
}

/// Lets time pass until all `nodes` have the block at `height`.
pub(super) async fn reach(context: &Context, nodes: &[(Arc<Toy>, Parts)], height: u64) {
    while nodes.iter().any(|(toy, _)| toy.height() < height) {
        context.sleep(Duration::from_millis(50)).await;
    }
}

pub(super) fn key(number: u8) -> PublicKey {
    secret(number).signer().public_key()
}

/// A network over which all authorities reach one another.
pub(super) async fn network(context: &Context) -> Net {
    let config = simulated::Config {
        max_size: message_bytes_max(),
        max_peers_per_set: NZUsize!(8),
        disconnect_on_block: true,
        tracked_peer_sets: NZUsize!(2),
    };
    let (network, oracle) = simulated::Network::new(context.child("network"), config);
    network.start();
    link(&oracle).await;
    oracle
}

async fn link(oracle: &Net) {
    let link = Link {
        latency: Duration::from_millis(20),
        jitter: Duration::from_millis(10),
        success_rate: probability!(1.0),
    };
    for from in 0..PEOPLE {
        for to in (0..PEOPLE).filter(|to| *to != from) {
            oracle.add_link(key(from), key(to), link.clone()).await.unwrap();
        }
    }
}

pub(super) async fn node(context: &Context, oracle: &Net, number: u8) -> (Arc<Toy>, Parts) {
    let toy = Arc::new(Toy::new(authorities(AUTHORITIES)));
    let kit = Kit {
        store: format!("node-{number}"),
        application: Arc::clone(&toy) as _,
        signer: secret(number).signer(),
        epocher: FixedEpocher::new(NonZeroU64::new(EPOCH_BLOCKS).unwrap()),
        pacing: Pacing { idle: Millis(200), ..Pacing::default() },
        abstention: toy.abstention.clone(),
        clock_ahead: Millis(0),
        wake: Wake::new(),
        peering: toy.peering.clone(),
        rule: JournalRule::MustContinue,
    };
    let control = oracle.control(key(number));
    let addresses: BTreeMap<_, _> =
        (0..AUTHORITIES).map(|number| (key(number), address(number))).collect();
    let network: Network<Simulated> = Network {
        voting: Voting {
            votes: end(&control, 0).await,
            certificates: end(&control, 1).await,
            certificate_requests: end(&control, 2).await,
        },
        block_requests: end(&control, 3).await,
        blocks: end(&control, 4).await,
        tips: end(&control, 5).await,
        transactions: end(&control, 6).await,
        peers: Peers::new(
            (oracle.socket_manager(), control),
            (addresses, BTreeMap::new()),
            NZUsize!(8),
        ),
    };
    let context = context.child("node").with_attribute("number", number);
    (toy, assemble(&context, kit, network).await.unwrap())
}

/// Both ends of a channel on which nothing comes twice.
async fn end(control: &Control<PublicKey, Context>, channel: u64) -> Channel<Simulated> {
    let quota = Quota::per_second(NZU32!(1_024));
    let (sender, receiver) = control.register(channel, quota).await.unwrap();
    (sender, Repeats::default().hear(receiver))
}

fn address(number: u8) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 1_000 + u16::from(number)))
}

#[test]
fn one_authority_leaves_and_one_joins_and_finality_has_no_gap() {
    let (from, first) = (2, usize::try_from(EPOCH_BLOCKS * 2).unwrap());
    let chains = Runner::seeded(3).start(|context| async move {
        let net = network(&context).await;
        let mut nodes = Vec::new();
        for number in 0..PEOPLE {
            let (toy, parts) = node(&context, &net, number).await;
            toy.change(from, numbered(1..PEOPLE));
            // Nobody's settings say where the one who joins is.
            toy.say(PEOPLE - 1, address(PEOPLE - 1));
            nodes.push((toy, parts));
        }
        let removed = nodes.remove(0);
        reach(&context, &nodes, GOAL).await;
        nodes.iter().for_each(|(toy, _)| follow(toy));
        let (headers, certificates) = nodes[0].0.finality();
        let (gone, new) = (secret(0).key(), secret(PEOPLE - 1).key());
        let votes = |certificate: &Certificate, key| {
            certificate.votes.iter().any(|vote| vote.authority == key)
        };
        for certificate in &certificates {
            let stranger = if certificate.epoch < from { new } else { gone };
            assert!(!votes(certificate, stranger), "epoch {}", certificate.epoch);
        }
        assert!(certificates.iter().any(|it| votes(it, new)), "who has joined votes");
        assert!(headers[first..].iter().any(|it| it.proposer == new), "and proposes");
        assert!(
            removed.0.digests().len() >= first,
            "who was removed saw its last epoch to its end"
        );
        let reached = usize::try_from(GOAL).unwrap();
        let digests = nodes.iter().map(|(toy, _)| toy.digests()[..=reached].to_vec());
        digests.collect::<Vec<_>>()
    });
    assert!(chains.iter().all(|chain| chain == &chains[0]));
}

#[test]
fn authorities_agree_across_epochs() {
    let chains = simulate(1, Joins::AtOnce);
    assert!(chains.iter().all(|chain| chain == &chains[0]));
    assert_eq!(simulate(1, Joins::AtOnce), chains, "same seed, same chain");
}

#[test]
fn authority_that_joins_late_has_the_same_chain() {
    let chains = simulate(2, Joins::Late);
    assert!(chains.iter().all(|chain| chain == &chains[0]));
}
