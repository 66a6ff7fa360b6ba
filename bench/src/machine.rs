//! What a run was made on and from: figures without it mean nothing.

use std::fmt;
use std::fs;
use std::num::NonZeroUsize;
use std::process::Command;
use std::thread;

use serde::Serialize;

/// The machine, and the program that measures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// How many threads it runs at once.
    pub cores: usize,
    /// All its memory, in MiB.
    pub memory_mib: u64,
    /// The version of the kernel.
    pub kernel: String,
    /// The commit of the sources, marked when they were changed since.
    pub commit: String,
    /// Whether the program that measures is a release build.
    pub release: bool,
}

impl Machine {
    /// Reads what the system says; what it does not say is called unknown.
    pub fn read() -> Self {
        let file = |path| fs::read_to_string(path).unwrap_or_default();
        let memory_kib: u64 = field(&file("/proc/meminfo"), "MemTotal").parse().unwrap_or(0);
        Self {
            processor: named(field(&file("/proc/cpuinfo"), "model name")),
            cores: cores(),
            memory_mib: memory_kib / 1024,
            kernel: named(file("/proc/sys/kernel/osrelease").trim().to_owned()),
            commit: named(commit()),
            release: !cfg!(debug_assertions),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, memory_mib, kernel, commit, release } = self;
        writeln!(formatter, "{processor}, {cores} cores, {memory_mib} MiB, Linux {kernel}")?;
        write!(formatter, "commit {commit}, ")?;
        if *release {
            formatter.write_str("release build")
        } else {
            formatter.write_str("NOT A RELEASE BUILD: these figures say nothing about speed")
        }
    }
}

/// How many threads the machine runs at once.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// The value in the first line `NAME: VALUE` of a file in `/proc`, without the unit `kB`; empty when there
/// is none.
pub fn field(text: &str, name: &str) -> String {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
    let value = values.next().unwrap_or_default();
    value.strip_suffix(" kB").unwrap_or(value).to_owned()
}

fn commit() -> String {
    let mut git = Command::new("git");
    git.args(["-C", env!("CARGO_MANIFEST_DIR"), "describe", "--always", "--dirty", "--abbrev=12"]);
    let output = git.output().ok().filter(|output| output.status.success());
    output.map_or_else(String::new, |output| {
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    })
}

fn named(text: String) -> String {
    if text.is_empty() { "unknown".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let text = "VmPeak:\t  12 kB\nVmHWM:\t  34 kB\nName:\ttallyd\n";
        assert_eq!(field(text, "VmHWM"), "34");
        assert_eq!(field(text, "Name"), "tallyd");
        assert_eq!(field(text, "HWM"), "");
    }
}
