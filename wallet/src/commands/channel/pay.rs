//! `tally channel pay`: sign a voucher. Nothing goes to the chain.

use std::path::PathBuf;

use chain::channel::BestVoucher;
use chain::id::ObjectId;
use chain::keys::PublicKey;
use chain::voucher::{SignedVoucher, Voucher};
use clap::Args;
use rpc::methods::ChannelGet;
use rpc::types::ChannelView;
use serde_json::json;

use crate::args::{AmountText, PasswordArgs, object_id};
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::keystore::{KeyEntry, KeyName};
use crate::output::Answer;
use crate::prompt;
use crate::settings::network_name;
use crate::text::{facts, grouped};
use crate::vouchers::{self, VoucherFile, VoucherRefused, Vouchers};

const EXAMPLES: &str = "\
Examples:
  tally channel pay CHANNEL 2.5TLY --to-file voucher.json
  tally channel pay CHANNEL 2.5TLY --yes --json

A voucher says what is owed in all and replaces every one before it. Hand it to
the payee, who may bring it to the chain at any time. The wallet keeps the best
one of each channel.";

/// Sign a voucher
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PayArgs {
    /// The channel
    #[arg(value_parser = object_id)]
    channel: ObjectId,
    /// How much more, with its unit
    amount: AmountText,
    /// Write the voucher to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    to_file: Option<PathBuf>,
    /// The key that signs vouchers [default: the own key that the channel names]
    #[arg(long, value_name = "NAME")]
    key: Option<KeyName>,
    /// Sign without asking
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Runs `tally channel pay`.
pub(super) async fn run(context: &Context, args: PayArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let amount = session.amount(&args.amount)?;
    let channel = session.client.call(ChannelGet { channel: args.channel.into() }).await?.value;
    super::check_open(&channel)?;
    let signer = signer(context, args.key.as_ref(), channel.voucher_key.0)?;

    let records = Vouchers::lock(&context.settings.home)?;
    let remembered = records.best(args.channel)?.map(|signed| BestVoucher {
        sequence: signed.voucher.sequence,
        cumulative: signed.voucher.cumulative,
    });
    let on_chain = channel
        .best
        .map(|best| BestVoucher { sequence: best.sequence, cumulative: best.cumulative.0 });
    let next = vouchers::next(remembered, on_chain, channel.funded.0, amount)
        .map_err(|refused| in_units(&session, refused))?;

    let review = facts(&review(&session, &channel, &args, &next));
    if args.yes {
        context.output.note(review.trim_end());
    } else {
        context.output.review(review.trim_end());
        prompt::confirm("Sign this voucher?")?;
    }
    let password = context.password(&args.password).ask(signer.name.as_str())?;
    let key = context.keystore.unlock(&signer.name, &password)?;
    let (chain, channel) = (session.status.value.chain.0, args.channel);
    let BestVoucher { sequence, cumulative } = next;
    let signed = Voucher { chain, channel, sequence, cumulative }.sign(&key);
    records.keep(&signed)?;
    answer(&session, &args, &records, &signed)
}

/// What the signer must see before.
fn review(
    session: &Session,
    channel: &ChannelView,
    args: &PayArgs,
    next: &BestVoucher,
) -> Vec<(&'static str, String)> {
    let status = &session.status.value;
    let network = network_name(session.network());
    let funded = session.show(channel.funded.0);
    vec![
        ("network", format!("{network} ({})", crate::text::escape(&status.name))),
        ("chain", status.chain.to_string()),
        ("action", "sign a voucher".to_owned()),
        ("channel", args.channel.to_string()),
        ("to", grouped(&channel.payee.to_string())),
        ("amount", args.amount.0.clone()),
        ("in all", format!("{} of {funded}", session.show(next.cumulative))),
        ("number", next.sequence.to_string()),
    ]
}

fn answer(
    session: &Session,
    args: &PayArgs,
    records: &Vouchers,
    signed: &SignedVoucher,
) -> Result<Answer, Failure> {
    let file = VoucherFile::from(signed);
    let owed = session.show(signed.voucher.cumulative);
    let text = match &args.to_file {
        Some(path) => {
            vouchers::write(path, signed).map_err(|error| {
                let kept = records.file(signed.voucher.channel);
                let hint = format!("it is signed and counts; hand over {}", kept.display());
                Failure::from(VoucherRefused::from(error)).hint(hint)
            })?;
            format!("voucher {} for {owed} in all: {}", signed.voucher.sequence, path.display())
        }
        None => serde_json::to_string_pretty(&file).expect("strings and numbers are JSON"),
    };
    Ok(Answer::new(&json!({ "voucher": file, "file": args.to_file }), text))
}

/// The own key that signs the channel's vouchers.
fn signer(
    context: &Context,
    named: Option<&KeyName>,
    voucher_key: PublicKey,
) -> Result<KeyEntry, Failure> {
    let found = match named {
        Some(name) => Some(context.keystore.entry(name)?),
        None => {
            let mut entries = context.keystore.entries()?.into_iter();
            entries.find(|entry| entry.public_key == voucher_key)
        }
    };
    found.filter(|entry| entry.public_key == voucher_key).ok_or_else(|| {
        let message = format!("the channel's vouchers are signed by key {voucher_key}");
        Failure::new(Exit::Keystore, "NOT_VOUCHER_KEY", message)
            .hint("only its payer's wallet has that key: see 'tally key list'")
    })
}

fn in_units(session: &Session, refused: VoucherRefused) -> Failure {
    match refused {
        VoucherRefused::BeyondFunded { left } => {
            let message = format!("the channel has {} left", session.show(left));
            let data = json!({ "left": left.to_string() });
            Failure::new(Exit::Rejected, refused.code(), message).data(data)
        }
        other => other.into(),
    }
}
