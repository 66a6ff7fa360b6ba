//! `tally send`: pay somebody.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::limits::MEMO_BYTES_MAX;
use chain::memo::Memo;
use chain::operation::Operation;
use clap::Args;
use rpc::client::ClientError;
use rpc::methods::AccountGet;

use crate::args::{AmountText, SignArgs};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::escape;

const EXAMPLES: &str = "\
Examples:
  tally send bob 1.5TLY
  tally send tallydev1… 20TLY --memo 'rent for November' --key alice
  tally send bob 1500000utly --yes --no-wait --json

The hash is printed at once, then the end is waited for: in a block, rejected,
or expired. Sending the same signed bytes twice is harmless: a transaction takes
effect at most once. The wallet keeps them until their end, and sends them again
to a node that does not know them.";

/// Pay somebody
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SendArgs {
    /// Who is paid: an address, or the name of a key of your own
    to: String,
    /// How much, with its unit
    amount: AmountText,
    /// A note for the recipient; everybody can read it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    memo: String,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally send`.
pub(super) async fn run(context: &Context, args: SendArgs) -> Result<Answer, Failure> {
    let memo = Memo::new(args.memo.as_str())
        .ok_or_else(|| Failure::usage(format!("a memo has at most {MEMO_BYTES_MAX} bytes")))?;
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let to = context.account(&args.to, session.network())?;
    super::check_other(&signer, to)?;
    let amount = session.amount(&args.amount)?;
    let opening = opening(&session, to).await?;

    let mut facts =
        vec![("to", super::party(&session, to, &args.to)), ("amount", session.show(amount))];
    if !opening.is_zero() {
        facts.push(("opening", format!("{} (the account is new)", session.show(opening))));
    }
    if !args.memo.is_empty() {
        facts.push(("memo", escape(&args.memo)));
    }
    let needed = super::sum([amount, opening])?;
    let operations = vec![Operation::Transfer { to, amount, memo }];
    let plan = Plan { operations, action: "transfer", facts, needed, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

/// What it costs, besides the amount, to pay `to`: the deposit of an account that does not exist yet.
pub(super) async fn opening(session: &Session, to: AccountId) -> Result<Amount, Failure> {
    let deposit = session.status.value.deposits.account.0;
    Ok(if exists(session, to).await? { Amount::ZERO } else { deposit })
}

/// Whether the account exists.
pub(super) async fn exists(session: &Session, account: AccountId) -> Result<bool, Failure> {
    match session.client.call(AccountGet { account: session.address(account) }).await {
        Ok(_) => Ok(true),
        Err(ClientError::Refused(refusal)) if refusal.name == "NOT_FOUND" => Ok(false),
        Err(error) => Err(error.into()),
    }
}
