//! Settings as text again: every key, as the node takes it.

use super::{
    Config, DiskTable, File, LedgerTable, LogTable, MIB, NetworkTable, OperationTable, PacingTable,
    RpcTable, SnapshotsTable,
};
use crate::market_index::Indexing;
use crate::store::Histories;

impl Config {
    /// The settings as `config.toml` would say them, none left out.
    pub fn to_toml(&self) -> String {
        toml::to_string(&File::from(self)).expect("settings can be written")
    }
}

impl From<&Config> for File {
    fn from(config: &Config) -> Self {
        let mib = |bytes: u64| u32::try_from(bytes / MIB).unwrap_or(u32::MAX);
        let pacing = config.pacing;
        Self {
            rpc: RpcTable { listen: config.rpc_listen, hosts: config.rpc_hosts.clone() },
            operation: OperationTable { listen: config.operation_listen },
            disk: DiskTable {
                voting_mib_min: mib(config.disk.voting_bytes_min),
                running_mib_min: mib(config.disk.running_bytes_min),
            },
            log: LogTable { filter: config.log_filter.clone(), format: config.log_format },
            pacing: PacingTable {
                interval_min_ms: pacing.interval_min.0,
                idle_ms: pacing.idle.0,
                leader_timeout_ms: pacing.leader_timeout.0,
                certification_timeout_ms: pacing.certification_timeout.0,
                timeout_retry_ms: pacing.timeout_retry.0,
            },
            ledger: LedgerTable {
                history: config.histories == Histories::Kept,
                index: config.indexing == Indexing::Kept,
            },
            snapshots: SnapshotsTable {
                every_blocks: config.snapshots.every_blocks,
                keep: config.snapshots.kept,
            },
            network: NetworkTable {
                listen: config.network_listen,
                peers: config.peers.iter().map(|(key, at)| (key.to_string(), *at)).collect(),
                followers: config
                    .followers
                    .iter()
                    .map(|(key, at)| (key.to_string(), *at))
                    .collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use chain::authority::AuthorityKey;
    use chain::time::Millis;

    use super::super::LogFormat;
    use super::*;
    use crate::disk::Limits;
    use crate::operation::Listen;

    fn again(config: &Config) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, config.to_toml()).unwrap();
        Config::read(&path).unwrap()
    }

    #[test]
    fn settings_that_are_printed_read_back_as_they_are() {
        let usual = Config::default();
        assert_eq!(again(&usual), usual);
        let mut other = usual;
        other.rpc_listen = (Ipv4Addr::LOCALHOST, 1).into();
        other.rpc_hosts = vec!["node.example".to_owned()];
        other.operation_listen = Listen::Off;
        other.disk = Limits { voting_bytes_min: 3 * MIB, running_bytes_min: 2 * MIB };
        other.log_filter = "warn".to_owned();
        other.log_format = LogFormat::Json;
        other.network_listen = (Ipv4Addr::LOCALHOST, 2).into();
        other.peers.insert(AuthorityKey([1; 32]), (Ipv4Addr::LOCALHOST, 3).into());
        other.followers.insert(AuthorityKey([2; 32]), IpAddr::V4(Ipv4Addr::LOCALHOST));
        other.pacing.idle = Millis(500);
        other.histories = Histories::Off;
        other.indexing = Indexing::Off;
        assert_eq!(again(&other), other);
    }
}
