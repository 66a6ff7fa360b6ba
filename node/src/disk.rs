//! The disk under a home: how much room is left, and what takes it.

use std::fs;
use std::path::Path;

/// Folders within one another that are looked into.
const DEPTH_MAX: usize = 8;

/// Room on the disk of `path`, in bytes, where the system says.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Bytes of all files in the folder `path`. What cannot be read, or goes away meanwhile, counts nothing.
pub fn used_bytes(path: &Path) -> u64 {
    used_within(path, DEPTH_MAX)
}

fn used_within(path: &Path, depth: usize) -> u64 {
    let Some(depth) = depth.checked_sub(1) else { return 0 };
    let Ok(entries) = fs::read_dir(path) else { return 0 };
    let bytes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => used_within(&entry.path(), depth),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    bytes.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_folders_are_added_up() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("one"), [0; 10]).unwrap();
        fs::write(folder.path().join("a/b/two"), [0; 32]).unwrap();
        assert_eq!(used_bytes(folder.path()), 42);
        assert_eq!(used_bytes(&folder.path().join("none")), 0);
        assert!(free_bytes(folder.path()).is_some_and(|free| free > 0));
    }
}
