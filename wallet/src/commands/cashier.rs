//! `tally cashier`: money from outside.

use chain::operation::Operation;
use clap::{Args, Subcommand};

use crate::args::{AmountText, SignArgs};
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

/// For the cashier: money from outside
#[derive(Debug, Subcommand)]
pub(crate) enum CashierCommand {
    /// Put money that was paid outside on the ledger
    #[command(after_help = EXAMPLES)]
    Deposit(DepositArgs),
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
    let CashierCommand::Deposit(args) = command;
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
