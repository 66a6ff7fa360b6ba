//! A proof against an authority is listed by the node that keeps it and verified by anybody, and nothing else passes
//! for one.

use std::fs;
use std::path::{Path, PathBuf};

use chain::equivocation::Equivocation;
use chain::hash::Hash;
use consensus::AuthoritySecret;
use consensus::simulation::equivocate;
use node::equivocations::Equivocations;
use node::home;
use serde_json::Value;

use super::Stage;

impl Stage {
    /// The secret of the chain's one authority.
    fn authority(&self) -> AuthoritySecret {
        let path = self.node.home().join("keys/authority.key");
        AuthoritySecret::new(*home::read_secret(&path).unwrap())
    }

    fn hash(&self) -> Hash {
        Hash::from_hex(&self.node.chain).unwrap()
    }

    /// Keeps `proof` as a node does that comes by it.
    fn keep(&self, proof: &Equivocation) -> PathBuf {
        let contradiction = proof.verify(self.hash()).unwrap();
        let kept = Equivocations::of_home(&self.node.home());
        kept.keep(self.hash(), proof, contradiction).unwrap()
    }

    #[track_caller]
    fn no_proof(&self, file: &Path, code: i32, says: &str) {
        let answer = self.verify(&self.node.rpc, &["equivocation", file.to_str().unwrap()]);
        assert_eq!(answer.code, code, "{}", answer.json);
        let message = answer.json["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
    }
}

#[test]
fn contradiction_of_an_authority_is_proved_to_anybody() {
    let stage = Stage::new();
    let (secret, chain) = (stage.authority(), stage.hash());
    let file = stage.keep(&equivocate(&secret, chain, (1, 7)));
    let listed = Equivocations::of(file.parent().unwrap()).list().unwrap();
    assert_eq!(listed, std::slice::from_ref(&file));
    let proved = stage.honest(&["equivocation", file.to_str().unwrap()]);
    assert_eq!(proved["authority"], secret.key().to_string());
    assert_eq!(proved["contradiction"], "two_finals");
    assert_eq!((&proved["epoch"], &proved["view"]), (&Value::from(1), &Value::from(7)));
}

#[test]
fn what_proves_nothing_is_refused() {
    let stage = Stage::new();
    let (secret, chain) = (stage.authority(), stage.hash());
    let later = stage.keep(&equivocate(&secret, chain, (1_000_000, 7)));
    stage.no_proof(&later, 6, "is not known");
    let stranger = AuthoritySecret::new([9; 32]);
    let strange = stage.keep(&equivocate(&stranger, chain, (0, 7)));
    stage.no_proof(&strange, 2, "has no vote in epoch 0");
    let text = fs::read_to_string(&strange).unwrap();
    let changed = text.replace("\"proof\": \"", "\"proof\": \"ff");
    for (text, says) in [(changed.as_str(), "is no file"), ("{}", "is no file"), ("", "is no file")]
    {
        fs::write(&strange, text).unwrap();
        stage.no_proof(&strange, 2, says);
    }
    let elsewhere = equivocate(&secret, Hash([7; 32]), (0, 7));
    let file = stage.keep(&equivocate(&secret, chain, (0, 8)));
    let bytes = |proof: &Equivocation| rpc::canonical::Canonical(*proof).to_string();
    let own = bytes(&equivocate(&secret, chain, (0, 8)));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(&own), "ed25519 signs the same bytes alike");
    fs::write(&file, text.replace(&own, &bytes(&elsewhere))).unwrap();
    stage.no_proof(&file, 2, "a signature does not verify");
    stage.no_proof(Path::new("/nowhere"), 7, "/nowhere");
}
