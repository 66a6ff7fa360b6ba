//! A quote in a file between its maker and whoever accepts it: what it says for people and programs, its
//! bytes, and the signatures so far.
//!
//! The bytes are what counts. What stands beside them to be read is worked out again whenever a file is
//! read, and a file that says something else than its bytes is refused.

use std::path::{Path, PathBuf};

use chain::address::Network;
use chain::encoding::{decode, encode};
use chain::hash::Hash;
use chain::keys::PublicKey;
use chain::limits::{TRANSACTION_BYTES_MAX, WITNESSES_MAX};
use chain::quote::{Quote, SignedQuote};
use chain::token::Token;
use chain::witness::Witness;
use rpc::types::{NetworkView, QuoteView, TokenView};
use serde::{Deserialize, Serialize};

use crate::files::{self, FileError};
use crate::signer::ToSign;
use crate::transaction_file::translator;
use crate::witnesses::{self, WitnessText};

/// The version of the format.
const VERSION: u32 = 1;
/// Bytes of such a file, at most: what can be accepted fits a transaction, and stands in it twice.
const FILE_BYTES_MAX: u64 = 8 * TRANSACTION_BYTES_MAX as u64;

/// Why a file is not taken for a quote.
#[derive(Debug, thiserror::Error)]
pub enum QuoteFileError {
    /// Not the JSON of such a file, or not of a version that this wallet reads.
    #[error("{}: not a quote file of this version", .0.display())]
    Malformed(PathBuf),
    /// What it says to be read is not what its bytes say.
    #[error("{}: what it says is not what its bytes say; somebody changed it", .0.display())]
    Inconsistent(PathBuf),
    /// A signature in it does not verify.
    #[error("{}: a signature in it does not verify", .0.display())]
    SignatureInvalid(PathBuf),
    /// It bears as many signatures as a quote may, or one of this key already.
    #[error("key {0} has signed already, or {WITNESSES_MAX} keys have")]
    SignedAlready(PublicKey),
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A quote on its way from its maker to whoever accepts it.
#[derive(Clone, Debug)]
pub struct QuoteDraft {
    /// The kind of network that its addresses are written for.
    pub network: Network,
    /// The network's money, as the maker's node told it.
    pub token: Token,
    /// What is quoted, and who signed it so far: in rising order of key, perhaps nobody.
    pub signed: SignedQuote,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    network: NetworkView,
    token: TokenView,
    quote: QuoteView,
    bytes: String,
    witnesses: Vec<WitnessText>,
}

impl QuoteDraft {
    /// Reads a file. Its signatures verify, and what it says is what its bytes say.
    ///
    /// # Errors
    /// [`QuoteFileError`] when it is no such file.
    pub fn read(path: &Path) -> Result<Self, QuoteFileError> {
        Self::from_bytes(path, &files::read_bounded(path, FILE_BYTES_MAX)?)
    }

    /// Writes the file, readable by its owner alone, in place of what may be there.
    ///
    /// # Errors
    /// [`QuoteFileError::File`] when it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), QuoteFileError> {
        Ok(files::replace_private(path, &self.to_bytes())?)
    }

    /// Adds a signature, which must verify.
    ///
    /// # Errors
    /// [`QuoteFileError::SignedAlready`] when there is one of the key already, or no room.
    ///
    /// # Panics
    /// When the signature does not verify.
    pub fn add(&mut self, witness: Witness) -> Result<(), QuoteFileError> {
        let digest = self.signed.quote.digest();
        assert!(witness.key.verify(&digest, &witness.signature).is_ok(), "the signer was checked");
        let added = witnesses::add(&mut self.signed.witnesses, witness);
        added.then_some(()).ok_or(QuoteFileError::SignedAlready(witness.key))
    }

    /// The quote as clients see it.
    pub fn view(&self) -> QuoteView {
        translator(self.network).quote(&self.signed)
    }

    /// The chain that it is for.
    pub const fn chain(&self) -> Hash {
        self.signed.quote.chain
    }

    /// What its signers sign.
    pub(crate) fn to_sign(&self) -> ToSign {
        let quote = &self.signed.quote;
        ToSign {
            network: self.network,
            chain: quote.chain,
            digest: quote.digest(),
            bytes: encode(quote),
            kind: "quote",
            view: serde_json::to_value(self.view()).expect("strings are JSON"),
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let document = Document {
            version: VERSION,
            network: self.network.into(),
            token: (&self.token).into(),
            quote: self.view(),
            bytes: hex::encode(encode(&self.signed.quote)),
            witnesses: self.signed.witnesses.iter().map(Into::into).collect(),
        };
        let mut bytes = serde_json::to_vec_pretty(&document).expect("strings are JSON");
        bytes.push(b'\n');
        bytes
    }

    fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self, QuoteFileError> {
        let malformed = || QuoteFileError::Malformed(path.to_owned());
        let document: Document = serde_json::from_slice(bytes).map_err(|_| malformed())?;
        let token = Token::from(&document.token);
        if document.version != VERSION || !token.is_valid() {
            return Err(malformed());
        }
        let bytes = hex::decode(&document.bytes).map_err(|_| malformed())?;
        let quote: Quote = decode(&bytes).map_err(|_| malformed())?;
        let witnesses = witnesses::read(&document.witnesses).ok_or_else(malformed)?;
        let signed = SignedQuote { quote, witnesses };
        if !signed.witnesses.is_empty() {
            signed.verify().map_err(|_| QuoteFileError::SignatureInvalid(path.to_owned()))?;
        }
        let draft = Self { network: document.network.into(), token, signed };
        if document.quote == draft.view() {
            return Ok(draft);
        }
        Err(QuoteFileError::Inconsistent(path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use chain::account::AccountId;
    use chain::conditions::Conditions;
    use chain::keys::SecretKey;
    use chain::market::{Grade, MarketId};
    use chain::quantity::{Price, Quantity};
    use chain::quote::{Capacity, Offer};
    use chain::time::{Time, Window};

    use super::*;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).unwrap()
    }

    fn draft() -> QuoteDraft {
        let window = Window { start: Time(3_600_000), end: Time(7_200_000) };
        let (quantity, price) = (Quantity(8), Price(45));
        let market = MarketId(0);
        let capacity = Capacity { market, window, quantity, price, grade: Grade::BASE };
        let quote = Quote {
            chain: Hash([1; 32]),
            maker: AccountId::of_key(&key(1).public_key()),
            taker: None,
            expires: Time(1_000),
            salt: 9,
            offer: Offer::Sell(capacity),
            conditions: Conditions::default(),
        };
        let token = Token { symbol: "TLY".to_owned(), decimals: 6 };
        let signed = SignedQuote { quote, witnesses: Vec::new() };
        QuoteDraft { network: Network::Dev, token, signed }
    }

    fn sign(draft: &mut QuoteDraft, byte: u8) -> Result<(), QuoteFileError> {
        let signed = draft.signed.quote.clone().sign_with(&[key(byte)]);
        draft.add(signed.witnesses[0])
    }

    fn again(draft: &QuoteDraft) -> Result<QuoteDraft, QuoteFileError> {
        QuoteDraft::from_bytes(Path::new("file"), &draft.to_bytes())
    }

    fn changed(from: &str, to: &str) -> String {
        let mut draft = draft();
        sign(&mut draft, 1).unwrap();
        let text = String::from_utf8(draft.to_bytes()).unwrap();
        assert!(text.contains(from), "{from}: {text}");
        let changed = QuoteDraft::from_bytes(Path::new("file"), text.replace(from, to).as_bytes());
        changed.unwrap_err().to_string()
    }

    #[test]
    fn files_round_trip_with_signatures_of_several_keys_or_none() {
        let mut draft = draft();
        assert_eq!(again(&draft).unwrap().signed, draft.signed);
        for byte in [3, 1, 2] {
            sign(&mut draft, byte).unwrap();
        }
        let read = again(&draft).unwrap();
        assert_eq!(read.signed, draft.signed);
        assert!(matches!(sign(&mut draft, 2), Err(QuoteFileError::SignedAlready(_))));
    }

    #[test]
    fn a_file_that_says_something_else_than_its_bytes_or_its_signatures_is_refused() {
        assert!(changed("\"price\": \"45\"", "\"price\": \"40\"").contains("somebody changed it"));
        assert!(changed("\"taker\": null", "\"taker\": \"x\"").contains("not a quote file"));
        assert!(changed("\"version\": 1", "\"version\": 2").contains("version"));
        let mut draft = draft();
        sign(&mut draft, 1).unwrap();
        draft.signed.quote.salt = 10;
        assert!(matches!(again(&draft), Err(QuoteFileError::SignatureInvalid(_))));
    }
}
