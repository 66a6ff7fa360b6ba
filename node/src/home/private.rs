//! Secrets on disk: files and folders that are this user's, and that nobody else may read or write. No file
//! is read beyond what it may hold.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use super::{HomeError, unusable};

/// The bits of a mode that give something to the group or to others.
const FOREIGN_BITS: u32 = 0o077;

/// Refuses a folder of another user, or that others may enter.
pub(super) fn check_folder(path: &Path) -> Result<(), HomeError> {
    let metadata = fs::metadata(path).map_err(|source| unusable(path, source))?;
    check(path, &metadata, 0o700, own_uid())
}

/// Opens a secret's file; refuses what is no plain file, or another user's, or may be read by others.
/// What is looked at is what is read, whatever takes its name meanwhile.
pub(super) fn open(path: &Path) -> Result<File, HomeError> {
    // Neither does a link lead elsewhere, nor is a pipe's other end waited for.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).expect("flags are small numbers");
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|source| {
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        if is_link { HomeError::NoPlainFile(path.to_owned()) } else { unusable(path, source) }
    })?;
    let metadata = file.metadata().map_err(|source| unusable(path, source))?;
    if !metadata.is_file() {
        return Err(HomeError::NoPlainFile(path.to_owned()));
    }
    check(path, &metadata, 0o600, own_uid())?;
    Ok(file)
}

/// Reads the text of an open file, of at most `bytes_max` bytes.
pub(super) fn read_text(file: File, path: &Path, bytes_max: u64) -> Result<String, HomeError> {
    let mut text = String::new();
    let read = file.take(bytes_max.saturating_add(1)).read_to_string(&mut text);
    read.map_err(|source| unusable(path, source))?;
    if text.len() as u64 > bytes_max {
        return Err(HomeError::TooLong { path: path.to_owned(), bytes_max });
    }
    Ok(text)
}

fn check(path: &Path, metadata: &Metadata, wanted: u32, own_uid: u32) -> Result<(), HomeError> {
    if metadata.uid() != own_uid {
        return Err(HomeError::OfAnother { path: path.to_owned(), owner: metadata.uid() });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & FOREIGN_BITS != 0 {
        return Err(HomeError::ModeTooOpen { path: path.to_owned(), mode, wanted });
    }
    Ok(())
}

fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;
    use crate::home::write;

    #[test]
    fn secret_of_another_user_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, b"x", 0o600).unwrap();
        open(&path).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        let stranger = own_uid() + 1;
        let refused = check(&path, &metadata, 0o600, stranger).unwrap_err();
        assert!(matches!(refused, HomeError::OfAnother { owner, .. } if owner == own_uid()));
    }

    #[test]
    fn secret_behind_a_link_or_a_pipe_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let [path, link, pipe] = ["key", "link", "pipe"].map(|name| folder.path().join(name));
        write(&path, b"x", 0o600).unwrap();
        symlink(&path, &link).unwrap();
        let mode = Mode::RUSR | Mode::WUSR;
        mknodat(CWD, &pipe, FileType::Fifo, mode, 0).unwrap();
        for path in [link.as_path(), &pipe, folder.path()] {
            assert!(matches!(open(path), Err(HomeError::NoPlainFile(_))), "{path:?}");
        }
    }

    #[test]
    fn file_without_end_is_not_read_to_its_end() {
        let path = Path::new("/dev/zero");
        let refused = read_text(File::open(path).unwrap(), path, 100).unwrap_err();
        assert!(matches!(refused, HomeError::TooLong { bytes_max: 100, .. }), "{refused}");
    }
}
