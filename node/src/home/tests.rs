//! What a home refuses, and what it keeps.

use super::*;

fn made() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("home");
    Home::prepare(&root).unwrap().adopt("genesis").unwrap();
    (folder, root)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn home_reopens_with_the_same_key_and_genesis() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::prepare(folder.path()).unwrap();
    let key = home.authority(KeyClaim::None).unwrap().key();
    home.adopt("genesis").unwrap();
    drop(home);
    let home = Home::open(folder.path()).unwrap();
    assert_eq!(home.authority(KeyClaim::None).unwrap().key(), key);
    assert_eq!(home.genesis().unwrap(), "genesis");
}

#[test]
fn second_node_on_one_home_is_refused() {
    let (_folder, root) = made();
    let first = Home::open(&root).unwrap();
    let error = Home::open(&root).unwrap_err();
    assert!(matches!(&error, HomeError::InUse { .. }), "{error}");
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
    drop(first);
    Home::open(&root).unwrap();
}

#[test]
fn folder_without_genesis_is_no_home() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Home::open(folder.path()), Err(HomeError::Missing(_))));
}

#[test]
fn half_made_home_is_finished_with_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = Home::prepare(folder.path()).unwrap().authority(KeyClaim::None).unwrap().key();
    assert!(matches!(Home::open(folder.path()), Err(HomeError::Missing(_))));
    let again = Home::prepare(folder.path()).unwrap();
    assert_eq!(again.authority(KeyClaim::None).unwrap().key(), key);
    again.adopt("genesis").unwrap();
    assert!(matches!(again.adopt("other"), Err(HomeError::Exists(_))));
}

#[test]
fn home_whose_making_ended_before_its_key_was_written_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let (key, owner) = (folder.path().join("keys/authority.key"), "consensus/owner");
    // A folder where the key's draft would be lets everything up to the key succeed.
    let obstacle = folder.path().join("keys/authority.key.new");
    fs::create_dir_all(&obstacle).unwrap();
    set_mode(&folder.path().join("keys"), 0o700);
    assert!(matches!(Home::prepare(folder.path()), Err(HomeError::Unusable { .. })));
    let first = fs::read_to_string(folder.path().join(owner)).unwrap();
    assert!(!key.exists());

    fs::remove_dir(obstacle).unwrap();
    let home = Home::prepare(folder.path()).unwrap();
    let key = home.authority(KeyClaim::None).unwrap().key();
    assert_ne!(first.trim(), key.to_string());
    home.adopt("genesis").unwrap();
}

#[test]
fn home_is_never_made_over_another() {
    let (_folder, root) = made();
    let before = fs::read(root.join("keys/authority.key")).unwrap();
    assert!(matches!(Home::prepare(&root), Err(HomeError::Exists(_))));
    assert_eq!(fs::read(root.join("keys/authority.key")).unwrap(), before);
    assert_eq!(Home::open(&root).unwrap().genesis().unwrap(), "genesis");
}

#[test]
fn secrets_that_others_may_read_are_refused() {
    for (path, open, closed) in [("keys", 0o755, 0o700), ("keys/authority.key", 0o640, 0o600)] {
        let (_folder, root) = made();
        set_mode(&root.join(path), open);
        assert!(matches!(Home::open(&root), Err(HomeError::ModeTooOpen { .. })), "{path}");
        set_mode(&root.join(path), closed);
        Home::open(&root).unwrap();
    }
}

#[test]
fn key_without_its_journal_is_refused_until_its_owner_speaks() {
    let (_folder, root) = made();
    fs::remove_dir_all(root.join("consensus")).unwrap();
    let home = Home::open(&root).unwrap();
    assert!(matches!(home.authority(KeyClaim::None), Err(HomeError::JournalMissing { .. })));
    home.authority(KeyClaim::NeverVoted).unwrap();
    home.authority(KeyClaim::None).unwrap();
}

#[test]
fn key_that_began_is_refused_when_its_journal_is_missing_or_empty() {
    let (_folder, root) = made();
    let home = Home::open(&root).unwrap();
    home.note_starting().unwrap();
    let journal = home.journal_path();
    fs::create_dir(journal.join("votes")).unwrap();
    home.note_started().unwrap();
    home.authority(KeyClaim::None).unwrap();
    let refused = || {
        let error = home.authority(KeyClaim::None).unwrap_err();
        assert!(matches!(&error, HomeError::JournalMissing { folder, .. } if *folder == journal));
        assert!(error.to_string().contains("--this-key-never-voted"), "{error}");
        home.authority(KeyClaim::NeverVoted).unwrap();
    };
    fs::remove_dir(journal.join("votes")).unwrap();
    fs::write(journal.join(".lock"), "").unwrap();
    refused();
    fs::remove_dir_all(&journal).unwrap();
    refused();
}

#[test]
fn start_that_ended_before_the_journal_may_be_tried_again() {
    let (_folder, root) = made();
    let home = Home::open(&root).unwrap();
    for _ in 0..2 {
        home.note_starting().unwrap();
        home.authority(KeyClaim::None).unwrap();
    }
    fs::remove_dir_all(home.journal_path()).unwrap();
    assert!(matches!(home.authority(KeyClaim::None), Err(HomeError::JournalMissing { .. })));
}

#[test]
fn key_beside_the_journal_of_another_is_refused() {
    let ((_one, root), (_other, other)) = (made(), made());
    fs::copy(other.join("keys/authority.key"), root.join("keys/authority.key")).unwrap();
    let home = Home::open(&root).unwrap();
    for claim in [KeyClaim::None, KeyClaim::NeverVoted] {
        assert!(matches!(home.authority(claim), Err(HomeError::JournalOfAnother { .. })));
    }
}

#[test]
fn key_that_is_none_is_refused() {
    let (_folder, root) = made();
    fs::write(root.join("keys/authority.key"), "00").unwrap();
    let home = Home::open(&root).unwrap();
    assert!(matches!(home.authority(KeyClaim::None), Err(HomeError::KeyMalformed(_))));
}

#[test]
fn bare_file_name_lies_in_the_current_folder() {
    assert_eq!(folder_of(Path::new("ready.json")), Path::new("."));
    assert_eq!(folder_of(Path::new("a/ready.json")), Path::new("a"));
}

#[test]
fn home_that_lost_its_key_is_refused_with_what_to_do() {
    for lost in ["keys/authority.key", "keys"] {
        let (_folder, root) = made();
        let path = root.join(lost);
        if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.unwrap();
        let error = Home::open(&root).unwrap_err();
        assert!(matches!(error, HomeError::KeyMissing(_)), "{error}");
        assert!(error.to_string().contains("restore it from a copy"), "{error}");
    }
}
