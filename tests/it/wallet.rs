//! The wallet against a real node, as a script would use it: every kind of money movement, with the node
//! killed in the middle.

use serde_json::Value;
use tests::operate::carry_out;
use tests::process::{Node, Wallet};

/// The developers' genesis with slots of a second, so that a contract ends within the test.
fn short_slots() -> String {
    genesis::DEV.replace("slot = \"1h\"", "slot = \"1s\"").replace("\"31d\"", "\"1h\"")
}

/// A node, and a wallet with the cashier's key and two keys that the cashier has paid in for.
fn host_and_buyer() -> (Node, Wallet) {
    let node = Node::start(None);
    let wallet = Wallet::new(&node.rpc);
    node.import(&wallet, "cashier");
    for name in ["host", "buyer"] {
        wallet.ok(&["key", "new", name]);
        let reference = format!("bank transfer of {name}");
        wallet.ok(&[
            "cashier",
            "deposit",
            name,
            "100TLY",
            "--reference",
            &reference,
            "--key",
            "cashier",
            "--yes",
        ]);
    }
    (node, wallet)
}

fn text<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer[field].as_str().unwrap_or_else(|| panic!("no {field} in {answer}"))
}

/// Money of an account in base units.
fn money(wallet: &Wallet, account: &str, field: &str) -> u128 {
    let account = wallet.ok(&["account", "show", account]);
    text(&account, field).parse().expect("an amount is a number")
}

#[test]
fn hold_is_captured_twice_and_released_across_a_kill() {
    let (mut node, wallet) = host_and_buyer();
    wallet.ok(&["send", "host", "1.5TLY", "--memo", "rent", "--key", "buyer", "--yes"]);
    let open = ["hold", "open", "host", "10TLY", "--expires", "+1h", "--key", "buyer", "--yes"];
    let opened = wallet.ok(&open);
    let hold = text(&opened, "hold").to_owned();
    wallet.ok(&["hold", "capture", &hold, "4TLY", "--key", "host", "--yes"]);
    let before = (money(&wallet, "host", "amount"), money(&wallet, "buyer", "amount"));

    node.kill();
    node.restart();
    let after = (money(&wallet, "host", "amount"), money(&wallet, "buyer", "amount"));
    assert_eq!(after, before, "what was acknowledged is there");

    wallet.ok(&["hold", "capture", &hold, "3TLY", "--key", "host", "--yes"]);
    wallet.ok(&["hold", "release", &hold, "--key", "host", "--yes"]);
    let ended = wallet.ok(&["hold", "show", &hold]);
    assert_eq!(text(&ended, "status"), "ended");
    assert_eq!(text(&ended, "captured"), "7000000");

    // 100 deposited, 1.5 and 7 received or paid; what is missing are fees below 0.02 TLY.
    let (host, buyer) = (money(&wallet, "host", "amount"), money(&wallet, "buyer", "amount"));
    assert!((108_480_000..108_510_000).contains(&host), "{host}");
    assert!((91_480_000..91_510_000).contains(&buyer), "{buyer}");
    assert_eq!(money(&wallet, "buyer", "held"), 10_000, "only the account's deposit");
}

#[test]
fn what_was_foreseen_built_and_signed_happens_once_across_a_kill() {
    let (mut node, wallet) = host_and_buyer();
    let file = wallet.folder().join("pay.json");
    let file = file.to_str().expect("a path of letters");
    wallet.ok(&["tx", "build", file, "send", "host", "1.5TLY", "--key", "buyer"]);
    let foreseen = wallet.ok(&["tx", "simulate", file, "--key", "buyer"]);
    wallet.ok(&["tx", "sign", file, "--key", "buyer", "--yes"]);
    let before = money(&wallet, "host", "amount");
    let sent = wallet.ok(&["tx", "send", file, "--no-wait"]);

    // Whether the node had it in a block or lost it, its end is applied.
    node.kill();
    node.restart();
    let ended = wallet.ok(&["tx", "wait", text(&sent, "hash")]);
    assert_eq!(ended["fee"], foreseen["receipt"]["fee"]);
    assert_eq!(ended["events"], foreseen["receipt"]["events"]);
    let again = wallet.ok(&["tx", "send", file]);
    assert_eq!(again["height"], ended["height"]);
    assert_eq!(money(&wallet, "host", "amount"), before + 1_500_000);
    assert_eq!(wallet.ok(&["tx", "pending"])["items"].as_array().map(Vec::len), Some(0));
}

#[test]
fn bid_and_ask_become_a_contract_that_is_carried_out_and_paid() {
    let node = Node::start(Some(&short_slots()));
    let wallet = Wallet::new(&node.rpc);
    ["alice", "bob"].into_iter().for_each(|name| node.import(&wallet, name));
    let held = money(&wallet, "alice", "held");
    let window = ["--start", "+8slots", "--slots", "3", "--yes"];
    let ask = ["order", "place", "ask", "cpu", "--quantity", "100", "--price", "40utly"];
    let bid = ["order", "place", "bid", "cpu", "--quantity", "100", "--price", "50utly", "--ioc"];
    let ask = wallet.ok(&[
        &ask[..],
        &["--start", "+4slots", "--slots", "60", "--yes"],
        &["--key", "bob"],
    ]
    .concat());
    let bid = wallet.ok(&[&bid[..], &window, &["--key", "alice"]].concat());

    let contracts = wallet.ok(&["contract", "list", "bob"]);
    let contract = &contracts["items"][0];
    assert_eq!(contract["bid"], bid["order"]);
    assert_eq!(contract["ask"], ask["order"]);
    assert_eq!(text(contract, "price"), "45");
    assert_eq!(text(contract, "total"), (45 * 100 * 3).to_string());
    assert_eq!(text(contract, "state"), "matched");

    let id = text(contract, "contract").to_owned();
    carry_out(&node, &id, "alice", "bob");
    let ended = wallet.ok(&["contract", "show", &id]);
    assert_eq!((text(&ended, "status"), text(&ended, "reason")), ("ended", "accepted"));
    assert_eq!(text(&ended, "paid"), (45 * 100 * 3).to_string());
    assert_eq!(ended["slots_paid"], 3);
    assert_eq!(money(&wallet, "alice", "held"), held, "nothing is set aside any more");
}

/// What an account earned in all, in a column of its earnings.
fn earned(wallet: &Wallet, account: &str, column: &str) -> i128 {
    let earnings = wallet.ok(&["account", "earnings", account, "--by", "month", "--per", "deal"]);
    let sum = |sums: &Value| text(sums, column).parse::<i128>().expect("a sum");
    let rows = earnings["rows"].as_array().expect("rows").iter().map(sum).sum();
    assert_eq!(sum(&earnings["total"]), rows, "the rows add up to the total");
    rows
}

/// What a kind of an account's statement comes to.
fn stated(wallet: &Wallet, account: &str, kind: &str) -> i128 {
    let statement = wallet.ok(&["account", "statement", account]);
    let totals = statement["totals"].as_array().expect("totals");
    let total = totals.iter().find(|total| total["kind"] == kind).expect("the kind");
    text(total, "change").parse().expect("a change")
}

#[test]
fn earnings_agree_with_the_statement_to_the_unit() {
    let node = Node::start(Some(&short_slots()));
    let wallet = Wallet::new(&node.rpc);
    ["alice", "bob", "carol"].into_iter().for_each(|name| node.import(&wallet, name));
    let run = |line: &str| wallet.ok(&line.split(' ').collect::<Vec<_>>());
    run(
        "order place ask cpu --quantity 100 --price 40utly --start +4slots --slots 60 --split carol:2500 --key bob --yes",
    );
    run(
        "order place bid cpu --quantity 100 --price 50utly --start +8slots --slots 3 --ioc --key alice --yes",
    );
    let contract = text(&run("contract list bob")["items"][0], "contract").to_owned();
    carry_out(&node, &contract, "alice", "bob");
    run(&format!("refund {contract} 0.0004TLY --key bob --yes"));

    let hold = run("hold open bob 10TLY --expires +1h --key alice --yes");
    let hold = text(&hold, "hold");
    run(&format!("hold capture {hold} 4TLY --key bob --yes"));
    run(&format!("hold capture {hold} 3TLY --key bob --yes"));
    let channel = run("channel open bob 20TLY --settle-delay 1h --key alice --yes");
    let (channel, file) = (text(&channel, "channel"), wallet.folder().join("voucher.json"));
    let file = file.to_str().expect("a path of letters");
    run(&format!("channel pay {channel} 2.5TLY --to-file {file} --key alice --yes"));
    run(&format!("channel submit {file} --key bob --yes"));
    run(&format!("channel close {channel} --key bob --yes"));

    assert_eq!(earned(&wallet, "bob", "gross"), 13_500 + 7_000_000 + 2_500_000);
    assert_eq!(earned(&wallet, "bob", "gross"), stated(&wallet, "bob", "collected"));
    assert_eq!(earned(&wallet, "bob", "refunded"), 400);
    assert_eq!(-earned(&wallet, "bob", "refunded"), stated(&wallet, "bob", "refunded"));
    assert_eq!(-earned(&wallet, "bob", "commission"), stated(&wallet, "bob", "commission"));
    // Bob pays nobody but carol, who is paid by nobody else once she has what she began with.
    assert_eq!(-earned(&wallet, "bob", "shared"), stated(&wallet, "bob", "paid"));
    assert!(earned(&wallet, "bob", "shared") > 0);
    assert_eq!(earned(&wallet, "bob", "shared"), earned(&wallet, "carol", "received"));
    assert_eq!(earned(&wallet, "carol", "net"), stated(&wallet, "carol", "received"));
    let net = ["collected", "refunded", "commission", "paid"];
    let net: i128 = net.iter().map(|kind| stated(&wallet, "bob", kind)).sum();
    assert_eq!(earned(&wallet, "bob", "net"), net);
    assert_eq!(run("account earnings alice")["rows"].as_array().map(Vec::len), Some(0));
    let rows = run("account earnings bob")["rows"].as_array().expect("rows").clone();
    let sources: Vec<&str> = rows.iter().map(|row| text(row, "source")).collect();
    assert_eq!(sources, ["channel", "contract", "hold"]);
}

#[test]
fn channel_pays_by_two_vouchers_and_closes() {
    let (_node, wallet) = host_and_buyer();
    let opened = wallet.ok(&[
        "channel",
        "open",
        "host",
        "20TLY",
        "--settle-delay",
        "1h",
        "--key",
        "buyer",
        "--yes",
    ]);
    let channel = text(&opened, "channel").to_owned();
    let before = money(&wallet, "host", "amount");
    let file = wallet.folder().join("voucher.json");
    let file = file.to_str().expect("a path of letters");
    for amount in ["2.5TLY", "1.25TLY"] {
        wallet.ok(&[
            "channel",
            "pay",
            &channel,
            amount,
            "--to-file",
            file,
            "--key",
            "buyer",
            "--yes",
        ]);
    }
    wallet.ok(&["channel", "submit", file, "--key", "host", "--yes"]);
    wallet.ok(&["channel", "close", &channel, "--key", "host", "--yes"]);
    let ended = wallet.ok(&["channel", "status", &channel]);
    assert_eq!(text(&ended, "status"), "ended");
    let earned = money(&wallet, "host", "amount") - before;
    assert!((3_700_000..=3_750_000).contains(&earned), "{earned}");
    let again = wallet.run(&["channel", "submit", file, "--key", "host", "--yes"]);
    assert_eq!((again.code, again.error()), (4, "CHANNEL_UNKNOWN"), "{}", again.json);
}

#[test]
fn mistakes_end_in_clear_errors() {
    let (node, wallet) = host_and_buyer();
    let expect = |arguments: &[&str], code: i32, name: &str| {
        let answer = wallet.run(arguments);
        assert_eq!((answer.code, answer.error()), (code, name), "{arguments:?}: {}", answer.json);
    };
    let buyer = ["--key", "buyer", "--yes"];
    expect(&[&["send", "host", "500TLY"], &buyer[..]].concat(), 4, "BALANCE_TOO_LOW");
    expect(&[&["send", "host", "5"], &buyer[..]].concat(), 2, "USAGE");
    expect(&[&["send", "host", "0.0000001TLY"], &buyer[..]].concat(), 2, "AMOUNT_INVALID");
    let foreign = "tally1qyqszqgpqyqszqgpqyqszqgpqyqszqgp0u6r5l";
    expect(&[&["send", foreign, "1TLY"], &buyer[..]].concat(), 2, "ADDRESS_INVALID");
    expect(&["--network", "main", "account", "show", "buyer"], 3, "WRONG_NETWORK");
    let deposit = ["cashier", "deposit", "host", "1TLY", "--reference", "bank transfer of host"];
    expect(&[&deposit[..], &["--key", "cashier", "--yes"]].concat(), 5, "REFERENCE_USED");
    expect(&[&deposit[..], &buyer[..]].concat(), 5, "NOT_CASHIER");
    expect(&["send", "host", "1TLY", "--key", "buyer"], 2, "ANSWER_MISSING");

    let other = Node::start(None);
    let elsewhere = wallet.run(&["--node", &other.rpc, "account", "show", "buyer"]);
    assert_eq!(elsewhere.code, 3, "another chain is refused: {}", elsewhere.json);
    drop(node);
    expect(&["account", "show", "buyer"], 3, "NODE_UNREACHABLE");
}
