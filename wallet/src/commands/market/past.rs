//! `tally market trades` and `tally market prices`: what was traded, and at which prices.

use clap::Args;
use rpc::methods::{HistoryOrder, MarketCandles, MarketTrades};
use rpc::types::{CandleView, IntervalView, Limit, TradeView};

use crate::args::ListArgs;
use crate::commands::{more, order};
use crate::context::{Context, Session};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::{listing, table};
use crate::watch::{WatchArgs, watched};
use crate::when::{self, When};

pub(super) const PRICES_EXAMPLES: &str = "\
Examples:
  tally market prices cpu
  tally market prices gpu --by day --limit 30

Prices are for one unit and slot, of whatever window was traded.";

/// The arguments of `market trades`.
#[derive(Debug, Args)]
pub(crate) struct TradesArgs {
    /// The market's name
    market: String,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    list: ListArgs,
}

/// The arguments of `market prices`.
#[derive(Debug, Args)]
pub(crate) struct PricesArgs {
    /// The market's name
    market: String,
    /// How long the spans are: minute, hour or day
    #[arg(
        long,
        value_name = "SPAN",
        value_enum,
        default_value = "hour",
        hide_possible_values = true
    )]
    by: Span,
    /// Leave out spans that begin before
    #[arg(long, value_name = "TIME")]
    from: Option<When>,
    /// Leave out spans that begin at this time or later
    #[arg(long, value_name = "TIME")]
    to: Option<When>,
    #[command(flatten)]
    watch: WatchArgs,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Span {
    Minute,
    Hour,
    Day,
}

/// Runs `tally market trades`.
pub(super) async fn trades(
    context: &Context,
    session: &Session,
    args: TradesArgs,
) -> Result<Answer, Failure> {
    let TradesArgs { market, watch, list } = args;
    let limit = Limit::new(list.limit).expect("the flag has the bounds of a limit");
    watched(context, session, watch, async || {
        let question = MarketTrades {
            market: market.clone(),
            from: None,
            until: None,
            order: HistoryOrder::NewestFirst,
            cursor: list.cursor.clone(),
            limit,
        };
        let page = session.client.call(question).await?;
        let rows = page.items.iter().map(|trade| shown_trade(session, trade)).collect();
        let headers = ["BLOCK", "TIME", "PRICE", "QUANTITY", "FROM", "FOR", "TOTAL"];
        let text = listing(&headers, rows, "nothing was traded yet");
        Ok(Answer::new(&page, text).with_text(&more(page.next_cursor.as_deref())))
    })
    .await
}

fn shown_trade(session: &Session, trade: &TradeView) -> (Vec<String>, Vec<String>) {
    let cells = vec![
        trade.height.to_string(),
        when::show(trade.time),
        session.show_price(trade.price.0),
        trade.quantity.to_string(),
        when::show(trade.window.start),
        order::shown_length(trade.window),
        session.show(trade.total.0),
    ];
    (cells, vec![format!("contract {}", trade.contract)])
}

/// Runs `tally market prices`.
pub(super) async fn prices(
    context: &Context,
    session: &Session,
    args: PricesArgs,
) -> Result<Answer, Failure> {
    let PricesArgs { market, by, from, to, watch, list } = args;
    let limit = Limit::new(list.limit).expect("the flag has the bounds of a limit");
    let time = |when: Option<When>| when.map(|when| when.resolve(session.time(), None)).transpose();
    let (from, to) = (time(from)?, time(to)?);
    let interval = match by {
        Span::Minute => IntervalView::Minute,
        Span::Hour => IntervalView::Hour,
        Span::Day => IntervalView::Day,
    };
    watched(context, session, watch, async || {
        let question = MarketCandles {
            market: market.clone(),
            interval,
            from_time: from.map(|time| time.0),
            until_time: to.map(|time| time.0),
            order: HistoryOrder::NewestFirst,
            cursor: list.cursor.clone(),
            limit,
        };
        let page = session.client.call(question).await?;
        let rows = page.items.iter().map(|candle| shown_candle(session, candle)).collect();
        let headers = ["SPAN", "FIRST", "HIGHEST", "LOWEST", "LAST", "UNITS x SLOTS", "TRADES"];
        let text = table(&headers, rows, "nothing was traded in this time");
        Ok(Answer::new(&page, text).with_text(&more(page.next_cursor.as_deref())))
    })
    .await
}

fn shown_candle(session: &Session, candle: &CandleView) -> Vec<String> {
    let price = |price: rpc::text::Text<chain::quantity::Price>| session.show_price(price.0);
    vec![
        when::show(candle.start),
        price(candle.open),
        price(candle.high),
        price(candle.low),
        price(candle.close),
        candle.volume.to_string(),
        candle.trades.to_string(),
    ]
}
