//! The commands, and what they share.

mod config;
mod debug;
mod dev;
mod equivocations;
mod export;
mod index;
mod init;
mod key;
mod progress;
mod prune;
mod run;
mod snapshot;
mod start;
mod status;
mod testnet;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use etcetera::{BaseStrategy, choose_base_strategy};
use node::config::{Config, LogFormat};
use node::disk::TooLittle;
use node::home::Home;
use node::operation::Listen;

use crate::{fatal, logging};

/// The exit code when there is too little room on the disk.
const NO_ROOM: u8 = 71;

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a chain of your own: one authority, funded accounts.
    Dev(dev::Dev),
    /// What a node keeps to answer for the past of markets and objects.
    #[command(subcommand)]
    Index(index::IndexCommand),
    /// Makes the home of a node.
    Init(init::Init),
    /// The authority's key of a home: offer it, or make the one that follows it.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Runs a node.
    Start(start::Start),
    /// Asks a running node how it is.
    Status(status::Status),
    /// Makes a network of several authorities on this machine.
    Testnet(testnet::MakeTestnet),
    /// States that other homes can be made from.
    #[command(subcommand)]
    Snapshot(snapshot::SnapshotCommand),
    /// The settings of a home: whether they can be used, and what they come to.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// What helps whoever looks for a fault.
    #[command(subcommand)]
    Debug(debug::DebugCommand),
    /// Gives up the blocks of a stopped node but the last ones.
    Prune(prune::Prune),
    /// Lists the proofs that a home keeps of authorities which contradicted themselves.
    Equivocations(equivocations::ListEquivocations),
    /// Writes the state of a stopped node as JSON lines.
    Export(export::ExportState),
}

/// Why a command failed, and the program's exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: anyhow::Error,
    pub(crate) code: u8,
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        let code = if error.is::<TooLittle>() { NO_ROOM } else { 1 };
        Self { error, code }
    }
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Dev(dev) => Ok(dev.run()?),
            Self::Index(command) => Ok(command.run()?),
            Self::Init(init) => Ok(init.run()?),
            Self::Key(command) => Ok(command.run()?),
            Self::Start(start) => Ok(start.run()?),
            Self::Status(status) => status.run(),
            Self::Testnet(testnet) => Ok(testnet.run()?),
            Self::Snapshot(command) => Ok(command.run()?),
            Self::Config(command) => Ok(command.run()?),
            Self::Debug(command) => Ok(command.run()?),
            Self::Prune(prune) => Ok(prune.run()?),
            Self::Equivocations(list) => Ok(list.run()?),
            Self::Export(export) => Ok(export.run()?),
        }
    }
}

/// Where a node lives.
#[derive(Debug, Args)]
pub(crate) struct HomeArgument {
    /// The node's folder [default: tally/dev (for dev) or tally/node in the user's data folder].
    #[arg(long, env = "TALLYD_HOME", value_name = "DIR")]
    home: Option<PathBuf>,
}

impl HomeArgument {
    /// The folder that was named, or the one of this `name` among the user's data.
    fn path(&self, name: &str) -> anyhow::Result<PathBuf> {
        if let Some(home) = &self.home {
            return Ok(std::path::absolute(home)?);
        }
        let folders =
            choose_base_strategy().context("cannot find your home: name one by --home")?;
        Ok(folders.data_dir().join("tally").join(name))
    }
}

/// What the command line overrides in the settings.
#[derive(Debug, Args)]
struct Overrides {
    /// Where clients connect; port 0 takes a free one.
    #[arg(long, env = "TALLYD_RPC", value_name = "ADDRESS:PORT")]
    rpc: Option<SocketAddr>,
    /// Where metrics and health are served; port 0 takes a free one, 'off' none.
    #[arg(long, env = "TALLYD_METRICS", value_name = "ADDRESS:PORT")]
    metrics: Option<Listen>,
    /// What is logged: off, error, warn, info, debug or trace, also by module.
    #[arg(long, env = "TALLYD_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// How it is logged: auto, text or json.
    #[arg(long, env = "TALLYD_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<Format>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Auto,
    Text,
    Json,
}

impl Overrides {
    /// The settings of `home`, overridden, with the log started. From here on a panic is the node's end.
    fn config(self, home: &Home) -> anyhow::Result<Config> {
        let mut config = Config::read(&home.config_path())?;
        config.rpc_listen = self.rpc.unwrap_or(config.rpc_listen);
        config.operation_listen = self.metrics.unwrap_or(config.operation_listen);
        config.log_filter = self.log.unwrap_or(config.log_filter);
        config.log_format = match self.log_format {
            None => config.log_format,
            Some(Format::Auto) => LogFormat::Auto,
            Some(Format::Text) => LogFormat::Text,
            Some(Format::Json) => LogFormat::Json,
        };
        logging::start(&config.log_filter, config.log_format)?;
        fatal::install(home.root());
        Ok(config)
    }
}
