//! What can be said about a source file without a compiler.
//!
//! Comments and the insides of literals are blanked first, so that braces and words that are left
//! are code. Violations start with `:LINE: `, to follow the name of a file.

mod blank;
mod paths;

/// A source file: as it is, and as code alone, with the same lines.
pub(super) struct Source {
    text: String,
    code: String,
}

impl Source {
    pub(super) fn parse(text: &str) -> Self {
        Self { text: text.to_owned(), code: blank::blanked(text) }
    }

    /// The file opens with a comment on its module.
    pub(super) fn missing_promise(&self) -> Option<String> {
        let opens = self.text.starts_with("//! ");
        (!opens).then(|| ":1: does not open with `//!` and the promise of its module".to_owned())
    }

    pub(super) fn length_violation(&self, lines_max: usize) -> Option<String> {
        let lines = self.text.lines().count();
        (lines > lines_max).then(|| format!(":1: {lines} lines; a file has {lines_max} at most"))
    }

    /// Functions, counted from the line of `fn` to that of the closing brace.
    pub(super) fn function_violations(&self, lines_max: usize) -> Vec<String> {
        let functions = functions(&self.code);
        let long = functions.into_iter().filter(|function| function.lines > lines_max);
        long.map(|Function { line, lines }| {
            format!(":{line}: {lines} lines; a function has {lines_max} at most")
        })
        .collect()
    }

    /// Uses of the given names: a name without `::` also where it is one part of a longer path, or
    /// starts a longer name with an underscore.
    pub(super) fn naming(&self, names: &[&str]) -> Vec<String> {
        let mut violations = Vec::new();
        for (line, path) in paths::paths(&self.code) {
            for name in names {
                if paths::matches(&path, name) {
                    violations.push(format!(":{line}: names {name}"));
                }
            }
        }
        violations
    }
}

struct Function {
    line: usize,
    lines: usize,
}

/// Every function that has a body, nested ones among them.
fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices("fn ") {
        let is_word = !code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if let Some(body) = is_word.then(|| body(&code[start..])).flatten() {
            let line = 1 + newlines(&code[..start]);
            found.push(Function { line, lines: 1 + newlines(&code[start..start + body]) });
        }
    }
    found
}

fn newlines(code: &str) -> usize {
    code.matches('\n').count()
}

/// Where the body that starts after a signature ends; `None` for a signature alone.
fn body(code: &str) -> Option<usize> {
    let (mut braces, mut others) = (0, 0);
    for (index, c) in code.char_indices() {
        match c {
            '(' | '[' => others += 1,
            ')' | ']' => others -= 1,
            '{' => braces += 1,
            '}' => braces -= 1,
            // A type without a body: `fn a() -> u8;`, or a pointer: `x: fn (u8),`.
            ';' if braces == 0 && others == 0 => return None,
            _ => {}
        }
        if others < 0 || braces < 0 {
            return None;
        }
        if c == '}' && braces == 0 && others == 0 {
            return Some(index);
        }
    }
    None
}

/// Lines of any text that name one of `folders`, not as a part of another folder's name.
pub(super) fn foreign_folders(text: &str, folders: &[&str]) -> Vec<String> {
    let mut violations = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for folder in folders {
            for (start, _) in line.match_indices(folder) {
                let before = line[..start].chars().next_back();
                let inside = |c: char| c.is_alphanumeric() || "._-/~".contains(c);
                if !before.is_some_and(inside) {
                    violations.push(format!(":{}: names {folder}", index + 1));
                }
            }
        }
    }
    violations
}

#[test]
fn file_without_a_promise_is_caught() {
    assert!(Source::parse("use std::io;\n").missing_promise().is_some());
    assert!(Source::parse("//!\nuse std::io;\n").missing_promise().is_some());
    assert!(Source::parse("//! Reads.\nuse std::io;\n").missing_promise().is_none());
}

#[test]
fn file_beyond_the_limit_is_caught() {
    let source = Source::parse("a\nb\nc\n");
    assert!(source.length_violation(2).is_some());
    assert!(source.length_violation(3).is_none());
}

#[test]
fn function_beyond_the_limit_is_caught_with_its_line() {
    let source =
        Source::parse("//! A.\n\nimpl A {\n    fn a() {\n        b();\n        c();\n    }\n}\n");
    assert_eq!(source.function_violations(3), [":4: 4 lines; a function has 3 at most"]);
    assert!(source.function_violations(4).is_empty());
}

#[test]
fn signature_counts_as_part_of_its_function() {
    let source =
        Source::parse("fn a<T>(\n    b: [u8; 2],\n) -> T\nwhere\n    T: B,\n{\n    c\n}\n");
    assert!(source.function_violations(7).len() == 1);
    assert!(source.function_violations(8).is_empty());
}

#[test]
fn brace_in_a_literal_does_not_end_a_function() {
    let body = "    a(\"}\", '}', r#\"\n}\n\"#); // }\n    /* } */ b()\n";
    let source = Source::parse(&format!("fn a<'b>(c: &'b str) {{\n{body}}}\n"));
    assert!(source.function_violations(5).len() == 1);
    assert!(source.function_violations(6).is_empty());
}

#[test]
fn function_without_a_body_has_no_length() {
    let source = Source::parse("trait A {\n    fn a(b: fn (u8) -> u8);\n\n    fn c();\n}\n");
    assert!(source.function_violations(0).is_empty());
}

#[test]
fn impure_name_is_caught_however_it_is_imported() {
    for code in [
        "use std::collections::HashMap;",
        "use std::{collections::{BTreeMap, HashMap}, io};",
        "fn a(b: std::collections::HashMap<u8, u8>) {}",
        "type A = Vec<HashMap<u8, u8>>;",
    ] {
        assert_eq!(Source::parse(code).naming(&["HashMap"]), [":1: names HashMap"], "{code}");
    }
    for code in ["use std::fs;", "use std::{\n    fs,\n    io,\n};", "fn a() { std::fs::read() }"] {
        assert_eq!(Source::parse(code).naming(&["std::fs"]).len(), 1, "{code}");
    }
    assert_eq!(Source::parse("use tokio::fs as f;").naming(&["std::fs", "tokio"]).len(), 1);
    assert_eq!(Source::parse("let a: f64 = 1.5f64;").naming(&["f64"]).len(), 2);
    assert_eq!(Source::parse("use commonware_p2p::A;").naming(&["commonware"]).len(), 1);
}

#[test]
fn name_in_a_comment_or_a_literal_is_not_code() {
    let code =
        "//! No HashMap.\n/// A tokio.\nfn a() { b(\"std::fs\") } /* f64 /* f32 */ tracing */\n";
    assert!(Source::parse(code).naming(&["HashMap", "tokio", "std::fs", "f64", "f32"]).is_empty());
    assert!(Source::parse("let instant = HashMapLike;").naming(&["HashMap", "Instant"]).is_empty());
}
