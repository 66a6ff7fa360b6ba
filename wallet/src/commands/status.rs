//! `tally status`: the network and the node at a glance.

use clap::Args;
use rpc::methods::NodeStatus;

use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::settings::network_name;
use crate::text::{escape, facts};
use crate::when;

/// The network and the node at a glance
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Take the node's chain for the right one from now on, in place of the one seen first
    #[arg(long)]
    trust: bool,
}

/// Runs `tally status`.
pub(super) async fn run(context: &Context, args: &StatusArgs) -> Result<Answer, Failure> {
    let trust = if args.trust { Trust::Anew } else { Trust::Pinned };
    let session = context.connect(trust).await?;
    let node = session.client.call(NodeStatus {}).await?.value;
    let mut lines = shown(&session);
    lines.push(("node", format!("{} ({})", context.settings.node, escape(&node.version))));
    lines.push(("mempool", format!("{} transactions", node.mempool.transactions)));
    Ok(Answer::new(&session.status, facts(&lines)).with("node", &node))
}

fn shown(session: &Session) -> Vec<(&'static str, String)> {
    let (tip, status) = (&session.status.tip, &session.status.value);
    let (fees, deposits) = (&status.fees, &status.deposits);
    let show = |amount: &rpc::text::Text<chain::amount::Amount>| session.show(amount.0);
    vec![
        ("network", format!("{} ({})", network_name(session.network()), escape(&status.name))),
        ("chain", status.chain.to_string()),
        ("height", tip.height.to_string()),
        ("time", when::show(tip.time)),
        ("supply", show(&status.supply)),
        (
            "fees",
            format!(
                "{} a transaction, {} a byte, {} an operation",
                show(&fees.base),
                show(&fees.per_byte),
                show(&fees.per_operation)
            ),
        ),
        (
            "deposits",
            format!(
                "account {}, hold {}, order {}, channel {}",
                show(&deposits.account),
                show(&deposits.hold),
                show(&deposits.order),
                show(&deposits.channel)
            ),
        ),
        ("cashier", status.cashier.to_string()),
        ("treasury", status.treasury.to_string()),
        ("authorities", format!("{}, epoch {}", status.authorities, status.epoch)),
    ]
}
