//! R1 and R2: how many signatures our verifier checks a second, on one core and on all of them.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use chain::hash::{Domain, Hash};
use chain::keys::{PublicKey, SecretKey, Signature};
use serde::Serialize;

use crate::machine;

/// Signatures that are checked over and over, each under a key of its own.
const SIGNATURES: u64 = 256;

/// How many signatures are checked a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rates {
    /// On one core, a second.
    pub r1: f64,
    /// On all cores at once, a second.
    pub r2: f64,
}

impl Rates {
    /// Measures for `span` on one core, then for `span` on all.
    ///
    /// # Panics
    /// When a signature that was just made does not verify.
    pub fn measure(span: Duration) -> Self {
        let signed = signed();
        Self { r1: rate(&signed, 1, span), r2: rate(&signed, machine::cores(), span) }
    }

    /// Halfway between two measurements.
    pub fn between(self, other: Self) -> Self {
        Self { r1: f64::midpoint(self.r1, other.r1), r2: f64::midpoint(self.r2, other.r2) }
    }

    /// What checking one signature costs one core, in microseconds.
    pub fn verification_us(self) -> f64 {
        1e6 / self.r1
    }
}

/// A signature and what it signs.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    /// Whose it is.
    pub key: PublicKey,
    /// What was signed.
    pub message: Hash,
    /// The signature.
    pub signature: Signature,
}

/// Signatures, each under another key and of another message.
pub fn signed() -> Vec<Signed> {
    let sign = |number: u64| {
        let (key, message) = (key(number), message(number));
        Signed { key: key.public_key(), message, signature: key.sign(&message) }
    };
    (0..SIGNATURES).map(sign).collect()
}

/// A key that everybody knows.
///
/// # Panics
/// When a digest is no secret key, which happens once in 2^127.
pub fn key(number: u64) -> SecretKey {
    let digest = Hash::of(Domain::Account, &[&number.to_le_bytes()]);
    SecretKey::from_bytes(digest.as_bytes()).expect("a digest is below the order of the curve")
}

/// A digest to sign.
pub fn message(number: u64) -> Hash {
    Hash::of(Domain::Transaction, &[&number.to_le_bytes()])
}

fn rate(signed: &[Signed], threads: usize, span: Duration) -> f64 {
    let until = Instant::now() + span;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| verify(signed, until))).collect();
        threads.into_iter().map(|thread| thread.join().expect("signatures verify")).sum()
    })
}

/// Checks signatures until the time is up. Returns how many a second.
fn verify(signed: &[Signed], until: Instant) -> f64 {
    let began = Instant::now();
    let mut count = 0_u32;
    for Signed { key, message, signature } in signed.iter().cycle() {
        black_box(key).verify(message, signature).expect("it was just made");
        count += 1;
        if Instant::now() >= until {
            break;
        }
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}
