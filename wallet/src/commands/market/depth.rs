//! `tally market depth`: the book of a market, summed up: as a ladder of prices for one window, or level by level.

use chain::quantity::Price;
use clap::Args;
use rpc::methods::{DepthBy, MarketDepth, MarketGet};
use rpc::types::{DepthView, LevelView, MarketView, WindowView};

use crate::commands::order;
use crate::context::{Context, Session};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::{escape, table};
use crate::watch::{WatchArgs, watched};
use crate::when;
use crate::window::WindowArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  tally market depth cpu
  tally market depth cpu --from +0slots --slots 24
  tally market depth cpu --from 2026-11-28T00:00Z --to 2026-11-29T00:00Z --watch

With a window: what is on offer for the whole of it, and what is needed in it,
price by price. Without: every window that somebody asks or bids for.";

/// What a quantity of zero means.
const SOLD_IN_PART: &str =
    "   0: none is free in every slot; 'tally order show ORDER' says which are sold\n";

/// The arguments of `market depth`.
#[derive(Debug, Args)]
pub(crate) struct DepthArgs {
    /// The market's name
    market: String,
    #[command(flatten)]
    window: WindowArgs,
    #[command(flatten)]
    watch: WatchArgs,
}

/// Runs `tally market depth`.
pub(super) async fn run(
    context: &Context,
    session: &Session,
    args: DepthArgs,
) -> Result<Answer, Failure> {
    let DepthArgs { market, window, watch } = args;
    let answer = session.client.call(MarketGet { market: market.clone() }).await?;
    let view = &answer.value;
    let window = if window.is_empty() { None } else { Some(window.resolve(session.time(), view)?) };
    let window = window.map(order::window_view);
    let by = if window.is_some() { DepthBy::Price } else { DepthBy::Window };
    watched(context, session, watch, async || {
        let question = MarketDepth { market: market.clone(), window, by };
        let depth = session.client.call(question).await?;
        let text = match window {
            Some(window) => ladder(session, view, window, &depth),
            None => levels(session, &depth),
        };
        Ok(Answer::new(&depth, text))
    })
    .await
}

/// The prices of a window, the highest on top: asks, then bids, the best of both in the middle.
fn ladder(session: &Session, market: &MarketView, window: WindowView, depth: &DepthView) -> String {
    let slots = window.end.saturating_sub(window.start).checked_div(market.slot_ms).unwrap_or(0);
    let title = format!(
        "{}: {} for each of {slots} slots\n{}\n",
        escape(&market.name),
        escape(&market.unit),
        between(window)
    );
    if depth.asks.is_empty() && depth.bids.is_empty() {
        return title + "nothing is on offer for this window, and nothing is needed in it";
    }
    let rungs = |levels: &[LevelView], side: &str| {
        let mut all = 0_u64;
        let rung = |level: &LevelView| {
            all = all.saturating_add(level.quantity);
            vec![
                side.to_owned(),
                session.show_price(level.price.0),
                level.quantity.to_string(),
                all.to_string(),
                level.orders.to_string(),
            ]
        };
        levels.iter().map(rung).collect::<Vec<_>>()
    };
    let (mut asks, bids) = (rungs(&depth.asks, "ask"), rungs(&depth.bids, "bid"));
    asks.reverse();
    let middle = match (depth.asks.first(), depth.bids.first()) {
        (Some(ask), Some(bid)) if ask.price > bid.price => {
            let apart = ask.price.0.0.saturating_sub(bid.price.0.0);
            vec![vec!["".to_owned(), format!("{} apart", session.show_price(Price(apart)))]]
        }
        _ => Vec::new(),
    };
    let rows = asks.into_iter().chain(middle).chain(bids).collect();
    let headers = ["", "PRICE", "QUANTITY", "UP TO HERE", "ORDERS"];
    let truncated = if depth.truncated { "\nthere is more than is shown" } else { "" };
    format!("{title}{}{truncated}", table(&headers, rows, ""))
}

/// A window in UTC, and in the time of this place where that is another.
fn between(window: WindowView) -> String {
    let utc = format!("{} to {}", when::show(window.start), when::show(window.end));
    match (when::show_local(window.start), when::show_local(window.end)) {
        (Some(start), Some(end)) => format!("{utc}\n{start} to {end} here"),
        _ => utc,
    }
}

fn levels(session: &Session, depth: &DepthView) -> String {
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
