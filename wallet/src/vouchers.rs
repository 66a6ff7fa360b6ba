//! Vouchers as files: what a payer hands to a payee, and the payer's own record of the best one of
//! each channel.
//!
//! Invariant: sequence and cumulative of a channel's record never fall, and a voucher is on disk before
//! anybody is shown it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chain::amount::Amount;
use chain::channel::BestVoucher;
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::keys::{PublicKey, Signature};
use chain::voucher::{SignedVoucher, Voucher};
use rpc::text::Text;
use serde::{Deserialize, Serialize};

use crate::files::{self, FileError};

/// The version of the file format.
const VERSION: u32 = 1;
/// Bytes of a voucher file, at most.
const FILE_BYTES_MAX: u64 = 4 * 1024;

/// Why there is no voucher.
#[derive(Debug, thiserror::Error)]
pub enum VoucherRefused {
    /// A payment of nothing.
    #[error("a voucher pays more than nothing")]
    AmountZero,
    /// The channel does not have that much left; in base units.
    #[error("the channel has {left} base units left")]
    BeyondFunded {
        /// What is left.
        left: Amount,
    },
    /// No sequence number is left.
    #[error("the channel has had as many vouchers as there can be")]
    Exhausted,
    /// The file is no voucher.
    #[error("{}: not a voucher file", .0.display())]
    Malformed(PathBuf),
    /// The file's signature does not verify.
    #[error("{}: the signature does not verify", .0.display())]
    SignatureInvalid(PathBuf),
    /// A file was refused.
    #[error(transparent)]
    File(#[from] FileError),
}

impl VoucherRefused {
    /// A name that never changes its meaning.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AmountZero => "AMOUNT_ZERO",
            Self::BeyondFunded { .. } => "VOUCHER_BEYOND_FUNDED",
            Self::Exhausted => "VOUCHERS_EXHAUSTED",
            Self::Malformed(_) => "VOUCHER_MALFORMED",
            Self::SignatureInvalid(_) => "SIGNATURE_INVALID",
            Self::File(_) => "FILE_ERROR",
        }
    }
}

/// The voucher that pays `amount` more out of a channel funded with `funded`, after the better of what
/// the payer remembers and what the chain has seen.
///
/// # Errors
/// [`VoucherRefused`] when the amount is zero or the channel does not have it left.
pub fn next(
    remembered: Option<BestVoucher>,
    on_chain: Option<BestVoucher>,
    funded: Amount,
    amount: Amount,
) -> Result<BestVoucher, VoucherRefused> {
    if amount.is_zero() {
        return Err(VoucherRefused::AmountZero);
    }
    let seen = || [remembered, on_chain].into_iter().flatten();
    let sequence = seen().map(|best| best.sequence).max().unwrap_or(0);
    let paid = seen().map(|best| best.cumulative).max().unwrap_or(Amount::ZERO);
    let left = funded.checked_sub(paid).unwrap_or(Amount::ZERO);
    if amount > left {
        return Err(VoucherRefused::BeyondFunded { left });
    }
    let sequence = sequence.checked_add(1).ok_or(VoucherRefused::Exhausted)?;
    let cumulative = paid.checked_add(amount).expect("no more than what was funded");
    Ok(BestVoucher { sequence, cumulative })
}

/// The best voucher of each channel, as its payer remembers it.
#[derive(Debug)]
pub struct Vouchers {
    folder: PathBuf,
    _lock: File,
}

impl Vouchers {
    /// The vouchers below `home`. While this value lives, no other process may sign any.
    ///
    /// # Errors
    /// [`FileError`] when the folder is not private or cannot be written.
    pub fn lock(home: &Path) -> Result<Self, FileError> {
        let folder = home.join("vouchers");
        files::private_folder(&folder)?;
        let path = folder.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|source| FileError::Io { path, source })?;
        Ok(Self { folder, _lock: lock })
    }

    /// The best voucher of `channel`, if any was signed here.
    ///
    /// # Errors
    /// [`VoucherRefused`] when the record is damaged: signing on without it could pay twice.
    pub fn best(&self, channel: ObjectId) -> Result<Option<SignedVoucher>, VoucherRefused> {
        let path = self.file(channel);
        match files::read_private(&path, FILE_BYTES_MAX) {
            Err(error) if error.is_missing() => Ok(None),
            bytes => decode(&path, &bytes?).map(Some),
        }
    }

    /// Keeps a better voucher.
    ///
    /// # Errors
    /// [`FileError`] when it cannot be written.
    pub fn keep(&self, signed: &SignedVoucher) -> Result<(), FileError> {
        files::replace_private(&self.file(signed.voucher.channel), &encode(signed))
    }

    /// Where the best voucher of `channel` is kept, in the form of every voucher file.
    pub fn file(&self, channel: ObjectId) -> PathBuf {
        self.folder.join(format!("{channel}.json"))
    }
}

/// Writes a voucher to a file that its payee can read, in place of what may be there.
///
/// # Errors
/// [`FileError`] when it cannot be written.
pub fn write(path: &Path, signed: &SignedVoucher) -> Result<(), FileError> {
    std::fs::write(path, encode(signed))
        .map_err(|source: io::Error| FileError::Io { path: path.to_owned(), source })
}

/// Reads a voucher from a file and verifies its signature.
///
/// # Errors
/// [`VoucherRefused`] when it is none.
pub fn read(path: &Path) -> Result<SignedVoucher, VoucherRefused> {
    let bytes = files::read_bounded(path, FILE_BYTES_MAX)?;
    decode(path, &bytes)
}

/// A voucher as it stands in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoucherFile {
    version: u32,
    chain: Text<Hash>,
    channel: Text<ObjectId>,
    sequence: u64,
    cumulative: Text<Amount>,
    key: Text<PublicKey>,
    signature: String,
}

impl From<&SignedVoucher> for VoucherFile {
    fn from(signed: &SignedVoucher) -> Self {
        let Voucher { chain, channel, sequence, cumulative } = signed.voucher;
        Self {
            version: VERSION,
            chain: Text(chain),
            channel: Text(channel),
            sequence,
            cumulative: Text(cumulative),
            key: Text(signed.key),
            signature: hex::encode(signed.signature.0),
        }
    }
}

fn encode(signed: &SignedVoucher) -> Vec<u8> {
    let file = VoucherFile::from(signed);
    let mut bytes = serde_json::to_vec_pretty(&file).expect("strings and numbers are JSON");
    bytes.push(b'\n');
    bytes
}

fn decode(path: &Path, bytes: &[u8]) -> Result<SignedVoucher, VoucherRefused> {
    let malformed = || VoucherRefused::Malformed(path.to_owned());
    let file: VoucherFile = serde_json::from_slice(bytes).map_err(|_| malformed())?;
    let mut signature = [0; 64];
    hex::decode_to_slice(&file.signature, &mut signature).map_err(|_| malformed())?;
    if file.version != VERSION {
        return Err(malformed());
    }
    let (sequence, cumulative) = (file.sequence, file.cumulative.0);
    let voucher = Voucher { chain: file.chain.0, channel: file.channel.0, sequence, cumulative };
    let signed = SignedVoucher { voucher, key: file.key.0, signature: Signature(signature) };
    signed.verify().map_err(|_| VoucherRefused::SignatureInvalid(path.to_owned()))?;
    Ok(signed)
}

#[cfg(test)]
mod tests {
    use chain::keys::SecretKey;

    use super::*;

    fn best(sequence: u64, cumulative: u64) -> BestVoucher {
        BestVoucher { sequence, cumulative: Amount::from_u64(cumulative) }
    }

    fn after(
        remembered: Option<BestVoucher>,
        on_chain: Option<BestVoucher>,
        amount: u64,
    ) -> Result<BestVoucher, String> {
        next(remembered, on_chain, Amount::from_u64(100), Amount::from_u64(amount))
            .map_err(|refused| refused.code().to_owned())
    }

    #[test]
    fn a_voucher_is_better_than_all_before_it() {
        assert_eq!(after(None, None, 30), Ok(best(1, 30)));
        assert_eq!(after(Some(best(1, 30)), None, 30), Ok(best(2, 60)));
        assert_eq!(after(Some(best(1, 30)), Some(best(4, 50)), 50), Ok(best(5, 100)));
        assert_eq!(after(Some(best(4, 50)), Some(best(1, 30)), 1), Ok(best(5, 51)));
    }

    #[test]
    fn vouchers_never_promise_more_than_was_funded() {
        assert_eq!(after(None, None, 100), Ok(best(1, 100)));
        assert_eq!(after(None, None, 101), Err("VOUCHER_BEYOND_FUNDED".to_owned()));
        assert_eq!(after(Some(best(1, 99)), None, 2), Err("VOUCHER_BEYOND_FUNDED".to_owned()));
        assert_eq!(after(None, None, 0), Err("AMOUNT_ZERO".to_owned()));
        assert_eq!(after(Some(best(u64::MAX, 1)), None, 1), Err("VOUCHERS_EXHAUSTED".to_owned()));
    }

    fn signed() -> SignedVoucher {
        let (chain, channel) = (Hash([1; 32]), ObjectId([2; 32]));
        let voucher = Voucher { chain, channel, sequence: 3, cumulative: Amount::from_u64(4) };
        voucher.sign(&SecretKey::from_bytes(&[7; 32]).unwrap())
    }

    #[test]
    fn records_and_files_round_trip() {
        let home = tempfile::tempdir().unwrap();
        let vouchers = Vouchers::lock(home.path()).unwrap();
        assert_eq!(vouchers.best(ObjectId([2; 32])).unwrap(), None);
        vouchers.keep(&signed()).unwrap();
        assert_eq!(vouchers.best(ObjectId([2; 32])).unwrap(), Some(signed()));
        let path = home.path().join("voucher.json");
        write(&path, &signed()).unwrap();
        assert_eq!(read(&path).unwrap(), signed());
    }

    #[test]
    fn changed_files_are_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("voucher.json");
        write(&path, &signed()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"4\"", "\"5\"")).unwrap();
        assert!(matches!(read(&path), Err(VoucherRefused::SignatureInvalid(_))));
        std::fs::write(&path, "{}").unwrap();
        assert!(matches!(read(&path), Err(VoucherRefused::Malformed(_))));
    }
}
