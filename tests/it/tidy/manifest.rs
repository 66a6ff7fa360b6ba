//! The arrows between the crates, read from their manifests.

use toml::{Table, Value};

/// A crate and what it may depend on. A crate without a row may not be in the workspace.
const ARROWS: [(&str, Arrows); 12] = [
    ("chain", Arrows::To(&[])),
    ("runtime", Arrows::To(&["chain"])),
    ("consensus", Arrows::To(&["chain"])),
    ("rpc", Arrows::To(&["chain"])),
    ("genesis", Arrows::To(&["chain", "runtime"])),
    ("wallet", Arrows::To(&["chain", "runtime", "rpc"])),
    ("node", Arrows::To(&["chain", "runtime", "consensus", "genesis", "rpc"])),
    ("demo", Arrows::To(&["chain", "rpc", "wallet", "genesis"])),
    ("xtask", Arrows::To(&[])),
    // Not the node: what is fuzzed is compiled anew, with counters, and RocksDB would be among it.
    ("fuzz", Arrows::To(&["chain", "runtime", "genesis", "rpc", "wallet"])),
    ("tests", Arrows::ToAll),
    ("bench", Arrows::ToAll),
];

/// Crates that take long to build, and so are not for the unit tests of others either.
const HEAVY: [&str; 2] = ["consensus", "node"];

#[derive(Clone, Copy)]
enum Arrows {
    To(&'static [&'static str]),
    ToAll,
}

/// A crate's manifest: its own name and the names of what it depends on.
pub(super) struct Manifest {
    pub(super) folder: String,
    pub(super) name: String,
    dependencies: Vec<String>,
    dev_dependencies: Vec<String>,
}

impl Manifest {
    pub(super) fn parse(folder: &str, text: &str) -> Self {
        let table: Table = text.parse().expect("a manifest is TOML");
        let name = table["package"]["name"].as_str().expect("a crate has a name").to_owned();
        let mut manifest = Self {
            folder: folder.to_owned(),
            name,
            dependencies: Vec::new(),
            dev_dependencies: Vec::new(),
        };
        manifest.collect(&table);
        let targets = table.get("target").and_then(Value::as_table);
        for target in targets.into_iter().flat_map(Table::values).filter_map(Value::as_table) {
            manifest.collect(target);
        }
        manifest
    }

    fn collect(&mut self, table: &Table) {
        self.dependencies.extend(names(table, "dependencies"));
        self.dependencies.extend(names(table, "build-dependencies"));
        self.dev_dependencies.extend(names(table, "dev-dependencies"));
    }

    /// Dependencies of any kind whose names start with `engine`.
    pub(super) fn engine_dependencies(&self, engine: &str) -> Vec<String> {
        let all = self.dependencies.iter().chain(&self.dev_dependencies);
        all.filter(|dependency| dependency.starts_with(engine))
            .map(|dependency| format!("{}: depends on the engine: {dependency}", self.name))
            .collect()
    }
}

/// The real names of the dependencies: `package` goes before the key that renames it.
fn names(table: &Table, section: &str) -> Vec<String> {
    let section = table.get(section).and_then(Value::as_table);
    let entries = section.into_iter().flatten();
    let name = |(key, value): (&String, &Value)| {
        value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned()
    };
    entries.map(name).collect()
}

/// The folders of the workspace's crates.
pub(super) fn members(workspace: &str) -> Vec<String> {
    let table: Table = workspace.parse().expect("a manifest is TOML");
    let members = table["workspace"]["members"].as_array().expect("members are a list");
    members.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(super) fn arrow_violations(manifest: &Manifest) -> Vec<String> {
    let name = &manifest.name;
    let Some((_, arrows)) = ARROWS.iter().find(|(known, _)| known == name) else {
        return vec![format!("{name}: a crate without a row among the arrows")];
    };
    let Arrows::To(allowed) = arrows else { return Vec::new() };
    let ours = |dependency: &&String| ARROWS.iter().any(|(known, _)| known == dependency);
    let mut violations = Vec::new();
    for dependency in manifest.dependencies.iter().filter(ours) {
        if !allowed.contains(&dependency.as_str()) {
            violations.push(format!("{name} -> {dependency}: there is no such arrow"));
        }
    }
    for dependency in manifest.dev_dependencies.iter().filter(ours) {
        let heavy = HEAVY.contains(&dependency.as_str()) && !allowed.contains(&dependency.as_str());
        if heavy || name == "xtask" {
            violations.push(format!("{name} -> {dependency}: no arrow, not for its tests either"));
        }
    }
    violations
}

fn violations(text: &str) -> Vec<String> {
    arrow_violations(&Manifest::parse("anywhere", text))
}

#[test]
fn arrow_along_the_layout_is_allowed() {
    let text = "[package]\nname = 'wallet'\n[dependencies]\nchain.workspace = true\n\
                rpc = { workspace = true }\nserde = '1'\n[dev-dependencies]\ngenesis = '1'\n";
    assert!(violations(text).is_empty());
    assert!(violations("[package]\nname = 'bench'\n[dependencies]\nnode = '1'\n").is_empty());
}

#[test]
fn arrow_against_the_layout_is_caught() {
    for (name, dependency) in [
        ("chain", "runtime"),
        ("runtime", "consensus"),
        ("rpc", "node"),
        ("wallet", "node"),
        ("demo", "node"),
        ("xtask", "chain"),
    ] {
        let text = format!("[package]\nname = '{name}'\n[dependencies]\n{dependency} = '1'\n");
        assert_eq!(violations(&text).len(), 1, "{name} -> {dependency}");
    }
}

#[test]
fn arrow_under_another_name_or_for_one_target_is_caught() {
    let renamed = "[package]\nname = 'rpc'\n[dependencies]\nn = { package = 'node', path = 'n' }\n";
    assert_eq!(violations(renamed).len(), 1);
    let target = "[package]\nname = 'rpc'\n[target.'cfg(unix)'.dependencies]\nnode = '1'\n";
    assert_eq!(violations(target).len(), 1);
    let build = "[package]\nname = 'rpc'\n[build-dependencies]\nnode = '1'\n";
    assert_eq!(violations(build).len(), 1);
}

#[test]
fn heavy_crate_in_unit_tests_is_caught() {
    let text = "[package]\nname = 'rpc'\n[dev-dependencies]\nconsensus = '1'\n";
    assert_eq!(violations(text).len(), 1);
}

#[test]
fn crate_without_a_row_is_caught() {
    assert_eq!(violations("[package]\nname = 'utils'\n").len(), 1);
}

#[test]
fn dependency_on_the_engine_is_caught() {
    let text = "[package]\nname = 'node'\n[dev-dependencies]\ncommonware-p2p = '1'\nborsh = '1'\n";
    assert_eq!(Manifest::parse("node", text).engine_dependencies("commonware").len(), 1);
}

#[test]
fn members_are_read_from_the_workspace() {
    assert_eq!(members("[workspace]\nmembers = ['a', 'b/c']\n"), ["a", "b/c"]);
}
