//! The keystore: one encrypted file a key, `keys/NAME.json`, that only its owner may read.
//!
//! Invariant: no operation replaces or loses a key but [`Keystore::delete`]; a crash at any moment
//! leaves every key readable.

mod name;
mod password;
mod sealed;
pub mod secret;
pub mod v3;

use std::fs;
use std::path::{Path, PathBuf};

use chain::account::AccountId;
use chain::keys::{PublicKey, SecretKey};
use jiff::{Timestamp, Unit};

pub use name::{KeyName, NameInvalid};
pub use password::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN, Password, PasswordInvalid};
pub use sealed::{SealError, Sealed as KeyFile};

use crate::files::{self, FileError};
use sealed::Sealed;
use secret::{KeyPath, Secret, SecretInvalid};

/// Bytes of a key file, at most.
const FILE_BYTES_MAX: u64 = 16 * 1024;
/// Keys of one keystore, at most.
const KEYS_MAX: usize = 10_000;
const EXTENSION: &str = "json";

/// Why the keystore did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// No key has this name.
    #[error("there is no key '{0}' in {path}", path = .1.display())]
    Unknown(KeyName, PathBuf),
    /// A key has this name already.
    #[error("there is a key '{0}' already")]
    Taken(KeyName),
    /// The key's file does not open.
    #[error("key '{0}': {1}")]
    Seal(KeyName, SealError),
    /// A new secret leads to no key.
    #[error(transparent)]
    Secret(#[from] SecretInvalid),
    /// A file or folder was refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// More than 10 000 keys.
    #[error("the keystore is full: it has {KEYS_MAX} keys")]
    Full,
}

/// What is known about a key without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// What its owner calls it.
    pub name: KeyName,
    /// The public key.
    pub public_key: PublicKey,
    /// Where it lies below its words; `None` for a key without words.
    pub path: Option<KeyPath>,
    /// When it was put into the keystore, in RFC 3339.
    pub created: String,
}

impl KeyEntry {
    /// The account that the key controls.
    pub fn account(&self) -> AccountId {
        AccountId::of_key(&self.public_key)
    }
}

/// A key by its name, or why its file does not read.
pub type Listed = (KeyName, Result<KeyEntry, KeystoreError>);

/// The keys below one home.
#[derive(Clone, Debug)]
pub struct Keystore {
    folder: PathBuf,
}

impl Keystore {
    /// The keystore below `home`. Nothing is made before the first key is written.
    pub fn below(home: &Path) -> Self {
        Self { folder: home.join("keys") }
    }

    /// Where the key files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every key that can be read, in order of name.
    ///
    /// # Errors
    /// [`KeystoreError`] when the folder is not private or cannot be read.
    pub fn entries(&self) -> Result<Vec<KeyEntry>, KeystoreError> {
        Ok(self.list()?.into_iter().filter_map(|(_, entry)| entry.ok()).collect())
    }

    /// Every key, in order of name, and for one whose file is damaged or not private why.
    ///
    /// # Errors
    /// [`KeystoreError`] when the folder is not private or cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, KeystoreError> {
        let names = self.names()?.into_iter();
        Ok(names.map(|name| (name.clone(), self.entry(&name))).collect())
    }

    /// What is known about one key.
    ///
    /// # Errors
    /// [`KeystoreError`] when there is none, or its file is damaged or not private.
    pub fn entry(&self, name: &KeyName) -> Result<KeyEntry, KeystoreError> {
        let header = self.read(name)?.header;
        let public_key = header.public_key().map_err(|error| seal(name, error))?;
        let (name, path, created) = (name.clone(), header.path, header.created);
        Ok(KeyEntry { name, public_key, path, created })
    }

    /// Puts a new key into the keystore.
    ///
    /// # Errors
    /// [`KeystoreError`] when the name is taken or the file cannot be written.
    pub fn insert(
        &self,
        name: &KeyName,
        secret: &Secret,
        password: &Password,
    ) -> Result<KeyEntry, KeystoreError> {
        let public_key = secret.key()?.public_key();
        let created = now();
        let sealed = Sealed::seal(secret, public_key, created.clone(), password);
        let sealed = sealed.map_err(|error| seal(name, error))?;
        files::private_folder(&self.folder)?;
        if self.names()?.len() >= KEYS_MAX {
            return Err(KeystoreError::Full);
        }
        let written = files::create_private(&self.file(name), &sealed.to_bytes());
        written.map_err(|error| taken(name, error))?;
        Ok(KeyEntry { name: name.clone(), public_key, path: secret.path(), created })
    }

    /// Opens a key for signing.
    ///
    /// # Errors
    /// [`KeystoreError`] when there is none, or the password is wrong.
    pub fn unlock(&self, name: &KeyName, password: &Password) -> Result<SecretKey, KeystoreError> {
        Ok(self.reveal(name, password)?.key()?)
    }

    /// Opens a key for writing it down.
    ///
    /// # Errors
    /// [`KeystoreError`] when there is none, or the password is wrong.
    pub fn reveal(&self, name: &KeyName, password: &Password) -> Result<Secret, KeystoreError> {
        self.read(name)?.open(password).map_err(|error| seal(name, error))
    }

    /// Gives a key another name.
    ///
    /// # Errors
    /// [`KeystoreError`] when there is no such key, or the new name is taken.
    pub fn rename(&self, from: &KeyName, to: &KeyName) -> Result<(), KeystoreError> {
        self.read(from)?;
        files::rename(&self.file(from), &self.file(to)).map_err(|error| taken(to, error))
    }

    /// Removes a key for good.
    ///
    /// # Errors
    /// [`KeystoreError`] when there is none.
    pub fn delete(&self, name: &KeyName) -> Result<(), KeystoreError> {
        files::check_private_folder(&self.folder).map_err(|error| self.unknown(name, error))?;
        files::remove(&self.file(name)).map_err(|error| self.unknown(name, error))
    }

    /// Puts a key under another password.
    ///
    /// # Errors
    /// [`KeystoreError`] when there is no such key, or the old password is wrong.
    pub fn change_password(
        &self,
        name: &KeyName,
        old: &Password,
        new: &Password,
    ) -> Result<(), KeystoreError> {
        let sealed = self.read(name)?;
        let secret = sealed.open(old).map_err(|error| seal(name, error))?;
        let public_key = secret.key()?.public_key();
        let sealed = Sealed::seal(&secret, public_key, sealed.header.created, new);
        let sealed = sealed.map_err(|error| seal(name, error))?;
        Ok(files::replace_private(&self.file(name), &sealed.to_bytes())?)
    }

    fn names(&self) -> Result<Vec<KeyName>, KeystoreError> {
        match files::check_private_folder(&self.folder) {
            Err(error) if error.is_missing() => return Ok(Vec::new()),
            checked => checked?,
        }
        let failed = |source| FileError::Io { path: self.folder.clone(), source };
        let mut names = Vec::new();
        for file in fs::read_dir(&self.folder).map_err(failed)?.take(2 * KEYS_MAX) {
            let path = file.map_err(failed)?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let is_key = path.extension().is_some_and(|extension| extension == EXTENSION);
            names.extend(stem.parse::<KeyName>().ok().filter(|_| is_key));
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, name: &KeyName) -> Result<Sealed, KeystoreError> {
        files::check_private_folder(&self.folder).map_err(|error| self.unknown(name, error))?;
        let bytes = files::read_private(&self.file(name), FILE_BYTES_MAX);
        let bytes = bytes.map_err(|error| self.unknown(name, error))?;
        Sealed::from_bytes(&bytes).map_err(|error| seal(name, error))
    }

    fn file(&self, name: &KeyName) -> PathBuf {
        self.folder.join(format!("{name}.{EXTENSION}"))
    }

    fn unknown(&self, name: &KeyName, error: FileError) -> KeystoreError {
        if error.is_missing() {
            KeystoreError::Unknown(name.clone(), self.folder.clone())
        } else {
            KeystoreError::File(error)
        }
    }
}

fn taken(name: &KeyName, error: FileError) -> KeystoreError {
    if error.is_taken() { KeystoreError::Taken(name.clone()) } else { KeystoreError::File(error) }
}

fn seal(name: &KeyName, error: SealError) -> KeystoreError {
    KeystoreError::Seal(name.clone(), error)
}

fn now() -> String {
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now).to_string()
}

#[cfg(test)]
mod tests;
