//! `tallyd status`: asks a running node how it is.

use std::time::Duration;

use clap::Args;
use rpc::client::Client;
use rpc::methods::{ChainStatus, NodeStatus};
use rpc::types::{AtTip, ChainStatusView, NodeStatusView};
use serde_json::json;

use super::Failure;
use crate::output;

/// How long the node may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The exit code when no node answers.
const UNREACHABLE: u8 = 3;

/// Asks a running node how it is.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Where the node answers.
    #[arg(long, env = "TALLY_RPC", value_name = "URL", default_value = "http://127.0.0.1:7645")]
    rpc: String,
    /// Prints one JSON document.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.rpc, TIMEOUT)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answers = runtime.block_on(async {
            Ok((client.call(NodeStatus {}).await?, client.call(ChainStatus {}).await?))
        });
        let (node, chain) = answers.map_err(|error: rpc::client::ClientError| Failure {
            error: error.into(),
            code: UNREACHABLE,
        })?;
        if self.json {
            output::say(json!({ "schema": 1, "node": node, "chain": chain }));
        } else {
            show(&node, &chain.value);
        }
        Ok(())
    }
}

fn show(node: &AtTip<NodeStatusView>, chain: &ChainStatusView) {
    let AtTip { tip, value } = node;
    let authority = value.authority.as_ref().map_or("none".to_owned(), ToString::to_string);
    let waiting = value.mempool;
    for (name, text) in [
        ("Version", value.version.clone()),
        ("Network", chain.name.clone()),
        ("Chain", value.chain.to_string()),
        ("Authority", authority),
        ("Height", tip.height.to_string()),
        ("Block", tip.block_hash.to_string()),
        ("State root", tip.state_root.to_string()),
        ("Block time", format!("{} ms since 1970", tip.time)),
        ("Waiting", format!("{} transactions, {} bytes", waiting.transactions, waiting.bytes)),
        ("Supply", format!("{} base units of {}", chain.supply, chain.token.symbol)),
    ] {
        output::say(format_args!("{name:<11} {text}"));
    }
}
