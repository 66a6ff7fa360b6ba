//! What the node answers about holds, orders, contracts and channels: one of each, always the same.

#[path = "contracts.rs"]
mod contracts;
#[path = "council.rs"]
mod council;

use chain::account::AccountId;
use chain::address::{Network, encode};
use chain::keys::SecretKey;
use serde_json::{Value, json};

use super::tip;

/// Noon on a day in November 2026, in milliseconds.
const NOON: u64 = 1_795_867_200_000;
const HOUR: u64 = 3_600_000;

/// The answer to `method`; of what it is asked about, one hold alone is another than the rest.
pub(super) fn answer(method: &str, params: &Value) -> Value {
    match method {
        "hold_get" if params["hold"] == id(0xc1) => at_tip(withdrawal()),
        "hold_get" => at_tip(hold()),
        "withdrawal_list" | "payment_get" | "agent_list" | "account_get_by_name" => {
            about_accounts(method, params)
        }
        "account_list_earnings" => earnings(),
        "hold_list" => page(&hold()),
        "order_list_history" => page(&matched()),
        "contract_list_history" => contracts::contract_list_history(params),
        "market_orders" | "order_list" => page(&order()),
        "order_get" => at_tip(order_in_detail()),
        "order_for_host" => page(&order()),
        "host_get" => at_tip(host()),
        "host_list" => page(&host()),
        "host_pools" => page(&pool()),
        "order_explain" => at_tip(json!({
            "order": order(),
            "why": { "reason": "price", "short": "5" },
            "passed": { "orders": 12, "window": 9, "grade": 7, "kind": 7, "agreement": 7, "party": 7, "host": 7, "room": 3, "price": 0 },
        })),
        "order_quote" => at_tip(quote()),
        "standing_get" => at_tip(standing()),
        "standing_list" => page(&standing()),
        "contract_get" => contracts::contract_get(params),
        "contract_list" => contracts::contract_list(),
        "channel_get" => at_tip(channel()),
        "channel_list" => page(&channel()),
        "authority_proposals" => page(&council::proposal()),
        "proposal_get" => at_tip(council::proposal()),
        "authority_list" => at_tip(council::authorities()),
        "authority_list_history" => page(&council::happening()),
        name if name.starts_with("market_") => about_markets(name, params),
        "node_status" => at_tip(json!({
            "version": "0.1.0",
            "chain": hex::encode(super::CHAIN),
            "key": hex::encode([3; 32]),
            "role": "authority",
            "progress": "at_tip",
            "tip_age_ms": 1_000,
            "authorities": { "voters": 1, "present": 1, "quorum": 1 },
            "catch_up": null,
            "peers": [],
            "blocked": [],
            "gossip": { "waiting": 0, "dropped": 0, "garbage": 0 },
            "mempool": { "transactions": 2, "bytes": 400 },
            "disk": {
                "free_bytes": 8_000_000_000_u64,
                "voting_bytes_min": 2_147_483_648_u64,
                "running_bytes_min": 1_073_741_824,
                "abstains": false,
            },
            "keeps": { "blocks_from": 0, "histories_from": 0, "index_from": 0 },
        })),
        other => panic!("the script has no {other}"),
    }
}

/// What is asked about accounts, and what is paid to them and out of them.
fn about_accounts(method: &str, params: &Value) -> Value {
    match method {
        "withdrawal_list" => page(&withdrawal()),
        "payment_get" => at_tip(json!({
            "of": id(0xa1),
            "payer": bob(),
            "payee": alice(),
            "captured": "500000",
            "refunded": "100000",
            "deposit": "0",
            "until": null,
        })),
        "agent_list" => page(&json!({
            "account": alice(),
            "key": id(0x22),
            "scopes": ["pay", "trade"],
            "cap": "5000000",
            "spent": "1200000",
            "expires": NOON,
        })),
        "account_get_by_name" => at_tip(json!({
            "address": bob(),
            "name": params["name"],
            "amount": "5000000",
            "held": "1000000",
            "balance": "4000000",
            "credit": "0",
            "available": "4000000",
            "nonce": 4,
            "next_nonce": 4,
            "orders": 0,
            "frozen": false,
            "signers": { "threshold": 2, "keys": [id(0x22), id(0x23), id(0x24)] },
        })),
        other => panic!("the script has no {other}"),
    }
}

/// What is asked about a market as a whole.
fn about_markets(method: &str, params: &Value) -> Value {
    match method {
        "market_get" => at_tip(market()),
        "market_list" => page(&market()),
        "market_depth" if params["by"] == "price" => at_tip(json!({
            "bids": [
                { "window": window(), "price": "45", "quantity": 8, "orders": 1 },
                { "window": window(), "price": "40", "quantity": 20, "orders": 3 },
            ],
            "asks": [
                { "window": window(), "price": "50", "quantity": 100, "orders": 2 },
                { "window": window(), "price": "55", "quantity": 10, "orders": 1 },
            ],
            "truncated": false,
        })),
        "market_depth" => at_tip(json!({
            "bids": [{ "window": window(), "price": "45", "quantity": 8, "orders": 1 }],
            "asks": [{ "window": window(), "price": "50", "quantity": 100, "orders": 2 }],
            "truncated": false,
        })),
        "market_trades" => page(&json!({
            "height": 9,
            "time": NOON - HOUR,
            "contract": id(0xc1),
            "bid": id(0xb1),
            "ask": id(0xb2),
            "buyer": alice(),
            "seller": bob(),
            "window": window(),
            "quantity": 2,
            "price": "45",
            "total": "540",
        })),
        "market_candles" => page(&json!({
            "start": NOON - HOUR,
            "end": NOON,
            "open": "45",
            "high": "50",
            "low": "40",
            "close": "48",
            "volume": 120,
            "total": "5520",
            "trades": 7,
        })),
        other => panic!("the script has no {other}"),
    }
}

fn at_tip(mut value: Value) -> Value {
    value["tip"] = tip(10);
    value
}

fn page(item: &Value) -> Value {
    json!({ "tip": tip(10), "items": [item], "next_cursor": null })
}

fn id(byte: u8) -> String {
    hex::encode([byte; 32])
}

fn address(key: u8) -> String {
    let key = SecretKey::from_bytes(&[key; 32]).unwrap().public_key();
    encode(Network::Dev, &AccountId::of_key(&key))
}

fn alice() -> String {
    address(7)
}

fn bob() -> String {
    address(8)
}

fn window() -> Value {
    json!({ "start": NOON, "end": NOON + 6 * HOUR })
}

fn hold() -> Value {
    json!({
        "hold": id(0xa1),
        "owner": alice(),
        "purpose": { "type": "user", "beneficiary": bob(), "expires": NOON },
        "amount": "3000000",
        "captured": "500000",
        "refunded": "0",
        "deposit": "5000",
        "status": "open",
        "reason": null,
    })
}

fn withdrawal() -> Value {
    json!({
        "hold": id(0xc1),
        "owner": bob(),
        "purpose": { "type": "withdrawal", "target": "DE89 3704", "expires": NOON },
        "amount": "3000000",
        "captured": "0",
        "refunded": "0",
        "deposit": "5000",
        "status": "open",
        "reason": null,
    })
}

fn market() -> Value {
    json!({
        "market": 0,
        "name": "cpu",
        "unit": "core",
        "slot_ms": HOUR,
        "lot": 1,
        "tick": "1",
        "quantity_min": 1,
        "horizon_slots": 500_000_000,
        "lead_ms": 0,
        "k_bps": 5_000,
        "grades": ["proven"],
        "attributes": [
            { "key": "memory", "type": "number", "unit": "GiB" },
            { "key": "os", "type": "word", "choices": ["linux", "windows"] },
            { "key": "region", "type": "word", "choices": [] },
            { "key": "tee", "type": "flag" },
        ],
        "status": "open",
    })
}

fn order() -> Value {
    json!({
        "order": id(0xb1),
        "owner": alice(),
        "market": 0,
        "market_name": "cpu",
        "side": "bid",
        "fill": { "rule": "at_least", "quantity": 2 },
        "sellers_max": 3,
        "quantity": 8,
        "filled": 2,
        "window": window(),
        "limit": "45",
        "time_in_force": { "type": "until", "time": NOON },
        "grade": 1,
        "parties": { "only": [], "deny": [], "prefer": [], "tolerance_bps": 0 },
        "notice_ms": null,
        "predicates": [
            { "key": "memory", "test": "at_least", "number": 64, "evidence": "declared" },
            { "key": "tee", "test": "set", "evidence": "attested" },
        ],
        "split": [],
        "agreement": null,
        "broker": null,
        "user": null,
        "placed": 9,
        "hold": id(0xa2),
        "status": "open",
        "reason": null,
    })
}

fn order_in_detail() -> Value {
    let mut order = order();
    order["sold"] = json!([]);
    order
}

fn host() -> Value {
    let said = |key: &str, evidence: &str| {
        json!({
            "key": key, "evidence": evidence, "expires": null,
        })
    };
    let mut memory = said("memory", "benchmarked");
    memory["type"] = json!("number");
    memory["value"] = json!(64);
    let mut os = said("os", "declared");
    os["type"] = json!("word");
    os["value"] = json!("linux");
    let mut tee = said("tee", "declared");
    tee["type"] = json!("flag");
    tee["expires"] = json!(NOON);
    json!({
        "host": id(0xf1),
        "owner": alice(),
        "attributes": [memory, os, tee],
        "endpoint": "00ff",
    })
}

fn pool() -> Value {
    json!({
        "host": id(0xf1),
        "market": 0,
        "market_name": "cpu",
        "capacity": 32,
        "asks": 2,
        "sold": [{ "window": window(), "quantity": 8 }],
        "blackouts": [{ "start": NOON + 12 * HOUR, "end": NOON + 24 * HOUR }],
    })
}

fn matched() -> Value {
    json!({
        "height": 9,
        "time": NOON - HOUR,
        "by": "matching",
        "event": {
            "type": "matched",
            "contract": id(0xc1),
            "hold": id(0xa3),
            "market": 0,
            "bid": id(0xb1),
            "ask": id(0xb2),
            "buyer": alice(),
            "seller": bob(),
            "window": window(),
            "quantity": 2,
            "price": "45",
            "total": "540",
            "pass": "first",
        },
    })
}

fn quote() -> Value {
    json!({
        "fills": [{
            "order": id(0xb2),
            "owner": bob(),
            "quantity": 8,
            "price": "41",
            "slots": 6,
            "total": "1968",
        }],
        "quantity": 8,
        "filled": 8,
        "total": "1968",
        "hold": "2160",
        "deposit": "10000",
        "fee": "2200",
        "commission": "19",
        "why_not": null,
    })
}

fn standing() -> Value {
    json!({
        "standing": id(0xe1),
        "owner": alice(),
        "market_name": "cpu",
        "terms": {
            "template": {
                "market": 0,
                "side": "bid",
                "fill": { "rule": "at_least", "quantity": 2 },
                "sellers_max": 3,
                "quantity": 8,
                "window": window(),
                "limit": "45",
                "time_in_force": { "type": "until", "time": NOON },
                "grade": 0,
                "parties": { "only": [], "deny": [], "prefer": [], "tolerance_bps": 0 },
                "notice_ms": null,
                "predicates": [
                    { "key": "memory", "test": "at_least", "number": 64, "evidence": "declared" },
                ],
                "split": [],
                "agreement": null,
                "broker": null,
                "user": null,
                "stretch": "50",
            },
            "weekdays": ["sat", "sun"],
            "until": NOON + 8_640_000_000_u64,
            "skip": [NOON + 43_200_000],
            "horizon_ms": 86_400_000,
            "budget": "5000000",
        },
        "state": "running",
        "next": window(),
        "due": NOON - 86_400_000,
        "placed": 3,
        "committed": "2160",
        "status": "open",
    })
}

fn channel() -> Value {
    let key = SecretKey::from_bytes(&[7; 32]).unwrap().public_key();
    json!({
        "channel": id(0xd1),
        "payer": alice(),
        "payee": bob(),
        "hold": id(0xa4),
        "funded": "2000000",
        "voucher_key": key.to_string(),
        "settle_delay_ms": HOUR,
        "best": { "sequence": 1, "cumulative": "250000" },
        "status": "open",
    })
}

/// Two days: a contract over a host's pool on both, a channel and a contract of somebody else's on one.
fn earnings() -> Value {
    let earning = |day: u64, of: u8, source: Value, sums: [&str; 6]| {
        let [gross, received, shared, commission, refunded, net] = sums;
        json!({
            "day": NOON - 12 * HOUR + day * 24 * HOUR,
            "of": id(of),
            "source": source,
            "gross": gross,
            "received": received,
            "shared": shared,
            "commission": commission,
            "refunded": refunded,
            "deposit": "5000",
            "net": net,
            "payments": 2,
        })
    };
    let contract = |host: Value, seller: String| {
        json!({
            "type": "contract", "market_name": "cpu", "host": host, "buyer": bob(), "seller": seller,
        })
    };
    let own = || contract(json!(id(0xf1)), alice());
    let channel = json!({ "type": "channel", "payer": bob() });
    json!({
        "tip": tip(10),
        "items": [
            earning(0, 0xc1, own(), ["400000", "0", "100000", "4000", "0", "296000"]),
            earning(0, 0xc2, contract(Value::Null, bob()), ["0", "25000", "0", "0", "0", "25000"]),
            earning(0, 0xd1, channel, ["1500000", "0", "0", "0", "0", "1500000"]),
            earning(1, 0xc1, own(), ["0", "0", "0", "-1000", "100000", "-99000"]),
        ],
        "next_cursor": null,
    })
}
