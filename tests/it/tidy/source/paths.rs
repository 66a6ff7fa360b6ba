//! The paths that code names, with the braces of imports multiplied out.

/// Every path with the line on which it starts: `use a::{b, c};` names `a::b` and `a::c`.
pub(super) fn paths(code: &str) -> Vec<(usize, String)> {
    let mut reader = Reader { line: 1, ..Reader::default() };
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|c: char| !is_part_of_word(c)).unwrap_or(rest.len());
        let length = if end > 0 {
            reader.word(&rest[..end]);
            end
        } else if rest.starts_with("::") {
            reader.joins = true;
            2
        } else {
            reader.other(c);
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    reader.finish();
    reader.found
}

/// Whether `path` names `name`: as a whole or in front, or, for a name without `::`, in any part.
pub(super) fn matches(path: &str, name: &str) -> bool {
    if name.contains("::") {
        return path
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    }
    path.split("::").any(|part| {
        let is_number = part.starts_with(|c: char| c.is_ascii_digit());
        match part.strip_prefix(name) {
            Some(rest) => rest.is_empty() || rest.starts_with('_'),
            None => is_number && part.ends_with(name),
        }
    })
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[derive(Default)]
struct Reader {
    line: usize,
    /// The path so far, without the prefix of the braces around it.
    path: String,
    path_line: usize,
    /// The last token was `::`.
    joins: bool,
    /// For each open brace, the path before it; empty for a brace that is not an import's.
    prefixes: Vec<String>,
    found: Vec<(usize, String)>,
}

impl Reader {
    fn word(&mut self, word: &str) {
        if self.joins && !self.path.is_empty() {
            self.path.push_str("::");
        } else {
            self.finish();
            self.path_line = self.line;
        }
        self.joins = false;
        self.path.push_str(word);
    }

    fn other(&mut self, c: char) {
        match c {
            '\n' => self.line += 1,
            ' ' => {}
            '{' => {
                let is_import = self.joins;
                let prefix = if is_import { self.whole() } else { String::new() };
                if is_import {
                    self.path.clear();
                }
                self.finish();
                self.prefixes.push(prefix);
            }
            '}' => {
                self.finish();
                self.prefixes.pop();
            }
            _ => self.finish(),
        }
    }

    /// The path with the prefix of the innermost braces.
    fn whole(&self) -> String {
        match self.prefixes.last() {
            Some(prefix) if !prefix.is_empty() => format!("{prefix}::{}", self.path),
            _ => self.path.clone(),
        }
    }

    fn finish(&mut self) {
        if !self.path.is_empty() {
            let whole = self.whole();
            self.found.push((self.path_line, whole));
        }
        self.path.clear();
        self.joins = false;
    }
}

#[test]
fn import_is_multiplied_out() {
    let found = paths("use std::{\n    fs,\n    io::{self, Read as R},\n};\nb::c(d)");
    let found: Vec<(usize, &str)> = found.iter().map(|(line, path)| (*line, &**path)).collect();
    let whole = [(2, "std::fs"), (3, "std::io::self"), (3, "std::io::Read"), (5, "b::c"), (5, "d")];
    assert!(whole.iter().all(|path| found.contains(path)), "{found:?}");
}

#[test]
fn brace_of_a_block_is_no_prefix() {
    let found = paths("fn a() { b } mod c { d::e }");
    let found: Vec<&str> = found.iter().map(|(_, path)| &**path).collect();
    assert_eq!(found, ["fn", "a", "b", "mod", "c", "d::e"]);
}

#[test]
fn name_matches_whole_parts() {
    assert!(matches("std::fs::read", "std::fs"));
    assert!(!matches("std::fsx", "std::fs"));
    assert!(matches("a::HashMap::new", "HashMap"));
    assert!(matches("tokio_util::codec", "tokio"));
    assert!(!matches("a::tokiox", "tokio"));
    assert!(matches("5f64", "f64"));
    assert!(!matches("xf64", "f64"));
}
