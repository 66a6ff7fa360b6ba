//! What a server counts of itself, for whoever watches it. Counts begin at 0 with the server.

use std::fmt;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::error::Error;
use crate::methods::{self, Method, Visitor};

/// The shortest call that is told apart from shorter ones, in seconds; each bucket is four times the one before.
const CALL_SECONDS_MIN: f64 = 0.000_25;
/// Buckets of calls' lengths: up to 16 s, beyond which no call goes on.
const CALL_BUCKETS: u16 = 9;

type Labels<const COUNT: usize> = [(&'static str, &'static str); COUNT];

/// What a server counts. Clones count the same.
#[derive(Clone)]
pub struct Metrics {
    pub(super) connections: Gauge,
    pub(super) web_sockets: Gauge,
    calls: Family<Labels<2>, Counter>,
    seconds: Family<Labels<1>, Histogram, fn() -> Histogram>,
    refused: Family<Labels<1>, Counter>,
}

/// What was refused to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// A connection: all are taken, and by calls.
    Connections,
    /// A connection of an address that has as many as it may.
    ConnectionsOfAddress,
    /// A connection of an address that opens too many in a second.
    ConnectionRate,
    /// An idle connection, closed for a newcomer.
    Displaced,
    /// A request for a host that this is not, or of a page of another.
    Host,
    /// A body that is too long, too deep or too slow.
    Body,
    /// A request that takes too long.
    Time,
}

impl Limit {
    const ALL: [Self; 7] = [
        Self::Connections,
        Self::ConnectionsOfAddress,
        Self::ConnectionRate,
        Self::Displaced,
        Self::Host,
        Self::Body,
        Self::Time,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionsOfAddress => "connections_of_address",
            Self::ConnectionRate => "connection_rate",
            Self::Displaced => "displaced",
            Self::Host => "host",
            Self::Body => "body",
            Self::Time => "time",
        }
    }

    /// The limit that `error` speaks of, if it speaks of one.
    const fn of(error: &Error) -> Option<Self> {
        match error {
            Error::HostUnknown | Error::OriginUnknown => Some(Self::Host),
            Error::BodyTooLarge { .. } | Error::BodyTooDeep | Error::BodyTooSlow => {
                Some(Self::Body)
            }
            Error::Timeout => Some(Self::Time),
            _ => None,
        }
    }
}

impl Metrics {
    /// Shows all of it in `registry`, whose prefix comes before the names.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("rpc_connections", "Connections of clients", self.connections.clone());
        registry.register(
            "rpc_web_sockets",
            "Connections that are web sockets",
            self.web_sockets.clone(),
        );
        registry.register(
            "rpc_calls",
            "Calls that ended, by the first word of the method, and whether they were answered",
            self.calls.clone(),
        );
        registry.register(
            "rpc_call_seconds",
            "Time from a call's parameters to its answer, by the first word of the method",
            self.seconds.clone(),
        );
        registry.register(
            "rpc_refused",
            "Connections and requests that a limit of the server refused or cut off",
            self.refused.clone(),
        );
    }

    /// A call of the method `name` ended after `time`.
    pub(super) fn called<A>(&self, name: &'static str, time: Duration, ended: &Result<A, Error>) {
        let outcome = if ended.is_ok() { ANSWERED } else { REFUSED };
        self.calls.get_or_create(&call(name, outcome)).inc();
        self.seconds.get_or_create(&[("class", class(name))]).observe(time.as_secs_f64());
    }

    /// A limit was reached.
    pub(super) fn refused(&self, limit: Limit) {
        self.refused.get_or_create(&[("limit", limit.name())]).inc();
    }

    /// A request ended in `error`, before its calls or instead of them.
    pub(super) fn refused_by(&self, error: &Error) {
        if let Some(limit) = Limit::of(error) {
            self.refused(limit);
        }
    }
}

const ANSWERED: &str = "answered";
const REFUSED: &str = "refused";

fn call(name: &'static str, outcome: &'static str) -> Labels<2> {
    [("class", class(name)), ("outcome", outcome)]
}

/// The first word of a method's name.
fn class(name: &'static str) -> &'static str {
    name.split_once('_').map_or(name, |(class, _)| class)
}

fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(CALL_SECONDS_MIN, 4.0, CALL_BUCKETS))
}

impl Default for Metrics {
    /// Everything is there from the start, at 0: what appears only once it happens is not seen to rise.
    fn default() -> Self {
        let metrics = Self {
            connections: Gauge::default(),
            web_sockets: Gauge::default(),
            calls: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            refused: Family::default(),
        };
        for limit in Limit::ALL {
            drop(metrics.refused.get_or_create(&[("limit", limit.name())]));
        }
        methods::each(&mut Begin(&metrics));
        metrics
    }
}

/// Begins to count the calls of every method.
struct Begin<'a>(&'a Metrics);

impl Visitor for Begin<'_> {
    fn visit<M: Method>(&mut self) {
        for outcome in [ANSWERED, REFUSED] {
            drop(self.0.calls.get_or_create(&call(M::NAME, outcome)));
        }
        drop(self.0.seconds.get_or_create(&[("class", class(M::NAME))]));
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Metrics")
    }
}

/// Counts one for as long as it lives.
pub(super) struct Counted(Gauge);

impl Counted {
    pub(super) fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
