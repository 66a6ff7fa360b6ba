//! How things stand when somebody asks: the tip, what waits, who is around, what the disk holds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chain::block::{Header, VERSION};
use chain::limits::{BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX};
use consensus::{Progress, Role, Situation};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::process::Process;
use super::{counter, gauge, show};
use crate::disk::{Guard, Room};
use crate::mempool::{BYTES_MAX, TRANSACTIONS_MAX};

type Labels = [(&'static str, &'static str); 1];

const AUTHORITY: Labels = [("role", "authority")];
const FOLLOWER: Labels = [("role", "follower")];

/// What is known at one moment.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The header of the tip.
    pub tip: &'a Header,
    /// The version of the rules that the next block needs.
    pub next_version: u16,
    /// Objects of the state.
    pub objects: usize,
    /// Orders that stand in the books of all markets.
    pub orders: u64,
    /// Transactions that wait for a block.
    pub waiting: usize,
    /// Their bytes.
    pub waiting_bytes: usize,
    /// Transactions that were sent to other authorities so far.
    pub passed_on: u64,
    /// Transactions that wait to be sent.
    pub passing_on: usize,
    /// Who is around.
    pub situation: &'a Situation,
    /// The home's disk.
    pub disk: &'a Guard,
    /// Whether clients are served well.
    pub ready: bool,
    /// Bytes that the parts of the home take, by name.
    pub disk_used: &'a [(&'static str, u64)],
}

/// How things stand, in numbers.
#[derive(Debug)]
pub struct Standing {
    chain: Chain,
    mempool: [Gauge; 2],
    gossip: Gossip,
    peers: Peers,
    disk: Disk,
    ready: Gauge,
    disk_used: Family<Labels, Gauge>,
    process: Process,
}

#[derive(Debug)]
struct Chain {
    height: Gauge,
    epoch: Gauge,
    time: Gauge<f64, std::sync::atomic::AtomicU64>,
    objects: Gauge,
    orders: Gauge,
    upgrade_needed: Gauge,
}

#[derive(Debug)]
struct Gossip {
    sent: Counter,
    dropped: Counter,
    garbage: Counter,
    waiting: Gauge,
}

#[derive(Debug)]
struct Disk {
    free: Gauge,
    voting_min: Gauge,
    running_min: Gauge,
    abstains: Gauge,
}

#[derive(Debug)]
struct Peers {
    here: Family<Labels, Gauge>,
    cut_off: Gauge,
    authority: Gauge,
    voters: Gauge,
    present: Gauge,
    quorum: Gauge,
    halted: Gauge,
    behind: Gauge,
    blocks_per_minute: Gauge,
    clocks_apart: Gauge<f64, AtomicU64>,
}

impl Standing {
    pub(super) fn new(registry: &mut Registry) -> Self {
        constants(registry);
        let mempool = [
            gauge(registry, "mempool_transactions", "Transactions that wait for a block"),
            gauge(registry, "mempool_bytes", "Bytes of transactions that wait for a block"),
        ];
        let disk_used = Family::<Labels, Gauge>::default();
        registry.register(
            "disk_used_bytes",
            "Bytes that the ledger, the index and the journal of the engine take",
            disk_used.clone(),
        );
        Self {
            chain: Chain::new(registry),
            mempool,
            gossip: Gossip::new(registry),
            peers: Peers::new(registry),
            disk: Disk::new(registry),
            ready: gauge(registry, "ready", "1 when all conditions of readiness hold"),
            disk_used,
            process: Process::new(registry),
        }
    }

    /// Shows what `facts` say, and looks at the process.
    pub(super) fn look(&self, facts: &Facts<'_>) {
        self.chain.look(facts);
        self.gossip.look(facts);
        self.peers.look(facts.situation);
        show(&self.mempool[0], facts.waiting);
        show(&self.mempool[1], facts.waiting_bytes);
        self.disk.look(facts.disk);
        show(&self.ready, u8::from(facts.ready));
        for (part, bytes) in facts.disk_used {
            show(&self.disk_used.get_or_create(&[("part", *part)]), *bytes);
        }
        self.process.look();
    }
}

/// What never changes while the node runs: what it is, and bounds that other numbers are read against.
fn constants(registry: &mut Registry) {
    let version = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("protocol_version", VERSION.to_string()),
    ];
    registry.register("build", "The version of the node and of the protocol", Info::new(version));
    for (name, help, max) in [
        ("mempool_transactions_max", "Transactions that may wait for a block", TRANSACTIONS_MAX),
        ("mempool_bytes_max", "Bytes of transactions that may wait for a block", BYTES_MAX),
        ("block_transactions_max", "Transactions that fit a block", BLOCK_TRANSACTIONS_MAX),
        ("block_bytes_max", "Bytes of a block", BLOCK_BYTES_MAX),
    ] {
        show(&gauge(registry, name, help), max);
    }
}

impl Chain {
    fn new(registry: &mut Registry) -> Self {
        let time = Gauge::default();
        let help = "The time in the header of the tip, since 1970";
        registry.register("tip_time_seconds", help, time.clone());
        Self {
            time,
            height: gauge(registry, "height", "The height of the tip"),
            epoch: gauge(registry, "epoch", "The epoch of the tip"),
            objects: gauge(registry, "ledger_objects", "Objects of the state"),
            orders: gauge(registry, "orders", "Orders that stand in the books of all markets"),
            upgrade_needed: gauge(
                registry,
                "upgrade_needed",
                "1 when the next block needs a newer version of the node",
            ),
        }
    }

    fn look(&self, facts: &Facts<'_>) {
        show(&self.height, facts.tip.height.0);
        show(&self.epoch, facts.tip.epoch);
        let since_1970 = std::time::Duration::from_millis(facts.tip.time.0);
        self.time.set(since_1970.as_secs_f64());
        show(&self.objects, facts.objects);
        show(&self.orders, facts.orders);
        show(&self.upgrade_needed, u8::from(facts.next_version != VERSION));
    }
}

impl Gossip {
    fn new(registry: &mut Registry) -> Self {
        Self {
            sent: counter(
                registry,
                "gossip_sent",
                "Transactions that were sent to the other authorities",
            ),
            dropped: counter(
                registry,
                "gossip_dropped",
                "Transactions that found no room to be sent to the other authorities",
            ),
            garbage: counter(
                registry,
                "gossip_garbage",
                "Messages of peers that no node sends which follows the protocol",
            ),
            waiting: gauge(
                registry,
                "gossip_waiting",
                "Transactions that wait to be sent to the other authorities",
            ),
        }
    }

    fn look(&self, facts: &Facts<'_>) {
        // These are counted elsewhere, and only rise.
        let Situation { dropped, garbage, .. } = facts.situation;
        self.sent.inner().store(facts.passed_on, Ordering::Relaxed);
        self.dropped.inner().store(*dropped, Ordering::Relaxed);
        self.garbage.inner().store(*garbage, Ordering::Relaxed);
        show(&self.waiting, facts.passing_on);
    }
}

impl Disk {
    fn new(registry: &mut Registry) -> Self {
        let mut gauge = |name, help| gauge(registry, name, help);
        Self {
            free: gauge("disk_free_bytes", "Bytes that are free in the home's file system"),
            voting_min: gauge(
                "disk_voting_bytes_min",
                "Bytes below which the node votes for nothing",
            ),
            running_min: gauge("disk_running_bytes_min", "Bytes below which the node stops"),
            abstains: gauge(
                "abstains",
                "1 when the node votes for nothing, as room on its disk is scarce",
            ),
        }
    }

    fn look(&self, guard: &Guard) {
        if let Some(free) = guard.free_bytes() {
            show(&self.free, free);
        }
        show(&self.voting_min, guard.limits().voting_bytes_min);
        show(&self.running_min, guard.limits().running_bytes_min);
        show(&self.abstains, u8::from(guard.room() == Room::Low));
    }
}

impl Peers {
    fn new(registry: &mut Registry) -> Self {
        let here = Family::<Labels, Gauge>::default();
        let help = "Other nodes that were heard in the last seconds";
        registry.register("peers", help, here.clone());
        let clocks_apart = Gauge::default();
        let help = "How far the clock of an authority that is here lies from the node's, at most";
        registry.register("clock_apart_seconds", help, clocks_apart.clone());
        let mut gauge = |name, help| gauge(registry, name, help);
        Self {
            here,
            clocks_apart,
            cut_off: gauge(
                "peers_cut_off",
                "Peers that broke the protocol and are cut off for a while",
            ),
            authority: gauge(
                "authority",
                "1 when the node votes in the running epoch, 0 when it follows",
            ),
            voters: gauge("authorities", "Authorities that vote in the running epoch"),
            present: gauge(
                "authorities_present",
                "Authorities that were heard in the last seconds and keep no votes back, the node included if it is one",
            ),
            quorum: gauge("authorities_quorum", "Authorities that must agree"),
            halted: gauge("halted", "1 when fewer authorities are here and vote than must agree"),
            behind: gauge("blocks_behind", "Blocks that others have and the node lacks"),
            blocks_per_minute: gauge("blocks_per_minute", "How fast the node's chain grew lately"),
        }
    }

    fn look(&self, situation: &Situation) {
        for (role, labels) in [(Role::Authority, AUTHORITY), (Role::Follower, FOLLOWER)] {
            let here = situation.neighbours.iter().filter(|it| it.role == role && it.is_here());
            show(&self.here.get_or_create(&labels), here.count());
        }
        show(&self.cut_off, situation.blocked.len());
        show(&self.authority, u8::from(situation.role == Role::Authority));
        show(&self.voters, situation.voters);
        show(&self.present, situation.present);
        show(&self.quorum, situation.quorum);
        show(&self.halted, u8::from(situation.progress() == Progress::TooFewAuthorities));
        show(&self.behind, situation.blocks_behind());
        show(&self.blocks_per_minute, situation.blocks_per_minute);
        let apart = Duration::from_millis(situation.clocks_apart().0);
        self.clocks_apart.set(apart.as_secs_f64());
    }
}
