//! Passwords: never printed, wiped from memory when dropped.

use std::fmt;

use zeroize::Zeroizing;

/// Characters of a password, at least.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Bytes of a password, at most.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// Why a text is no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordInvalid {
    /// Fewer than [`PASSWORD_CHARS_MIN`] characters.
    #[error("a password has at least {PASSWORD_CHARS_MIN} characters")]
    TooShort,
    /// More than [`PASSWORD_BYTES_MAX`] bytes.
    #[error("a password has at most {PASSWORD_BYTES_MAX} bytes")]
    TooLong,
}

/// A password of 8 characters to 1024 bytes.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The password `text`.
    ///
    /// # Errors
    /// [`PasswordInvalid`] when it is too short or too long.
    pub fn new(text: &str) -> Result<Self, PasswordInvalid> {
        if text.chars().count() < PASSWORD_CHARS_MIN {
            return Err(PasswordInvalid::TooShort);
        }
        if text.len() > PASSWORD_BYTES_MAX {
            return Err(PasswordInvalid::TooLong);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The password, for a format of somebody else.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl PartialEq for Password {
    /// For a password typed twice by its owner; nothing secret hangs on how long it takes.
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Password {}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_have_eight_characters_at_least() {
        assert_eq!(Password::new("1234567"), Err(PasswordInvalid::TooShort));
        assert!(Password::new("12345678").is_ok());
        assert!(Password::new(&"x".repeat(1024)).is_ok());
        assert_eq!(Password::new(&"x".repeat(1025)), Err(PasswordInvalid::TooLong));
    }

    #[test]
    fn passwords_are_not_printed() {
        assert_eq!(format!("{:?}", Password::new("12345678")), "Ok(Password(..))");
    }
}
