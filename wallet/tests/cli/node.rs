//! A node that plays a part: it answers as a script says, over HTTP on a free port.

#[path = "node/objects.rs"]
mod objects;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use chain::transaction::SignedTransaction;
use serde_json::{Value, json};

/// The chain of these tests.
pub(crate) const CHAIN: [u8; 32] = [7; 32];

/// What the node does with transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Includes them, applied.
    Applies,
    /// Includes them, failed.
    Fails,
    /// Refuses them at the door.
    Rejects,
    /// Refuses the first for its nonce, which another one has used meanwhile.
    SawNonce,
    /// Accepts them and forgets them until they expire.
    Expires,

    /// Accepts them and never makes a block.
    Holds,
    /// Accepts the first, forgets it as a node that starts anew does, and includes it when it comes again.
    Forgets,
    /// Closes the line at the first in place of an answer, and includes it when it comes again.
    HangsUp,
    /// Shows a history in which money gets lost.
    LosesMoney,
}

/// A node.
pub(crate) struct Node {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    part: Part,
    submitted: Vec<SignedTransaction>,
    /// What every method was asked, in order.
    asked: Vec<String>,
}

impl Node {
    pub(crate) fn start(part: Part) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { part, submitted: Vec::new(), asked: Vec::new() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &shared);
            }
        });
        Self { url, state }
    }

    /// What was submitted, in order.
    pub(crate) fn submitted(&self) -> Vec<SignedTransaction> {
        self.state.lock().unwrap().submitted.clone()
    }

    /// The methods that were asked, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

/// Answers one request and closes the connection.
fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            // The program was interrupted.
            return;
        }
        let header = line.trim().to_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let call: Value = serde_json::from_slice(&body).unwrap();
    let answer = state.lock().unwrap().answer(call["method"].as_str().unwrap(), &call["params"]);
    if answer == Err(Value::Null) {
        return;
    }
    let reply = match answer {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": 1, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": 1, "error": error }),
    };
    let reply = reply.to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    // A program that was interrupted reads no answer.
    let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{reply}", reply.len());
}

impl State {
    fn answer(&mut self, method: &str, params: &Value) -> Result<Value, Value> {
        self.asked.push(method.to_owned());
        match method {
            "chain_status" => Ok(status()),
            "account_get" => Ok(self.account(params)),
            "account_list_history" => {
                let lost = i64::from(self.part == Part::LosesMoney);
                Ok(crate::history::answer(params, &tip(10), lost))
            }
            "tx_submit" => self.submit(params),
            "tx_get" => Ok(self.transaction(params)),
            "tx_simulate" => Ok(self.simulate()),
            other => Ok(objects::answer(other, params)),
        }
    }

    fn account(&self, params: &Value) -> Value {
        let nonce = 4 + self.submitted.len();
        json!({
            "tip": tip(10),
            "address": params["account"],
            "amount": "5000000",
            "held": "1000000",
            "balance": "4000000",
            "credit": "0",
            "available": "4000000",
            "nonce": nonce,
            "next_nonce": nonce,
            "orders": 0,
            "name": null,
            "signers": null,
            "frozen": false,
        })
    }

    fn submit(&mut self, params: &Value) -> Result<Value, Value> {
        let bytes = hex::decode(params["transaction"].as_str().unwrap()).unwrap();
        let signed = SignedTransaction::from_bytes(&bytes).unwrap();
        let id = signed.transaction.id().to_string();
        let verified = signed.clone().verify().unwrap();
        assert_eq!(verified.transaction().chain.0, CHAIN);
        self.submitted.push(signed);
        match self.part {
            Part::Rejects => Err(refusal(8, "FEE_ABOVE_MAX")),
            Part::HangsUp if self.submitted.len() == 1 => Err(Value::Null),
            Part::SawNonce if self.submitted.len() == 1 => Err(refusal(6, "NONCE_TOO_LOW")),
            _ => Ok(json!({ "id": id })),
        }
    }

    fn transaction(&self, params: &Value) -> Value {
        let Some(last) = self.submitted.last() else {
            return json!({ "tip": tip(10), "status": "unknown", "blocks_from": 0 });
        };
        assert_eq!(params["id"], last.transaction.id().to_string());
        let outcome = match self.part {
            Part::Forgets | Part::HangsUp if self.submitted.len() == 1 => {
                return json!({ "tip": tip(10), "status": "unknown", "blocks_from": 0 });
            }
            Part::Holds => {
                let transaction = asked_for(last);
                return json!({ "tip": tip(10), "status": "pending", "transaction": transaction });
            }
            Part::Expires => {
                return json!({ "tip": tip(10_000), "status": "unknown", "blocks_from": 0 });
            }
            _ => self.receipt(),
        };
        let transaction = asked_for(last);
        json!({
            "tip": tip(11),
            "status": "included",
            "height": 11,
            "block_hash": hex::encode([2; 32]),
            "time": 1_000,
            "index": 3,
            "transaction": transaction,
            "receipt": outcome,
        })
    }
}

impl State {
    fn receipt(&self) -> Value {
        if self.part == Part::Fails {
            return json!({
                "fee": "100",
                "outcome": "failed",
                "operation": 0,
                "code": 22,
                "name": "BALANCE_TOO_LOW",
                "message": "too little money is available",
            });
        }
        json!({ "fee": "100", "outcome": "applied", "events": [] })
    }

    fn simulate(&self) -> Value {
        let simulated = match self.part {
            Part::Rejects => json!({
                "status": "rejected",
                "code": 8,
                "name": "FEE_ABOVE_MAX",
                "message": "the fee is above the most it may cost",
            }),
            _ => {
                let mut receipt = self.receipt();
                receipt["status"] = json!("included");
                receipt
            }
        };
        let mut answer = json!({ "tip": tip(10) });
        answer.as_object_mut().unwrap().extend(simulated.as_object().unwrap().clone());
        answer
    }
}

/// The transaction as clients see it.
fn asked_for(signed: &SignedTransaction) -> Value {
    let view = wallet::transaction_file::view(chain::address::Network::Dev, signed);
    serde_json::to_value(view).unwrap()
}

fn tip(height: u64) -> Value {
    let zero = hex::encode([0; 32]);
    json!({ "height": height, "block_hash": zero, "state_root": zero, "time": 1_000 })
}

fn refusal(code: u16, name: &str) -> Value {
    let data = json!({ "code": name, "rejection": code });
    json!({ "code": 2000 + i32::from(code), "message": "refused", "data": data })
}

fn status() -> Value {
    let office =
        chain::address::encode(chain::address::Network::Dev, &chain::account::AccountId([9; 20]));
    json!({
        "tip": tip(10),
        "chain": hex::encode(CHAIN),
        "name": "stage",
        "network": "dev",
        "address_prefix": "tallydev",
        "protocol_version": 1,
        "token": { "symbol": "TLY", "decimals": 6 },
        "supply": "5000000",
        "minted": "5000000",
        "burned": "0",
        "fees": { "base": "1000", "per_byte": "1", "per_operation": "100", "proposer_bps": 5000 },
        "deposits": {
            "account": "10", "hold": "10", "order": "10", "channel": "10", "name": "10", "keys": "10",
            "agent": "10", "host": "10", "pool": "10", "proposal": "11",
        },
        "cashier": office,
        "treasury": office,
        "epoch": 0,
        "epoch_blocks": 600,
        "authorities": 1,
        "settle_delay_min_ms": 1_000,
        "settle_delay_max_ms": 1_000_000,
        "settle_blocks": 3,
        "hold_span_max_ms": 1_000_000,
        "withdrawal_span_ms": 1_000_000,
        "refund_span_ms": 1_000_000,
        "contracts": contract_terms(),
    })
}

fn contract_terms() -> Value {
    json!({
        "stage_grace_ms": 600_000, "ready_grace_ms": 600_000, "result_grace_ms": 3_600_000,
        "sign_off_grace_ms": 86_400_000, "dispute_span_ms": 604_800_000,
        "holdback_bps": 1_000, "booking_bps": 1_000, "commission_bps": 100,
        "commission_bps_max": 500,
        "broker_bps": 2_500,
    })
}
