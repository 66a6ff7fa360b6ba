//! The folder of one node: what lies where, who may read it, and that only one node uses it.
//!
//! ```text
//! HOME/
//!   config.toml         settings, generated with comments
//!   genesis.toml        the genesis; its hash is the chain's identity
//!   keys/               0700
//!     authority.key     0600: the authority's secret, 64 hexadecimal digits
//!     next.key          0600: the secret that takes its place once the chain says so
//!   consensus/          what keeps the key from voting twice; no command deletes it
//!     owner             the public key whose votes the journal holds
//!     begun             says that the engine has been started, so that there must be a journal
//!     journal/          the engine's
//!   data/               the ledger's database
//!   snapshots/          states that other homes can be made from
//!   equivocations/      proofs that authorities contradicted themselves, if they did
//!   lock                held by the running node
//! ```
//!
//! Invariant: a key votes only beside the journal of its own votes. Without it the key is refused, until
//! its owner says that it has never voted.

mod next;
mod private;

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use chain::authority::AuthorityKey;
use chain::hash::Hash;
use consensus::AuthoritySecret;
use zeroize::Zeroizing;

use crate::config;

/// The longest `genesis.toml`, in bytes.
pub const GENESIS_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The longest file of a secret, in bytes: its digits, and some white space.
const SECRET_BYTES_MAX: u64 = 256;

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is no home there.
    #[error("{0} is no home of a node: it has no genesis.toml; make one with `tallyd init`")]
    Missing(PathBuf),
    /// A home is there already.
    #[error("{0} is the home of a node already; nothing was changed")]
    Exists(PathBuf),
    /// Another node runs on it.
    #[error("another node uses {root}{}", holder.as_deref().map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    InUse {
        /// The home.
        root: PathBuf,
        /// The other node's process, if it says so.
        holder: Option<String>,
    },
    /// Others than its owner may read or write a secret.
    #[error(
        "{path} may be read or written by others (mode {mode:04o}): run `chmod {wanted:o} {path}`"
    )]
    ModeTooOpen {
        /// The file or folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// The mode it should have.
        wanted: u32,
    },
    /// A secret's file or folder is another user's.
    #[error("{path} belongs to another user (uid {owner}): run as that user, or `chown` it")]
    OfAnother {
        /// The file or folder.
        path: PathBuf,
        /// The user.
        owner: u32,
    },
    /// A secret's file is a link, a pipe or a folder.
    #[error("{0} is no plain file: put the file itself there")]
    NoPlainFile(PathBuf),
    /// A file is longer than what it should hold.
    #[error("{path} is longer than {bytes_max} bytes")]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The longest it may be.
        bytes_max: u64,
    },
    /// The key's file holds no key.
    #[error("{0} does not hold 64 hexadecimal digits; restore it from a copy")]
    KeyMalformed(PathBuf),
    /// The key's file is not there.
    #[error(
        "{0} is missing: restore it from a copy; without it this home cannot vote, and a new key is another \
         authority, which `tallyd init` makes in another --home"
    )]
    KeyMissing(PathBuf),
    /// The key has no journal of its votes.
    #[error(
        "key {key} has no journal in {folder}: it may have voted before, and must not contradict itself; \
         restore the journal, or, if the key has never voted, start once with --this-key-never-voted"
    )]
    JournalMissing {
        /// The authority's key.
        key: AuthorityKey,
        /// Where its journal should be.
        folder: PathBuf,
    },
    /// The journal is another key's.
    #[error(
        "the journal in {folder} is that of key {owner}, not of {key}: restore the key and the journal of one \
         home"
    )]
    JournalOfAnother {
        /// The authority's key.
        key: AuthorityKey,
        /// Whose journal it is.
        owner: String,
        /// Where it is.
        folder: PathBuf,
    },
    /// The system refused to read or write.
    #[error("cannot use {path}: {source}")]
    Unusable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What the owner of a key says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyClaim {
    /// Nothing: the journal must be there.
    None,
    /// It has never voted, so that a journal may begin.
    NeverVoted,
}

/// The folder of one node. Nobody else uses it while this value lives.
#[derive(Debug)]
pub struct Home {
    root: PathBuf,
    _lock: File,
}

impl Home {
    /// Makes everything of a home but its genesis: a new authority key with an empty journal, and the
    /// settings. The folder becomes a home by [`Self::adopt`]; what an earlier try left is used.
    ///
    /// # Errors
    /// [`HomeError`] when a home is there already, or it cannot be written.
    pub fn prepare(root: &Path) -> Result<Self, HomeError> {
        make_folder(root, 0o755)?;
        let home = Self { root: root.to_owned(), _lock: lock(root)? };
        if home.genesis_path().exists() {
            return Err(HomeError::Exists(root.to_owned()));
        }
        make_folder(&home.keys(), 0o700)?;
        private::check_folder(&home.keys())?;
        if !home.key_path().exists() {
            let secret = new_secret();
            // The owner first: without its key it is overwritten by the next try, whereas a key without
            // its owner is refused.
            home.begin_journal(AuthoritySecret::new(*secret).key())?;
            write(&home.key_path(), hex(&secret).as_bytes(), 0o600)?;
        }
        if !home.config_path().exists() {
            write(&home.config_path(), config::TEMPLATE.as_bytes(), 0o644)?;
        }
        Ok(home)
    }

    /// Gives a prepared home its genesis, for good.
    ///
    /// # Errors
    /// [`HomeError`] when it has one, or it cannot be written.
    pub fn adopt(&self, genesis: &str) -> Result<(), HomeError> {
        if self.genesis_path().exists() {
            return Err(HomeError::Exists(self.root.clone()));
        }
        write(&self.genesis_path(), genesis.as_bytes(), 0o644)
    }

    /// Opens the home at `root` and locks it.
    ///
    /// # Errors
    /// [`HomeError`] when there is none, another node uses it, or others may read its secrets.
    pub fn open(root: &Path) -> Result<Self, HomeError> {
        if !root.join("genesis.toml").is_file() {
            return Err(HomeError::Missing(root.to_owned()));
        }
        let home = Self { root: root.to_owned(), _lock: lock(root)? };
        if !exists(&home.key_path())? {
            return Err(HomeError::KeyMissing(home.key_path()));
        }
        private::check_folder(&home.keys())?;
        private::open(&home.key_path())?;
        Ok(home)
    }

    /// The authority's secret, once it is sure that its journal is here.
    ///
    /// # Errors
    /// [`HomeError`] when there is no key or no journal of it.
    pub fn authority(&self, claim: KeyClaim) -> Result<AuthoritySecret, HomeError> {
        let secret = self.read_key()?;
        let (key, folder) = (secret.key(), self.consensus());
        let owner = match fs::read_to_string(self.owner_path()) {
            Ok(owner) => owner.trim().to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => match claim {
                KeyClaim::None => return Err(HomeError::JournalMissing { key, folder }),
                KeyClaim::NeverVoted => {
                    self.begin_journal(key)?;
                    key.to_string()
                }
            },
            Err(source) => return Err(unusable(&self.owner_path(), source)),
        };
        if owner != key.to_string() {
            let owner = owner.escape_debug().to_string();
            return Err(HomeError::JournalOfAnother { key, owner, folder });
        }
        if claim == KeyClaim::None && self.has_lost_journal()? {
            return Err(HomeError::JournalMissing { key, folder: self.journal_path() });
        }
        Ok(secret)
    }

    /// Notes on disk that the engine is about to start: from now on [`Self::authority`] asks for its
    /// journal, whatever became of the ledger.
    ///
    /// A second note lies within the journal's folder until [`Self::note_started`], so that a first start
    /// that ends before the journal has anything in it may be tried again, and goes when the folder goes.
    ///
    /// # Errors
    /// [`HomeError`] when it cannot be written; the engine must not start then.
    pub fn note_starting(&self) -> Result<(), HomeError> {
        if !self.has_journal()? {
            make_folder(&self.journal_path(), 0o700)?;
            write(&self.starting_path(), b"", 0o600)?;
        }
        if !exists(&self.begun_path())? {
            write(&self.begun_path(), b"", 0o600)?;
        }
        Ok(())
    }

    /// Notes that the engine runs and has a journal, which must not become empty again.
    ///
    /// # Errors
    /// [`HomeError`] when the system refuses.
    pub fn note_started(&self) -> Result<(), HomeError> {
        let path = self.starting_path();
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(&path, error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The text of the genesis.
    ///
    /// # Errors
    /// [`HomeError`] when it cannot be read.
    pub fn genesis(&self) -> Result<String, HomeError> {
        read_genesis(&self.genesis_path())
    }

    /// The home itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The settings.
    pub fn config_path(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The genesis.
    pub fn genesis_path(&self) -> PathBuf {
        self.root.join("genesis.toml")
    }

    /// The ledger's database.
    pub fn data_path(&self) -> PathBuf {
        self.root.join("data")
    }

    /// The index of what was traded and what happened to objects: it follows from the ledger.
    pub fn index_path(&self) -> PathBuf {
        self.root.join("index")
    }

    /// The snapshots.
    pub fn snapshots_path(&self) -> PathBuf {
        self.root.join("snapshots")
    }

    /// The engine's journal.
    pub fn journal_path(&self) -> PathBuf {
        self.consensus().join("journal")
    }

    fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    fn key_path(&self) -> PathBuf {
        self.keys().join("authority.key")
    }

    fn consensus(&self) -> PathBuf {
        self.root.join("consensus")
    }

    fn owner_path(&self) -> PathBuf {
        self.consensus().join("owner")
    }

    fn begun_path(&self) -> PathBuf {
        self.consensus().join("begun")
    }

    /// Hidden, so that the engine does not take it for a part of its journal.
    fn starting_path(&self) -> PathBuf {
        self.journal_path().join(".starting")
    }

    fn has_lost_journal(&self) -> Result<bool, HomeError> {
        Ok(exists(&self.begun_path())? && !self.has_journal()? && !exists(&self.starting_path())?)
    }

    /// True when the engine's folder has anything of a journal. Hidden files are its lock and our note.
    fn has_journal(&self) -> Result<bool, HomeError> {
        let path = self.journal_path();
        let visible = || -> io::Result<bool> {
            for entry in fs::read_dir(&path)? {
                if !entry?.file_name().to_string_lossy().starts_with('.') {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        match visible() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            visible => visible.map_err(|source| unusable(&path, source)),
        }
    }

    fn begin_journal(&self, key: AuthorityKey) -> Result<(), HomeError> {
        make_folder(&self.consensus(), 0o700)?;
        sync_folder(&self.root).map_err(|source| unusable(&self.root, source))?;
        write(&self.owner_path(), format!("{key}\n").as_bytes(), 0o600)
    }

    fn read_key(&self) -> Result<AuthoritySecret, HomeError> {
        Ok(AuthoritySecret::new(*read_secret(&self.key_path())?))
    }
}

/// A secret that nobody has.
pub fn new_secret() -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(secret.as_mut_slice()).expect("the system has randomness");
    secret
}

/// Reads a secret of 64 hexadecimal digits.
///
/// # Errors
/// [`HomeError`] when others may read it, or it is none.
pub fn read_secret(path: &Path) -> Result<Zeroizing<[u8; 32]>, HomeError> {
    let file = private::open(path)?;
    let text = Zeroizing::new(private::read_text(file, path, SECRET_BYTES_MAX)?);
    let bytes =
        Hash::from_hex(text.trim()).ok_or_else(|| HomeError::KeyMalformed(path.to_owned()))?;
    Ok(Zeroizing::new(bytes.0))
}

/// Reads the text of a genesis.
///
/// # Errors
/// [`HomeError`] when it is too long or cannot be read.
pub fn read_genesis(path: &Path) -> Result<String, HomeError> {
    let file = File::open(path).map_err(|source| unusable(path, source))?;
    private::read_text(file, path, GENESIS_BYTES_MAX)
}

/// Writes a file whole or not at all, with this mode.
///
/// # Errors
/// [`HomeError`] when the system refuses.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HomeError> {
    let replace = || -> io::Result<()> {
        let folder = folder_of(path);
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let draft = folder.join(name);
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(mode).open(&draft)?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        sync_folder(folder)
    };
    replace().map_err(|source| unusable(path, source))
}

/// Makes what was made, renamed or removed in a folder outlast a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The folder that `path` lies in.
pub fn folder_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Makes a folder and those above it; one that is there stays as it is.
///
/// # Errors
/// [`HomeError`] when the system refuses.
pub fn make_folder(path: &Path, mode: u32) -> Result<(), HomeError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(mode).create(path).map_err(|source| unusable(path, source))
}

fn exists(path: &Path) -> Result<bool, HomeError> {
    path.try_exists().map_err(|source| unusable(path, source))
}

fn lock(root: &Path) -> Result<File, HomeError> {
    let path = root.join("lock");
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|source| unusable(&path, source))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(&path).ok();
            let holder = holder.map(|text| text.trim().to_owned());
            let holder = holder
                .filter(|pid| !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit()));
            return Err(HomeError::InUse { root: root.to_owned(), holder });
        }
        Err(TryLockError::Error(source)) => return Err(unusable(&path, source)),
    }
    let claim = |file: &mut File| {
        file.set_len(0)?;
        writeln!(file, "{}", std::process::id())
    };
    claim(&mut file).map_err(|source| unusable(&path, source))?;
    Ok(file)
}

fn unusable(path: &Path, source: io::Error) -> HomeError {
    HomeError::Unusable { path: path.to_owned(), source }
}

/// A secret as it stands in its file.
pub fn hex(secret: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(65));
    for byte in secret {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).expect("four bits are a digit"));
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
