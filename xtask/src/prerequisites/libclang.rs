//! Finds libclang where the generator of RocksDB's bindings looks for it.
//!
//! A runtime package often brings the library without the compiler's own headers (`stddef.h`),
//! and the generator then fails; such a library does not count.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Homebrew keeps its keg; the generator does not look there by itself.
const HOMEBREW: [&str; 2] = ["/opt/homebrew/opt/llvm/lib", "/usr/local/opt/llvm/lib"];

/// Where Apple's command line tools and Xcode keep theirs.
const APPLE: [&str; 2] = [
    "/Library/Developer/CommandLineTools/usr/lib",
    "/Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib",
];

/// Whether bindings can be generated. A user's `LIBCLANG_PATH` is trusted.
pub(super) fn is_usable() -> bool {
    std::env::var_os("LIBCLANG_PATH").is_some() || is_usable_in(&folders())
}

/// The value that `LIBCLANG_PATH` needs for a library that the generator misses by itself.
pub(crate) fn path_to_set() -> Option<PathBuf> {
    if std::env::var_os("LIBCLANG_PATH").is_some() || is_usable_in(&system_folders()) {
        return None;
    }
    HOMEBREW.iter().map(PathBuf::from).find(|folder| holds_library(folder))
}

fn is_usable_in(folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| holds_library(folder))
        && folders.iter().any(|folder| holds_headers(folder))
}

fn folders() -> Vec<PathBuf> {
    let mut folders = system_folders();
    folders.extend(HOMEBREW.iter().map(PathBuf::from));
    folders
}

fn system_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = APPLE.iter().map(PathBuf::from).collect();
    let prefix = Command::new("llvm-config").arg("--prefix").output();
    if let Ok(prefix) = prefix.map(|output| output.stdout)
        && !prefix.is_empty()
    {
        let prefix = PathBuf::from(String::from_utf8_lossy(prefix.trim_ascii()).into_owned());
        folders.extend(["lib", "lib64"].map(|lib| prefix.join(lib)));
    }
    for root in ["/usr/local", "/usr"] {
        let libraries = subfolders(Path::new(root));
        for library in libraries.into_iter().filter(|folder| is_named(folder, "lib")) {
            for inner in subfolders(&library) {
                folders.extend(subfolders(&inner));
                folders.push(inner);
            }
            folders.push(library);
        }
    }
    folders
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_dir()).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn is_named(path: &Path, prefix: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix))
}

fn holds_library(folder: &Path) -> bool {
    entries(folder).iter().any(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| is_library(&name)) && path.exists()
    })
}

/// `libclang.so`, `libclang.so.1`, `libclang-14.so.1`, `libclang.dylib`; not `libclang-cpp.so`.
fn is_library(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("libclang") else { return false };
    let rest = match rest.strip_prefix('-') {
        Some(version) => version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'),
        None => rest.trim_start_matches('.'),
    };
    rest == "dylib" || rest == "so" || rest.starts_with("so.")
}

fn holds_headers(folder: &Path) -> bool {
    subfolders(&folder.join("clang"))
        .iter()
        .any(|version| version.join("include/stddef.h").exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_library_is_known() {
        for name in ["libclang.so", "libclang.so.1", "libclang-14.so", "libclang-14.0.6.so"] {
            assert!(is_library(name), "{name}");
        }
        assert!(is_library("libclang-14.so.14.0.6"));
        assert!(is_library("libclang.dylib"));
    }

    #[test]
    fn other_libraries_of_clang_are_not_libclang() {
        for name in ["libclang-cpp.so.14", "libclang.a", "libclangAST.a", "libc.so", "libclang.txt"]
        {
            assert!(!is_library(name), "{name}");
        }
    }

    #[test]
    fn library_without_its_headers_is_not_usable() {
        let root = std::env::temp_dir().join(format!("tally-libclang-{}", std::process::id()));
        let folders = [root.clone()];
        fs::create_dir_all(&root).unwrap();
        assert!(!is_usable_in(&folders), "an empty folder");
        fs::write(root.join("libclang.so.1"), "").unwrap();
        assert!(!is_usable_in(&folders), "a library without headers");
        fs::create_dir_all(root.join("clang/14.0.6/include")).unwrap();
        fs::write(root.join("clang/14.0.6/include/stddef.h"), "").unwrap();
        assert!(is_usable_in(&folders), "a library with headers");
        fs::remove_dir_all(&root).unwrap();
    }
}
