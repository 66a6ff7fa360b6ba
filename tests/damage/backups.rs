//! Parts of a home that were lost, or replaced by an older copy.

use std::fs;
use std::path::Path;

use crate::home::{contents, copy, put};
use crate::judge::{self, Outcome};
use crate::recording::{Moment, Recording};

/// The home of `after` with `part` as it was at `moment`, or without it.
fn with_part(part: &str, moment: Option<&Moment>) -> Outcome {
    let recording = Recording::shared();
    let home = Recording::copy_of(&recording.after);
    let path = home.path().join(part);
    fs::remove_dir_all(&path).expect("it is there");
    if let Some(moment) = moment {
        copy(&moment.home.join(part), &path);
    }
    judge::run(home.path(), &recording.after.truth, part)
}

fn says(outcome: &Outcome, expected: &str) {
    let Outcome::Refused(words) = outcome else { panic!("not refused") };
    assert!(words.contains(expected), "expected '{expected}' in: {words}");
}

#[test]
fn lost_ledger_is_made_again_from_the_journal() {
    assert_eq!(with_part("data", None), Outcome::Recovered);
}

#[test]
fn older_ledger_is_filled_from_the_journal() {
    let recording = Recording::shared();
    for moment in [&recording.older, &recording.before] {
        assert_eq!(with_part("data", Some(moment)), Outcome::Recovered);
    }
}

#[test]
fn older_journal_is_refused_as_it_may_have_lost_votes() {
    let recording = Recording::shared();
    for moment in [&recording.older, &recording.before] {
        says(&with_part("consensus", Some(moment)), "may have lost votes");
    }
}

#[test]
fn lost_journal_is_refused() {
    says(&with_part("consensus", None), "has no journal");
    says(&with_part("consensus/journal", None), "has no journal");
}

#[test]
fn older_copy_of_any_one_part_of_the_journal_is_recovered_or_refused() {
    let recording = Recording::shared();
    let journal = Path::new("consensus/journal");
    let parts = fs::read_dir(recording.after.home.join(journal)).expect("a journal");
    let parts = parts.map(|part| part.expect("a part").path());
    let mut checked = 0;
    for part in parts.filter(|part| part.is_dir()) {
        let part = journal.join(part.file_name().expect("a name"));
        for moment in [Some(&recording.older), Some(&recording.before), None] {
            let home = Recording::copy_of(&recording.after);
            let path = home.path().join(&part);
            fs::remove_dir_all(&path).expect("it is there");
            if let Some(moment) = moment.filter(|moment| moment.home.join(&part).is_dir()) {
                copy(&moment.home.join(&part), &path);
            }
            let what =
                format!("{} of {:?}", part.display(), moment.map(|moment| moment.truth.height()));
            eprintln!("{what}: {:?}", judge::run(home.path(), &recording.after.truth, &what));
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}

#[test]
fn older_copy_of_any_one_file_is_recovered_or_refused() {
    let recording = Recording::shared();
    let (older, after) = (contents(&recording.before.home), contents(&recording.after.home));
    for (path, _) in after.iter().filter(|(path, bytes)| older.get(*path) != Some(*bytes)) {
        let home = Recording::copy_of(&recording.after);
        put(home.path(), path, older.get(path).map(Vec::as_slice));
        let what = path.display().to_string();
        eprintln!("{what}: {:?}", judge::run(home.path(), &recording.after.truth, &what));
    }
}
