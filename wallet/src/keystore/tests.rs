//! The keystore on a real file system.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use tempfile::TempDir;

use super::*;

struct Fixture {
    _home: TempDir,
    keystore: Keystore,
}

fn fixture() -> Fixture {
    let home = tempfile::tempdir().unwrap();
    let keystore = Keystore::below(home.path());
    Fixture { _home: home, keystore }
}

fn name(text: &str) -> KeyName {
    text.parse().unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

fn secret(byte: u8) -> Secret {
    Secret::from_private_key(&hex::encode([byte; 32])).unwrap()
}

impl Fixture {
    fn with_key(self, text: &str) -> Self {
        self.with_key_of(7, text)
    }

    fn with_key_of(self, byte: u8, text: &str) -> Self {
        self.keystore.insert(&name(text), &secret(byte), &password("password one")).unwrap();
        self
    }

    fn set_mode(&self, text: &str, mode: u32) {
        let path = self.keystore.folder().join(text);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(&self, text: &str) -> u32 {
        fs::metadata(self.keystore.folder().join(text)).unwrap().mode() & 0o777
    }
}

#[test]
fn key_files_and_their_folder_are_private() {
    let fixture = fixture().with_key("alice");
    assert_eq!(fixture.mode(""), 0o700);
    assert_eq!(fixture.mode("alice.json"), 0o600);
}

#[test]
fn a_keystore_that_others_may_read_is_refused() {
    let fixture = fixture().with_key("alice");
    for (file, wrong, right) in [("alice.json", 0o640, 0o600), ("", 0o701, 0o700)] {
        fixture.set_mode(file, wrong);
        let refused = fixture.keystore.unlock(&name("alice"), &password("password one"));
        let refused = refused.unwrap_err();
        assert!(matches!(refused, KeystoreError::File(FileError::NotPrivate { .. })), "{refused}");
        fixture.set_mode(file, right);
    }
    assert!(fixture.keystore.unlock(&name("alice"), &password("password one")).is_ok());
}

#[test]
fn a_key_opens_with_its_password_alone() {
    let fixture = fixture().with_key("alice");
    let key = fixture.keystore.unlock(&name("alice"), &password("password one")).unwrap();
    assert_eq!(key.to_bytes()[..], [7; 32]);
    let refused = fixture.keystore.unlock(&name("alice"), &password("password two")).unwrap_err();
    assert!(matches!(refused, KeystoreError::Seal(_, SealError::WrongPassword)), "{refused}");
}

#[test]
fn a_taken_name_keeps_its_key() {
    let fixture = fixture().with_key("alice").with_key_of(8, "bob");
    let keystore = &fixture.keystore;
    let refused = keystore.insert(&name("alice"), &secret(9), &password("password one"));
    assert!(matches!(refused.unwrap_err(), KeystoreError::Taken(_)));
    let refused = keystore.rename(&name("bob"), &name("alice"));
    assert!(matches!(refused.unwrap_err(), KeystoreError::Taken(_)));
    let kept = keystore.entry(&name("alice")).unwrap();
    assert_eq!(kept.public_key, secret(7).key().unwrap().public_key());
    assert!(keystore.entry(&name("bob")).is_ok());
}

#[test]
fn keys_are_listed_in_order_and_strangers_ignored() {
    let fixture = fixture().with_key_of(8, "bob").with_key("alice");
    fs::write(fixture.keystore.folder().join("notes.txt"), "x").unwrap();
    fs::write(fixture.keystore.folder().join("carol.json.1.tmp"), "x").unwrap();
    let names: Vec<_> = fixture.keystore.entries().unwrap().into_iter().map(|e| e.name).collect();
    assert_eq!(names, [name("alice"), name("bob")]);
}

#[test]
fn one_bad_file_hides_no_other_key() {
    let fixture = fixture().with_key_of(8, "bob").with_key("alice");
    fs::write(fixture.keystore.folder().join("alice.json"), "{}").unwrap();
    let listed = fixture.keystore.list().unwrap();
    assert_eq!(listed[0].0, name("alice"));
    assert!(matches!(listed[0].1, Err(KeystoreError::Seal(_, SealError::Malformed))));
    assert!(listed[1].1.is_ok());
    assert_eq!(fixture.keystore.entries().unwrap().len(), 1);
}

#[test]
fn an_empty_home_has_no_keys() {
    let fixture = fixture();
    assert_eq!(fixture.keystore.entries().unwrap(), []);
    let missing = fixture.keystore.entry(&name("alice")).unwrap_err();
    assert!(matches!(missing, KeystoreError::Unknown(..)), "{missing}");
    let missing = fixture.keystore.delete(&name("alice")).unwrap_err();
    assert!(matches!(missing, KeystoreError::Unknown(..)), "{missing}");
}

#[test]
fn renaming_and_deleting_touch_one_key() {
    let fixture = fixture().with_key("alice").with_key_of(8, "bob");
    fixture.keystore.rename(&name("alice"), &name("carol")).unwrap();
    fixture.keystore.delete(&name("bob")).unwrap();
    let entries = fixture.keystore.entries().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].name, name("carol"));
    assert!(fixture.keystore.unlock(&name("carol"), &password("password one")).is_ok());
}

#[test]
fn a_changed_password_replaces_the_old_one() {
    let fixture = fixture().with_key("alice");
    let keystore = &fixture.keystore;
    let (one, two) = (password("password one"), password("password two"));
    let before = keystore.entry(&name("alice")).unwrap();
    keystore.change_password(&name("alice"), &one, &two).unwrap();
    assert_eq!(keystore.entry(&name("alice")).unwrap(), before);
    assert!(keystore.unlock(&name("alice"), &one).is_err());
    assert!(keystore.unlock(&name("alice"), &two).is_ok());
    assert!(keystore.change_password(&name("alice"), &one, &two).is_err());
}
