//! The server: JSON-RPC over HTTP/1.1 on a socket of its own, with a bound on everything a stranger can
//! make it spend.
//!
//! ```text
//! accept: connections in all and per address, bytes per address -> gate: host, body's size and time -> calls: batch, count
//! at once, time, size of the answer -> Api
//!                                                 `-> socket: subscriptions, and calls one by one
//! ```
//!
//! There is no cross-origin header, so a browser lets no page of another origin read an answer, and a
//! request with the content type of a plain form is refused. HTTP/2 is refused: one connection
//! carries one request at a time, or becomes a web socket, which a page of another host may not have.

mod accept;
mod calls;
mod depth;
mod effort;
mod envelope;
mod gate;
mod meter;
mod metrics;
mod socket;
mod stall;
mod turns;

use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use chain::limits::TRANSACTION_BYTES_MAX;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::accept::Acceptor;
use self::calls::Calls;
use self::effort::Threads;
use self::gate::Gate;
pub use self::metrics::Metrics;
use crate::api::Api;
use crate::types::PAGE_BYTES_MAX;

/// Where a server listens, whom it answers, and what it spends.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The socket's address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Host names, without port, that a request may name besides `localhost` and the address listened
    /// on. A page elsewhere cannot make its visitor's browser name them, which is what keeps it out.
    pub hosts: Vec<String>,
    /// What the server spends.
    pub limits: Limits,
    /// Where it counts what it does.
    pub metrics: Metrics,
}

impl Settings {
    /// Listens on `listen` within the usual limits.
    pub fn new(listen: SocketAddr) -> Self {
        let (limits, metrics) = (Limits::default(), Metrics::default());
        Self { listen, hosts: Vec::new(), limits, metrics }
    }
}

/// What a server spends at most. Beyond these it closes, refuses or answers with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections.
    pub connections_max: usize,
    /// Open connections from one address; an IPv6 network of 64 bits counts as one.
    pub connections_per_address_max: usize,
    /// Connections that an address opens in a second, and at once; more are closed as they come.
    pub connections_per_second_per_address_max: u64,
    /// Bytes that an address brings and takes in a second, and at once; beyond that it is read from no more until
    /// they are worked off.
    pub bytes_per_second_per_address_max: u64,
    /// Microseconds of processor time that an address's calls take in a second, and at once, as calls like any
    /// other; beyond that they run behind those of others until it is worked off.
    pub micros_per_second_per_address_max: u64,
    /// Bytes of a request's body.
    pub body_bytes_max: u32,
    /// Bytes of the body of a call of `tx_submit_batch`, which says before how long it is.
    pub submission_bytes_max: u32,
    /// Such bodies, longer than others may be, that are in memory at once; others wait within their time.
    pub long_bodies_at_once_max: usize,
    /// Bytes of an answer.
    pub answer_bytes_max: u32,
    /// Calls in one batch.
    pub batch_calls_max: u32,
    /// Calls that run at once, those that submit apart, and requests that are parsed at once; others wait
    /// their turn within their time. An address has half of them at most.
    pub reads_at_once_max: usize,
    /// Calls that submit and run at once; others wait their turn within their time. An address has half of
    /// them at most.
    pub submissions_at_once_max: usize,
    /// Time for a connection to bring a whole request header, also while it idles.
    pub header_timeout: Duration,
    /// Time for a request to bring its body.
    pub body_timeout: Duration,
    /// Time from a request's body to its answer.
    pub request_timeout: Duration,
    /// Time that a client may take none of its answer.
    pub write_timeout: Duration,
    /// Subscriptions of one connection.
    pub subscriptions_max: usize,
    /// Blocks by which a subscriber that had come to the tip may fall behind it.
    pub lag_blocks_max: u64,
    /// Time between two signs of life that are asked of a web socket; one that gives none is closed.
    pub ping_interval: Duration,
    /// Time that open requests have to end when the server stops.
    pub stop_timeout: Duration,
}

/// Bytes of an address in a second, unless told otherwise: what a few hundred of the largest requests take.
const ADDRESS_BYTES_PER_SECOND_MAX: u64 = 32 * 1024 * 1024;
/// Processor time of an address in a second, unless told otherwise: a fifth of a processor.
const ADDRESS_MICROS_PER_SECOND_MAX: u64 = 200_000;
/// Bytes of a request's body, unless told otherwise.
const BODY_BYTES_MAX: u32 = 256 * 1024;
/// Bytes of the body of a batch of transactions, unless told otherwise.
const SUBMISSION_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Bytes of an answer, unless told otherwise.
const ANSWER_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Bytes of an answer around the items of a page, or of a request around a transaction.
const ENVELOPE_BYTES_MAX: usize = 16 * 1024;

// The largest transaction fits a request, two digits a byte.
const _: () = assert!(2 * TRANSACTION_BYTES_MAX + ENVELOPE_BYTES_MAX <= BODY_BYTES_MAX as usize);
// The largest page fits an answer.
const _: () = assert!(PAGE_BYTES_MAX + ENVELOPE_BYTES_MAX <= ANSWER_BYTES_MAX as usize);

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 256,
            connections_per_address_max: 32,
            connections_per_second_per_address_max: 2_048,
            bytes_per_second_per_address_max: ADDRESS_BYTES_PER_SECOND_MAX,
            micros_per_second_per_address_max: ADDRESS_MICROS_PER_SECOND_MAX,
            body_bytes_max: BODY_BYTES_MAX,
            submission_bytes_max: SUBMISSION_BYTES_MAX,
            long_bodies_at_once_max: 16,
            answer_bytes_max: ANSWER_BYTES_MAX,
            batch_calls_max: 20,
            // One address leaves half of the processors to others.
            reads_at_once_max: available_parallelism().map_or(1, NonZero::get).max(2),
            submissions_at_once_max: 64,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(10),
            subscriptions_max: 16,
            lag_blocks_max: 600,
            ping_interval: Duration::from_secs(30),
            stop_timeout: Duration::from_secs(5),
        }
    }
}

impl Limits {
    /// Threads that may run calls behind all others: as many as have a turn at once.
    const fn threads_behind_max(&self) -> usize {
        let parsed_and_read = self.reads_at_once_max.saturating_mul(2);
        parsed_and_read.saturating_add(self.submissions_at_once_max)
    }
}

/// Starts servers.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Listens and answers from `api` until [`Running::stop`], on the caller's tokio runtime.
    ///
    /// # Errors
    /// When the socket cannot be had.
    pub async fn start(settings: Settings, api: Arc<dyn Api>) -> io::Result<Running> {
        let listener = TcpListener::bind(settings.listen).await?;
        let local_addr = listener.local_addr()?;
        let (stop, stopping) = watch::channel(());
        let threads = Threads::new(settings.limits.threads_behind_max())?;
        let calls = Calls::new(api, settings.limits, threads, settings.metrics);
        let gate = Arc::new(Gate::new(calls, local_addr, &settings.hosts, settings.limits));
        let acceptor = Acceptor::new(listener, gate, settings.limits);
        let task = tokio::spawn(acceptor.run(stopping));
        Ok(Running { local_addr, stop, task })
    }
}

/// A server that answers. It stops when this is dropped; [`Running::stop`] waits for it.
#[derive(Debug)]
pub struct Running {
    local_addr: SocketAddr,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Takes no more connections and requests, lets open requests end within their time, and returns
    /// when all connections are closed. A call that has not returned by then is left running: it keeps
    /// its `Api` and one of the runtime's blocking threads until it does.
    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the rpc server ended early");
        }
    }
}

#[cfg(test)]
#[cfg(feature = "client")]
pub(crate) mod tests;
