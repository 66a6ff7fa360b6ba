//! The disk under a home: how much room is left, what takes it, and what a node does when it gets scarce.
//!
//! ```text
//!   free   >= voting_bytes_min     votes
//!          <  voting_bytes_min     abstains: follows, votes for nothing (again only once a sixteenth more is free)
//!          <  running_bytes_min    stops, before a write fails
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use consensus::Abstention;

/// Folders within one another that are looked into.
const DEPTH_MAX: usize = 8;
/// What is free where the system does not say: as much as anybody asks for.
const UNKNOWN: u64 = u64::MAX;
const MIB: u64 = 1 << 20;

/// How much room there must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes below which the node abstains.
    pub voting_bytes_min: u64,
    /// Bytes below which it stops; no more than the other.
    pub running_bytes_min: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { voting_bytes_min: 2_048 * MIB, running_bytes_min: 1_024 * MIB }
    }
}

/// What the room on a disk is enough for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Everything.
    Enough,
    /// To follow.
    Low,
}

/// There is too little room to run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} MiB are free on the disk of {}, and a node needs {} MiB: free space on the disk, then start the node again; \
     nothing acknowledged is lost",
    free_bytes / MIB, home.display(), min_bytes / MIB
)]
pub struct TooLittle {
    /// Whose disk.
    pub home: PathBuf,
    /// What is free.
    pub free_bytes: u64,
    /// What must be.
    pub min_bytes: u64,
}

impl Limits {
    /// What `free` bytes are enough for, after there was `before`; nothing where they are not enough to run.
    fn judge(&self, free: u64, before: Room) -> Option<Room> {
        let margin = match before {
            Room::Enough => 0,
            Room::Low => self.voting_bytes_min / 16,
        };
        if free < self.running_bytes_min {
            None
        } else if free < self.voting_bytes_min.saturating_add(margin) {
            Some(Room::Low)
        } else {
            Some(Room::Enough)
        }
    }
}

/// Looks after the disk of a home.
#[derive(Debug)]
pub struct Guard {
    home: PathBuf,
    limits: Limits,
    abstention: Abstention,
    free: AtomicU64,
}

impl Guard {
    /// Looks at the disk of `home`. When room gets scarce, `abstention` begins.
    ///
    /// # Errors
    /// [`TooLittle`] when there is too little to run.
    pub fn new(home: &Path, limits: Limits, abstention: Abstention) -> Result<Self, TooLittle> {
        let free = AtomicU64::new(UNKNOWN);
        let guard = Self { home: home.to_owned(), limits, abstention, free };
        guard.look()?;
        Ok(guard)
    }

    /// Looks again.
    ///
    /// # Errors
    /// [`TooLittle`] when there is too little to run: the node is to stop.
    pub fn look(&self) -> Result<Room, TooLittle> {
        let free_bytes = free_bytes(&self.home).unwrap_or(UNKNOWN);
        self.free.store(free_bytes, Ordering::Relaxed);
        let before = self.room();
        let Some(room) = self.limits.judge(free_bytes, before) else {
            let min_bytes = self.limits.running_bytes_min;
            return Err(TooLittle { home: self.home.clone(), free_bytes, min_bytes });
        };
        let (free_mib, needed_mib) = (free_bytes / MIB, self.limits.voting_bytes_min / MIB);
        match (before, room) {
            (Room::Enough, Room::Low) => {
                self.abstention.begin();
                tracing::warn!(
                    free_mib,
                    needed_mib,
                    "little room on the disk: the node follows and votes for nothing until there is more"
                );
            }
            (Room::Low, Room::Enough) => {
                self.abstention.end();
                tracing::info!(
                    free_mib,
                    needed_mib,
                    "enough room on the disk: the node votes again"
                );
            }
            (Room::Enough, Room::Enough) | (Room::Low, Room::Low) => {}
        }
        Ok(room)
    }

    /// What the room was enough for at the last look.
    pub fn room(&self) -> Room {
        if self.abstention.is_on() { Room::Low } else { Room::Enough }
    }

    /// Bytes that were free at the last look, where the system says.
    pub fn free_bytes(&self) -> Option<u64> {
        Some(self.free.load(Ordering::Relaxed)).filter(|free| *free != UNKNOWN)
    }

    /// How much room there must be.
    pub const fn limits(&self) -> Limits {
        self.limits
    }
}

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

    const LIMITS: Limits = Limits { voting_bytes_min: 1_600, running_bytes_min: 800 };

    #[test]
    fn node_votes_again_only_once_some_more_is_free() {
        for (before, free, then) in [
            (Room::Enough, 1_600, Some(Room::Enough)),
            (Room::Enough, 1_599, Some(Room::Low)),
            (Room::Low, 1_600, Some(Room::Low)),
            (Room::Low, 1_699, Some(Room::Low)),
            (Room::Low, 1_700, Some(Room::Enough)),
            (Room::Low, 800, Some(Room::Low)),
            (Room::Low, 799, None),
            (Room::Enough, 799, None),
        ] {
            assert_eq!(LIMITS.judge(free, before), then, "{free} after {before:?}");
        }
        let none = Limits { voting_bytes_min: 0, running_bytes_min: 0 };
        assert_eq!(none.judge(0, Room::Enough), Some(Room::Enough));
    }

    #[test]
    fn guard_abstains_when_room_is_scarce_and_refuses_when_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let abstention = Abstention::new();
        let guard = |voting_bytes_min, running_bytes_min| {
            let limits = Limits { voting_bytes_min, running_bytes_min };
            Guard::new(folder.path(), limits, abstention.clone())
        };
        assert_eq!(guard(0, 0).unwrap().room(), Room::Enough);
        assert!(!abstention.is_on());
        let low = guard(u64::MAX, 0).unwrap();
        assert_eq!((low.room(), abstention.is_on()), (Room::Low, true));
        assert!(low.free_bytes().is_some_and(|free| free > 0));
        let refused = guard(u64::MAX, u64::MAX).unwrap_err();
        assert_eq!(refused.min_bytes, u64::MAX);
        assert!(refused.to_string().contains("free space on the disk"), "{refused}");
    }

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
