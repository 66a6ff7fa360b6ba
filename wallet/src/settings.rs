//! Where the wallet lives and whom it talks to: a flag wins over the environment, that over the
//! profile, that over the default.
//!
//! A profile stands in `config.toml` in the wallet's home. The chain that a profile saw first is pinned
//! beside it: a node of another chain is refused from then on.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chain::address::Network;
use chain::hash::Hash;
use etcetera::base_strategy::{BaseStrategy, Xdg};
use rpc::text::Text;
use rpc::types::NetworkView;
use serde::{Deserialize, Serialize};

use crate::args::Globals;
use crate::failure::{Exit, Failure};
use crate::files;
use crate::keystore::KeyName;
use crate::output::{Color, Format, Loudness, Output};

/// The node that is asked when nobody names another.
const NODE: &str = "http://127.0.0.1:7645";
/// The profile that is used when nobody names another.
const PROFILE: &str = "default";
/// Bytes of `config.toml` and of the pins, at most.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// What a command works with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where keys, vouchers and settings are.
    pub(crate) home: PathBuf,
    /// The profile's name.
    pub(crate) profile: String,
    /// The node's URL.
    pub(crate) node: String,
    /// The kind of network that the user means, where it was said.
    pub(crate) network: Option<Network>,
    /// The chain that the user means, where it was said.
    pub(crate) chain: Option<Hash>,
    /// The key that signs, where it was said.
    pub(crate) key: Option<KeyName>,
    /// The chain that the profile saw first.
    pub(crate) pin: Option<Pin>,
}

/// A chain that a profile saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pin {
    /// Its identity.
    pub(crate) chain: Text<Hash>,
    /// Its kind.
    pub(crate) network: NetworkView,
}

/// `config.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    node: Option<String>,
    network: Option<String>,
    chain: Option<String>,
    key: Option<String>,
}

impl Settings {
    /// The settings of one command.
    ///
    /// # Errors
    /// [`Failure`] when a file is wrong or a value is none of its kind.
    pub(crate) fn resolve(globals: &Globals) -> Result<Self, Failure> {
        let home = match globals.home.clone().or_else(|| variable("TALLY_HOME").map(PathBuf::from))
        {
            Some(home) => home,
            None => default_home()?,
        };
        let named = globals.profile.clone().or_else(|| variable("TALLY_PROFILE"));
        let profile = read_profile(&home, named.as_deref())?;
        let name = named.unwrap_or_else(|| PROFILE.to_owned());
        let node = chosen(&globals.node, "TALLY_NODE", &profile.node);
        let network = chosen(&globals.network, "TALLY_NETWORK", &profile.network);
        let chain = chosen(&globals.chain, "TALLY_CHAIN", &profile.chain);
        let key = chosen(&None, "TALLY_KEY", &profile.key);
        let pin = read_pins(&home)?.get(&name).copied();
        Ok(Self {
            home,
            profile: name,
            node: node.unwrap_or_else(|| NODE.to_owned()),
            network: network.map(|text| parse_network(&text)).transpose()?,
            chain: chain.map(|text| parse_chain(&text)).transpose()?,
            key: key.map(|text| parse_key(&text)).transpose()?,
            pin,
        })
    }

    /// The kind of network for a command that asks no node: what was said, or what the profile saw
    /// first, or a developer's.
    pub(crate) fn network_offline(&self) -> Network {
        let pinned = || self.pin.map(|pin| pin.network.into());
        self.network.or_else(pinned).unwrap_or(Network::Dev)
    }

    /// Pins the chain that the profile's node is of.
    ///
    /// # Errors
    /// [`Failure`] when the pins cannot be written.
    pub(crate) fn keep_pin(&self, pin: Pin) -> Result<(), Failure> {
        files::make_folder(&self.home)?;
        let mut pins = read_pins(&self.home)?;
        pins.insert(self.profile.clone(), pin);
        let bytes = serde_json::to_vec_pretty(&pins).expect("strings are JSON");
        Ok(files::replace_private(&pins_file(&self.home), &bytes)?)
    }
}

/// How the program prints: known before anything that may fail, so that failures are printed right.
///
/// # Errors
/// [`Failure`] when flags contradict each other or the environment names no format.
pub(crate) fn output(globals: &Globals) -> Result<Output, Failure> {
    let format = match (globals.output, globals.json) {
        (Some(Format::Text), true) => {
            return Err(Failure::usage("--json and --output text contradict each other"));
        }
        (_, true) => Format::Json,
        (Some(format), false) => format,
        (None, false) => match variable("TALLY_OUTPUT").as_deref() {
            Some("json") => Format::Json,
            Some("text") | None => Format::Text,
            Some(other) => {
                return Err(Failure::usage(format!("TALLY_OUTPUT is '{other}', not text or json")));
            }
        },
    };
    let loudness = match (globals.quiet, globals.verbose) {
        (true, true) => return Err(Failure::usage("--quiet and --verbose contradict each other")),
        (true, false) => Loudness::Quiet,
        (false, true) => Loudness::Verbose,
        (false, false) => Loudness::Normal,
    };
    Ok(Output { format, loudness, color: globals.color.unwrap_or(Color::Auto) })
}

/// The value of an environment variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn chosen(flag: &Option<String>, name: &str, profile: &Option<String>) -> Option<String> {
    flag.clone().or_else(|| variable(name)).or_else(|| profile.clone())
}

fn default_home() -> Result<PathBuf, Failure> {
    let strategy = Xdg::new().map_err(|_| {
        Failure::usage("there is no home folder to keep keys in").hint("name one with --home DIR")
    })?;
    Ok(strategy.data_dir().join("tally").join("wallet"))
}

fn read_profile(home: &Path, named: Option<&str>) -> Result<Profile, Failure> {
    let path = home.join("config.toml");
    let invalid = |reason: String| {
        let message = format!("{}: {reason}", path.display());
        Failure::new(Exit::Usage, "CONFIG_INVALID", message)
    };
    let config = match files::read_bounded(&path, FILE_BYTES_MAX) {
        Err(error) if error.is_missing() => Config::default(),
        bytes => {
            let text = String::from_utf8(bytes?).map_err(|error| invalid(error.to_string()))?;
            toml::from_str(&text).map_err(|error| invalid(error.to_string()))?
        }
    };
    match (config.profiles.get(named.unwrap_or(PROFILE)), named) {
        (Some(profile), _) => Ok(profile.clone()),
        (None, None | Some(PROFILE)) => Ok(Profile::default()),
        (None, Some(name)) => Err(invalid(format!("there is no profile '{name}'"))),
    }
}

fn read_pins(home: &Path) -> Result<BTreeMap<String, Pin>, Failure> {
    let path = pins_file(home);
    match files::read_bounded(&path, FILE_BYTES_MAX) {
        Err(error) if error.is_missing() => Ok(BTreeMap::new()),
        bytes => serde_json::from_slice(&bytes?).map_err(|error| {
            let message = format!("{}: {error}", path.display());
            Failure::new(Exit::Usage, "CONFIG_INVALID", message)
        }),
    }
}

fn pins_file(home: &Path) -> PathBuf {
    home.join("chains.json")
}

fn parse_network(text: &str) -> Result<Network, Failure> {
    match text {
        "main" => Ok(Network::Main),
        "test" => Ok(Network::Test),
        "dev" => Ok(Network::Dev),
        _ => Err(Failure::usage(format!("'{text}' is no network: main, test or dev"))),
    }
}

fn parse_chain(text: &str) -> Result<Hash, Failure> {
    Hash::from_hex(text)
        .ok_or_else(|| Failure::usage(format!("'{text}' is no chain: 64 hexadecimal digits")))
}

fn parse_key(text: &str) -> Result<KeyName, Failure> {
    KeyName::from_str(text).map_err(|error| Failure::usage(format!("'{text}': {error}")))
}

/// What people call a kind of network.
pub(crate) const fn network_name(network: Network) -> &'static str {
    match network {
        Network::Main => "main",
        Network::Test => "test",
        Network::Dev => "dev",
    }
}
