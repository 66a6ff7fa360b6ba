//! How the program ends: every exit code, and one document on stdout whatever happens. 8 and 130 need a
//! terminal, and are tested there.

use crate::node::{Node, Part};
use crate::program::{Wallet, document};

const NOBODY: &str = "http://127.0.0.1:9";
const UNKNOWN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[test]
fn exit_codes_say_how_it_ended() {
    let wallet = Wallet::with_known_keys();
    let send = ["send", "bob", "1TLY", "--key", "alice", "--yes"];
    let dry = ["send", "bob", "1TLY", "--key", "alice", "--dry-run"];
    for (part, arguments, exit, code) in [
        (Some(Part::Applies), &send[..], 0, ""),
        (Some(Part::Applies), &dry, 0, ""),
        (Some(Part::Applies), &["send", "bob"], 2, "USAGE"),
        (Some(Part::Applies), &["send", "bob", "1XYZ", "--key", "alice"], 2, "AMOUNT_INVALID"),
        (None, &send, 3, "NODE_UNREACHABLE"),
        (Some(Part::Applies), &["--network", "main", "status"], 3, "WRONG_NETWORK"),
        (Some(Part::Rejects), &send, 4, "FEE_ABOVE_MAX"),
        (Some(Part::Rejects), &dry, 4, "FEE_ABOVE_MAX"),
        (Some(Part::Fails), &send, 5, "BALANCE_TOO_LOW"),
        (Some(Part::Fails), &dry, 5, "BALANCE_TOO_LOW"),
        (Some(Part::Expires), &send, 6, "EXPIRED"),
        (Some(Part::Applies), &["tx", "show", UNKNOWN], 6, "UNKNOWN"),
        (Some(Part::Applies), &["tx", "wait", UNKNOWN], 6, "UNKNOWN"),
        (Some(Part::Applies), &["send", "bob", "1TLY", "--key", "carol"], 7, "KEY_UNKNOWN"),
        (Some(Part::Applies), &["doctor"], 0, ""),
        (None, &["doctor"], 3, "NODE_UNREACHABLE"),
    ] {
        let node = part.map(Node::start);
        let url = node.as_ref().map_or(NOBODY, |node| &node.url);
        let run = wallet.run(&[&["--json", "--node", url], arguments].concat());
        assert_eq!(run.exit, exit, "{part:?} {arguments:?}: {run:?}");
        let code = if code.is_empty() { serde_json::Value::Null } else { code.into() };
        assert_eq!(document(&run)["error"]["code"], code, "{part:?} {arguments:?}");
    }
}

#[test]
fn a_dry_run_signs_and_sends_nothing() {
    let (wallet, node) = (Wallet::with_known_keys(), Node::start(Part::Applies));
    let dry = ["--json", "--node", &node.url, "send", "bob", "1TLY", "--key", "alice", "--dry-run"];
    let run = wallet.run_without_password(&dry);
    assert_eq!(run.exit, 0, "{run:?}");
    assert_eq!(document(&run)["receipt"]["outcome"], "applied");
    assert_eq!(node.submitted().len(), 0);
    assert!(node.asked().contains(&"tx_simulate".to_owned()));
}

#[test]
fn a_node_that_forgets_or_hangs_up_gets_the_same_bytes_again() {
    let wallet = Wallet::with_known_keys();
    for part in [Part::Forgets, Part::HangsUp] {
        let node = Node::start(part);
        let arguments =
            ["--json", "--node", &node.url, "send", "bob", "1TLY", "--key", "alice", "-y"];
        let run = wallet.run(&arguments);
        assert_eq!(run.exit, 0, "{part:?}: {run:?}");
        let submitted = node.submitted();
        assert_eq!(submitted.len(), 2, "{part:?}");
        assert_eq!(submitted[0], submitted[1], "{part:?}");
        let pending = wallet.json(&["tx", "pending"], 0);
        assert_eq!(pending["items"].as_array().unwrap().len(), 0, "{part:?}");
    }
}

#[test]
fn what_was_sent_outlives_the_wallet_and_the_node() {
    let wallet = Wallet::with_known_keys();
    let first = Node::start(Part::Holds);
    let send = ["send", "bob", "1TLY", "--key", "alice", "--yes", "--no-wait"];
    let sent = wallet.json(&[&["--node", &first.url][..], &send].concat(), 0);
    assert_eq!(sent["status"], "pending");
    let hash = sent["hash"].as_str().unwrap();
    assert_eq!(wallet.json(&["tx", "pending"], 0)["items"][0]["hash"], hash);

    let second = Node::start(Part::Applies);
    let ended = wallet.json(&["--node", &second.url, "tx", "wait", hash], 0);
    assert_eq!(ended["status"], "applied");
    assert_eq!(second.submitted(), first.submitted());
    assert_eq!(wallet.json(&["tx", "pending"], 0)["items"].as_array().unwrap().len(), 0);
}
