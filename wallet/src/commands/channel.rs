//! `tally channel`: prepaid money, paid out by vouchers that need no transaction.

mod open;
mod pay;

use std::path::PathBuf;

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::operation::Operation;
use chain::voucher::SignedVoucher;
use clap::{Args, Subcommand};
use rpc::methods::{ChannelGet, ChannelList};
use rpc::text::Text;
use rpc::types::{ChannelStatusView, ChannelView, Limit};

pub(crate) use self::open::OpenArgs;
pub(crate) use self::pay::PayArgs;
use crate::args::{AccountArgs, ListArgs, SignArgs, object_id};
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::{facts, grouped, listing};
use crate::vouchers;
use crate::when;

const CLOSE_EXAMPLES: &str = "\
Examples:
  as the payee, take what the voucher says and end at once:
  tally channel close CHANNEL --voucher voucher.json
  as the payer, end when the payee had time:
  tally channel close CHANNEL";

/// Prepaid money, paid out by vouchers that need no transaction
#[derive(Debug, Subcommand)]
pub(crate) enum ChannelCommand {
    /// Set money aside for a payee
    Open(OpenArgs),
    /// As the payer, sign a voucher for so much more; nothing goes to the chain
    Pay(PayArgs),
    /// Bring a voucher to the chain, which keeps the best one
    Submit {
        /// The voucher's file
        file: PathBuf,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// Show a channel and its best voucher, also after its end
    #[command(visible_alias = "show")]
    Status {
        /// The channel
        #[arg(value_parser = object_id)]
        channel: ObjectId,
    },
    /// End a channel
    #[command(after_help = CLOSE_EXAMPLES)]
    Close(CloseArgs),
    /// List the open channels in which an account pays or is paid
    List {
        #[command(flatten)]
        of: AccountArgs,
        #[command(flatten)]
        list: ListArgs,
    },
}

/// The arguments of `channel close`.
#[derive(Debug, Args)]
pub(crate) struct CloseArgs {
    /// The channel
    #[arg(value_parser = object_id)]
    channel: ObjectId,
    /// Bring this voucher to the chain first, in the same transaction
    #[arg(long, value_name = "FILE")]
    voucher: Option<PathBuf>,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally channel`.
pub(super) async fn run(context: &Context, command: ChannelCommand) -> Result<Answer, Failure> {
    match command {
        ChannelCommand::Open(args) => open::run(context, args).await,
        ChannelCommand::Pay(args) => pay::run(context, args).await,
        ChannelCommand::Submit { file, sign } => {
            submit(context, vouchers::read(&file)?, &sign).await
        }
        ChannelCommand::Status { channel } => {
            let session = context.connect(Trust::Pinned).await?;
            let answer = session.client.call(ChannelGet { channel: channel.into() }).await?;
            Ok(Answer::new(&answer, facts(&shown(&session, &answer.value))))
        }
        ChannelCommand::Close(args) => close(context, args).await,
        ChannelCommand::List { of, list } => self::list(context, &of, list).await,
    }
}

async fn submit(
    context: &Context,
    voucher: SignedVoucher,
    sign: &SignArgs,
) -> Result<Answer, Failure> {
    let signer = context.signer(sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    check_chain(&session, &voucher)?;
    let channel = voucher.voucher.channel;
    let view = session.client.call(ChannelGet { channel: channel.into() }).await?.value;
    check_open(&view)?;
    let mut facts = vec![("channel", channel.to_string())];
    facts.extend(shown_voucher(&session, &voucher));
    let operations = vec![Operation::VoucherSubmit { voucher }];
    let plan =
        Plan { operations, action: "submit a voucher", facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, sign, plan).await
}

async fn close(context: &Context, args: CloseArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let voucher = args.voucher.as_deref().map(vouchers::read).transpose()?;
    let session = context.connect(Trust::Pinned).await?;
    let channel = args.channel;
    let view = session.client.call(ChannelGet { channel: channel.into() }).await?.value;
    check_open(&view)?;
    let own = signer.account;
    let (close, how) = if own == view.payee.0.account {
        (
            Operation::CloseByPayee { channel },
            "at once, paying what the best voucher says".to_owned(),
        )
    } else if own == view.payer.0.account {
        let delay = when::show_span(view.settle_delay_ms);
        (Operation::CloseByPayer { channel }, format!("when the payee had {delay} to answer"))
    } else {
        let message = format!("{} is neither payer nor payee of this channel", signer.name);
        return Err(Failure::new(Exit::Rejected, "NOT_PAYEE", message));
    };
    let mut facts = vec![("channel", channel.to_string()), ("ends", how)];
    let mut operations = Vec::new();
    if let Some(voucher) = voucher {
        check_chain(&session, &voucher)?;
        if voucher.voucher.channel != channel {
            return Err(Failure::usage("the voucher is of another channel"));
        }
        facts.extend(shown_voucher(&session, &voucher));
        operations.push(Operation::VoucherSubmit { voucher });
    }
    operations.push(close);
    let plan =
        Plan { operations, action: "close a channel", facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

async fn list(context: &Context, of: &AccountArgs, list: ListArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let account = super::account_or_own(context, &session, of)?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let page = session.client.call(ChannelList { account, cursor: list.cursor, limit }).await?;
    let row = |channel: &ChannelView| {
        let (side, other) = if channel.payer == account {
            ("pays", channel.payee)
        } else {
            ("is paid by", channel.payer)
        };
        let owed = channel.best.map_or(Amount::ZERO, |best| best.cumulative.0);
        let cells =
            vec![session.show(channel.funded.0), session.show(owed), status(&channel.status)];
        (cells, vec![format!("channel {}", channel.channel), format!("{side} {other}")])
    };
    let rows = page.items.iter().map(row).collect();
    let headers = ["FUNDED", "BEST VOUCHER", "STATUS"];
    let text = listing(&headers, rows, "no open channels");
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

/// Refuses a channel that ended before that costs a fee.
fn check_open(channel: &ChannelView) -> Result<(), Failure> {
    if channel.status == ChannelStatusView::Ended {
        return Err(Failure::new(Exit::Rejected, "CHANNEL_UNKNOWN", "the channel has ended"));
    }
    Ok(())
}

fn check_chain(session: &Session, voucher: &SignedVoucher) -> Result<(), Failure> {
    if Text(voucher.voucher.chain) == session.status.value.chain {
        return Ok(());
    }
    let message = format!("the voucher is for chain {}", voucher.voucher.chain);
    Err(Failure::new(Exit::Network, "WRONG_NETWORK", message))
}

fn shown_voucher(session: &Session, voucher: &SignedVoucher) -> Vec<(&'static str, String)> {
    let voucher = &voucher.voucher;
    vec![
        ("voucher", format!("number {}", voucher.sequence)),
        ("in all", session.show(voucher.cumulative)),
    ]
}

fn shown(session: &Session, channel: &ChannelView) -> Vec<(&'static str, String)> {
    let best = match &channel.best {
        Some(best) => format!("{} (number {})", session.show(best.cumulative.0), best.sequence),
        None => "none has reached the chain".to_owned(),
    };
    vec![
        ("channel", channel.channel.to_string()),
        ("status", status(&channel.status)),
        ("payer", grouped(&channel.payer.to_string())),
        ("payee", grouped(&channel.payee.to_string())),
        ("funded", session.show(channel.funded.0)),
        ("best voucher", best),
        ("settle delay", when::show_span(channel.settle_delay_ms)),
        ("voucher key", channel.voucher_key.to_string()),
        ("hold", channel.hold.to_string()),
    ]
}

fn status(status: &ChannelStatusView) -> String {
    match status {
        ChannelStatusView::Open => "open".to_owned(),
        ChannelStatusView::Closing { closes, closes_height } => {
            format!("closing, at {} and block {closes_height}", when::show(*closes))
        }
        ChannelStatusView::Ended => "ended".to_owned(),
    }
}
