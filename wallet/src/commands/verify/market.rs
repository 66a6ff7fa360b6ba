//! `tally market verify`: a market's match in a block, worked out again from what is proved of it.

use chain::account::AccountId;
use chain::event::Event;
use chain::order::Side;
use clap::Args;
use rpc::text::{Address, Text};
use rpc::types::{OrderClosedView, PassView, SellersView};
use runtime::batch::Batch;
use serde_json::{Value, json};

use super::{Anchor, of_now};
use crate::context::{Context, Session};
use crate::failure::Failure;
use crate::output::Answer;
use crate::proof::{Auditor, Proven};
use crate::text::{escape, table};
use crate::when;

/// The arguments of `market verify`.
#[derive(Debug, Args)]
pub(crate) struct MarketVerifyArgs {
    /// The market's name
    market: String,
    /// The height of the block; the last block if left out. A node shows the last hundred or so
    #[arg(long, value_name = "HEIGHT")]
    height: Option<u64>,
}

/// Runs `tally market verify`.
pub(crate) async fn run(
    context: &Context,
    session: &Session,
    args: MarketVerifyArgs,
) -> Result<Answer, Failure> {
    let anchor = Anchor::of(context)?;
    let known = anchor.known(context)?;
    let mut auditor = Auditor::begin(session.client.clone(), anchor.chain, known).await?;
    let proven = auditor.batch(&args.market, args.height).await;
    anchor.keep(context, auditor.known())?;
    let proven = proven?;
    let answer = shown(&anchor, &auditor, &proven);
    Ok(if args.height.is_some() { answer } else { of_now(answer, &proven.header) })
}

fn shown(anchor: &Anchor, auditor: &Auditor, proven: &Proven<Batch>) -> Answer {
    let Batch { market, orders, events } = &proven.value;
    let bids = orders.iter().filter(|(_, order)| matches!(order.side, Side::Bid(_))).count();
    let asks = orders.len() - bids;
    let count = |of: fn(&Event) -> bool| events.iter().filter(|event| of(event)).count();
    let trades = count(|event| matches!(event, Event::Matched { .. }));
    let ended = count(|event| matches!(event, Event::OrderClosed { .. }));
    let lines = vec![
        ("market", format!("{}, {}", escape(&market.name), escape(&market.unit))),
        (
            "found",
            format!("{}, {}: all there were", many(bids, "open bid"), many(asks, "open ask")),
        ),
        (
            "match",
            format!(
                "{}, {} ended: the same when worked out again",
                many(trades, "trade"),
                many(ended, "order")
            ),
        ),
    ];
    let document = json!({
        "market": market.name,
        "bids": bids,
        "asks": asks,
        "cells": documents(auditor, events),
        "ended": events.iter().filter_map(ending).collect::<Vec<_>>(),
    });
    let cells = table(&HEADERS, rows(auditor, events), "");
    let answer = anchor.answer(proven, lines, &document);
    if cells.is_empty() { answer } else { answer.with_text(&format!("\n{cells}")) }
}

/// So many of them, in words.
fn many(count: usize, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

const HEADERS: [&str; 5] = ["PRICE", "QUANTITY", "TRADES", "FROM", "TO"];

/// The cells that cleared, each with its trades.
fn cells(events: &[Event]) -> Vec<(&Event, Vec<&Event>)> {
    let mut cells: Vec<(&Event, Vec<&Event>)> = Vec::new();
    for event in events {
        match event {
            Event::CellCleared { .. } => cells.push((event, Vec::new())),
            Event::Matched { .. } => cells.last_mut().into_iter().for_each(|it| it.1.push(event)),
            _ => {}
        }
    }
    cells
}

fn rows(auditor: &Auditor, events: &[Event]) -> Vec<Vec<String>> {
    let row = |(cell, trades): (&Event, Vec<&Event>)| {
        let Event::CellCleared { window, price, quantity, .. } = cell else { return None };
        Some(vec![
            format!("{price}{}", auditor.charter().token.base_unit()),
            quantity.to_string(),
            trades.len().to_string(),
            when::show(window.start.0),
            when::show(window.end.0),
        ])
    };
    cells(events).into_iter().filter_map(row).collect()
}

fn documents(auditor: &Auditor, events: &[Event]) -> Vec<Value> {
    let network = auditor.charter().network;
    let at = |account: &AccountId| Text(Address { network, account: *account });
    let trade = |event: &&Event| {
        let Event::Matched { contract, bid, ask, buyer, seller, quantity, total, .. } = *event
        else {
            return None;
        };
        Some(json!({
            "contract": Text(*contract),
            "bid": Text(*bid),
            "ask": Text(*ask),
            "buyer": at(buyer),
            "seller": at(seller),
            "quantity": quantity.0,
            "total": Text(*total),
        }))
    };
    let cell = |(cell, trades): (&Event, Vec<&Event>)| {
        let Event::CellCleared { window, grade, price, quantity, kind, .. } = cell else {
            return None;
        };
        let Event::CellCleared { parties, predicates, bidder, sellers, pass, .. } = cell else {
            return None;
        };
        Some(json!({
            "window": { "start": window.start.0, "end": window.end.0 },
            "grade": grade.0,
            "parties": parties.map(Text),
            "predicates": predicates.map(Text),
            "notice_ms": kind.notice().map(|notice| notice.0),
            "bidder": bidder.as_ref().map(at),
            "sellers": SellersView::from(*sellers),
            "pass": PassView::from(*pass),
            "price": Text(*price),
            "quantity": quantity.0,
            "trades": trades.iter().filter_map(trade).collect::<Vec<_>>(),
        }))
    };
    cells(events).into_iter().filter_map(cell).collect()
}

fn ending(event: &Event) -> Option<Value> {
    let Event::OrderClosed { order, filled, reason, .. } = event else { return None };
    let reason = OrderClosedView::from(*reason);
    Some(json!({ "order": Text(*order), "filled": filled.0, "reason": reason }))
}
