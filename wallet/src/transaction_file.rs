//! A transaction in a file between building, signing and sending: what it says for people and programs, its
//! bytes, and the signatures so far.
//!
//! The bytes are what counts. What stands beside them to be read is worked out again whenever a file is
//! read, and a file that says something else than its bytes is refused.

use std::path::{Path, PathBuf};

use chain::address::Network;
use chain::encoding::{decode, encode};
use chain::hash::Hash;
use chain::height::Nonce;
use chain::keys::PublicKey;
use chain::limits::{TRANSACTION_BYTES_MAX, WITNESSES_MAX};
use chain::token::Token;
use chain::transaction::{SignedTransaction, Transaction};
use chain::witness::Witness;
use rpc::text::Text;
use rpc::translate::Translator;
use rpc::types::{NetworkView, RejectionView, TokenView, TransactionView};
use serde::{Deserialize, Serialize};

use crate::files::{self, FileError};
use crate::signer::ToSign;
use crate::witnesses::{self, WitnessText};

/// The version of the format.
const VERSION: u32 = 1;
/// Bytes of such a file, at most: the transaction twice, once of them as readable text.
const FILE_BYTES_MAX: u64 = 16 * TRANSACTION_BYTES_MAX as u64;

/// Why a file is not taken for a transaction.
#[derive(Debug, thiserror::Error)]
pub enum TransactionFileError {
    /// Not the JSON of such a file, or not of a version that this wallet reads.
    #[error("{}: not a transaction file of this version", .0.display())]
    Malformed(PathBuf),
    /// What it says to be read is not what its bytes say.
    #[error("{}: what it says is not what its bytes say; somebody changed it", .0.display())]
    Inconsistent(PathBuf),
    /// A signature in it does not verify.
    #[error("{path}: the signature of key {key} does not verify", path = .0.display(), key = .1)]
    SignatureInvalid(PathBuf, PublicKey),
    /// It bears as many signatures as a transaction may, or one of this key already.
    #[error("key {0} has signed already, or {WITNESSES_MAX} keys have")]
    SignedAlready(PublicKey),
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A transaction on its way from building to sending.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The kind of network that its addresses are written for.
    pub network: Network,
    /// The network's money, as the builder's node told it.
    pub token: Token,
    /// What is asked for, and who signed it so far: in rising order of key, perhaps nobody.
    pub signed: SignedTransaction,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    network: NetworkView,
    chain: Text<Hash>,
    token: TokenView,
    transaction: TransactionView,
    bytes: String,
    witnesses: Vec<WitnessText>,
}

impl Draft {
    /// Reads a file. Its signatures verify, and what it says is what its bytes say.
    ///
    /// # Errors
    /// [`TransactionFileError`] when it is no such file.
    pub fn read(path: &Path) -> Result<Self, TransactionFileError> {
        let bytes = files::read_bounded(path, FILE_BYTES_MAX)?;
        Self::from_bytes(path, &bytes)
    }

    /// Writes the file, readable by its owner alone, in place of what may be there.
    ///
    /// # Errors
    /// [`TransactionFileError::File`] when it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), TransactionFileError> {
        Ok(files::replace_private(path, &self.to_bytes())?)
    }

    /// Adds a signature, which must verify.
    ///
    /// # Errors
    /// [`TransactionFileError::SignedAlready`] when there is one of the key already, or no room.
    ///
    /// # Panics
    /// When the signature does not verify.
    pub fn add(&mut self, witness: Witness) -> Result<(), TransactionFileError> {
        let id = self.signed.transaction.id();
        assert!(witness.key.verify(&id, &witness.signature).is_ok(), "the signer was checked");
        let added = witnesses::add(&mut self.signed.witnesses, witness);
        added.then_some(()).ok_or(TransactionFileError::SignedAlready(witness.key))
    }

    /// The transaction's place in its sender's order.
    pub fn nonce(&self) -> Nonce {
        self.signed.transaction.nonce
    }

    /// The transaction as clients see it.
    pub fn view(&self) -> TransactionView {
        view(self.network, &self.signed)
    }

    /// What its signers sign.
    pub(crate) fn to_sign(&self) -> ToSign {
        let transaction = &self.signed.transaction;
        ToSign {
            network: self.network,
            chain: transaction.chain,
            digest: transaction.id(),
            bytes: encode(transaction),
            kind: "transaction",
            view: serde_json::to_value(self.view()).expect("strings are JSON"),
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let document = Document {
            version: VERSION,
            network: self.network.into(),
            chain: Text(self.signed.transaction.chain),
            token: (&self.token).into(),
            transaction: self.view(),
            bytes: hex::encode(encode(&self.signed.transaction)),
            witnesses: self.signed.witnesses.iter().map(Into::into).collect(),
        };
        let mut bytes = serde_json::to_vec_pretty(&document).expect("strings are JSON");
        bytes.push(b'\n');
        bytes
    }

    fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self, TransactionFileError> {
        let malformed = || TransactionFileError::Malformed(path.to_owned());
        let document: Document = serde_json::from_slice(bytes).map_err(|_| malformed())?;
        let token = Token::from(&document.token);
        if document.version != VERSION || !token.is_valid() {
            return Err(malformed());
        }
        let bytes = hex::decode(&document.bytes).map_err(|_| malformed())?;
        let transaction = unsigned_from_bytes(&bytes).ok_or_else(malformed)?;
        let witnesses = witnesses::read(&document.witnesses).ok_or_else(malformed)?;
        let id = transaction.id();
        for Witness { key, signature } in &witnesses {
            key.verify(&id, signature)
                .map_err(|_| TransactionFileError::SignatureInvalid(path.to_owned(), *key))?;
        }
        if !witnesses.is_sorted_by(|one, other| one.key < other.key) {
            return Err(malformed());
        }
        let signed = SignedTransaction { transaction, witnesses };
        let draft = Self { network: document.network.into(), token, signed };
        let says = document.chain.0 == draft.signed.transaction.chain;
        if says && document.transaction == draft.view() {
            return Ok(draft);
        }
        Err(TransactionFileError::Inconsistent(path.to_owned()))
    }
}

/// Reads the bytes of a transaction that nobody has signed; `None` when they are none.
pub fn unsigned_from_bytes(bytes: &[u8]) -> Option<Transaction> {
    (bytes.len() <= TRANSACTION_BYTES_MAX).then(|| decode(bytes).ok()).flatten()
}

/// A transaction as clients of `network` see it.
pub fn view(network: Network, signed: &SignedTransaction) -> TransactionView {
    translator(network).transaction(signed)
}

/// What writes objects as clients of `network` see them.
pub(crate) fn translator(network: Network) -> Translator {
    Translator::new(network, unnamed)
}

/// A transaction has no codes to name; its receipt, which has, comes from the node.
fn unnamed(code: u16) -> RejectionView {
    RejectionView { code, name: String::new(), message: String::new() }
}

#[cfg(test)]
mod tests {
    use chain::account::AccountId;
    use chain::amount::Amount;
    use chain::height::Height;
    use chain::keys::SecretKey;
    use chain::memo::Memo;
    use chain::operation::Operation;

    use super::*;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).unwrap()
    }

    fn draft() -> Draft {
        let (to, amount) = (AccountId([9; 20]), Amount::from_u64(1_500_000));
        let transaction = Transaction {
            chain: Hash([1; 32]),
            sender: AccountId::of_key(&key(1).public_key()),
            nonce: Nonce(3),
            valid_until: Height(100),
            fee_max: Amount::from_u64(1_000),
            operations: vec![Operation::Transfer { to, amount, memo: Memo::default() }],
        };
        let token = Token { symbol: "TLY".to_owned(), decimals: 6 };
        let signed = SignedTransaction { transaction, witnesses: Vec::new() };
        Draft { network: Network::Dev, token, signed }
    }

    fn sign(draft: &mut Draft, byte: u8) -> Result<(), TransactionFileError> {
        let signed = draft.signed.transaction.clone().sign(&key(byte));
        draft.add(signed.witnesses[0])
    }

    fn again(draft: &Draft) -> Result<Draft, TransactionFileError> {
        Draft::from_bytes(Path::new("file"), &draft.to_bytes())
    }

    fn changed(from: &str, to: &str) -> String {
        let mut draft = draft();
        sign(&mut draft, 1).unwrap();
        let text = String::from_utf8(draft.to_bytes()).unwrap();
        assert!(text.contains(from), "{from}: {text}");
        let changed = Draft::from_bytes(Path::new("file"), text.replace(from, to).as_bytes());
        changed.unwrap_err().to_string()
    }

    #[test]
    fn files_round_trip_with_signatures_of_several_keys_in_any_order() {
        let mut draft = draft();
        for byte in [3, 1, 2] {
            sign(&mut draft, byte).unwrap();
        }
        let read = again(&draft).unwrap();
        assert_eq!(read.signed, draft.signed);
        assert_eq!(read.signed.verify().unwrap().signers().count(), 3);
        assert!(matches!(sign(&mut draft, 2), Err(TransactionFileError::SignedAlready(_))));
    }

    #[test]
    fn a_file_that_says_something_else_than_its_bytes_is_refused() {
        assert!(changed("1500000", "15").contains("somebody changed it"));
        assert!(changed("\"fee_max\": \"1000\"", "\"fee_max\": \"1\"").contains("changed it"));
        assert!(changed(&"01".repeat(32), &"02".repeat(32)).contains("not"));
        assert!(changed("\"version\": 1", "\"version\": 2").contains("version"));
        assert!(changed("\"bytes\": \"", "\"bytes\": \"00").contains("not a transaction file"));
    }

    #[test]
    fn a_file_with_a_signature_of_something_else_is_refused() {
        let mut draft = draft();
        sign(&mut draft, 1).unwrap();
        draft.signed.transaction.nonce = Nonce(4);
        assert!(matches!(again(&draft), Err(TransactionFileError::SignatureInvalid(..))));
    }
}
