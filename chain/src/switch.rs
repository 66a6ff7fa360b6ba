//! Dead man's switches: a time at which all orders of an account end, unless the account moves it.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::hash::{Domain, Hash};
use crate::id::ObjectId;
use crate::time::Time;

/// The time at which an account's orders end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CancelSwitch {
    /// Whose orders end.
    pub account: AccountId,
    /// When.
    pub time: Time,
}

impl CancelSwitch {
    /// The name of the switch of `account`, which has one at most.
    pub fn id(account: AccountId) -> ObjectId {
        ObjectId(Hash::of(Domain::CancelSwitch, &[&account.0]).0)
    }
}
