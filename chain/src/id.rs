//! Names of objects: digests of what made them, so that nobody chooses one.

use std::cmp::Ordering;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::hash::{Domain, Hash, compare};
use crate::height::{Height, Nonce};

/// The name of a hold, order, contract or channel, 32 bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, BorshSerialize, BorshDeserialize)]
pub struct ObjectId(pub [u8; 32]);

/// The order of the bytes.
impl Ord for ObjectId {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for ObjectId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ObjectId {
    /// The name of what operation number `operation` of the transaction (`sender`, `nonce`) makes.
    pub fn of_operation(chain: Hash, sender: AccountId, nonce: Nonce, operation: u8) -> Self {
        let (nonce, operation) = (nonce.0.to_le_bytes(), [operation]);
        let parts = [&chain.0[..], &sender.0[..], &nonce[..], &operation[..]];
        Self(Hash::of(Domain::Operation, &parts).0)
    }

    /// The name of what the runtime makes at `height` out of `first` and `second`, in matching pass
    /// number `pass`.
    pub fn of_runtime(chain: Hash, first: Self, second: Self, height: Height, pass: u8) -> Self {
        let (height, pass) = (height.0.to_le_bytes(), [pass]);
        let parts = [&chain.0[..], &first.0[..], &second.0[..], &height[..], &pass[..]];
        Self(Hash::of(Domain::Runtime, &parts).0)
    }

    /// Parses 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::hash::from_hex(text).map(Self)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
