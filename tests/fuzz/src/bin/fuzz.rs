//! The program that libFuzzer drives: it checks the target that `TALLY_FUZZ_TARGET` names.

#![no_main]

use std::env;
use std::sync::LazyLock;

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = env::var("TALLY_FUZZ_TARGET").expect("TALLY_FUZZ_TARGET names a target");
    Target::named(&name).expect("TALLY_FUZZ_TARGET names one of the targets")
});

fuzz_target!(|bytes: &[u8]| TARGET.check(bytes));
