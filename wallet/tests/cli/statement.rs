//! `tally account history` and `tally account statement`, word for word.

use crate::history::bob;
use crate::node::{Node, Part};
use crate::program::{Run, Wallet, document};

const TEXT: &str = "\
Statement of ALICE, blocks 0 to 10

   block  time                                    change                amount                  held               balance                credit             available
 opening                                                                  0TLY                  0TLY                  0TLY                  0TLY                  0TLY
       0  2026-11-28T12:00:00Z                 +6.503TLY              6.503TLY                  0TLY              6.503TLY                  0TLY              6.503TLY
           what the account had here
       2  2026-11-28T12:00:02Z                -2.0015TLY             4.5015TLY                  0TLY             4.5015TLY                  0TLY             4.5015TLY
           paid 2TLY to BOB \"=HYPERLINK(\\\"http://x\\\")\\u{1b}[2J\"
           fee 0.0015TLY
       3  2026-11-28T12:00:03Z                   +0.5TLY             5.0015TLY                  0TLY             5.0015TLY                  0TLY             5.0015TLY
           received 0.5TLY from BOB
       9  2026-11-28T12:00:09Z                -0.0015TLY                  5TLY                  1TLY                  4TLY                  0TLY                  4TLY
           set 1TLY aside for BOB until 2026-11-28T12:00:00Z: hold 060606060606
           fee 0.0015TLY
 closing                                                                  5TLY                  1TLY                  4TLY                  0TLY                  4TLY

  opening amount                                    0TLY
  brought forward                              +6.503TLY
  received                                       +0.5TLY
  paid                                             -2TLY
  fees                                         -0.003TLY
  closing amount                                    5TLY

checked: 4 lines add up to the unit, and lead to what the account has at block 10
";

const CSV: &str = "\
height,time,step,transaction,what,memo,fee,amount_change,held_change,amount,held,balance,credit,available,unit\r
,,opening,,,,,,,0,0,0,0,0,TLY\r
0,2026-11-28T12:00:00Z,beginning,,what the account had here,,0,6.503,0,6.503,0,6.503,0,6.503,TLY\r
2,2026-11-28T12:00:02Z,transaction,HASH,\"paid 2TLY to BOB \"\"=HYPERLINK(\\\"\"http://x\\\"\")\\u{1b}[2J\"\"; fee 0.0015TLY\",\"'=HYPERLINK(\"\"http://x\"\")\\u{1b}[2J\",0.0015,-2.0015,0,4.5015,0,4.5015,0,4.5015,TLY\r
3,2026-11-28T12:00:03Z,transaction,HASH,received 0.5TLY from BOB,,0,0.5,0,5.0015,0,5.0015,0,5.0015,TLY\r
9,2026-11-28T12:00:09Z,transaction,HASH,set 1TLY aside for BOB until 2026-11-28T12:00:00Z: hold 060606060606; fee 0.0015TLY,,0.0015,-0.0015,1,5,1,4,0,4,TLY\r
,,closing,,,,,,,5,1,4,0,4,TLY\r
";

const HISTORY: &str =
    " BLOCK  TIME                  CHANGE      AMOUNT     HELD  BALANCE    CREDIT  AVAILABLE
 0      2026-11-28T12:00:00Z  +6.503TLY   6.503TLY   0TLY  6.503TLY   0TLY    6.503TLY
   what the account had here
 2      2026-11-28T12:00:02Z  -2.0015TLY  4.5015TLY  0TLY  4.5015TLY  0TLY    4.5015TLY
   paid 2TLY to BOB \"=HYPERLINK(\\\"http://x\\\")\\u{1b}[2J\"
   fee 0.0015TLY

more: --cursor 2
";

struct Stage {
    wallet: Wallet,
    node: Node,
    alice: String,
}

fn stage(part: Part) -> Stage {
    let wallet = Wallet::with_keys(&["alice"]);
    let shown = wallet.json(&["--network", "dev", "key", "show", "alice"], 0);
    let alice = shown["address"].as_str().unwrap().to_owned();
    Stage { wallet, node: Node::start(part), alice }
}

impl Stage {
    fn run(&self, arguments: &[&str]) -> Run {
        self.wallet.run(&[&["--node", &self.node.url], arguments].concat())
    }

    /// What a run that ends well prints, with names in place of addresses.
    fn shown(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.exit, 0, "{run:?}");
        let shown = run.stdout.replace(&self.alice, "ALICE").replace(&bob(), "BOB");
        shown.replace(&hex::encode([5; 32]), "HASH")
    }
}

#[test]
fn a_statement_reads_so() {
    let shown = stage(Part::Applies).shown(&["account", "statement", "alice"]);
    assert_eq!(shown, TEXT, "{shown}");
}

#[test]
fn a_sheet_reads_so() {
    let stage = stage(Part::Applies);
    let shown = stage.shown(&["account", "statement", "--format", "csv"]);
    assert_eq!(shown, CSV, "{shown}");
    let run = stage.run(&["account", "statement", "--format", "csv"]);
    assert!(run.stderr.contains("checked: 4 lines"), "{}", run.stderr);
}

#[test]
fn a_history_reads_so() {
    let shown = stage(Part::Applies).shown(&["account", "history", "alice", "--limit", "2"]);
    assert_eq!(shown, HISTORY, "{shown}");
}

#[test]
fn a_document_has_lines_columns_and_totals() {
    let stage = stage(Part::Applies);
    let document = document(&stage.run(&["--json", "account", "statement", "alice"]));
    assert_eq!(document["lines"].as_array().unwrap().len(), 4);
    assert_eq!(document["opening"]["amount"], "0");
    assert_eq!(document["closing"]["available"], "4000000");
    assert_eq!(document["checked"], serde_json::json!({ "lines": 4, "height": 10 }));
    let total = |kind: &str| {
        let totals = document["totals"].as_array().unwrap();
        let total = totals.iter().find(|total| total["kind"] == kind).unwrap();
        total["change"].as_str().unwrap().to_owned()
    };
    assert_eq!(total("paid"), "-2000000");
    assert_eq!(total("fees"), "-3000");
    assert_eq!(total("withdrawn"), "0");
    assert_eq!(document["lines"][2]["what"][0], format!("received 0.5TLY from {}", bob()));
}

#[test]
fn a_history_that_does_not_add_up_is_no_statement() {
    let stage = stage(Part::LosesMoney);
    let run = stage.run(&["--json", "account", "statement", "alice"]);
    assert_eq!(run.exit, 1, "{run:?}");
    assert_eq!(document(&run)["error"]["code"], "STATEMENT_MISMATCH");
}

#[test]
fn ranges_and_formats_that_make_no_sense_exit_2() {
    let stage = stage(Part::Applies);
    for arguments in [
        &["account", "statement", "--from", "yesterday"][..],
        &["account", "statement", "--to", "2026-13-01"],
        &["account", "statement", "--format", "pdf"],
        &["--json", "account", "statement", "--format", "csv"],
        &["account", "history", "--limit", "201"],
    ] {
        assert_eq!(stage.run(arguments).exit, 2, "{arguments:?}");
    }
}
