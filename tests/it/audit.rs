//! A day on a real node, and then the books: every account's statement adds up to the unit, what they
//! close with is all the money there is, and a restart in between changes no line.

use std::collections::BTreeMap;

use chain::amount::Amount;
use chain::hash::{Domain, Hash};
use chain::id::ObjectId;
use chain::memo::Memo;
use chain::operation::Operation;
use chain::target::Target;
use serde_json::Value;
use tests::operate::{carry_out, operate};
use tests::process::{Node, Wallet};

/// The accounts of a developer's chain, and one that is opened during the day.
const NAMES: [&str; 7] = ["authority", "cashier", "treasury", "alice", "bob", "carol", "dave"];

struct Day {
    node: Node,
    wallet: Wallet,
}

impl Day {
    fn begin() -> Self {
        let short = genesis::DEV.replace("slot = \"1h\"", "slot = \"1s\"");
        let node = Node::start(Some(&short.replace("\"31d\"", "\"1h\"")));
        let wallet = Wallet::new(&node.rpc);
        for name in NAMES {
            if name == "dave" {
                wallet.ok(&["key", "new", name]);
            } else {
                node.import(&wallet, name);
            }
        }
        Self { node, wallet }
    }

    /// Runs a command that `name` signs.
    fn by(&self, name: &str, arguments: &[&str]) -> Value {
        self.wallet.ok(&[arguments, &["--key", name, "--yes"]].concat())
    }

    fn statement(&self, name: &str) -> Value {
        self.wallet.ok(&["account", "statement", name])
    }

    /// Deposit, transfers, hold with capture and refund, contract, channel, withdrawals.
    fn play(&self) {
        let deposit = ["cashier", "deposit", "dave", "100TLY", "--reference", "transfer 17"];
        self.by("cashier", &deposit);
        self.by("alice", &["send", "bob", "1.5TLY", "--memo", "=rent"]);
        self.by("bob", &["send", "dave", "0.25TLY"]);
        let opened = self.by("alice", &["hold", "open", "bob", "10TLY", "--expires", "+1h"]);
        let hold = opened["hold"].as_str().expect("a hold");
        self.by("bob", &["hold", "capture", hold, "4TLY"]);
        let of = ObjectId::from_hex(hold).expect("a name");
        let reason = Memo::new("half of it").expect("short");
        operate(
            &self.node,
            "bob",
            Operation::Refund { of, amount: Amount::from_u64(1_000_000), reason },
        );
        self.by("bob", &["hold", "release", hold]);
        self.by("carol", &["hold", "open", "bob", "2TLY", "--expires", "+2s"]);
        self.trade();
        self.pay_by_channel();
        self.withdraw();
    }

    fn trade(&self) {
        let ask = ["order", "place", "ask", "cpu", "--quantity", "100", "--price", "40utly"];
        let bid = ["order", "place", "bid", "cpu", "--quantity", "100", "--price", "50utly"];
        self.by("bob", &[&ask[..], &["--start", "+4slots", "--slots", "60"]].concat());
        self.by("alice", &[&bid[..], &["--start", "+8slots", "--slots", "2", "--ioc"]].concat());
        let contracts = self.wallet.ok(&["contract", "list", "bob"]);
        let contract = contracts["items"][0]["contract"].as_str().expect("a contract");
        carry_out(&self.node, contract, "alice", "bob");
    }

    fn pay_by_channel(&self) {
        let opened =
            self.by("alice", &["channel", "open", "carol", "20TLY", "--settle-delay", "1h"]);
        let channel = opened["channel"].as_str().expect("a channel");
        let file = self.wallet.folder().join("voucher.json");
        let file = file.to_str().expect("a path of letters");
        self.by("alice", &["channel", "pay", channel, "2.5TLY", "--to-file", file]);
        self.by("carol", &["channel", "submit", file]);
        self.by("carol", &["channel", "close", channel]);
    }

    fn withdraw(&self) {
        let request = |units| {
            let amount = Amount::from_u64(units);
            let target = Target::new("a bank account").expect("short");
            operate(&self.node, "carol", Operation::WithdrawRequest { amount, target })
        };
        let (paid, refused) = (request(7_000_000), request(3_000_000));
        let reference = Hash::of(Domain::Reference, &[b"wire 4"]);
        operate(&self.node, "cashier", Operation::WithdrawConfirm { hold: paid, reference });
        let reason = Memo::new("no such bank").expect("short");
        operate(&self.node, "cashier", Operation::WithdrawReject { hold: refused, reason });
    }
}

fn units(value: &Value) -> i128 {
    value.as_str().expect("an amount").parse().expect("a number")
}

/// What the statement says under `kind`.
fn total(statement: &Value, kind: &str) -> i128 {
    let totals = statement["totals"].as_array().expect("totals");
    let total = totals.iter().find(|total| total["kind"] == kind);
    units(&total.unwrap_or_else(|| panic!("no {kind} in {statement}"))["change"])
}

/// True when a line of the statement says so.
fn says(statement: &Value, words: &str) -> bool {
    let lines = statement["lines"].as_array().expect("lines");
    let said = lines.iter().flat_map(|line| line["what"].as_array().expect("words"));
    said.into_iter().any(|said| said.as_str().is_some_and(|said| said.contains(words)))
}

/// That lines lead from the opening to the closing columns, worked out without the wallet.
fn check_lines(statement: &Value) {
    let mut columns = statement["opening"].clone();
    for line in statement["lines"].as_array().expect("lines") {
        let after = |name: &str| units(&line[name]);
        assert_eq!(after("amount"), units(&columns["amount"]) + after("amount_change"), "{line}");
        assert_eq!(after("held"), units(&columns["held"]) + after("held_change"), "{line}");
        assert_eq!(after("balance"), after("amount") - after("held"), "{line}");
        assert_eq!(after("available"), after("balance") + after("credit"), "{line}");
        columns = line.clone();
    }
    for name in ["amount", "held", "balance", "credit", "available"] {
        assert_eq!(columns[name], statement["closing"][name], "{name}");
    }
    let totals = statement["totals"].as_array().expect("totals").iter();
    let moved: i128 = totals.map(|total| units(&total["change"])).sum();
    let (opening, closing) = (&statement["opening"]["amount"], &statement["closing"]["amount"]);
    assert_eq!(units(opening) + moved, units(closing));
}

#[test]
fn every_account_of_a_day_adds_up_and_all_together_are_the_supply() {
    let mut day = Day::begin();
    day.play();
    let statements: BTreeMap<&str, Value> =
        NAMES.into_iter().map(|name| (name, day.statement(name))).collect();
    statements.values().for_each(check_lines);
    let closing = statements.values().map(|it| units(&it["closing"]["amount"]));
    let supply = units(&day.wallet.ok(&["status"])["supply"]);
    assert_eq!(closing.sum::<i128>(), supply, "all accounts together are the supply");

    let [alice, bob, carol, dave] = ["alice", "bob", "carol", "dave"].map(|name| &statements[name]);
    assert_eq!(total(dave, "deposited"), 100_000_000);
    assert_eq!(total(alice, "paid"), -1_500_000);
    assert_eq!((total(alice, "regained"), total(bob, "refunded")), (1_000_000, -1_000_000));
    let contract = 45 * 100 * 2;
    assert_eq!(total(alice, "captured"), -(4_000_000 + contract + 2_500_000));
    assert_eq!(total(bob, "collected"), 4_000_000 + contract);
    assert_eq!((total(carol, "collected"), total(carol, "withdrawn")), (2_500_000, -7_000_000));
    let earned = ["authority", "treasury"].map(|name| total(&statements[name], "fees_earned"));
    let fees: i128 = statements.values().map(|it| total(it, "fees")).sum();
    assert_eq!(earned.iter().sum::<i128>(), -fees, "every fee has an owner");
    assert!(says(bob, "\"=rent\"") && says(alice, "bought 100 at 45utly"));
    assert!(says(carol, "no such bank") && says(carol, "expired"), "{carol}");
    assert!(says(alice, "slots paid") && says(alice, "channel") && says(alice, "half of it"));

    let proved = day.wallet.ok(&["account", "statement", "bob", "--verify"]);
    assert_eq!(proved["closing"], bob["closing"]);
    assert_eq!(units(&proved["supply"]["supply"]), supply);
    assert_eq!(proved["proof"]["votes"], 1, "the chain has one authority: {proved}");
    assert_eq!(proved["proof"]["chain"], day.node.chain);

    day.node.kill();
    day.node.restart();
    for (name, before) in &statements {
        let after = day.statement(name);
        let lines = before["lines"].as_array().expect("lines").len();
        assert_eq!(
            after["lines"].as_array().map(|it| &it[..lines]),
            before["lines"].as_array().map(|it| &it[..])
        );
    }
    let sheet = day.wallet.text(&["account", "statement", "bob", "--format", "csv"]);
    let rows = statements["bob"]["lines"].as_array().expect("lines").len() + 3;
    assert_eq!(sheet.matches("\r\n").count(), rows, "head, opening, lines, closing: {sheet}");
    assert!(sheet.contains(",'=rent,"), "{sheet}");
}
