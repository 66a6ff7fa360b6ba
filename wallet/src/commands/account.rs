//! `tally account`: what an account has, and what became of it.

mod history;
mod statement;

use clap::Subcommand;
use rpc::methods::AccountGet;

use self::history::HistoryArgs;
use self::statement::StatementArgs;
use crate::args::AccountArgs;
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::facts;

/// What an account has, and what became of it
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Show what an account has, what of it is set aside, and its nonce
    #[command(visible_alias = "balance")]
    Show {
        #[command(flatten)]
        of: AccountArgs,
    },
    /// Show what became of an account, the last first
    History(HistoryArgs),
    /// Account for every unit: what there was, what happened, what there is, and that it adds up
    #[command(after_help = statement::EXAMPLES)]
    Statement(StatementArgs),
}

/// Runs `tally account`.
pub(super) async fn run(context: &Context, command: AccountCommand) -> Result<Answer, Failure> {
    match command {
        AccountCommand::Show { of } => show(context, &of).await,
        AccountCommand::History(args) => history::run(context, &args).await,
        AccountCommand::Statement(args) => statement::run(context, &args).await,
    }
}

async fn show(context: &Context, of: &AccountArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let account = super::account_or_own(context, &session, of)?;
    let answer = session.client.call(AccountGet { account }).await?;
    let shown = shown(&session, &answer.value);
    Ok(Answer::new(&answer, facts(&shown)))
}

fn shown(session: &Session, account: &rpc::types::AccountView) -> Vec<(&'static str, String)> {
    let pending = account.next_nonce.saturating_sub(account.nonce);
    vec![
        ("address", account.address.to_string()),
        ("amount", session.show(account.cash.0)),
        ("held", session.show(account.held.0)),
        ("balance", session.show(account.balance.0)),
        ("credit", session.show(account.credit.0)),
        ("available", session.show(account.available.0)),
        ("nonce", format!("{} ({pending} pending)", account.nonce)),
        ("orders", account.orders.to_string()),
    ]
}
