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
use super::super::verify::{Anchor, Books};
use crate::args::AccountArgs;
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::{Answer, Format};
use crate::statement::{Mismatch, Owner, Sum, entries};
use crate::when;

pub(super) const EXAMPLES: &str = "\
Examples:
  tally account statement
  tally account statement bob --from 2026-11-01 --to 2026-11-30
  tally account statement bob --from 100 --to 200
  tally account statement bob --format csv > november.csv
  tally account statement bob --verify       what it has is proved

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
    /// Prove what the account has, and the supply, against the authorities of the chain, trusting no node
    #[arg(long)]
    verify: bool,
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
    let anchor = args.verify.then(|| Anchor::of(context)).transpose()?;
    let session = context.connect(Trust::Pinned).await?;
    let account = account_or_own(context, &session, &args.of)?;
    let question = question(account, args)?;
    let first = session.client.call(question.clone()).await?;
    let owner = Owner::of(&session, account.0.account);
    let mut page = Page::new(context, &session, owner, form);
    page.begin(&first);
    let (sum, document) = lines(&session, &question, first.clone(), &page).await?;
    sum.check_closing(&first.closing)?;
    let now = match anchor {
        Some(anchor) => Now::of(anchor.books(context, &session, account.0.account).await?),
        None => Now::from(&session.client.call(AccountGet { account }).await?),
    };
    check_account(&session, &question, &first, &now).await?;
    page.end(&first, &sum, &now);
    let document = json!({
        "tip": first.tip,
        "account": account,
        "begins": first.begins,
        "from": first.from,
        "until": first.until,
        "opening": first.opening,
        "lines": document,
        "closing": first.closing,
        "totals": sum.totals(),
        "checked": { "lines": sum.lines(), "height": now.height },
    });
    let answer = Answer::new(&document, page.last_text());
    let Some(Books { supply, proof, .. }) = now.books else { return Ok(answer) };
    let warning = when::stale(supply.header.time.0, when::now());
    let (height, supply) = (supply.header.height.0, Text(supply.value.cash()));
    let supply = json!({ "supply": supply, "height": height });
    Ok(answer.with("proof", &proof).with("supply", &supply).with("warning", &warning))
}

/// What the account has now, beyond the end of the range, and how that is known.
struct Now {
    height: u64,
    /// None when there is no such account, or one that holds more than it has.
    columns: Option<ColumnsView>,
    /// What was proved, if anything was.
    books: Option<Books>,
}

impl Now {
    fn of(books: Books) -> Self {
        let account = books.account.value.as_ref();
        let columns = account.and_then(|account| ColumnsView::new(account.cash, account.held));
        Self { height: books.account.header.height.0, columns, books: Some(books) }
    }
}

impl From<&AtTip<AccountView>> for Now {
    fn from(AtTip { tip, value }: &AtTip<AccountView>) -> Self {
        let columns = ColumnsView::new(value.amount.0, value.held.0);
        Self { height: tip.height, columns, books: None }
    }
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
    now: &Now,
) -> Result<(), Failure> {
    let after = now.height.saturating_add(1);
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
    if before == first.closing && Some(since) == now.columns {
        return Ok(());
    }
    let has = now.columns.map_or("nothing".to_owned(), |columns| columns.amount.to_string());
    let (found, height) = (since.amount, now.height);
    let message = format!(
        "the statement leads to {found} base units at block {height}, but the account has {has}"
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
