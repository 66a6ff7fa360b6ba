//! Web3 Secret Storage, version 3: the key files of other wallets, read and written for whoever comes from
//! there or goes there. Never how this wallet keeps keys.
//!
//! Costs read from a file are bounded before any memory or time is taken.

use aes::Aes128;
use aes::cipher::{KeyIvInit, StreamCipher};
use ctr::Ctr128BE;
use scrypt::Params;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sha3::{Digest, Keccak256};
use zeroize::Zeroizing;

use super::secret::Secret;

/// Bytes of a file, at most.
pub const FILE_BYTES_MAX: u64 = 16 * 1024;
const VERSION: u32 = 3;
const CIPHER: &str = "aes-128-ctr";
const PRF: &str = "hmac-sha256";
/// Bytes that both derivations make: a key of the cipher and one of the checksum.
const DERIVED_BYTES: usize = 32;
/// The most memory that scrypt may take, in bytes.
const SCRYPT_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// The most that scrypt may compute, in bytes passed over: four times what usual files ask.
const SCRYPT_WORK_MAX: u64 = 1024 * 1024 * 1024;
/// The most rounds that PBKDF2 may have.
const PBKDF2_ROUNDS_MAX: u32 = 10_000_000;
/// Bytes of a salt, at most.
const SALT_BYTES_MAX: usize = 64;
/// The cost of files written here, as other wallets write them: 256 MiB.
const SCRYPT_LOG_N: u8 = 18;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 1;

/// Why a file does not open or was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum V3Error {
    /// Not such a file.
    #[error("it is no key file of Web3 Secret Storage, version 3, with a key of 32 bytes")]
    Malformed,
    /// It asks for more memory or time than any honest file.
    #[error("it asks for more memory or time than such a file may")]
    TooCostly,
    /// The password is wrong, or somebody changed the file.
    #[error("the password of the file is wrong, or the file was changed")]
    WrongPassword,
    /// The system has no randomness to give.
    #[error("the system has no randomness to give")]
    NoRandomness,
}

/// A file. What it says about the address, or anything else, is not read: only the key counts.
#[derive(Debug, Serialize, Deserialize)]
pub struct V3File {
    version: u32,
    id: String,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
}

#[derive(Debug, Serialize, Deserialize)]
struct Crypto {
    cipher: String,
    ciphertext: String,
    cipherparams: CipherParams,
    #[serde(flatten)]
    kdf: Kdf,
    mac: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct CipherParams {
    iv: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kdf", content = "kdfparams", rename_all = "lowercase")]
enum Kdf {
    Scrypt { dklen: u32, n: u64, r: u32, p: u32, salt: String },
    Pbkdf2 { dklen: u32, c: u32, prf: String, salt: String },
}

impl V3File {
    /// Reads a file. Nothing costly is done yet.
    ///
    /// # Errors
    /// [`V3Error::Malformed`] when it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, V3Error> {
        let file: Self = serde_json::from_slice(bytes).map_err(|_| V3Error::Malformed)?;
        let known = file.version == VERSION && file.crypto.cipher == CIPHER;
        if known { Ok(file) } else { Err(V3Error::Malformed) }
    }

    /// Opens the file with its `password`.
    ///
    /// # Errors
    /// [`V3Error`] when the password is wrong or the file asks for too much.
    pub fn open(&self, password: &str) -> Result<Secret, V3Error> {
        let crypto = &self.crypto;
        let mut key = Zeroizing::new(bytes_of::<32>(&crypto.ciphertext)?);
        let (iv, mac) = (bytes_of::<16>(&crypto.cipherparams.iv)?, bytes_of::<32>(&crypto.mac)?);
        let derived = crypto.kdf.derive(password)?;
        // Whoever can ask for this comparison has the file and can compare in any time.
        if checksum(&derived, &key) != mac {
            return Err(V3Error::WrongPassword);
        }
        apply(&derived, iv, &mut key);
        let digits = Zeroizing::new(hex::encode(*key));
        Secret::from_private_key(&digits).map_err(|_| V3Error::Malformed)
    }

    /// Seals `private_key` under `password`.
    ///
    /// # Errors
    /// [`V3Error::NoRandomness`] when the system has none.
    pub fn seal(private_key: &[u8; 32], password: &str) -> Result<Self, V3Error> {
        let (salt, iv, id) = (random::<32>()?, random::<16>()?, random::<16>()?);
        let (n, r, p) = (1 << SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P);
        let dklen = DERIVED_BYTES as u32;
        let kdf = Kdf::Scrypt { dklen, n, r, p, salt: hex::encode(salt) };
        let derived = kdf.derive(password)?;
        let mut ciphertext = Zeroizing::new(*private_key);
        apply(&derived, iv, &mut ciphertext);
        let crypto = Crypto {
            cipher: CIPHER.to_owned(),
            ciphertext: hex::encode(*ciphertext),
            cipherparams: CipherParams { iv: hex::encode(iv) },
            kdf,
            mac: hex::encode(checksum(&derived, &ciphertext)),
        };
        Ok(Self { version: VERSION, id: uuid(id), crypto })
    }
}

type Derived = Zeroizing<[u8; DERIVED_BYTES]>;

impl Kdf {
    fn derive(&self, password: &str) -> Result<Derived, V3Error> {
        let mut derived = Zeroizing::new([0; DERIVED_BYTES]);
        let (Self::Scrypt { dklen, salt, .. } | Self::Pbkdf2 { dklen, salt, .. }) = self;
        let salt = hex::decode(salt).map_err(|_| V3Error::Malformed)?;
        if *dklen as usize != DERIVED_BYTES || salt.len() > SALT_BYTES_MAX {
            return Err(V3Error::Malformed);
        }
        match self {
            Self::Scrypt { n, r, p, .. } => {
                let params = scrypt_params(*n, *r, *p)?;
                scrypt::scrypt(password.as_bytes(), &salt, &params, &mut *derived)
                    .map_err(|_| V3Error::Malformed)?;
            }
            Self::Pbkdf2 { c, prf, .. } => {
                if prf != PRF || *c == 0 {
                    return Err(V3Error::Malformed);
                }
                if *c > PBKDF2_ROUNDS_MAX {
                    return Err(V3Error::TooCostly);
                }
                pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, *c, &mut *derived);
            }
        }
        Ok(derived)
    }
}

fn scrypt_params(n: u64, r: u32, p: u32) -> Result<Params, V3Error> {
    if !n.is_power_of_two() || n < 2 {
        return Err(V3Error::Malformed);
    }
    let memory = n.checked_mul(u64::from(r)).and_then(|blocks| blocks.checked_mul(128));
    let memory = memory.filter(|bytes| *bytes <= SCRYPT_BYTES_MAX).ok_or(V3Error::TooCostly)?;
    let work = memory.checked_mul(u64::from(p));
    work.filter(|bytes| *bytes <= SCRYPT_WORK_MAX).ok_or(V3Error::TooCostly)?;
    let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| V3Error::TooCostly)?;
    Params::new(log_n, r, p).map_err(|_| V3Error::Malformed)
}

fn checksum(derived: &Derived, ciphertext: &[u8; 32]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    hasher.update(&derived[16..]);
    hasher.update(ciphertext);
    hasher.finalize().into()
}

fn apply(derived: &Derived, iv: [u8; 16], bytes: &mut [u8; 32]) {
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(&derived[..16]);
    let mut cipher = Ctr128BE::<Aes128>::new(&(*key).into(), &iv.into());
    cipher.apply_keystream(bytes);
}

fn bytes_of<const N: usize>(text: &str) -> Result<[u8; N], V3Error> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| V3Error::Malformed)?;
    Ok(bytes)
}

fn random<const N: usize>() -> Result<[u8; N], V3Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| V3Error::NoRandomness)?;
    Ok(bytes)
}

/// A random UUID, version 4.
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode(bytes);
    let parts = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The format's own test vectors.
    const PASSWORD: &str = "testpassword";
    const SECRET: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

    fn pbkdf2_file() -> Value {
        json!({
            "crypto": {
                "cipher": "aes-128-ctr",
                "cipherparams": { "iv": "6087dab2f9fdbbfaddc31a909735c1e6" },
                "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
                "kdf": "pbkdf2",
                "kdfparams": {
                    "c": 262_144,
                    "dklen": 32,
                    "prf": "hmac-sha256",
                    "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"
                },
                "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
            },
            "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
            "version": 3
        })
    }

    fn scrypt_file() -> Value {
        json!({
            "crypto": {
                "cipher": "aes-128-ctr",
                "cipherparams": { "iv": "83dbcc02d8ccb40e466191a123791e0e" },
                "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
                "kdf": "scrypt",
                "kdfparams": {
                    "dklen": 32,
                    "n": 262_144,
                    "p": 8,
                    "r": 1,
                    "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"
                },
                "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"
            },
            "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
            "version": 3
        })
    }

    fn open(file: &Value, password: &str) -> Result<String, V3Error> {
        let file = V3File::from_bytes(file.to_string().as_bytes())?;
        Ok(hex::encode(*file.open(password)?.private_key().unwrap()))
    }

    #[test]
    fn files_of_other_wallets_open_with_their_password_alone() {
        for file in [pbkdf2_file(), scrypt_file()] {
            assert_eq!(open(&file, PASSWORD).as_deref(), Ok(SECRET));
        }
        assert_eq!(open(&pbkdf2_file(), "testpasswort"), Err(V3Error::WrongPassword));
    }

    #[test]
    fn hostile_costs_are_refused_before_memory_or_time_is_taken() {
        for (field, value) in [
            ("n", 1_u64 << 40),
            ("n", 1 << 62),
            ("r", u64::from(u32::MAX)),
            ("p", u64::from(u32::MAX)),
        ] {
            let mut file = scrypt_file();
            file["crypto"]["kdfparams"][field] = json!(value);
            assert_eq!(open(&file, PASSWORD), Err(V3Error::TooCostly), "{field}");
        }
        let mut file = pbkdf2_file();
        file["crypto"]["kdfparams"]["c"] = json!(u32::MAX);
        assert_eq!(open(&file, PASSWORD), Err(V3Error::TooCostly));
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        for (pointer, value) in [
            ("/version", json!(4)),
            ("/crypto/cipher", json!("aes-256-cbc")),
            ("/crypto/kdf", json!("argon2")),
            ("/crypto/kdfparams/dklen", json!(64)),
            ("/crypto/kdfparams/n", json!(3)),
            ("/crypto/kdfparams/salt", json!("00".repeat(65))),
            ("/crypto/ciphertext", json!("00")),
            ("/crypto/mac", json!("zz")),
        ] {
            let mut file = scrypt_file();
            *file.pointer_mut(pointer).unwrap() = value;
            assert_eq!(open(&file, PASSWORD), Err(V3Error::Malformed), "{pointer}");
        }
    }

    #[test]
    fn what_is_written_opens_again() {
        let file = V3File::seal(&[7; 32], "correct horse").unwrap();
        let json = serde_json::to_value(&file).unwrap();
        assert_eq!(json["crypto"]["kdf"], "scrypt");
        assert_eq!(open(&json, "correct horse"), Ok("07".repeat(32)));
    }
}
