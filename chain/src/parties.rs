//! With whom an order may trade: only some, not with some, and whom a bid would rather have.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::encoding::{bounded_list, encode};
use crate::hash::{Domain, Hash};
use crate::limits::{BPS, PARTIES_MAX};

/// Some accounts: at most [`PARTIES_MAX`], in rising order, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Accounts(Vec<AccountId>);

impl Accounts {
    /// These accounts, in any order; `None` where there are too many or one stands twice.
    pub fn new(mut accounts: Vec<AccountId>) -> Option<Self> {
        accounts.sort_unstable();
        Self::of_sorted(accounts)
    }

    /// True for one of them.
    pub fn contains(&self, account: AccountId) -> bool {
        self.0.binary_search(&account).is_ok()
    }

    /// True when there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The accounts, in rising order.
    pub fn iter(&self) -> impl Iterator<Item = AccountId> {
        self.0.iter().copied()
    }

    fn of_sorted(accounts: Vec<AccountId>) -> Option<Self> {
        let sound = accounts.len() <= PARTIES_MAX && accounts.is_sorted_by(|a, b| a < b);
        sound.then_some(Self(accounts))
    }
}

impl BorshDeserialize for Accounts {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let accounts = bounded_list(reader, 0..=PARTIES_MAX)?;
        Self::of_sorted(accounts)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "accounts out of order"))
    }
}

/// With whom an order may trade. The default leaves everybody.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
pub struct Parties {
    /// With these alone; with everybody where there are none.
    pub only: Accounts,
    /// Not with these.
    pub deny: Accounts,
    /// Whom a bid would rather have; an ask has no say in that.
    pub prefer: Option<Preference>,
}

impl Parties {
    /// True when the order may trade with `account`.
    pub fn admit(&self, account: AccountId) -> bool {
        (self.only.is_empty() || self.only.contains(account)) && !self.deny.contains(account)
    }

    /// True when somebody is named whom the order may not trade with, or with whom alone it may.
    pub const fn exclude(&self) -> bool {
        !self.only.is_empty() || !self.deny.is_empty()
    }

    /// True when a bid would rather trade with `account` than with others.
    pub fn prefer(&self, account: AccountId) -> bool {
        self.prefer.as_ref().is_some_and(|preference| preference.accounts.contains(account))
    }

    /// What names these parties in reports; `None` for everybody.
    pub fn digest(&self) -> Option<Hash> {
        let named = *self != Self::default();
        named.then(|| Hash::of(Domain::Parties, &[&encode(self)]))
    }
}

/// Whom a bid would rather have, and how much dearer they may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Preference {
    accounts: Accounts,
    tolerance_bps: u16,
}

impl Preference {
    /// Prefers `accounts` as if they asked for `tolerance_bps` basis points less; `None` where there are no
    /// accounts, or the tolerance is the whole price.
    pub fn new(accounts: Accounts, tolerance_bps: u16) -> Option<Self> {
        let sound = !accounts.is_empty() && tolerance_bps < BPS;
        sound.then_some(Self { accounts, tolerance_bps })
    }

    /// Whom.
    pub const fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// How much of their price is overlooked, in basis points; less than all of it.
    pub const fn tolerance_bps(&self) -> u16 {
        self.tolerance_bps
    }
}

impl BorshDeserialize for Preference {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let accounts = Accounts::deserialize_reader(reader)?;
        let tolerance_bps = u16::deserialize_reader(reader)?;
        Self::new(accounts, tolerance_bps)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a preference"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::decode;

    fn accounts(bytes: &[u8]) -> Accounts {
        Accounts::new(bytes.iter().map(|byte| AccountId([*byte; 20])).collect()).unwrap()
    }

    #[test]
    fn accounts_have_one_order_and_are_bounded() {
        assert_eq!(accounts(&[2, 1]), accounts(&[1, 2]));
        assert_eq!(Accounts::new(vec![AccountId([1; 20]); 2]), None);
        let many = |count: u8| (0..count).map(|byte| AccountId([byte; 20])).collect();
        let most = u8::try_from(PARTIES_MAX).unwrap();
        assert!(Accounts::new(many(most)).is_some());
        assert_eq!(Accounts::new(many(most + 1)), None);
        let mut turned = encode(&accounts(&[1, 2]));
        turned[4..].reverse();
        assert!(decode::<Accounts>(&turned).is_err());
    }

    #[test]
    fn only_and_deny_both_count() {
        let admits = |only: &[u8], deny: &[u8], byte: u8| {
            let parties = Parties { only: accounts(only), deny: accounts(deny), prefer: None };
            parties.admit(AccountId([byte; 20]))
        };
        assert!(admits(&[], &[], 1));
        assert!(admits(&[1, 2], &[3], 2));
        assert!(!admits(&[1, 2], &[], 3));
        assert!(!admits(&[], &[3], 3));
        assert!(!admits(&[1], &[1], 1));
    }

    #[test]
    fn preference_names_somebody_and_leaves_some_of_the_price() {
        assert_eq!(Preference::new(Accounts::default(), 0), None);
        assert_eq!(Preference::new(accounts(&[1]), BPS), None);
        let preference = Preference::new(accounts(&[1]), BPS - 1).unwrap();
        assert_eq!(decode::<Preference>(&encode(&preference)), Ok(preference));
        let whole = encode(&(accounts(&[1]), BPS));
        assert!(decode::<Preference>(&whole).is_err());
        let nobody = encode(&(Accounts::default(), 5_u16));
        assert!(decode::<Preference>(&nobody).is_err());
    }
}
