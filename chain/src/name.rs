//! Names of accounts, as their owners chose them.

use std::{fmt, io};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::Amount;
use crate::limits::{NAME_BYTES_MAX, NAME_BYTES_MIN};

/// [`NAME_BYTES_MIN`] to [`NAME_BYTES_MAX`] small letters, digits and `-`, no `-` at either end. Its
/// canonical bytes are those of a string.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The name's bytes, then zeros.
    padded: [u8; NAME_BYTES_MAX],
    length: u8,
}

/// The name that an account bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NameUse {
    /// The name.
    pub name: Name,
    /// What the account set aside for it, returned when it gives the name up; in base units.
    pub deposit: Amount,
}

impl Name {
    /// The name that reads `text`; `None` when no name does.
    pub fn new(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (NAME_BYTES_MIN..=NAME_BYTES_MAX).contains(&text.len())
            && text.bytes().all(allowed)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if !fits {
            return None;
        }
        let mut padded = [0; NAME_BYTES_MAX];
        padded.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Some(Self { padded, length: u8::try_from(text.len()).ok()? })
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let bytes = self.padded.get(..self.length.into());
        let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.expect("a name is made of ASCII")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), formatter)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl BorshSerialize for Name {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        BorshSerialize::serialize(self.as_str(), writer)
    }
}

impl BorshDeserialize for Name {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let length = u32::deserialize_reader(reader)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= NAME_BYTES_MAX);
        let mut padded = [0; NAME_BYTES_MAX];
        let bytes = length.and_then(|length| padded.get_mut(..length)).ok_or_else(invalid)?;
        reader.read_exact(bytes)?;
        std::str::from_utf8(bytes).ok().and_then(Self::new).ok_or_else(invalid)
    }
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{decode, encode};

    #[test]
    fn name_is_a_few_small_letters_digits_and_hyphens() {
        let longest = "x".repeat(NAME_BYTES_MAX);
        for text in ["abc", "a-b", "4x4", "a--b", longest.as_str()] {
            let name = Name::new(text).unwrap();
            assert_eq!(name.as_str(), text);
            assert_eq!(encode(&name), encode(text));
            assert_eq!(decode::<Name>(&encode(text)), Ok(name));
        }
        let longer = "x".repeat(NAME_BYTES_MAX + 1);
        for text in ["", "ab", "-abc", "abc-", "Abc", "a_b", "a b", "gräfin", longer.as_str()] {
            assert_eq!(Name::new(text), None, "{text}");
            assert!(decode::<Name>(&encode(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_in_the_order_of_their_letters() {
        let names = ["a-b", "abc", "abcd", "b00"].map(|text| Name::new(text).unwrap());
        assert!(names.is_sorted_by(|a, b| a < b));
    }
}
