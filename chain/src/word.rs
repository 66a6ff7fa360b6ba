//! Words that people and programs name things by, as `gpu_model` or `x86-64`.

use std::{fmt, io};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::encoding::bounded_text;
use crate::limits::WORD_BYTES_MAX;

/// 1 to [`WORD_BYTES_MAX`] small letters, digits, `-`, `_` and `.`, a letter or digit at either end. Its
/// canonical bytes are those of a string.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct Word(String);

impl Word {
    /// The word that reads `text`; `None` when no word does.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let at_end = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let allowed = |byte: &u8| at_end(byte) || matches!(byte, b'-' | b'_' | b'.');
        let bytes = text.as_bytes();
        let fits = bytes.len() <= WORD_BYTES_MAX
            && bytes.iter().all(allowed)
            && bytes.first().is_some_and(at_end)
            && bytes.last().is_some_and(at_end);
        fits.then_some(Self(text))
    }

    /// The word as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl BorshDeserialize for Word {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let text = bounded_text(reader, WORD_BYTES_MAX)?;
        Self::new(text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a word"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{decode, encode};

    #[test]
    fn word_is_some_small_letters_digits_and_marks_inside() {
        let longest = "x".repeat(WORD_BYTES_MAX);
        for text in ["a", "7", "gpu_model", "x86-64", "2.5", "a--b", longest.as_str()] {
            let word = Word::new(text).unwrap();
            assert_eq!(word.as_str(), text);
            assert_eq!(encode(&word), encode(text));
            assert_eq!(decode::<Word>(&encode(text)), Ok(word));
        }
        let longer = "x".repeat(WORD_BYTES_MAX + 1);
        for text in ["", "-", "_a", "a.", "A", "a b", "a=b", "é", longer.as_str()] {
            assert_eq!(Word::new(text), None, "{text}");
            assert!(decode::<Word>(&encode(text)).is_err(), "{text}");
        }
    }
}
