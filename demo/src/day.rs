//! The day to play: who takes part, what they offer, need and pay for. Read from a file people write.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use chain::amount::Amount;
use chain::time::Millis;
use chain::token::Token;
use serde::Deserialize;

/// Hours of the longest day.
const HOURS_MAX: u64 = 48;
/// Members, orders and channels of the largest day, each.
const ITEMS_MAX: usize = 100;

/// A day on the market.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Day {
    /// What it is about.
    pub(crate) title: String,
    /// How many hours it has.
    pub(crate) hours: u64,
    /// How long an hour lasts while the demo runs, as `1s` or `500ms`.
    #[serde(deserialize_with = "span")]
    pub(crate) hour: Millis,
    /// What is traded.
    pub(crate) market: Good,
    /// Who takes part.
    #[serde(rename = "member", default)]
    pub(crate) members: Vec<Member>,
    /// What is offered.
    #[serde(rename = "ask", default)]
    pub(crate) asks: Vec<Ask>,
    /// What is needed.
    #[serde(rename = "bid", default)]
    pub(crate) bids: Vec<Bid>,
    /// What is paid by voucher.
    #[serde(rename = "channel", default)]
    pub(crate) channels: Vec<Channel>,
}

/// What is traded.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Good {
    /// The market's name.
    pub(crate) name: String,
    /// Its unit.
    pub(crate) unit: String,
}

/// Who takes part.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Member {
    /// What the demo calls them.
    pub(crate) name: String,
    /// What the cashier deposits for them, with its unit.
    pub(crate) deposit: String,
}

/// An offer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// Who offers.
    pub(crate) member: String,
    /// How many units.
    pub(crate) quantity: u64,
    /// At least so much for a unit and hour, with its unit.
    pub(crate) price: String,
    /// The first hour.
    pub(crate) from: u64,
    /// The hour after the last.
    pub(crate) to: u64,
    /// Whether it is a standing offer, for the same hours of every week.
    #[serde(default)]
    pub(crate) weekly: bool,
}

/// A need.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bid {
    /// Who needs it.
    pub(crate) member: String,
    /// How many units.
    pub(crate) quantity: u64,
    /// At most so much for a unit and hour, with its unit.
    pub(crate) price: String,
    /// The first hour.
    pub(crate) from: u64,
    /// The hour after the last.
    pub(crate) to: u64,
    /// The hour in which it is placed; before the day begins when left out.
    pub(crate) placed: Option<u64>,
    /// Whether less than all of it will do.
    #[serde(default)]
    pub(crate) fill: Fill,
    /// Whether it trades at once or not at all.
    #[serde(default)]
    pub(crate) immediate: bool,
}

/// Whether less than all will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fill {
    /// It will.
    #[default]
    Any,
    /// It will not.
    AllOrNone,
}

/// Payments by voucher.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channel {
    /// Who pays.
    pub(crate) payer: String,
    /// Who is paid.
    pub(crate) payee: String,
    /// How much at most, with its unit.
    pub(crate) funded: String,
    /// What is owed in all after each voucher, with its unit.
    pub(crate) vouchers: Vec<String>,
}

impl Day {
    /// Reads a day and checks what can be checked without a market.
    ///
    /// # Errors
    /// Says which entry is wrong, and how.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let day: Self = toml::from_str(text)?;
        ensure!((1..=HOURS_MAX).contains(&day.hours), "a day has 1 to {HOURS_MAX} hours");
        ensure!((50..=3_600_000).contains(&day.hour.0), "an hour lasts 50ms to 1h in the demo");
        let counts = [day.members.len(), day.asks.len(), day.bids.len(), day.channels.len()];
        ensure!(
            counts.iter().all(|count| *count <= ITEMS_MAX),
            "a list has over {ITEMS_MAX} items"
        );
        let names: BTreeSet<&str> = day.members.iter().map(|member| member.name.as_str()).collect();
        ensure!(names.len() == day.members.len(), "two members have one name");
        ensure!(!day.members.is_empty(), "a day needs a [[member]]");
        for ask in &day.asks {
            check_window(&day, ask.from, ask.to)
                .with_context(|| format!("ask of {}", ask.member))?;
        }
        for bid in &day.bids {
            check_window(&day, bid.from, bid.to)
                .with_context(|| format!("bid of {}", bid.member))?;
            let placed = bid.placed.unwrap_or(0);
            ensure!(placed < bid.from || bid.placed.is_none(), "a bid is placed after its start");
        }
        let asks = day.asks.iter().map(|ask| &ask.member);
        let bids = day.bids.iter().map(|bid| &bid.member);
        let channels = day.channels.iter().flat_map(|channel| [&channel.payer, &channel.payee]);
        for name in asks.chain(bids).chain(channels) {
            ensure!(names.contains(name.as_str()), "'{name}' is no [[member]]");
        }
        Ok(day)
    }
}

/// Reads an amount of the day with its unit.
pub(crate) fn amount(token: &Token, text: &str) -> Result<Amount> {
    token.parse(text).with_context(|| format!("in the day's file: '{text}'"))
}

fn check_window(day: &Day, from: u64, to: u64) -> Result<()> {
    ensure!(from < to && to <= day.hours, "hours {from} to {to} are no window of the day");
    Ok(())
}

fn span<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Millis, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_span(&text).map_err(serde::de::Error::custom)
}

fn parse_span(text: &str) -> Result<Millis> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let count: u64 = digits.parse().with_context(|| format!("'{text}' is no span, as 1s"))?;
    let unit = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        unit => bail!("'{unit}' is no unit of time: use ms, s or m"),
    };
    count.checked_mul(unit).map(Millis).context("the span is too long")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SATURDAY: &str = include_str!("../days/saturday.toml");

    #[test]
    fn the_day_of_the_repository_is_valid() {
        let day = Day::parse(SATURDAY).unwrap();
        assert_eq!(day.hour, Millis(1_000));
        assert_eq!((day.asks.len(), day.bids.len(), day.channels.len()), (2, 2, 1));
    }

    #[test]
    fn wrong_days_say_what_is_wrong() {
        for (from, to, expected) in [
            ("hours = 24", "hours = 24\nminutes = 3", "unknown field `minutes`"),
            ("hour = \"1s\"", "hour = \"1\"", "no unit of time"),
            ("member = \"studio\"", "member = \"nobody\"", "'nobody' is no [[member]]"),
            ("to = 18", "to = 25", "hours 12 to 25 are no window"),
            ("name = \"studio\"", "name = \"office\"", "two members have one name"),
            ("placed = 1", "placed = 12", "placed after its start"),
        ] {
            assert!(SATURDAY.contains(from), "{from}");
            let error = Day::parse(&SATURDAY.replacen(from, to, 1)).unwrap_err();
            assert!(format!("{error:#}").contains(expected), "{from}: {error:#}");
        }
    }
}
