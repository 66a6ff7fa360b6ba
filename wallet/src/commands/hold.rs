//! `tally hold`: money set aside for somebody, taken out step by step.

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::operation::Operation;
use clap::{Args, Subcommand};
use rpc::methods::{HoldGet, HoldList};
use rpc::types::{HoldView, Limit, ObjectStatus, PurposeView};

use crate::args::{AccountArgs, AmountText, ListArgs, SignArgs, object_id};
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signer::Signer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, facts, grouped, listing};
use crate::when::{self, When};

const OPEN_EXAMPLES: &str = "\
Examples:
  tally hold open bob 10TLY --expires +7d
  tally hold open bob 10TLY --expires 2026-12-31T00:00Z --key alice";

const CAPTURE_EXAMPLES: &str = "\
Examples:
  tally hold capture HOLD 4TLY               take 4TLY more out of the hold
  tally hold capture HOLD 9TLY --cumulative  take so much that it is 9TLY in all";

/// Money set aside for somebody, taken out step by step
#[derive(Debug, Subcommand)]
pub(crate) enum HoldCommand {
    /// Set money aside for a beneficiary
    #[command(after_help = OPEN_EXAMPLES)]
    Open(OpenArgs),
    /// As the beneficiary, take money out of a hold
    #[command(after_help = CAPTURE_EXAMPLES)]
    Capture(CaptureArgs),
    /// As the beneficiary, end a hold; what is left returns to its owner
    Release {
        /// The hold
        #[arg(value_parser = object_id)]
        hold: ObjectId,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// List the open holds that an account owns or may capture
    List {
        #[command(flatten)]
        of: AccountArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show a hold, also after its end
    Show {
        /// The hold
        #[arg(value_parser = object_id)]
        hold: ObjectId,
    },
}

/// The arguments of `hold open`.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// Who may capture it: an address, or the name of a key of your own
    beneficiary: String,
    /// How much, with its unit
    amount: AmountText,
    /// When what is left returns to you: a time, or a span from now on
    #[arg(long, value_name = "TIME")]
    expires: When,
    #[command(flatten)]
    sign: SignArgs,
}

/// The arguments of `hold capture`.
#[derive(Debug, Args)]
pub(crate) struct CaptureArgs {
    /// The hold
    #[arg(value_parser = object_id)]
    hold: ObjectId,
    /// How much, with its unit
    amount: AmountText,
    /// AMOUNT is all that is captured once this is done, not how much more
    #[arg(long)]
    cumulative: bool,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally hold`.
pub(super) async fn run(context: &Context, command: HoldCommand) -> Result<Answer, Failure> {
    match command {
        HoldCommand::Open(args) => open(context, args).await,
        HoldCommand::Capture(args) => capture(context, args).await,
        HoldCommand::Release { hold, sign } => release(context, hold, &sign).await,
        HoldCommand::List { of, list } => self::list(context, &of, list).await,
        HoldCommand::Show { hold } => {
            let session = context.connect(Trust::Pinned).await?;
            let answer = session.client.call(HoldGet { hold: hold.into() }).await?;
            Ok(Answer::new(&answer, facts(&shown(&session, &answer.value))))
        }
    }
}

async fn open(context: &Context, args: OpenArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let beneficiary = context.account(&args.beneficiary, session.network())?;
    super::check_other(&signer, beneficiary)?;
    super::check_exists(&session, beneficiary).await?;
    let amount = session.amount(&args.amount)?;
    let expires = args.expires.resolve(session.time(), None)?;
    let deposit = session.status.value.deposits.hold.0;
    let facts = vec![
        ("to", super::party(&session, beneficiary, &args.beneficiary)),
        ("amount", format!("{} (set aside)", session.show(amount))),
        ("until", when::show(expires.0)),
        ("deposit", format!("{} (returned at the end)", session.show(deposit))),
    ];
    let needed = super::sum([amount, deposit])?;
    let operations = vec![Operation::HoldOpen { amount, beneficiary, expires }];
    let plan = Plan { operations, action: "open a hold", facts, needed, makes: Some("hold") };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

async fn capture(context: &Context, args: CaptureArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let amount = session.amount(&args.amount)?;
    let hold = session.client.call(HoldGet { hold: args.hold.into() }).await?.value;
    check_open(&hold)?;
    check_beneficiary(&hold, &session, &signer)?;
    let captured = hold.captured.0;
    let cumulative = if args.cumulative { amount } else { super::sum([captured, amount])? };
    let more =
        cumulative.checked_sub(captured).filter(|more| !more.is_zero()).ok_or_else(|| {
            let message = format!("{} were captured already", session.show(captured));
            Failure::new(Exit::Rejected, "CAPTURE_TOO_LOW", message)
        })?;
    if cumulative > hold.amount.0 {
        let message = format!(
            "the hold has {} left of {}",
            session.show(left_of(&hold)),
            session.show(hold.amount.0)
        );
        return Err(Failure::new(Exit::Rejected, "CAPTURE_TOO_HIGH", message));
    }
    let facts = vec![
        ("hold", args.hold.to_string()),
        ("of", grouped(&hold.owner.to_string())),
        ("amount", session.show(more)),
        ("in all", format!("{} of {}", session.show(cumulative), session.show(hold.amount.0))),
    ];
    let operations = vec![Operation::HoldCapture { hold: args.hold, cumulative }];
    let plan = Plan {
        operations,
        action: "capture from a hold",
        facts,
        needed: Amount::ZERO,
        makes: None,
    };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

async fn release(context: &Context, hold: ObjectId, sign: &SignArgs) -> Result<Answer, Failure> {
    let signer = context.signer(sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let view = session.client.call(HoldGet { hold: hold.into() }).await?.value;
    check_open(&view)?;
    let left = left_of(&view);
    let facts = vec![
        ("hold", hold.to_string()),
        ("to", grouped(&view.owner.to_string())),
        ("returns", session.show(left)),
    ];
    let operations = vec![Operation::HoldRelease { hold }];
    let plan =
        Plan { operations, action: "release a hold", facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, sign, plan).await
}

async fn list(context: &Context, of: &AccountArgs, list: ListArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let account = super::account_or_own(context, &session, of)?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let page = session.client.call(HoldList { account, cursor: list.cursor, limit }).await?;
    let row = |hold: &HoldView| {
        let cells = vec![
            purpose(&hold.purpose).to_owned(),
            session.show(hold.amount.0),
            session.show(hold.captured.0),
            expires(&hold.purpose).unwrap_or_default(),
        ];
        let mut below = vec![format!("hold {}", hold.hold)];
        if let PurposeView::User { beneficiary, .. } = &hold.purpose {
            below.push(if hold.owner == account {
                format!("to {beneficiary}")
            } else {
                format!("from {}", hold.owner)
            });
        }
        (cells, below)
    };
    let rows = page.items.iter().map(row).collect();
    let text = listing(&["FOR", "AMOUNT", "CAPTURED", "EXPIRES"], rows, "no open holds");
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

/// Refuses a hold that ended before that costs a fee.
fn check_open(hold: &HoldView) -> Result<(), Failure> {
    match hold.status {
        ObjectStatus::Open => Ok(()),
        ended => {
            let status = super::status(ended, super::word(&hold.reason).as_deref());
            let message = format!("the hold has {status}");
            Err(Failure::new(Exit::Rejected, "HOLD_UNKNOWN", message))
        }
    }
}

/// Refuses a capture by somebody else than the beneficiary before that costs a fee.
fn check_beneficiary(hold: &HoldView, session: &Session, signer: &Signer) -> Result<(), Failure> {
    let own = session.address(signer.account);
    match &hold.purpose {
        PurposeView::User { beneficiary, .. } if *beneficiary == own => Ok(()),
        PurposeView::User { beneficiary, .. } => {
            let message = format!("{beneficiary} may capture it, not {}", signer.name);
            let failure = Failure::new(Exit::Rejected, "NOT_BENEFICIARY", message);
            Err(failure.hint("name that account's key with --key NAME"))
        }
        of => {
            let message = format!("the hold is that of a {}: nobody captures it", purpose(of));
            Err(Failure::new(Exit::Rejected, "NOT_BENEFICIARY", message))
        }
    }
}

fn left_of(hold: &HoldView) -> Amount {
    hold.amount.0.checked_sub(hold.captured.0).unwrap_or(Amount::ZERO)
}

fn shown(session: &Session, hold: &HoldView) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("hold", hold.hold.to_string()),
        ("status", super::status(hold.status, super::word(&hold.reason).as_deref())),
        ("owner", hold.owner.to_string()),
        ("for", purpose(&hold.purpose).to_owned()),
        ("amount", session.show(hold.amount.0)),
        ("captured", session.show(hold.captured.0)),
    ];
    match &hold.purpose {
        PurposeView::User { beneficiary, .. } => {
            lines.push(("beneficiary", beneficiary.to_string()))
        }
        PurposeView::Bid { order } => lines.push(("order", order.to_string())),
        PurposeView::Contract { contract } => lines.push(("contract", contract.to_string())),
        PurposeView::Channel { channel } => lines.push(("channel", channel.to_string())),
        PurposeView::Withdrawal { target, .. } => lines.push(("target", escape(target))),
    }
    lines.extend(expires(&hold.purpose).map(|expires| ("expires", expires)));
    lines
}

const fn purpose(purpose: &PurposeView) -> &'static str {
    match purpose {
        PurposeView::User { .. } => "beneficiary",
        PurposeView::Bid { .. } => "bid",
        PurposeView::Contract { .. } => "contract",
        PurposeView::Channel { .. } => "channel",
        PurposeView::Withdrawal { .. } => "withdrawal",
    }
}

fn expires(purpose: &PurposeView) -> Option<String> {
    match purpose {
        PurposeView::User { expires, .. } | PurposeView::Withdrawal { expires, .. } => {
            Some(when::show(*expires))
        }
        _ => None,
    }
}
