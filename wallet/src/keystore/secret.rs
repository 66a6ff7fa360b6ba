//! What a key file protects: words that a key is derived from, or the key itself.
//!
//! Words are BIP-39 in English, without a passphrase; keys follow from them by BIP-32 along the path
//! of BIP-44.

use std::fmt;

use bip32::XPrv;
use bip39::{Language, Mnemonic};
use chain::address::Network;
use chain::keys::SecretKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Bytes of entropy behind new words: 24 words.
const ENTROPY_BYTES: usize = 32;
/// The purpose of BIP-44 paths.
const PURPOSE: u32 = 44;
/// The coin of every test network.
const COIN_TEST: u32 = 1;
/// The coin of the main network: the letters T and A.
const COIN_MAIN: u32 = 0x5441;
/// The first number of a path that BIP-32 keeps for itself.
const NUMBER_END: u32 = 1 << 31;

/// Why a text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretInvalid {
    /// The words are not a BIP-39 phrase.
    #[error("these are no 12, 15, 18, 21 or 24 words of the English list with a right last word")]
    Words,
    /// The text is not a secret key in hexadecimal digits.
    #[error("not a private key: 64 hexadecimal digits, not zero, below the order of the curve")]
    PrivateKey,
    /// The path leads to no key; one in 2^127 does.
    #[error("no key lies at this path: choose another index")]
    Path,
}

/// Where a key lies below its words: `m/44'/COIN'/ACCOUNT'/0/INDEX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPath {
    /// Which kind of network.
    coin: u32,
    /// Which of the owner's purses.
    account: u32,
    /// Which key of the purse.
    index: u32,
}

impl KeyPath {
    /// The path of key number `index` of purse `account`; `None` when a number is 2^31 or above.
    pub fn new(network: Network, account: u32, index: u32) -> Option<Self> {
        let coin = match network {
            Network::Main => COIN_MAIN,
            Network::Test | Network::Dev => COIN_TEST,
        };
        (account < NUMBER_END && index < NUMBER_END).then_some(Self { coin, account, index })
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { coin, account, index } = self;
        write!(formatter, "m/{PURPOSE}'/{coin}'/{account}'/0/{index}")
    }
}

/// What a key file protects. Wiped from memory when dropped, never printed by accident.
#[derive(Clone)]
pub enum Secret {
    /// The entropy behind words, and the path from them to the key.
    Words {
        /// 16 to 32 bytes.
        entropy: Zeroizing<Vec<u8>>,
        /// Where the key lies.
        path: KeyPath,
    },
    /// A key without words, 32 bytes as they were imported.
    PrivateKey(Zeroizing<[u8; 32]>),
}

impl Secret {
    /// 24 new words from the system's randomness.
    ///
    /// # Errors
    /// What the system said when it has no randomness to give.
    pub fn generate(path: KeyPath) -> Result<Self, getrandom::Error> {
        let mut entropy = Zeroizing::new(vec![0; ENTROPY_BYTES]);
        getrandom::fill(&mut entropy)?;
        Ok(Self::Words { entropy, path })
    }

    /// The secret behind words that somebody wrote down; case and spaces between them do not matter.
    ///
    /// # Errors
    /// [`SecretInvalid::Words`] when they are no BIP-39 phrase.
    pub fn from_words(words: &str, path: KeyPath) -> Result<Self, SecretInvalid> {
        let words = Zeroizing::new(words.to_lowercase());
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &words)
            .map_err(|_| SecretInvalid::Words)?;
        Ok(Self::Words { entropy: Zeroizing::new(mnemonic.to_entropy()), path })
    }

    /// The secret behind a private key in 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`SecretInvalid::PrivateKey`] when it is none.
    pub fn from_private_key(text: &str) -> Result<Self, SecretInvalid> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), &mut *bytes).map_err(|_| SecretInvalid::PrivateKey)?;
        Self::from_key_bytes(bytes)
    }

    /// The words, where there are any.
    pub fn words(&self) -> Option<Zeroizing<String>> {
        match self {
            Self::Words { entropy, .. } => {
                let words: Vec<&str> = mnemonic(entropy).words().collect();
                Some(Zeroizing::new(words.join(" ")))
            }
            Self::PrivateKey(_) => None,
        }
    }

    /// Where the key lies below its words, where there are any.
    pub const fn path(&self) -> Option<KeyPath> {
        match self {
            Self::Words { path, .. } => Some(*path),
            Self::PrivateKey(_) => None,
        }
    }

    /// The key.
    ///
    /// # Errors
    /// [`SecretInvalid::Path`] when none lies at the path.
    pub fn key(&self) -> Result<SecretKey, SecretInvalid> {
        SecretKey::from_bytes(&*self.private_key()?).map_err(|_| SecretInvalid::PrivateKey)
    }

    /// The key's 32 bytes as they were derived or imported, for writing them down. [`SecretKey`] may
    /// hold their negation, which signs for the same public key.
    ///
    /// # Errors
    /// [`SecretInvalid::Path`] when no key lies at the path.
    pub fn private_key(&self) -> Result<Zeroizing<[u8; 32]>, SecretInvalid> {
        match self {
            Self::Words { entropy, path } => derive(entropy, *path),
            Self::PrivateKey(bytes) => Ok(bytes.clone()),
        }
    }

    /// The bytes that a key file encrypts: the entropy, or the key.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Words { entropy, .. } => entropy.clone(),
            Self::PrivateKey(bytes) => Zeroizing::new(bytes.to_vec()),
        }
    }

    /// Reads what [`Secret::to_bytes`] wrote; a secret with a path is entropy.
    pub(super) fn from_bytes(bytes: &[u8], path: Option<KeyPath>) -> Result<Self, SecretInvalid> {
        match path {
            Some(path) => {
                Mnemonic::from_entropy(bytes).map_err(|_| SecretInvalid::Words)?;
                Ok(Self::Words { entropy: Zeroizing::new(bytes.to_vec()), path })
            }
            None => {
                let bytes = bytes.try_into().map_err(|_| SecretInvalid::PrivateKey)?;
                Self::from_key_bytes(Zeroizing::new(bytes))
            }
        }
    }

    fn from_key_bytes(bytes: Zeroizing<[u8; 32]>) -> Result<Self, SecretInvalid> {
        SecretKey::from_bytes(&bytes).map_err(|_| SecretInvalid::PrivateKey)?;
        Ok(Self::PrivateKey(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Words { .. } => "Secret::Words(..)",
            Self::PrivateKey(_) => "Secret::PrivateKey(..)",
        })
    }
}

fn derive(entropy: &[u8], path: KeyPath) -> Result<Zeroizing<[u8; 32]>, SecretInvalid> {
    let seed = Zeroizing::new(mnemonic(entropy).to_seed_normalized(""));
    let path = path.to_string().parse().map_err(|_| SecretInvalid::Path)?;
    let extended = XPrv::derive_from_path(&*seed, &path).map_err(|_| SecretInvalid::Path)?;
    // The derivation's key type is another than ours: the bytes are what both agree on.
    Ok(Zeroizing::new(extended.private_key().to_bytes().into()))
}

fn mnemonic(entropy: &[u8]) -> Mnemonic {
    Mnemonic::from_entropy(entropy).expect("the length was checked when the secret was made")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first phrase of BIP-39's test vectors with 24 words.
    const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
        abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
        abandon abandon abandon art";

    fn path(account: u32, index: u32) -> KeyPath {
        KeyPath::new(Network::Dev, account, index).unwrap()
    }

    #[test]
    fn words_round_trip() {
        let secret = Secret::from_words(&WORDS.to_uppercase(), path(0, 0)).unwrap();
        assert_eq!(*secret.words().unwrap(), WORDS);
        let again = Secret::from_bytes(&secret.to_bytes(), secret.path()).unwrap();
        assert_eq!(again.private_key(), secret.private_key());
    }

    #[test]
    fn new_words_are_24_and_differ() {
        let (one, two) = (Secret::generate(path(0, 0)), Secret::generate(path(0, 0)));
        let (one, two) = (one.unwrap().words().unwrap(), two.unwrap().words().unwrap());
        assert_eq!(one.split(' ').count(), 24);
        assert_ne!(one, two);
    }

    #[test]
    fn wrong_words_are_refused() {
        let swapped = WORDS.replace("art", "zoo");
        for words in ["", "abandon", &swapped, &WORDS.replace("art", "tally")] {
            let refused = Secret::from_words(words, path(0, 0)).unwrap_err();
            assert_eq!(refused, SecretInvalid::Words, "{words}");
        }
    }

    /// Half of all keys are held negated: what is written down must be what was imported.
    #[test]
    fn private_keys_come_back_as_they_were() {
        for byte in 1..20 {
            let text = hex::encode([byte; 32]);
            let secret = Secret::from_private_key(&text).unwrap();
            let again = Secret::from_bytes(&secret.to_bytes(), None).unwrap();
            assert_eq!(hex::encode(*again.private_key().unwrap()), text);
        }
    }

    #[test]
    fn private_keys_are_64_digits_in_range() {
        let one = format!("{:064x}", 1);
        assert!(Secret::from_private_key(&one).is_ok());
        for text in [&format!("{:064x}", 0), &"f".repeat(64), &one[1..], ""] {
            let refused = Secret::from_private_key(text).unwrap_err();
            assert_eq!(refused, SecretInvalid::PrivateKey, "{text}");
        }
    }

    /// BIP-32's test vector 1, chain m/0'/1/2'/2: the library underneath derives as others do.
    #[test]
    fn derivation_agrees_with_bip_32() {
        let seed = hex::decode("000102030405060708090a0b0c0d0e0f").unwrap();
        let path = "m/0'/1/2'/2".parse().unwrap();
        let key = XPrv::derive_from_path(&seed[..], &path).unwrap().private_key().to_bytes();
        let expected = "0f479245fb19a38a1954c5c7c0ebab2f9bdfd96a17563ef28a6a4b1a2a764ef4";
        assert_eq!(hex::encode(key), expected);
    }

    /// Computed with an implementation that shares no code with this one.
    #[test]
    fn keys_below_words_never_change() {
        let secret = Secret::from_words(WORDS, path(0, 0)).unwrap();
        assert_eq!(path(0, 0).to_string(), "m/44'/1'/0'/0/0");
        let expected = "11831b777e3fad99962ab773b23bad02812b85d8ac452e6c92434b4d7a79d9a3";
        assert_eq!(hex::encode(*secret.private_key().unwrap()), expected);
        let expected = "5a6f28253f35e2ff1ab0b086b8c87f731159661157e5be2ca98188369625dc32";
        assert_eq!(secret.key().unwrap().public_key().to_string(), expected);
    }

    #[test]
    fn purses_and_indices_have_keys_of_their_own() {
        let key = |account, index| {
            let secret = Secret::from_words(WORDS, path(account, index)).unwrap();
            secret.key().unwrap().public_key()
        };
        assert_ne!(key(0, 0), key(0, 1));
        assert_ne!(key(0, 0), key(1, 0));
        assert_eq!(KeyPath::new(Network::Dev, 1 << 31, 0), None);
    }
}
