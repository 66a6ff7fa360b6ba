//! Transactions for people: what one asks for and what it did, one fact a line.

use chain::amount::Amount;
use chain::token::Token;
use rpc::types::{OutcomeView, ReceiptView, TransactionView};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::text::{escape, grouped};
use crate::when;

/// The fields of operations and events that hold money.
const MONEY: [&str; 12] = [
    "amount",
    "cap",
    "captured",
    "cumulative",
    "deposit",
    "funded",
    "paid",
    "proposer_amount",
    "returned",
    "spent",
    "total",
    "treasury_amount",
];

/// A line: what it is about, and what is the case.
pub(crate) type Fact = (&'static str, String);

/// How values are written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Style<'a> {
    /// Sums in the unit of this token, as the network's node told it.
    Unit(&'a Token),
    /// Sums in base units, which are called so, because nobody vouches for how many make a unit; addresses
    /// in groups of four, because they are there to be compared.
    Base(&'a str),
}

impl Style<'_> {
    /// What a transaction asks for.
    pub(crate) fn transaction(self, asked: &TransactionView) -> Vec<Fact> {
        let mut lines = vec![
            ("sender", self.address(&asked.sender.to_string())),
            ("nonce", asked.nonce.to_string()),
            ("valid until", format!("block {}", asked.valid_until)),
            ("fee at most", self.amount(asked.fee_max.0)),
        ];
        let operations = asked.operations.iter();
        lines.extend(operations.flat_map(|operation| self.fields("operation", operation)));
        lines
    }

    /// What a transaction did, or would do.
    pub(crate) fn receipt(self, receipt: &ReceiptView) -> Vec<Fact> {
        let mut lines = vec![("fee", self.amount(receipt.fee.0))];
        match &receipt.outcome {
            OutcomeView::Applied { events } => {
                lines.push(("outcome", "applied".to_owned()));
                lines.extend(events.iter().flat_map(|event| self.fields("event", event)));
            }
            OutcomeView::Failed { operation, rejection } => {
                let (message, name) = (escape(&rejection.message), escape(&rejection.name));
                let outcome = format!("failed at operation {operation}: {message} ({name})");
                lines.push(("outcome", outcome));
            }
        }
        lines
    }

    /// An operation or event under `name`: its type, then its fields, one a line.
    fn fields(self, name: &'static str, value: &impl Serialize) -> Vec<Fact> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(value) else {
            return Vec::new();
        };
        let kind = fields.remove("type");
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default().replace('_', " ");
        let mut lines = vec![(name, kind)];
        self.flatten(&fields, &mut lines);
        lines
    }

    /// The fields of an object, one a line; those of an object in it follow its name.
    fn flatten(self, fields: &Map<String, Value>, lines: &mut Vec<Fact>) {
        for (name, value) in fields {
            match value {
                Value::Null => {}
                Value::Array(values) if values.is_empty() => {}
                Value::Object(inner) => {
                    lines.push(("", format!("{name}:")));
                    self.flatten(inner, lines);
                }
                value => lines.push(("", format!("{name} {}", self.field(name, value)))),
            }
        }
    }

    /// A field's value: money with its unit, times as times, foreign text escaped.
    fn field(self, name: &str, value: &Value) -> String {
        match (name, value) {
            ("price" | "limit", Value::String(price)) => {
                format!("{}{}", escape(price), self.base_unit())
            }
            ("memo" | "reason" | "target", Value::String(memo)) => format!("\"{}\"", escape(memo)),
            (_, Value::String(text)) => {
                match (MONEY.contains(&name), text.parse().map(Amount::new)) {
                    (true, Ok(Some(amount))) => self.amount(amount),
                    _ => self.address(&escape(text)),
                }
            }
            ("expires" | "closes" | "due" | "start" | "end" | "time", Value::Number(time)) => {
                time.as_u64().map_or_else(String::new, when::show)
            }
            (_, Value::Array(values)) => {
                let values = values.iter().map(|value| self.field(name, value));
                values.collect::<Vec<_>>().join(", ")
            }
            (_, other) => other.to_string(),
        }
    }

    fn amount(self, amount: Amount) -> String {
        match self {
            Self::Unit(token) => token.format(amount),
            Self::Base(unit) => format!("{}{unit}", amount.base_units()),
        }
    }

    fn base_unit(self) -> String {
        match self {
            Self::Unit(token) => token.base_unit(),
            Self::Base(unit) => unit.to_owned(),
        }
    }

    /// An address for comparing by eye where it is shown to be compared; other text as it is.
    fn address(self, text: &str) -> String {
        let is_address = text.starts_with("tally") && text.contains('1');
        match self {
            Self::Base(_) if is_address => grouped(text),
            Self::Base(_) | Self::Unit(_) => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token() -> Token {
        Token { symbol: "TLY".to_owned(), decimals: 6 }
    }

    #[test]
    fn money_carries_its_unit_and_foreign_text_is_escaped() {
        let shown = |name, value| Style::Unit(&token()).field(name, &value);
        assert_eq!(shown("amount", json!("1500000")), "1.5TLY");
        assert_eq!(shown("limit", json!("45")), "45utly");
        assert_eq!(shown("memo", json!("a\u{1b}b")), "\"a\\u{1b}b\"");
        assert_eq!(shown("to", json!("tallydev1xyzzy")), "tallydev1xyzzy");
    }

    #[test]
    fn nobody_needs_to_be_believed_about_the_unit() {
        let shown = |name, value| Style::Base("utly").field(name, &value);
        assert_eq!(shown("amount", json!("1500000")), "1500000utly");
        assert_eq!(shown("to", json!("tallydev1xyzzy")), "tallydev1 xyzz y");
    }

    #[test]
    fn fields_within_fields_follow_their_name() {
        let value = json!({ "window": { "start": 0, "end": 3_600_000 }, "hold": null });
        let mut lines = Vec::new();
        Style::Unit(&token()).flatten(value.as_object().unwrap(), &mut lines);
        let lines: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        assert_eq!(lines, ["window:", "end 1970-01-01T01:00:00Z", "start 1970-01-01T00:00:00Z"]);
    }
}
