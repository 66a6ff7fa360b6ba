//! `tally quote accept`: a contract out of somebody's quote.

use std::path::PathBuf;

use chain::amount::Amount;
use chain::conditions::Conditions;
use chain::operation::Operation;
use chain::quantity::Quantity;
use chain::quote::{Offer, Quote};
use clap::Args;

use super::{cost, market, offer};
use crate::args::SignArgs;
use crate::commands::order::{check_steps, shown_window, window_view};
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::quote_file::QuoteDraft;
use crate::signer::Signer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, grouped};
use crate::when;

/// The arguments of `quote accept`.
#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// The file
    file: PathBuf,
    /// How many units [default: all that it offers]
    #[arg(long, value_name = "N")]
    quantity: Option<u64>,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally quote accept`.
pub(super) async fn run(context: &Context, args: AcceptArgs) -> Result<Answer, Failure> {
    let draft = QuoteDraft::read(&args.file)?;
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    check(&session, &signer, &draft)?;
    let plan = plan(&session, &draft, args.quantity).await?;
    let answer = carry_out(context, &session, &signer, &args.sign, plan).await?;
    Ok(match made(&answer) {
        Some(contract) => {
            let text = format!("\ncontract {contract}");
            answer.with("contract", &contract).with_text(&text)
        }
        None => answer,
    })
}

/// Refuses what could only cost a fee.
fn check(session: &Session, signer: &Signer, draft: &QuoteDraft) -> Result<(), Failure> {
    let quote: &Quote = &draft.signed.quote;
    let refused =
        |code: &'static str, message: String| Err(Failure::new(Exit::Rejected, code, message));
    if draft.chain() != session.status.value.chain.0 {
        let message = format!("the quote is for chain {}", draft.chain());
        return Err(Failure::new(Exit::Network, "WRONG_NETWORK", message));
    }
    if draft.signed.witnesses.is_empty() {
        return refused("QUOTE_NOT_SIGNED", "nobody has signed the quote yet".to_owned());
    }
    if quote.maker == signer.account {
        let message = format!("the quote is your own ({}): somebody else accepts it", signer.name);
        return refused("SELF_TRADE", message);
    }
    if let Some(taker) = quote.taker.filter(|taker| *taker != signer.account) {
        let taker = session.address(taker);
        return refused("NOT_QUOTED", format!("the quote is for {taker}, not {}", signer.name));
    }
    if quote.expires <= session.time() {
        let expired = when::show(quote.expires.0);
        return refused("QUOTE_ENDED", format!("the quote has expired: {expired}"));
    }
    Ok(())
}

async fn plan(
    session: &Session,
    draft: &QuoteDraft,
    quantity: Option<u64>,
) -> Result<Plan, Failure> {
    let quote = &draft.signed.quote;
    let (side, capacity) = offer(&quote.offer);
    let market = market(session, capacity).await?;
    let quantity = quantity.map_or(capacity.quantity, Quantity);
    check_steps(session, &market, quantity, capacity.price)?;
    let (slots, cost) = cost(&market, capacity, quantity)?;
    let unit = escape(&market.unit);
    let maker = session.address(quote.maker).to_string();
    let window = shown_window(window_view(capacity.window));
    let (action, needed, total) = match quote.offer {
        Offer::Sell(_) => ("accept a quote and buy", cost, "set aside"),
        Offer::Buy(_) => ("accept a quote and sell", Amount::ZERO, "set aside by the buyer"),
    };
    let mut facts = vec![
        ("quote", quote.id().to_string()),
        ("maker", format!("{} {side}", grouped(&maker))),
        ("quantity", format!("{quantity} {unit} in market {}", escape(&market.name))),
        ("price", format!("{} for one {unit} and slot", session.show_price(capacity.price))),
        ("amount", format!("{} ({total})", session.show(cost))),
        ("window", format!("{window} ({slots} slots)")),
    ];
    facts.extend(super::kind(quote.conditions.kind));
    // What the maker says of it is shown, and accepted.
    let conditions = Conditions { kind: quote.conditions.kind };
    let quote = Box::new(draft.signed.clone());
    let operations = vec![Operation::QuoteAccept { quote, quantity, conditions }];
    Ok(Plan { operations, action, facts, needed, makes: None })
}

/// The contract that came of it, as the receipt says.
fn made(answer: &Answer) -> Option<String> {
    let events = answer.field("events")?.as_array()?;
    let accepted = events.iter().find(|event| event["type"] == "quote_accepted")?;
    accepted["contract"].as_str().map(escape)
}
