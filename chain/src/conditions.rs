//! Under which conditions an order or quote trades, besides what is traded and with whom.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::time::Millis;

/// What the owner of an order, or the maker or taker of a quote, has to say on how the deal is carried out.
/// The default is a firm deal.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Conditions {
    /// Of a seller: what is offered. Of a buyer: the least that is accepted.
    pub kind: Kind,
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

    const fn notice(millis: u64) -> Kind {
        Kind::Interruptible { notice: Millis(millis) }
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
