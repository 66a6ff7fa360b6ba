//! The history of the account that a stage's node shows: four lines, in parts of two.

use serde_json::{Value, json};

/// The other side of every payment.
pub(crate) fn bob() -> String {
    chain::address::encode(chain::address::Network::Dev, &chain::account::AccountId([8; 20]))
}

/// An answer to `account_list_history`. An answer that does not add up is one in which `lost` is not zero.
pub(crate) fn answer(params: &Value, tip: &Value, lost: i64) -> Value {
    let lines = lines(params["account"].as_str().unwrap(), lost);
    let first: usize = params["cursor"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
    let first = if params["from"] == 11 { lines.len() } else { first };
    let last = (first + 2).min(lines.len());
    let next = (last < lines.len()).then(|| last.to_string());
    let none = columns(0, 0);
    let opening = if params["from"] == 11 { columns(5_000_000, 1_000_000) } else { none };
    json!({
        "tip": tip,
        "account": params["account"],
        "begins": 0,
        "from": params["from"].as_u64().unwrap_or(0),
        "until": params["until"].as_u64().unwrap_or(11),
        "opening": opening,
        "closing": columns(5_000_000, 1_000_000),
        "items": lines[first..last],
        "next_cursor": next,
    })
}

fn lines(account: &str, lost: i64) -> Vec<Value> {
    let hash = hex::encode([5; 32]);
    let hold = hex::encode([6; 32]);
    let to = json!({ "from": account, "to": bob(), "amount": "2000000", "type": "transferred" });
    let back = json!({ "from": bob(), "to": account, "amount": "500000", "type": "transferred" });
    let aside = json!({
        "type": "hold_opened",
    "deposit": "0",
        "hold": hold,
        "owner": account,
        "purpose": { "type": "user", "beneficiary": bob(), "expires": 1_795_867_200_000_u64 },
        "amount": "1000000",
    });
    let memo = "=HYPERLINK(\"http://x\")\u{1b}[2J";
    let pay = json!({ "type": "transfer", "to": bob(), "amount": "2000000", "memo": memo });
    let step = |sender: &str, fee: &str| {
        json!({
            "step": "transaction",
            "index": 0,
            "transaction": hash,
            "sender": sender,
            "fee": fee,
            "failure": null,
        })
    };
    vec![
        line(0, json!({ "step": "beginning" }), (&[], &[]), ((0, 0), (6_503_000, 0))),
        line(2, step(account, "1500"), (&[pay], &[to]), ((6_503_000, 0), (4_501_500, 0))),
        line(3, step(&bob(), "1500"), (&[], &[back]), ((4_501_500, 0), (5_001_500, 0))),
        line(
            9,
            step(account, "1500"),
            (&[], &[aside]),
            ((5_001_500, 0), (5_000_000 - lost, 1_000_000)),
        ),
    ]
}

fn line(
    height: u64,
    step: Value,
    (operations, events): (&[Value], &[Value]),
    (before, after): ((i64, i64), (i64, i64)),
) -> Value {
    let mut line = json!({
        "height": height,
        "time": 1_795_867_200_000 + height * 1_000,
        "operations": operations,
        "events": events,
        "amount_change": (after.0 - before.0).to_string(),
        "held_change": (after.1 - before.1).to_string(),
    });
    for part in [step, columns(after.0, after.1)] {
        line.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    }
    line
}

fn columns(cash: i64, held: i64) -> Value {
    let free = (cash - held).to_string();
    json!({
        "amount": cash.to_string(),
        "held": held.to_string(),
        "balance": free,
        "credit": "0",
        "available": free,
    })
}
