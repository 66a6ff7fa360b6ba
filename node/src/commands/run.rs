//! A node from its start to its end: until somebody says stop, or the engine ends by itself.

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use consensus::End;
use node::config::Config;
use node::disk::TooLittle;
use node::home::{self, Home, KeyClaim};
use node::node::{Node, StartError};
use node::operation::Listen;
use node::store::StoreError;
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;

/// How often to look whether the home's next key votes.
const KEY_LOOKS: Duration = Duration::from_secs(1);

/// How often to look after the disk.
const DISK_LOOKS: Duration = Duration::from_secs(1);

/// Signals that ask the node to stop. Made before the node starts, so that none is missed.
struct Signals {
    runtime: tokio::runtime::Runtime,
    terminate: Signal,
    interrupt: Signal,
}

/// Starts the node of `home`; a refusal comes with what can be done about it.
fn start(home: Home, config: &Config, claim: KeyClaim) -> anyhow::Result<Node> {
    Node::start(home, config, claim).map_err(|error| {
        let advice = match &error {
            StartError::Disk(error) => return error.clone().into(),
            StartError::Store(StoreError::Damaged { .. }) => {
                "restore the whole home from a copy, or begin anew in another --home"
            }
            StartError::Engine(consensus::StartError::EndedEarly { .. }) => {
                "if the disk is well, restore the whole home from a copy of one moment"
            }
            StartError::Listen { .. } => "name another address by --rpc; port 0 takes a free one",
            StartError::ListenForOperation { .. } => {
                "name another address by --metrics; port 0 takes a free one, 'off' none"
            }
            _ => return error.into(),
        };
        anyhow::anyhow!("{error}; {advice}")
    })
}

/// How a node's run ended.
enum Ended {
    Told,
    /// There is too little room on its disk.
    Full(TooLittle),
    /// Another key of its home votes in its place.
    Succeeded,
}

/// Runs the node of `home` until it is told to stop, then stops it. `started` is told of it once it answers. When
/// the home's next key comes to vote, the node stops and starts with that.
pub(super) fn until_told(
    mut home: Home,
    (mut config, mut claim): (Config, KeyClaim),
    ready_file: Option<&Path>,
    started: impl Fn(&Node) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let root = home.root().to_owned();
    let mut told = false;
    loop {
        let node = start(home, &config, claim)?;
        if !told {
            started(&node)?;
            told = true;
        }
        if let Some(path) = ready_file {
            write_ready(path, &node)?;
        }
        // Clients find the next one where this one was.
        config.rpc_listen = node.rpc_address();
        if let Some(address) = node.operation_address() {
            config.operation_listen = Listen::At(address);
        }
        match signals.run(node)? {
            Ended::Told => return Ok(()),
            Ended::Full(error) => return Err(error.into()),
            Ended::Succeeded => {}
        }
        tracing::info!("starting again with the next key");
        home = Home::open(&root)?;
        claim = KeyClaim::None;
    }
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (terminate, interrupt) = {
            let _within = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
        };
        Ok(Self { runtime, terminate, interrupt })
    }

    /// Lets `node` run until it is to stop, and stops it.
    fn run(&mut self, node: Node) -> anyhow::Result<Ended> {
        let (sender, ended) = oneshot::channel();
        let engine = node.engine();
        thread::Builder::new()
            .name("engine-watch".to_owned())
            .spawn(move || sender.send(engine.wait()))
            .context("cannot start threads")?;
        let Self { runtime, terminate, interrupt } = self;
        let end = runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => Some(Ended::Told),
                _ = interrupt.recv() => Some(Ended::Told),
                end = ended => match end {
                    Ok(End::Stopped) => Some(Ended::Told),
                    Ok(End::Failed) | Err(_) => None,
                },
                () = succeeded(&node) => Some(Ended::Succeeded),
                error = full(&node) => Some(Ended::Full(error)),
            }
        });
        if let Some(Ended::Full(error)) = &end {
            tracing::error!(%error, "there is too little room on the disk");
        }
        tracing::info!("stopping");
        let stopped = node.stop();
        let Some(end) = end else {
            bail!("the engine ended by itself; its last words are in the log");
        };
        stopped.context("the node did not stop cleanly; nothing acknowledged is lost")?;
        Ok(end)
    }
}

/// Waits until another key of the home votes in the node's place.
async fn succeeded(node: &Node) {
    let mut looks = tokio::time::interval(KEY_LOOKS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        match node.is_succeeded() {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "cannot look for the next key"),
        }
    }
}

/// Waits until there is too little room on the node's disk.
async fn full(node: &Node) -> TooLittle {
    let mut looks = tokio::time::interval(DISK_LOOKS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Err(error) = node.look_at_disk() {
            return error;
        }
    }
}

/// Writes a file that says that the node answers and where: one JSON object. It appears whole.
fn write_ready(path: &Path, node: &Node) -> anyhow::Result<()> {
    let text = json!({
        "rpc": url(node),
        "operation": node.operation_address().map(|address| format!("http://{address}")),
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
