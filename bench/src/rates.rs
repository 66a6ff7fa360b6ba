//! R1 and R2: how many signatures our verifier checks a second, on one core and on all of them; and how many
//! it checks one by one, which is the measure that other figures are compared with.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use chain::batch::{self, Claim};
use chain::hash::{Domain, Hash};
use chain::keys::{PublicKey, SecretKey, Signature};
use serde::Serialize;

use crate::machine;

/// Signatures that are checked over and over, each under a key of its own: together, as a node checks those
/// of a batch.
const SIGNATURES: u64 = 512;

/// How many signatures are checked a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rates {
    /// Together, on one core, a second.
    pub r1: f64,
    /// Together, on all cores at once, a second.
    pub r2: f64,
    /// One by one, on one core, a second.
    pub single: f64,
}

impl Rates {
    /// Measures each for `span`.
    ///
    /// # Panics
    /// When a signature that was just made does not verify.
    pub fn measure(span: Duration) -> Self {
        let signed = signed();
        let claims: Vec<Claim> = signed.iter().map(Signed::claim).collect();
        let together = |until| verify_together(&claims, until);
        Self {
            r1: rate(1, span, together),
            r2: rate(machine::cores(), span, together),
            single: rate(1, span, |until| verify(&signed, until)),
        }
    }

    /// Halfway between two measurements.
    pub fn between(self, other: Self) -> Self {
        Self {
            r1: f64::midpoint(self.r1, other.r1),
            r2: f64::midpoint(self.r2, other.r2),
            single: f64::midpoint(self.single, other.single),
        }
    }

    /// What checking one signature among others costs one core, in microseconds.
    pub fn together_us(self) -> f64 {
        1e6 / self.r1
    }

    /// What checking one signature by itself costs one core, in microseconds.
    pub fn verification_us(self) -> f64 {
        1e6 / self.single
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

impl Signed {
    /// As the verifier of many takes it.
    pub const fn claim(&self) -> Claim {
        let Self { key, message, signature } = *self;
        Claim { key, message, signature }
    }
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

fn rate(threads: usize, span: Duration, verify: impl Fn(Instant) -> f64 + Sync) -> f64 {
    let until = Instant::now() + span;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| verify(until))).collect();
        threads.into_iter().map(|thread| thread.join().expect("signatures verify")).sum()
    })
}

/// Checks signatures together until the time is up. Returns how many a second.
fn verify_together(claims: &[Claim], until: Instant) -> f64 {
    let began = Instant::now();
    let mut batches = 0_u32;
    while batches == 0 || Instant::now() < until {
        assert!(batch::verify(black_box(claims)).is_empty(), "they were just made");
        batches += 1;
    }
    f64::from(batches) * claims.len() as f64 / began.elapsed().as_secs_f64()
}

/// Checks signatures one by one until the time is up. Returns how many a second.
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
