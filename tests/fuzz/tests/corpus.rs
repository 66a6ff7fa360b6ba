//! Every seed and every input of the corpus keeps the promise of its target. What fuzzing found is among them, so each
//! finding is a test. `TALLY_BLESS=1 cargo test -p fuzz` writes the seeds anew.

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::{env, fs};

use fuzz::{TARGETS, seeds};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The files of a folder, in order of name.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    files.sort();
    files
}

// Alone in its program, as the bound on memory is the whole program's.
#[test]
fn every_input_of_the_corpus_keeps_its_promise() {
    if env::var_os("TALLY_BLESS").is_some() {
        for (target, name, bytes) in seeds() {
            fs::create_dir_all(corpus().join(target)).unwrap();
            fs::write(corpus().join(target).join(name), bytes).unwrap();
        }
    }
    let (mut checked, seeds) = (0, seeds());
    for target in &TARGETS {
        // A broken bound on memory ends the program: then this line, past the capture, says where.
        writeln!(stderr(), "fuzz target {}", target.name).unwrap();
        for (_, _, bytes) in seeds.iter().filter(|(name, ..)| *name == target.name) {
            target.check(bytes);
            checked += 1;
        }
        for file in inputs(&corpus().join(target.name)) {
            target.check(&fs::read(&file).unwrap());
            checked += 1;
        }
    }
    assert!(checked >= 2 * TARGETS.len(), "only {checked} inputs");
}
