//! Damage of every kind of file: cut short, bits flipped, ranges zeroed, deleted.
//!
//! `TALLY_ONLY="flip 124"` does that harm alone, to look into a failure.

use std::fs;
use std::path::{Path, PathBuf};

use tests::random::Random;

use crate::home::contents;
use crate::judge::{self, Counts, Outcome};
use crate::recording::{Moment, Recording};

/// Harms that one kind of file gets: of each sort so many, in the tests and in a long run.
const HARMS: [(&str, u64, u64); 4] =
    [("cut", 20, 100), ("flip", 40, 200), ("zero", 10, 20), ("delete", 1, 1)];

/// How a damaged home is judged.
#[derive(Clone, Copy)]
enum Look {
    /// The ledger alone is opened and read; a node runs only where it lost a block.
    Ledger,
    /// What a node reads first is read; a node runs where it says something else than before.
    Home,
    /// A node runs.
    Node,
}

/// Does harm to files of one kind, one at a time, and counts what becomes of the homes.
fn harm(kind: &str, moment: &Moment, look: Look, belongs: impl Fn(&str) -> bool) -> Counts {
    let files: Vec<(PathBuf, Vec<u8>)> = contents(&moment.home)
        .into_iter()
        .filter(|(path, _)| belongs(&path.to_string_lossy()))
        .collect();
    assert!(!files.is_empty(), "there are files of the kind {kind}");
    let mut random = Random::new(kind.bytes().map(u64::from).sum());
    let mut counts = Counts::default();
    let long = std::env::var_os("TALLY_LONG").is_some();
    for (sort, few, many) in HARMS {
        for time in 0..if long { many } else { few } {
            let (path, bytes) = random.pick(&files);
            let harmed = harmed(sort, bytes, &mut random);
            let what = format!("{kind}: {sort} {time} of {}", path.display());
            if std::env::var("TALLY_ONLY").is_ok_and(|only| only != format!("{sort} {time}")) {
                continue;
            }
            counts.add(&judge(moment, look, path, harmed.as_deref(), &what));
        }
    }
    eprintln!("{kind}: {counts}");
    counts
}

/// What is left of `bytes`; nothing when the file goes.
fn harmed(sort: &str, bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut harmed = bytes.to_vec();
    let place = |random: &mut Random| {
        usize::try_from(random.below(bytes.len().max(1) as u64)).expect("an index")
    };
    match sort {
        "cut" => harmed.truncate(place(random)),
        "flip" if !bytes.is_empty() => harmed[place(random)] ^= 1 << random.below(8),
        "zero" => {
            let begin = place(random);
            let end = (begin + 1 + place(random)).min(bytes.len());
            harmed[begin..end].fill(0);
        }
        "delete" => return None,
        _ => {}
    }
    Some(harmed)
}

fn judge(moment: &Moment, look: Look, path: &Path, bytes: Option<&[u8]>, what: &str) -> Outcome {
    let home = Recording::copy_of(moment);
    let target = home.path().join(path);
    match bytes {
        // Written over, so that its mode stays.
        Some(bytes) => fs::write(target, bytes).expect("a file"),
        None => fs::remove_file(target).expect("a file"),
    }
    let seen = match look {
        Look::Ledger => judge::read(home.path(), &moment.truth).map(|end| end.is_none()),
        Look::Home => {
            judge::identity(home.path()).map(|found| Ok(found) == judge::identity(&moment.home))
        }
        Look::Node => Ok(false),
    };
    match seen {
        Ok(true) => return Outcome::Recovered,
        Err(words) => {
            return Outcome::Refused(words.replace(&home.path().display().to_string(), "HOME"));
        }
        Ok(false) => {}
    }
    judge::run(home.path(), &moment.truth, what)
}

fn ends(end: &'static str) -> impl Fn(&str) -> bool {
    move |path| path.starts_with("data/") && path.ends_with(end)
}

fn begins(begin: &'static str) -> impl Fn(&str) -> bool {
    move |path| path.starts_with(begin)
}

#[test]
fn damaged_tables_of_the_database_are_noticed() {
    let stopped = &Recording::shared().stopped;
    assert!(harm("tables", stopped, Look::Ledger, ends(".sst")).refused > 0);
    assert!(harm("blobs", stopped, Look::Ledger, ends(".blob")).refused > 0);
}

/// Damage costs the ledger its last blocks, which the node then takes from the engine's journal.
#[test]
fn damaged_journal_of_the_database_is_recovered_from() {
    let after = &Recording::shared().after;
    assert!(harm("journal of the database", after, Look::Ledger, ends(".log")).recovered > 0);
}

#[test]
fn damaged_catalogue_of_the_database_is_noticed() {
    let after = &Recording::shared().after;
    assert!(harm("manifest", after, Look::Ledger, begins("data/MANIFEST")).refused > 0);
    assert!(harm("current", after, Look::Ledger, begins("data/CURRENT")).refused > 0);
    harm("options", after, Look::Ledger, begins("data/OPTIONS"));
    harm("identity", after, Look::Ledger, begins("data/IDENTITY"));
    harm("log", after, Look::Ledger, begins("data/LOG"));
}

#[test]
fn damaged_votes_are_noticed_or_do_not_matter() {
    harm(
        "votes",
        &Recording::shared().after,
        Look::Node,
        begins("consensus/journal/engine-votes-"),
    );
}

#[test]
fn damaged_archives_are_noticed_or_do_not_matter() {
    let after = &Recording::shared().after;
    harm("archives", after, Look::Node, |path| {
        path.contains("/engine-blocks-") || path.contains("/engine-certificates-")
    });
}

#[test]
fn damaged_cache_and_marks_are_noticed_or_do_not_matter() {
    harm(
        "cache",
        &Recording::shared().after,
        Look::Node,
        begins("consensus/journal/engine-marshal-"),
    );
}

#[test]
fn damaged_settings_and_keys_are_noticed_or_do_not_matter() {
    let after = &Recording::shared().after;
    for (kind, path) in
        [("genesis", "genesis.toml"), ("key", "keys/"), ("owner", "consensus/owner")]
    {
        assert!(harm(kind, after, Look::Home, begins(path)).refused > 0, "{kind}");
    }
    for (kind, path) in
        [("begun", "consensus/begun"), ("lock", "lock"), ("settings", "config.toml")]
    {
        harm(kind, after, Look::Home, begins(path));
    }
}
