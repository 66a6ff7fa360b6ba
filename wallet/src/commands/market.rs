//! `tally market`: what is traded, and at which prices.

mod depth;
mod past;

use clap::Subcommand;
use rpc::methods::{MarketGet, MarketList, MarketOrders};
use rpc::types::{Limit, MarketStatusView, MarketView, SchemaEntryView};

use crate::args::ListArgs;
use crate::attribute::shown_kind;
use crate::commands::order;
use crate::commands::verify::market::{self as verify, MarketVerifyArgs};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::{escape, facts, table};
use crate::when;

const VERIFY_EXAMPLES: &str = "\
Examples:
  tally market verify cpu
  tally market verify cpu --height 4711 --output json";

/// What is traded, and at which prices
#[derive(Debug, Subcommand)]
pub(crate) enum MarketCommand {
    /// List the markets
    List,
    /// Show a market's unit, slots and steps
    Show {
        /// The market's name
        market: String,
    },
    /// Show what stands in a market's book, summed up by price
    #[command(after_help = depth::EXAMPLES)]
    Depth(depth::DepthArgs),
    /// Work a block's match out again from what is proved of it, trusting no node
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(MarketVerifyArgs),
    /// List the open orders of a market, one by one
    #[command(visible_alias = "orders")]
    Book {
        /// The market's name
        market: String,
        #[command(flatten)]
        side: order::SideArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// List what was traded, the last first
    Trades(past::TradesArgs),
    /// Show prices and volume hour by hour, or in other spans, the last first
    #[command(after_help = past::PRICES_EXAMPLES)]
    Prices(past::PricesArgs),
}

/// Runs `tally market`.
pub(super) async fn run(context: &Context, command: MarketCommand) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    match command {
        MarketCommand::Verify(args) => verify::run(context, &session, args).await,
        MarketCommand::List => list(&session).await,
        MarketCommand::Show { market } => show(&session, market).await,
        MarketCommand::Depth(args) => depth::run(context, &session, args).await,
        MarketCommand::Book { market, side, list } => orders(&session, market, side, list).await,
        MarketCommand::Trades(args) => past::trades(context, &session, args).await,
        MarketCommand::Prices(args) => past::prices(context, &session, args).await,
    }
}

async fn list(session: &Session) -> Result<Answer, Failure> {
    let page = session.client.call(MarketList {}).await?;
    let row = |market: &MarketView| {
        vec![
            escape(&market.name),
            escape(&market.unit),
            when::show_span(market.slot_ms),
            market.lot.to_string(),
            session.show_price(market.tick.0),
            market.quantity_min.to_string(),
        ]
    };
    let rows = page.items.iter().map(row).collect();
    let headers = ["MARKET", "UNIT", "SLOT", "LOT", "TICK", "SMALLEST"];
    Ok(Answer::new(&page, table(&headers, rows, "no markets")))
}

async fn show(session: &Session, market: String) -> Result<Answer, Failure> {
    let answer = session.client.call(MarketGet { market }).await?;
    let market = &answer.value;
    let unit = escape(&market.unit);
    let horizon = market.slot_ms.saturating_mul(market.horizon_slots);
    let lines = [
        ("market", escape(&market.name)),
        ("good", format!("one {unit} for a slot of {}", when::show_span(market.slot_ms))),
        ("lot", format!("{} {unit}", market.lot)),
        ("tick", session.show_price(market.tick.0)),
        ("smallest order", format!("{} {unit}", market.quantity_min)),
        ("horizon", format!("{} ({} slots)", when::show_span(horizon), market.horizon_slots)),
        ("lead", format!("{} before its window a bid must trade", when::show_span(market.lead_ms))),
        ("price", between_ask_and_bid(market.k_bps.into())),
    ];
    let grades: Vec<String> = market.grades.iter().map(|grade| escape(grade)).collect();
    let grades = (!grades.is_empty()).then(|| ("grades", grades.join(", ")));
    let closed = matches!(market.status, MarketStatusView::Closed);
    let closed = closed.then(|| ("status", "closed: it takes no orders".to_owned()));
    let lines: Vec<(&str, String)> = lines.into_iter().chain(grades).chain(closed).collect();
    let kind = |entry: &SchemaEntryView| vec![escape(&entry.key), shown_kind(&entry.kind)];
    let kinds = market.attributes.iter().map(kind).collect();
    let text = facts(&lines) + "\n" + &table(&["ATTRIBUTE", "VALUE"], kinds, "no attributes\n");
    Ok(Answer::new(&answer, text))
}

/// Where between ask and bid a match is priced; `bps` are basis points from the ask.
pub(super) fn between_ask_and_bid(bps: u64) -> String {
    match bps {
        0 => "the ask's".to_owned(),
        5_000 => "halfway between ask and bid".to_owned(),
        10_000 => "the bid's".to_owned(),
        _ => format!("{}.{:02} % of the way from ask to bid", bps / 100, bps % 100),
    }
}

async fn orders(
    session: &Session,
    market: String,
    side: order::SideArgs,
    list: ListArgs,
) -> Result<Answer, Failure> {
    let limit = Limit::new(list.limit).unwrap_or_default();
    let (side, cursor) = (side.name(), list.cursor);
    let question = MarketOrders { market, side, window: None, cursor, limit };
    let page = session.client.call(question).await?;
    let text = order::shown_list(session, &page.items);
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}
