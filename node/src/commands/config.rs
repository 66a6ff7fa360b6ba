//! `tallyd config`: whether the settings of a home can be used, and what they come to.

use clap::Subcommand;
use node::config::Config;

use super::HomeArgument;
use crate::output;

/// The settings of a home.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Says whether config.toml can be used, and what is wrong with it.
    Check {
        #[command(flatten)]
        home: HomeArgument,
    },
    /// Prints every setting as the node takes it, with the defaults of those that are left out.
    Print {
        #[command(flatten)]
        home: HomeArgument,
    },
}

impl ConfigCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let (Self::Check { home } | Self::Print { home }) = &self;
        let path = home.path("node")?.join("config.toml");
        let config = Config::read(&path)?;
        match self {
            Self::Check { .. } => output::say(format_args!("{} can be used", path.display())),
            Self::Print { .. } => output::say(config.to_toml().trim_end()),
        }
        Ok(())
    }
}
