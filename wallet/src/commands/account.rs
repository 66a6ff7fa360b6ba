//! `tally account`: what an account has.

use clap::Subcommand;
use rpc::methods::AccountGet;

use crate::args::AccountArgs;
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::facts;

/// What an account has
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Show what an account has, what of it is set aside, and its nonce
    #[command(visible_alias = "balance")]
    Show {
        #[command(flatten)]
        of: AccountArgs,
    },
}

/// Runs `tally account`.
pub(super) async fn run(context: &Context, command: AccountCommand) -> Result<Answer, Failure> {
    let AccountCommand::Show { of } = command;
    let session = context.connect(Trust::Pinned).await?;
    let account = super::account_or_own(context, &session, &of)?;
    let answer = session.client.call(AccountGet { account }).await?;
    let shown = shown(&session, &answer.value);
    Ok(Answer::new(&answer, facts(&shown)))
}

fn shown(session: &Session, account: &rpc::types::AccountView) -> Vec<(&'static str, String)> {
    let pending = account.next_nonce.saturating_sub(account.nonce);
    vec![
        ("address", account.address.to_string()),
        ("available", session.show(account.available.0)),
        ("held", session.show(account.held.0)),
        ("cash", session.show(account.cash.0)),
        ("nonce", format!("{} ({pending} pending)", account.nonce)),
        ("orders", account.orders.to_string()),
    ]
}
