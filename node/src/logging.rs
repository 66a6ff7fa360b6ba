//! The log: one line a block, text on a terminal and JSON otherwise, to stderr.

use std::io::{self, IsTerminal};

use anyhow::Context;
use node::config::LogFormat;
use tracing_subscriber::EnvFilter;

/// Starts the log. `filter` says what is logged, as "info,consensus=debug".
pub(crate) fn start(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("'{}' is no filter for the log", filter.escape_debug()))?;
    let terminal = io::stderr().is_terminal();
    let text = match format {
        LogFormat::Auto => terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = if text {
        log.with_ansi(terminal).with_target(false).try_init()
    } else {
        log.json().flatten_event(true).try_init()
    };
    started.map_err(|error| anyhow::anyhow!("cannot start the log: {error}"))
}
