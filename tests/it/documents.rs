//! The documents say what the code does: the table of codes, and the words of the demo's commands.

use runtime::rejection::Rejection;

use crate::tidy::{read, root, rust_files};

fn document(name: &str) -> String {
    read(&root().join(name))
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

/// What stands between backticks in a table's last column: names of tests, and of files.
fn tests_named(document: &str) -> Vec<&str> {
    let rows = document.lines().filter(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit(" | ").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn tests_that_the_documents_name_are_there() {
    let sources: String = rust_files(&root()).iter().map(|file| read(file)).collect();
    for name in ["docs/SECURITY.md", "docs/RELIABILITY.md"] {
        let text = document(name);
        let named = tests_named(&text);
        assert!(named.len() > 10, "{name}: {named:?}");
        for test in named {
            let there = test.starts_with("cargo ")
                || root().join(test).exists()
                || sources.contains(&format!("fn {test}()"));
            assert!(there, "{name} names {test}");
        }
    }
}
