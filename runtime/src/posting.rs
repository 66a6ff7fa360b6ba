//! Postings: what each step of a block left in every account that it wrote. A statement of an account is
//! made of them.
//!
//! They stand in no receipt and under no root: whoever has a block and the state before it finds the same
//! postings by applying it, so a node may keep them or not.
//!
//! Invariants: postings are in order of step, and of one step in order of account, each account once; the
//! last posting of an account is how the block leaves it.

use chain::account::{Account, AccountId};
use chain::amount::Amount;

/// A step of a block, in the order in which they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockStep {
    /// The timers that were due.
    Timers,
    /// The transaction at this position, counted from 0: its fee and its operations.
    Transaction(u32),
    /// The match of all markets.
    Matching,
    /// The fees of the block, paid out.
    Fees,
}

/// What a step left in an account that it wrote; the sums may be what they were before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The step.
    pub step: BlockStep,
    /// The account.
    pub account: AccountId,
    /// All its money after the step, in base units.
    pub cash: Amount,
    /// The part of it that is set aside, in base units.
    pub held: Amount,
}

/// The postings of a block in the making.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    ended: Vec<Posting>,
    running: Vec<Written>,
    /// So many of `running` can be undone no more.
    kept: usize,
}

/// An account as the running step wrote it; the last time counts.
#[derive(Clone, Copy, Debug)]
struct Written {
    account: AccountId,
    cash: Amount,
    held: Amount,
}

impl Postings {
    /// The running step writes an account.
    pub(crate) fn note(&mut self, id: AccountId, account: &Account) {
        self.running.push(Written { account: id, cash: account.cash, held: account.held });
    }

    /// What was noted so far is undone no more.
    pub(crate) const fn keep(&mut self) {
        self.kept = self.running.len();
    }

    /// Forgets what was noted since [`Self::keep`].
    pub(crate) fn undo(&mut self) {
        self.running.truncate(self.kept);
    }

    /// Ends the running step, which is `step`.
    pub(crate) fn end_step(&mut self, step: BlockStep) {
        // Stable: what was written last of an account stays the last of it.
        self.running.sort_by_key(|written| written.account);
        let accounts = self.running.chunk_by(|one, next| one.account == next.account);
        self.ended.extend(accounts.filter_map(<[Written]>::last).map(|written| {
            let Written { account, cash, held } = *written;
            Posting { step, account, cash, held }
        }));
        self.running.clear();
        self.kept = 0;
    }

    /// The postings of all steps that ended.
    pub(crate) fn into_ended(self) -> Vec<Posting> {
        self.ended
    }
}

#[cfg(test)]
pub(crate) mod tests;
