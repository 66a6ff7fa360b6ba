//! A short note that travels with a payment.

use std::{fmt, io};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::encoding::bounded_text;
use crate::limits::MEMO_BYTES_MAX;

/// A note of at most [`MEMO_BYTES_MAX`] bytes of UTF-8; the chain gives it no meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Memo(String);

impl Memo {
    /// A memo of `text`; `None` when it is longer than [`MEMO_BYTES_MAX`] bytes.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (text.len() <= MEMO_BYTES_MAX).then_some(Self(text))
    }

    /// The note, as its sender wrote it: foreign text, to be escaped where it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Memo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.escape_debug(), formatter)
    }
}

impl BorshDeserialize for Memo {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        bounded_text(reader, MEMO_BYTES_MAX).map(Self)
    }
}
