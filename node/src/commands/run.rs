//! A node from its start to its end: until somebody says stop, or the engine ends by itself.

use std::path::Path;
use std::thread;

use anyhow::{Context, bail};
use consensus::End;
use node::config::Config;
use node::home::{self, Home, KeyClaim};
use node::node::{Node, StartError};
use node::store::StoreError;
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// Signals that ask the node to stop. Made before the node starts, so that none is missed.
pub(super) struct Signals {
    runtime: tokio::runtime::Runtime,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (terminate, interrupt) = {
            let _within = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
        };
        Ok(Self { runtime, terminate, interrupt })
    }
}

/// Starts the node of `home`; a refusal comes with what can be done about it.
pub(super) fn start(home: Home, config: &Config, claim: KeyClaim) -> anyhow::Result<Node> {
    Node::start(home, config, claim).map_err(|error| {
        let advice = match &error {
            StartError::Store(StoreError::Damaged { .. }) => {
                "restore the whole home from a copy, or begin anew in another --home"
            }
            StartError::Engine(consensus::StartError::EndedEarly { .. }) => {
                "if the disk is well, restore the whole home from a copy of one moment"
            }
            StartError::Listen { .. } => "name another address by --rpc; port 0 takes a free one",
            _ => return error.into(),
        };
        anyhow::anyhow!("{error}; {advice}")
    })
}

/// Runs `node` until it is told to stop, then stops it.
pub(super) fn until_told(node: Node, signals: Signals) -> anyhow::Result<()> {
    let Signals { runtime, mut terminate, mut interrupt } = signals;
    let (sender, ended) = oneshot::channel();
    let engine = node.engine();
    thread::Builder::new()
        .name("engine-watch".to_owned())
        .spawn(move || sender.send(engine.wait()))
        .context("cannot start threads")?;
    let end = runtime.block_on(async {
        tokio::select! {
            _ = terminate.recv() => End::Stopped,
            _ = interrupt.recv() => End::Stopped,
            end = ended => end.unwrap_or(End::Failed),
        }
    });
    tracing::info!("stopping");
    let stopped = node.stop();
    if end == End::Failed {
        bail!("the engine ended by itself; its last words are in the log");
    }
    stopped.context("the node did not stop cleanly; nothing acknowledged is lost")
}

/// Writes a file that says that the node answers and where: one JSON object. It appears whole.
pub(super) fn write_ready(path: &Path, node: &Node) -> anyhow::Result<()> {
    let text = json!({
        "rpc": url(node),
        "chain": node.chain().to_string(),
        "authority": node.key().to_string(),
        "home": node.home().root(),
        "pid": std::process::id(),
    });
    Ok(home::write(path, format!("{text}\n").as_bytes(), 0o644)?)
}

/// A path as a shell reads it back.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |char: char| char.is_ascii_alphanumeric() || "/._-+:@%,=".contains(char);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Where clients reach the node.
pub(super) fn url(node: &Node) -> String {
    format!("http://{}", node.rpc_address())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted(Path::new("/home/a/dev")), "/home/a/dev");
        assert_eq!(quoted(Path::new("/with space")), "'/with space'");
        assert_eq!(quoted(Path::new("/it's")), "'/it'\\''s'");
    }
}
