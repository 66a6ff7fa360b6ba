//! `--watch`: the same answer again after every block, until Ctrl-C.

use std::time::Duration;

use clap::Args;
use rpc::methods::ChainStatus;

use crate::context::{Context, Session};
use crate::failure::Failure;
use crate::output::{Answer, Format};

/// How long to wait before the node is asked whether there is another block. An idle chain makes one a second.
const PAUSE: Duration = Duration::from_millis(500);

/// Whether to go on answering.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct WatchArgs {
    /// Show it again after every block, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

/// What `ask` answers: once, or after every block for as long as somebody watches.
///
/// # Errors
/// [`Failure`] of `ask`, and of watching where one document is wanted.
pub(crate) async fn watched(
    context: &Context,
    session: &Session,
    args: WatchArgs,
    ask: impl AsyncFn() -> Result<Answer, Failure>,
) -> Result<Answer, Failure> {
    if !args.watch {
        return ask().await;
    }
    if context.output.format == Format::Json {
        let failure =
            Failure::usage("--watch shows text again and again, and JSON is one document");
        return Err(failure.hint("leave out one of both; programs subscribe to the node instead"));
    }
    let mut seen = session.status.tip.height;
    loop {
        context.output.frame(&ask().await?, seen);
        loop {
            tokio::time::sleep(PAUSE).await;
            let height = session.client.call(ChainStatus {}).await?.tip.height;
            if height != seen {
                seen = height;
                break;
            }
        }
    }
}
