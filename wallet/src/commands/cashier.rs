//! `tally cashier`: money that comes from outside and goes there.

mod withdrawals;

use chain::operation::Operation;
use clap::{Args, Subcommand};

use self::withdrawals::{ConfirmArgs, RejectArgs};
use crate::args::{AmountText, ListArgs, SignArgs};
use crate::commands::send::opening;
use crate::compose::reference;
use crate::context::{Context, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::escape;

const EXAMPLES: &str = "\
Examples:
  tally cashier deposit alice 100TLY --reference 'bank 2026-11/17' --key office

A reference counts once: a second deposit with the same one is refused. Its
digest alone is public.";

const CONFIRM_EXAMPLES: &str = "\
Examples:
  tally cashier list
  tally cashier confirm HOLD --reference 'bank 2026-11/18' --key office

Confirm first, and pay outside once that is applied: a withdrawal that expires
meanwhile then never pays twice. What cannot be paid after all, deposit again
under another reference.";

/// For the cashier: money that comes from outside and goes there
#[derive(Debug, Subcommand)]
pub(crate) enum CashierCommand {
    /// Put money that was paid outside on the ledger
    #[command(after_help = EXAMPLES)]
    Deposit(DepositArgs),
    /// List the withdrawals that wait for an answer
    List {
        #[command(flatten)]
        list: ListArgs,
    },
    /// Take the money of a withdrawal off the ledger, for good, to pay it outside
    #[command(after_help = CONFIRM_EXAMPLES)]
    Confirm(ConfirmArgs),
    /// Give the money of a withdrawal back to its owner
    Reject(RejectArgs),
}

/// The arguments of `cashier deposit`.
#[derive(Debug, Args)]
pub(crate) struct DepositArgs {
    /// Whose account grows: an address, or the name of a key of your own
    to: String,
    /// By how much, with its unit
    amount: AmountText,
    /// What names the outside payment, as a bank names it
    #[arg(long, value_name = "TEXT")]
    reference: String,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally cashier`.
pub(super) async fn run(context: &Context, command: CashierCommand) -> Result<Answer, Failure> {
    match command {
        CashierCommand::Deposit(args) => deposit(context, args).await,
        CashierCommand::List { list } => withdrawals::list(context, list).await,
        CashierCommand::Confirm(args) => withdrawals::confirm(context, args).await,
        CashierCommand::Reject(args) => withdrawals::reject(context, args).await,
    }
}

async fn deposit(context: &Context, args: DepositArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let to = context.account(&args.to, session.network())?;
    let amount = session.amount(&args.amount)?;
    let reference = reference(&args.reference);
    // The deposited money is new; the cashier pays the fee and, for a new account, its deposit.
    let needed = opening(&session, to).await?;

    let mut facts = vec![
        ("to", super::party(&session, to, &args.to)),
        ("amount", session.show(amount)),
        ("reference", escape(&args.reference)),
    ];
    if !needed.is_zero() {
        facts.push(("opening", format!("{} (the account is new)", session.show(needed))));
    }
    let operations = vec![Operation::Deposit { to, amount, reference }];
    let plan = Plan { operations, action: "deposit outside money", facts, needed, makes: None };
    let answer = carry_out(context, &session, &signer, &args.sign, plan).await?;
    Ok(answer.with("reference", &reference.to_string()))
}
