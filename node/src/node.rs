//! A running node: its parts, put together in one order and taken apart in the other.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chain::authority::AuthorityKey;
use chain::hash::Hash;
use consensus::{Abstention, Engine, JournalRule, Peering, StopError, Wake};
use genesis::{Genesis, GenesisError, Spec};
use rpc::server::{Running, Server};

use crate::api::NodeApi;
use crate::application::Application;
use crate::config::Config;
use crate::disk::{Guard, Room, TooLittle};
use crate::door::Door;
use crate::equivocations::Equivocations;
use crate::gossip::Gossip;
use crate::home::{Home, HomeError, KeyClaim};
use crate::keeper::Keeper;
use crate::ledger::Ledger;
use crate::market_index::{IndexError, Indexing, MarketIndex};
use crate::mempool::Mempool;
use crate::operation::{self, Listen, Operation};
use crate::snapshot::Shelf;
use crate::store::StoreError;

/// Threads that serve clients' connections; calls run on others.
const RPC_THREADS: usize = 2;
/// How long clients' open requests may take when the node stops.
const RPC_STOP_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the engine may take to stop.
const ENGINE_STOP_TIMEOUT: Duration = Duration::from_secs(6);

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// There is too little room on its disk.
    #[error(transparent)]
    Disk(#[from] TooLittle),
    /// Its genesis is none.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// Its database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its index cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The engine refuses to start.
    #[error(transparent)]
    Engine(#[from] consensus::StartError),
    /// Clients cannot connect.
    #[error("cannot listen for clients on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// An operator's tools cannot connect.
    #[error("cannot listen for an operator's tools on {address}: {source}")]
    ListenForOperation {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system has no threads left.
    #[error("cannot start threads: {0}")]
    Threads(io::Error),
}

/// A running node.
#[derive(Debug)]
pub struct Node {
    rpc: Running,
    rpc_threads: tokio::runtime::Runtime,
    operation: Option<operation::Running>,
    engine: Arc<Engine>,
    keeper: Keeper,
    ledger: Arc<Ledger>,
    disk: Arc<Guard>,
    key: AuthorityKey,
    home: Home,
}

impl Node {
    /// Starts a node on `home`. When this returns, it answers clients and takes part in the agreement.
    ///
    /// # Errors
    /// [`StartError`] says what does not fit; nothing was voted then.
    pub fn start(home: Home, config: &Config, claim: KeyClaim) -> Result<Self, StartError> {
        let abstention = Abstention::new();
        let disk = Arc::new(Guard::new(home.root(), config.disk, abstention.clone())?);
        let genesis = Spec::from_toml(&home.genesis()?)?.genesis()?;
        let ledger = Arc::new(open_ledger(&home, &genesis, config)?);
        take_up_next(&home, &ledger)?;
        let secret = home.authority(claim)?;
        let key = secret.key();
        let mempool = Arc::new(Mutex::new(Mempool::default()));
        let wake = Wake::new();
        let door = Door::new(Arc::clone(&ledger), mempool, wake.clone());
        let gossip = Arc::new(Gossip::new(door, Peering::new(), Arc::default()));
        let settings = consensus::Settings {
            secret,
            directory: home.journal_path(),
            journal: match claim {
                KeyClaim::None => JournalRule::MustContinue,
                KeyClaim::NeverVoted => JournalRule::MayBeginAnew,
            },
            epoch_blocks: genesis.epoch_blocks,
            listen: config.network_listen,
            peers: config.peers.clone(),
            followers: config.followers.clone(),
            pacing: config.pacing,
            abstention,
        };
        let shelf = Arc::new(Shelf::open(&home.snapshots_path(), genesis.hash()));
        let api = NodeApi::new(&genesis, key, Arc::clone(&gossip), Arc::clone(&disk))
            .serving(Arc::clone(&shelf));
        let engine = start_engine(&home, settings, &gossip, wake)?;
        let told =
            Operation::new(Arc::clone(&gossip), Arc::clone(&engine), Arc::clone(&disk), &home);
        let served = listen(config, api, told, gossip.metrics().rpc.clone());
        let (rpc_threads, rpc, operation) = match served {
            Ok(served) => served,
            Err(error) => {
                // The engine's own failure would hide why the node did not start.
                let _ = engine.stop(ENGINE_STOP_TIMEOUT);
                return Err(error);
            }
        };
        let keeper = Keeper::start(&ledger, shelf, genesis.epoch_blocks, config.snapshots);
        log_start(&genesis, key, &ledger, (rpc.local_addr(), operation.as_ref()));
        Ok(Self { rpc, rpc_threads, operation, engine, keeper, ledger, disk, key, home })
    }

    /// Where clients connect.
    pub const fn rpc_address(&self) -> SocketAddr {
        self.rpc.local_addr()
    }

    /// Where an operator's tools connect, if anywhere.
    pub fn operation_address(&self) -> Option<SocketAddr> {
        self.operation.as_ref().map(operation::Running::address)
    }

    /// The chain.
    pub fn chain(&self) -> Hash {
        self.ledger.genesis().header.chain
    }

    /// The key that the node votes with.
    pub const fn key(&self) -> AuthorityKey {
        self.key
    }

    /// The folder it runs on.
    pub const fn home(&self) -> &Home {
        &self.home
    }

    /// The engine, to wait for its end.
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }

    /// Looks after the disk, which is to be done every now and then.
    ///
    /// # Errors
    /// [`TooLittle`] when there is too little room to run: the node is to be stopped.
    pub fn look_at_disk(&self) -> Result<Room, TooLittle> {
        self.disk.look()
    }

    /// Whether the home's next key votes by now, and the present one does not: the node is to be started again.
    ///
    /// # Errors
    /// [`HomeError`] when a key cannot be read.
    pub fn is_succeeded(&self) -> Result<bool, HomeError> {
        Ok(self.home.successor(|key| votes(&self.ledger, key))?.is_some())
    }

    /// Stops: no more clients, then no more blocks, then everything is written. Takes less than ten seconds.
    ///
    /// # Errors
    /// [`StopError`] when the engine failed or did not stop in time. What was acknowledged is on disk all the
    /// same.
    pub fn stop(self) -> Result<(), StopError> {
        let Self { rpc, rpc_threads, operation, engine, keeper, ledger, home, .. } = self;
        drop(operation);
        drop(keeper);
        rpc_threads.block_on(rpc.stop());
        rpc_threads.shutdown_timeout(RPC_STOP_TIMEOUT);
        finish(engine.stop(ENGINE_STOP_TIMEOUT), &ledger)?;
        drop(ledger);
        tracing::info!(home = %home.root().display(), "stopped");
        Ok(())
    }
}

/// Takes the next key up where the chain says that it votes now.
fn take_up_next(home: &Home, ledger: &Ledger) -> Result<(), HomeError> {
    if let Some(key) = home.take_up_next(|key| votes(ledger, key))? {
        tracing::info!(%key, "the next key votes now: it has taken the place of the one before");
    }
    Ok(())
}

/// True when `key` votes on the block after the tip.
fn votes(ledger: &Ledger, key: AuthorityKey) -> bool {
    let committed = ledger.read();
    committed.view().authorities().voting.iter().any(|authority| authority.key == key)
}

/// Opens the ledger, and the index where one is kept.
fn open_ledger(home: &Home, genesis: &Genesis, config: &Config) -> Result<Ledger, StartError> {
    let ledger = Ledger::open(&home.data_path(), genesis, config.histories)?;
    if config.indexing == Indexing::Off {
        return Ok(ledger);
    }
    let report = |height, tip| {
        if height < tip {
            tracing::info!(%height, %tip, "the index catches up");
        }
    };
    let index = MarketIndex::open(&home.index_path(), ledger.store(), report)?;
    Ok(ledger.with_index(index))
}

/// Starts the engine, and notes in `home` before that it may have voted since.
fn start_engine(
    home: &Home,
    settings: consensus::Settings,
    gossip: &Arc<Gossip>,
    wake: Wake,
) -> Result<Arc<Engine>, StartError> {
    home.note_starting()?;
    let equivocations = Equivocations::of_home(home.root());
    let application = Arc::new(Application::new(Arc::clone(gossip), equivocations));
    let engine = consensus::start(settings, application, wake, gossip.peering().clone())?;
    if let Err(error) = home.note_started() {
        tracing::error!(%error, "cannot note that the engine has a journal");
    }
    Ok(Arc::new(engine))
}

/// Tidies the database, however the engine `stopped`.
fn finish(stopped: Result<(), StopError>, ledger: &Ledger) -> Result<(), StopError> {
    if let Err(error) = ledger.store().flush() {
        tracing::error!(%error, "cannot tidy the database; its journal is synced, nothing is lost");
    }
    stopped
}

type Served = (tokio::runtime::Runtime, Running, Option<operation::Running>);

/// Answers clients, and an operator's tools.
fn listen(
    config: &Config,
    api: NodeApi,
    told: Operation,
    metrics: rpc::server::Metrics,
) -> Result<Served, StartError> {
    let operation = match config.operation_listen {
        Listen::Off => None,
        Listen::At(address) => {
            let running = operation::Running::start(address, told);
            Some(running.map_err(|source| StartError::ListenForOperation { address, source })?)
        }
    };
    let (threads, rpc) = serve(config, api, metrics)?;
    Ok((threads, rpc, operation))
}

fn serve(
    config: &Config,
    api: NodeApi,
    metrics: rpc::server::Metrics,
) -> Result<(tokio::runtime::Runtime, Running), StartError> {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RPC_THREADS)
        .thread_name("rpc")
        .enable_all()
        .build()
        .map_err(StartError::Threads)?;
    let mut settings = rpc::server::Settings::new(config.rpc_listen);
    settings.hosts.clone_from(&config.rpc_hosts);
    settings.limits.stop_timeout = RPC_STOP_TIMEOUT;
    settings.metrics = metrics;
    let rpc = threads.block_on(Server::start(settings, Arc::new(api)));
    match rpc {
        Ok(rpc) => Ok((threads, rpc)),
        Err(source) => Err(StartError::Listen { address: config.rpc_listen, source }),
    }
}

fn log_start(
    genesis: &Genesis,
    key: AuthorityKey,
    ledger: &Ledger,
    (rpc, operation): (SocketAddr, Option<&operation::Running>),
) {
    let operation = operation.map(|running| tracing::field::display(running.address()));
    let height = ledger.read().header.height.0;
    let chain = ledger.genesis().header.chain;
    tracing::info!(network = genesis.name, %chain, authority = %key, height, %rpc, operation, "started");
}

#[cfg(test)]
mod tests;
