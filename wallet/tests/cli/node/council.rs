//! What the node answers about authorities and what they decide.

use chain::encoding::encode;
use chain::market::{MarketId, MarketStatus, MarketTerms};
use chain::proposal::{Change, MarketChange};
use chain::quantity::Quantity;
use chain::time::Millis;
use serde_json::{Value, json};

use super::{HOUR, NOON, alice, bob, id};

/// Others vote from an epoch on.
pub(super) fn happening() -> Value {
    json!({
        "height": 7,
        "time": NOON,
        "by": "timers",
        "event": { "type": "epoch_entered", "epoch": 3, "authorities": 4 },
    })
}

pub(super) fn proposal() -> Value {
    let terms = MarketTerms {
        quantity_min: Quantity(2),
        horizon_slots: 744,
        lead: Millis(HOUR),
        k_bps: 5_000,
        status: MarketStatus::Closed,
    };
    let change = Change::Market(MarketChange::Set { market: MarketId(0), terms });
    json!({
        "proposal": id(0xa1),
        "proposer": bob(),
        "digest": change.digest().to_string(),
        "bytes": hex::encode(encode(&change)),
        "change": {
            "type": "market_set",
            "market": 0,
            "terms": {
                "quantity_min": 2,
                "horizon_slots": 744,
                "lead_ms": HOUR,
                "k_bps": 5_000,
                "status": "closed",
            },
        },
        "approvals": [bob()],
        "stage": "open",
        "until": NOON,
    })
}

pub(super) fn authorities() -> Value {
    let key = |byte: u8| hex::encode([byte; 32]);
    let alice = json!({ "key": key(1), "account": alice(), "address": "10.0.0.1:4000" });
    let bob = json!({ "key": key(2), "account": bob(), "address": null });
    json!({
        "epoch": 3,
        "next_epoch_height": 2_400,
        "quorum": 1,
        "voting": [alice],
        "next": [bob],
        "protocol_version": 1,
        "upgrade": { "version": 2, "height": 7_200 },
    })
}
