//! A statement on stdout, line by line: for people, or as a sheet.

use chain::amount::Amount;
use rpc::types::{Change, ColumnsView, HistoryLineView, HistoryView};

use super::super::super::verify::Books;
use super::Now;
use crate::context::{Context, Session};
use crate::output::Output;
use crate::statement::{Entry, Kind, Owner, Sheet, Sum, Words, change};
use crate::when;

/// Where a statement is written.
pub(super) struct Page<'a> {
    output: &'a Output,
    session: &'a Session,
    words: Words<'a>,
    form: Form,
    last: String,
}

/// How a statement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Text,
    /// For programs that calculate.
    Sheet,
    /// As a document, before which nothing is printed.
    Document,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        context: &'a Context,
        session: &'a Session,
        owner: Owner,
        form: Form,
    ) -> Self {
        let words = Words { owner, token: &session.token };
        Self { output: &context.output, session, words, form, last: String::new() }
    }

    pub(super) const fn form(&self) -> Form {
        self.form
    }

    pub(super) const fn owner(&self) -> Owner {
        self.words.owner
    }

    /// What a line is about.
    pub(super) fn words(&self, line: &HistoryLineView) -> Vec<String> {
        self.words.of(line)
    }

    /// Writes what comes before the lines.
    pub(super) fn begin(&self, first: &HistoryView) {
        if first.from == first.begins && first.begins > 0 {
            let begins = first.begins;
            self.output.note(&format!("this node knows nothing of blocks before {begins}"));
        }
        match self.form {
            Form::Text => {
                let blocks = match first.until.checked_sub(1) {
                    Some(last) if last >= first.from => format!("blocks {} to {last}", first.from),
                    _ => "no blocks".to_owned(),
                };
                self.output.early(&format!("Statement of {}, {blocks}\n", first.account));
                let names = ["amount", "held", "balance", "credit", "available"];
                self.print_row(["block", "time", "change"].map(ToOwned::to_owned), names);
                let opening = self.sums(&first.opening);
                self.print_row(["opening", "", ""].map(ToOwned::to_owned), opening);
            }
            Form::Sheet => {
                self.output.early(&Sheet::head());
                self.output.early(&self.sheet().balance("opening", &first.opening));
            }
            Form::Document => {}
        }
    }

    /// Writes a line.
    pub(super) fn line(&self, line: &HistoryLineView, entries: &[Entry]) {
        match self.form {
            Form::Text => {
                let change = change(&self.session.token, line.amount_change.0);
                let about = [line.height.to_string(), when::show(line.time), change];
                self.print_row(about, self.sums(&line.after));
                for words in self.words.of(line) {
                    self.output.early(&format!("           {words}"));
                }
            }
            Form::Sheet => {
                let what = self.words.of(line).join("; ");
                self.output.early(&self.sheet().line(line, &what, fee(entries)));
            }
            Form::Document => {}
        }
    }

    /// Writes what comes after the lines. The checks are done.
    pub(super) fn end(&mut self, first: &HistoryView, sum: &Sum, now: &Now) {
        let checked = format!(
            "checked: {} lines add up to the unit, and lead to what the account has at block {}{}",
            sum.lines(),
            now.height,
            self.proved(now)
        );
        match self.form {
            Form::Text => {
                let closing = self.sums(&first.closing);
                self.print_row(["closing", "", ""].map(ToOwned::to_owned), closing);
                self.output.early("");
                self.totals(first, sum);
                self.last = checked;
            }
            Form::Sheet => {
                self.output.early(&self.sheet().balance("closing", &first.closing));
                self.output.note(&checked);
            }
            Form::Document => {}
        }
    }

    /// Who vouches for what the account has, if that was asked.
    fn proved(&self, now: &Now) -> String {
        let Some(Books { account, supply, .. }) = &now.books else { return String::new() };
        let (votes, voters) = (account.finality.votes, account.finality.voters);
        let all = self.session.show(supply.value.cash());
        let (height, later) = (now.height, supply.header.height.0);
        let stale = when::stale(account.header.time.0, when::now());
        let mind = stale.map_or_else(String::new, |stale| format!("\nmind: {stale}"));
        format!(
            "\nproved: {votes} of {voters} authorities vouch for block {height}, which says so; \
             the supply is {all} at block {later}{mind}"
        )
    }

    /// What is left to print when all went well.
    pub(super) fn last_text(self) -> String {
        self.last
    }

    /// What the lines come to, by kind; the signs lead from the opening amount to the closing one.
    fn totals(&self, first: &HistoryView, sum: &Sum) {
        let token = &self.session.token;
        let print = |name: &str, sum: String| self.output.early(&format!("  {name:<30}{sum:>24}"));
        print("opening amount", self.session.show(first.opening.amount.0));
        for total in sum.totals().iter().filter(|total| total.change.0 != Change::default()) {
            print(total.kind.name(), change(token, total.change.0));
        }
        print("closing amount", self.session.show(first.closing.amount.0));
        self.output.early("");
    }

    #[expect(clippy::needless_pass_by_value, reason = "rows are made where they are printed")]
    fn print_row<S: AsRef<str>>(&self, about: [String; 3], sums: [S; 5]) {
        let [block, time, change] = about;
        let row = format!("{block:>8}  {time:<24}{change:>22}");
        let sums = sums.iter().map(|sum| format!("  {:>20}", sum.as_ref()));
        let row = sums.fold(row, |row, sum| row + &sum);
        self.output.early(row.trim_end());
    }

    fn sums(&self, columns: &ColumnsView) -> [String; 5] {
        let ColumnsView { amount, held, balance, credit, available } = *columns;
        [amount, held, balance, credit, available].map(|amount| self.session.show(amount.0))
    }

    fn sheet(&self) -> Sheet<'_> {
        Sheet { token: &self.session.token }
    }
}

/// What of a line was a fee.
fn fee(entries: &[Entry]) -> Amount {
    let fees = entries.iter().filter(|entry| entry.kind == Kind::Fees);
    let sum = fees.fold(Change::default(), |sum, fee| sum.and(fee.change));
    Amount::new(sum.base_units().unsigned_abs()).unwrap_or(Amount::MAX)
}
