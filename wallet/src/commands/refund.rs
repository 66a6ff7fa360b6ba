//! `tally refund`: give back some of what one was paid.

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::limits::MEMO_BYTES_MAX;
use chain::memo::Memo;
use chain::operation::Operation;
use clap::Args;
use rpc::methods::PaymentGet;

use crate::args::{AmountText, SignArgs, object_id};
use crate::context::{Context, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, grouped};

const EXAMPLES: &str = "\
Examples:
  tally refund CONTRACT 2TLY --reason 'an hour was missing'

A refund is bound to what paid: a hold, a contract or a channel, while it stands
and for some time after its end. All refunds together are never more than it
paid.";

/// Give back some of what a hold, contract or channel paid you
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RefundArgs {
    /// The hold, contract or channel that paid
    #[arg(value_parser = object_id)]
    of: ObjectId,
    /// How much, with its unit
    amount: AmountText,
    /// Why, for the payer; everybody can read it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally refund`.
pub(super) async fn run(context: &Context, args: RefundArgs) -> Result<Answer, Failure> {
    let reason = Memo::new(args.reason.as_str())
        .ok_or_else(|| Failure::usage(format!("a reason has at most {MEMO_BYTES_MAX} bytes")))?;
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let amount = session.amount(&args.amount)?;
    let payment = session.client.call(PaymentGet { of: args.of.into() }).await?.value;
    if payment.payee != session.address(signer.account) {
        let message = format!("{} was paid, not {}", payment.payee, signer.name);
        let failure = Failure::new(Exit::Rejected, "NOT_PAID", message);
        return Err(failure.hint("name that account's key with --key NAME"));
    }
    let (paid, refunded) = (payment.captured.0, payment.refunded.0);
    let left = paid.checked_sub(refunded).unwrap_or(Amount::ZERO);
    if amount > left {
        let message = format!("{} are left of what was paid", session.show(left));
        return Err(Failure::new(Exit::Rejected, "REFUND_TOO_HIGH", message));
    }
    let mut facts = vec![
        ("of", args.of.to_string()),
        ("to", grouped(&payment.payer.to_string())),
        ("amount", session.show(amount)),
        ("paid", format!("{}, {} of it given back", session.show(paid), session.show(refunded))),
    ];
    if !args.reason.is_empty() {
        facts.push(("reason", escape(&args.reason)));
    }
    let operations = vec![Operation::Refund { of: args.of, amount, reason }];
    let plan = Plan { operations, action: "refund", facts, needed: amount, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}
