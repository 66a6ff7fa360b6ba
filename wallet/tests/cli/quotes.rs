//! Quotes from the maker's file to what the taker sends.

use std::fs;

use chain::operation::Operation;
use serde_json::Value;

use crate::node::{CHAIN, Node, Part};
use crate::program::Wallet;

struct Stage {
    wallet: Wallet,
    node: Node,
}

impl Stage {
    fn new() -> Self {
        Self { wallet: Wallet::with_known_keys(), node: Node::start(Part::Applies) }
    }

    fn file(&self) -> String {
        self.wallet.path().join("offer.json").to_str().unwrap().to_owned()
    }

    /// Makes a quote of eight cores for six hours at 45, for whoever `more` says.
    fn make(&self, more: &[&str]) -> Value {
        let file = self.file();
        let make = ["--node", &self.node.url, "quote", "make", &file, "sell", "cpu"];
        let terms = ["--quantity", "8", "--price", "45utly", "--from", "+2slots", "--slots", "6"];
        self.wallet.json(&[&make[..], &terms, more].concat(), 0)
    }

    fn accept(&self, key: &str, more: &[&str], exit: i32) -> Value {
        let (file, url) = (self.file(), self.node.url.as_str());
        let accept = ["--node", url, "quote", "accept", &file, "--key", key, "--yes"];
        self.wallet.json(&[&accept[..], more].concat(), exit)
    }
}

#[test]
fn quote_is_made_shown_and_accepted_in_parts() {
    let stage = Stage::new();
    let made = stage.make(&["--key", "alice", "--yes"]);
    let shown = stage.wallet.json(&["quote", "show", &stage.file()], 0);
    assert_eq!(shown["quote"], made["quote"]["quote"]);
    assert_eq!(shown["offer"]["type"], "sell");
    assert_eq!(shown["signers"].as_array().unwrap().len(), 1);
    stage.accept("bob", &["--quantity", "3"], 0);
    let submitted = stage.node.submitted();
    let [Operation::QuoteAccept { quote, quantity, .. }] = &submitted[0].transaction.operations[..]
    else {
        panic!("{submitted:?}")
    };
    assert_eq!(quantity.0, 3);
    assert_eq!(quote.verify(), Ok(()));
    assert_eq!(quote.quote.id().to_string(), shown["quote"]);
}

#[test]
fn several_keys_sign_a_quote_where_they_are() {
    let stage = Stage::new();
    let maker = stage.wallet.json(&["--network", "dev", "key", "show", "alice"], 0);
    let address = maker["address"].as_str().unwrap();
    stage.make(&["--maker", address, "--unsigned"]);
    let unsigned = stage.accept("bob", &[], 4);
    assert_eq!(unsigned["error"]["code"], "QUOTE_NOT_SIGNED");
    let (file, chain) = (stage.file(), hex::encode(CHAIN));
    for key in ["alice", "bob"] {
        let sign = ["--chain", &chain, "quote", "sign", &file, "--key", key, "--yes"];
        stage.wallet.json(&sign, 0);
        let again = stage.wallet.json(&sign, 2);
        assert_eq!(again["error"]["code"], "SIGNED_ALREADY");
    }
    let shown = stage.wallet.json(&["quote", "show", &file], 0);
    assert_eq!(shown["signers"].as_array().unwrap().len(), 2);
}

#[test]
fn quote_that_cannot_be_accepted_is_refused_before_it_costs_a_fee() {
    let stage = Stage::new();
    stage.make(&["--key", "alice", "--yes", "--taker", "bob"]);
    let own = stage.accept("alice", &[], 4);
    assert_eq!(own["error"]["code"], "SELF_TRADE");
    stage.make(&["--key", "bob", "--yes", "--taker", "alice"]);
    stage.wallet.run(&["key", "new", "carol"]);
    let other = stage.accept("carol", &[], 4);
    assert_eq!(other["error"]["code"], "NOT_QUOTED");
    let text = fs::read_to_string(stage.file()).unwrap();
    stage.wallet.file("offer.json", &text.replace("\"price\": \"45\"", "\"price\": \"4\""));
    let changed = stage.accept("alice", &[], 2);
    assert_eq!(changed["error"]["code"], "QUOTE_FILE_CHANGED");
    assert_eq!(stage.node.submitted(), []);
}
