//! The statement of an account: lines that lead from what it had to what it has, to the unit.
//!
//! The node says what the account had after each step; why, is worked out here from what the blocks say
//! happened. Both must come to the same: each line's entries add up to its change, each line begins where
//! the one before ended, and the last ends at the closing columns.

mod entries;
mod sheet;
mod words;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::token::Token;
use rpc::types::{Change, ColumnsView, HistoryLineView};
use serde::Serialize;

pub(crate) use self::entries::{Entry, Kind, entries};
pub(crate) use self::sheet::Sheet;
pub(crate) use self::words::Words;
use crate::context::Session;

/// Whose statement it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    /// The account.
    pub(crate) account: AccountId,
    /// The treasury, which events of fees do not name.
    pub(crate) treasury: AccountId,
}

impl Owner {
    /// `account` on the chain of `session`.
    pub(crate) const fn of(session: &Session, account: AccountId) -> Self {
        Self { account, treasury: session.status.value.treasury.0.account }
    }
}

/// Writes a change with its sign and unit, as `+1.5TLY`.
pub(crate) fn change(token: &Token, change: Change) -> String {
    let size = Amount::new(change.base_units().unsigned_abs()).unwrap_or(Amount::MAX);
    let sign = match change.base_units() {
        0 => "",
        1.. => "+",
        _ => "-",
    };
    format!("{sign}{}", token.format(size))
}

/// What all lines of one kind come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Total {
    /// The kind.
    pub(crate) kind: Kind,
    /// The sum of its changes.
    pub(crate) change: rpc::text::Text<Change>,
}

/// Why lines are no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mismatch {
    /// A line's columns do not follow from those before it.
    #[error("block {height}: the line does not lead from the columns before it to its own")]
    Columns {
        /// The line's block.
        height: u64,
    },
    /// What happened does not explain how the amount changed.
    #[error("block {height}: what happened comes to {explained}, the amount changed by {change}")]
    Unexplained {
        /// The line's block.
        height: u64,
        /// The sum of its entries, in base units.
        explained: Change,
        /// How the amount changed, in base units.
        change: Change,
    },
    /// The lines end elsewhere than the node said.
    #[error("the lines lead to {found} base units, {held} of them held; the node says {expected}")]
    Closing {
        /// The last line's amount.
        found: String,
        /// What of it is held.
        held: String,
        /// The closing amount, and what of it is held.
        expected: String,
    },
}

/// The lines so far, added up.
#[derive(Clone, Debug)]
pub(crate) struct Sum {
    columns: ColumnsView,
    totals: Vec<Total>,
    lines: u64,
}

impl Sum {
    /// No lines, after which the account has what it had before.
    pub(crate) fn new(opening: ColumnsView) -> Self {
        let none = |kind| Total { kind, change: Change::default().into() };
        Self { columns: opening, totals: Kind::ALL.map(none).into(), lines: 0 }
    }

    /// Adds a line, whose entries are `entries`.
    ///
    /// # Errors
    /// [`Mismatch`] when it does not follow from the lines before, or its entries do not explain it.
    pub(crate) fn add(
        &mut self,
        line: &HistoryLineView,
        entries: &[Entry],
    ) -> Result<(), Mismatch> {
        let height = line.height;
        let amount = line.amount_change.0.applied_to(self.columns.amount.0);
        let held = line.held_change.0.applied_to(self.columns.held.0);
        let columns = amount.zip(held).and_then(|(amount, held)| ColumnsView::new(amount, held));
        if columns != Some(line.after) {
            return Err(Mismatch::Columns { height });
        }
        let explained = entries.iter().fold(Change::default(), |sum, entry| sum.and(entry.change));
        if explained != line.amount_change.0 {
            let change = line.amount_change.0;
            return Err(Mismatch::Unexplained { height, explained, change });
        }
        for entry in entries {
            for total in self.totals.iter_mut().filter(|total| total.kind == entry.kind) {
                total.change.0 = total.change.0.and(entry.change);
            }
        }
        self.columns = line.after;
        self.lines += 1;
        Ok(())
    }

    /// Checks that the lines lead to `closing`.
    ///
    /// # Errors
    /// [`Mismatch::Closing`] when they do not.
    pub(crate) fn check_closing(&self, closing: &ColumnsView) -> Result<(), Mismatch> {
        if self.columns == *closing {
            return Ok(());
        }
        Err(Mismatch::Closing {
            found: self.columns.amount.to_string(),
            held: self.columns.held.to_string(),
            expected: format!("{}, {} of them held", closing.amount, closing.held),
        })
    }

    /// What the lines of each kind come to, in a fixed order.
    pub(crate) fn totals(&self) -> &[Total] {
        &self.totals
    }

    /// How many lines there are.
    pub(crate) const fn lines(&self) -> u64 {
        self.lines
    }
}

#[cfg(test)]
mod tests;
