//! Checking signatures: the measure of everything else.

use bench::rates::{Signed, signed};

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
    vec![one()]
}
