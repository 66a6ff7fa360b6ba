//! What a node refuses: a second one on its home, another chain's genesis, a damaged database, a lost
//! journal. And what it survives.

use std::fs;
use std::path::Path;
use std::process::Output;

use tests::process::{Node, Wallet};

fn start_on(home: &Path) -> Output {
    let home = home.to_str().expect("a path of letters");
    Node::tallyd(&["start", "--home", home, "--rpc", "127.0.0.1:0", "--metrics", "off"])
}

fn says(output: &Output, expected: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{stderr}");
    assert!(stderr.contains(expected), "expected '{expected}' in: {stderr}");
}

/// A node that settled a payment and was told to stop.
pub(crate) fn stopped_after_a_payment() -> Node {
    let mut node = Node::start(None);
    let wallet = Wallet::new(&node.rpc);
    node.import(&wallet, "alice");
    node.import(&wallet, "bob");
    wallet.ok(&["send", "bob", "1TLY", "--key", "alice", "--yes"]);
    assert!(node.stop().success());
    node
}

#[test]
fn second_node_on_one_home_is_refused() {
    let node = Node::start(None);
    says(&start_on(&node.home()), "another node uses");
}

#[test]
fn genesis_with_an_unknown_key_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let genesis = folder.path().join("genesis.toml");
    fs::write(&genesis, genesis::DEV.replace("epoch_blocks", "epoch_length")).expect("a file");
    let home = folder.path().join("home");
    let output = Node::tallyd(&[
        "init".as_ref(),
        "--genesis".as_ref(),
        genesis.as_os_str(),
        "--home".as_ref(),
        home.as_os_str(),
    ]);
    says(&output, "epoch_length");
    assert!(!home.join("genesis.toml").exists());
}

#[test]
fn another_genesis_on_an_old_database_is_refused() {
    let mut node = Node::start(None);
    assert!(node.stop().success());
    let path = node.home().join("genesis.toml");
    let genesis = fs::read_to_string(&path).expect("a home has a genesis");
    fs::write(&path, genesis.replace("tally-dev", "tally-other")).expect("a file");
    says(&start_on(&node.home()), "chain");
}

#[test]
fn lost_journal_is_refused() {
    let node = stopped_after_a_payment();
    fs::remove_dir_all(node.home().join("consensus")).expect("a home has a journal");
    says(&start_on(&node.home()), "journal");
}

#[test]
fn damaged_database_is_refused() {
    let node = stopped_after_a_payment();
    let files = fs::read_dir(node.home().join("data")).expect("a home has a database");
    let mut damaged = 0;
    for file in files {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "sst") {
            let mut bytes = fs::read(&path).expect("a file");
            let middle = bytes.len() / 3;
            bytes[middle] ^= 0x40;
            fs::write(&path, bytes).expect("a file");
            damaged += 1;
        }
    }
    assert!(damaged > 0, "stopping flushes the database");
    says(&start_on(&node.home()), "damaged");
}

#[test]
fn status_of_a_running_node_and_of_none() {
    let node = Node::start(None);
    let answer = Node::tallyd(&["status", "--json", "--rpc", &node.rpc]);
    assert!(answer.status.success());
    let status: serde_json::Value = serde_json::from_slice(&answer.stdout).expect("a document");
    assert!(status.to_string().contains(&node.chain), "{status}");
    drop(node);
    let answer = Node::tallyd(&["status", "--json", "--rpc", "http://127.0.0.1:9"]);
    assert_eq!(answer.status.code(), Some(3));
}
