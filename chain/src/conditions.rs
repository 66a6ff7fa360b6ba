//! Under which conditions an order or quote trades, besides what is traded and with whom.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::encoding::bounded_list;
use crate::hash::Hash;
use crate::limits::{BPS, SPLIT_MAX};
use crate::time::Millis;

/// What the owner of an order, or the maker or taker of a quote, has to say on how the deal is carried out.
/// The default is a firm deal.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Conditions {
    /// Of a seller: what is offered. Of a buyer: the least that is accepted.
    pub kind: Kind,
    /// Of a seller: who gets parts of what it is paid.
    pub split: Split,
    /// The SHA-256 digest of a text: of a seller, the one that its buyers agree to; of a buyer, the one that it
    /// agrees to.
    pub agreement: Option<Hash>,
    /// Who brought the deal, and gets a share of the commission on it.
    pub broker: Option<AccountId>,
    /// Of a buyer: who uses what it pays for, and acts in the contract besides it.
    pub user: Option<AccountId>,
}

/// True when a buyer who agrees to one text agrees to what a seller wants agreed to, if that is anything.
pub fn agree(bought: Option<Hash>, sold: Option<Hash>) -> bool {
    sold.is_none() || bought == sold
}

/// Who brought the two sides of a contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Brokers {
    /// Of the buyer.
    pub buyer: Option<AccountId>,
    /// Of the seller.
    pub seller: Option<AccountId>,
}

impl Brokers {
    /// How many there are.
    pub fn count(&self) -> u16 {
        u16::from(self.buyer.is_some()).saturating_add(u16::from(self.seller.is_some()))
    }
}

/// Parts of what a seller is paid, for others: at most [`SPLIT_MAX`] accounts in rising order, none twice, each
/// with more than nothing, and all together with no more than all. The rest is the seller's.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Split(Vec<Share>);

/// A part of what a seller is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Share {
    /// Who gets it.
    pub account: AccountId,
    /// How much, in basis points.
    pub bps: u16,
}

impl Split {
    /// These shares, in any order; `None` when they break a bound.
    pub fn new(mut shares: Vec<Share>) -> Option<Self> {
        shares.sort_unstable();
        Self::of_sorted(shares)
    }

    /// True when all is the seller's.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The shares, in rising order of account.
    pub fn iter(&self) -> impl Iterator<Item = Share> {
        self.0.iter().copied()
    }

    fn of_sorted(shares: Vec<Share>) -> Option<Self> {
        let all: u64 = shares.iter().map(|share| u64::from(share.bps)).sum();
        let sound = shares.len() <= SPLIT_MAX
            && shares.is_sorted_by(|one, next| one.account < next.account)
            && shares.iter().all(|share| share.bps > 0)
            && all <= u64::from(BPS);
        sound.then_some(Self(shares))
    }
}

impl BorshDeserialize for Split {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let shares = bounded_list(reader, 0..=SPLIT_MAX)?;
        Self::of_sorted(shares)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a split"))
    }
}

/// Whether a seller may take capacity back before the window is over. The order is part of the encoding.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
pub enum Kind {
    /// It may not.
    #[default]
    Firm,
    /// It may, and is paid for the slots that are over by then.
    Interruptible {
        /// How long before it says so.
        notice: Millis,
    },
}

impl Kind {
    /// How long before its seller says that it takes capacity back; none where it may not.
    pub const fn notice(self) -> Option<Millis> {
        match self {
            Self::Firm => None,
            Self::Interruptible { notice } => Some(notice),
        }
    }

    /// True when a buyer who accepts this may be served with what is `offered`: what is firm serves
    /// everybody, what can be taken back those who accept so short a notice.
    pub fn accepts(self, offered: Self) -> bool {
        match (self, offered) {
            (_, Self::Firm) => true,
            (Self::Firm, Self::Interruptible { .. }) => false,
            (Self::Interruptible { notice: least }, Self::Interruptible { notice }) => {
                notice >= least
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{decode, encode};

    const fn notice(millis: u64) -> Kind {
        Kind::Interruptible { notice: Millis(millis) }
    }

    #[test]
    fn split_is_some_accounts_with_no_more_than_all_together() {
        let share = |byte, bps| Share { account: AccountId([byte; 20]), bps };
        let split = Split::new(vec![share(2, 4_000), share(1, 6_000)]).unwrap();
        assert_eq!(decode::<Split>(&encode(&split)), Ok(split));
        let many = (0..9).map(|byte| share(byte, 1)).collect();
        for shares in [
            vec![share(1, 6_000), share(2, 4_001)],
            vec![share(1, 1), share(1, 2)],
            vec![share(1, 0)],
            many,
        ] {
            assert_eq!(Split::new(shares.clone()), None);
            assert!(decode::<Split>(&encode(&shares)).is_err());
        }
        assert!(decode::<Split>(&encode(&[share(2, 1), share(1, 1)].to_vec())).is_err());
    }

    #[test]
    fn firm_serves_everybody_and_a_longer_notice_who_accepts_a_shorter_one() {
        for (accepted, offered, served) in [
            (Kind::Firm, Kind::Firm, true),
            (Kind::Firm, notice(5), false),
            (notice(5), Kind::Firm, true),
            (notice(5), notice(5), true),
            (notice(5), notice(6), true),
            (notice(5), notice(4), false),
        ] {
            assert_eq!(accepted.accepts(offered), served, "{accepted:?} {offered:?}");
        }
    }
}
