//! Accounts: who holds money, and what stands there.

use std::cmp::Ordering;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::Amount;
use crate::hash::{Domain, Hash, compare};
use crate::height::Nonce;
use crate::keys::PublicKey;

/// The name of an account, 20 bytes: a digest of its key cut short.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, BorshSerialize, BorshDeserialize)]
pub struct AccountId(pub [u8; 20]);

/// The order of the bytes.
impl Ord for AccountId {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for AccountId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl AccountId {
    /// The account that `key` controls.
    pub fn of_key(key: &PublicKey) -> Self {
        let digest = Hash::of(Domain::Account, &[&key.0]);
        let mut id = [0; 20];
        id.iter_mut().zip(digest.0).for_each(|(to, from)| *to = from);
        Self(id)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// What stands in an account. `held` is the part of `cash` that is set aside: the rest of its open
/// holds and the deposits of the objects it owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Account {
    /// All the money of the account, in base units.
    pub cash: Amount,
    /// The part of `cash` set aside, never more than all of it.
    pub held: Amount,
    /// The nonce of the account's next transaction.
    pub nonce: Nonce,
    /// How many orders of the account are open.
    pub orders: u32,
    /// Who signs for the account.
    pub signing: Signing,
    /// Whether it may do all that accounts may.
    pub status: AccountStatus,
}

/// Who signs for an account, agents apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum Signing {
    /// The key that the account is named after.
    #[default]
    OwnKey = 0,
    /// A set of keys, which stands in the state on its own.
    KeySet = 1,
}

/// Whether an account may do all that accounts may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum AccountStatus {
    /// It may.
    #[default]
    Open = 0,
    /// It keeps what it has, and only ends what it has begun.
    Frozen = 1,
}

impl Account {
    /// What the account may spend, in base units: cash less held.
    pub fn available(&self) -> Amount {
        self.cash.checked_sub(self.held).expect("no more is held than there is")
    }
}
