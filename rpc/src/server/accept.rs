//! The accept loop: it counts connections, in all and by address.
//!
//! An address that has as many as it may gets no more. When all are taken, a newcomer takes the place of
//! one for which no call runs: of the address that has the most, the oldest. So whoever merely holds
//! connections, from however many addresses, keeps nobody out.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use super::Limits;
use super::gate::{Gate, Peer};
use super::meter::{Allowances, Rates};
use super::metrics::{Counted, Limit};
use super::stall::Stall;

/// How long to wait when the system has no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Bytes of a request's header, and of what is buffered for one connection.
const BUFFER_BYTES_MAX: usize = 32 * 1024;

pub(super) struct Acceptor {
    listener: TcpListener,
    gate: Arc<Gate>,
    limits: Limits,
    connections: JoinSet<()>,
    open: HashMap<Id, Open>,
    accepted: u64,
    allowances: Allowances,
}

/// An open connection.
struct Open {
    peer: Arc<Peer>,
    /// How many were accepted before it.
    age: u64,
    task: AbortHandle,
}

impl Acceptor {
    pub(super) fn new(listener: TcpListener, gate: Arc<Gate>, limits: Limits) -> Self {
        let (connections, open) = (JoinSet::new(), HashMap::new());
        let rates = Rates {
            connections: limits.connections_per_second_per_address_max,
            bytes: limits.bytes_per_second_per_address_max,
            effort: limits.micros_per_second_per_address_max,
        };
        let allowances = Allowances::new(rates, limits.connections_max);
        Self { listener, gate, limits, connections, open, accepted: 0, allowances }
    }

    /// Serves until the other end of `stopping` is dropped, then lets open requests end.
    pub(super) async fn run(mut self, mut stopping: watch::Receiver<()>) {
        loop {
            tokio::select! {
                biased;
                _ = stopping.changed() => break,
                Some(ended) = self.connections.join_next_with_id() => self.forget(ended),
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        self.admit(stream, peer.ip(), stopping.clone());
                        // However many come, open ones have their turn.
                        tokio::task::yield_now().await;
                    }
                    Err(error) => pause(&error).await,
                },
            }
        }
        drop(self.listener);
        let drained = async { while self.connections.join_next().await.is_some() {} };
        if tokio::time::timeout(self.limits.stop_timeout, drained).await.is_err() {
            tracing::warn!("rpc requests did not end in time and were cut off");
            self.connections.shutdown().await;
        }
    }

    /// Serves a connection, or closes it at once when there are too many.
    fn admit(&mut self, stream: TcpStream, address: IpAddr, stopping: watch::Receiver<()>) {
        let address = counted_as(address);
        let allowance = self.allowances.connected(address);
        let refused = if allowance.connections.debt().is_some() {
            Some(Limit::ConnectionRate)
        } else if self.of_address(address) >= self.limits.connections_per_address_max {
            Some(Limit::ConnectionsOfAddress)
        } else if self.has_or_makes_room() {
            None
        } else {
            Some(Limit::Connections)
        };
        if let Some(limit) = refused {
            self.gate.metrics().refused(limit);
            tracing::debug!(%address, "rpc connection closed: too many");
            return;
        }
        let peer = Arc::new(Peer::new(address, allowance));
        let (gate, other_end) = (Arc::clone(&self.gate), Arc::clone(&peer));
        let connection = serve(stream, gate, other_end, self.limits, stopping);
        let task = self.connections.spawn(connection);
        self.accepted += 1;
        self.open.insert(task.id(), Open { peer, age: self.accepted, task });
    }

    /// False when all connections are taken and each has a call that runs.
    fn has_or_makes_room(&mut self) -> bool {
        if self.open.len() < self.limits.connections_max {
            return true;
        }
        let idle = self.open.iter().filter(|(_, open)| !open.peer.calls.load(Ordering::Relaxed));
        let worst = |open: &Open| (self.of_address(open.peer.address), std::cmp::Reverse(open.age));
        let Some(id) = idle.max_by_key(|(_, open)| worst(open)).map(|(id, _)| *id) else {
            return false;
        };
        if let Some(open) = self.open.remove(&id) {
            self.gate.metrics().refused(Limit::Displaced);
            tracing::debug!(address = %open.peer.address, "rpc connection closed for another");
            open.task.abort();
        }
        true
    }

    fn of_address(&self, address: IpAddr) -> usize {
        self.open.values().filter(|open| open.peer.address == address).count()
    }

    fn forget(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        self.open.remove(&id);
    }
}

/// Answers the requests of one connection, one after the other.
async fn serve(
    stream: TcpStream,
    gate: Arc<Gate>,
    peer: Arc<Peer>,
    limits: Limits,
    mut stopping: watch::Receiver<()>,
) {
    let _counted = Counted::new(&gate.metrics().connections);
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "rpc connection keeps its delay");
    }
    let (answers, other_end) = (Arc::clone(&gate), Arc::clone(&peer));
    let service = service_fn(move |request| {
        let (gate, peer) = (Arc::clone(&answers), Arc::clone(&other_end));
        async move { Ok::<_, std::convert::Infallible>(gate.answer(request, &peer).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(
            TokioIo::new(Stall::new(stream, limits.write_timeout, Arc::clone(&peer.allowance))),
            service,
        )
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "rpc connection broke");
    } else if let Some(upgrade) = peer.upgraded() {
        tokio::select! {
            () = gate.serve(upgrade, &peer) => {}
            _ = stopping.changed() => {}
        }
    }
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "no rpc connection could be accepted");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

/// What connections from `address` are counted as: whoever has one IPv6 address has all of its network.
fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one() {
        let counted = |text: &str| counted_as(text.parse().unwrap());
        assert_eq!(counted("2001:db8:1:2::1"), counted("2001:db8:1:2:ffff::9"));
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_ne!(counted("10.0.0.1"), counted("10.0.0.2"));
        assert_eq!(counted("::ffff:10.0.0.1"), counted("10.0.0.1"));
    }
}
