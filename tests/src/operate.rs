//! Operations that the wallet has no command for, signed by a developer's account and sent to a node as
//! plain JSON.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use chain::account::AccountId;
use chain::address::{self, Network};
use chain::amount::Amount;
use chain::contract::{ContractAct, Delivery, Extent, Staged, Verdict};
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::operation::Operation;
use chain::sealed::Sealed;
use chain::transaction::Transaction;
use serde_json::{Value, json};

use crate::process::Node;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Asks the node.
pub fn ask(node: &Node, method: &str, params: &Value) -> Value {
    let address = node.rpc.trim_start_matches("http://");
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let call = call.to_string();
    let mut stream = TcpStream::connect(address).expect("the node listens");
    let head = format!("POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    let kind = "Content-Type: application/json\r\n";
    write!(stream, "{head}{kind}Content-Length: {}\r\n\r\n{call}", call.len()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the node answers");
    let body = answer.find('{').map_or("", |at| &answer[at..]);
    let body = body.rfind('}').map_or("", |at| &body[..=at]);
    let answer: Value = serde_json::from_str(body).expect(&answer);
    assert!(answer["error"].is_null(), "{method} {params}: {answer}");
    answer["result"].clone()
}

/// Signs one operation by the developer's account `name` and waits until it is settled. Answers with the
/// name of what it made.
///
/// # Panics
/// When it is refused.
pub fn operate(node: &Node, name: &str, operation: Operation) -> ObjectId {
    let path = node.home().join("dev-accounts").join(format!("{name}.key"));
    let digits = fs::read_to_string(path).expect("a developer's secret");
    let secret = Hash::from_hex(digits.trim()).expect("64 digits").0;
    let key = SecretKey::from_bytes(&secret).expect("a secret");
    let sender = AccountId::of_key(&key.public_key());
    let status = ask(node, "chain_status", &json!({}));
    let account = address::encode(Network::Dev, &sender);
    let account = ask(node, "account_get", &json!({ "account": account }));
    let nonce = Nonce(account["next_nonce"].as_u64().expect("a number"));
    let chain = Hash::from_hex(&node.chain).expect("a chain");
    let transaction = Transaction {
        chain,
        sender,
        nonce,
        valid_until: Height(status["tip"]["height"].as_u64().expect("a number") + 100),
        fee_max: Amount::from_u64(1_000_000),
        operations: vec![operation],
    };
    let bytes = encode(&transaction.sign(&key));
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = ask(node, "tx_submit", &json!({ "transaction": text }))["id"].clone();
    let question = json!({ "id": id });
    let found = wait_until(node, "tx_get", &question, |found| found["status"] == "included");
    assert_eq!(found["receipt"]["outcome"], "applied", "{found}");
    ObjectId::of_operation(chain, sender, nonce, 0)
}

/// Carries a contract out, from the staging to the buyer's acceptance, by developers' accounts.
///
/// # Panics
/// When it does not run its course.
pub fn carry_out(node: &Node, contract: &str, buyer: &str, seller: &str) {
    let id = ObjectId::from_hex(contract).expect("a contract's name");
    let act = |name, act| operate(node, name, Operation::Contract { contract: id, act });
    let staged = Staged { digests: vec![Hash([1; 32])], location: Sealed::default() };
    act(buyer, ContractAct::StageReady(staged));
    act(seller, ContractAct::HostReady { fingerprint: Hash([2; 32]) });
    let question = json!({ "contract": contract });
    wait_until(node, "contract_get", &question, |contract| contract["state"] == "ended");
    let location = Sealed::default();
    let result = Delivery { digest: Hash([3; 32]), location, extent: Extent::Whole };
    act(seller, ContractAct::ResultPost(result));
    act(buyer, ContractAct::SignOff { verdict: Verdict::Accept });
}

/// Asks again and again until the answer is what is waited for.
fn wait_until(node: &Node, method: &str, params: &Value, done: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let answer = ask(node, method, params);
        if done(&answer) {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "{method}: {answer}");
        sleep(Duration::from_millis(100));
    }
}
