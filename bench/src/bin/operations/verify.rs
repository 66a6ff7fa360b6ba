//! Checking signatures: one by one, which is the measure of everything else, together, and in vouchers.

use bench::rates::{Signed, key, message, signed};
use chain::amount::Amount;
use chain::batch::{self, Claim};
use chain::id::ObjectId;
use chain::voucher::{SignedVoucher, Voucher};

use crate::timing::Timing;

/// Signatures in a run of those checked one by one.
const COUNT: u32 = 1_000;
/// Signatures that are checked together, and how many keys signed them.
const TOGETHER: [(u32, u32); 6] =
    [(16, 16), (64, 64), (256, 256), (512, 512), (1_024, 1_024), (1_024, 1)];
/// Signatures of 1 024 that are wrong: one, as by a fault; all, as by an attacker.
const WRONG: [u32; 2] = [1, 1_024];

/// Checks signatures one by one.
pub(crate) fn one() -> Timing {
    let signed = signed();
    Timing::measure(&format!("verify/signatures={COUNT}"), COUNT, || {
        for Signed { key, message, signature } in signed.iter().cycle().take(COUNT as usize) {
            key.verify(message, signature).expect("it was just made");
        }
    })
}

/// The operations measured here.
pub(crate) fn measure() -> Vec<Timing> {
    let mut timings = vec![one()];
    for (count, keys) in TOGETHER {
        let name = format!("verify/together={count},keys={keys}");
        timings.push(together(&name, &claims(count, keys), 0));
    }
    for wrong in WRONG {
        let mut claims = claims(1_024, 1_024);
        for claim in claims.iter_mut().take(wrong as usize) {
            claim.message = message(u64::MAX);
        }
        timings.push(together(&format!("verify/together=1024,wrong={wrong}"), &claims, wrong));
    }
    let vouchers = vouchers();
    timings.push(Timing::measure(&format!("verify/vouchers={COUNT}"), COUNT, || {
        for voucher in &vouchers {
            voucher.verify().expect("it was just made");
        }
    }));
    timings.push(Timing::measure(&format!("verify/vouchers={COUNT},together"), COUNT, || {
        let claims: Vec<Claim> = vouchers.iter().map(SignedVoucher::claim).collect();
        assert!(batch::verify(&claims).is_empty(), "they were just made");
    }));
    timings
}

/// Checks claims together, so many of which are wrong.
fn together(name: &str, claims: &[Claim], wrong: u32) -> Timing {
    let count = u32::try_from(claims.len()).expect("batches are small");
    Timing::measure(name, count, || {
        assert_eq!(batch::verify(claims).len(), wrong as usize, "what is wrong is found");
    })
}

/// Signatures of different messages, by so many keys in turn.
fn claims(count: u32, keys: u32) -> Vec<Claim> {
    let sign = |number: u32| {
        let (key, message) = (key((number % keys).into()), message(number.into()));
        Claim { key: key.public_key(), message, signature: key.sign(&message) }
    };
    (0..count).map(sign).collect()
}

/// Vouchers as a host gets them, each under a key of its own; the disk is left out.
fn vouchers() -> Vec<SignedVoucher> {
    let sign = |number: u32| {
        let (chain, channel) = (message(0), ObjectId([1; 32]));
        let (sequence, cumulative) = (number.into(), Amount::from_u64(number.into()));
        Voucher { chain, channel, sequence, cumulative }.sign(&key(number.into()))
    };
    (0..COUNT).map(sign).collect()
}
