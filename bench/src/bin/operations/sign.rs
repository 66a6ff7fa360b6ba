//! Signing, as a wallet does.

use bench::rates::{key, message};

use crate::timing::Timing;

/// Signatures in a run.
const COUNT: u32 = 1_000;

/// The operations measured here.
pub(crate) fn measure() -> Vec<Timing> {
    let key = key(1);
    vec![Timing::measure(&format!("sign/signatures={COUNT}"), COUNT, || {
        for number in 0..COUNT {
            std::hint::black_box(key.sign(&message(number.into())));
        }
    })]
}
