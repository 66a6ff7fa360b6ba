//! Checking signatures: one by one, which is the measure of everything else, together, and in vouchers.

use bench::rates::{Signed, key, message, signed};
use chain::amount::Amount;
use chain::batch::{self, Claim};
use chain::id::ObjectId;
use chain::voucher::{SignedVoucher, Voucher};

use crate::timing::Timing;

/// Signatures in a run.
const COUNT: u32 = 1_000;

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
    timings.extend([256, 512, 1_024].map(together));
    timings.push(vouchers());
    timings
}

/// Checks so many signatures together.
fn together(count: u32) -> Timing {
    let claims: Vec<Claim> =
        signed().iter().cycle().take(count as usize).map(Signed::claim).collect();
    Timing::measure(&format!("verify/together={count}"), count, || {
        assert!(batch::verify(&claims).is_empty(), "they were just made");
    })
}

/// Checks vouchers one by one, as a host does, the disk left out.
fn vouchers() -> Timing {
    let vouchers: Vec<SignedVoucher> = (0..COUNT)
        .map(|number| {
            let (chain, channel) = (message(0), ObjectId([1; 32]));
            let (sequence, cumulative) = (number.into(), Amount::from_u64(number.into()));
            Voucher { chain, channel, sequence, cumulative }.sign(&key(number.into()))
        })
        .collect();
    Timing::measure(&format!("verify/vouchers={COUNT}"), COUNT, || {
        for voucher in &vouchers {
            voucher.verify().expect("it was just made");
        }
    })
}
