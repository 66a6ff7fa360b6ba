//! Transcripts: what every command prints, for people and for programs, against a node that always says the
//! same. `TALLY_BLESS=1` writes them anew.

use std::fmt::Write;
use std::path::Path;

use crate::node::{Node, Part};
use crate::program::{Run, Wallet};

/// Lines of an answer, and bytes of a line, that are compared; of longer ones the beginning is.
const LINES_MAX: usize = 100;
const LINE_BYTES_MAX: usize = 4_000;

/// Runs every line of `script` for people, then for programs, and compares what they print. In it FOLDER is
/// the wallet's and MODE one of text and json.
fn transcript(name: &str, part: Part, script: &str) {
    let (wallet, node) = (Wallet::with_known_keys(), Node::start(part));
    let script = script.replace("FOLDER", wallet.path().to_str().unwrap());
    let mut text = String::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        for (json, mode) in [(None, "text"), (Some("--json"), "json")] {
            let line = line.replace("MODE", mode);
            let words: Vec<&str> = json.into_iter().chain(line.split(' ')).collect();
            let node = ("TALLY_NODE", node.url.as_str());
            let run = wallet.run_with(&[node, ("TALLY_KEY", "alice")], &words);
            let run = Run { stdout: abridged(&run.stdout), ..run };
            write!(text, "$ tally {}\n{}", words.join(" "), shown(&run)).unwrap();
        }
    }
    assert!(!text.contains("NODE_INCOMPATIBLE"), "the node's part is out of date: {text}");
    let text = text.replace(wallet.path().to_str().unwrap(), "HOME").replace(&node.url, "NODE");
    compare(name, &without_times(&text));
}

fn shown(run: &Run) -> String {
    let errors: String = run.stderr.lines().map(|line| format!("! {line}\n")).collect();
    let exit = if run.exit == 0 { String::new() } else { format!("exit {}\n", run.exit) };
    format!("{errors}{}{exit}\n", run.stdout)
}

/// The beginning of what is long.
fn abridged(stdout: &str) -> String {
    let mut lines: Vec<String> = stdout.lines().map(str::to_owned).collect();
    let most = if lines.len() > LINES_MAX { 3 } else { lines.len() };
    lines.truncate(most);
    for line in &mut lines {
        if line.len() > LINE_BYTES_MAX {
            line.truncate(line.floor_char_boundary(100));
            line.push_str(" …");
        }
    }
    let rest = if most < stdout.lines().count() { "…\n" } else { "" };
    lines.iter().map(|line| format!("{line}\n")).collect::<String>() + rest
}

/// The text without when a key was made and what the clock says, which differ from run to run.
fn without_times(text: &str) -> String {
    let line = |line: &str| match line.find("created") {
        Some(at) => {
            let (before, after) = line.split_at(at);
            let digits = after.find("20").filter(|at| *at < 16);
            let until = after.find('Z').unwrap_or(after.len());
            match digits {
                Some(from) => format!("{before}{}TIME{}\n", &after[..from], &after[until + 1..]),
                None => format!("{line}\n"),
            }
        }
        None => format!("{line}\n"),
    };
    let mut text: String = text.lines().map(line).collect();
    // The clock, as the doctor finds it.
    let mut seen = 0;
    while let Some(at) = text[seen..].find("here 20") {
        let from = seen + at + "here ".len();
        let until = from + text[from..].find(',').unwrap();
        text.replace_range(from..until, "TIME");
        seen = from;
    }
    // A list has several on a line.
    while let Some(at) = text.find("\"created\":\"20") {
        let from = at + "\"created\":\"".len();
        let until = from + text[from..].find('"').unwrap();
        text.replace_range(from..until, "TIME");
    }
    text
}

fn compare(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/golden");
    let path = folder.join(format!("{name}.txt"));
    if std::env::var_os("TALLY_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = expected.lines().zip(text.lines()).find(|(one, other)| one != other);
    assert_eq!(differs, None, "{name}: TALLY_BLESS=1 writes it anew");
    assert_eq!(expected.lines().count(), text.lines().count(), "{name}");
}

const ID: &str = "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";

#[test]
fn commands_about_keys_and_settings() {
    transcript(
        "keys",
        Part::Applies,
        "key list
         key show alice
         key show carol
         key export alice --yes
         key export alice
         key import alice --private-key --secret-file HOME
         key rename alice carol
         key rename carol alice
         key delete carol --yes
         key qr alice
         config list
         config set output yaml
         config set key bob
         config use moon
         config unset network
         --profile moon key list",
    );
}

#[test]
fn commands_that_read() {
    transcript(
        "reads",
        Part::Applies,
        &"status
         account show
         account show bob
         account find market-hall
         account earnings
         account earnings --by month --per deal
         account earnings --format csv
         agent list
         cashier list
         hold list
         hold show ID
         order list
         order show ID
         order explain ID
         order history ID
         order quote bid cpu --quantity 8 --price 45utly --from +2slots --slots 6
         order quote ask cpu --quantity 8 --price 40utly --from +2slots --slots 6
         standing list
         standing show ID
         market list
         market show cpu
         market depth cpu
         market depth cpu --from 2026-11-28T12:00Z --slots 6
         market book cpu
         market trades cpu
         market prices cpu --by day
         proposal list
         proposal show ID
         authority list
         authority history
         contract list
         contract show ID
         contract history ID
         host list
         host list --all
         host show ID
         host bids ID cpu
         channel list
         channel status ID
         tx pending
         tx show ID"
            .replace("ID", ID),
    );
}

#[test]
fn commands_that_write() {
    transcript(
        "writes",
        Part::Applies,
        &"send bob 1.5TLY --yes --memo rent
         send bob 1.5TLY --dry-run
         send bob 1.5TLY
         send bob 1.5
         hold open bob 1TLY --expires 2026-11-28T12:00Z --yes
         hold release ID --yes --no-wait
         order place bid cpu --quantity 8 --price 45utly --from +2slots --slots 6 --yes
         order cancel ID --yes
         order place ask cpu --quantity 8 --price 45utly --from +2slots --slots 6 --pool ID --grade proven --deny bob --agreement ID --broker bob --yes
         order place bid cpu --quantity 8 --price 45utly --from +2slots --slots 6 --require memory>=64 --require os=linux,windows@benchmarked --require tee --prefer bob --tolerance 500 --agreement ID --user bob --yes
         order place bid cpu --quantity 8 --price 45utly --from +2slots --slots 6 --require ram>=64 --yes
         order place bid cpu --quantity 8 --price 45utly --from +2slots --slots 6 --require os=dos --yes
         order place bid cpu --quantity 8 --price 45utly --from +2slots --slots 6 --grade best --yes
         host register --attribute memory=64 --attribute os=linux --attribute tee --expires 2026-11-28T12:00Z --yes
         host register --attribute memory=much --yes
         host register --attribute colour=red --yes
         host update ID --attribute memory=128 --remove tee --yes
         host update ID --remove region --yes
         host capacity ID cpu 64 --yes
         host capacity ID cpu 0 --yes
         host blackout ID cpu --from +2slots --slots 4 --yes
         host blackout ID cpu --from +2slots --slots 4 --lift --yes
         host close ID --yes
         order place bid cpu --quantity 8 --price 45utly --stretch 60utly --from +2slots --slots 6 --yes
         order place ask cpu --quantity 8 --price 45utly --stretch 60utly --from +2slots --slots 6 --yes
         order amend ID --quantity 10 --price 50utly --yes
         order amend ID --quantity 10 --stretch 70utly --yes
         order amend ID --price 0utly --yes
         order amend ID --yes
         standing put ask cpu --quantity 8 --price 45utly --on sat,sun --from 08:00 --for 12h --skip 2026-12-26 --yes
         standing put bid cpu --quantity 8 --price 45utly --on mon --from 08:00 --for 2h --broker bob --budget 1TLY --ahead 1d --dry-run
         standing put bid cpu --quantity 8 --price 45utly --on moonday --from 08:00 --for 2h
         standing put ask cpu --quantity 8 --price 45utly --on sat --from 08:30 --for 12h
         standing pause ID --yes
         standing resume ID --yes
         standing end ID --yes
         order cancel-all --yes
         order cancel-all --market cpu --asks --yes
         order cancel-all --asks --yes
         order cancel-at 2026-11-28T12:00Z --yes
         order cancel-at --never --yes
         channel open bob 1TLY --yes
         channel pay ID 0.5TLY --yes
         channel close ID --yes
         cashier deposit bob 5TLY --reference bank/17 --yes
         cashier confirm WITHDRAWAL --reference bank/18 --yes
         cashier confirm ID --reference bank/18 --yes
         cashier reject WITHDRAWAL --reason unknown --yes
         withdraw 1TLY DE89 --yes
         withdraw 4TLY DE89 --yes
         refund ID 0.4TLY --reason late --yes
         refund ID 0.5TLY --yes
         account name market-hall --yes
         account name no --yes
         account keys alice bob --threshold 2 --yes
         account keys alice bob --threshold 3 --yes
         account keys --own bob --yes
         agent grant bob --scope pay --scope trade --cap 5TLY --expires 2026-11-28T12:00Z --yes
         agent revoke bob --yes
         approve ID --yes"
            .replace("ID", ID)
            .replace("WITHDRAWAL", &ID.replace('a', "c")),
    );
}

/// A contract in each state, who acts next, and what the wallet does not sign because it is not their turn.
#[test]
fn contracts_in_every_state() {
    let states = ('1'..='9').map(|state| format!("contract show {}", contract(state)));
    let script: Vec<String> = states.collect();
    transcript("contracts", Part::Applies, &script.join("\n"));
    let [matched, staging, active, ended, disputed, closed] =
        ['1', '2', '4', '6', '8', '9'].map(contract);
    transcript(
        "turns",
        Part::Applies,
        &format!(
            "contract stage {matched} --digest {ID} --yes
             contract ready {staging} --fingerprint {ID} --key bob --yes
             contract end {active} --yes
             contract stage {active} --digest {ID} --yes
             contract accept {active} --yes
             contract ready {matched} --fingerprint {ID} --key bob --yes
             contract result {matched} --digest {ID} --key bob --yes
             contract reclaim {active} --key bob --yes
             contract ready {staging} --fingerprint {ID} --yes
             contract reject {ended} --yes
             contract abort {disputed} --yes
             contract abort {disputed} --key bob --yes
             contract accept {closed} --yes
             contract accept {active} --build FOLDER/MODE-early"
        ),
    );
}

/// The name of the contract that the node has in a state.
fn contract(state: char) -> String {
    format!("0{state}{}", &ID[2..])
}

#[test]
fn commands_that_carry_a_transaction_in_a_file() {
    transcript(
        "files",
        Part::Applies,
        "tx build FOLDER/MODE-pay send bob 1.5TLY
         tx build FOLDER/MODE-pay send bob 1.5TLY
         tx send FOLDER/MODE-pay
         tx sign FOLDER/MODE-pay
         tx sign FOLDER/MODE-pay --yes
         tx sign FOLDER/MODE-pay --yes
         tx decode FOLDER/MODE-pay
         tx send FOLDER/MODE-pay
         tx send FOLDER/nothing",
    );
}

#[test]
fn commands_about_key_files_of_other_wallets() {
    transcript(
        "foreign",
        Part::Applies,
        "key export alice --v3 FOLDER/MODE-alice --v3-password-file FOLDER/password
         key export alice --v3 FOLDER/MODE-alice --v3-password-file FOLDER/password
         key import MODE-copy --v3 FOLDER/MODE-alice --v3-password-file FOLDER/password
         key import MODE-other --v3 FOLDER/MODE-alice
         key import MODE-other --v3 FOLDER/password --v3-password-file FOLDER/password",
    );
}

#[test]
fn commands_that_look_after_the_wallet() {
    transcript(
        "upkeep",
        Part::Applies,
        "doctor
         completions bash
         completions zsh
         completions fish
         completions tcsh
         man
         man --dir FOLDER/nowhere",
    );
}

#[test]
fn transactions_that_end_otherwise() {
    let send = "send bob 1TLY --yes\nsend bob 1TLY --dry-run";
    transcript("fails", Part::Fails, send);
    transcript("rejected", Part::Rejects, send);
    transcript("expired", Part::Expires, "send bob 1TLY --yes");
}

#[test]
fn help() {
    let wallet = Wallet::new();
    let mut text = String::new();
    for line in include_str!("golden/commands").lines() {
        let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        let run = wallet.run(&[&words[..], &["--help"]].concat());
        write!(text, "$ tally {line} --help\n{}", shown(&run)).unwrap();
    }
    let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(wide, Vec::<&str>::new(), "help fits 80 columns");
    compare("help", &text);
}
