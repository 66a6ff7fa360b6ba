//! `tally withdraw`: money that is to leave the ledger.

use chain::limits::TARGET_BYTES_MAX;
use chain::operation::Operation;
use chain::target::Target;
use chain::time::Millis;
use clap::Args;

use crate::args::{AmountText, SignArgs};
use crate::context::{Context, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::escape;
use crate::when;

const EXAMPLES: &str = "\
Examples:
  tally withdraw 50TLY 'DE89 3704 0044 0532 0130 00'
  tally hold show HOLD                        see how it stands

The money is set aside until the cashier confirms or rejects the withdrawal; if
it does neither in time, the money is free again by itself. Everybody can read
where it is to go.";

/// Ask the cashier to pay money out
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WithdrawArgs {
    /// How much, with its unit
    amount: AmountText,
    /// Where it is to go, as the cashier understands it; everybody can read it
    target: String,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally withdraw`.
pub(super) async fn run(context: &Context, args: WithdrawArgs) -> Result<Answer, Failure> {
    let target = Target::new(args.target.as_str())
        .ok_or_else(|| Failure::usage(format!("a target has 1 to {TARGET_BYTES_MAX} bytes")))?;
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let amount = session.amount(&args.amount)?;
    let status = &session.status.value;
    let deposit = status.deposits.hold.0;
    let returns = session.time().after(Millis(status.withdrawal_span_ms));
    let facts = vec![
        ("target", escape(&args.target)),
        ("amount", format!("{} (set aside)", session.show(amount))),
        ("until", format!("about {}, unless the cashier answers", when::show(returns.0))),
        ("deposit", format!("{} (returned at the end)", session.show(deposit))),
    ];
    let needed = super::sum([amount, deposit])?;
    let operations = vec![Operation::WithdrawRequest { amount, target }];
    let plan =
        Plan { operations, action: "ask for a withdrawal", facts, needed, makes: Some("hold") };
    carry_out(context, &session, &signer, &args.sign, plan).await
}
