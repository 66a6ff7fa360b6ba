//! The corpus has a folder for each target, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz::{TARGETS, seeds};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

#[test]
fn every_target_has_a_seed_and_a_folder() {
    let seeds = seeds();
    for target in &TARGETS {
        assert!(seeds.iter().any(|(name, ..)| *name == target.name), "{}", target.name);
        assert!(corpus().join(target.name).is_dir(), "{}", target.name);
    }
}

#[test]
fn every_folder_of_the_corpus_belongs_to_a_target() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    for folder in fs::read_dir(corpus()).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(name.as_str()), "{name}");
    }
}
