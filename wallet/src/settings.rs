//! Where the wallet lives and whom it talks to: a flag wins over the environment, that over the
//! profile, that over the default.
//!
//! A profile stands in `config.toml` in the wallet's home. The chain that a profile saw first is pinned
//! beside it: a node of another chain is refused from then on.

mod profile;

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use chain::address::Network;
use chain::hash::Hash;
use etcetera::base_strategy::{BaseStrategy, Xdg};
use rpc::client::Client;
use rpc::text::Text;
use rpc::types::NetworkView;
use serde::{Deserialize, Serialize};

pub(crate) use self::profile::ConfigFile;
use crate::args::Globals;
use crate::failure::{Exit, Failure};
use crate::files;
use crate::keystore::KeyName;
use crate::output::{Color, Format, Loudness, Output};
use crate::signer::Program;

/// The node that is asked when nobody names another.
const NODE: &str = "http://127.0.0.1:7645";
/// The profile that is used when nobody names another.
const PROFILE: &str = "default";
/// Bytes of `config.toml` and of the pins, at most.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// A client that is made to see whether its URL is one, and asked nothing.
const ANY_TIME: Duration = Duration::from_secs(1);

/// A setting: what it is called in a profile and in the environment, and what it is when nobody says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Its name in a profile.
    pub(crate) key: &'static str,
    variable: &'static str,
    default: Option<&'static str>,
}

/// Every setting that a profile may have.
pub(crate) const SETTINGS: [Setting; 8] = [
    Setting { key: "node", variable: "TALLY_NODE", default: Some(NODE) },
    Setting { key: "network", variable: "TALLY_NETWORK", default: None },
    Setting { key: "chain", variable: "TALLY_CHAIN", default: None },
    Setting { key: "key", variable: "TALLY_KEY", default: None },
    Setting { key: "signer", variable: "TALLY_SIGNER", default: None },
    Setting { key: "password_file", variable: "TALLY_PASSWORD_FILE", default: None },
    Setting { key: "output", variable: "TALLY_OUTPUT", default: Some("text") },
    Setting { key: "color", variable: "TALLY_COLOR", default: Some("auto") },
];

/// Who said what a setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag.
    Flag,
    /// A variable of the environment.
    Environment(&'static str),
    /// `config.toml`.
    Profile,
    /// Nobody.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => formatter.write_str("flag"),
            Self::Environment(variable) => write!(formatter, "environment {variable}"),
            Self::Profile => formatter.write_str("profile"),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// A setting and who said what it is.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// Its name.
    pub(crate) key: &'static str,
    /// What it is, where anybody said.
    pub(crate) value: Option<String>,
    /// Who said so.
    pub(crate) origin: Origin,
}

/// What a command works with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where keys, vouchers and settings are.
    pub(crate) home: PathBuf,
    /// The profile's name.
    pub(crate) profile: String,
    /// Whether the profile stands in `config.toml`, or needs not to.
    pub(crate) profile_known: bool,
    /// The node's URL.
    pub(crate) node: String,
    /// The kind of network that the user means, where it was said.
    pub(crate) network: Option<Network>,
    /// The chain that the user means, where it was said.
    pub(crate) chain: Option<Hash>,
    /// The key that signs, where it was said.
    pub(crate) key: Option<KeyName>,
    /// The program that signs, where it was said.
    pub(crate) signer: Option<Program>,
    /// The file that holds the key's password, where it was said.
    pub(crate) password_file: Option<PathBuf>,
    /// The chain that the profile saw first.
    pub(crate) pin: Option<Pin>,
    /// Where and how to print.
    pub(crate) output: Output,
    /// Everything that was chosen, home and profile first.
    pub(crate) chosen: Vec<Chosen>,
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

impl Settings {
    /// The settings of one command.
    ///
    /// # Errors
    /// [`Failure`] when a file is wrong or a value is none of its kind.
    pub(crate) fn resolve(globals: &Globals) -> Result<Self, Failure> {
        let (home, home_origin) = home(globals)?;
        let file = ConfigFile::read(&home)?;
        let (profile, profile_origin) = profile(globals, &file);
        let profile_known = profile == PROFILE || file.names().contains(&profile);
        let mut chosen = vec![
            said("home", home.display().to_string(), home_origin),
            said("profile", profile.clone(), profile_origin),
        ];
        chosen.extend(SETTINGS.iter().map(|setting| choose(setting, globals, &file, &profile)));
        let value = |key: &str| {
            let setting = chosen.iter().find(|setting| setting.key == key);
            setting.and_then(|setting| setting.value.clone())
        };
        let parsed = Self {
            node: value("node").unwrap_or_else(|| NODE.to_owned()),
            network: value("network").map(|text| parse_network(&text)).transpose()?,
            chain: value("chain").map(|text| parse_chain(&text)).transpose()?,
            key: value("key").map(|text| parse_key(&text)).transpose()?,
            signer: value("signer").map(|text| parse_signer(&text)).transpose()?,
            password_file: value("password_file").map(PathBuf::from),
            pin: read_pins(&home)?.get(&profile).copied(),
            output: parse_output(globals, value("output"), value("color"))?,
            home,
            profile,
            profile_known,
            chosen,
        };
        Ok(parsed)
    }

    /// Refuses a profile that nobody made.
    ///
    /// # Errors
    /// [`Failure`] when there is none of that name.
    pub(crate) fn check_profile(&self) -> Result<(), Failure> {
        if self.profile_known {
            return Ok(());
        }
        let (name, home) = (&self.profile, self.home.display());
        let message = format!("{home}/config.toml: there is no profile '{name}'");
        let failure = Failure::new(Exit::Usage, "CONFIG_INVALID", message);
        Err(failure.hint(format!("make one with 'tally --profile {name} config set node URL'")))
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

/// How to print what goes wrong before the settings are known: as flags and environment say.
///
/// # Errors
/// [`Failure`] when flags contradict each other or the environment names no format.
pub(crate) fn early_output(globals: &Globals) -> Result<Output, Failure> {
    let environment = |flag: Option<String>, name| flag.or_else(|| variable(name));
    let output = environment(format_flag(globals)?, "TALLY_OUTPUT");
    let color = environment(color_flag(globals), "TALLY_COLOR");
    parse_output(globals, output, color)
}

/// The value of an environment variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Refuses a text that is no value of the setting `key`.
///
/// # Errors
/// [`Failure`] saying what is wrong with it, or that there is no such setting.
pub(crate) fn check_setting(key: &str, text: &str) -> Result<(), Failure> {
    match key {
        "network" => parse_network(text).map(drop),
        "chain" => parse_chain(text).map(drop),
        "key" => parse_key(text).map(drop),
        "signer" => parse_signer(text).map(drop),
        "output" => parse_format(text).map(drop),
        "color" => parse_color(text).map(drop),
        "node" => Client::new(text, ANY_TIME).map(drop).map_err(Failure::from),
        "password_file" => Ok(()),
        _ => {
            let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
            let failure = Failure::usage(format!("'{key}' is no setting"));
            Err(failure.hint(format!("a profile says: {}", known.join(", "))))
        }
    }
}

fn said(key: &'static str, value: String, origin: Origin) -> Chosen {
    Chosen { key, value: Some(value), origin }
}

fn home(globals: &Globals) -> Result<(PathBuf, Origin), Failure> {
    match (globals.home.clone(), variable("TALLY_HOME")) {
        (Some(home), _) => Ok((home, Origin::Flag)),
        (None, Some(home)) => Ok((home.into(), Origin::Environment("TALLY_HOME"))),
        (None, None) => Ok((default_home()?, Origin::Default)),
    }
}

fn profile(globals: &Globals, file: &ConfigFile) -> (String, Origin) {
    match (globals.profile.clone(), variable("TALLY_PROFILE"), file.used()) {
        (Some(name), _, _) => (name, Origin::Flag),
        (None, Some(name), _) => (name, Origin::Environment("TALLY_PROFILE")),
        (None, None, Some(name)) => (name.to_owned(), Origin::Profile),
        (None, None, None) => (PROFILE.to_owned(), Origin::Default),
    }
}

fn choose(setting: &Setting, globals: &Globals, file: &ConfigFile, profile: &str) -> Chosen {
    let Setting { key, variable: name, default } = *setting;
    let flag = match key {
        "node" => globals.node.clone(),
        "network" => globals.network.clone(),
        "chain" => globals.chain.clone(),
        "output" => format_flag(globals).ok().flatten(),
        "color" => color_flag(globals),
        _ => None,
    };
    let stored = || file.setting(profile, key).map(ToOwned::to_owned);
    let (value, origin) = if let Some(value) = flag {
        (Some(value), Origin::Flag)
    } else if let Some(value) = variable(name) {
        (Some(value), Origin::Environment(name))
    } else if let Some(value) = stored() {
        (Some(value), Origin::Profile)
    } else {
        (default.map(ToOwned::to_owned), Origin::Default)
    };
    Chosen { key, value, origin }
}

fn format_flag(globals: &Globals) -> Result<Option<String>, Failure> {
    match (globals.output, globals.json) {
        (Some(Format::Text), true) => {
            Err(Failure::usage("--json and --output text contradict each other"))
        }
        (_, true) | (Some(Format::Json), false) => Ok(Some("json".to_owned())),
        (Some(Format::Text), false) => Ok(Some("text".to_owned())),
        (None, false) => Ok(None),
    }
}

fn color_flag(globals: &Globals) -> Option<String> {
    globals.color.map(|color| match color {
        Color::Auto => "auto".to_owned(),
        Color::Always => "always".to_owned(),
        Color::Never => "never".to_owned(),
    })
}

fn parse_output(
    globals: &Globals,
    format: Option<String>,
    color: Option<String>,
) -> Result<Output, Failure> {
    let format = format.map_or(Ok(Format::Text), |text| parse_format(&text))?;
    let color = color.map_or(Ok(Color::Auto), |text| parse_color(&text))?;
    let loudness = match (globals.quiet, globals.verbose) {
        (true, true) => return Err(Failure::usage("--quiet and --verbose contradict each other")),
        (true, false) => Loudness::Quiet,
        (false, true) => Loudness::Verbose,
        (false, false) => Loudness::Normal,
    };
    Ok(Output::new(format, loudness, color))
}

fn parse_format(text: &str) -> Result<Format, Failure> {
    match text {
        "json" => Ok(Format::Json),
        "text" => Ok(Format::Text),
        _ => Err(Failure::usage(format!("'{text}' is no output: text or json"))),
    }
}

fn parse_color(text: &str) -> Result<Color, Failure> {
    match text {
        "auto" => Ok(Color::Auto),
        "always" => Ok(Color::Always),
        "never" => Ok(Color::Never),
        _ => Err(Failure::usage(format!("'{text}' is no color: auto, always or never"))),
    }
}

fn parse_signer(text: &str) -> Result<Program, Failure> {
    Program::from_str(text).map_err(|error| Failure::usage(format!("'{text}': {error}")))
}

fn default_home() -> Result<PathBuf, Failure> {
    let strategy = Xdg::new().map_err(|_| {
        Failure::usage("there is no home folder to keep keys in").hint("name one with --home DIR")
    })?;
    Ok(strategy.data_dir().join("tally").join("wallet"))
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
