//! Building here, signing there, sending here.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::node::{CHAIN, Node, Part};
use crate::program::Wallet;

/// A wallet with a network and no keys, and one with keys and no network.
struct Stage {
    online: Wallet,
    offline: Wallet,
    node: Node,
    file: String,
}

fn stage(part: Part) -> Stage {
    let (online, offline) = (Wallet::new(), Wallet::with_known_keys());
    let file = online.path().join("pay.json").to_str().unwrap().to_owned();
    Stage { online, offline, node: Node::start(part), file }
}

impl Stage {
    fn address(&self, name: &str) -> String {
        let shown = self.offline.json(&["key", "show", name], 0);
        shown["address"].as_str().unwrap().to_owned()
    }

    fn build(&self) {
        let (alice, bob) = (self.address("alice"), self.address("bob"));
        let send = ["send", &bob, "1.5TLY", "--sender", &alice];
        let build = [&["--node", &self.node.url, "tx", "build", &self.file][..], &send].concat();
        let built = self.online.json(&build, 0);
        assert_eq!(built["transaction"]["operations"][0]["amount"], "1500000");
    }

    fn sign(&self, key: &str, exit: i32) -> serde_json::Value {
        let chain = hex::encode(CHAIN);
        let sign = ["--chain", &chain, "tx", "sign", &self.file, "--key", key, "--yes"];
        self.offline.json(&sign, exit)
    }
}

#[test]
fn a_transaction_is_built_signed_and_sent_in_three_places() {
    let stage = stage(Part::Applies);
    stage.build();
    let mode = fs::metadata(&stage.file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let unsigned = ["--node", &stage.node.url, "tx", "send", &stage.file];
    assert_eq!(stage.online.json(&unsigned, 2)["error"]["code"], "USAGE");
    let signed = stage.sign("alice", 0);
    let sent = stage.online.json(&unsigned, 0);
    assert_eq!((&sent["status"], &sent["hash"]), (&"applied".into(), &signed["hash"]));
    let submitted = stage.node.submitted();
    assert_eq!(submitted.len(), 1);
    assert!(submitted[0].clone().verify().is_ok());
}

#[test]
fn several_signers_sign_one_file_and_none_twice() {
    let stage = stage(Part::Applies);
    stage.build();
    stage.sign("bob", 0);
    assert_eq!(stage.sign("alice", 0)["signers"].as_array().unwrap().len(), 2);
    assert_eq!(stage.sign("bob", 2)["error"]["code"], "SIGNED_ALREADY");
    let decoded = stage.offline.json(&["tx", "decode", &stage.file], 0);
    let signatures = decoded["signatures"].as_array().unwrap();
    assert!(signatures.iter().all(|signature| signature["verifies"] == true), "{decoded}");
}

#[test]
fn a_file_of_another_or_an_unknown_chain_is_not_signed() {
    let stage = stage(Part::Applies);
    stage.build();
    let sign = ["tx", "sign", &stage.file, "--key", "alice", "--yes"];
    assert_eq!(stage.offline.json(&sign, 2)["error"]["code"], "CHAIN_UNKNOWN");
    let other = hex::encode([8; 32]);
    let error = stage.offline.json(&[&["--chain", &other][..], &sign].concat(), 3);
    assert_eq!(error["error"]["code"], "WRONG_NETWORK");
    stage.offline.json(&["config", "set", "chain", &hex::encode(CHAIN)], 0);
    stage.offline.json(&sign, 0);
}

#[test]
fn a_file_that_somebody_changed_is_not_signed() {
    let stage = stage(Part::Applies);
    stage.build();
    let text = fs::read_to_string(&stage.file).unwrap();
    fs::write(&stage.file, text.replace("1500000", "1000000")).unwrap();
    assert_eq!(stage.sign("alice", 2)["error"]["code"], "TRANSACTION_FILE_CHANGED");
    fs::write(&stage.file, "{}").unwrap();
    assert_eq!(stage.sign("alice", 2)["error"]["code"], "TRANSACTION_FILE_MALFORMED");
}

#[test]
fn a_signer_sees_base_units_and_whole_addresses() {
    let stage = stage(Part::Applies);
    stage.build();
    let chain = hex::encode(CHAIN);
    let sign = ["--chain", &chain, "tx", "sign", &stage.file, "--key", "alice", "--yes"];
    let run = stage.offline.run(&sign);
    assert_eq!(run.exit, 0, "{run:?}");
    let shown = run.stderr.replace(' ', "");
    assert!(shown.contains("amount1500000utly"), "{}", run.stderr);
    assert!(shown.contains(&stage.address("bob")), "{}", run.stderr);
    assert!(shown.contains("1TLYis1000000utly,asthefilesays"), "{}", run.stderr);
}

#[test]
fn digits_are_decoded_and_simulated() {
    let stage = stage(Part::Applies);
    stage.build();
    let file: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&stage.file).unwrap()).unwrap();
    let digits = file["bytes"].as_str().unwrap();
    let decoded = stage.offline.json(&["tx", "decode", digits], 0);
    assert_eq!(decoded["transaction"]["operations"][0]["amount"], "1500000");
    let simulate = ["--node", &stage.node.url, "tx", "simulate", digits, "--key", "alice"];
    assert_eq!(stage.offline.json(&simulate, 0)["receipt"]["outcome"], "applied");
    for wrong in ["00", "abc", "/nowhere/at/all"] {
        assert!(stage.offline.run(&["tx", "decode", wrong]).exit == 2, "{wrong}");
    }
}

#[test]
fn what_makes_no_transaction_is_not_built() {
    let stage = stage(Part::Applies);
    for command in [&["key", "list"][..], &["tx", "build", "b", "send", "bob", "1TLY"]] {
        let build = [&["tx", "build", &stage.file][..], command].concat();
        assert_eq!(stage.online.json(&build, 2)["error"]["code"], "USAGE");
    }
    let both = ["send", "bob", "1TLY", "--build", "x", "--dry-run"];
    assert_eq!(stage.online.json(&both, 2)["error"]["code"], "USAGE");
}
