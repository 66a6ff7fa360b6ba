//! `tally send`: every way in which a transaction ends, and what is refused before it begins.

use chain::amount::Amount;
use chain::params::Fees;

use crate::node::{CHAIN, Node, Part};
use crate::program::{Run, Wallet, document};

const FEES: Fees = Fees {
    base: Amount::from_u64(1_000),
    per_byte: Amount::from_u64(1),
    per_operation: Amount::from_u64(100),
    proposer_bps: 5_000,
};

struct Stage {
    wallet: Wallet,
    node: Node,
}

fn stage(part: Part) -> Stage {
    Stage { wallet: Wallet::with_keys(&["alice", "bob"]), node: Node::start(part) }
}

impl Stage {
    fn run(&self, arguments: &[&str]) -> Run {
        self.wallet.run(&[&["--node", &self.node.url], arguments].concat())
    }

    fn send(&self, amount: &str) -> Run {
        self.run(&["--json", "send", "bob", amount, "--key", "alice", "--yes"])
    }

    /// The error of a run that must exit with `exit` and `code`.
    fn refused(&self, arguments: &[&str], exit: i32, code: &str) -> String {
        let run = self.run(&[&["--json"], arguments].concat());
        assert_eq!(run.exit, exit, "{run:?}");
        let error = &document(&run)["error"];
        assert_eq!(error["code"], code);
        error["message"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_payment_that_applies_exits_0() {
    let stage = stage(Part::Applies);
    let run = stage.send("1.5TLY");
    assert_eq!(run.exit, 0, "{run:?}");
    let document = document(&run);
    let submitted = stage.node.submitted();
    let verified = submitted[0].clone().verify().unwrap();
    assert_eq!(document["status"], "applied");
    assert_eq!(document["height"], 11);
    assert_eq!(document["hash"], verified.id().to_string());
    assert_eq!(document["fee"], "100");
    assert_eq!(verified.transaction().nonce.0, 4);
    assert_eq!(verified.transaction().valid_until.0, 610);
    assert_eq!(Some(verified.transaction().fee_max), FEES.of(verified.bytes(), 1));
}

#[test]
fn a_review_shows_what_is_signed() {
    let stage = stage(Part::Applies);
    let run =
        stage.run(&["send", "bob", "1.5TLY", "--key", "alice", "--yes", "--memo", "a\u{1b}b"]);
    assert_eq!(run.exit, 0, "{run:?}");
    for shown in ["network", "from", "(alice)", "(bob)", "1.5TLY", "fee", "total", "nonce", "610"] {
        assert!(run.stderr.contains(shown), "{shown}: {}", run.stderr);
    }
    assert!(run.stderr.contains("a\\u{1b}b"), "{}", run.stderr);
    assert!(run.stdout.starts_with("transaction "), "{}", run.stdout);
    assert!(run.stdout.contains("applied in block 11"), "{}", run.stdout);
}

#[test]
fn a_payment_is_not_waited_for_where_nobody_wants_to() {
    let stage = stage(Part::Expires);
    let arguments = ["--json", "send", "bob", "1TLY", "--key", "alice", "--yes", "--no-wait"];
    let run = stage.run(&arguments);
    assert_eq!(run.exit, 0, "{run:?}");
    assert_eq!(document(&run)["status"], "pending");
}

#[test]
fn a_payment_that_fails_in_its_block_exits_5() {
    let run = stage(Part::Fails).send("1TLY");
    assert_eq!(run.exit, 5, "{run:?}");
    let error = &document(&run)["error"];
    assert_eq!(error["code"], "BALANCE_TOO_LOW");
    assert_eq!((&error["data"]["operation"], &error["data"]["height"]), (&0.into(), &11.into()));
    assert_eq!(error["data"]["hash"].as_str().unwrap().len(), 64);
}

#[test]
fn a_payment_refused_at_the_door_exits_4() {
    let stage = stage(Part::Rejects);
    let run = stage.send("1TLY");
    assert_eq!(run.exit, 4, "{run:?}");
    assert_eq!(document(&run)["error"]["code"], "FEE_ABOVE_MAX");
    assert_eq!(stage.node.submitted().len(), 1);
}

#[test]
fn a_payment_that_expires_exits_6() {
    let run = stage(Part::Expires).send("1TLY");
    assert_eq!(run.exit, 6, "{run:?}");
    assert_eq!(document(&run)["error"]["code"], "EXPIRED");
}

#[test]
fn a_used_nonce_is_replaced_once() {
    let stage = stage(Part::SawNonce);
    let run = stage.send("1TLY");
    assert_eq!(run.exit, 0, "{run:?}");
    let nonces: Vec<_> =
        stage.node.submitted().iter().map(|signed| signed.transaction.nonce.0).collect();
    assert_eq!(nonces, [4, 5]);
    assert_eq!(document(&run)["nonce"], 5);
}

#[test]
fn more_than_is_available_is_refused_before_it_costs_a_fee() {
    let stage = stage(Part::Applies);
    let send = ["send", "bob", "4TLY", "--key", "alice", "--yes"];
    let message = stage.refused(&send, 4, "BALANCE_TOO_LOW");
    assert!(message.contains("4TLY of the 4.00"), "{message}");
    assert_eq!(stage.node.submitted().len(), 0);
}

#[test]
fn bad_amounts_and_recipients_are_usage_errors() {
    let stage = stage(Part::Applies);
    let send =
        |to: &'static str, amount: &'static str| ["send", to, amount, "--key", "alice", "--yes"];
    stage.refused(&send("bob", "1BTC"), 2, "AMOUNT_INVALID");
    stage.refused(&send("bob", "0.0000001TLY"), 2, "AMOUNT_INVALID");
    stage.refused(&send("carol", "1TLY"), 7, "KEY_UNKNOWN");
    stage.refused(
        &send("tallydev1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "1TLY"),
        2,
        "ADDRESS_INVALID",
    );
    assert_eq!(stage.node.submitted().len(), 0);
}

#[test]
fn an_address_of_another_network_names_both() {
    let stage = stage(Part::Applies);
    let shown = stage.wallet.json(&["--network", "test", "key", "show", "bob"], 0);
    let address = shown["address"].as_str().unwrap();
    let send = ["send", address, "1TLY", "--key", "alice", "--yes"];
    let message = stage.refused(&send, 2, "ADDRESS_OF_OTHER_NETWORK");
    assert!(message.contains("'test'") && message.contains("'dev'"), "{message}");
}

#[test]
fn a_node_of_another_network_or_chain_exits_3() {
    let stage = stage(Part::Applies);
    stage.refused(&["--network", "main", "account", "show", "alice"], 3, "WRONG_NETWORK");
    let other = hex::encode([8; 32]);
    stage.refused(&["--chain", &other, "account", "show", "alice"], 3, "WRONG_NETWORK");
    let chain = hex::encode(CHAIN);
    assert_eq!(stage.run(&["--chain", &chain, "account", "show", "alice"]).exit, 0);
}

#[test]
fn the_chain_seen_first_is_kept_until_another_is_trusted() {
    let stage = stage(Part::Applies);
    assert_eq!(stage.run(&["account", "show", "alice"]).exit, 0);
    let pins = stage.wallet.path().join("home/chains.json");
    let text = std::fs::read_to_string(&pins).unwrap();
    let chain = hex::encode(CHAIN);
    assert!(text.contains(&chain), "{text}");
    std::fs::write(&pins, text.replace(&chain, &hex::encode([8; 32]))).unwrap();
    stage.refused(&["account", "show", "alice"], 3, "WRONG_NETWORK");
}

#[test]
fn several_keys_and_none_named_is_a_usage_error() {
    let stage = stage(Part::Applies);
    let message = stage.refused(&["send", "bob", "1TLY", "--yes"], 2, "USAGE");
    assert!(message.contains("which one"), "{message}");
}

#[test]
fn a_signature_nobody_agreed_to_is_not_given() {
    let stage = stage(Part::Applies);
    stage.refused(&["send", "bob", "1TLY", "--key", "alice"], 2, "ANSWER_MISSING");
    assert_eq!(stage.node.submitted().len(), 0);
}
