//! `tally order amend | cancel-all | cancel-at`: other terms for an order, and an end for many.

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::market::MarketId;
use chain::operation::Operation;
use chain::order::CancelScope;
use chain::quantity::Quantity;
use chain::time::{Millis, Time, Window};
use clap::Args;
use rpc::methods::{MarketGet, OrderGet};
use rpc::types::{ObjectStatus, SideView};

use super::steps::{Figures, Towards, check_steps};
use super::{set_aside, shown_window, summary};
use crate::args::{AmountText, SignArgs, object_id};
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::escape;
use crate::when::{self, When};

pub(super) const AMEND_EXAMPLES: &str = "\
Examples:
  tally order amend ORDER --price 55utly
  tally order amend ORDER --quantity 80 --price 55utly
  tally order amend ORDER --stretch 60utly
  tally order amend ORDER --price 58utly --no-stretch

An order keeps its place in the line when it asks for no more units and neither
its price nor its stretch is worse for the other side.";

pub(super) const CANCEL_AT_EXAMPLES: &str = "\
Examples:
  tally order cancel-at +1h     all your orders end in an hour, unless you set
                                another time before: a dead man's switch
  tally order cancel-at --never";

/// The arguments of `order amend`.
#[derive(Debug, Args)]
#[group(id = "terms", required = true, multiple = true, args = ["quantity", "price", "stretch", "no_stretch"])]
pub(crate) struct AmendArgs {
    /// The order
    #[arg(value_parser = object_id)]
    order: ObjectId,
    /// How many units in every slot, those traded before among them
    #[arg(long, value_name = "N")]
    quantity: Option<u64>,
    /// The price for one unit and slot, with its unit
    #[arg(long, value_name = "AMOUNT")]
    price: Option<AmountText>,
    /// How far to go beyond the price with what finds no match at it
    #[arg(long, value_name = "AMOUNT")]
    stretch: Option<AmountText>,
    /// Trade at the price alone
    #[arg(long, conflicts_with = "stretch")]
    no_stretch: bool,
    #[command(flatten)]
    sign: SignArgs,
}

/// The arguments of `order cancel-all`.
#[derive(Debug, Args)]
pub(crate) struct CancelAllArgs {
    /// Only those in this market
    #[arg(long, value_name = "MARKET")]
    market: Option<String>,
    /// Only bids
    #[arg(long, requires = "market", conflicts_with = "asks")]
    bids: bool,
    /// Only asks
    #[arg(long, requires = "market")]
    asks: bool,
    #[command(flatten)]
    sign: SignArgs,
}

/// The arguments of `order cancel-at`.
#[derive(Debug, Args)]
pub(crate) struct CancelAtArgs {
    /// When all your open orders end: a time, or a span from now on
    #[arg(required_unless_present = "never")]
    time: Option<When>,
    /// Let them stand
    #[arg(long, conflicts_with = "time")]
    never: bool,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally order amend`.
pub(super) async fn amend(context: &Context, args: AmendArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let order = session.client.call(OrderGet { order: args.order.into() }).await?.value.order;
    if order.status != ObjectStatus::Open {
        let status = crate::commands::status(order.status, None);
        let message = format!("the order is {status}");
        return Err(Failure::new(Exit::Rejected, "ORDER_UNKNOWN", message));
    }
    let quantity = Quantity(args.quantity.unwrap_or(order.quantity));
    let limit = match &args.price {
        Some(price) => session.price(price)?,
        None => order.limit.0,
    };
    let stretch = match &args.stretch {
        Some(stretch) => Some(session.price(stretch)?),
        None => order.stretch.map(|stretch| stretch.0).filter(|_| !args.no_stretch),
    };
    let market = session.client.call(MarketGet { market: order.market_name.clone() }).await?.value;
    let towards = Towards::of(&order.side);
    check_steps(&session, &market, &Figures { quantity, limit, stretch, towards })?;
    let slots = Window { start: Time(order.window.start), end: Time(order.window.end) }
        .slots(Millis(market.slot_ms))
        .unwrap_or(0);
    let needed = match order.side {
        SideView::Ask { .. } => Amount::ZERO,
        SideView::Bid { .. } => {
            let open = |quantity: u64| Quantity(quantity.saturating_sub(order.filled));
            let after = set_aside(stretch.unwrap_or(limit), open(quantity.0), slots)?;
            let price = order.stretch.unwrap_or(order.limit).0;
            let before = Amount::cost(price, open(order.quantity), slots);
            after.checked_sub(before.unwrap_or(Amount::ZERO)).unwrap_or(Amount::ZERO)
        }
    };
    let mut facts = vec![
        ("order", args.order.to_string()),
        ("terms", summary(&session, &order)),
        ("quantity", format!("{quantity} {} from now on", escape(&market.unit))),
        ("price", session.show_price(limit)),
        ("window", shown_window(order.window)),
    ];
    facts.extend(stretch.map(|stretch| ("stretch", session.show_price(stretch))));
    if !needed.is_zero() {
        facts.push(("amount", format!("{} more (set aside)", session.show(needed))));
    }
    let operations = vec![Operation::OrderAmend { order: args.order, quantity, limit, stretch }];
    let plan = Plan { operations, action: "amend an order", facts, needed, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

/// Runs `tally order cancel-all`.
pub(super) async fn cancel_all(context: &Context, args: CancelAllArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let scope = scope(&session, &args).await?;
    let which = match (&args.market, scope) {
        (None, _) => "all your open orders".to_owned(),
        (Some(market), CancelScope::Bids(_)) => format!("all your bids in {}", escape(market)),
        (Some(market), CancelScope::Asks(_)) => format!("all your asks in {}", escape(market)),
        (Some(market), _) => format!("all your orders in {}", escape(market)),
    };
    let facts = vec![("which", which)];
    let operations = vec![Operation::OrderCancelAll { scope }];
    let plan =
        Plan { operations, action: "cancel orders", facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

async fn scope(session: &Session, args: &CancelAllArgs) -> Result<CancelScope, Failure> {
    let Some(market) = &args.market else { return Ok(CancelScope::All) };
    let market = session.client.call(MarketGet { market: market.clone() }).await?.value;
    let market = MarketId(market.market);
    Ok(match (args.bids, args.asks) {
        (true, _) => CancelScope::Bids(market),
        (false, true) => CancelScope::Asks(market),
        (false, false) => CancelScope::Market(market),
    })
}

/// Runs `tally order cancel-at`.
pub(super) async fn cancel_at(context: &Context, args: CancelAtArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let time = args.time.map(|time| time.resolve(session.time(), None)).transpose()?;
    let until = time.map_or_else(
        || "they stand until they end by themselves".to_owned(),
        |time| format!("all your open orders end {}", when::show(time.0)),
    );
    let facts = vec![("orders", until)];
    let operations = vec![Operation::CancelAt { time }];
    let action = "set when orders end";
    let plan = Plan { operations, action, facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}
