//! What was signed and submitted and has not come to its end: the bytes, kept so that they can be submitted
//! again after a crash of the wallet, the node or the line between them.
//!
//! Invariant: a transaction is on disk, synced, before the first node sees it, and until it is in a block,
//! rejected or expired. Sending the same bytes again is harmless.

use std::fs;
use std::path::{Path, PathBuf};

use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::Height;
use chain::transaction::SignedTransaction;
use rpc::text::{Text, TransactionBytes};
use serde::{Deserialize, Serialize};

use crate::files::{self, FileError};

/// Transactions that may wait for their end at a time.
pub const PENDING_MAX: usize = 1_024;
/// The version of the format.
const VERSION: u32 = 1;
/// Bytes of a file, at most: a transaction of the largest size in hexadecimal digits.
const FILE_BYTES_MAX: u64 = 2 * chain::limits::TRANSACTION_BYTES_MAX as u64 + 1_024;
const EXTENSION: &str = "json";

/// Why a transaction was not kept or not found.
#[derive(Debug, thiserror::Error)]
pub enum PendingError {
    /// As many wait as may.
    #[error("{PENDING_MAX} transactions wait for their end in {}", .0.display())]
    Full(PathBuf),
    /// A file is not what this wallet wrote.
    #[error("{}: not a transaction that this wallet kept", .0.display())]
    Damaged(PathBuf),
    /// A file or folder was refused.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The transactions below one home that have not come to their end.
#[derive(Clone, Debug)]
pub struct Pending {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    transaction: Text<TransactionBytes>,
}

impl Pending {
    /// Those below `home`. Nothing is made before the first is kept.
    pub fn below(home: &Path) -> Self {
        Self { folder: home.join("pending") }
    }

    /// Keeps `signed` until [`Self::forget`]. Others of its chain whose last height is below `tip` have come
    /// to their end, whoever saw it, and make room.
    ///
    /// # Errors
    /// [`PendingError`] when there is no room or it cannot be written: then it must not be submitted.
    pub fn keep(&self, signed: &SignedTransaction, tip: Height) -> Result<(), PendingError> {
        files::private_folder(&self.folder)?;
        if self.ids()?.len() >= PENDING_MAX {
            self.sweep(signed.transaction.chain, tip)?;
        }
        if self.ids()?.len() >= PENDING_MAX {
            return Err(PendingError::Full(self.folder.clone()));
        }
        let bytes =
            TransactionBytes::new(encode(signed)).expect("it was composed within the bound");
        let document = Document { version: VERSION, transaction: Text(bytes) };
        let bytes = serde_json::to_vec(&document).expect("strings are JSON");
        Ok(files::replace_private(&self.file(&signed.transaction.id()), &bytes)?)
    }

    /// The transaction `id`, if it was submitted here and its end has not been seen.
    ///
    /// # Errors
    /// [`PendingError`] when its file is damaged or not private.
    pub fn find(&self, id: &Hash) -> Result<Option<SignedTransaction>, PendingError> {
        let path = self.file(id);
        let bytes = match files::read_private(&path, FILE_BYTES_MAX) {
            Err(error) if error.is_missing() => return Ok(None),
            bytes => bytes?,
        };
        let document = serde_json::from_slice::<Document>(&bytes).ok();
        let document = document.filter(|document| document.version == VERSION);
        document
            .and_then(|it| SignedTransaction::from_bytes(it.transaction.0.as_bytes()).ok())
            .filter(|signed| signed.transaction.id() == *id)
            .map(Some)
            .ok_or(PendingError::Damaged(path))
    }

    /// Every one, in order of id; those whose files are damaged are left out.
    ///
    /// # Errors
    /// [`PendingError`] when the folder cannot be read.
    pub fn all(&self) -> Result<Vec<SignedTransaction>, PendingError> {
        Ok(self.ids()?.iter().filter_map(|id| self.find(id).ok().flatten()).collect())
    }

    /// Forgets the transaction `id`, which has come to its end.
    ///
    /// # Errors
    /// [`PendingError`] when its file cannot be removed.
    pub fn forget(&self, id: &Hash) -> Result<(), PendingError> {
        match files::remove(&self.file(id)) {
            Err(error) if error.is_missing() => Ok(()),
            removed => Ok(removed?),
        }
    }

    fn sweep(&self, chain: Hash, tip: Height) -> Result<(), PendingError> {
        for signed in self.all()? {
            let transaction = &signed.transaction;
            if transaction.chain == chain && transaction.valid_until < tip {
                self.forget(&transaction.id())?;
            }
        }
        Ok(())
    }

    fn ids(&self) -> Result<Vec<Hash>, PendingError> {
        let failed = |source| FileError::Io { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder).map_err(failed) {
            Err(error) if error.is_missing() => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut ids = Vec::new();
        for entry in entries.take(2 * PENDING_MAX) {
            let path = entry.map_err(failed)?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let is_kept = path.extension().is_some_and(|extension| extension == EXTENSION);
            ids.extend(Hash::from_hex(stem).filter(|_| is_kept));
        }
        ids.sort();
        Ok(ids)
    }

    fn file(&self, id: &Hash) -> PathBuf {
        self.folder.join(format!("{id}.{EXTENSION}"))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use chain::account::AccountId;
    use chain::amount::Amount;
    use chain::height::Nonce;
    use chain::keys::SecretKey;
    use chain::memo::Memo;
    use chain::operation::Operation;
    use chain::transaction::Transaction;

    use super::*;

    fn signed(nonce: u64, valid_until: u64) -> SignedTransaction {
        let key = SecretKey::from_bytes(&[7; 32]).unwrap();
        let (to, amount) = (AccountId([9; 20]), Amount::from_u64(5));
        let transaction = Transaction {
            chain: Hash([1; 32]),
            sender: AccountId::of_key(&key.public_key()),
            nonce: Nonce(nonce),
            valid_until: Height(valid_until),
            fee_max: Amount::from_u64(1_000),
            operations: vec![Operation::Transfer { to, amount, memo: Memo::default() }],
        };
        transaction.sign(&key)
    }

    #[test]
    fn what_is_kept_is_found_until_it_is_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let pending = Pending::below(home.path());
        let (one, two) = (signed(1, 100), signed(2, 100));
        let id = one.transaction.id();
        assert_eq!(pending.find(&id).unwrap(), None);
        pending.keep(&one, Height(1)).unwrap();
        pending.keep(&two, Height(1)).unwrap();
        assert_eq!(pending.find(&id).unwrap(), Some(one));
        let mode = fs::metadata(pending.file(&id)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
        pending.forget(&id).unwrap();
        pending.forget(&id).unwrap();
        assert_eq!(pending.all().unwrap(), [two]);
    }

    #[test]
    fn a_full_folder_makes_room_by_what_has_expired_and_by_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let pending = Pending::below(home.path());
        pending.keep(&signed(0, 9), Height(1)).unwrap();
        for nonce in 1..PENDING_MAX as u64 {
            let copy = fs::read(pending.file(&signed(0, 9).transaction.id())).unwrap();
            let path = pending.file(&Hash([u8::try_from(nonce % 251).unwrap(); 32]));
            fs::write(path.with_file_name(format!("{nonce:064x}.json")), copy).unwrap();
        }
        let late = pending.keep(&signed(5_000, 100), Height(9));
        assert!(matches!(late, Err(PendingError::Full(_))));
        pending.keep(&signed(5_000, 100), Height(10)).unwrap();
        assert!(pending.find(&signed(0, 9).transaction.id()).unwrap().is_none());
    }

    #[test]
    fn damaged_files_are_refused() {
        let home = tempfile::tempdir().unwrap();
        let pending = Pending::below(home.path());
        let one = signed(1, 100);
        pending.keep(&one, Height(1)).unwrap();
        let path = pending.file(&one.transaction.id());
        fs::write(&path, "{}").unwrap();
        assert!(matches!(pending.find(&one.transaction.id()), Err(PendingError::Damaged(_))));
    }
}
