//! The rules of the house that no compiler checks: which crate may depend on which, how long files
//! and functions get, that modules say what they promise, and that the pure crates stay pure.
//!
//! Each rule is a function from text to violations, so that it is tested on text that breaks it.

mod crates;
mod manifest;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use manifest::Manifest;
use source::Source;

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

/// The prefix of the names of the engine's crates.
const ENGINE: &str = "commonware";

/// The crates that may name the engine.
const ENGINE_CRATES: [&str; 2] = ["consensus", "tests"];

/// The crates whose results depend on their arguments alone.
const PURE_CRATES: [&str; 2] = ["chain", "runtime"];

/// What the pure crates do without: last parts of paths, or whole paths.
const IMPURE: [&str; 14] = [
    "HashMap",
    "HashSet",
    "f32",
    "f64",
    "Instant",
    "SystemTime",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "tokio",
    "tracing",
    "getrandom",
];

/// Folders of the place where the project is written, which mean nothing to its readers.
const FOREIGN_FOLDERS: [&str; 2] = [concat!("/wo", "rk/"), concat!("shar", "ed/")];

/// Kinds of files that are read by people or tools, and so are searched for foreign folders.
const TEXT_EXTENSIONS: [&str; 6] = ["rs", "toml", "md", "sh", "yml", "json"];

#[test]
fn crates_depend_along_the_arrows_only() {
    let mut violations = Vec::new();
    for member in members() {
        violations.extend(manifest::arrow_violations(&member));
    }
    report(&violations);
}

#[test]
fn engine_is_named_by_consensus_and_tests_only() {
    let mut violations = Vec::new();
    for member in members() {
        if ENGINE_CRATES.contains(&member.name.as_str()) {
            continue;
        }
        violations.extend(member.engine_dependencies(ENGINE));
        for file in rust_files(&root().join(&member.folder)) {
            violations.extend(at(&file, source(&file).naming(&[ENGINE])));
        }
    }
    report(&violations);
}

#[test]
fn pure_crates_have_no_io_clock_threads_floats_or_unordered_maps() {
    let mut violations = Vec::new();
    for name in PURE_CRATES {
        for file in rust_files(&root().join(name)) {
            violations.extend(at(&file, source(&file).naming(&IMPURE)));
        }
    }
    report(&violations);
}

#[test]
fn files_and_functions_stay_short() {
    let mut violations = Vec::new();
    for file in rust_files(&root()) {
        let source = source(&file);
        violations.extend(at(&file, source.length_violation(FILE_LINES_MAX)));
        violations.extend(at(&file, source.function_violations(FUNCTION_LINES_MAX)));
    }
    report(&violations);
}

#[test]
fn every_file_opens_with_the_promise_of_its_module() {
    let mut violations = Vec::new();
    for file in rust_files(&root()) {
        violations.extend(at(&file, source(&file).missing_promise()));
    }
    report(&violations);
}

#[test]
fn every_crate_has_the_licence_and_the_lints_of_the_workspace() {
    let workspace = read(&root().join("Cargo.toml"));
    let mut violations = crates::workspace_violations(&workspace);
    for folder in manifest::members(&workspace) {
        let text = read(&root().join(&folder).join("Cargo.toml"));
        violations.extend(crates::manifest_violations(&folder, &text));
    }
    report(&violations);
}

#[test]
fn licences_lie_beside_the_code() {
    assert!(read(&root().join("LICENSE-MIT")).contains("Permission is hereby granted"));
    assert!(read(&root().join("LICENSE-APACHE")).contains("Apache License"));
}

#[test]
fn no_file_allows_unsafe_code() {
    let mut violations = Vec::new();
    for file in rust_files(&root()) {
        violations.extend(at(&file, source(&file).naming(&["unsafe"])));
    }
    report(&violations);
}

#[test]
fn no_file_names_a_folder_outside_the_project() {
    let mut violations = Vec::new();
    for file in files(&root()) {
        let extension = file.extension().map(|extension| extension.to_string_lossy());
        let script = file.starts_with(root().join(".ci"));
        if script || extension.is_some_and(|kind| TEXT_EXTENSIONS.contains(&kind.as_ref())) {
            violations.extend(at(&file, source::foreign_folders(&read(&file), &FOREIGN_FOLDERS)));
        }
    }
    report(&violations);
}

#[test]
fn foreign_folder_is_caught() {
    let [first, second] = FOREIGN_FOLDERS;
    let text = format!("See `{second}style.md`\nand {first}main; but not {second}\n");
    assert_eq!(source::foreign_folders(&text, &FOREIGN_FOLDERS).len(), 3);
    let text = format!("a{first}b and un{second}c are other folders\n");
    assert!(source::foreign_folders(&text, &FOREIGN_FOLDERS).is_empty());
}

fn report(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

fn at(file: &Path, violations: impl IntoIterator<Item = String>) -> Vec<String> {
    let file = file.strip_prefix(root()).unwrap_or(file).display().to_string();
    violations.into_iter().map(|violation| format!("{file}{violation}")).collect()
}

pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("tests is a folder of the workspace").to_owned()
}

fn members() -> Vec<Manifest> {
    let workspace = read(&root().join("Cargo.toml"));
    let folders = manifest::members(&workspace);
    assert!(folders.len() > 5, "the workspace lists its members");
    folders
        .into_iter()
        .map(|folder| {
            let text = read(&root().join(&folder).join("Cargo.toml"));
            Manifest::parse(&folder, &text)
        })
        .collect()
}

fn source(file: &Path) -> Source {
    Source::parse(&read(file))
}

pub(crate) fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = files(folder);
    found.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    assert!(!found.is_empty(), "{} holds source files", folder.display());
    found
}

/// All files below `folder` but for what is built or belongs to git.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("folders of the project are readable") {
            let path = entry.expect("folders of the project are readable").path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            if path.is_symlink() || name.is_some_and(|name| name == "target" || name == ".git") {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
