//! A market as a file says it: what it takes to add it, or to give one that is there other terms.

use std::collections::BTreeMap;
use std::path::Path;

use chain::attribute::{AttributeKind, Schema, SchemaEntry, Words};
use chain::market::{Market, MarketId, MarketStatus};
use chain::proposal::{Change, MarketChange};
use chain::quantity::{Price, Quantity};
use chain::time::Millis;
use chain::word::Word;
use rpc::methods::MarketList;
use rpc::types::{
    ChangeView, MarketStatusView, MarketTermsView, MarketView, NewMarketView, SchemaEntryView,
};
use serde::Deserialize;

use super::network;
use crate::args::AmountText;
use crate::attribute::shown_kind;
use crate::commands::market::between_ask_and_bid;
use crate::context::Session;
use crate::failure::Failure;
use crate::files;
use crate::text::escape;
use crate::transaction_file::translator;
use crate::when;

/// Bytes of a file that describes a market, at most.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// What the file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarketFile {
    name: String,
    unit: String,
    slot: String,
    lot: u64,
    tick: String,
    quantity_min: u64,
    horizon: String,
    lead: String,
    k_bps: u16,
    #[serde(default)]
    grades: Vec<String>,
    #[serde(default)]
    status: Status,
    #[serde(default)]
    attributes: BTreeMap<String, Attribute>,
}

/// What kind of value an attribute has, as a genesis file writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Attribute {
    Flag,
    Number(String),
    Word(Vec<String>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Open,
    Closed,
}

/// What the file at `path` changes, and the facts for a review.
pub(super) async fn change(
    session: &Session,
    path: &Path,
) -> Result<(Change, Vec<(&'static str, String)>), Failure> {
    let text = String::from_utf8(files::read_bounded(path, FILE_BYTES_MAX)?);
    let text = text.map_err(|_| invalid(path, "not text"))?;
    let file: MarketFile =
        toml::from_str(&text).map_err(|error| invalid(path, &error.to_string()))?;
    let tick: Result<AmountText, _> = file.tick.parse();
    let tick = session.price(&tick.map_err(|reason| invalid(path, &format!("tick: {reason}")))?)?;
    let market = market(&file, tick).map_err(|reason| invalid(path, &reason))?;
    let markets = session.client.call(MarketList {}).await?.items;
    let change = match markets.iter().find(|view| view.name == market.name) {
        None => MarketChange::Add(Box::new(market.clone())),
        Some(view) => {
            check_kept(&market, view).map_err(|reason| invalid(path, &reason))?;
            MarketChange::Set { market: MarketId(view.market), terms: market.terms() }
        }
    };
    let what = match &change {
        MarketChange::Add(_) => "add it",
        MarketChange::Set { .. } => "give it other terms",
    };
    let mut facts = vec![("market", escape(&market.name)), ("change", what.to_owned())];
    let change = Change::Market(change);
    let view = translator(session.network()).change(&change);
    facts.extend(shown(session, &view));
    Ok((change, facts))
}

/// The market that the file describes, within the bounds of markets.
fn market(file: &MarketFile, tick: Price) -> Result<Market, String> {
    let slot = when::span(&file.slot).map_err(|error| format!("slot: {error}"))?;
    let horizon = when::span(&file.horizon).map_err(|error| format!("horizon: {error}"))?;
    if !horizon.0.is_multiple_of(slot.0) {
        return Err("horizon: write a span of whole slots".to_owned());
    }
    let lead = if file.lead == "0s" { Ok(Millis(0)) } else { when::span(&file.lead) };
    let market = Market {
        name: file.name.clone(),
        unit: file.unit.clone(),
        slot,
        lot: Quantity(file.lot),
        tick,
        quantity_min: Quantity(file.quantity_min),
        horizon_slots: horizon.0 / slot.0,
        lead: lead.map_err(|error| format!("lead: {error}"))?,
        k_bps: file.k_bps,
        grades: file.grades.clone(),
        attributes: schema(file).ok_or("attributes: write tee = \"flag\", memory = { number = \"GiB\" } or os = { word = [\"linux\"] }")?,
        status: match file.status {
            Status::Open => MarketStatus::Open,
            Status::Closed => MarketStatus::Closed,
        },
    };
    if market.is_sound() {
        Ok(market)
    } else {
        Err("no market can be so: name, unit and grades are small letters, digits and '-'; lot and \
             tick are above zero; quantity_min is whole lots; lead is shorter than horizon; k_bps is \
             at most 10000"
            .to_owned())
    }
}

/// What bids may ask of hosts, as the file says.
fn schema(file: &MarketFile) -> Option<Schema> {
    let entry = |(key, kind): (&String, &Attribute)| {
        let kind = match kind {
            Attribute::Flag => AttributeKind::Flag,
            Attribute::Number(unit) => AttributeKind::Number { unit: unit.clone() },
            Attribute::Word(words) => {
                let words: Option<Vec<Word>> = words.iter().map(Word::new).collect();
                AttributeKind::Word { choices: Words::new(words?)? }
            }
        };
        Some(SchemaEntry { key: Word::new(key)?, kind })
    };
    let entries: Option<Vec<SchemaEntry>> = file.attributes.iter().map(entry).collect();
    Schema::new(entries?)
}

/// Checks that the file leaves alone what of a market never changes.
fn check_kept(market: &Market, view: &MarketView) -> Result<(), String> {
    let kept = [
        ("unit", market.unit == view.unit),
        ("slot", market.slot.0 == view.slot_ms),
        ("lot", market.lot.0 == view.lot),
        ("tick", market.tick == view.tick.0),
        ("grades", market.grades == view.grades),
        ("attributes", NewMarketView::from(market).attributes == view.attributes),
    ];
    match kept.into_iter().find(|(_, kept)| !kept) {
        Some((field, _)) => {
            Err(format!("{field}: it never changes, as orders and contracts depend on it"))
        }
        None => Ok(()),
    }
}

/// What a proposal makes of a market, for people.
pub(super) fn shown(session: &Session, change: &ChangeView) -> Vec<(&'static str, String)> {
    let (mut facts, terms, slot) = match change {
        ChangeView::MarketAdd { market } => {
            let mut facts = vec![
                ("unit", escape(&market.unit)),
                ("slot", when::show_span(market.slot_ms)),
                ("lot", market.lot.to_string()),
                ("tick", session.show_price(market.tick.0)),
            ];
            let grades: Vec<String> = market.grades.iter().map(|grade| escape(grade)).collect();
            facts.extend((!grades.is_empty()).then(|| ("grades", grades.join(", "))));
            facts.extend(market.attributes.iter().map(|SchemaEntryView { key, kind }| {
                ("attribute", format!("{}: {}", escape(key), shown_kind(kind)))
            }));
            (facts, market.terms, Some(market.slot_ms))
        }
        ChangeView::MarketSet { terms, .. } => (Vec::new(), *terms, None),
        other => return network::shown(session, other),
    };
    let MarketTermsView { quantity_min, horizon_slots, lead_ms, k_bps, status } = terms;
    let horizon = slot.map(|slot| when::show_span(slot.saturating_mul(horizon_slots)));
    let horizon = horizon.map(|span| format!("{span}, ")).unwrap_or_default();
    let status = match status {
        MarketStatusView::Open => "open",
        MarketStatusView::Closed => "closed: its orders end, its contracts go on",
    };
    facts.extend([
        ("smallest order", quantity_min.to_string()),
        ("horizon", format!("{horizon}{horizon_slots} slots")),
        ("lead", when::show_span(lead_ms)),
        ("price", between_ask_and_bid(k_bps.into())),
        ("status", status.to_owned()),
    ]);
    facts
}

fn invalid(path: &Path, reason: &str) -> Failure {
    Failure::usage(format!("{}: {reason}", path.display()))
        .hint("'tally propose market --help' shows what a file says")
}
