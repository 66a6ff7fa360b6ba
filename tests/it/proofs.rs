//! What a node shows is proved from the name of the chain alone, and a node that lies proves nothing.

mod equivocation;
mod market;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tests::liar::Liar;
use tests::process::{Answer, Node, Wallet};

/// Places in each text of an answer at which a digit is changed.
const PLACES: usize = 4;

/// A chain with short epochs that a few payments have carried across two of them.
struct Stage {
    node: Node,
    liar: Liar,
    wallet: Wallet,
    bob: String,
    first: String,
    last: String,
}

impl Stage {
    fn new() -> Self {
        let genesis = genesis::DEV.replace("epoch_blocks = 600", "epoch_blocks = 5");
        assert_ne!(genesis, genesis::DEV, "the epochs are short");
        let node = Node::start(Some(&genesis));
        let liar = Liar::start(&node.rpc);
        let wallet = Wallet::new(&node.rpc);
        node.import(&wallet, "alice");
        let bob = wallet.ok(&["key", "new", "bob"])["address"].as_str().unwrap().to_owned();
        let pay = || {
            let sent = wallet.ok(&["send", &bob, "1TLY", "--key", "alice", "--yes"]);
            sent["hash"].as_str().unwrap().to_owned()
        };
        let first = pay();
        let last = (0..10).fold(String::new(), |_, _| pay());
        Self { node, liar, wallet, bob, first, last }
    }

    fn verify(&self, rpc: &str, arguments: &[&str]) -> Answer {
        // Nothing that was followed before helps.
        let _ = std::fs::remove_dir_all(self.wallet.folder().join("wallet/followed"));
        let given = ["--node", rpc, "--chain", &self.node.chain];
        let verify = if arguments[0] == "market" { &[][..] } else { &["verify"] };
        self.wallet.run(&[&given, verify, arguments].concat())
    }

    fn honest(&self, arguments: &[&str]) -> Value {
        let answer = self.verify(&self.node.rpc, arguments);
        assert_eq!(answer.code, 0, "{arguments:?}: {}", answer.json);
        answer.json
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str], what: &str) {
        let answer = self.verify(&self.liar.rpc, arguments);
        assert_eq!(answer.code, 3, "{what}: {}", answer.json);
        let error = answer.error();
        assert!(["PROOF_INVALID", "NODE_INCOMPATIBLE"].contains(&error), "{what}: {error}");
    }
}

#[test]
fn accounts_supply_and_transactions_are_proved_across_epochs() {
    let stage = Stage::new();
    let proven = stage.honest(&["account", &stage.bob]);
    let shown = stage.wallet.ok(&["account", "show", &stage.bob]);
    for field in ["amount", "held", "balance", "credit", "available", "nonce"] {
        assert_eq!(proven["account"][field], shown[field], "{field}");
    }
    let proof = &proven["proof"];
    assert_eq!((&proof["votes"], &proof["authorities"]), (&json!(1), &json!(1)));
    assert_eq!((&proof["chain"], &proof["trust"]), (&json!(stage.node.chain), &json!("given")));
    assert!(proof["epoch"].as_u64().unwrap() >= 2, "{proof}");
    assert!(proven.get("warning").is_some(), "{proven}");

    let supply = stage.honest(&["supply"]);
    assert_eq!(supply["supply"], stage.wallet.ok(&["status"])["supply"]);

    let stranger = stage.wallet.ok(&["key", "new", "carol"])["address"].clone();
    let absent = stage.honest(&["account", stranger.as_str().unwrap()]);
    assert_eq!(absent["account"], Value::Null);

    let closing = stage.honest(&["block", "9"]);
    assert_eq!((&closing["proof"]["height"], &closing["proof"]["epoch"]), (&json!(9), &json!(1)));
    assert_eq!(closing["next_authorities"].as_array().unwrap().len(), 1, "{closing}");
    let inner = stage.honest(&["block", "8"]);
    assert_eq!((&inner["hash"], &inner["next_authorities"]), (&closing["parent"], &Value::Null));
    let unborn = stage.verify(&stage.node.rpc, &["block", "1000000"]);
    assert_eq!(unborn.error(), "HEIGHT_UNAVAILABLE", "{}", unborn.json);

    for (hash, epoch) in [(&stage.first, 0), (&stage.last, 2)] {
        let proven = stage.honest(&["tx", hash]);
        assert_eq!(proven["receipt"]["outcome"], "applied");
        assert!(proven["proof"]["epoch"].as_u64().unwrap() >= epoch, "{proven}");
        let shown = stage.wallet.ok(&["tx", "show", hash]);
        assert_eq!(proven["proof"]["height"], shown["height"]);
        assert_eq!(proven["proof"]["block_hash"], shown["block_hash"]);
    }
}

#[test]
fn proofs_survive_a_kill_and_what_was_followed_is_kept() {
    let mut stage = Stage::new();
    stage.honest(&["account", &stage.bob]);
    stage.node.kill();
    stage.node.restart();
    stage.honest(&["tx", &stage.first]);
    stage.honest(&["account", &stage.bob]);
    let followed = stage.wallet.folder().join("wallet/followed").join(&stage.node.chain);
    assert!(followed.exists());

    // Where it was followed to, the next proof goes on.
    let asked = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&asked);
    stage.liar.tell(move |method, result| {
        if method == "chain_get_epochs" {
            *counter.lock().unwrap() += result["items"].as_array().unwrap().len();
        }
    });
    let chain = stage.node.chain.clone();
    let again = ["--node", &stage.liar.rpc, "--chain", &chain, "verify", "account", &stage.bob];
    let epoch = stage.wallet.ok(&again)["proof"]["epoch"].as_u64().unwrap();
    assert!((*asked.lock().unwrap() as u64) < epoch, "{asked:?} of {epoch}");
}

#[test]
fn chain_that_nobody_named_is_not_proved() {
    let node = Node::start(None);
    let wallet = Wallet::new(&node.rpc);
    let answer = wallet.run(&["verify", "supply"]);
    assert_eq!((answer.code, answer.error()), (2, "USAGE"));
    wallet.ok(&["status"]);
    assert_eq!(wallet.ok(&["verify", "supply"])["proof"]["trust"], "seen_first");
}

#[test]
fn every_text_of_every_answer_counts() {
    let stage = Stage::new();
    for (arguments, least) in
        [(["account", &stage.bob], 9), (["tx", &stage.last], 9), (["block", "9"], 5)]
    {
        every_text_counts(&stage, &arguments, least);
    }
}

/// Changes every text of what is answered when the wallet verifies `arguments`: `least` of them or more.
fn every_text_counts(stage: &Stage, arguments: &[&str], least: usize) {
    // All that is answered once is answered again, as the chain goes on meanwhile.
    let answers = keep_all(stage, arguments);
    stage.liar.tell(again(answers.clone()));
    assert_eq!(stage.verify(&stage.liar.rpc, arguments).code, 0, "not a lie yet");
    let mut texts = 0;
    for (number, (method, answer)) in answers.iter().enumerate() {
        each_text(answer, &mut String::new(), &mut |place, text| {
            if method == "chain_status" || place.starts_with("/tip/") {
                return;
            }
            texts += 1;
            for at in (0..PLACES).map(|number| number * (text.len() - 1) / (PLACES - 1)) {
                let mut lies = answers.clone();
                *lies[number].1.pointer_mut(place).unwrap() = changed(text, at).into();
                stage.liar.tell(again(lies));
                stage.refused(arguments, &format!("{method} {place} {at}"));
            }
        });
    }
    assert!(texts >= least, "{texts} texts");
}

/// What is answered, method by method, when the wallet verifies `arguments`.
fn keep_all(stage: &Stage, arguments: &[&str]) -> Vec<(String, Value)> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeper = Arc::clone(&kept);
    stage.liar.tell(move |method, result| {
        keeper.lock().unwrap().push((method.to_owned(), result.clone()));
    });
    assert_eq!(stage.verify(&stage.liar.rpc, arguments).code, 0);
    let kept = kept.lock().unwrap();
    kept.clone()
}

/// Each of `answers` once more, in the order in which its method is asked.
fn again(mut answers: Vec<(String, Value)>) -> impl FnMut(&str, &mut Value) + Send + 'static {
    move |method, result| {
        let next = answers.iter().position(|(asked, _)| asked == method);
        if let Some(next) = next {
            *result = answers.remove(next).1;
        }
    }
}

/// Shows `visit` every text in `value`, with the way there.
fn each_text(value: &Value, place: &mut String, visit: &mut impl FnMut(&str, &str)) {
    let mut inside = |name: &str, value: &Value| {
        let length = place.len();
        place.push('/');
        place.push_str(name);
        each_text(value, place, visit);
        place.truncate(length);
    };
    match value {
        Value::String(text) => visit(place, text),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| inside(name, value)),
        Value::Array(items) => {
            (0..).zip(items).for_each(|(index, value): (u32, _)| inside(&index.to_string(), value));
        }
        _ => {}
    }
}

/// `hex` with another digit at `at`.
fn changed(hex: &str, at: usize) -> String {
    let mut digits: Vec<char> = hex.chars().collect();
    digits[at] = if digits[at] == '0' { '1' } else { '0' };
    digits.into_iter().collect()
}

#[test]
fn true_answer_to_another_question_is_refused() {
    let stage = Stage::new();
    let alice = stage.wallet.ok(&["key", "show", "alice"])["address"].clone();
    let alice = alice.as_str().unwrap();

    let kept = keep(&stage, "chain_get_proof", &["account", alice]);
    replay(&stage, "chain_get_proof", kept);
    stage.refused(&["account", &stage.bob], "another account");

    let kept = keep(&stage, "tx_get_proof", &["tx", &stage.first]);
    replay(&stage, "tx_get_proof", kept);
    stage.refused(&["tx", &stage.last], "another transaction");

    let kept = keep(&stage, "chain_get_certificate", &["tx", &stage.first]);
    replay(&stage, "chain_get_certificate", kept);
    stage.refused(&["tx", &stage.last], "another block's certificate");

    let kept = keep(&stage, "chain_get_certificate", &["block", "6"]);
    replay(&stage, "chain_get_certificate", kept);
    stage.refused(&["block", "7"], "another block");

    let other = Node::start(None);
    let wallet = Wallet::new(&other.rpc);
    let answer = wallet.run(&["--chain", &stage.node.chain, "verify", "supply"]);
    assert_eq!((answer.code, answer.error()), (3, "WRONG_NETWORK"));
}

/// A change to an answer.
type Lie = fn(&mut Value);

#[test]
fn answer_that_leaves_something_out_is_refused() {
    let stage = Stage::new();
    let lies: [(&str, Lie); 6] = [
        ("chain_get_proof", |result| result["object"] = Value::Null),
        ("chain_get_epochs", |result| result["items"] = json!([])),
        ("chain_get_epochs", |result| {
            result["items"].as_array_mut().unwrap().remove(0);
        }),
        ("chain_get_epochs", |result| result["items"].as_array_mut().unwrap().reverse()),
        ("chain_get_certificate", |result| result["headers"] = json!([])),
        ("chain_get_certificate", |result| result["certificate"] = Value::Null),
    ];
    for (number, (lied, lie)) in lies.into_iter().enumerate() {
        stage.liar.tell(move |method, result| {
            if method == lied {
                lie(result);
            }
        });
        stage.refused(&["account", &stage.bob], &format!("{lied}, lie {number}"));
    }
}

/// What `method` answers when the wallet verifies `arguments`.
fn keep(stage: &Stage, lied: &'static str, arguments: &[&str]) -> Value {
    let kept = Arc::new(Mutex::new(Value::Null));
    let keeper = Arc::clone(&kept);
    stage.liar.tell(move |method, result| {
        if method == lied {
            *keeper.lock().unwrap() = result.clone();
        }
    });
    assert_eq!(stage.verify(&stage.liar.rpc, arguments).code, 0);
    let kept = kept.lock().unwrap().clone();
    assert_ne!(kept, Value::Null, "{lied} was asked");
    kept
}

/// Has `lied` answer with what was kept.
fn replay(stage: &Stage, lied: &'static str, kept: Value) {
    stage.liar.tell(move |method, result| {
        if method == lied {
            *result = kept.clone();
        }
    });
}
