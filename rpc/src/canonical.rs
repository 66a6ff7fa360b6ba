//! Values that somebody is to verify: they stand in JSON as hexadecimal digits of their canonical bytes, so
//! that a digest of what was read is the digest of what was sent. What was read is decoded.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use chain::block::Header;
use chain::certificate::Certificate;
use chain::charter::Charter;
use chain::encoding::{decode, encode};
use chain::equivocation::Equivocation;
use chain::merkle::{ListProof, StateProof};
use chain::operation::OrderPlace;
use chain::proposal::Change;
use chain::receipt::{BlockEvents, Receipt};
use chain::state::{Key, Object};

use crate::text::{TextForm, bytes_of_hex, write_hex};

/// A value in its canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical<T>(pub T);

/// What a value in its canonical bytes is called.
pub trait CanonicalForm: BorshSerialize + BorshDeserialize {
    /// What the documentation calls the form.
    const NAME: &'static str;
    /// What a reader is told when a string is none, as in "expected …".
    const EXPECTED: &'static str;
}

impl<T: CanonicalForm> fmt::Display for Canonical<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&encode(&self.0), formatter)
    }
}

impl<T: CanonicalForm> TextForm for Canonical<T> {
    const NAME: &'static str = T::NAME;
    const EXPECTED: &'static str = T::EXPECTED;
    const PATTERN: &'static str = "^([0-9a-f]{2})+$";

    fn parse(text: &str) -> Option<Self> {
        decode(&bytes_of_hex(text)?).ok().map(Self)
    }
}

impl CanonicalForm for Header {
    const NAME: &'static str = "HeaderBytes";
    const EXPECTED: &'static str = "the bytes of a Header in lower-case hexadecimal digits";
}

impl CanonicalForm for Certificate {
    const NAME: &'static str = "CertificateBytes";
    const EXPECTED: &'static str = "the bytes of a Certificate in lower-case hexadecimal digits";
}

impl CanonicalForm for Equivocation {
    const NAME: &'static str = "EquivocationBytes";
    const EXPECTED: &'static str = "the bytes of an Equivocation in lower-case hexadecimal digits";
}

impl CanonicalForm for Charter {
    const NAME: &'static str = "CharterBytes";
    const EXPECTED: &'static str = "the bytes of a Charter in lower-case hexadecimal digits";
}

impl CanonicalForm for Key {
    const NAME: &'static str = "KeyBytes";
    const EXPECTED: &'static str = "the bytes of a Key in lower-case hexadecimal digits";
}

impl CanonicalForm for Object {
    const NAME: &'static str = "ObjectBytes";
    const EXPECTED: &'static str = "the bytes of an Object in lower-case hexadecimal digits";
}

impl CanonicalForm for OrderPlace {
    const NAME: &'static str = "OrderPlaceBytes";
    const EXPECTED: &'static str = "the bytes of an OrderPlace in lower-case hexadecimal digits";
}

impl CanonicalForm for BlockEvents {
    const NAME: &'static str = "BlockEventsBytes";
    const EXPECTED: &'static str = "the bytes of a block's events in lower-case hexadecimal digits";
}

impl CanonicalForm for Receipt {
    const NAME: &'static str = "ReceiptBytes";
    const EXPECTED: &'static str = "the bytes of a Receipt in lower-case hexadecimal digits";
}

impl CanonicalForm for Change {
    const NAME: &'static str = "ChangeBytes";
    const EXPECTED: &'static str = "the bytes of a Change in lower-case hexadecimal digits";
}

impl CanonicalForm for StateProof {
    const NAME: &'static str = "StateProofBytes";
    const EXPECTED: &'static str = "the bytes of a StateProof in lower-case hexadecimal digits";
}

impl CanonicalForm for ListProof {
    const NAME: &'static str = "ListProofBytes";
    const EXPECTED: &'static str = "the bytes of a ListProof in lower-case hexadecimal digits";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_bytes_round_trip_and_nothing_else_is_read() {
        let key = Canonical(Key::Supply);
        assert_eq!(key.to_string(), "01");
        assert_eq!(Canonical::parse("01"), Some(key));
        for text in ["", "0", "0100", "ff", "0G", "é"] {
            assert_eq!(Canonical::<Key>::parse(text), None, "{text}");
        }
    }
}
