//! `tally account statement`: every line within a range, whatever their number, and that they add up.
//!
//! The range is fixed by the node's first answer, so blocks that come meanwhile change nothing. Lines are
//! printed as they arrive; only a document for programs is put together first.

mod page;
mod range;

use clap::{Args, ValueEnum};
use rpc::methods::{AccountGet, AccountListHistory, HistoryOrder};
use rpc::text::{Address, Text};
use rpc::types::{AccountView, AtTip, ColumnsView, HistoryView, Limit};
use serde::Serialize;
use serde_json::{Value, json};

use self::page::{Form, Page};
use self::range::Point;
use super::super::account_or_own;
use crate::args::AccountArgs;
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::{Answer, Format};
use crate::statement::{Mismatch, Owner, Sum, entries};

pub(super) const EXAMPLES: &str = "\
Examples:
  tally account statement
  tally account statement bob --from 2026-11-01 --to 2026-11-30
  tally account statement bob --from 100 --to 200
  tally account statement bob --format csv > november.csv

Without --from it begins with the account; plain numbers are heights.
Columns: amount is all the money, held the part of it that is set aside,
balance the rest, credit what may be spent beyond it, available balance and
credit.";

/// Lines of a document for programs at most, as it is held in memory.
const DOCUMENT_LINES_MAX: usize = 100_000;

/// What is asked for.
#[derive(Debug, Args)]
pub(crate) struct StatementArgs {
    #[command(flatten)]
    of: AccountArgs,
    /// Where it begins: a block, a day (2026-11-01, UTC) or a time (2026-11-01T12:00Z)
    #[arg(long, value_name = "WHEN")]
    from: Option<Point>,
    /// Where it ends: a block or a day, which belong to it, or a time, which does not
    #[arg(long, value_name = "WHEN")]
    to: Option<Point>,
    /// How it is written: text or csv
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = SheetFormat::Text, hide_possible_values = true)]
    format: SheetFormat,
}

/// How a statement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SheetFormat {
    /// For people.
    Text,
    /// For programs that calculate.
    Csv,
}

pub(super) async fn run(context: &Context, args: &StatementArgs) -> Result<Answer, Failure> {
    let form = match (context.output.format, args.format) {
        (Format::Text, SheetFormat::Text) => Form::Text,
        (Format::Text, SheetFormat::Csv) => Form::Sheet,
        (Format::Json, SheetFormat::Text) => Form::Document,
        (Format::Json, SheetFormat::Csv) => {
            return Err(Failure::usage("--format csv and JSON output contradict each other"));
        }
    };
    let session = context.connect(Trust::Pinned).await?;
    let account = account_or_own(context, &session, &args.of)?;
    let question = question(account, args)?;
    let first = session.client.call(question.clone()).await?;
    let owner = Owner::of(&session, account.0.account);
    let mut page = Page::new(context, &session, owner, form);
    page.begin(&first);
    let (sum, document) = lines(&session, &question, first.clone(), &page).await?;
    sum.check_closing(&first.closing)?;
    let now = session.client.call(AccountGet { account }).await?;
    check_account(&session, &question, &first, &now).await?;
    page.end(&first, &sum, &now);
    let document = json!({
        "tip": now.tip,
        "account": account,
        "begins": first.begins,
        "from": first.from,
        "until": first.until,
        "opening": first.opening,
        "lines": document,
        "closing": first.closing,
        "totals": sum.totals(),
        "checked": { "lines": sum.lines(), "height": now.tip.height },
    });
    Ok(Answer::new(&document, page.last_text()))
}

/// What the node is asked first.
fn question(account: Text<Address>, args: &StatementArgs) -> Result<AccountListHistory, Failure> {
    let (from, from_time) = args.from.map(Point::start).unwrap_or_default();
    let (until, until_time) = args.to.map(Point::end).transpose()?.unwrap_or_default();
    Ok(AccountListHistory {
        account,
        from,
        until,
        from_time,
        until_time,
        order: HistoryOrder::OldestFirst,
        cursor: None,
        limit: Limit::new(rpc::types::LIMIT_MAX).expect("the largest limit is one"),
    })
}

/// Reads all parts, beginning with `part`, and adds their lines up.
async fn lines(
    session: &Session,
    question: &AccountListHistory,
    mut part: HistoryView,
    page: &Page<'_>,
) -> Result<(Sum, Vec<Value>), Failure> {
    let mut sum = Sum::new(part.opening);
    let mut document = Vec::new();
    // Whatever is asked from here on is about the blocks of the first answer.
    let question = AccountListHistory {
        from: Some(part.from),
        until: Some(part.until),
        from_time: None,
        until_time: None,
        ..question.clone()
    };
    loop {
        for line in &part.items {
            let entries = entries(line, page.owner());
            sum.add(line, &entries)?;
            page.line(line, &entries);
            if page.form() == Form::Document {
                document.push(with(line, page.words(line)));
            }
        }
        if document.len() > DOCUMENT_LINES_MAX {
            let message =
                format!("more than {DOCUMENT_LINES_MAX} lines are too many for a document");
            let failure = Failure::new(Exit::Usage, "STATEMENT_TOO_LONG", message);
            return Err(failure.hint("narrow it by --from and --to, or write it by --format csv"));
        }
        let Some(cursor) = part.next_cursor else { return Ok((sum, document)) };
        let question = AccountListHistory { cursor: Some(cursor), ..question.clone() };
        part = session.client.call(question).await?;
    }
}

/// A line as a document has it: what the node said, and what it means.
fn with(line: &impl Serialize, what: Vec<String>) -> Value {
    let mut value = serde_json::to_value(line).expect("lines are JSON");
    value["what"] = what.into();
    value
}

/// Checks that the closing columns lead to what the account has now: at once where the range ends at the
/// tip, else over what came after it.
async fn check_account(
    session: &Session,
    question: &AccountListHistory,
    first: &HistoryView,
    now: &AtTip<AccountView>,
) -> Result<(), Failure> {
    let after = now.tip.height.saturating_add(1);
    let has = ColumnsView::new(now.value.amount.0, now.value.held.0);
    let (before, since) = if after <= first.until {
        (first.closing, first.closing)
    } else {
        let rest = AccountListHistory {
            from: Some(first.until),
            until: Some(after),
            from_time: None,
            until_time: None,
            limit: Limit::new(1).expect("one is a limit"),
            ..question.clone()
        };
        let rest = session.client.call(rest).await?;
        (rest.opening, rest.closing)
    };
    if before == first.closing && Some(since) == has {
        return Ok(());
    }
    let (found, expected) = (since.amount, now.value.amount);
    let message = format!(
        "the statement leads to {found} base units at block {}, but the account has {expected}",
        now.tip.height
    );
    Err(Failure::new(Exit::Unexpected, "STATEMENT_MISMATCH", message))
}

impl From<Mismatch> for Failure {
    fn from(error: Mismatch) -> Self {
        let message = error.to_string();
        Self::new(Exit::Unexpected, "STATEMENT_MISMATCH", message)
            .hint("do not trust this node's history: ask another")
    }
}
