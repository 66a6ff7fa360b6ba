//! RocksDB's C++ code, compiled once for the machine and linked by all later builds.
//!
//! A folder of the cache holds one archive for each version, set of features, target and compiler.
//! Cargo's own build of the crate makes the archive; `ROCKSDB_LIB_DIR` and `ROCKSDB_STATIC` then
//! tell the crate to link it. The archive appears under its final name only when it is whole, and a
//! lock lets one xtask compile while others wait.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{self, Failure};
use crate::{cache, cargo, report};

const PACKAGE: &str = "librocksdb-sys";
const ARCHIVE: &str = "librocksdb.a";
const PROGRESS_INTERVAL: Duration = Duration::from_secs(15);
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The folder that holds the archive, which is compiled first if it is not there.
///
/// `None` when the user has set the crate's own variables, which then decide.
pub(crate) fn ensure(environment: &[(&str, OsString)]) -> Result<Option<PathBuf>, Failure> {
    if ["ROCKSDB_LIB_DIR", "ROCKSDB_COMPILE"].iter().any(|name| std::env::var_os(name).is_some()) {
        return Ok(None);
    }
    let package = Package::locked()?;
    let root = cache::folder()?.join("rocksdb");
    let folder = root.join(package.key(&target()?, &compiler()?));
    if folder.join(ARCHIVE).is_file() {
        return Ok(Some(folder));
    }
    fs::create_dir_all(&folder).map_err(|error| Failure::at(&folder, &error))?;
    let _lock = lock(&root.join("lock"))?;
    if !folder.join(ARCHIVE).is_file() {
        compile(&package, &folder, environment)?;
    }
    Ok(Some(folder))
}

/// The crate that holds RocksDB's code, as the lock file and the workspace's manifests have it.
#[derive(Debug, PartialEq, Eq)]
struct Package {
    version: String,
    features: String,
}

impl Package {
    fn locked() -> Result<Self, Failure> {
        let mut command = cargo::plain();
        command.args(["tree", "--locked", "--workspace", "--edges", "normal"]);
        command.args(["--invert", PACKAGE, "--depth", "0", "--format", "{p} {f}"]);
        let output = output(&mut command)?;
        Self::parse(&output)
            .ok_or_else(|| Failure::explained(format!("cargo tree names no {PACKAGE}: {output}")))
    }

    /// Reads a line like `librocksdb-sys v0.19.0+11.8.1 lz4,static`.
    fn parse(tree: &str) -> Option<Self> {
        let mut words = tree.split_whitespace();
        words.find(|word| *word == PACKAGE)?;
        let version = words.next()?.strip_prefix('v')?.to_owned();
        Some(Self { version, features: words.next().unwrap_or_default().to_owned() })
    }

    /// The name of the folder of an archive: another key, another archive.
    fn key(&self, target: &str, compiler: &str) -> String {
        let Self { version, features } = self;
        let words = format!("{version} {features} {target} {compiler}");
        let parts = words.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
    }

    /// How many files the compiler has to get through, if cargo's copy of the crate is found.
    fn sources(&self) -> Option<usize> {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home =
            home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
        let registries = fs::read_dir(home.join("registry/src")).ok()?;
        let list = format!("{PACKAGE}-{}/rocksdb_lib_sources.txt", self.version);
        let text = registries
            .filter_map(Result::ok)
            .find_map(|registry| fs::read_to_string(registry.path().join(&list)).ok())?;
        Some(text.lines().filter(|line| !line.trim().is_empty()).count())
    }
}

/// The target triple that rustc compiles for.
fn target() -> Result<String, Failure> {
    let text = output(Command::new("rustc").arg("-vV"))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::explained("rustc -vV names no host"))
}

/// What decides the code that the C++ compiler makes: its name, its version and its flags.
fn compiler() -> Result<String, Failure> {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let program = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let mut words = program.split_whitespace();
    let version = output(Command::new(words.next().unwrap_or("c++")).args(words).arg("--version"))?;
    let first = version.lines().next().unwrap_or_default();
    Ok(format!("{first} {} {}", variable("CXXFLAGS"), variable("RUSTFLAGS")))
}

fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failure::not_started(command, &error))?;
    failure::ended(output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Waits for its turn; the lock ends with the file that is returned.
fn lock(path: &Path) -> Result<File, Failure> {
    let file = File::create(path).map_err(|error| Failure::at(path, &error))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::Error(error)) => return Err(Failure::at(path, &error)),
        Err(TryLockError::WouldBlock) => {}
    }
    report::progress("waiting for another xtask that compiles RocksDB");
    file.lock().map_err(|error| Failure::at(path, &error))?;
    Ok(file)
}

/// Compiles in a folder of its own, which goes afterwards, and moves the archive to `folder`.
fn compile(
    package: &Package,
    folder: &Path,
    environment: &[(&str, OsString)],
) -> Result<(), Failure> {
    let version = &package.version;
    report::progress(&format!(
        "compiling RocksDB ({PACKAGE} {version}): 10 to 20 minutes on two cores, \
         once for this machine; the result is kept in {}",
        folder.display()
    ));
    let workplace = folder.join("build");
    remove(&workplace)?;
    let mut command = cargo::plain();
    command.args(["build", "--locked", "--quiet", "--package", PACKAGE, "--target-dir"]);
    command.arg(&workplace).envs(environment.iter().cloned());
    let started = Instant::now();
    let child = command.spawn().map_err(|error| failure::not_started(&command, &error))?;
    watch(child, || outputs(&workplace), package.sources(), started)?;
    let archive = outputs(&workplace).into_iter().map(|folder| folder.join(ARCHIVE));
    let archive = archive.into_iter().find(|path| path.is_file());
    let archive = archive.ok_or_else(|| {
        Failure::explained(format!("{PACKAGE} was built, but left no {ARCHIVE} in its folder"))
    })?;
    let target = folder.join(ARCHIVE);
    fs::rename(&archive, &target).map_err(|error| Failure::at(&target, &error))?;
    let minutes = started.elapsed().as_secs().div_ceil(60);
    report::progress(&format!(
        "RocksDB is compiled ({minutes} minutes); a plain cargo build links it too after: \
         export ROCKSDB_LIB_DIR='{}' ROCKSDB_STATIC=1",
        folder.display()
    ));
    remove(&workplace)
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::at(folder, &error))
        }
        _ => Ok(()),
    }
}

/// The folders that build scripts of the crate write to, in cargo's folder `target`.
fn outputs(target: &Path) -> Vec<PathBuf> {
    let Ok(scripts) = fs::read_dir(target.join("debug/build")) else { return Vec::new() };
    let scripts = scripts.filter_map(|script| Some(script.ok()?.path()));
    let ours = scripts.filter(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PACKAGE))
    });
    ours.map(|path| path.join("out")).filter(|path| path.is_dir()).collect()
}

/// Says every now and then how far the compiler is, until it is done.
fn watch(
    mut child: Child,
    outputs: impl Fn() -> Vec<PathBuf>,
    sources: Option<usize>,
    started: Instant,
) -> Result<(), Failure> {
    let mut said = started;
    loop {
        let ended = child.try_wait();
        if let Some(status) = ended.map_err(|error| Failure::explained(error.to_string()))? {
            return failure::ended(status);
        }
        thread::sleep(POLL_INTERVAL);
        if said.elapsed() >= PROGRESS_INTERVAL {
            said = Instant::now();
            let objects = outputs().iter().map(|folder| objects(folder)).sum();
            report::progress(&progress(objects, sources, started.elapsed()));
        }
    }
}

fn objects(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "o")).count()
}

fn progress(objects: usize, sources: Option<usize>, elapsed: Duration) -> String {
    let time = format!("{}:{:02}", elapsed.as_secs() / 60, elapsed.as_secs() % 60);
    match (objects, sources) {
        (0, _) => format!("RocksDB: preparing, {time}"),
        (_, Some(sources)) => format!("RocksDB: {objects} of {sources} files, {time}"),
        (_, None) => format!("RocksDB: {objects} files, {time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Package {
        Package { version: "0.19.0+11.8.1".to_owned(), features: "lz4,static".to_owned() }
    }

    #[test]
    fn version_and_features_are_read_from_the_tree() {
        assert_eq!(Package::parse("librocksdb-sys v0.19.0+11.8.1 lz4,static\n"), Some(package()));
        assert_eq!(Package::parse("warning: nothing to print\n"), None);
    }

    #[test]
    fn key_is_one_plain_folder_name() {
        let key =
            package().key("x86_64-unknown-linux-gnu", "c++ (Debian 12.2.0-14+deb12u1) 12.2.0");
        assert_eq!(
            key,
            "0.19.0-11.8.1-lz4-static-x86_64-unknown-linux-gnu-c-Debian-12.2.0-14-deb12u1-12.2.0"
        );
    }

    #[test]
    fn key_changes_with_each_of_its_parts() {
        let key = |features: &str, target, compiler| {
            Package { features: features.to_owned(), ..package() }.key(target, compiler)
        };
        let base = key("lz4", "x86_64-unknown-linux-gnu", "c++ 12");
        assert_ne!(base, key("lz4,zstd", "x86_64-unknown-linux-gnu", "c++ 12"));
        assert_ne!(base, key("lz4", "aarch64-unknown-linux-gnu", "c++ 12"));
        assert_ne!(base, key("lz4", "x86_64-unknown-linux-gnu", "c++ 13"));
    }

    #[test]
    fn progress_counts_files_and_time() {
        let after = Duration::from_secs(125);
        assert_eq!(progress(0, Some(343), after), "RocksDB: preparing, 2:05");
        assert_eq!(progress(120, Some(343), after), "RocksDB: 120 of 343 files, 2:05");
        assert_eq!(progress(120, None, after), "RocksDB: 120 files, 2:05");
    }
}
