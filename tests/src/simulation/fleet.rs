//! The nodes: each with a home of its own, which outlives its program.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use chain::account::AccountId;
use chain::address::{self, Network};
use chain::authority::Authority;
use chain::equivocation::Equivocation;
use chain::hash::Hash;
use chain::height::Height;
use chain::keys::SecretKey;
use chain::proposal::Admission;
use chain::time::{Millis, Time};
use consensus::simulation::{Member, Rules, World};
use consensus::{AuthoritySecret, JournalRule, Pacing, Peering, Wake};
use genesis::{AuthoritySpec, Genesis, dev_spec};
use node::application::Application;
use node::door::Door;
use node::equivocations::Equivocations;
use node::gossip::Gossip;
use node::ledger::Ledger;
use node::mempool::Mempool;
use node::store::Histories;
use rpc::canonical::Canonical;
use rpc::text::TextForm;
use runtime::invariants;
use serde_json::Value;
use tempfile::TempDir;

use super::plan::Plan;
use crate::random::Random;

/// How many vote at first.
pub(super) const AUTHORITIES: usize = 4;
/// All nodes: the last one follows, until it is voted in.
pub(super) const NODES: usize = AUTHORITIES + 1;
/// Blocks in an epoch: few, so that boundaries are crossed often.
const EPOCH_BLOCKS: u64 = 12;
/// Faster than in earnest, so that a world sees many blocks and many timeouts.
const PACING: Pacing = Pacing {
    interval_min: Millis(20),
    idle: Millis(300),
    leader_timeout: Millis(700),
    certification_timeout: Millis(1_400),
    timeout_retry: Millis(400),
};
/// How long what is decided waits.
const PROPOSAL_DELAY: &str = "1s";
/// Accounts that have money.
pub(super) const PLAYERS: usize = 8;

/// A folder in memory where there is one: every node syncs every block, to a disk that never fails here.
const MEMORY: &str = "/dev/shm";

pub(super) struct Fleet {
    genesis: Genesis,
    secrets: Vec<AuthoritySecret>,
    players: Vec<SecretKey>,
    /// The accounts of the nodes.
    owners: Vec<SecretKey>,
    /// How far the nodes' clocks are ahead.
    clocks: Vec<Millis>,
    pub(super) twins: Vec<usize>,
    near: Vec<usize>,
    folder: TempDir,
    running: BTreeMap<usize, Vec<Running>>,
    /// The height up to which each node's blocks were looked at.
    seen: BTreeMap<usize, u64>,
}

/// What the folders of proofs against authorities end in.
const PROOFS: &str = "equivocations";

/// A node's program at work.
struct Running {
    ledger: Arc<Ledger>,
    gossip: Arc<Gossip>,
}

impl Fleet {
    /// Nodes that have never run.
    pub(super) fn new(random: &mut Random, plan: &Plan) -> Result<Self> {
        let secrets: Vec<AuthoritySecret> =
            (0..NODES).map(|_| AuthoritySecret::new(bytes(random))).collect();
        let players: Vec<SecretKey> = (0..PLAYERS).map(|_| secret(random)).collect();
        let owners: Vec<SecretKey> = (0..NODES).map(|_| secret(random)).collect();
        let [cashier, treasury] = [account(&secret(random)), account(&secret(random))];
        let funded = players.iter().chain(&owners).map(account).chain([cashier, treasury]);
        let funded: Vec<AccountId> = funded.collect();
        let first = Authority { key: secrets[0].key(), account: account(&owners[0]) };
        let mut spec = dev_spec(first, cashier, treasury, &funded);
        spec.epoch_blocks = EPOCH_BLOCKS;
        PROPOSAL_DELAY.clone_into(&mut spec.proposals.delay);
        let voters = secrets.iter().zip(&owners).take(AUTHORITIES);
        spec.authorities = voters
            .map(|(secret, owner)| AuthoritySpec {
                key: secret.key().to_string(),
                account: address::encode(Network::Dev, &account(owner)),
            })
            .collect();
        let genesis = spec.genesis().context("the genesis")?;
        let told = env::var_os("TMPDIR").map(PathBuf::from);
        let memory = told.unwrap_or_else(|| PathBuf::from(MEMORY));
        let mut folder = tempfile::Builder::new();
        folder.prefix("tally-simulation-");
        let folder = if memory.is_dir() { folder.tempdir_in(memory)? } else { folder.tempdir()? };
        let near = (0..NODES).filter(|_| random.once_in(2)).collect();
        let (running, seen) = (BTreeMap::new(), BTreeMap::new());
        let (twins, clocks) = (plan.twins.clone(), plan.clocks.clone());
        Ok(Self { genesis, secrets, players, owners, clocks, twins, near, folder, running, seen })
    }

    /// What all nodes have in common.
    pub(super) fn rules(&self) -> Rules {
        Rules {
            secrets: self.secrets.clone(),
            epoch_blocks: EPOCH_BLOCKS,
            pacing: PACING,
            begins: self.begins(),
        }
    }

    /// The time of genesis.
    pub(super) fn begins(&self) -> Time {
        self.genesis.time
    }

    /// The chain.
    pub(super) fn chain(&self) -> Hash {
        self.genesis.hash()
    }

    /// Whose money there is.
    pub(super) fn players(&self) -> &[SecretKey] {
        &self.players
    }

    /// Who owns the nodes.
    pub(super) fn owners(&self) -> &[SecretKey] {
        &self.owners
    }

    /// What a node's key says to be voted in.
    pub(super) fn admission(&self, number: usize) -> Admission {
        let (secret, account) = (&self.secrets[number], account(&self.owners[number]));
        let authority = Authority { key: secret.key(), account };
        Admission { authority, address: None, proof: secret.prove((self.chain(), &account), None) }
    }

    /// Starts a node, or both of it.
    pub(super) async fn start(&mut self, world: &mut World, number: usize) -> Result<()> {
        let began = if self.twins.contains(&number) {
            let (first, one) = self.open(number, &format!("{number}-first"))?;
            let (second, other) = self.open(number, &format!("{number}-second"))?;
            self.running.insert(number, vec![first, second]);
            world.start_twins(number, (&self.near, &self.twins), [one, other]).await
        } else {
            let (running, member) = self.open(number, &number.to_string())?;
            self.running.insert(number, vec![running]);
            world.start(number, member).await
        };
        began.with_context(|| format!("node {number} does not start"))
    }

    /// Starts a node twice, so that everybody hears both.
    #[cfg(test)]
    pub(super) async fn start_before_all(&mut self, world: &mut World, twin: usize) -> Result<()> {
        let (first, one) = self.open(twin, "first")?;
        let (second, other) = self.open(twin, "second")?;
        self.running.insert(twin, vec![first, second]);
        let all: Vec<usize> = (0..NODES).collect();
        let began = world.start_twins(twin, (&[], &all), [one, other]).await;
        began.with_context(|| format!("node {twin} does not start"))
    }

    /// Starts a node that has lost its home and its journal, and does not know of it.
    #[cfg(test)]
    pub(super) async fn start_forgetful(&mut self, world: &mut World, number: usize) -> Result<()> {
        let (running, member) = self.open(number, &format!("{number}-again"))?;
        self.running.insert(number, vec![running]);
        self.seen.remove(&number);
        let began = world.start_on_empty_disk(number, member).await;
        began.with_context(|| format!("node {number} does not start"))
    }

    /// The program of a node has ended.
    pub(super) fn stopped(&mut self, number: usize) {
        self.running.remove(&number);
    }

    /// All programs have ended.
    pub(super) fn power_cut(&mut self) {
        self.running.clear();
    }

    /// The ways into the nodes that run, those that run twice left out.
    pub(super) fn doors(&self) -> Vec<&Gossip> {
        self.honest().map(|(_, node)| &*node.gossip).collect()
    }

    /// The ledger that is farthest.
    pub(super) fn farthest(&self) -> Option<&Ledger> {
        let ledgers = self.honest().map(|(_, node)| &*node.ledger);
        ledgers.max_by_key(|ledger| ledger.read().header.height)
    }

    /// How high the honest nodes that run are.
    pub(super) fn heights(&self) -> Vec<u64> {
        self.honest().map(|(_, node)| node.ledger.read().header.height.0).collect()
    }

    /// The lowest of these.
    pub(super) fn lowest(&self) -> u64 {
        self.heights().into_iter().min().unwrap_or(0)
    }

    /// The blocks that honest nodes have committed since this was last asked: whose, how high and which.
    pub(super) fn news(&mut self) -> Result<Vec<(usize, Height, Hash)>> {
        let mut news = Vec::new();
        let mut seen = std::mem::take(&mut self.seen);
        for (number, node) in self.honest() {
            let seen = seen.entry(number).or_default();
            let height = node.ledger.read().header.height.0;
            for height in *seen + 1..=height {
                let height = Height(height);
                let header = node.ledger.store().header(height)?.context("a committed block")?;
                news.push((number, height, header.digest()));
            }
            ensure!(*seen <= height, "node {number} fell back from {seen} to {height}");
            *seen = height;
        }
        self.seen = seen;
        Ok(news)
    }

    /// All honest nodes have a state with every invariant, and the same at the same height.
    pub(super) fn check(&self) -> Result<()> {
        let mut roots = BTreeMap::new();
        for (number, node) in self.honest() {
            let committed = node.ledger.read();
            invariants::check(&committed.state).with_context(|| format!("node {number}"))?;
            let (height, root) = (committed.header.height, committed.header.state_root);
            let other = *roots.entry(height).or_insert(root);
            ensure!(other == root, "node {number} has another state at height {height}");
        }
        Ok(())
    }

    /// Where the node on the home of this name keeps its proofs against others.
    fn equivocations(&self, name: &str) -> Equivocations {
        Equivocations::of(self.folder.path().join(name).with_extension(PROOFS))
    }

    /// Against whom any node has kept a proof. Each is verified.
    pub(super) fn accused(&self) -> Result<BTreeSet<usize>> {
        let mut accused = BTreeSet::new();
        for entry in fs::read_dir(self.folder.path())? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == PROOFS) {
                for file in Equivocations::of(path).list()? {
                    accused.insert(self.accused_by(&file)?);
                }
            }
        }
        Ok(accused)
    }

    /// Whom the proof in `file` is against.
    fn accused_by(&self, file: &Path) -> Result<usize> {
        let document: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
        let proof = document["proof"].as_str().and_then(Canonical::<Equivocation>::parse);
        let Canonical(proof) = proof.context("a file holds no proof")?;
        proof.verify(self.genesis.hash())?;
        let position = self.secrets.iter().position(|secret| secret.key() == proof.authority);
        position.context("a proof is against nobody")
    }

    fn honest(&self) -> impl Iterator<Item = (usize, &Running)> {
        let honest = self.running.iter().filter(|(number, _)| !self.twins.contains(*number));
        honest.flat_map(|(number, nodes)| nodes.iter().map(move |node| (*number, node)))
    }

    /// A program on the home of this name.
    fn open(&self, number: usize, name: &str) -> Result<(Running, Member)> {
        let path: PathBuf = self.folder.path().join(name);
        let is_new = !path.exists();
        let ledger = Arc::new(Ledger::open(&path, &self.genesis, Histories::Off)?);
        let (mempool, wake) = (Arc::new(Mutex::new(Mempool::default())), Wake::new());
        let door = Door::new(Arc::clone(&ledger), mempool, wake.clone());
        let peering = Peering::new();
        let gossip = Arc::new(Gossip::new(door, peering.clone(), Arc::default()));
        let application = Arc::new(Application::new(Arc::clone(&gossip), self.equivocations(name)));
        let rule = if is_new { JournalRule::MayBeginAnew } else { JournalRule::MustContinue };
        let clock_ahead = self.clocks[number];
        let member = Member { application, wake, peering, rule, clock_ahead };
        Ok((Running { ledger, gossip }, member))
    }
}

fn bytes(random: &mut Random) -> [u8; 32] {
    let mut bytes = [0; 32];
    for part in bytes.chunks_exact_mut(8) {
        part.copy_from_slice(&random.next().to_le_bytes());
    }
    bytes
}

fn secret(random: &mut Random) -> SecretKey {
    loop {
        if let Ok(secret) = SecretKey::from_bytes(&bytes(random)) {
            return secret;
        }
    }
}

fn account(secret: &SecretKey) -> AccountId {
    AccountId::of_key(&secret.public_key())
}
