//! `tally channel open`: set money aside for a payee.

use chain::operation::Operation;
use chain::time::Millis;
use clap::Args;

use crate::args::{AmountText, SignArgs};
use crate::context::{Context, Trust};
use crate::failure::Failure;
use crate::keystore::KeyName;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::when;

const EXAMPLES: &str = "\
Examples:
  tally channel open host 20TLY
  tally channel open host 20TLY --settle-delay 12h --voucher-key meter

The payee is sure of every voucher it holds: the money is set aside until the
channel ends. After the payer asks to close, the payee has the settle delay to
bring its best voucher.";

/// Set money aside for a payee
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct OpenArgs {
    /// Who is paid: an address, or the name of a key of your own
    payee: String,
    /// How much at most, with its unit
    amount: AmountText,
    /// How long the payee may answer after you ask to close
    #[arg(long, value_name = "SPAN", default_value = "1h", value_parser = when::span)]
    settle_delay: Millis,
    /// The key that signs vouchers [default: the one that pays]
    #[arg(long, value_name = "NAME")]
    voucher_key: Option<KeyName>,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally channel open`.
pub(super) async fn run(context: &Context, args: OpenArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let (voucher_name, voucher_key) = match (&args.voucher_key, signer.public_key()) {
        (Some(name), _) => (name.to_string(), context.keystore.entry(name)?.public_key),
        (None, Some(key)) => (signer.name.clone(), key),
        (None, None) => {
            let message = "nobody is named who signs the channel's vouchers";
            return Err(Failure::usage(message).hint("name a key with --voucher-key NAME"));
        }
    };
    let session = context.connect(Trust::Pinned).await?;
    let payee = context.account(&args.payee, session.network())?;
    crate::commands::check_other(&signer, payee)?;
    crate::commands::check_exists(&session, payee).await?;
    let amount = session.amount(&args.amount)?;
    let deposit = session.status.value.deposits.channel.0;
    let facts = vec![
        ("to", crate::commands::party(&session, payee, &args.payee)),
        ("amount", format!("{} (set aside)", session.show(amount))),
        ("settle delay", when::show_span(args.settle_delay.0)),
        ("voucher key", voucher_name),
        ("deposit", format!("{} (returned at the end)", session.show(deposit))),
    ];
    let needed = crate::commands::sum([amount, deposit])?;
    let settle_delay = args.settle_delay;
    let operations = vec![Operation::ChannelOpen { payee, amount, voucher_key, settle_delay }];
    let plan = Plan { operations, action: "open a channel", facts, needed, makes: Some("channel") };
    carry_out(context, &session, &signer, &args.sign, plan).await
}
