//! Authorities: the keys that may vote, and the accounts that are paid for it.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;

/// An authority's ed25519 key, 32 bytes. It votes; it holds no money.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct AuthorityKey(pub [u8; 32]);

impl AuthorityKey {
    /// Parses 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::hash::from_hex(text).map(Self)
    }
}

impl fmt::Display for AuthorityKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for AuthorityKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A key that may vote, and the account that is paid its share of the fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Authority {
    /// The voting key.
    pub key: AuthorityKey,
    /// Where its fees go.
    pub account: AccountId,
}
