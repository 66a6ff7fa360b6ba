//! What a process has used so far, as the kernel counts it in `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use bench::machine;

/// How finely the kernel counts CPU time towards programs: ticks of a hundredth of a second, on every
/// architecture that Linux still runs servers on.
const TICK: Duration = Duration::from_millis(10);

/// What a process used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// User and system time of all its threads, also of those that ended.
    pub(crate) cpu: Duration,
    /// The same of the threads that still run, by their names, each as the kernel cuts it to 15 bytes.
    pub(crate) threads: BTreeMap<String, Duration>,
    /// The most memory it ever held, in KiB.
    pub(crate) memory_peak_kib: u64,
    /// Bytes in the files of the folders it keeps, by their names.
    pub(crate) files: BTreeMap<String, u64>,
}

impl Usage {
    /// What process `id` has used.
    pub(crate) fn of_process(id: u32) -> Result<Self> {
        Self::of(Path::new("/proc").join(id.to_string()).as_path())
    }

    /// What this process has used.
    pub(crate) fn of_this_process() -> Result<Self> {
        Self::of(Path::new("/proc/self"))
    }

    fn of(process: &Path) -> Result<Self> {
        let (_, cpu) = read_stat(&process.join("stat"))?;
        let mut threads = BTreeMap::<String, Duration>::new();
        for thread in fs::read_dir(process.join("task"))? {
            // It may have ended meanwhile.
            if let Ok((name, cpu)) = read_stat(&thread?.path().join("stat")) {
                *threads.entry(name).or_default() += cpu;
            }
        }
        let status = fs::read_to_string(process.join("status"))?;
        let memory_peak_kib = machine::field(&status, "VmHWM").parse().context("no peak memory")?;
        Ok(Self { cpu, threads, memory_peak_kib, files: BTreeMap::new() })
    }

    /// The same with what the folder at `path` holds, called `name`.
    pub(crate) fn with_folder(mut self, name: &str, path: &Path) -> Result<Self> {
        self.files.insert(name.to_owned(), folder_bytes(path)?);
        Ok(self)
    }

    /// What was used since `before`; the peak of memory stays the peak of all time. Threads that ended are
    /// missed by [`Self::threads`] and not by [`Self::cpu`].
    pub(crate) fn since(&self, before: &Self) -> Self {
        let threads = self.threads.iter().map(|(name, cpu)| {
            let earlier = before.threads.get(name).copied().unwrap_or_default();
            (name.clone(), cpu.saturating_sub(earlier))
        });
        let files = self.files.iter().map(|(name, bytes)| {
            let earlier = before.files.get(name).copied().unwrap_or_default();
            (name.clone(), bytes.saturating_sub(earlier))
        });
        Self {
            cpu: self.cpu.saturating_sub(before.cpu),
            threads: threads.collect(),
            memory_peak_kib: self.memory_peak_kib,
            files: files.collect(),
        }
    }
}

fn read_stat(path: &Path) -> Result<(String, Duration)> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    parse_stat(&text).with_context(|| format!("{} is of an unknown form", path.display()))
}

/// The name of a process or thread and its CPU time. The name stands in brackets and may hold anything.
fn parse_stat(text: &str) -> Option<(String, Duration)> {
    let (_, rest) = text.split_once('(')?;
    let (name, rest) = rest.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((name.to_owned(), TICK * user.checked_add(system)?))
}

/// The lengths of all files below a folder; files that vanish meanwhile count nothing.
fn folder_bytes(path: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
        let entry = entry?;
        bytes += match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path())?,
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_follows_the_name_whatever_it_is() {
        let text = "42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0";
        assert_eq!(parse_stat(text), Some(("a (b) c".to_owned(), Duration::from_secs(3))));
        assert_eq!(parse_stat("42 (a) S 1"), None);
    }

    #[test]
    fn use_is_counted_from_before() {
        let of = |cpu, bytes| Usage {
            cpu: Duration::from_secs(cpu),
            threads: BTreeMap::from([("rpc".to_owned(), Duration::from_secs(cpu))]),
            memory_peak_kib: bytes,
            files: BTreeMap::from([("data".to_owned(), bytes)]),
        };
        assert_eq!(of(5, 70).since(&of(3, 20)), Usage { memory_peak_kib: 70, ..of(2, 50) });
    }

    #[test]
    fn this_process_has_memory_and_threads() {
        let usage = Usage::of_this_process().unwrap();
        assert!(usage.memory_peak_kib > 0 && !usage.threads.is_empty());
    }
}
