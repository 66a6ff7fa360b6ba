//! `tally quote`: deals that one side signs outside the chain, and the other accepts.

mod accept;
mod make;

use std::path::PathBuf;

use chain::amount::Amount;
use chain::conditions::Kind;
use chain::keys::PublicKey;
use chain::quote::{Capacity, Offer};
use chain::time::{Millis, Window};
use clap::{Args, Subcommand};
use rpc::methods::MarketList;
use rpc::types::MarketView;
use serde_json::json;

pub(crate) use self::make::salt;
use crate::args::PasswordArgs;
use crate::commands::order::{says, shown_window, window_view};
use crate::context::{Context, Session};
use crate::failure::{Exit, Failure};
use crate::keystore::KeyName;
use crate::output::Answer;
use crate::prompt;
use crate::quote_file::{QuoteDraft, QuoteFileError};
use crate::settings::network_name;
use crate::signer::{Program, Signer};
use crate::text::{facts, grouped};
use crate::when;

const MAKE_EXAMPLES: &str = "\
Examples:
  tally quote make offer.json sell cpu --quantity 8 --price 45utly \\
      --from +2slots --slots 6
  tally quote make need.json buy gpu --quantity 2 --price 900utly \\
      --from +4slots --slots 24 --taker tallydev1… --expires +1h

Give the file to the other side, who accepts it with 'tally quote accept FILE'.
Nothing is set aside for it, and it cannot be taken back before it expires.";

const SIGN_EXAMPLES: &str = "\
Examples:
  tally quote make offer.json sell cpu --quantity 8 --price 45utly \\
      --from +2slots --slots 6 --maker tallydev1… --unsigned
  tally quote sign offer.json --key alice

No node is asked. Each of several signers signs the same file in turn.";

/// Deals that one side signs outside the chain, and the other accepts
#[derive(Debug, Subcommand)]
pub(crate) enum QuoteCommand {
    /// Sign a deal into a file, for somebody to accept
    #[command(after_help = MAKE_EXAMPLES)]
    Make(make::MakeArgs),
    /// Sign a quote in a file, as one of several signers does; asks no node
    #[command(after_help = SIGN_EXAMPLES)]
    Sign {
        /// The file, in which the signature is written
        file: PathBuf,
        #[command(flatten)]
        hand: HandArgs,
    },
    /// Show what a quote in a file says, and who signed it; asks no node
    Show {
        /// The file
        file: PathBuf,
    },
    /// Accept a quote: a contract comes of it at once
    Accept(accept::AcceptArgs),
}

/// Who signs a quote.
#[derive(Debug, Args)]
pub(crate) struct HandArgs {
    /// The key that signs [default: TALLY_KEY, the profile's, or the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<KeyName>,
    /// A program that signs in place of a key, as exec:./signer [default: TALLY_SIGNER]
    #[arg(long, value_name = "exec:PROGRAM", conflicts_with = "key")]
    pub(crate) signer: Option<Program>,
    /// Sign without asking
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Runs `tally quote`.
pub(super) async fn run(context: &Context, command: QuoteCommand) -> Result<Answer, Failure> {
    match command {
        QuoteCommand::Make(args) => make::run(context, args).await,
        QuoteCommand::Sign { file, hand } => {
            let draft = QuoteDraft::read(&file)?;
            let signer = context.who_signs(hand.key.as_ref(), hand.signer.as_ref()).await?;
            sign(context, &signer, &hand, draft, &file).await
        }
        QuoteCommand::Show { file } => {
            let draft = QuoteDraft::read(&file)?;
            let mut lines = shown(&draft);
            if draft.signed.witnesses.is_empty() {
                lines.push(("signed by", "nobody yet".to_owned()));
            }
            Ok(Answer::new(&draft.view(), facts(&lines)))
        }
        QuoteCommand::Accept(args) => accept::run(context, args).await,
    }
}

/// Shows a quote, asks, adds a signature and writes the file.
pub(crate) async fn sign(
    context: &Context,
    signer: &Signer,
    hand: &HandArgs,
    mut draft: QuoteDraft,
    file: &std::path::Path,
) -> Result<Answer, Failure> {
    let signed_already = |key: &PublicKey| draft.signed.witnesses.iter().any(|it| it.key == *key);
    if let Some(key) = signer.public_key().filter(signed_already) {
        return Err(QuoteFileError::SignedAlready(key).into());
    }
    let mut lines = shown(&draft);
    lines.push(("signer", signer.name.clone()));
    let review = facts(&lines);
    if hand.yes {
        context.output.note(review.trim_end());
    } else {
        context.output.review(review.trim_end());
        prompt::confirm("Sign?")?;
    }
    let ready = signer.unlock(context, &hand.password)?;
    draft.add(ready.sign(&draft.to_sign()).await?)?;
    draft.write(file)?;
    Ok(written(&draft, file))
}

fn written(draft: &QuoteDraft, file: &std::path::Path) -> Answer {
    let (quote, path) = (draft.signed.quote.id(), file.display());
    let next = if draft.signed.witnesses.is_empty() {
        format!("sign it with 'tally quote sign {path}'")
    } else {
        format!("the other side accepts it with 'tally quote accept {path}'")
    };
    let document = json!({ "file": file, "quote": draft.view() });
    Answer::new(&document, format!("quote {quote}\nwritten to {path}: {next}"))
}

/// What a quote says, as its bytes say it: sums in base units, because nobody vouches for the unit.
fn shown(draft: &QuoteDraft) -> Vec<(&'static str, String)> {
    let (view, quote) = (draft.view(), &draft.signed.quote);
    let base = draft.token.base_unit();
    let anybody = || "anybody".to_owned();
    let mut lines = vec![
        ("quote", quote.id().to_string()),
        ("network", network_name(draft.network).to_owned()),
        ("chain", quote.chain.to_string()),
        ("maker", format!("{} {}", grouped(&view.maker.to_string()), side(&quote.offer))),
        ("for", view.taker.map_or_else(anybody, |taker| grouped(&taker.to_string()))),
    ];
    lines.extend(match &quote.offer {
        Offer::Sell(capacity) | Offer::Buy(capacity) => shown_capacity(capacity, &base),
        Offer::Resell { contract, price } => vec![
            ("contract", contract.to_string()),
            (
                "price",
                format!("{price}{base} for one unit and slot, what the seller gets included"),
            ),
        ],
    });
    lines.extend(kind(quote.conditions.kind));
    let (broker, user) = (view.conditions.broker, view.conditions.user);
    lines.extend(says::people(quote.conditions.agreement, broker, user));
    lines.push(("expires", when::show(quote.expires.0)));
    let signers = view.signers.iter().map(|key| ("signed by", key.to_string()));
    lines.extend(signers);
    lines
}

fn shown_capacity(capacity: &Capacity, base: &str) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("market", format!("number {}", capacity.market.0)),
        ("quantity", format!("{} in each slot, over all who accept", capacity.quantity)),
        ("window", shown_window(window_view(capacity.window))),
        ("price", format!("{}{base} for one unit and slot", capacity.price)),
    ];
    if capacity.grade.0 > 0 {
        lines.push(("grade", capacity.grade.0.to_string()));
    }
    lines
}

/// What the maker does.
const fn side(offer: &Offer) -> &'static str {
    match offer {
        Offer::Sell(_) => "sells",
        Offer::Buy(_) => "buys",
        Offer::Resell { .. } => "passes a contract on",
    }
}

/// Whether the seller may take back what it sells, where it may.
fn kind(kind: Kind) -> Option<(&'static str, String)> {
    let Kind::Interruptible { notice } = kind else { return None };
    let notice = when::show_span(notice.0);
    Some(("kind", format!("interruptible: the seller may take it back, {notice} after it says so")))
}

/// The market that a quote is about.
async fn market(session: &Session, capacity: &Capacity) -> Result<MarketView, Failure> {
    let markets = session.client.call(MarketList {}).await?.items;
    markets.into_iter().find(|market| market.market == capacity.market.0).ok_or_else(|| {
        let message = format!("there is no market number {}", capacity.market.0);
        Failure::new(Exit::Rejected, "MARKET_UNKNOWN", message)
    })
}

/// How many slots a window has in `market`, and what so many units cost in it.
fn cost(
    market: &MarketView,
    capacity: &Capacity,
    quantity: chain::quantity::Quantity,
) -> Result<(u64, Amount), Failure> {
    let Capacity { window, price, .. } = *capacity;
    let slots = Window::slots(window, Millis(market.slot_ms)).unwrap_or(0);
    let cost = Amount::cost(price, quantity, slots);
    let cost = cost.ok_or_else(|| Failure::usage("it costs more than any amount"))?;
    Ok((slots, cost))
}
