//! `tally order`: needs and offers of your own.

mod change;
mod explain;
pub(super) mod filters;
mod place;
mod quote;
pub(super) mod says;
pub(super) mod steps;

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::operation::Operation;
use chain::quantity::{Price, Quantity};
use chain::time::Window;
use clap::{Args, Subcommand};
use rpc::methods::{OrderGet, OrderList, OrderListHistory, SideName};
use rpc::types::{
    ConditionsView, FillRuleView, Limit, ObjectStatus, OrderDetailView, OrderView, SideView,
    TimeInForceView, WindowView,
};

pub(crate) use self::place::PlaceCommand;
use crate::args::{AccountArgs, ListArgs, SignArgs, object_id};
use crate::commands::life::{self, LifeArgs};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, facts, listing};
use crate::when;

/// Needs and offers of your own
#[derive(Debug, Subcommand)]
pub(crate) enum OrderCommand {
    /// Place an order
    #[command(subcommand)]
    Place(PlaceCommand),
    /// Say what an order would get and cost
    #[command(subcommand)]
    Quote(quote::QuoteCommand),
    /// Take back what is left of an order
    Cancel {
        /// The order
        #[arg(value_parser = object_id)]
        order: ObjectId,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// Change the quantity or the price of an order
    #[command(after_help = change::AMEND_EXAMPLES)]
    Amend(change::AmendArgs),
    /// Take back what is left of all your orders, or of those in a market
    CancelAll(change::CancelAllArgs),
    /// Set a time at which all your orders end
    #[command(after_help = change::CANCEL_AT_EXAMPLES)]
    CancelAt(change::CancelAtArgs),
    /// List the open orders of an account
    List {
        #[command(flatten)]
        of: AccountArgs,
        /// Only those in this market
        #[arg(long, value_name = "NAME")]
        market: Option<String>,
        #[command(flatten)]
        side: SideArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show an order, also after its end
    Show {
        /// The order
        #[arg(value_parser = object_id)]
        order: ObjectId,
    },
    /// List what happened to an order, the first first
    History(LifeArgs),
    /// Say why an order does not trade, and what to do about it
    #[command(after_help = explain::EXAMPLES)]
    Explain {
        /// The order
        #[arg(value_parser = object_id)]
        order: ObjectId,
    },
}

/// Which side is meant.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct SideArgs {
    /// Only bids
    #[arg(long, conflicts_with = "asks")]
    bids: bool,
    /// Only asks
    #[arg(long)]
    asks: bool,
}

impl SideArgs {
    /// The side, if one is meant.
    pub(super) const fn name(self) -> Option<SideName> {
        match (self.bids, self.asks) {
            (true, _) => Some(SideName::Bid),
            (_, true) => Some(SideName::Ask),
            (false, false) => None,
        }
    }
}

/// Runs `tally order`.
pub(super) async fn run(context: &Context, command: OrderCommand) -> Result<Answer, Failure> {
    match command {
        OrderCommand::Place(command) => place::run(context, command).await,
        OrderCommand::Quote(command) => quote::run(context, command).await,
        OrderCommand::History(args) => history(context, args).await,
        OrderCommand::Explain { order } => explain::run(context, order).await,
        OrderCommand::Cancel { order, sign } => cancel(context, order, &sign).await,
        OrderCommand::Amend(args) => change::amend(context, args).await,
        OrderCommand::CancelAll(args) => change::cancel_all(context, args).await,
        OrderCommand::CancelAt(args) => change::cancel_at(context, args).await,
        OrderCommand::List { of, market, side, list } => {
            self::list(context, &of, (market, side), list).await
        }
        OrderCommand::Show { order } => {
            let session = context.connect(Trust::Pinned).await?;
            let answer = session.client.call(OrderGet { order: order.into() }).await?;
            Ok(Answer::new(&answer, facts(&shown(&session, &answer.value))))
        }
    }
}

async fn cancel(context: &Context, order: ObjectId, sign: &SignArgs) -> Result<Answer, Failure> {
    let signer = context.signer(sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let view = session.client.call(OrderGet { order: order.into() }).await?.value;
    let facts = vec![("order", order.to_string()), ("terms", summary(&session, &view.order))];
    let operations = vec![Operation::OrderCancel { order }];
    let plan =
        Plan { operations, action: "cancel an order", facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, sign, plan).await
}

async fn history(context: &Context, args: LifeArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let (order, limit) = (args.object.into(), Limit::new(args.list.limit).unwrap_or_default());
    let owner = session.client.call(OrderGet { order }).await?.value.order.owner;
    let question = OrderListHistory { order, cursor: args.list.cursor, limit };
    let page = session.client.call(question).await?;
    Ok(life::answer(&session, owner.0.account, &page))
}

async fn list(
    context: &Context,
    of: &AccountArgs,
    (market, side): (Option<String>, SideArgs),
    list: ListArgs,
) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let account = super::account_or_own(context, &session, of)?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let side = side.name();
    let question = OrderList { account, market, side, cursor: list.cursor, limit };
    let page = session.client.call(question).await?;
    let text = shown_list(&session, &page.items);
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

/// What a bid for so much sets aside.
pub(super) fn set_aside(price: Price, quantity: Quantity, slots: u64) -> Result<Amount, Failure> {
    Amount::cost(price, quantity, slots)
        .ok_or_else(|| Failure::usage("price times quantity times slots is larger than any amount"))
}

/// A window as the node is asked for it.
pub(super) const fn window_view(window: Window) -> WindowView {
    WindowView { start: window.start.0, end: window.end.0 }
}

/// Orders as a table.
pub(super) fn shown_list(session: &Session, orders: &[OrderView]) -> String {
    let row = |order: &OrderView| {
        let filled = match order.side {
            SideView::Bid { .. } => format!("{} of {}", order.filled, order.quantity),
            SideView::Ask { .. } => order.quantity.to_string(),
        };
        let cells = vec![
            side(&order.side).to_owned(),
            escape(&order.market_name),
            filled,
            shown_price(session, order),
            when::show(order.window.start),
            shown_length(order.window),
        ];
        (cells, vec![format!("order {}", order.order)])
    };
    let headers = ["SIDE", "MARKET", "QUANTITY", "LIMIT", "FROM", "FOR"];
    listing(&headers, orders.iter().map(row).collect(), "no open orders")
}

/// An order as facts.
pub(super) fn shown(session: &Session, detail: &OrderDetailView) -> Vec<(&'static str, String)> {
    let order = &detail.order;
    let mut lines = vec![
        ("order", order.order.to_string()),
        ("status", super::status(order.status, super::word(&order.reason).as_deref())),
        ("owner", order.owner.to_string()),
        ("side", side(&order.side).to_owned()),
        ("market", escape(&order.market_name)),
        ("quantity", order.quantity.to_string()),
        ("window", shown_window(order.window)),
        ("limit", session.show_price(order.limit.0)),
        ("stands", stands(&order.time_in_force)),
        ("placed", format!("in block {}", order.placed)),
    ];
    lines.extend(order.stretch.map(|stretch| ("stretch", session.show_price(stretch.0))));
    if order.grade > 0 {
        lines.push(("grade", order.grade.to_string()));
    }
    if let SideView::Bid { fill, sellers_max } = order.side {
        let sellers =
            sellers_max.map_or_else(|| "any".to_owned(), |most| format!("at most {most}"));
        lines.push(("filled", order.filled.to_string()));
        lines.push(("fill", self::fill(fill)));
        lines.push(("sellers", sellers));
    }
    if let SideView::Ask { host: Some(host) } = order.side {
        lines.push(("out of", format!("the pool of host {host}")));
    }
    lines.extend(filters::shown(&order.parties, &order.predicates));
    let ConditionsView { agreement, broker, user, .. } = order.conditions;
    lines.extend(says::people(agreement.map(|it| it.0), broker, user));
    lines.extend(order.hold.map(|hold| ("hold", hold.to_string())));
    lines.extend(order.standing.map(|standing| ("standing", standing.to_string())));
    let sold = detail.sold.iter();
    lines.extend(sold.map(|sold| {
        ("sold", format!("{} in each slot of {}", sold.quantity, shown_window(sold.window)))
    }));
    lines
}

/// What has become of an order, in a few words.
pub(super) fn fate(detail: &OrderDetailView) -> String {
    let order = &detail.order;
    let traded = match order.side {
        SideView::Bid { .. } => format!("{} of {} filled", order.filled, order.quantity),
        SideView::Ask { .. } if detail.sold.is_empty() => "nothing sold yet".to_owned(),
        SideView::Ask { .. } => {
            let most = detail.sold.iter().map(|sold| sold.quantity).max().unwrap_or(0);
            format!("up to {most} of {} sold", order.quantity)
        }
    };
    match order.status {
        ObjectStatus::Open => format!("open, {traded}"),
        ended => {
            format!("{}, {traded}", super::status(ended, super::word(&order.reason).as_deref()))
        }
    }
}

fn summary(session: &Session, order: &OrderView) -> String {
    format!(
        "{} {} in {} at {}, {}",
        side(&order.side),
        order.quantity,
        escape(&order.market_name),
        shown_price(session, order),
        shown_window(order.window)
    )
}

/// The limit, and the stretch where there is one.
fn shown_price(session: &Session, order: &OrderView) -> String {
    prices(session, order.limit.0, order.stretch.map(|stretch| stretch.0))
}

/// A limit, and a stretch where there is one.
pub(super) fn prices(session: &Session, limit: Price, stretch: Option<Price>) -> String {
    let limit = session.show_price(limit);
    match stretch {
        None => limit,
        Some(stretch) => format!("{limit} to {}", session.show_price(stretch)),
    }
}

pub(super) const fn side(side: &SideView) -> &'static str {
    match side {
        SideView::Bid { .. } => "bid",
        SideView::Ask { .. } => "ask",
    }
}

fn fill(fill: FillRuleView) -> String {
    match fill {
        FillRuleView::AllOrNone => "all or none".to_owned(),
        FillRuleView::AtLeast { quantity: 0 } => "any part".to_owned(),
        FillRuleView::AtLeast { quantity } => format!("at least {quantity}"),
    }
}

fn stands(time_in_force: &TimeInForceView) -> String {
    match time_in_force {
        TimeInForceView::ImmediateOrCancel => "for one block (immediate or cancel)".to_owned(),
        TimeInForceView::Until { time } => format!("until {}", when::show(*time)),
    }
}

/// A window for people.
pub(super) fn shown_window(window: WindowView) -> String {
    format!("{} to {}", when::show(window.start), when::show(window.end))
}

/// How long a window is, for people.
pub(super) fn shown_length(window: WindowView) -> String {
    when::show_span(window.end.saturating_sub(window.start))
}
