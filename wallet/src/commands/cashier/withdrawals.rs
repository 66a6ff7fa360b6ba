//! `tally cashier list`, `confirm` and `reject`: money that is to leave the ledger.

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::limits::MEMO_BYTES_MAX;
use chain::memo::Memo;
use chain::operation::Operation;
use clap::Args;
use rpc::methods::{HoldGet, WithdrawalList};
use rpc::types::{HoldView, Limit, ObjectStatus, PurposeView};

use crate::args::{ListArgs, SignArgs, object_id};
use crate::compose::reference;
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, grouped, listing};
use crate::when;

/// The arguments of `cashier confirm`.
#[derive(Debug, Args)]
pub(crate) struct ConfirmArgs {
    /// The withdrawal's hold
    #[arg(value_parser = object_id)]
    hold: ObjectId,
    /// What names the payment that you are about to make outside
    #[arg(long, value_name = "TEXT")]
    reference: String,
    #[command(flatten)]
    sign: SignArgs,
}

/// The arguments of `cashier reject`.
#[derive(Debug, Args)]
pub(crate) struct RejectArgs {
    /// The withdrawal's hold
    #[arg(value_parser = object_id)]
    hold: ObjectId,
    /// Why, for its owner; everybody can read it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally cashier confirm`.
pub(super) async fn confirm(context: &Context, args: ConfirmArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let mut facts = waiting(&session, args.hold).await?;
    let reference = reference(&args.reference);
    facts.push(("reference", escape(&args.reference)));
    facts.push(("mind", "this is final: pay outside once it is applied, not before".to_owned()));
    let operations = vec![Operation::WithdrawConfirm { hold: args.hold, reference }];
    let action = "take the money off the ledger";
    let plan = Plan { operations, action, facts, needed: Amount::ZERO, makes: None };
    let answer = carry_out(context, &session, &signer, &args.sign, plan).await?;
    Ok(answer.with("reference", &reference.to_string()))
}

/// Runs `tally cashier reject`.
pub(super) async fn reject(context: &Context, args: RejectArgs) -> Result<Answer, Failure> {
    let reason = Memo::new(args.reason.as_str())
        .ok_or_else(|| Failure::usage(format!("a reason has at most {MEMO_BYTES_MAX} bytes")))?;
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let mut facts = waiting(&session, args.hold).await?;
    if !args.reason.is_empty() {
        facts.push(("reason", escape(&args.reason)));
    }
    let operations = vec![Operation::WithdrawReject { hold: args.hold, reason }];
    let action = "give the money back";
    let plan = Plan { operations, action, facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

/// Runs `tally cashier list`.
pub(super) async fn list(context: &Context, list: ListArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let page = session.client.call(WithdrawalList { cursor: list.cursor, limit }).await?;
    let row = |hold: &HoldView| {
        let (target, expires) = match &hold.purpose {
            PurposeView::Withdrawal { target, expires } => (escape(target), when::show(*expires)),
            _ => (String::new(), String::new()),
        };
        let below = vec![format!("hold {}", hold.hold), format!("from {}", hold.owner)];
        (vec![session.show(hold.amount.0), expires, target], below)
    };
    let rows = page.items.iter().map(row).collect();
    let text = listing(&["AMOUNT", "ANSWER BY", "TARGET"], rows, "no withdrawals wait");
    Ok(Answer::new(&page, text).with_text(&super::super::more(page.next_cursor.as_deref())))
}

/// The facts of a withdrawal that waits; refused before that costs a fee if it does not.
async fn waiting(
    session: &Session,
    hold: ObjectId,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let view = session.client.call(HoldGet { hold: hold.into() }).await?.value;
    let PurposeView::Withdrawal { target, expires } = &view.purpose else {
        let message = "the hold is no withdrawal";
        return Err(Failure::new(Exit::Rejected, "NOT_WITHDRAWAL", message));
    };
    if view.status == ObjectStatus::Ended {
        let message = "the withdrawal has been answered, or has expired";
        return Err(Failure::new(Exit::Rejected, "HOLD_UNKNOWN", message));
    }
    Ok(vec![
        ("hold", hold.to_string()),
        ("of", grouped(&view.owner.to_string())),
        ("amount", session.show(view.amount.0)),
        ("target", escape(target)),
        ("answer by", when::show(*expires)),
    ])
}
