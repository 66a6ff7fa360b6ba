//! `tally account`: what an account has, what became of it, what it is called, and who signs for it.

mod earnings;
mod history;
mod keys;
mod name;
mod statement;

use chain::name::Name;
use clap::Subcommand;
use rpc::methods::{AccountGet, AccountGetByName};
use rpc::types::{AccountView, SignersView};

use self::earnings::EarningsArgs;
use self::history::HistoryArgs;
use self::statement::StatementArgs;
use crate::args::AccountArgs;
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::facts;

const NAME_EXAMPLES: &str = "\
Examples:
  tally account name market-hall
  tally account name --drop";

const KEYS_EXAMPLES: &str = "\
Examples:
  tally account keys alice bob carol --threshold 2
  tally account keys --own alice --build back.json --signatures 2

From the next transaction on, exactly so many of these keys sign: write each
with --build FILE and --signatures N, and sign the file with 'tally tx sign'.
Agents stay as they are.";

/// What an account has, what became of it, what it is called, and who signs for it
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
    /// Show what an account earned, by day or month and by market and host
    #[command(after_help = earnings::EXAMPLES)]
    Earnings(EarningsArgs),
    /// Show the account that bears a name
    Find {
        /// The name
        #[arg(value_parser = name::name)]
        name: Name,
    },
    /// Give the account a name that no other bears, or give it up
    #[command(after_help = NAME_EXAMPLES)]
    Name(name::NameArgs),
    /// Let so many of a set of keys sign for the account in place of its own
    #[command(after_help = KEYS_EXAMPLES)]
    Keys(keys::KeysArgs),
}

/// Runs `tally account`.
pub(super) async fn run(context: &Context, command: AccountCommand) -> Result<Answer, Failure> {
    match command {
        AccountCommand::Show { of } => {
            let session = context.connect(Trust::Pinned).await?;
            let account = super::account_or_own(context, &session, &of)?;
            let answer = session.client.call(AccountGet { account }).await?;
            Ok(Answer::new(&answer, facts(&shown(&session, &answer.value))))
        }
        AccountCommand::Find { name } => {
            let session = context.connect(Trust::Pinned).await?;
            let answer = session.client.call(AccountGetByName { name: name.into() }).await?;
            Ok(Answer::new(&answer, facts(&shown(&session, &answer.value))))
        }
        AccountCommand::History(args) => history::run(context, &args).await,
        AccountCommand::Earnings(args) => earnings::run(context, &args).await,
        AccountCommand::Statement(args) => statement::run(context, &args).await,
        AccountCommand::Name(args) => name::run(context, args).await,
        AccountCommand::Keys(args) => keys::run(context, args).await,
    }
}

fn shown(session: &Session, account: &AccountView) -> Vec<(&'static str, String)> {
    let pending = account.next_nonce.saturating_sub(account.nonce);
    let mut lines = vec![("address", account.address.to_string())];
    lines.extend(account.name.map(|name| ("name", name.to_string())));
    lines.extend([
        ("amount", session.show(account.amount.0)),
        ("held", session.show(account.held.0)),
        ("balance", session.show(account.balance.0)),
        ("credit", session.show(account.credit.0)),
        ("available", session.show(account.available.0)),
        ("nonce", format!("{} ({pending} pending)", account.nonce)),
        ("orders", account.orders.to_string()),
    ]);
    lines.extend(account.signers.iter().flat_map(signers));
    let frozen = "by the authorities: it is paid, and ends what it has begun";
    lines.extend(account.frozen.then(|| ("frozen", frozen.to_owned())));
    lines
}

/// How many of which keys sign.
fn signers(set: &SignersView) -> Vec<(&'static str, String)> {
    let mut lines = vec![("signs", format!("{} of {} keys", set.threshold, set.keys.len()))];
    lines.extend(set.keys.iter().map(|key| ("key", key.to_string())));
    lines
}
