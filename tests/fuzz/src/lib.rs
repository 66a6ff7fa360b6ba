//! Fuzz targets: every decoder of bytes that a stranger wrote, and the rules under any operations.
//!
//! A target is a function from bytes that panics when a promise is broken. `cargo xtask fuzz` feeds it
//! with libFuzzer; a plain test feeds it the corpus, so that what was found once is checked for ever.
//! The promises: no input makes a decoder panic; what decodes encodes to the same bytes; decoding takes
//! no more memory than eight bytes for each it is given, and 64 KiB; signatures verified together get the
//! verdicts they get alone.

mod cash;
mod decoders;
mod files;
mod input;
mod memory;
mod questions;
mod rules;
mod seeds;
mod signatures;
mod text;

pub use self::seeds::{Seed, seeds};

/// A promise, checked on any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called: its folder below `corpus`, and its argument of `cargo xtask fuzz`.
    pub name: &'static str,
    check: fn(&[u8]),
}

/// Every target.
pub const TARGETS: [Target; 19] = [
    target("transaction", decoders::transaction),
    target("block", decoders::block),
    target("header", decoders::header),
    target("receipts", decoders::receipts),
    target("object", decoders::object),
    target("key", decoders::key),
    target("voucher", decoders::voucher),
    target("proof", decoders::proof),
    target("memo", decoders::memo),
    target("gossip", decoders::gossip),
    target("snapshot", decoders::snapshot),
    target("equivocation", decoders::equivocation),
    target("address", text::address),
    target("amount", text::amount),
    target("genesis", files::genesis),
    target("keystore", files::keystore),
    target("question", questions::question),
    target("rules", rules::rules),
    target("signatures", signatures::signatures),
];

const fn target(name: &'static str, check: fn(&[u8])) -> Target {
    Target { name, check }
}

impl Target {
    /// The target called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Checks the promise on `bytes`.
    ///
    /// # Panics
    /// When it is broken.
    pub fn check(&self, bytes: &[u8]) {
        (self.check)(bytes);
    }
}
