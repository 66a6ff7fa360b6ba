//! Wrong command lines, and answers that nobody is there to give.

use crate::program::{Wallet, document};

const NOBODY: &str = "http://127.0.0.1:9";

#[test]
fn wrong_command_lines_exit_2() {
    let wallet = Wallet::new();
    for arguments in [
        &["frobnicate"][..],
        &["send", "bob"],
        &["send", "bob", "5"],
        &["send", "bob", "5TLY", "--password", "secret"],
        &["key", "show", "../alice"],
        &["hold", "show", "xyz"],
        &["order", "place", "bid", "cpu", "--quantity", "1", "--price", "1utly", "--slots", "2"],
        &[
            "order",
            "place",
            "ask",
            "cpu",
            "--quantity",
            "1",
            "--price",
            "1utly",
            "--ioc",
            "--until",
            "+1h",
        ],
        &["key", "new", "a", "--password-file", "x", "--password-stdin"],
    ] {
        let run = wallet.run(arguments);
        assert_eq!(run.exit, 2, "{arguments:?}: {run:?}");
        assert_eq!(run.stdout, "", "{arguments:?}");
        let error = &wallet.json(arguments, 2)["error"];
        assert_eq!(error["code"], "USAGE", "{arguments:?}");
        assert!(error["message"].as_str().is_some_and(|message| message.len() > 10), "{error}");
    }
}

#[test]
fn flags_that_contradict_each_other_exit_2() {
    let wallet = Wallet::new();
    for arguments in
        [&["--json", "--output", "text", "key", "list"], &["-q", "-v", "key", "list", "--json"]]
    {
        let run = wallet.run(arguments);
        assert_eq!(run.exit, 2, "{run:?}");
        assert_eq!(document(&run)["error"]["code"], "USAGE");
    }
}

#[test]
fn help_and_version_exit_0() {
    let wallet = Wallet::new();
    for arguments in [&["--help"][..], &["--version"], &["order", "place", "bid", "--help"]] {
        let run = wallet.run(arguments);
        assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(!run.stdout.is_empty());
    }
    assert!(wallet.run(&["send", "--help"]).stdout.contains("Examples:"));
}

#[test]
fn a_bare_number_is_no_amount() {
    let run = Wallet::new().run(&["send", "bob", "5"]);
    assert!(run.stderr.contains("an amount needs a unit"), "{run:?}");
}

#[test]
fn a_node_that_is_not_there_exits_3() {
    let wallet = Wallet::with_keys(&["alice"]);
    let error = &wallet.json(&["--node", NOBODY, "account", "show"], 3)["error"];
    assert_eq!(error["code"], "NODE_UNREACHABLE");
    assert!(error["hint"].as_str().unwrap().contains("--node"));
    let run = wallet.run(&["--node", NOBODY, "account", "show"]);
    assert_eq!(run.exit, 3);
    assert!(run.stderr.starts_with("error: cannot reach"), "{run:?}");
    assert_eq!(wallet.json(&["--node", "ftp://x", "status"], 2)["error"]["code"], "USAGE");
}

#[test]
fn a_missing_answer_names_its_flag() {
    let wallet = Wallet::with_keys(&["alice"]);
    for (arguments, flag) in [
        (&["key", "new", "bob"][..], "--password-file"),
        (&["key", "delete", "alice"], "--yes"),
        (&["key", "import", "carol"], "--secret-file"),
        (&["key", "export", "alice", "--yes"], "--password-file"),
    ] {
        let run = wallet.run_without_password(&[&["--json"], arguments].concat());
        assert_eq!(run.exit, 2, "{run:?}");
        let error = &document(&run)["error"];
        assert_eq!(error["code"], "ANSWER_MISSING", "{arguments:?}");
        assert!(error["hint"].as_str().unwrap().contains(flag), "{error}");
    }
}

#[test]
fn unknown_keys_in_the_settings_are_errors() {
    let wallet = Wallet::with_keys(&["alice"]);
    let config = wallet.path().join("home/config.toml");
    std::fs::write(&config, "[profiles.default]\nnode = \"http://127.0.0.1:9\"\n").unwrap();
    assert_eq!(wallet.run(&["key", "list"]).exit, 0);
    std::fs::write(&config, "[profiles.default]\nnod = \"http://127.0.0.1:9\"\n").unwrap();
    let error = &wallet.json(&["key", "list"], 2)["error"];
    assert_eq!(error["code"], "CONFIG_INVALID");
    assert!(error["message"].as_str().unwrap().contains("nod"), "{error}");
    std::fs::write(&config, "").unwrap();
    let error = &wallet.json(&["--profile", "main", "key", "list"], 2)["error"];
    assert_eq!(error["code"], "CONFIG_INVALID");
}
