//! A developer's own chain: one authority and funded accounts, made up on the spot.
//!
//! The accounts' secrets lie in the home, one file each, 0600, as 64 hexadecimal digits, which is what the
//! wallet imports. They are worth nothing anywhere else.

use std::path::{Path, PathBuf};

use chain::account::AccountId;
use chain::address::{self, Network};
use chain::authority::AuthorityKey;
use chain::keys::SecretKey;
use genesis::{AccountSpec, AuthoritySpec, DEV, GenesisError, NetworkName, Spec};
use zeroize::Zeroizing;

use crate::home::{self, Home, HomeError, KeyClaim};

/// The accounts of a developer's chain: the authority's, the cashier, the treasury, and three to play with.
pub const ACCOUNTS: [&str; 6] = [AUTHORITY, CASHIER, TREASURY, "alice", "bob", "carol"];

const AUTHORITY: &str = "authority";
pub(crate) const CASHIER: &str = "cashier";
pub(crate) const TREASURY: &str = "treasury";
/// Those to play with.
pub(crate) const PLAYERS: [&str; 3] = ["alice", "bob", "carol"];

/// What every account begins with, in whole tokens.
const FUNDED_TOKENS: u32 = 1_000_000;

/// Why no home of a developer's chain was made.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The genesis is none.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The genesis is that of a network of many.
    #[error(
        "a developer's chain is of the network 'dev'; start others with `tallyd init` and `tallyd start`"
    )]
    NetworkNotDev,
    /// The genesis names an authority whose key is not made here.
    #[error("the genesis names the authority {0}, whose key is not here; leave authorities out")]
    AuthorityForeign(String),
    /// The genesis holds a number that cannot be written.
    #[error("the genesis cannot be written: {0}")]
    Unwritable(String),
}

/// An account whose secret lies in the home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevAccount {
    /// What it is called.
    pub name: &'static str,
    /// The account.
    pub account: AccountId,
    /// Its secret.
    pub path: PathBuf,
}

/// The accounts whose secrets lie in the home at `root`, in the order of [`ACCOUNTS`].
///
/// # Errors
/// [`HomeError`] when a secret cannot be read or is none.
pub fn accounts(root: &Path) -> Result<Vec<DevAccount>, HomeError> {
    let mut accounts = Vec::new();
    for name in ACCOUNTS {
        let path = secret_path(root, name);
        if path.exists() {
            let account = AccountId::of_key(&read_secret(&path)?.public_key());
            accounts.push(DevAccount { name, account, path });
        }
    }
    Ok(accounts)
}

/// Makes the home of a developer's chain at `root`. `template` is a genesis in which authorities, cashier,
/// treasury and accounts may be left out; they are filled in. [`DEV`] when there is none.
///
/// # Errors
/// [`DevError`] when a home is there already, or the genesis is none of a developer's chain.
pub fn make(root: &Path, template: Option<&str>) -> Result<Home, DevError> {
    let spec = Spec::from_toml(template.unwrap_or(DEV))?;
    let home = Home::prepare(root)?;
    let key = home.authority(KeyClaim::None)?.key();
    let accounts = made_accounts(root)?;
    let account = |name: &str| {
        let account = accounts.iter().find(|account| account.name == name);
        account.expect("every account was just made").account
    };
    let genesis = fill(spec, &[(key, account(AUTHORITY))], account)?;
    genesis.genesis()?;
    let text = genesis.to_toml().map_err(|error| DevError::Unwritable(error.to_string()))?;
    home.adopt(&text)?;
    Ok(home)
}

/// Fills in what the genesis leaves out: these authorities with their accounts, and accounts by their names.
pub(crate) fn fill(
    mut spec: Spec,
    authorities: &[(AuthorityKey, AccountId)],
    account: impl Fn(&str) -> AccountId,
) -> Result<Spec, DevError> {
    if spec.network != NetworkName::Dev {
        return Err(DevError::NetworkNotDev);
    }
    let encode = |account: &AccountId| address::encode(Network::Dev, account);
    let address = |name: &str| encode(&account(name));
    let ours = authorities
        .iter()
        .map(|(key, account)| AuthoritySpec { key: key.to_string(), account: encode(account) });
    if spec.authorities.is_empty() {
        spec.authorities.extend(ours);
    } else if let Some(foreign) = foreign(&spec, authorities) {
        return Err(DevError::AuthorityForeign(foreign));
    }
    let mut offices = Vec::new();
    offices.extend(spec.authorities.iter().map(|authority| authority.account.clone()));
    for (office, name) in [(&mut spec.cashier, CASHIER), (&mut spec.treasury, TREASURY)] {
        if office.is_empty() {
            *office = address(name);
        }
        offices.push(office.clone());
    }
    let funded: Vec<String> =
        if spec.accounts.is_empty() { PLAYERS.map(address).into() } else { Vec::new() };
    let balance = format!("{FUNDED_TOKENS}{}", spec.token.symbol);
    for address in offices.into_iter().chain(funded) {
        if spec.accounts.iter().all(|account| account.address != address) {
            spec.accounts.push(AccountSpec { address, balance: balance.clone() });
        }
    }
    Ok(spec)
}

/// An authority of the genesis that is none of `ours`.
fn foreign(spec: &Spec, ours: &[(AuthorityKey, AccountId)]) -> Option<String> {
    let known = |key: &str| ours.iter().any(|(our, _)| our.to_string() == key);
    spec.authorities.iter().map(|authority| &authority.key).find(|key| !known(key)).cloned()
}

/// The accounts of the home, those that were missing made anew.
fn made_accounts(root: &Path) -> Result<Vec<DevAccount>, HomeError> {
    home::make_folder(&root.join("dev-accounts"), 0o700)?;
    for name in ACCOUNTS {
        made_account(&secret_path(root, name))?;
    }
    accounts(root)
}

/// The account whose secret lies at `path`, made anew if there is none.
pub(crate) fn made_account(path: &Path) -> Result<AccountId, HomeError> {
    if !path.exists() {
        home::write(path, home::hex(&new_account_secret()).as_bytes(), 0o600)?;
    }
    Ok(AccountId::of_key(&read_secret(path)?.public_key()))
}

fn secret_path(root: &Path, name: &str) -> PathBuf {
    root.join("dev-accounts").join(format!("{name}.key"))
}

/// The bytes of a new account's secret.
fn new_account_secret() -> Zeroizing<[u8; 32]> {
    loop {
        let secret = home::new_secret();
        // All but one in 2^127 are below the order of the curve.
        if SecretKey::from_bytes(&secret).is_ok() {
            return secret;
        }
    }
}

fn read_secret(path: &Path) -> Result<SecretKey, HomeError> {
    let bytes = home::read_secret(path)?;
    SecretKey::from_bytes(&bytes).map_err(|_| HomeError::KeyMalformed(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn developers_chain_is_a_genesis_with_funded_accounts() {
        let folder = tempfile::tempdir().unwrap();
        let home = make(folder.path(), None).unwrap();
        let genesis = Spec::from_toml(&home.genesis().unwrap()).unwrap().genesis().unwrap();
        let accounts = accounts(folder.path()).unwrap();
        assert_eq!(accounts.len(), ACCOUNTS.len());
        for account in &accounts {
            assert!(genesis.accounts.iter().any(|funded| funded.account == account.account));
        }
        assert_eq!(genesis.authorities[0].key, home.authority(KeyClaim::None).unwrap().key());
    }

    #[test]
    fn genesis_of_ones_own_is_kept_and_filled_in() {
        let folder = tempfile::tempdir().unwrap();
        let own = address::encode(Network::Dev, &AccountId([3; 20]));
        let template = format!("{DEV}\n[[accounts]]\naddress = \"{own}\"\nbalance = \"5TLY\"\n");
        let home = make(folder.path(), Some(&template)).unwrap();
        let spec = Spec::from_toml(&home.genesis().unwrap()).unwrap();
        let balance = |address: &str| {
            let account = spec.accounts.iter().find(|account| account.address == address);
            account.map(|account| account.balance.as_str())
        };
        assert_eq!(balance(&own), Some("5TLY"));
        assert_eq!(balance(&spec.cashier), Some("1000000TLY"));
        assert_eq!(spec.accounts.len(), 4);
    }

    #[test]
    fn genesis_with_foreign_authorities_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let own = address::encode(Network::Dev, &AccountId([3; 20]));
        let key = "11".repeat(32);
        let template = format!("{DEV}\n[[authorities]]\nkey = \"{key}\"\naccount = \"{own}\"\n");
        let refused = make(folder.path(), Some(&template));
        assert!(matches!(refused, Err(DevError::AuthorityForeign(_))), "{refused:?}");
        assert!(matches!(Home::open(folder.path()), Err(HomeError::Missing(_))));
    }
}
