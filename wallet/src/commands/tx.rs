//! `tally tx`: transactions and how they ended.

use chain::amount::Amount;
use chain::hash::Hash;
use chain::height::Height;
use chain::token::Token;
use clap::Subcommand;
use rpc::methods::TxGet;
use rpc::text::Text;
use rpc::types::{OutcomeView, TransactionView, TxView};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use crate::args::hash;
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signing::{self, with_transaction};
use crate::submit::{POLL, SILENCE_MAX};
use crate::text::{escape, facts};
use crate::when;

/// The fields of operations and events that hold money.
const MONEY: [&str; 10] = [
    "amount",
    "captured",
    "cumulative",
    "deposit",
    "funded",
    "paid",
    "proposer_amount",
    "returned",
    "total",
    "treasury_amount",
];

/// Transactions and how they ended
#[derive(Debug, Subcommand)]
pub(crate) enum TxCommand {
    /// Show where a transaction stands, what it asked for and what it did
    Show {
        /// The transaction
        #[arg(value_parser = hash)]
        hash: Hash,
    },
    /// Wait until a transaction has come to its end
    Wait {
        /// The transaction
        #[arg(value_parser = hash)]
        hash: Hash,
        /// Its last height: wait until then even if the node knows nothing of it
        #[arg(long, value_name = "HEIGHT")]
        valid_until: Option<u64>,
    },
}

/// Runs `tally tx`.
pub(super) async fn run(context: &Context, command: TxCommand) -> Result<Answer, Failure> {
    match command {
        TxCommand::Show { hash } => show(&context.connect(Trust::Pinned).await?, hash).await,
        TxCommand::Wait { hash, valid_until } => {
            let session = connect_patiently(context).await?;
            let valid_until = valid_until.map(Height);
            let ending = signing::wait(context, &session.client, hash, valid_until).await?;
            let fields = signing::applied(ending).map_err(|end| with_transaction(end, hash))?;
            let text = format!("applied in block {}", fields["height"]);
            Ok(Answer::new(&fields, text).with("hash", &hash.to_string()))
        }
    }
}

/// Connects to a node that may be about to start anew.
async fn connect_patiently(context: &Context) -> Result<Session, Failure> {
    let begun = Instant::now();
    loop {
        match context.connect(Trust::Pinned).await {
            Err(failure) if failure.code == "NODE_UNREACHABLE" && begun.elapsed() < SILENCE_MAX => {
                sleep(POLL).await;
            }
            connected => return connected,
        }
    }
}

async fn show(session: &Session, hash: Hash) -> Result<Answer, Failure> {
    let answer = session.client.call(TxGet { id: Text(hash) }).await?;
    let mut lines = vec![("transaction", hash.to_string())];
    match &answer.value {
        TxView::Pending { transaction } => {
            lines.push(("status", "pending".to_owned()));
            asked(session, transaction, &mut lines);
        }
        TxView::Included { height, time, included, .. } => {
            let receipt = &included.receipt;
            let place =
                format!("block {height}, position {}, {}", included.index, when::show(*time));
            lines.extend([("included", place), ("fee", session.show(receipt.fee.0))]);
            asked(session, &included.transaction, &mut lines);
            outcome(session, &receipt.outcome, &mut lines);
        }
        TxView::Rejected(rejection) => {
            let why =
                format!("rejected: {} ({})", escape(&rejection.message), escape(&rejection.name));
            lines.push(("status", why));
        }
        TxView::Expired => lines.push(("status", "expired".to_owned())),
        TxView::Unknown => {
            let message = "the node knows nothing of this transaction";
            let failure = Failure::new(Exit::Unknown, "UNKNOWN", message);
            return Err(with_transaction(failure, hash));
        }
    }
    Ok(Answer::new(&answer, facts(&lines)).with("hash", &hash.to_string()))
}

fn asked(session: &Session, asked: &TransactionView, lines: &mut Vec<(&'static str, String)>) {
    lines.extend([
        ("sender", asked.sender.to_string()),
        ("nonce", asked.nonce.to_string()),
        ("valid until", format!("block {}", asked.valid_until)),
        ("fee at most", session.show(asked.fee_max.0)),
    ]);
    lines.extend(
        asked.operations.iter().flat_map(|operation| fields(session, "operation", operation)),
    );
}

fn outcome(session: &Session, outcome: &OutcomeView, lines: &mut Vec<(&'static str, String)>) {
    match outcome {
        OutcomeView::Applied { events } => {
            lines.push(("outcome", "applied".to_owned()));
            lines.extend(events.iter().flat_map(|event| fields(session, "event", event)));
        }
        OutcomeView::Failed { operation, rejection } => {
            let (message, name) = (escape(&rejection.message), escape(&rejection.name));
            lines.push(("outcome", format!("failed at operation {operation}: {message} ({name})")));
        }
    }
}

/// An operation or event under `name`: its type, then its fields, one a line.
fn fields(
    session: &Session,
    name: &'static str,
    value: &impl Serialize,
) -> Vec<(&'static str, String)> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(value) else {
        return Vec::new();
    };
    let kind = fields.remove("type");
    let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default().replace('_', " ");
    let mut lines = vec![(name, kind)];
    flatten(&session.token, &fields, &mut lines);
    lines
}

/// The fields of an object, one a line; those of an object in it follow its name.
fn flatten(token: &Token, fields: &Map<String, Value>, lines: &mut Vec<(&'static str, String)>) {
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::Object(inner) => {
                lines.push(("", format!("{name}:")));
                flatten(token, inner, lines);
            }
            value => lines.push(("", format!("{name} {}", field(token, name, value)))),
        }
    }
}

/// A field's value: money with its unit, times as times, foreign text escaped.
fn field(token: &Token, name: &str, value: &Value) -> String {
    match (name, value) {
        ("price" | "limit", Value::String(price)) => {
            format!("{}{}", escape(price), token.base_unit())
        }
        ("memo", Value::String(memo)) => format!("\"{}\"", escape(memo)),
        (_, Value::String(text)) => match (MONEY.contains(&name), text.parse().map(Amount::new)) {
            (true, Ok(Some(amount))) => token.format(amount),
            _ => escape(text),
        },
        ("expires" | "closes" | "start" | "end" | "time", Value::Number(time)) => {
            time.as_u64().map_or_else(String::new, when::show)
        }
        (_, other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token() -> Token {
        Token { symbol: "TLY".to_owned(), decimals: 6 }
    }

    fn shown(name: &str, value: &Value) -> String {
        field(&token(), name, value)
    }

    #[test]
    fn money_carries_its_unit_and_foreign_text_is_escaped() {
        assert_eq!(shown("amount", &json!("1500000")), "1.5TLY");
        assert_eq!(shown("limit", &json!("45")), "45utly");
        assert_eq!(shown("memo", &json!("a\u{1b}b")), "\"a\\u{1b}b\"");
        assert_eq!(shown("to", &json!("tallydev1x")), "tallydev1x");
    }

    #[test]
    fn fields_within_fields_follow_their_name() {
        let value = json!({ "window": { "start": 0, "end": 3_600_000 }, "hold": null });
        let mut lines = Vec::new();
        flatten(&token(), value.as_object().unwrap(), &mut lines);
        let lines: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        assert_eq!(lines, ["window:", "end 1970-01-01T01:00:00Z", "start 1970-01-01T00:00:00Z"]);
    }
}
