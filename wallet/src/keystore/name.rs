//! Names of keys: safe as file names, and never to be mistaken for an address.

use std::fmt;
use std::str::FromStr;

/// Characters of a name, at most. Addresses are longer.
const NAME_CHARS_MAX: usize = 32;

/// A text is no name for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a key's name is 1 to {NAME_CHARS_MAX} of the characters a-z, 0-9, - and _, the first a letter \
     or digit"
)]
pub struct NameInvalid;

/// What its owner calls a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = NameInvalid;

    fn from_str(text: &str) -> Result<Self, NameInvalid> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let right = (1..=NAME_CHARS_MAX).contains(&text.len())
            && text.bytes().next().is_some_and(plain)
            && text.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'_');
        if right { Ok(Self(text.to_owned())) } else { Err(NameInvalid) }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_file_names() {
        for text in ["a", "alice", "alice-2", "0_x", &"a".repeat(32)] {
            assert_eq!(text.parse::<KeyName>().unwrap().as_str(), text);
        }
        for text in ["", "Alice", "../a", "a/b", "-a", ".a", "a.b", "a b", "é", &"a".repeat(33)] {
            assert_eq!(text.parse::<KeyName>(), Err(NameInvalid), "{text}");
        }
    }

    #[test]
    fn no_address_is_a_name() {
        let account = chain::account::AccountId::default();
        let address = chain::address::encode(chain::address::Network::Main, &account);
        assert_eq!(address.parse::<KeyName>(), Err(NameInvalid));
    }
}
