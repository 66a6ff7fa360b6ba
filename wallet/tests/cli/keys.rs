//! `tally key`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::program::Wallet;

const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
    abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
    abandon abandon abandon art";

#[test]
fn a_new_key_is_shown_with_its_words_and_address() {
    let wallet = Wallet::new();
    let new = wallet.json(&["key", "new", "alice"], 0);
    assert_eq!(new["words"].as_str().unwrap().split(' ').count(), 24);
    assert!(new["address"].as_str().unwrap().starts_with("tallydev1"));
    assert_eq!(new["path"], "m/44'/1'/0'/0/0");
    let exported = wallet.json(&["key", "export", "alice", "--yes"], 0);
    assert_eq!(exported["words"], new["words"]);
    let listed = wallet.json(&["key", "list"], 0);
    assert_eq!(listed["items"][0]["address"], new["address"]);
    assert!(!listed.to_string().contains(new["words"].as_str().unwrap()));
}

#[test]
fn an_address_begins_with_its_networks_prefix() {
    let wallet = Wallet::with_keys(&["alice"]);
    for (network, prefix) in [("dev", "tallydev1"), ("test", "tallytest1"), ("main", "tally1")] {
        let shown = wallet.json(&["--network", network, "key", "show", "alice"], 0);
        assert!(shown["address"].as_str().unwrap().starts_with(prefix), "{shown}");
    }
    assert_eq!(wallet.json(&["--network", "moon", "key", "list"], 2)["error"]["code"], "USAGE");
}

#[test]
fn imported_words_give_the_same_key_everywhere() {
    let wallet = Wallet::new();
    let file = wallet.path().join("words");
    fs::write(&file, WORDS).unwrap();
    let file = file.to_str().unwrap();
    let imported = wallet.json(&["key", "import", "alice", "--secret-file", file], 0);
    let expected = "5a6f28253f35e2ff1ab0b086b8c87f731159661157e5be2ca98188369625dc32";
    assert_eq!(imported["public_key"], expected);
    let second = wallet.json(&["key", "import", "two", "--secret-file", file, "--index", "1"], 0);
    assert_ne!(second["public_key"], imported["public_key"]);
    fs::write(file, "abandon abandon").unwrap();
    let error = &wallet.json(&["key", "import", "bob", "--secret-file", file], 7)["error"];
    assert_eq!(error["code"], "SECRET_INVALID");
}

#[test]
fn private_keys_can_be_imported_and_exported() {
    let wallet = Wallet::new();
    let file = wallet.path().join("private");
    fs::write(&file, "07".repeat(32)).unwrap();
    let file = file.to_str().unwrap();
    wallet.json(&["key", "import", "faucet", "--private-key", "--secret-file", file], 0);
    let exported = wallet.json(&["key", "export", "faucet", "--yes"], 0);
    assert_eq!(exported["private_key"], "07".repeat(32));
}

#[test]
fn the_keystore_refuses_with_exit_7() {
    let wallet = Wallet::with_keys(&["alice"]);
    let code = |arguments: &[&str]| wallet.json(arguments, 7)["error"]["code"].clone();
    assert_eq!(code(&["key", "show", "bob"]), "KEY_UNKNOWN");
    assert_eq!(code(&["key", "new", "alice"]), "KEY_NAME_TAKEN");
    let wrong = wallet.path().join("wrong");
    fs::write(&wrong, "wrong password").unwrap();
    let wrong = wrong.to_str().unwrap();
    let export = ["key", "export", "alice", "--yes", "--password-file", wrong];
    assert_eq!(code(&export), "WRONG_PASSWORD");
    fs::write(wrong, "short").unwrap();
    assert_eq!(code(&["key", "new", "bob", "--password-file", wrong]), "PASSWORD_INVALID");
    let file = wallet.path().join("home/keys/alice.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(code(&["key", "show", "alice"]), "FILE_NOT_PRIVATE");
}

#[test]
fn keys_can_be_renamed_deleted_and_put_under_another_password() {
    let wallet = Wallet::with_keys(&["alice"]);
    wallet.json(&["key", "rename", "alice", "bob"], 0);
    let new = wallet.path().join("new");
    fs::write(&new, "another password").unwrap();
    let new = new.to_str().unwrap();
    wallet.json(&["key", "change-password", "bob", "--new-password-file", new], 0);
    wallet.json(&["key", "export", "bob", "--yes"], 7);
    wallet.json(&["key", "export", "bob", "--yes", "--password-file", new], 0);
    wallet.json(&["key", "delete", "bob", "--yes"], 0);
    assert_eq!(wallet.json(&["key", "list"], 0)["items"].as_array().unwrap().len(), 0);
}
