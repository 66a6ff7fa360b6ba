//! `tally order quote`: what an order would get and cost, before it is placed.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::operation::OrderPlace;
use clap::{Args, Subcommand};
use rpc::canonical::Canonical;
use rpc::methods::{MarketGet, OrderQuote};
use rpc::types::{AtTip, OrderQuoteView, QuotedFillView, SideView};

use super::explain;
use super::place::{AskTermsArgs, BidTermsArgs, Terms, order_of};
use crate::args::AccountArgs;
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::{facts, table};

const EXAMPLES: &str = "\
Examples:
  tally order quote bid cpu --quantity 8 --price 50utly --from +2slots --slots 6
  tally order quote ask gpu --quantity 2 --price 90utly --from +1slots --slots 9

Nothing is signed or sent. The answer is what the next block would do if nothing
else were in it.";

/// What an order would get and cost
#[derive(Debug, Subcommand)]
pub(crate) enum QuoteCommand {
    /// What a bid would get, at which price
    #[command(after_help = EXAMPLES)]
    Bid(QuoteBidArgs),
    /// What an ask would sell, at which price
    #[command(after_help = EXAMPLES)]
    Ask(QuoteAskArgs),
}

/// The arguments of `order quote bid`.
#[derive(Debug, Args)]
pub(crate) struct QuoteBidArgs {
    #[command(flatten)]
    bid: BidTermsArgs,
    #[command(flatten)]
    of: OwnerArgs,
}

/// The arguments of `order quote ask`.
#[derive(Debug, Args)]
pub(crate) struct QuoteAskArgs {
    #[command(flatten)]
    ask: AskTermsArgs,
    #[command(flatten)]
    of: OwnerArgs,
}

/// Whose order it would be: own orders do not trade with one another.
#[derive(Debug, Args)]
pub(crate) struct OwnerArgs {
    /// Whose order it would be: an address, a name or a key [default: the key that would sign]
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

/// Runs `tally order quote`.
pub(super) async fn run(context: &Context, command: QuoteCommand) -> Result<Answer, Failure> {
    let (terms, of) = match &command {
        QuoteCommand::Bid(args) => (Terms::Bid(&args.bid), &args.of),
        QuoteCommand::Ask(args) => (Terms::Ask(&args.ask), &args.of),
    };
    let session = context.connect(Trust::Pinned).await?;
    let of = AccountArgs { account: of.account.clone(), key: None };
    let account = super::super::account_or_own(context, &session, &of)?;
    let market = terms.common().market.clone();
    let market = session.client.call(MarketGet { market }).await?.value;
    let filters = terms.says().filters(context, &session, &market)?;
    let conditions = terms.conditions(context, &session)?;
    let place = order_of(&session, &market, terms, (filters, conditions))?;
    let quote = ask(&session, account.0.account, &place).await?;
    Ok(Answer::new(&quote, shown(&session, &place.side.into(), &quote.value)))
}

/// Asks the node.
pub(super) async fn ask(
    session: &Session,
    owner: AccountId,
    place: &OrderPlace,
) -> Result<AtTip<OrderQuoteView>, Failure> {
    let order = Canonical(place.clone()).into();
    Ok(session.client.call(OrderQuote { account: session.address(owner), order }).await?)
}

/// What an order would get now, in a few words.
pub(super) fn in_short(session: &Session, side: &SideView, quote: &OrderQuoteView) -> String {
    if let Some(not) = &quote.why_not {
        return format!("nothing: {}", explain::reason(session, side, &not.why));
    }
    format!("{} of {} for {}", quote.filled, quote.quantity, session.show(quote.total.0))
}

fn shown(session: &Session, side: &SideView, quote: &OrderQuoteView) -> String {
    let mut lines = vec![("now", in_short(session, side, quote))];
    let mut line = |name, amount: Amount, what: &str| {
        if !amount.is_zero() {
            lines.push((name, format!("{}{what}", session.show(amount))));
        }
    };
    if matches!(side, SideView::Bid { .. }) {
        line("set aside", quote.hold.0, ", of which what it does not cost returns");
    }
    line("deposit", quote.deposit.0, " (returned at the end)");
    line("fee", quote.fee.0, "");
    let payer = if matches!(side, SideView::Ask { .. }) {
        " (of what you are paid)"
    } else {
        " (the seller's)"
    };
    line("commission", quote.commission.0, payer);
    let row = |fill: &QuotedFillView| {
        vec![
            fill.quantity.to_string(),
            session.show_price(fill.price.0),
            fill.slots.to_string(),
            session.show(fill.total.0),
            fill.owner.to_string(),
        ]
    };
    let whom = if matches!(side, SideView::Ask { .. }) { "TO" } else { "FROM" };
    let rows: Vec<_> = quote.fills.iter().map(row).collect();
    let headers = ["QUANTITY", "PRICE", "SLOTS", "TOTAL", whom];
    let below = match &quote.why_not {
        Some(not) => explain::funnel(side, &not.passed),
        None => table(&headers, rows, ""),
    };
    format!("{}\n{below}", facts(&lines))
}
