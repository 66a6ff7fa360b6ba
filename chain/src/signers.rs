//! Sets of keys that sign for an account together.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::encoding::bounded_list;
use crate::keys::PublicKey;
use crate::limits::SIGNERS_MAX;

/// Keys of which so many sign together: at least one key, at most [`SIGNERS_MAX`], in rising order,
/// none twice, and a threshold between one and all of them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Signers {
    threshold: u8,
    keys: Vec<PublicKey>,
}

/// The keys that sign for an account in place of its own.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignerSet {
    /// The keys, and how many of them sign.
    pub signers: Signers,
    /// What the account set aside for the set, returned when its own key signs again; in base units.
    pub deposit: Amount,
}

impl Signers {
    /// `threshold` of `keys`, which may come in any order; `None` when they break a bound.
    pub fn new(threshold: u8, mut keys: Vec<PublicKey>) -> Option<Self> {
        keys.sort_unstable();
        Self::of_sorted(threshold, keys)
    }

    /// How many keys sign.
    pub const fn threshold(&self) -> u8 {
        self.threshold
    }

    /// The keys, in rising order.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// True when these are the one key that an account has without a set.
    pub fn is_own_key_of(&self, account: AccountId) -> bool {
        matches!(self.keys[..], [ref key] if AccountId::of_key(key) == account)
    }

    /// True when `keys`, which are in rising order and none of them twice, are as many of the set as
    /// sign, and no others.
    pub fn are_signed_by<'a>(&self, keys: impl ExactSizeIterator<Item = &'a PublicKey>) -> bool {
        keys.len() == usize::from(self.threshold)
            && keys.into_iter().all(|key| self.keys.binary_search(key).is_ok())
    }

    fn of_sorted(threshold: u8, keys: Vec<PublicKey>) -> Option<Self> {
        let sound = (1..=SIGNERS_MAX).contains(&keys.len())
            && keys.is_sorted_by(|a, b| a < b)
            && (1..=keys.len()).contains(&usize::from(threshold));
        sound.then_some(Self { threshold, keys })
    }
}

impl BorshDeserialize for Signers {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let threshold = u8::deserialize_reader(reader)?;
        let keys = bounded_list(reader, 1..=SIGNERS_MAX)?;
        Self::of_sorted(threshold, keys)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a set of keys"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{decode, encode};

    fn keys(bytes: &[u8]) -> Vec<PublicKey> {
        bytes.iter().map(|byte| PublicKey([*byte; 32])).collect()
    }

    #[test]
    fn set_is_some_distinct_keys_and_a_threshold_among_them() {
        let signers = Signers::new(2, keys(&[3, 1, 2])).unwrap();
        assert_eq!(signers.keys(), keys(&[1, 2, 3]));
        assert_eq!(decode::<Signers>(&encode(&signers)).as_ref(), Ok(&signers));
        let all: Vec<u8> = (1..=16).collect();
        assert!(Signers::new(16, keys(&all)).is_some());
        let more: Vec<u8> = (1..=17).collect();
        for (threshold, bytes) in [(0, &all[..]), (17, &all), (1, &[]), (1, &[5, 5]), (1, &more)] {
            assert_eq!(Signers::new(threshold, keys(bytes)), None);
            assert!(decode::<Signers>(&encode(&(threshold, keys(bytes)))).is_err());
        }
        assert!(decode::<Signers>(&encode(&(1_u8, keys(&[2, 1])))).is_err(), "out of order");
    }

    #[test]
    fn exactly_as_many_as_the_threshold_sign() {
        let signers = Signers::new(2, keys(&[1, 2, 3])).unwrap();
        for (signing, holds) in [
            (&[1, 3][..], true),
            (&[2, 3], true),
            (&[1], false),
            (&[1, 2, 3], false),
            (&[1, 4], false),
            (&[], false),
        ] {
            assert_eq!(signers.are_signed_by(keys(signing).iter()), holds, "{signing:?}");
        }
    }
}
