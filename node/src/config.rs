//! The node's settings: `config.toml` in its home. Every key may be left out; an unknown one is an error.

mod print;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::{fs, io};

use chain::authority::AuthorityKey;
use chain::limits::AUTHORITIES_MAX;
use chain::time::Millis;
use consensus::Pacing;
use serde::{Deserialize, Serialize};

use crate::disk::Limits;
use crate::keeper::Snapshots;
use crate::market_index::Indexing;
use crate::operation::{self, Listen};
use crate::snapshot::KEPT_MAX;
use crate::store::Histories;

/// What a new home gets: every key with its default, commented out, and what it means.
pub const TEMPLATE: &str = include_str!("config.toml");

const MIB: u64 = 1 << 20;
/// The longest span that [`Pacing`] may name, in milliseconds.
const PACING_MS_MAX: u64 = 600_000;
/// The port where clients connect, unless the settings name another.
const RPC_PORT: u16 = 7645;
/// Nodes without a vote that one node lets in.
pub const FOLLOWERS_MAX: usize = 64;
/// Names by which clients may address the node.
const HOSTS_MAX: usize = 16;
/// The longest filter for the log, in bytes.
const FILTER_BYTES_MAX: usize = 1_024;

/// Why `config.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is not there.
    #[error("{0} is missing; an empty file will do, as every setting has a default")]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no TOML, or a key is unknown or of the wrong kind.
    #[error("{path}: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where, and what is wrong.
        source: Box<toml::de::Error>,
    },
    /// A value is outside its bounds.
    #[error("{path}: {key} {problem}")]
    OutOfBounds {
        /// The file.
        path: PathBuf,
        /// Which value.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

/// The settings of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where clients connect.
    pub rpc_listen: SocketAddr,
    /// Names, besides loopback, by which clients may address the node.
    pub rpc_hosts: Vec<String>,
    /// Where an operator's tools connect.
    pub operation_listen: Listen,
    /// How much room there must be on the disk.
    pub disk: Limits,
    /// What is logged.
    pub log_filter: String,
    /// How it is written.
    pub log_format: LogFormat,
    /// Where other authorities connect.
    pub network_listen: SocketAddr,
    /// Where the other authorities are.
    pub peers: BTreeMap<AuthorityKey, SocketAddr>,
    /// Who may follow without a vote, and the address it comes from.
    pub followers: BTreeMap<AuthorityKey, IpAddr>,
    /// How fast blocks follow one another.
    pub pacing: Pacing,
    /// Whether the histories of accounts are kept.
    pub histories: Histories,
    /// Whether the past of markets and objects is.
    pub indexing: Indexing,
    /// When snapshots are made.
    pub snapshots: Snapshots,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Reads `path`.
    ///
    /// # Errors
    /// [`ConfigError`] when it cannot be read, holds an unknown key, or a value out of bounds.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ConfigError::Missing(path.to_owned()),
            _ => ConfigError::Unreadable { path: path.to_owned(), source },
        })?;
        let file: File = toml::from_str(&text).map_err(|source| ConfigError::Malformed {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        file.check().map_err(|(key, problem)| ConfigError::OutOfBounds {
            path: path.to_owned(),
            key,
            problem,
        })
    }
}

impl Default for Config {
    fn default() -> Self {
        File::default().check().expect("the defaults are within bounds")
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    rpc: RpcTable,
    operation: OperationTable,
    disk: DiskTable,
    log: LogTable,
    network: NetworkTable,
    pacing: PacingTable,
    ledger: LedgerTable,
    snapshots: SnapshotsTable,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SnapshotsTable {
    every_blocks: u64,
    keep: usize,
}

impl Default for SnapshotsTable {
    fn default() -> Self {
        Self { every_blocks: 10_000, keep: 2 }
    }
}

impl SnapshotsTable {
    fn check(&self) -> Result<Snapshots, Problem> {
        let Self { every_blocks, keep: kept } = *self;
        if !(1..=KEPT_MAX).contains(&kept) {
            return Err(("snapshots.keep", format!("is {kept}, not between 1 and {KEPT_MAX}")));
        }
        Ok(Snapshots { every_blocks, kept })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LedgerTable {
    history: bool,
    index: bool,
}

impl Default for LedgerTable {
    fn default() -> Self {
        Self { history: true, index: true }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RpcTable {
    listen: SocketAddr,
    hosts: Vec<String>,
}

impl Default for RpcTable {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, RPC_PORT).into(), hosts: Vec::new() }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct OperationTable {
    listen: Listen,
}

impl Default for OperationTable {
    fn default() -> Self {
        Self { listen: Listen::At(operation::USUAL) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DiskTable {
    voting_mib_min: u32,
    running_mib_min: u32,
}

impl Default for DiskTable {
    fn default() -> Self {
        Self { voting_mib_min: 2_048, running_mib_min: 1_024 }
    }
}

impl DiskTable {
    fn check(&self) -> Result<Limits, Problem> {
        let Self { voting_mib_min, running_mib_min } = *self;
        if running_mib_min > voting_mib_min {
            let problem = format!("is {running_mib_min}, above voting_mib_min, {voting_mib_min}");
            return Err(("disk.running_mib_min", problem));
        }
        let [voting_bytes_min, running_bytes_min] =
            [voting_mib_min, running_mib_min].map(|mib| u64::from(mib) * MIB);
        Ok(Limits { voting_bytes_min, running_bytes_min })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LogTable {
    filter: String,
    format: LogFormat,
}

impl Default for LogTable {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Auto }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct NetworkTable {
    listen: SocketAddr,
    peers: BTreeMap<String, SocketAddr>,
    followers: BTreeMap<String, IpAddr>,
}

impl Default for NetworkTable {
    fn default() -> Self {
        let listen = (Ipv4Addr::LOCALHOST, 0).into();
        Self { listen, peers: BTreeMap::new(), followers: BTreeMap::new() }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PacingTable {
    interval_min_ms: u64,
    idle_ms: u64,
    leader_timeout_ms: u64,
    certification_timeout_ms: u64,
    timeout_retry_ms: u64,
}

impl Default for PacingTable {
    fn default() -> Self {
        let pacing = Pacing::default();
        Self {
            interval_min_ms: pacing.interval_min.0,
            idle_ms: pacing.idle.0,
            leader_timeout_ms: pacing.leader_timeout.0,
            certification_timeout_ms: pacing.certification_timeout.0,
            timeout_retry_ms: pacing.timeout_retry.0,
        }
    }
}

/// The key at fault, and what is wrong with its value.
type Problem = (&'static str, String);

impl File {
    fn check(self) -> Result<Config, Problem> {
        if self.log.filter.len() > FILTER_BYTES_MAX {
            return Err(("log.filter", format!("is longer than {FILTER_BYTES_MAX} bytes")));
        }
        if self.rpc.hosts.len() > HOSTS_MAX {
            return Err(("rpc.hosts", format!("has more than {} names", HOSTS_MAX)));
        }
        Ok(Config {
            rpc_listen: self.rpc.listen,
            rpc_hosts: self.rpc.hosts,
            operation_listen: self.operation.listen,
            disk: self.disk.check()?,
            log_filter: self.log.filter,
            log_format: self.log.format,
            network_listen: self.network.listen,
            peers: by_key("network.peers", AUTHORITIES_MAX, self.network.peers)?,
            followers: by_key("network.followers", FOLLOWERS_MAX, self.network.followers)?,
            pacing: self.pacing.check()?,
            histories: if self.ledger.history { Histories::Kept } else { Histories::Off },
            indexing: if self.ledger.index { Indexing::Kept } else { Indexing::Off },
            snapshots: self.snapshots.check()?,
        })
    }
}

/// The table `name`, at most `max` entries, under the keys that its words mean.
fn by_key<A>(
    name: &'static str,
    max: usize,
    table: BTreeMap<String, A>,
) -> Result<BTreeMap<AuthorityKey, A>, Problem> {
    if table.len() > max {
        return Err((name, format!("has more than {max} entries")));
    }
    let parse = |(key, address): (String, A)| match AuthorityKey::from_hex(&key) {
        Some(key) => Ok((key, address)),
        None => Err((
            name,
            format!("names '{}', which is not 64 hexadecimal digits", key.escape_debug()),
        )),
    };
    table.into_iter().map(parse).collect()
}

impl PacingTable {
    fn check(&self) -> Result<Pacing, Problem> {
        let bounded = |key, value: u64, least: u64| {
            if (least..=PACING_MS_MAX).contains(&value) {
                Ok(Millis(value))
            } else {
                Err((key, format!("is {value}, not between {least} and {PACING_MS_MAX}")))
            }
        };
        let pacing = Pacing {
            interval_min: bounded("pacing.interval_min_ms", self.interval_min_ms, 0)?,
            idle: bounded("pacing.idle_ms", self.idle_ms, 1)?,
            leader_timeout: bounded("pacing.leader_timeout_ms", self.leader_timeout_ms, 1)?,
            certification_timeout: bounded(
                "pacing.certification_timeout_ms",
                self.certification_timeout_ms,
                1,
            )?,
            timeout_retry: bounded("pacing.timeout_retry_ms", self.timeout_retry_ms, 1)?,
        };
        let ordered = pacing.interval_min <= pacing.idle
            && pacing.idle < pacing.leader_timeout
            && pacing.leader_timeout < pacing.certification_timeout;
        if ordered {
            Ok(pacing)
        } else {
            let order = "must be in this order: interval_min_ms <= idle_ms < leader_timeout_ms \
                         < certification_timeout_ms";
            Err(("pacing", order.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        Config::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn template_changes_no_default() {
        assert_eq!(parse(TEMPLATE), Ok(Config::default()));
    }

    #[test]
    fn template_shows_the_defaults() {
        let shown: String = TEMPLATE
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line))
            .filter(|line| !line.starts_with('#'))
            .fold(String::new(), |text, line| text + line + "\n");
        assert_eq!(parse(&shown), Ok(Config::default()));
        assert!(shown.contains("idle_ms") && shown.contains("listen"), "{shown}");
    }

    #[test]
    fn histories_are_kept_unless_the_settings_say_no() {
        assert_eq!(Config::default().histories, Histories::Kept);
        let config = parse("[ledger]\nhistory = false").unwrap();
        assert_eq!(config.histories, Histories::Off);
        assert!(parse("[ledger]\nhistory = \"no\"").is_err());
    }

    #[test]
    fn index_is_kept_unless_the_settings_say_no() {
        assert_eq!(Config::default().indexing, Indexing::Kept);
        assert_eq!(parse("[ledger]\nindex = false").unwrap().indexing, Indexing::Off);
    }

    #[test]
    fn port_for_operation_can_be_turned_off() {
        assert_eq!(Config::default().operation_listen, Listen::At(operation::USUAL));
        let config = parse("[operation]\nlisten = \"off\"").unwrap();
        assert_eq!(config.operation_listen, Listen::Off);
    }

    #[test]
    fn room_on_the_disk_is_what_the_settings_say() {
        assert_eq!(Config::default().disk, Limits::default());
        let config = parse("[disk]\nvoting_mib_min = 2\nrunning_mib_min = 0").unwrap();
        assert_eq!(config.disk, Limits { voting_bytes_min: 2 * MIB, running_bytes_min: 0 });
    }

    #[test]
    fn unknown_key_is_refused_by_name() {
        let error = parse("[rpc]\nlisten_on = \"127.0.0.1:1\"").unwrap_err();
        assert!(error.contains("listen_on"), "{error}");
        assert!(parse("[telemetry]").is_err());
    }

    #[test]
    fn missing_settings_are_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let error = Config::read(&folder.path().join("config.toml")).unwrap_err();
        assert!(matches!(error, ConfigError::Missing(_)), "{error}");
        assert!(error.to_string().contains("an empty file will do"), "{error}");
    }

    #[test]
    fn values_out_of_bounds_are_refused_by_name() {
        for (text, key) in [
            ("[pacing]\nidle_ms = 0", "pacing.idle_ms"),
            ("[pacing]\nidle_ms = 600001", "pacing.idle_ms"),
            ("[pacing]\nidle_ms = 3000", "pacing must"),
            ("[network.peers]\nabc = \"127.0.0.1:1\"", "network.peers"),
            ("[network.followers]\nabc = \"127.0.0.1\"", "network.followers"),
            ("[rpc]\nlisten = \"localhost\"", "listen"),
            ("[operation]\nlisten = \"no\"", "listen"),
            ("[disk]\nvoting_mib_min = 1000", "disk.running_mib_min"),
            ("[snapshots]\nkeep = 0", "snapshots.keep"),
            ("[snapshots]\nkeep = 17", "snapshots.keep"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(key), "{text}: {error}");
        }
    }
}
