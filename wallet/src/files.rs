//! Files that only their owner can read, written whole or not at all.
//!
//! A write goes to a temporary file beside the target, is synced, takes the target's name, and the
//! folder is synced: after a crash there is the old content or the new, never a part.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// The bits of a mode that give something to the group or to others.
const FOREIGN_BITS: u32 = 0o077;
/// Those of them that let others look, and change nothing.
const READ_BITS: u32 = 0o055;

/// Bytes of a file for which room is made at once, at most.
const ROOM_BYTES_MAX: usize = 64 * 1024;

/// Why a private file was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Group or others may do something with it.
    #[error("{} may be read or changed by other users (mode {mode:04o})", path.display())]
    NotPrivate {
        /// The file or folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It belongs to another user, who may do anything with it.
    #[error("{} belongs to another user (number {owner})", path.display())]
    NotOwn {
        /// The file or folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// A link, which may lead anywhere from one moment to the next.
    #[error("{} is a symbolic link", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// More bytes than such a file ever has.
    #[error("{} is larger than {bytes_max} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
        bytes_max: u64,
    },
}

impl FileError {
    /// True when the file is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// True when a file of that name is there already.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists)
    }
}

/// Makes `folder` and what is missing above it, readable by its owner alone; refuses one that others
/// may enter.
///
/// # Errors
/// [`FileError`] when the system refuses or the folder is not private.
pub fn private_folder(folder: &Path) -> Result<(), FileError> {
    make_folder(folder)?;
    check_private_folder(folder)
}

/// Makes `folder` and what is missing above it, if it is not there; a new one is readable by its owner
/// alone.
///
/// # Errors
/// [`FileError`] when the system refuses.
pub fn make_folder(folder: &Path) -> Result<(), FileError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source| failed(folder, source))
}

/// Refuses a folder that is a link, belongs to somebody else, or that group or others may do something
/// with.
///
/// # Errors
/// [`FileError`] when it is missing or not private.
pub fn check_private_folder(folder: &Path) -> Result<(), FileError> {
    let metadata = fs::symlink_metadata(folder).map_err(|source| failed(folder, source))?;
    check_own(folder, &metadata)?;
    check_mode(folder, metadata.mode())
}

/// Refuses a folder that belongs to somebody else, or that others may write.
///
/// # Errors
/// [`FileError`] when it is missing, not its user's, or open to others.
pub fn check_own_folder(folder: &Path) -> Result<(), FileError> {
    let metadata = fs::metadata(folder).map_err(|source| failed(folder, source))?;
    check_own(folder, &metadata)?;
    check_mode(folder, metadata.mode() & !READ_BITS)
}

/// Reads a private file of at most `bytes_max` bytes: its user's own, no link, closed to others.
///
/// # Errors
/// [`FileError`] when it is missing, not private, or larger.
pub fn read_private(path: &Path, bytes_max: u64) -> Result<Vec<u8>, FileError> {
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|source| {
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        if is_link { FileError::Link { path: path.to_owned() } } else { failed(path, source) }
    })?;
    let metadata = file.metadata().map_err(|source| failed(path, source))?;
    check_own(path, &metadata)?;
    check_mode(path, metadata.mode())?;
    read_at_most(file, path, bytes_max)
}

/// Reads a file of at most `bytes_max` bytes that anybody may read.
///
/// # Errors
/// [`FileError`] when it is missing or larger.
pub fn read_bounded(path: &Path, bytes_max: u64) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(|source| failed(path, source))?;
    read_at_most(file, path, bytes_max)
}

/// Writes a private file that must not be there yet.
///
/// # Errors
/// [`FileError`] when it is, or the system refuses.
pub fn create_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let temporary = write_temporary(path, bytes)?;
    // A link, unlike a rename, never replaces.
    let linked = fs::hard_link(&temporary, path);
    let removed = fs::remove_file(&temporary);
    linked.and(removed).map_err(|source| failed(path, source))?;
    sync_folder_of(path)
}

/// Writes a private file, in place of the one that may be there.
///
/// # Errors
/// [`FileError`] when the system refuses.
pub fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let temporary = write_temporary(path, bytes)?;
    fs::rename(&temporary, path).map_err(|source| failed(path, source))?;
    sync_folder_of(path)
}

/// Gives a file another name, which must be free.
///
/// # Errors
/// [`FileError`] when it is not, or the system refuses.
pub fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::hard_link(from, to).map_err(|source| failed(to, source))?;
    remove(from)
}

/// Removes a file for good.
///
/// # Errors
/// [`FileError`] when the system refuses.
pub fn remove(path: &Path) -> Result<(), FileError> {
    fs::remove_file(path).map_err(|source| failed(path, source))?;
    sync_folder_of(path)
}

fn write_temporary(path: &Path, bytes: &[u8]) -> Result<PathBuf, FileError> {
    let temporary = temporary_beside(path);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    match written {
        Ok(()) => Ok(temporary),
        Err(source) => Err(failed(&temporary, source)),
    }
}

/// A name that ends as no key or voucher does, and that no other process uses.
fn temporary_beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn sync_folder_of(path: &Path) -> Result<(), FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| failed(folder, source))
}

fn read_at_most(file: File, path: &Path, bytes_max: u64) -> Result<Vec<u8>, FileError> {
    // Never grown where it is small: a secret leaves no copy in memory that was given back.
    let room = usize::try_from(bytes_max.saturating_add(2)).unwrap_or(ROOM_BYTES_MAX);
    let mut bytes = Vec::with_capacity(room.min(ROOM_BYTES_MAX));
    let read = file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|source| failed(path, source))?;
    if bytes.len() as u64 > bytes_max {
        return Err(FileError::TooLarge { path: path.to_owned(), bytes_max });
    }
    Ok(bytes)
}

fn check_own(path: &Path, metadata: &Metadata) -> Result<(), FileError> {
    if metadata.is_symlink() {
        return Err(FileError::Link { path: path.to_owned() });
    }
    if metadata.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(FileError::NotOwn { path: path.to_owned(), owner: metadata.uid() })
}

fn check_mode(path: &Path, mode: u32) -> Result<(), FileError> {
    if mode & FOREIGN_BITS == 0 {
        return Ok(());
    }
    Err(FileError::NotPrivate { path: path.to_owned(), mode: mode & 0o7777 })
}

fn failed(path: &Path, source: io::Error) -> FileError {
    FileError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn written_files_are_private_and_leave_nothing_beside() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a");
        create_private(&path, b"one").unwrap();
        replace_private(&path, b"two").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(read_private(&path, 3).unwrap(), b"two");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn creating_never_replaces() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a");
        create_private(&path, b"one").unwrap();
        assert!(create_private(&path, b"two").unwrap_err().is_taken());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn files_that_others_may_read_are_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a");
        create_private(&path, b"one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let refused = read_private(&path, 3).unwrap_err();
        assert!(matches!(refused, FileError::NotPrivate { mode: 0o640, .. }));
    }

    #[test]
    fn links_are_refused_wherever_they_lead() {
        let home = tempfile::tempdir().unwrap();
        let (path, link) = (home.path().join("a"), home.path().join("link"));
        create_private(&path, b"one").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(read_private(&link, 3), Err(FileError::Link { .. })));
        let (folder, link) = (home.path().join("folder"), home.path().join("other"));
        private_folder(&folder).unwrap();
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(matches!(check_private_folder(&link), Err(FileError::Link { .. })));
    }

    #[test]
    fn what_belongs_to_another_user_is_refused() {
        // Nobody but the system's own user can make a file of somebody else: one that is there will do.
        let root = fs::metadata("/").unwrap();
        let foreign = Path::new("/proc/1/environ");
        let own = rustix::process::geteuid().as_raw();
        let refused = check_own(foreign, &root);
        assert_eq!(refused.is_err(), root.uid() != own);
    }

    #[test]
    fn a_file_above_the_bound_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a");
        create_private(&path, b"four").unwrap();
        assert!(matches!(read_private(&path, 3), Err(FileError::TooLarge { bytes_max: 3, .. })));
    }
}
