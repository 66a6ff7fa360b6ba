//! Programs that sign in place of a key.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use chain::keys::SecretKey;
use serde_json::Value;

use crate::node::{CHAIN, Node, Part};
use crate::program::{Run, Wallet, document};

struct Stage {
    wallet: Wallet,
    node: Node,
}

fn stage() -> Stage {
    Stage { wallet: Wallet::with_known_keys(), node: Node::start(Part::Applies) }
}

fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).unwrap()
}

impl Stage {
    /// A program that answers with its key, and with `answer` when it is asked to sign.
    fn signer(&self, answer: &str) -> String {
        let key = key().public_key();
        let path = self.wallet.file(
            "signer",
            &format!(
                "#!/bin/sh\nread request\necho \"$request\" >&2\ncase \"$request\" in\n\
                 *'\"request\":\"key\"'*) echo '{{\"key\": \"{key}\"}}' ;;\n*) {answer} ;;\nesac\n"
            ),
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        format!("exec:{path}")
    }

    /// Builds a payment of the signer's account; returns its file and what a signer would answer.
    fn build(&self) -> (String, String) {
        let file = self.wallet.path().join("pay.json").to_str().unwrap().to_owned();
        let build = ["--node", &self.node.url, "send", "bob", "1TLY", "--key", "alice", "--build"];
        let built = self.wallet.json(&[&build[..], &[&file]].concat(), 0);
        let hash = chain::hash::Hash::from_hex(built["hash"].as_str().unwrap()).unwrap();
        let (public, signature) = (key().public_key(), hex::encode(key().sign(&hash).0));
        (file, format!("echo '{{\"key\": \"{public}\", \"signature\": \"{signature}\"}}'"))
    }

    fn sign(&self, file: &str, signer: &str) -> Run {
        let chain = hex::encode(CHAIN);
        let sign = ["--json", "--chain", &chain, "tx", "sign", file, "--signer", signer, "--yes"];
        self.wallet.run_without_password(&sign)
    }
}

#[test]
fn a_program_signs_what_it_is_shown() {
    let stage = stage();
    let (file, answer) = stage.build();
    let run = stage.sign(&file, &stage.signer(&answer));
    assert_eq!(run.exit, 0, "{run:?}");
    let public = key().public_key().to_string();
    assert_eq!(document(&run)["signers"][0], public.as_str());
    let mut requests =
        run.stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let sign = requests.next_back().expect("the program's stderr passes through");
    assert_eq!(sign["request"], "sign");
    assert_eq!(sign["transaction"]["operations"][0]["amount"], "1000000");
    assert_eq!(sign["digest"], document(&run)["hash"]);
}

#[test]
fn a_program_that_signs_something_else_or_nothing_is_refused() {
    let stage = stage();
    let (file, answer) = stage.build();
    let forged = answer.replace("\"signature\": \"", "\"signature\": \"00");
    let other =
        hex::encode(SecretKey::from_bytes(&[9; 32]).unwrap().sign(&chain::hash::Hash([0; 32])).0);
    let foreign =
        format!("echo '{{\"key\": \"{}\", \"signature\": \"{other}\"}}'", key().public_key());
    for (answer, says) in [
        (forged.as_str(), "128 hexadecimal digits"),
        (&foreign, "does not verify"),
        ("echo no", "its answer"),
        ("exit 3", "did not succeed"),
        ("head -c 10000 /dev/zero", "longer than"),
        ("true", "its answer"),
    ] {
        let run = stage.sign(&file, &stage.signer(answer));
        assert_eq!(run.exit, 7, "{answer}: {run:?}");
        let error = &document(&run)["error"];
        assert_eq!(error["code"], "SIGNER_FAILED", "{answer}");
        assert!(error["message"].as_str().unwrap().contains(says), "{answer}: {error}");
    }
    let run = stage.sign(&file, "exec:/nowhere/at/all");
    assert_eq!(document(&run)["error"]["code"], "SIGNER_FAILED");
    assert_eq!(stage.sign(&file, "signer").exit, 2);
}
