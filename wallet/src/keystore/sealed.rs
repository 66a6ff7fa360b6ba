//! The format of a key file: a header in the clear and a secret under a password.
//!
//! Argon2id makes a key of the password, XChaCha20-Poly1305 encrypts the secret with it, and the
//! header is the cipher's associated data: a file whose header was changed does not open. Costs read
//! from a file are bounded before any memory is taken.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use chain::keys::PublicKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::password::Password;
use super::secret::{KeyPath, Secret};

/// The version of the format.
const VERSION: u32 = 1;
/// The most memory a file may ask for, in KiB: 512 MiB.
const MEMORY_KIB_MAX: u32 = 512 * 1024;
/// The most passes a file may ask for.
const PASSES_MAX: u32 = 16;
/// The most lanes a file may ask for.
const LANES_MAX: u32 = 8;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;
/// Bytes of a nonce of XChaCha20.
const NONCE_BYTES: usize = 24;
const KDF: &str = "argon2id";
const CIPHER: &str = "xchacha20-poly1305";

/// What new files cost to open: 64 MiB, three passes.
const COST: (u32, u32, u32) = (64 * 1024, 3, 1);

/// Why a key file was not sealed or does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not the JSON of a key file.
    #[error("it is no key file of this wallet")]
    Malformed,
    /// A newer format, or another algorithm.
    #[error("its format is not one that this version of the wallet reads")]
    Unsupported,
    /// It asks for more memory or time than any honest file.
    #[error("it asks for more memory or time than a key file may")]
    TooCostly,
    /// The password is wrong, or somebody changed the file.
    #[error("the password is wrong, or the file was changed")]
    WrongPassword,
    /// The system has no randomness to give.
    #[error("the system has no randomness to give")]
    NoRandomness,
}

/// A key file: what stands in the clear, and the secret under its password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    pub(super) header: Header,
    ciphertext: String,
}

/// The part of a key file that needs no password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    version: u32,
    kdf: Kdf,
    cipher: Cipher,
    public_key: String,
    pub(super) path: Option<KeyPath>,
    pub(super) created: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kdf {
    name: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cipher {
    name: String,
    nonce: String,
}

impl Sealed {
    /// Seals `secret`, whose key is `public_key`, under a fresh salt and nonce.
    pub(super) fn seal(
        secret: &Secret,
        public_key: PublicKey,
        created: String,
        password: &Password,
    ) -> Result<Self, SealError> {
        let header = Header {
            version: VERSION,
            kdf: Kdf::fresh()?,
            cipher: Cipher { name: CIPHER.to_owned(), nonce: random::<NONCE_BYTES>()? },
            public_key: public_key.to_string(),
            path: secret.path(),
            created,
        };
        let cipher = header.kdf.cipher(password)?;
        let plaintext = secret.to_bytes();
        let payload = Payload { msg: &plaintext, aad: &header.bytes() };
        let ciphertext = cipher.encrypt(&header.cipher.nonce()?, payload);
        let ciphertext = hex::encode(ciphertext.expect("a secret is far below the cipher's bound"));
        Ok(Self { header, ciphertext })
    }

    /// Opens the file. The secret is the one whose public key the header names.
    pub(super) fn open(&self, password: &Password) -> Result<Secret, SealError> {
        let header = &self.header;
        let public_key = header.public_key()?;
        let ciphertext = hex::decode(&self.ciphertext).map_err(|_| SealError::Malformed)?;
        let cipher = header.kdf.cipher(password)?;
        let payload = Payload { msg: &ciphertext, aad: &header.bytes() };
        let plaintext = cipher
            .decrypt(&header.cipher.nonce()?, payload)
            .map(Zeroizing::new)
            .map_err(|_| SealError::WrongPassword)?;
        let secret =
            Secret::from_bytes(&plaintext, header.path).map_err(|_| SealError::Malformed)?;
        let key = secret.key().map_err(|_| SealError::Malformed)?;
        if key.public_key() == public_key { Ok(secret) } else { Err(SealError::Malformed) }
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("strings and numbers are JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Reads a file. Nothing costly is done yet.
    ///
    /// # Errors
    /// [`SealError`] when it is no key file, or of another format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let sealed: Self = serde_json::from_slice(bytes).map_err(|_| SealError::Malformed)?;
        let header = &sealed.header;
        let known =
            header.version == VERSION && header.kdf.name == KDF && header.cipher.name == CIPHER;
        if known { Ok(sealed) } else { Err(SealError::Unsupported) }
    }
}

impl Header {
    pub(super) fn public_key(&self) -> Result<PublicKey, SealError> {
        PublicKey::from_hex(&self.public_key).ok_or(SealError::Malformed)
    }

    /// What the cipher binds the secret to.
    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and numbers are JSON")
    }
}

impl Kdf {
    fn fresh() -> Result<Self, SealError> {
        let (memory_kib, passes, lanes) = COST;
        let salt = random::<SALT_BYTES>()?;
        Ok(Self { name: KDF.to_owned(), memory_kib, passes, lanes, salt })
    }

    fn cipher(&self, password: &Password) -> Result<XChaCha20Poly1305, SealError> {
        let Self { memory_kib, passes, lanes, .. } = *self;
        if memory_kib > MEMORY_KIB_MAX || passes > PASSES_MAX || lanes > LANES_MAX {
            return Err(SealError::TooCostly);
        }
        let mut salt = [0; SALT_BYTES];
        hex::decode_to_slice(&self.salt, &mut salt).map_err(|_| SealError::Malformed)?;
        let params = Params::new(memory_kib, passes, lanes, None);
        let params = params.map_err(|_| SealError::Malformed)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password.as_bytes(), &salt, &mut *key)
            .map_err(|_| SealError::Malformed)?;
        Ok(XChaCha20Poly1305::new(&Key::from(*key)))
    }
}

impl Cipher {
    fn nonce(&self) -> Result<XNonce, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        hex::decode_to_slice(&self.nonce, &mut nonce).map_err(|_| SealError::Malformed)?;
        Ok(XNonce::from(nonce))
    }
}

fn random<const N: usize>() -> Result<String, SealError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SealError::NoRandomness)?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    fn sealed() -> Sealed {
        let secret = Secret::from_private_key(&"07".repeat(32)).unwrap();
        let public_key = secret.key().unwrap().public_key();
        let created = "2026-11-28T12:00:00Z".to_owned();
        Sealed::seal(&secret, public_key, created, &password("correct horse")).unwrap()
    }

    fn changed(change: impl FnOnce(&mut Value)) -> Result<Secret, SealError> {
        let mut file: Value = serde_json::from_slice(&sealed().to_bytes()).unwrap();
        change(&mut file);
        let bytes = serde_json::to_vec(&file).unwrap();
        Sealed::from_bytes(&bytes)?.open(&password("correct horse"))
    }

    #[test]
    fn what_was_sealed_opens_with_its_password_alone() {
        let sealed = sealed();
        let again = Sealed::from_bytes(&sealed.to_bytes()).unwrap();
        let key = again.open(&password("correct horse")).unwrap().key().unwrap();
        assert_eq!(key.to_bytes()[..], [7; 32]);
        let refused = again.open(&password("correct house")).unwrap_err();
        assert_eq!(refused, SealError::WrongPassword);
    }

    #[test]
    fn every_changed_field_of_the_header_is_noticed() {
        assert!(changed(|_| {}).is_ok());
        for (field, value) in [
            ("/header/kdf/passes", json!(2)),
            ("/header/kdf/salt", json!("00".repeat(16))),
            ("/header/cipher/nonce", json!("00".repeat(24))),
            ("/header/public_key", json!("00".repeat(32))),
            ("/header/created", json!("2026-11-28T12:00:01Z")),
            ("/header/path", json!({"coin": 1, "account": 0, "index": 0})),
        ] {
            let refused = changed(|file| *file.pointer_mut(field).unwrap() = value).unwrap_err();
            assert_eq!(refused, SealError::WrongPassword, "{field}");
        }
    }

    #[test]
    fn hostile_costs_are_refused_before_memory_is_taken() {
        for (field, value) in [
            ("memory_kib", u32::MAX),
            ("memory_kib", MEMORY_KIB_MAX + 1),
            ("passes", 17),
            ("lanes", 9),
        ] {
            let refused = changed(|file| file["header"]["kdf"][field] = json!(value)).unwrap_err();
            assert_eq!(refused, SealError::TooCostly, "{field}");
        }
        let refused = changed(|file| file["header"]["kdf"]["memory_kib"] = json!(0)).unwrap_err();
        assert_eq!(refused, SealError::Malformed);
    }

    #[test]
    fn other_formats_are_refused() {
        let refused = changed(|file| file["header"]["version"] = json!(2)).unwrap_err();
        assert_eq!(refused, SealError::Unsupported);
        let refused = changed(|file| file["header"]["kdf"]["name"] = json!("scrypt")).unwrap_err();
        assert_eq!(refused, SealError::Unsupported);
        let refused = changed(|file| file["header"]["extra"] = json!(1)).unwrap_err();
        assert_eq!(refused, SealError::Malformed);
        assert_eq!(Sealed::from_bytes(b"{}").unwrap_err(), SealError::Malformed);
    }
}
