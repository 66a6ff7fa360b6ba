//! What `tallyd` tells about a home: its settings, its key, and a bundle that holds what helps and no secret.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tests::process::{Node, Wallet};

fn tallyd(command: &[&str], home: &Path, more: &[&str]) -> Output {
    let home = ["--home", home.to_str().unwrap()];
    Node::tallyd(&[command, &home, more].concat())
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The texts of the files in `folder`.
fn secrets(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let texts = entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    texts.map(|text| text.trim().to_owned()).collect()
}

/// The bytes that hexadecimal digits stand for.
fn bytes(digits: &str) -> Vec<u8> {
    let at = (0..digits.len()).step_by(2);
    at.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// Unpacks `archive` with the system's own program, into a folder of the same name.
fn unpack(archive: &Path) -> std::path::PathBuf {
    let folder = archive.with_extension("");
    fs::create_dir(&folder).unwrap();
    let mut tar = Command::new("tar");
    assert!(tar.arg("-xf").arg(archive).arg("-C").arg(&folder).status().unwrap().success());
    folder.join("tally-debug")
}

#[test]
fn bundle_holds_what_helps_and_no_secret() {
    let mut node = Node::start(None);
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::new(&node.rpc);
    node.import(&wallet, "alice");
    node.import(&wallet, "bob");
    wallet.ok(&["send", "bob", "1TLY", "--key", "alice", "--yes"]);
    let out = folder.path().join("running.tar");
    let (rpc, metrics) = (node.rpc.clone(), node.operation.clone());
    let log = node.home().with_extension("log");
    let more = ["--out", out.to_str().unwrap(), "--rpc", &rpc, "--metrics", &metrics];
    stdout(&tallyd(&["debug", "bundle"], &node.home(), &more));
    let parts = unpack(&out);
    let part = |name: &str| fs::read_to_string(parts.join(name)).unwrap();
    let json = |name: &str| serde_json::from_str::<Value>(&part(name)).unwrap();
    assert_eq!(json("facts.json")["chain"]["hash"], node.chain.as_str());
    assert!(json("status.json")["node"]["tip"]["state_root"].is_string());
    assert!(part("metrics.txt").contains("tally_height"));
    assert!(part("config.toml").contains("voting_mib_min = 2048"));
    assert!(part("files.txt").lines().any(|line| line.contains("keys/authority.key")));
    assert!(part("log.txt").contains("started"), "{} is there", log.display());
    let whole = fs::read(&out).unwrap();
    let found = |secret: &[u8]| whole.windows(secret.len()).any(|window| window == secret);
    let secrets: Vec<_> =
        ["keys", "dev-accounts"].iter().flat_map(|it| secrets(&node.home().join(it))).collect();
    assert!(secrets.len() > 5, "there are secrets to look for");
    for secret in secrets {
        assert!(!found(secret.as_bytes()) && !found(&bytes(&secret)));
        assert!(!found(secret.to_uppercase().as_bytes()));
    }

    // It helps with a node that does not run, too, and overwrites nothing.
    assert!(node.stop().success());
    let refused = tallyd(&["debug", "bundle"], &node.home(), &more);
    assert_eq!(refused.status.code(), Some(1));
    let out = folder.path().join("stopped.tar");
    let more = ["--out", out.to_str().unwrap(), "--rpc", &rpc, "--metrics", &metrics];
    stdout(&tallyd(&["debug", "bundle"], &node.home(), &more));
    let status = fs::read_to_string(unpack(&out).join("status.json")).unwrap();
    assert!(status.contains("error"), "{status}");
}

#[test]
fn bundle_with_a_secret_in_the_log_is_not_written() {
    let node = Node::start(None);
    let folder = tempfile::tempdir().unwrap();
    let (log, out) = (folder.path().join("log"), folder.path().join("out.tar"));
    let secret = fs::read_to_string(node.home().join("keys/authority.key")).unwrap();
    fs::write(&log, format!("somebody logged {secret}\n")).unwrap();
    let more = ["--out", out.to_str().unwrap(), "--log", log.to_str().unwrap()];
    let refused = tallyd(&["debug", "bundle"], &node.home(), &more);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("a secret of this home"));
    assert!(!out.exists());
}

#[test]
fn settings_are_checked_and_printed_with_their_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, "[rpc]\nlisten = \"127.0.0.1:1234\"\n").unwrap();
    let said = stdout(&tallyd(&["config", "check"], folder.path(), &[]));
    assert!(said.contains("can be used"), "{said}");
    let printed = stdout(&tallyd(&["config", "print"], folder.path(), &[]));
    for line in ["listen = \"127.0.0.1:1234\"", "listen = \"127.0.0.1:7646\"", "idle_ms = 1000"] {
        assert!(printed.contains(line), "{line} in {printed}");
    }
    fs::write(&path, "[rpc]\nlisten_on = 1\n").unwrap();
    let refused = tallyd(&["config", "check"], folder.path(), &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("listen_on"));
}

#[test]
fn key_is_shown_and_its_secret_is_not() {
    let node = Node::start(None);
    let said = stdout(&tallyd(&["key", "show"], &node.home(), &["--json"]));
    let said: Value = serde_json::from_str(&said).unwrap();
    let status = stdout(&Node::tallyd(&["status", "--json", "--rpc", &node.rpc]));
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(said["key"], status["node"]["key"], "{status}");
    assert!(said["next"].is_null());
    let secret = fs::read_to_string(node.home().join("keys/authority.key")).unwrap();
    assert!(!said.to_string().contains(secret.trim()));
}
