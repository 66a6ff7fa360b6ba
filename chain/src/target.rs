//! Where money that leaves the ledger is to go: words for the cashier.

use std::{fmt, io};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::encoding::bounded_text;
use crate::limits::TARGET_BYTES_MAX;

/// A place outside the ledger, as an account number at a bank: 1 to [`TARGET_BYTES_MAX`] bytes of UTF-8.
/// The chain gives it no meaning, and everybody can read it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Target(String);

impl Target {
    /// A target of `text`; `None` when it is empty or longer than [`TARGET_BYTES_MAX`] bytes.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (1..=TARGET_BYTES_MAX).contains(&text.len()).then_some(Self(text))
    }

    /// The words, as their author wrote them: foreign text, to be escaped where it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.escape_debug(), formatter)
    }
}

impl BorshDeserialize for Target {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        Self::new(bounded_text(reader, TARGET_BYTES_MAX)?)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "target empty or too long"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{decode, encode};

    #[test]
    fn target_is_some_text_within_its_bound() {
        for (length, fits) in
            [(0, false), (1, true), (TARGET_BYTES_MAX, true), (TARGET_BYTES_MAX + 1, false)]
        {
            let text = "x".repeat(length);
            assert_eq!(Target::new(text.clone()).is_some(), fits, "{length}");
            assert_eq!(decode::<Target>(&encode(&text)).is_ok(), fits, "{length}");
        }
    }
}
