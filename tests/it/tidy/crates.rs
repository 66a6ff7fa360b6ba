//! What every crate says of itself, and that none of them has code the compiler does not check.

use toml::{Table, Value};

/// What is missing in a crate's manifest.
pub(super) fn manifest_violations(folder: &str, text: &str) -> Vec<String> {
    let table: Table = text.parse().expect("a manifest is TOML");
    let inherits = |section: &str, key: &str| {
        let value = table.get(section).and_then(|section| section.get(key));
        value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
    };
    let mut violations: Vec<String> = ["license", "edition", "publish"]
        .into_iter()
        .filter(|key| !inherits("package", key))
        .map(|key| format!("{folder}: its {key} is not that of the workspace"))
        .collect();
    let lints = table.get("lints").and_then(|lints| lints.get("workspace"));
    if lints.and_then(Value::as_bool) != Some(true) {
        violations.push(format!("{folder}: its lints are not those of the workspace"));
    }
    violations
}

/// What is missing in the manifest of the workspace.
pub(super) fn workspace_violations(text: &str) -> Vec<String> {
    let table: Table = text.parse().expect("a manifest is TOML");
    let root = Value::Table(table);
    let mut violations = Vec::new();
    for (path, wanted) in [
        (&["workspace", "lints", "rust", "unsafe_code"][..], Value::from("forbid")),
        (&["workspace", "package", "license"], Value::from("MIT OR Apache-2.0")),
        (&["workspace", "package", "publish"], Value::from(false)),
        (&["profile", "release", "overflow-checks"], Value::from(true)),
        (&["profile", "release", "panic"], Value::from("abort")),
    ] {
        let found = path.iter().try_fold(&root, |value, step| value.get(step)).cloned();
        if found.as_ref() != Some(&wanted) {
            violations.push(format!("{} is not {wanted}", path.join(".")));
        }
    }
    violations
}

#[test]
fn crate_without_the_lints_of_the_workspace_is_caught() {
    let whole = "[package]\nlicense.workspace = true\nedition.workspace = true\n\
                 publish.workspace = true\n[lints]\nworkspace = true\n";
    assert!(manifest_violations("a", whole).is_empty());
    for left_out in whole.lines().filter(|line| line.contains('=')) {
        let part: Vec<&str> = whole.lines().filter(|line| *line != left_out).collect();
        assert_eq!(manifest_violations("a", &part.join("\n")).len(), 1, "{left_out}");
    }
}

#[test]
fn workspace_that_allows_unsafe_code_is_caught() {
    let text = "[workspace.lints.rust]\nunsafe_code = 'warn'\n";
    assert_eq!(workspace_violations(text).len(), 5);
}
