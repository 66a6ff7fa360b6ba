//! A network of one's own on one machine: several authorities, followers and funded accounts, made up on the
//! spot.
//!
//! ```text
//! FOLDER/
//!   genesis.toml      what all of its nodes begin with
//!   accounts/         0700: the accounts' secrets, one file each, 0600
//!   authority-1/ ...  the homes of those who vote, each with its key and the addresses of the others
//!   follower-1/ ...   the homes of those who follow
//! ```
//! All of it trusts whoever may read the folder, so it is for trying things out.

use std::fmt::Write;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use chain::account::AccountId;
use chain::authority::AuthorityKey;
use chain::limits::AUTHORITIES_MAX;
use genesis::{DEV, Spec};

use crate::config;
use crate::dev::{self, CASHIER, DevError, PLAYERS, TREASURY};
use crate::home::{self, Home, HomeError, KeyClaim};

/// Followers of one network, at most.
pub const FOLLOWERS_MAX: usize = 16;
/// Where free ports are looked for: below those that systems give to whoever connects.
const FREE_PORTS: std::ops::Range<u16> = 10_000..30_000;
/// Ports that a node takes.
const PORTS_EACH: usize = 3;
/// The name of a developer's chain, which a network of several does not share.
const DEV_NAME: &str = "tally-dev";
const NAME: &str = "tally-testnet";

/// Why no network was made.
#[derive(Debug, thiserror::Error)]
pub enum TestnetError {
    /// A folder cannot be used, or is there already.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The genesis is none of such a network.
    #[error(transparent)]
    Dev(#[from] DevError),
    /// So many nodes cannot be made.
    #[error("a network has 1 to {AUTHORITIES_MAX} authorities and up to {FOLLOWERS_MAX} followers")]
    Count,
    /// There are no ports for all of them.
    #[error("there are not enough ports: {0}")]
    Ports(io::Error),
}

/// What network to make.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// How many authorities vote.
    pub authorities: usize,
    /// How many nodes follow them.
    pub followers: usize,
    /// The first port, from which on they are taken in order; free ones when there is none.
    pub base_port: Option<u16>,
    /// A genesis in which authorities, cashier, treasury and accounts may be left out; that of a developer's
    /// chain when there is none.
    pub template: Option<&'a str>,
}

/// A network that was made.
#[derive(Debug)]
pub struct Testnet {
    /// Its nodes, authorities first.
    pub nodes: Vec<Member>,
    /// Its accounts by name, with the files of their secrets.
    pub accounts: Vec<(String, AccountId, PathBuf)>,
}

/// A node of the network.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name of its folder.
    pub name: String,
    /// Its key.
    pub key: AuthorityKey,
    /// Where clients connect.
    pub rpc: SocketAddr,
    /// Where other nodes do.
    pub network: SocketAddr,
    /// Where an operator's tools do.
    pub operation: SocketAddr,
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Authority,
    Follower,
}

/// Makes a network in `folder`. What an earlier try left there is used.
///
/// # Errors
/// [`TestnetError`] when a network is there already, or it cannot be made.
pub fn make(folder: &Path, plan: Plan<'_>) -> Result<Testnet, TestnetError> {
    if !(1..=AUTHORITIES_MAX).contains(&plan.authorities) || plan.followers > FOLLOWERS_MAX {
        return Err(TestnetError::Count);
    }
    if folder.join("genesis.toml").exists() {
        return Err(HomeError::Exists(folder.to_owned()).into());
    }
    let accounts = accounts(folder, plan.authorities)?;
    let mut homes = Vec::new();
    let mut nodes = Vec::new();
    let ports = ports(PORTS_EACH * (plan.authorities + plan.followers), plan.base_port)?;
    for ((name, role), ports) in names(plan).zip(ports.chunks(PORTS_EACH)) {
        let home = Home::prepare(&folder.join(&name))?;
        let key = home.authority(KeyClaim::None)?.key();
        let [rpc, network, operation] =
            [ports[0], ports[1], ports[2]].map(|port| (Ipv4Addr::LOCALHOST, port).into());
        nodes.push(Member { name, key, rpc, network, operation, role });
        homes.push(home);
    }
    let text = genesis(plan.template, &nodes, &accounts)?;
    for (home, node) in homes.iter().zip(&nodes) {
        home::write(&home.config_path(), settings(node, &nodes).as_bytes(), 0o644)?;
        home.adopt(&text)?;
    }
    home::write(&folder.join("genesis.toml"), text.as_bytes(), 0o644)?;
    Ok(Testnet { nodes, accounts })
}

fn names(plan: Plan<'_>) -> impl Iterator<Item = (String, Role)> {
    let authorities = 1..=plan.authorities;
    let followers = 1..=plan.followers;
    let authorities = authorities.map(|number| (authority(number), Role::Authority));
    authorities.chain(followers.map(|number| (format!("follower-{number}"), Role::Follower)))
}

fn authority(number: usize) -> String {
    format!("authority-{number}")
}

/// The accounts of `folder`, those that were missing made anew.
fn accounts(
    folder: &Path,
    authorities: usize,
) -> Result<Vec<(String, AccountId, PathBuf)>, HomeError> {
    let secrets = folder.join("accounts");
    home::make_folder(folder, 0o755)?;
    home::make_folder(&secrets, 0o700)?;
    let names = [CASHIER, TREASURY].into_iter().chain(PLAYERS).map(str::to_owned);
    let names = (1..=authorities).map(authority).chain(names);
    names
        .map(|name| {
            let path = secrets.join(format!("{name}.key"));
            Ok((name, dev::made_account(&path)?, path))
        })
        .collect()
}

fn genesis(
    template: Option<&str>,
    nodes: &[Member],
    accounts: &[(String, AccountId, PathBuf)],
) -> Result<String, DevError> {
    let mut spec = Spec::from_toml(template.unwrap_or(DEV))?;
    if spec.name == DEV_NAME {
        NAME.clone_into(&mut spec.name);
    }
    let account = |name: &str| {
        let found = accounts.iter().find(|(known, ..)| known == name);
        found.expect("every account was just made").1
    };
    let authorities = nodes.iter().filter(|node| node.role == Role::Authority);
    let authorities: Vec<_> = authorities.map(|node| (node.key, account(&node.name))).collect();
    let spec = dev::fill(spec, &authorities, account)?;
    spec.genesis()?;
    spec.to_toml().map_err(|error| DevError::Unwritable(error.to_string()))
}

/// The settings of `node`: the usual ones, and where everybody is.
fn settings(node: &Member, nodes: &[Member]) -> String {
    let mut text = config::TEMPLATE.to_owned();
    let _ = write!(
        text,
        "\n# What `tallyd testnet` chose.\n[rpc]\nlisten = \"{}\"\n\n[operation]\nlisten = \"{}\"\n\n[network]\nlisten = \"{}\"\n\n\
         [network.peers]\n",
        node.rpc, node.operation, node.network
    );
    let others = || nodes.iter().filter(|other| other.key != node.key);
    for other in others().filter(|other| other.role == Role::Authority) {
        let _ = writeln!(text, "{} = \"{}\" # {}", other.key, other.network, other.name);
    }
    if node.role == Role::Authority {
        text += "\n[network.followers]\n";
        for other in others().filter(|other| other.role == Role::Follower) {
            let _ = writeln!(text, "{} = \"{}\" # {}", other.key, other.network.ip(), other.name);
        }
    }
    text
}

/// So many ports: from `base` on, or free ones.
fn ports(count: usize, base: Option<u16>) -> Result<Vec<u16>, TestnetError> {
    match base {
        Some(base) => {
            let last = base.checked_add(u16::try_from(count - 1).map_err(|_| TestnetError::Count)?);
            let last = last.ok_or_else(|| io::Error::other("they end at 65535"));
            Ok((base..=last.map_err(TestnetError::Ports)?).collect())
        }
        None => free_ports(count).map_err(TestnetError::Ports),
    }
}

/// Ports on which nobody listens now. They are held until all are found, so that none is found twice.
fn free_ports(count: usize) -> io::Result<Vec<u16>> {
    let mut random = [0; 2];
    getrandom::fill(&mut random)?;
    let span = FREE_PORTS.end - FREE_PORTS.start;
    let begin = u16::from_le_bytes(random) % span;
    let ports = (0..span).map(|step| FREE_PORTS.start + (begin + step) % span);
    let held = ports.filter_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok());
    let held: Vec<TcpListener> = held.take(count).collect();
    if held.len() < count {
        return Err(io::Error::other("they are all taken"));
    }
    held.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::operation::Listen;

    const PLAN: Plan<'_> = Plan { authorities: 4, followers: 0, base_port: None, template: None };

    #[test]
    fn every_home_knows_the_others_and_the_same_genesis() {
        let folder = tempfile::tempdir().unwrap();
        let net = make(folder.path(), PLAN).unwrap();
        let text = home::read_genesis(&folder.path().join("genesis.toml")).unwrap();
        let genesis = Spec::from_toml(&text).unwrap().genesis().unwrap();
        assert_eq!(genesis.authorities.len(), 4);
        for node in &net.nodes {
            let home = Home::open(&folder.path().join(&node.name)).unwrap();
            assert_eq!(home.genesis().unwrap(), text);
            let config = Config::read(&home.config_path()).unwrap();
            assert_eq!((config.rpc_listen, config.network_listen), (node.rpc, node.network));
            assert_eq!(config.operation_listen, Listen::At(node.operation));
            let others = net.nodes.iter().filter(|other| other.key != node.key);
            assert!(config.peers.into_iter().eq({
                let mut others: Vec<_> = others.map(|it| (it.key, it.network)).collect();
                others.sort_unstable();
                others
            }));
        }
    }

    #[test]
    fn authorities_let_followers_in_who_know_the_authorities_alone() {
        let folder = tempfile::tempdir().unwrap();
        let net = make(folder.path(), Plan { authorities: 2, followers: 2, ..PLAN }).unwrap();
        let known = |node: &Member| {
            let config = Config::read(&folder.path().join(&node.name).join("config.toml")).unwrap();
            (config.peers.len(), config.followers.len())
        };
        let known: Vec<_> = net.nodes.iter().map(known).collect();
        assert_eq!(known, [(1, 2), (1, 2), (2, 0), (2, 0)]);
    }

    #[test]
    fn ports_are_all_different_and_follow_the_first_where_it_is_named() {
        let mut free = free_ports(16).unwrap();
        free.sort_unstable();
        free.dedup();
        assert_eq!(free.len(), 16);
        assert_eq!(ports(3, Some(7_000)).unwrap(), [7_000, 7_001, 7_002]);
        assert!(matches!(ports(3, Some(65_534)), Err(TestnetError::Ports(_))));
    }

    #[test]
    fn network_that_is_there_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), PLAN).unwrap();
        let refused = make(folder.path(), PLAN);
        assert!(matches!(refused, Err(TestnetError::Home(HomeError::Exists(_)))), "{refused:?}");
    }

    #[test]
    fn network_without_authorities_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = make(folder.path(), Plan { authorities: 0, ..PLAN });
        assert!(matches!(refused, Err(TestnetError::Count)), "{refused:?}");
    }
}
