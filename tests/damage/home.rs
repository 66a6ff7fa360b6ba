//! Folders: copied, listed, compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder for homes: in memory where the system has such a place, as thousands are made and dropped.
pub(crate) fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    folder.expect("there is room for a home")
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    fs::set_permissions(to, fs::metadata(from).expect("a folder").permissions()).expect("a mode");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a file");
        }
    }
}

/// The contents of all files below `folder`, by their paths in it.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, Path::new(""), &mut files);
    files
}

fn collect(root: &Path, inside: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(root.join(inside)) else { return };
    for entry in entries.flatten() {
        let path = inside.join(entry.file_name());
        match fs::read(root.join(&path)) {
            Ok(bytes) => drop(files.insert(path, bytes)),
            Err(_) => collect(root, &path, files),
        }
    }
}

/// Makes `home` hold exactly these bytes under `path`, or nothing.
pub(crate) fn put(home: &Path, path: &Path, bytes: Option<&[u8]>) {
    let path = home.join(path);
    match bytes {
        Some(bytes) => {
            fs::create_dir_all(path.parent().expect("it lies in a home")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
        None => drop(fs::remove_file(path)),
    }
}
