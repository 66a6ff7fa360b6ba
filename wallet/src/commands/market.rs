//! `tally market`: what is traded, and at which prices.

use clap::{Args, Subcommand};
use rpc::methods::{MarketDepth, MarketGet, MarketList, MarketOrders};
use rpc::types::{DepthView, LevelView, Limit, MarketView, SchemaEntryView};

use crate::args::ListArgs;
use crate::attribute::shown_kind;
use crate::commands::order;
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::{escape, facts, table};
use crate::when;
use crate::window::WindowArgs;

const DEPTH_EXAMPLES: &str = "\
Examples:
  tally market depth cpu
  tally market depth cpu --from +0slots --slots 24
  tally market depth cpu --from 2026-11-28T00:00Z --to 2026-11-29T00:00Z";

/// What a quantity of zero means.
const SOLD_IN_PART: &str =
    "   0: none is free in every slot; 'tally order show ORDER' says which are sold\n";

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
    /// Show what stands in a market's book, summed up by window and price
    #[command(after_help = DEPTH_EXAMPLES)]
    Depth(DepthArgs),
    /// List the open orders of a market
    Orders {
        /// The market's name
        market: String,
        #[command(flatten)]
        list: ListArgs,
    },
}

/// The arguments of `market depth`.
#[derive(Debug, Args)]
pub(crate) struct DepthArgs {
    /// The market's name
    market: String,
    #[command(flatten)]
    window: WindowArgs,
}

/// Runs `tally market`.
pub(super) async fn run(context: &Context, command: MarketCommand) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    match command {
        MarketCommand::List => list(&session).await,
        MarketCommand::Show { market } => show(&session, market).await,
        MarketCommand::Depth(args) => depth(&session, args).await,
        MarketCommand::Orders { market, list } => orders(&session, market, list).await,
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
    let lines: Vec<(&str, String)> = lines.into_iter().chain(grades).collect();
    let kind = |entry: &SchemaEntryView| vec![escape(&entry.key), shown_kind(&entry.kind)];
    let kinds = market.attributes.iter().map(kind).collect();
    let text = facts(&lines) + "\n" + &table(&["ATTRIBUTE", "VALUE"], kinds, "no attributes\n");
    Ok(Answer::new(&answer, text))
}

/// Where between ask and bid a match is priced; `bps` are basis points from the ask.
fn between_ask_and_bid(bps: u64) -> String {
    match bps {
        0 => "the ask's".to_owned(),
        5_000 => "halfway between ask and bid".to_owned(),
        10_000 => "the bid's".to_owned(),
        _ => format!("{}.{:02} % of the way from ask to bid", bps / 100, bps % 100),
    }
}

async fn depth(session: &Session, args: DepthArgs) -> Result<Answer, Failure> {
    let window = if args.window.is_empty() {
        None
    } else {
        let market = session.client.call(MarketGet { market: args.market.clone() }).await?;
        Some(args.window.resolve(session.time(), &market.value)?)
    };
    let question = MarketDepth { market: args.market, window: window.map(order::window_view) };
    let depth = session.client.call(question).await?;
    Ok(Answer::new(&depth, shown_depth(session, &depth)))
}

fn shown_depth(session: &Session, depth: &DepthView) -> String {
    let row = |level: &LevelView| {
        vec![
            session.show_price(level.price.0),
            level.quantity.to_string(),
            level.orders.to_string(),
            when::show(level.window.start),
            when::show(level.window.end),
        ]
    };
    let side = |name: &str, levels: &[LevelView]| {
        let rows = levels.iter().map(row).collect();
        let headers = [name, "QUANTITY", "ORDERS", "FROM", "TO"];
        table(&headers, rows, &format!("{name}: none\n"))
    };
    let (asks, bids) = (side("ASKS", &depth.asks), side("BIDS", &depth.bids));
    let sold = depth.asks.iter().any(|level| level.quantity == 0);
    let remark = if sold { SOLD_IN_PART } else { "" };
    let truncated = if depth.truncated { "\nthere is more than is shown" } else { "" };
    format!("{asks}{remark}\n{bids}{truncated}")
}

async fn orders(session: &Session, market: String, list: ListArgs) -> Result<Answer, Failure> {
    let limit = Limit::new(list.limit).unwrap_or_default();
    let question = MarketOrders { market, cursor: list.cursor, limit };
    let page = session.client.call(question).await?;
    let text = order::shown_list(session, &page.items);
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}
