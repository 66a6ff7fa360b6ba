//! What became of an account: the rows of its history, and what the blocks say that they name.
//!
//! An answer reads each block once, and ends early when it has read as much as one call may.

mod parties;

use std::ops::Range;

use chain::account::AccountId;
use chain::block::{Block, Header};
use chain::event::Event;
use chain::height::Height;
use chain::operation::Operation;
use chain::receipt::{Outcome, Receipts};
use rpc::error::Error;
use rpc::methods::{AccountListHistory, HistoryOrder};
use rpc::types::{
    Change, ColumnsView, EventView, FailureView, HistoryLineView, HistoryView, OperationView, Page,
    StepView,
};
use runtime::posting::BlockStep;

use super::{NodeApi, blocks, fault, internal, rejection_of_code};
use crate::store::{Balance, Row, RowOrder, RowPlace, RowStep};
pub(super) use parties::Parties;

/// Transactions of blocks that one answer reads; it ends with the block that exceeds them.
const TRANSACTIONS_READ_MAX: usize = 65_536;

pub(super) fn history(api: &NodeApi, question: &AccountListHistory) -> Result<HistoryView, Error> {
    let account = api.translate.account(&question.account)?;
    let begins = api.ledger.store().histories_begin().ok_or(Error::HistoryOff)?;
    let (tip, treasury) = {
        let committed = api.read();
        committed.view().account(&account).ok_or(Error::NotFound { what: "account" })?;
        (committed.header.clone(), committed.view().params().treasury)
    };
    let heights = heights(api, question, begins, &tip)?;
    let reader = Reader { api, account, treasury, heights };
    let (opening, closing) = reader.ends()?;
    let rows = reader.rows(question)?;
    let lines = reader.lines(&rows)?;
    let last_read = lines.last().map(|(cursor, _)| cursor.clone());
    let stopped = lines.len() < rows.len();
    let page = Page::fill(api.translate.tip(&tip), question.limit, lines);
    Ok(HistoryView {
        tip: page.tip,
        account: question.account,
        begins: begins.0,
        from: reader.heights.start,
        until: reader.heights.end,
        opening: columns(api, opening)?,
        closing: columns(api, closing)?,
        items: page.items,
        next_cursor: page.next_cursor.or(last_read.filter(|_| stopped)),
    })
}

/// The heights that a question is about: what it asks for, as far as the node knows it.
fn heights(
    api: &NodeApi,
    question: &AccountListHistory,
    begins: Height,
    tip: &Header,
) -> Result<Range<u64>, Error> {
    let end = tip.height.0.saturating_add(1);
    let at = |time: Option<u64>| time.map(|time| first_not_before(api, time, end)).transpose();
    let from = question.from.unwrap_or(0).max(at(question.from_time)?.unwrap_or(0));
    let until = question.until.unwrap_or(end).min(at(question.until_time)?.unwrap_or(end)).min(end);
    let from = from.max(begins.0).min(end);
    Ok(from..until.max(from))
}

/// The first height below `end` whose block is not before `time`; `end` when all are.
fn first_not_before(api: &NodeApi, time: u64, end: u64) -> Result<u64, Error> {
    let store = api.ledger.store();
    // What is not kept is before the histories begin.
    let (mut low, mut high) = (store.first().0.min(end), end);
    while low < high {
        let middle = low + (high - low) / 2;
        let header = store.header(Height(middle)).map_err(internal)?;
        let header = header.ok_or_else(|| blocks::missing(api, Height(middle)))?;
        if header.time.0 < time { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

fn columns(api: &NodeApi, balance: Balance) -> Result<ColumnsView, Error> {
    let columns = ColumnsView::new(balance.cash, balance.held);
    columns.ok_or_else(|| fault(&api.ledger.store().damaged("a history's row")))
}

/// A row, and what the account had before it.
type Step = (Row, Balance);

struct Reader<'a> {
    api: &'a NodeApi,
    account: AccountId,
    treasury: AccountId,
    heights: Range<u64>,
}

impl Reader<'_> {
    /// What the account had before the heights, and after them.
    fn ends(&self) -> Result<(Balance, Balance), Error> {
        let after = |end: u64| match end.checked_sub(1) {
            Some(last) => self.balance_at(RowPlace::last(Height(last))),
            None => Ok(Balance::default()),
        };
        Ok((after(self.heights.start)?, after(self.heights.end)?))
    }

    fn balance_at(&self, place: RowPlace) -> Result<Balance, Error> {
        self.api.ledger.store().balance_at(self.account, place).map_err(internal)
    }

    /// The rows asked for, and one more if there is one.
    fn rows(&self, question: &AccountListHistory) -> Result<Vec<Step>, Error> {
        let Range { start, end } = self.heights;
        if start >= end {
            return Ok(Vec::new());
        }
        let (first, last) = (RowPlace::first(Height(start)), RowPlace::last(Height(end - 1)));
        let cursor = question.cursor.as_deref().map(read_cursor).transpose()?;
        if cursor.is_some_and(|cursor| cursor < first || cursor > last) {
            return Err(Error::CursorInvalid);
        }
        let count = question.limit.items() + 1;
        match question.order {
            HistoryOrder::OldestFirst => self.rising(first, last, cursor, count),
            HistoryOrder::NewestFirst => self.falling(first, cursor.unwrap_or(last), cursor, count),
        }
    }

    fn rising(
        &self,
        first: RowPlace,
        last: RowPlace,
        cursor: Option<RowPlace>,
        count: usize,
    ) -> Result<Vec<Step>, Error> {
        let mut before = match cursor {
            Some(cursor) => self.balance_at(cursor)?,
            None => self.ends()?.0,
        };
        let places = cursor.unwrap_or(first)..=last;
        let rows = self.api.ledger.store().history(self.account, places, RowOrder::Rising);
        rows.filter(|row| row.as_ref().map_or(true, |row| Some(row.place) != cursor))
            .take(count)
            .map(|row| {
                let row = row.map_err(internal)?;
                Ok((row, std::mem::replace(&mut before, row.balance)))
            })
            .collect()
    }

    fn falling(
        &self,
        first: RowPlace,
        last: RowPlace,
        cursor: Option<RowPlace>,
        count: usize,
    ) -> Result<Vec<Step>, Error> {
        let places = RowPlace::first(Height::GENESIS)..=last;
        let rows = self.api.ledger.store().history(self.account, places, RowOrder::Falling);
        let rows = rows.filter(|row| row.as_ref().map_or(true, |row| Some(row.place) != cursor));
        // What the account had before a row is in the row below, within the heights or not.
        let rows = rows.take(count + 1).collect::<Result<Vec<_>, _>>().map_err(internal)?;
        let below = rows.iter().skip(1).map(|row| row.balance).chain([Balance::default()]);
        let steps = rows.iter().copied().zip(below).take(count);
        Ok(steps.take_while(|(row, _)| row.place >= first).collect())
    }

    /// The rows as lines, each with the cursor after it. Fewer than there are rows when those name too much.
    fn lines(&self, steps: &[Step]) -> Result<Vec<(String, HistoryLineView)>, Error> {
        let mut lines = Vec::new();
        let mut read = 0;
        for steps in steps.chunk_by(|(one, _), (next, _)| one.place.height == next.place.height) {
            let Some((Row { place: RowPlace { height, .. }, .. }, _)) = steps.first() else {
                break;
            };
            if read > TRANSACTIONS_READ_MAX {
                break;
            }
            let (block, receipts) = blocks::stored_block(self.api, *height)?;
            read += block.transactions.len();
            for step in steps {
                lines.push((cursor(step.0.place), self.line(&block, &receipts, step)?));
            }
        }
        Ok(lines)
    }

    fn line(
        &self,
        block: &Block,
        receipts: &Receipts,
        (row, before): &Step,
    ) -> Result<HistoryLineView, Error> {
        let is_fees = |event: &&Event| matches!(event, Event::FeesPaid { .. });
        let (step, operations, events) = match row.place.step {
            RowStep::Beginning => (StepView::Beginning, Vec::new(), Vec::new()),
            RowStep::Of(BlockStep::Timers) => {
                (StepView::Timers, Vec::new(), self.events(receipts.timers.iter()))
            }
            RowStep::Of(BlockStep::Transaction(index)) => {
                return self.transaction(block, receipts, index, (row, before));
            }
            RowStep::Of(BlockStep::Matching) => {
                let events = receipts.matching.iter().filter(|event| !is_fees(event));
                (StepView::Matching, Vec::new(), self.events(events))
            }
            RowStep::Of(BlockStep::Fees) => {
                let events = receipts.matching.iter().filter(is_fees);
                (StepView::Fees, Vec::new(), self.events(events))
            }
        };
        self.view(block, step, (operations, events), (row, before))
    }

    fn transaction(
        &self,
        block: &Block,
        receipts: &Receipts,
        index: u32,
        row: (&Row, &Balance),
    ) -> Result<HistoryLineView, Error> {
        let damaged = || fault(&self.api.ledger.store().damaged("a history names no transaction"));
        let position = usize::try_from(index).map_err(|_| damaged())?;
        let signed = block.transactions.get(position).ok_or_else(damaged)?;
        let receipt = receipts.transactions.get(position).ok_or_else(damaged)?;
        let transaction = &signed.transaction;
        let (events, failure) = match &receipt.outcome {
            Outcome::Applied { events } => (self.events(events.iter()), None),
            Outcome::Failed { operation, code } => {
                let rejection = rejection_of_code(*code);
                (Vec::new(), Some(FailureView { operation: *operation, rejection }))
            }
        };
        let own = transaction.sender == self.account;
        let operations = transaction.operations.iter();
        let operations = operations.filter(|operation| own || self.is_paid_by(operation));
        let operations = operations.map(|operation| self.api.translate.operation(operation));
        let step = StepView::Transaction {
            index,
            transaction: receipt.transaction.into(),
            sender: self.api.translate.address(transaction.sender),
            fee: receipt.fee.into(),
            failure,
        };
        self.view(block, step, (operations.collect(), events), row)
    }

    fn view(
        &self,
        block: &Block,
        step: StepView,
        (operations, events): (Vec<OperationView>, Vec<EventView>),
        (row, before): (&Row, &Balance),
    ) -> Result<HistoryLineView, Error> {
        Ok(HistoryLineView {
            height: row.place.height.0,
            time: block.header.time.0,
            step,
            operations,
            events,
            amount_change: Change::between(before.cash, row.balance.cash).into(),
            held_change: Change::between(before.held, row.balance.held).into(),
            after: columns(self.api, row.balance)?,
        })
    }

    fn events<'a>(&self, events: impl Iterator<Item = &'a Event> + Clone) -> Vec<EventView> {
        let mut parties = Parties::new(self.account, self.treasury, events.clone());
        let own = events.filter(|event| parties.include(event));
        own.map(|event| self.api.translate.event(event)).collect()
    }

    /// True for a step of another's transaction that pays this account.
    fn is_paid_by(&self, operation: &Operation) -> bool {
        match operation {
            Operation::Transfer { to, .. } | Operation::Deposit { to, .. } => *to == self.account,
            _ => false,
        }
    }
}

/// The cursor after a row: height and number of its step.
fn cursor(place: RowPlace) -> String {
    format!("{}.{}", place.height, place.step.number())
}

fn read_cursor(text: &str) -> Result<RowPlace, Error> {
    let place = text.split_once('.').and_then(|(height, step)| {
        let step = RowStep::of_number(step.parse().ok()?);
        Some(RowPlace { height: Height(height.parse().ok()?), step })
    });
    place.ok_or(Error::CursorInvalid)
}

#[cfg(test)]
mod tests;
