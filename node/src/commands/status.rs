//! `tallyd status`: asks a running node how it is.

use std::time::Duration;

use chain::token::Token;
use clap::Args;
use rpc::client::{Client, ClientError};
use rpc::methods::{ChainStatus, NodeStatus};
use rpc::types::{
    AtTip, CatchUpView, ChainStatusView, DiskView, KeepsView, NodeStatusView, PeerView,
    PresenceView, ProgressView, RoleView,
};
use serde_json::json;

use super::Failure;
use crate::output;

/// How long the node may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The exit code when no node answers.
const UNREACHABLE: u8 = 3;
/// The exit code when the command line is wrong, as for every wrong one.
const USAGE: u8 = 2;

/// Asks a running node how it is.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Where the node answers.
    #[arg(long, env = "TALLY_NODE", value_name = "URL", default_value = "http://127.0.0.1:7645")]
    rpc: String,
    /// Prints one JSON document.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.ask() {
            Ok((node, chain)) if self.json => {
                output::say(json!({ "schema": 1, "node": node, "chain": chain }));
            }
            Ok((node, chain)) => show(&node, &chain.value),
            Err(failure) => {
                if self.json {
                    output::say(error_document(&failure));
                }
                return Err(failure);
            }
        }
        Ok(())
    }

    fn ask(&self) -> Result<(AtTip<NodeStatusView>, AtTip<ChainStatusView>), Failure> {
        let client = Client::new(&self.rpc, TIMEOUT)
            .map_err(|error| Failure { error: error.into(), code: USAGE })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answers = runtime.block_on(async {
            Ok((client.call(NodeStatus {}).await?, client.call(ChainStatus {}).await?))
        });
        answers.map_err(|error: ClientError| {
            let error = match error {
                ClientError::Unreachable { .. } => {
                    let message = format!("{error}; is the node running? name another by --rpc");
                    anyhow::anyhow!(message)
                }
                other => other.into(),
            };
            Failure { error, code: UNREACHABLE }
        })
    }
}

/// Why there is no status, for programs.
fn error_document(failure: &Failure) -> serde_json::Value {
    let code = if failure.code == USAGE { "USAGE" } else { "NODE_UNREACHABLE" };
    let code = if failure.code == 1 { "UNEXPECTED" } else { code };
    json!({ "schema": 1, "error": { "code": code, "message": failure.error.to_string() } })
}

fn show(node: &AtTip<NodeStatusView>, chain: &ChainStatusView) {
    let AtTip { tip, value } = node;
    let PresenceView { voters, present, quorum } = value.authorities;
    let (waiting, role) = (value.mempool, role(value.role));
    for (name, text) in [
        ("Version", value.version.clone()),
        ("Network", chain.name.clone()),
        ("Chain", value.chain.to_string()),
        ("Node", format!("{role} {}", value.key)),
        ("State", state(node)),
        ("Height", tip.height.to_string()),
        ("Block", tip.block_hash.to_string()),
        ("State root", tip.state_root.to_string()),
        ("Block time", format!("{} ago", span(value.tip_age_ms))),
        ("Authorities", format!("{present} of {voters} are here, {quorum} must agree")),
        ("Waiting", format!("{} transactions, {} bytes", waiting.transactions, waiting.bytes)),
        ("Disk", room(&value.disk)),
        ("Keeps", kept(value.keeps)),
        ("Supply", Token::from(&chain.token).format(chain.supply.0)),
    ] {
        output::say(format_args!("{name:<11} {text}"));
    }
    for peer in &value.peers {
        output::say(format_args!("{:<11} {}", "Peer", seen(peer)));
    }
    for key in &value.blocked {
        output::say(format_args!("{:<11} {key} broke the protocol and is cut off", "Peer"));
    }
}

/// What the disk has room for, in words.
fn room(disk: &DiskView) -> String {
    let mib = |bytes: u64| bytes >> 20;
    let free =
        disk.free_bytes.map_or_else(|| "unknown".to_owned(), |free| format!("{} MiB", mib(free)));
    let needed = mib(disk.voting_bytes_min);
    if disk.abstains {
        format!(
            "{free} free, {needed} MiB needed to vote: it votes for nothing until there is more"
        )
    } else {
        format!("{free} free")
    }
}

/// Whether the chain grows, in words.
fn state(node: &AtTip<NodeStatusView>) -> String {
    let value = &node.value;
    let PresenceView { voters, present, quorum } = value.authorities;
    match (value.progress, value.catch_up) {
        (ProgressView::UpgradeNeeded, _) => format!(
            "halted: the next block follows rules that tallyd {} does not know; install a newer one",
            value.version
        ),
        (ProgressView::TooFewAuthorities, _) => format!(
            "halted: {present} of {voters} authorities are here and vote, {quorum} must agree; it goes on when \
             more return"
        ),
        (ProgressView::CatchingUp, Some(CatchUpView { target, blocks_per_minute, left_ms })) => {
            let left =
                left_ms.map_or_else(|| "it stands still".to_owned(), |ms| span(ms) + " left");
            let height = node.tip.height;
            format!(
                "catching up: {height} of {target}, {blocks_per_minute} blocks a minute, {left}"
            )
        }
        (ProgressView::CatchingUp, None) => "catching up".to_owned(),
        (ProgressView::AtTip, _) => "at the tip".to_owned(),
    }
}

/// From where on the node knows what was, in words.
fn kept(keeps: KeepsView) -> String {
    let from = |height: Option<u64>| height.map_or_else(|| "none".to_owned(), |it| it.to_string());
    let (histories, index) = (from(keeps.histories_from), from(keeps.index_from));
    format!("blocks from {}, histories from {histories}, index from {index}", keeps.blocks_from)
}

/// Another node, in words.
fn seen(peer: &PeerView) -> String {
    let (key, role) = (&peer.key, role(peer.role));
    match (peer.height, peer.silent_ms) {
        (Some(height), _) if peer.present => {
            let votes = if peer.abstains { ", keeps back its votes" } else { "" };
            let clock = peer.clock_ahead_ms.map(|ahead| format!(", clock {ahead:+} ms"));
            let clock = clock.unwrap_or_default();
            format!("{key} {role}, here, at height {height}{clock}{votes}")
        }
        (Some(height), Some(silent)) => {
            format!("{key} {role}, away for {}, last at height {height}", span(silent))
        }
        _ => format!("{key} {role}, not heard yet"),
    }
}

const fn role(role: RoleView) -> &'static str {
    match role {
        RoleView::Authority => "authority",
        RoleView::Follower => "follower",
    }
}

/// A span of time as people say it.
fn span(ms: u64) -> String {
    match ms / 1_000 {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}
