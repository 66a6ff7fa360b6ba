//! `tally order explain`: why an order does not trade, and what to do about it.

use chain::id::ObjectId;
use chain::quantity::Price;
use rpc::methods::OrderExplain;
use rpc::types::{ExplanationView, OrderView, PassedView, SideView, WhyView};

use super::{fill, shown_window, side};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::{escape, facts};

pub(crate) const EXAMPLES: &str = "\
Examples:
  tally order explain ORDER

The book is matched once more as it stands. An order that has ended is looked at
as if it were open.";

/// Runs `tally order explain`.
pub(super) async fn run(context: &Context, order: ObjectId) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let answer = session.client.call(OrderExplain { order: order.into() }).await?;
    Ok(Answer::new(&answer, shown(&session, &answer.value)))
}

fn shown(session: &Session, explanation: &ExplanationView) -> String {
    let ExplanationView { order, why, passed } = explanation;
    let state = super::super::status(order.status, super::super::word(&order.reason).as_deref());
    let mut lines = vec![
        ("order", order.order.to_string()),
        ("status", state),
        ("terms", terms(session, order)),
        ("reason", reason(session, &order.side, why)),
    ];
    lines.extend(what_to_do(session, order, why).map(|advice| ("to do", advice)));
    let counted = match why {
        WhyView::Filled | WhyView::SoldOut | WhyView::Over => String::new(),
        _ => format!("\n{}", funnel(&order.side, passed)),
    };
    facts(&lines) + &counted
}

fn terms(session: &Session, order: &OrderView) -> String {
    let terms = match order.side {
        SideView::Bid { fill: rule, .. } => format!(", {}", fill(rule)),
        SideView::Ask { .. } => String::new(),
    };
    format!(
        "{} {} in {} at {}, {}{terms}",
        side(&order.side),
        order.quantity,
        escape(&order.market_name),
        session.show_price(order.limit.0),
        shown_window(order.window)
    )
}

/// The reason in words; `side` is the order's.
pub(super) fn reason(session: &Session, side: &SideView, why: &WhyView) -> String {
    let is_bid = matches!(side, SideView::Bid { .. });
    let (others, price) =
        if is_bid { ("asks", "pays too little") } else { ("bids", "is too dear") };
    match why {
        WhyView::Filled => "it got everything it asked for".to_owned(),
        WhyView::SoldOut => "it has sold everything".to_owned(),
        WhyView::Trades { quantity } => {
            format!("it trades: the next block gives it {quantity}, if nothing else comes")
        }
        WhyView::Over => "its end has come: it can trade no more".to_owned(),
        WhyView::Waiting => "the work of a block ends before its turn comes".to_owned(),
        WhyView::Window { overlapping: 0 } => format!("there are no {others} for its window"),
        WhyView::Window { overlapping } if is_bid => {
            format!("no ask is for the whole of its window; {overlapping} for a part of it")
        }
        WhyView::Window { overlapping } => {
            format!("no bid fits into its window; {overlapping} overlap it")
        }
        WhyView::Grade { orders } if is_bid => format!("the grade of {orders} asks is too low"),
        WhyView::Grade { orders } => format!("its grade is too low for {orders} bids"),
        WhyView::Kind { orders } if is_bid => {
            format!("{orders} asks may be taken back, sooner than it accepts")
        }
        WhyView::Kind { orders } => {
            format!("{orders} bids do not accept that it may be taken back, or not so soon")
        }
        WhyView::Agreement { orders } if is_bid => {
            format!("{orders} asks want another agreement than the one it agrees to, if any")
        }
        WhyView::Agreement { orders } => format!("{orders} bids do not agree to its agreement"),
        WhyView::Party { orders } => {
            format!("{orders} {others} are its owner's, or one side does not admit the other")
        }
        WhyView::Host { orders } if is_bid => {
            format!("the hosts of {orders} asks lack something that it asks for")
        }
        WhyView::Host { orders } => format!("its host lacks something that {orders} bids ask for"),
        WhyView::Outranked { quantity } => {
            format!("others come first: {quantity} of what there is for it are theirs")
        }
        WhyView::Price { short } => format!("it {price}, by {}", session.show_price(short.0)),
        WhyView::Fill { short } if is_bid => {
            format!("{short} are missing of what it must have at once")
        }
        WhyView::Fill { short } => {
            format!("{short} are missing of what a bid must have at once")
        }
        WhyView::Sellers => "it would take more sellers than a bid accepts".to_owned(),
    }
}

/// What the owner may do, if there is anything.
fn what_to_do(session: &Session, order: &OrderView, why: &WhyView) -> Option<String> {
    let is_bid = matches!(order.side, SideView::Bid { .. });
    let market = escape(&order.market_name);
    Some(match why {
        WhyView::Filled | WhyView::SoldOut => return None,
        WhyView::Trades { .. } | WhyView::Waiting => "wait: it keeps its place".to_owned(),
        WhyView::Over => "place it anew for a later window".to_owned(),
        WhyView::Window { .. } if is_bid => {
            format!("ask for a window that is on offer: tally market depth {market}")
        }
        WhyView::Window { .. } => "wait for bids, or offer a longer window".to_owned(),
        WhyView::Grade { .. } if is_bid => "place it anew with a lower --grade".to_owned(),
        WhyView::Grade { .. } => "wait for bids of its grade".to_owned(),
        WhyView::Kind { .. } if is_bid => {
            "place it anew with --interruptible, or wait for firm asks".to_owned()
        }
        WhyView::Kind { .. } => "place it anew without --interruptible, or wait".to_owned(),
        WhyView::Agreement { .. } if is_bid => {
            "read the sellers' agreements, and place it anew with --agreement".to_owned()
        }
        WhyView::Agreement { .. } => "wait for bids that agree to it".to_owned(),
        WhyView::Party { .. } => "place it anew with other parties, or wait".to_owned(),
        WhyView::Host { .. } if is_bid => "place it anew and ask for less".to_owned(),
        WhyView::Host { .. } => "wait for bids that ask for less".to_owned(),
        WhyView::Outranked { .. } => "wait, or place it anew for another window".to_owned(),
        WhyView::Price { short } => {
            let limit = if is_bid {
                order.limit.0.0.saturating_add(short.0.0)
            } else {
                order.limit.0.0.saturating_sub(short.0.0)
            };
            let price = session.show_price(Price(limit));
            format!("tally order amend {} --price {price}", order.order)
        }
        WhyView::Fill { .. } if is_bid => {
            "place it anew for less, or with a smaller --min-fill".to_owned()
        }
        WhyView::Fill { .. } => "wait, or offer more".to_owned(),
        WhyView::Sellers if is_bid => "place it anew with more --max-sellers".to_owned(),
        WhyView::Sellers => "wait, or offer more".to_owned(),
    })
}

/// How far the orders of the other side come.
pub(super) fn funnel(side: &SideView, passed: &PassedView) -> String {
    let PassedView { orders, window, grade, kind, agreement, party, host, room, price } = *passed;
    let rows: [(u32, &str); 9] = match side {
        SideView::Bid { .. } => [
            (orders, "asks in the market"),
            (window, "for the whole window"),
            (grade, "of the grade or a higher one"),
            (kind, "that are as firm as it asks"),
            (agreement, "with no agreement but the one it agrees to"),
            (party, "of somebody it may trade with"),
            (host, "of a host that has what it asks for"),
            (room, "with something left"),
            (price, "at its price"),
        ],
        SideView::Ask { .. } => [
            (orders, "bids in the market"),
            (window, "within the window"),
            (grade, "for the grade or a lower one"),
            (kind, "that it is firm enough for"),
            (agreement, "that agree to its agreement, if it has one"),
            (party, "of somebody it may trade with"),
            (host, "that ask for nothing its host lacks"),
            (room, "for which something is left"),
            (price, "at its price"),
        ],
    };
    let width = rows.iter().map(|(count, _)| count.to_string().len()).max().unwrap_or(1);
    rows.iter().map(|(count, what)| format!("  {count:>width$} {what}\n")).collect()
}
