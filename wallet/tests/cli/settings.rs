//! `tally config`: a flag wins over the environment, that over the profile, that over the default.

use serde_json::Value;

use crate::program::{Wallet, document};

fn setting(list: &Value, name: &str) -> (Value, Value) {
    let items = list["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["setting"] == name).unwrap();
    (item["value"].clone(), item["origin"].clone())
}

#[test]
fn the_first_to_say_so_wins_and_is_named() {
    let wallet = Wallet::new();
    let list = ["--json", "config", "list", "--origin"];
    let flag = [&["--node", "http://flag:1"][..], &list].concat();
    for (profile, environment, arguments, value, origin) in [
        (None, None, &list[..], "http://127.0.0.1:7645", "default"),
        (Some("http://profile:1"), None, &list, "http://profile:1", "profile"),
        (
            Some("http://profile:1"),
            Some("http://env:1"),
            &list,
            "http://env:1",
            "environment TALLY_NODE",
        ),
        (Some("http://profile:1"), Some("http://env:1"), &flag, "http://flag:1", "flag"),
    ] {
        if let Some(profile) = profile {
            wallet.json(&["config", "set", "node", profile], 0);
        }
        let environment: Vec<_> = environment.map(|url| ("TALLY_NODE", url)).into_iter().collect();
        let listed = document(&wallet.run_with(&environment, arguments));
        assert_eq!(setting(&listed, "node"), (value.into(), origin.into()));
    }
}

#[test]
fn each_profile_has_settings_of_its_own() {
    let wallet = Wallet::with_known_keys();
    wallet.json(&["--profile", "test", "config", "set", "network", "test"], 0);
    wallet.json(&["--profile", "test", "config", "set", "key", "bob"], 0);
    assert_eq!(wallet.json(&["key", "show", "bob"], 0)["network"], "dev");
    wallet.json(&["config", "use", "test"], 0);
    assert_eq!(wallet.json(&["key", "show", "bob"], 0)["network"], "test");
    let listed = wallet.json(&["config", "list", "--origin"], 0);
    assert_eq!(setting(&listed, "profile"), ("test".into(), "profile".into()));
    assert_eq!(setting(&listed, "key"), ("bob".into(), "profile".into()));
    wallet.json(&["config", "unset", "network"], 0);
    assert_eq!(wallet.json(&["key", "show", "bob"], 0)["network"], "dev");
}

#[test]
fn a_profile_may_say_how_to_print() {
    let wallet = Wallet::new();
    wallet.json(&["config", "set", "output", "json"], 0);
    assert_eq!(document(&wallet.run(&["key", "list"]))["items"], Value::Array(Vec::new()));
    assert_eq!(wallet.run(&["--output", "text", "key", "list"]).stdout.lines().count(), 1);
    let text = wallet.run_with(&[("TALLY_OUTPUT", "text")], &["key", "list"]);
    assert!(text.stdout.starts_with("no keys yet"), "{text:?}");
}

#[test]
fn settings_that_are_none_are_refused_and_comments_stay() {
    let wallet = Wallet::new();
    for (setting, value) in
        [("nod", "x"), ("node", "ftp://x"), ("network", "moon"), ("chain", "1"), ("color", "red")]
    {
        assert_eq!(wallet.json(&["config", "set", setting, value], 2)["error"]["code"], "USAGE");
    }
    assert_eq!(wallet.json(&["config", "use", "moon"], 2)["error"]["code"], "USAGE");
    wallet.json(&["config", "set", "key", "alice"], 0);
    let path = wallet.path().join("home/config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("# mine\n{text}")).unwrap();
    wallet.json(&["config", "set", "key", "bob"], 0);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("# mine\n") && text.contains("key = \"bob\""), "{text}");
}

#[test]
fn colour_is_for_those_who_want_it() {
    let wallet = Wallet::new();
    let colored = |variables: &[(&str, &str)], arguments: &[&str]| {
        wallet.run_with(variables, arguments).stderr.contains('\u{1b}')
    };
    let show = ["key", "show", "alice"];
    assert!(!colored(&[], &show));
    assert!(colored(&[], &[&["--color", "always"][..], &show].concat()));
    assert!(colored(&[("TALLY_COLOR", "always")], &show));
    assert!(!colored(&[("TALLY_COLOR", "always")], &[&["--color", "never"][..], &show].concat()));
}

#[test]
fn shells_and_man_get_what_they_need() {
    let wallet = Wallet::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(wallet.run(&["completions", shell]).stdout.contains("tally"), "{shell}");
    }
    assert!(wallet.run(&["man"]).stdout.starts_with(".ie"));
    let dir = wallet.path().to_str().unwrap();
    let written = wallet.json(&["man", "--dir", dir], 0);
    assert!(written["files"].as_array().unwrap().len() > 40);
    assert!(wallet.path().join("tally-order-place-bid.1").exists());
}
