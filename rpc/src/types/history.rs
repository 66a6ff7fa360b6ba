//! What became of an account, step by step, and what it had after each.

use std::fmt;

use chain::amount::Amount;
use chain::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Address, Text, TextForm, decimal};
use crate::types::{EventView, OperationView, RejectionView, TipView};

/// The columns of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnsView {
    /// All the money.
    pub amount: Text<Amount>,
    /// The part of it that is set aside.
    pub held: Text<Amount>,
    /// The part of it that is not: amount less held.
    pub balance: Text<Amount>,
    /// What may be spent beyond it: nothing, as there are no credit lines.
    pub credit: Text<Amount>,
    /// What may be spent: balance and credit.
    pub available: Text<Amount>,
}

impl ColumnsView {
    /// The columns of an account that has `cash`, of which `held` is set aside; `None` when that is more
    /// than there is.
    pub fn new(cash: Amount, held: Amount) -> Option<Self> {
        let balance = cash.checked_sub(held)?;
        Some(Self {
            amount: cash.into(),
            held: held.into(),
            balance: balance.into(),
            credit: Amount::ZERO.into(),
            available: balance.into(),
        })
    }
}

/// How a sum changed, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change(i128);

impl Change {
    /// The change from one sum to another.
    pub fn between(before: Amount, after: Amount) -> Self {
        Self::of(after).and(Self(-Self::of(before).0))
    }

    /// So much more.
    pub fn of(amount: Amount) -> Self {
        Self(i128::try_from(amount.base_units()).expect("an amount is far below 2^127"))
    }

    /// So much less.
    pub fn less(amount: Amount) -> Self {
        Self(-Self::of(amount).0)
    }

    /// Both changes, one after the other.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The first without the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The change in base units.
    pub const fn base_units(self) -> i128 {
        self.0
    }

    /// `amount` after the change; `None` when that is no amount.
    pub fn applied_to(self, amount: Amount) -> Option<Amount> {
        u128::try_from(Self::of(amount).and(self).0).ok().and_then(Amount::new)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl TextForm for Change {
    const NAME: &'static str = "Change";
    const EXPECTED: &'static str =
        "a change of a sum: base units in decimal digits, with '-' for less";
    const PATTERN: &'static str = "^(0|-?[1-9][0-9]{0,30})$";

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let base_units: i128 = decimal(digits)?.parse().ok()?;
        if base_units > Self::of(Amount::MAX).0 || text == "-0" {
            return None;
        }
        Some(Self(if digits.len() < text.len() { -base_units } else { base_units }))
    }
}

/// A part of what became of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryView {
    /// The block that the answer is about.
    pub tip: TipView,
    /// Whose.
    pub account: Text<Address>,
    /// From which height on this node knows: what the account had there is its first line.
    pub begins: u64,
    /// The first block of the range asked for, as far as this node knows it.
    pub from: u64,
    /// The block after the last of it.
    pub until: u64,
    /// What the account had before the range.
    pub opening: ColumnsView,
    /// What it had after the range.
    pub closing: ColumnsView,
    /// The lines of the range, in the order asked for.
    pub items: Vec<HistoryLineView>,
    /// What to ask with for the part after this one; none after the last.
    pub next_cursor: Option<String>,
}

/// A step of a block that wrote the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryLineView {
    /// The block.
    pub height: u64,
    /// The block's time.
    pub time: u64,
    /// The step.
    #[serde(flatten)]
    pub step: StepView,
    /// What was asked for: all of the account's own transaction, payments to it of another's.
    pub operations: Vec<OperationView>,
    /// What changed, as far as the account has a part in it.
    pub events: Vec<EventView>,
    /// How the account's money changed.
    pub amount_change: Text<Change>,
    /// How the part that is set aside changed.
    pub held_change: Text<Change>,
    /// What the account had after the step.
    #[serde(flatten)]
    pub after: ColumnsView,
}

/// A step of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum StepView {
    /// None: this node's knowledge begins here, with what the account had after the block.
    Beginning,
    /// The timers that were due.
    Timers,
    /// A transaction.
    Transaction {
        /// Its position in the block, counted from 0.
        index: u32,
        /// Its id.
        transaction: Text<Hash>,
        /// Whose it is.
        sender: Text<Address>,
        /// What its sender paid for it.
        fee: Text<Amount>,
        /// Why it had no other effect, if it had none.
        failure: Option<FailureView>,
    },
    /// The match of the markets.
    Matching,
    /// The fees of the block, paid out.
    Fees,
}

/// Why a transaction in a block had no effect but its fee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureView {
    /// Which operation was refused, counted from 0.
    pub operation: u8,
    /// Why.
    #[serde(flatten)]
    pub rejection: RejectionView,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Change> {
        Change::parse(text)
    }

    #[test]
    fn changes_round_trip_in_one_form() {
        for text in ["0", "7", "-7", "1000000000000000000000000000000"] {
            assert_eq!(read(text).map(|change| change.to_string()), Some(text.to_owned()));
        }
        for text in ["", "-", "-0", "+1", "01", "--1", "1000000000000000000000000000001"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn change_leads_from_one_sum_to_the_other() {
        let (small, large) = (Amount::from_u64(3), Amount::MAX);
        let change = Change::between(small, large);
        assert_eq!(change.applied_to(small), Some(large));
        assert_eq!(change.applied_to(large), None);
        assert_eq!(Change::less(large).applied_to(small), None);
        assert_eq!(Change::between(large, small).and(change), Change::default());
    }

    #[test]
    fn columns_add_up() {
        let columns = ColumnsView::new(Amount::from_u64(10), Amount::from_u64(4)).unwrap();
        assert_eq!(columns.balance.0, Amount::from_u64(6));
        assert_eq!(columns.available, columns.balance);
        assert_eq!(ColumnsView::new(Amount::from_u64(4), Amount::from_u64(10)), None);
    }
}
