//! `tallyd status`: asks a running node how it is.

use std::time::{Duration, UNIX_EPOCH};

use chain::token::Token;
use clap::Args;
use rpc::client::{Client, ClientError};
use rpc::methods::{ChainStatus, NodeStatus};
use rpc::types::{AtTip, ChainStatusView, NodeStatusView};
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
        ("Block time", age(tip.time)),
        ("Waiting", format!("{} transactions, {} bytes", waiting.transactions, waiting.bytes)),
        ("Supply", Token::from(&chain.token).format(chain.supply.0)),
    ] {
        output::say(format_args!("{name:<11} {text}"));
    }
}

/// How old a block of `time` is, by this machine's clock.
fn age(time: u64) -> String {
    let now = UNIX_EPOCH.elapsed().unwrap_or_default();
    match now.checked_sub(Duration::from_millis(time)) {
        Some(age) => format!("{} s ago", age.as_secs()),
        None => "ahead of this machine's clock".to_owned(),
    }
}
