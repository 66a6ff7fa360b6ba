//! The corpus has a folder for each target, with its seeds, and the questions are those of every method.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz::{TARGETS, seeds};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

#[test]
fn every_seed_is_in_the_corpus_as_it_is() {
    for (target, name, bytes) in seeds() {
        let file = corpus().join(target).join(&name);
        assert_eq!(fs::read(&file).ok().as_ref(), Some(&bytes), "{target}/{name}");
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

#[test]
fn every_method_of_the_document_is_asked() {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../../rpc/openrpc.json")).unwrap();
    let methods = document["methods"].as_array().unwrap().iter();
    let names: BTreeSet<&str> = methods.map(|method| method["name"].as_str().unwrap()).collect();
    let seeds = seeds();
    let asked = seeds.iter().filter(|(target, ..)| *target == "question");
    let asked: BTreeSet<&str> = asked.map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(names, asked);
}
