//! The documents say what the code does: the table of codes, and the words of the demo's commands.

use std::fs;
use std::path::PathBuf;

use runtime::rejection::Rejection;

fn document(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

#[test]
fn protocol_document_lists_every_code_with_its_name_and_meaning() {
    let protocol = document("docs/PROTOCOL.md");
    let is_row = |line: &&str| {
        let rest = line.strip_prefix("| ").unwrap_or_default();
        rest.starts_with(|char: char| char.is_ascii_digit()) && rest.contains(" | `")
    };
    let listed: Vec<&str> = protocol.lines().filter(is_row).collect();
    let expected: Vec<String> = Rejection::ALL
        .iter()
        .map(|rejection| format!("| {} | `{}` | {rejection} |", rejection.code(), rejection.name()))
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn readme_names_the_two_commands() {
    let readme = document("README.md");
    for command in ["cargo xtask demo", "cargo xtask test"] {
        assert!(readme.contains(command), "{command}");
    }
}
