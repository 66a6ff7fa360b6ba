//! Secrets of running programs: they stand in their own files, encrypted in a wallet's, and nowhere else.

use std::fs;
use std::path::Path;

use tests::process::{Node, Wallet};

/// The text of every file below `folder`, by its path.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            found.push((path.display().to_string(), text));
        }
    }
    found
}

/// The secrets in the files of a folder.
fn secrets(folder: &Path) -> Vec<String> {
    let secrets = files(folder).into_iter().map(|(_, text)| text.trim().to_owned());
    secrets.filter(|text| text.len() == 64).collect()
}

fn check_silent(what: &str, text: &str, secrets: &[String]) {
    let text = text.to_lowercase();
    for secret in secrets {
        assert!(!text.contains(&secret.to_lowercase()), "{what} holds a secret");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn running_node_has_its_secrets_in_their_files_alone() {
    let mut node = Node::start(None);
    let mut hidden = secrets(&node.home().join("keys"));
    hidden.extend(secrets(&node.home().join("dev-accounts")));
    assert!(hidden.len() > 3, "{} secrets", hidden.len());
    let proc = Path::new("/proc").join(node.id().to_string());
    let limits = fs::read_to_string(proc.join("limits")).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
    let core: Vec<&str> = core.unwrap().split_whitespace().collect();
    assert_eq!(core[..2], ["0", "0"], "a crash would leave a copy of the memory");
    for name in ["cmdline", "environ"] {
        let bytes = fs::read(proc.join(name)).unwrap();
        check_silent(name, &String::from_utf8_lossy(&bytes), &hidden);
    }
    let wallet = Wallet::new(&node.rpc);
    node.import(&wallet, "alice");
    wallet.ok(&["key", "new", "bob"]);
    wallet.ok(&["send", "bob", "1TLY", "--key", "alice", "--yes"]);
    assert!(node.stop().success());
    assert!(!node.log().is_empty());
    check_silent("the log", &node.log(), &hidden);
    for folder in ["data", "consensus"] {
        for (path, text) in files(&node.home().join(folder)) {
            check_silent(&path, &text, &hidden);
        }
    }
}

#[test]
fn wallet_keeps_and_says_no_secret_in_the_clear() {
    let node = Node::start(None);
    let hidden = secrets(&node.home().join("dev-accounts"));
    let wallet = Wallet::new(&node.rpc);
    node.import(&wallet, "alice");
    for arguments in [
        &["key", "list"][..],
        &["account", "show", "alice"],
        &["send", "alice", "1TLY", "--key", "alice", "--yes"],
        &["send", "nobody", "1TLY", "--key", "alice", "--yes"],
        &["key", "rename", "alice", "bob"],
        &["key", "delete", "alice"],
    ] {
        let answer = wallet.run(arguments);
        check_silent(&format!("{arguments:?}"), &answer.json.to_string(), &hidden);
        check_silent(&format!("{arguments:?}"), &answer.stderr, &hidden);
    }
    check_silent("key list", &wallet.text(&["key", "list"]), &hidden);
    let kept = files(&wallet.folder().join("wallet"));
    assert!(!kept.is_empty());
    for (path, text) in kept {
        check_silent(&path, &text, &hidden);
    }
}
