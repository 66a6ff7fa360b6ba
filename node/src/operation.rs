//! What an operator's tools ask of a node, over plain HTTP on a port of its own: metrics, and whether it is well.
//!
//! | path | answer |
//! | --- | --- |
//! | `/metrics` | all that the node and the engine count, in the text format of OpenMetrics |
//! | `/health/live` | 200 as long as the process answers |
//! | `/health/ready` | 200 when clients are served well here, 503 otherwise; which condition fails |
//!
//! It runs on threads apart from those of clients, so that it answers however busy they are. Keep it to the loopback
//! address, or where only the operator's tools reach it: it asks nobody who they are.

mod health;
mod http;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use consensus::Engine;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::application::lock;
use crate::disk::{self, Guard};
use crate::gossip::Gossip;
use crate::home::Home;
use crate::metrics::Facts;

pub use health::{Condition, Health};

/// The port where an operator's tools connect, unless the settings name another.
pub const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7646);
/// Threads that gather what is asked for, at once.
const GATHERING_MAX: usize = 2;
/// How long the threads may take to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Where an operator's tools connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Listen {
    /// There; port 0 takes a free one.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let address = text.parse().map_err(|_| "it is neither ADDRESS:PORT nor 'off'".to_owned());
        address.map(Self::At)
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> Self {
        match listen {
            Listen::At(address) => address.to_string(),
            Listen::Off => "off".to_owned(),
        }
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What is told about: a node's parts.
#[derive(Debug)]
pub(crate) struct Operation {
    gossip: Arc<Gossip>,
    engine: Arc<Engine>,
    disk: Arc<Guard>,
    /// The parts of the home, by name.
    folders: [(&'static str, PathBuf); 3],
}

impl Operation {
    pub(crate) fn new(
        gossip: Arc<Gossip>,
        engine: Arc<Engine>,
        disk: Arc<Guard>,
        home: &Home,
    ) -> Self {
        let folders = [
            ("ledger", home.data_path()),
            ("index", home.index_path()),
            ("journal", home.journal_path()),
        ];
        Self { gossip, engine, disk, folders }
    }

    /// All metrics, as text.
    fn metrics(&self) -> String {
        let engine = self.engine.metrics();
        let (door, peering) = (self.gossip.door(), self.gossip.peering());
        let disk_used: Vec<_> =
            self.folders.iter().map(|(name, path)| (*name, disk::used_bytes(path))).collect();
        let (waiting, waiting_bytes) = {
            let mempool = lock(door.mempool());
            (mempool.len(), mempool.bytes())
        };
        let (tip, objects, orders) = {
            let committed = door.ledger().read();
            let view = committed.view();
            let orders = view.markets().map(|(market, _)| view.orders_in(market)).sum();
            (committed.header.clone(), committed.state.len(), orders)
        };
        let situation = peering.situation();
        let facts = Facts {
            tip: &tip,
            next_version: self.next_version(),
            objects,
            orders,
            waiting,
            waiting_bytes,
            passed_on: peering.passed(),
            passing_on: peering.waiting(),
            situation: &situation,
            disk: &self.disk,
            ready: self.health().is_ready(),
            disk_used: &disk_used,
        };
        self.gossip.metrics().text(&facts, &engine)
    }

    /// Whether clients are served well here.
    fn health(&self) -> Health {
        Health::of(&self.gossip.peering().situation(), &self.disk, self.next_version())
    }

    /// The version of the rules that the next block needs.
    fn next_version(&self) -> u16 {
        self.gossip.door().ledger().read().next_version()
    }
}

/// A port that answers. It closes when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    address: SocketAddr,
    /// Taken out when it stops.
    threads: Option<Runtime>,
}

impl Running {
    /// Answers on `address`.
    ///
    /// # Errors
    /// What the system says when it cannot listen there.
    pub(crate) fn start(address: SocketAddr, operation: Operation) -> io::Result<Self> {
        let threads = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(GATHERING_MAX)
            .thread_name("operation")
            .enable_all()
            .build()?;
        let listener = threads.block_on(TcpListener::bind(address))?;
        let address = listener.local_addr()?;
        threads.spawn(http::serve(listener, Arc::new(operation)));
        Ok(Self { address, threads: Some(threads) })
    }

    /// Where it answers.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_timeout(STOP_TIMEOUT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_is_an_address_or_off() {
        assert_eq!("off".parse(), Ok(Listen::Off));
        assert_eq!("127.0.0.1:7646".parse(), Ok(Listen::At(USUAL)));
        assert!("localhost".parse::<Listen>().is_err());
    }
}
