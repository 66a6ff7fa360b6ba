//! A statement as a table for programs that calculate: RFC 4180, one head, amounts in decimals of the token.
//!
//! A cell with text never begins as a formula would, so that a note from a stranger is only ever a note.

use chain::amount::Amount;
use chain::token::Token;
use csv::{Terminator, WriterBuilder};
use rpc::types::{Change, ColumnsView, HistoryLineView, OperationView, StepView};

use crate::when;

/// The head of every sheet.
const HEAD: [&str; 15] = [
    "height",
    "time",
    "step",
    "transaction",
    "what",
    "memo",
    "fee",
    "amount_change",
    "held_change",
    "amount",
    "held",
    "balance",
    "credit",
    "available",
    "unit",
];

/// What a formula begins with in programs that calculate, also in the wide forms of East Asia.
const FORMULA: [char; 10] =
    ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Writes the rows of one statement.
#[derive(Clone, Debug)]
pub(crate) struct Sheet<'a> {
    /// How sums are written.
    pub(crate) token: &'a Token,
}

impl Sheet<'_> {
    /// A row without the line feed that ends it; its carriage return is there.
    pub(crate) fn row(cells: impl IntoIterator<Item = String>) -> String {
        let mut builder = WriterBuilder::new();
        let mut writer = builder.terminator(Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(cells).expect("writing to a vector does not fail");
        let bytes = writer.into_inner().expect("writing to a vector does not fail");
        let text = String::from_utf8(bytes).expect("cells are text");
        text.strip_suffix('\n').unwrap_or(&text).to_owned()
    }

    /// The first row.
    pub(crate) fn head() -> String {
        Self::row(HEAD.map(ToOwned::to_owned))
    }

    /// A row of columns alone: what the account had before or after the lines.
    pub(crate) fn balance(&self, step: &str, columns: &ColumnsView) -> String {
        let none = String::new;
        let about = [none(), none(), step.to_owned(), none(), none(), none(), none()];
        self.line_of(about, [none(), none()], columns)
    }

    /// A line; `what` says what happened, and `fee` is what of it was a fee.
    pub(crate) fn line(&self, line: &HistoryLineView, what: &str, fee: Amount) -> String {
        let (step, transaction) = match &line.step {
            StepView::Beginning => ("beginning", None),
            StepView::Timers => ("timers", None),
            StepView::Transaction { transaction, .. } => ("transaction", Some(transaction)),
            StepView::Matching => ("matching", None),
            StepView::Fees => ("fees", None),
        };
        let about = [
            line.height.to_string(),
            when::show(line.time),
            step.to_owned(),
            transaction.map(ToString::to_string).unwrap_or_default(),
            harmless(what),
            harmless(&memos(line)),
            self.sum(fee),
        ];
        let changes = [line.amount_change.0, line.held_change.0].map(|change| self.change(change));
        self.line_of(about, changes, &line.after)
    }

    fn line_of(&self, about: [String; 7], changes: [String; 2], columns: &ColumnsView) -> String {
        let ColumnsView { amount, held, balance, credit, available } = *columns;
        let sums = [amount, held, balance, credit, available].map(|amount| self.sum(amount.0));
        Self::row(about.into_iter().chain(changes).chain(sums).chain([self.token.symbol.clone()]))
    }

    fn sum(&self, amount: Amount) -> String {
        let text = self.token.format(amount);
        text.strip_suffix(&self.token.symbol).unwrap_or(&text).to_owned()
    }

    /// A change in decimals of the token, without its unit.
    pub(crate) fn change(&self, change: Change) -> String {
        let size = Amount::new(change.base_units().unsigned_abs()).unwrap_or(Amount::MAX);
        let sign = if change < Change::default() { "-" } else { "" };
        format!("{sign}{}", self.sum(size))
    }
}

/// The notes of the payments of a line.
fn memos(line: &HistoryLineView) -> String {
    let memos = line.operations.iter().filter_map(|operation| match operation {
        OperationView::Transfer { memo, .. } if !memo.is_empty() => Some(memo.as_str()),
        _ => None,
    });
    memos.collect::<Vec<_>>().join("; ")
}

/// Text that no program takes for a formula, and no terminal for a command.
fn harmless(text: &str) -> String {
    let visible = |char: char| match char {
        '"' | '\'' | '\\' => char.to_string(),
        char => char.escape_debug().to_string(),
    };
    let formula = text.trim_start_matches(' ').starts_with(FORMULA);
    let mark = if formula { "'" } else { "" };
    text.chars().fold(mark.to_owned(), |shown, char| shown + &visible(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_never_begins_as_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u{ff1d}1"] {
            assert!(harmless(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(harmless("rent = 5, \"paid\""), "rent = 5, \"paid\"");
        assert_eq!(harmless("a\u{1b}[31m\n\u{202e}"), "a\\u{1b}[31m\\n\\u{202e}");
    }

    #[test]
    fn cells_are_quoted_where_they_must_be_and_rows_end_as_the_standard_says() {
        let cells = ["a,b", "c\"d", "plain", ""].map(ToOwned::to_owned);
        assert_eq!(Sheet::row(cells), "\"a,b\",\"c\"\"d\",plain,\r");
        assert_eq!(Sheet::head().split(',').count(), HEAD.len());
    }
}
