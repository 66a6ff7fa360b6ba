//! Authorities change what is traded, from a file to orders in the new market.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::process::{Node, Wallet};

const RAM: &str = r#"
name = "ram"
unit = "GiB"
slot = "1h"
lot = 1
tick = "1utly"
quantity_min = 4
horizon = "31d"
lead = "0s"
k_bps = 5000
"#;

/// A chain whose proposals take effect after a second, and a wallet of its authority and of alice.
fn stage() -> (Node, Wallet) {
    let genesis = genesis::DEV.replace("delay = \"10s\"", "delay = \"1s\"");
    assert_ne!(genesis, genesis::DEV, "the delay is short");
    let node = Node::start(Some(&genesis));
    let wallet = Wallet::new(&node.rpc);
    node.import(&wallet, "authority");
    node.import(&wallet, "alice");
    (node, wallet)
}

fn propose(wallet: &Wallet, text: &str) -> tests::process::Answer {
    let file = wallet.folder().join("market.toml");
    std::fs::write(&file, text).expect("the folder is there");
    let file = file.to_str().expect("a path in UTF-8");
    wallet.run(&["propose", "market", "--file", file, "--key", "authority", "--yes"])
}

/// Asks again until the proposal is over.
fn ended(wallet: &Wallet, proposal: &str) -> Value {
    let begun = Instant::now();
    loop {
        let shown = wallet.ok(&["proposal", "show", proposal]);
        if shown["stage"] == "ended" {
            return shown;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{shown}");
    }
}

fn ask(wallet: &Wallet) -> tests::process::Answer {
    let order = ["order", "place", "ask", "ram", "--quantity", "8", "--price", "40utly"];
    let window = ["--start", "+2slots", "--slots", "24", "--key", "alice", "--yes"];
    wallet.run(&[&order[..], &window].concat())
}

#[test]
fn market_is_added_changed_and_closed_by_proposals() {
    let (_node, wallet) = stage();
    assert_eq!(ask(&wallet).error(), "MARKET_UNKNOWN");
    let answer = propose(&wallet, RAM);
    assert_eq!(answer.code, 0, "{}", answer.json);
    let proposal = answer.json["proposal"].as_str().expect("its name").to_owned();
    let shown = wallet.ok(&["proposal", "show", &proposal]);
    assert_eq!(shown["change"]["market"]["name"], "ram");
    let twice = wallet.run(&["approve", &proposal, "--key", "authority", "--yes"]);
    assert!(["PROPOSAL_DECIDED", "PROPOSAL_UNKNOWN"].contains(&twice.error()), "{}", twice.json);
    assert_eq!(ended(&wallet, &proposal)["reason"], "enacted");
    let market = wallet.ok(&["market", "show", "ram"]);
    assert_eq!((&market["market"], &market["quantity_min"]), (&json!(4), &json!(4)));
    assert_eq!(ask(&wallet).code, 0);
    assert_eq!(wallet.ok(&["market", "verify", "ram"])["asks"], 1);

    let answer = propose(&wallet, &RAM.replace("quantity_min = 4", "quantity_min = 16"));
    assert_eq!(answer.code, 0, "{}", answer.json);
    let listed = wallet.ok(&["proposal", "list"]);
    assert_eq!(listed["items"][0]["proposal"], answer.json["proposal"]);
    ended(&wallet, answer.json["proposal"].as_str().expect("its name"));
    assert_eq!(ask(&wallet).error(), "QUANTITY_INVALID");

    let closed = RAM.replace("k_bps = 5000", "k_bps = 5000\nstatus = \"closed\"");
    let answer = propose(&wallet, &closed);
    assert_eq!(answer.code, 0, "{}", answer.json);
    ended(&wallet, answer.json["proposal"].as_str().expect("its name"));
    assert_eq!(wallet.ok(&["market", "show", "ram"])["status"], "closed");
    assert_eq!(ask(&wallet).error(), "MARKET_CLOSED");
    assert_eq!(wallet.ok(&["order", "list", "--key", "alice"])["items"], json!([]));
}

#[test]
fn file_that_no_market_can_follow_is_refused_before_it_costs_a_fee() {
    let (_node, wallet) = stage();
    for (from, to) in [
        ("lot = 1", "lot = 0"),
        ("slot = \"1h\"", "slot = \"7m\""),
        ("tick = \"1utly\"", "tick = \"1\""),
        ("name = \"ram\"", "name = \"RAM\""),
        ("k_bps", "bps"),
        ("name = \"ram\"", "name = \"cpu\""),
    ] {
        let answer = propose(&wallet, &RAM.replace(from, to));
        assert_eq!((answer.code, answer.error()), (2, "USAGE"), "{to}: {}", answer.json);
    }
    let file = wallet.folder().join("market.toml");
    std::fs::write(&file, RAM).expect("the folder is there");
    let file = file.to_str().expect("a path in UTF-8");
    let stranger = wallet.run(&["propose", "market", "--file", file, "--key", "alice", "--yes"]);
    assert_eq!(stranger.error(), "NOT_AUTHORITY", "{}", stranger.json);
}

#[test]
fn params_and_a_freeze_take_effect_and_are_read_again() {
    let (_node, wallet) = stage();
    let propose = |what: &[&str]| {
        let answer = wallet.run(&[&["propose"], what, &["--key", "authority", "--yes"]].concat());
        assert_eq!(answer.code, 0, "{}", answer.json);
        answer.json["proposal"].as_str().expect("its name").to_owned()
    };
    let proposal = propose(&["params", "--set", "fees.base=5000utly"]);
    let change = &wallet.ok(&["proposal", "show", &proposal])["change"]["changes"][0];
    assert_eq!((&change["param"], &change["value"]), (&json!("fees.base"), &json!("5000")));
    assert_eq!(ended(&wallet, &proposal)["reason"], "enacted");
    let again = ["propose", "params", "--set", "fees.base=5000utly", "--key", "authority", "--yes"];
    assert_eq!(wallet.run(&again).error(), "PARAM_UNCHANGED");
    let stale = ["propose", "params", "--set", "fees.bass=1utly", "--key", "authority", "--yes"];
    assert_eq!(wallet.run(&stale).error(), "USAGE");

    let proposal = propose(&["freeze", "alice"]);
    assert_eq!(ended(&wallet, &proposal)["reason"], "enacted");
    let paid = ["send", "authority", "1TLY", "--key", "alice", "--yes"];
    assert_eq!(wallet.run(&paid).error(), "ACCOUNT_FROZEN");
    assert_eq!(wallet.ok(&["account", "show", "alice"])["frozen"], true);

    let listed = wallet.ok(&["authority", "list"]);
    assert_eq!((&listed["quorum"], &listed["next"]), (&json!(1), &listed["voting"]));
    let history = wallet.ok(&["authority", "history"]);
    let steps = history["items"].as_array().expect("a list").iter();
    let steps: Vec<&str> = steps.filter_map(|it| it["event"]["type"].as_str()).collect();
    let each = ["proposed", "proposal_approved", "param_set", "proposal_closed"];
    let last = ["proposed", "proposal_approved", "frozen", "proposal_closed"];
    assert_eq!(steps, [each, last].concat(), "{history}");
}
