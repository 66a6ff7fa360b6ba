//! `tally account earnings`: what an account was paid out of contracts, channels and holds, added up by day or month and
//! by what it was earned with.

use std::collections::BTreeMap;

use chain::amount::Amount;
use chain::time::Time;
use clap::{Args, ValueEnum};
use rpc::methods::{AccountListEarnings, HistoryOrder};
use rpc::text::Text;
use rpc::types::{Change, EarningSourceView, EarningView, Limit};
use serde::Serialize;
use serde_json::json;

use super::super::account_or_own;
use crate::args::AccountArgs;
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::{Answer, Format};
use crate::statement::{Sheet, change};
use crate::text::{escape, table};
use crate::when;

pub(super) const EXAMPLES: &str = "\
Examples:
  tally account earnings
  tally account earnings --by month --per market
  tally account earnings alice --from 2026-11-01 --to 2026-11-30
  tally account earnings --per deal --format csv > deals.csv

Net is gross and the shares of others' contracts, less commission, what was
passed on to others as theirs, and refunds. Fees are in 'account statement'.";

/// The head of every sheet.
const HEAD: [&str; 13] = [
    "period",
    "source",
    "market",
    "host",
    "deal",
    "payments",
    "gross",
    "received",
    "shared",
    "commission",
    "refunded",
    "net",
    "unit",
];

/// What is asked for.
#[derive(Debug, Args)]
pub(crate) struct EarningsArgs {
    #[command(flatten)]
    of: AccountArgs,
    /// The first day, in UTC [default: the first of all]
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    from: Option<Time>,
    /// The last day, in UTC [default: today]
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    to: Option<Time>,
    /// How long a period is: day or month
    #[arg(long, value_name = "PERIOD", value_enum, default_value_t = Period::Day, hide_possible_values = true)]
    by: Period,
    /// What has a row of its own in each period: host, market or deal
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Per::Host, hide_possible_values = true)]
    per: Per,
    /// How it is written: text or csv
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = SheetFormat::Text, hide_possible_values = true)]
    format: SheetFormat,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Period {
    Day,
    Month,
}

/// What has a row of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Per {
    Host,
    Market,
    Deal,
}

/// How earnings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SheetFormat {
    /// For people.
    Text,
    /// For programs that calculate.
    Csv,
}

/// What is added up in one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Group {
    /// The day or month, as `2026-11-28` or `2026-11`.
    period: String,
    /// What it was earned with: `contract`, `channel` or `hold`; `unknown` where the node knows it no more.
    source: &'static str,
    /// The market of contracts.
    market: Option<String>,
    /// The host whose pool was sold; none also where the row is that of a market.
    host: Option<String>,
    /// The contract, channel or hold, where the row is its own.
    deal: Option<String>,
}

/// What the lines of a row come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Sums {
    payments: u64,
    gross: Text<Change>,
    received: Text<Change>,
    shared: Text<Change>,
    commission: Text<Change>,
    refunded: Text<Change>,
    net: Text<Change>,
}

pub(super) async fn run(context: &Context, args: &EarningsArgs) -> Result<Answer, Failure> {
    if (context.output.format, args.format) == (Format::Json, SheetFormat::Csv) {
        return Err(Failure::usage("--format csv and JSON output contradict each other"));
    }
    let session = context.connect(Trust::Pinned).await?;
    let account = account_or_own(context, &session, &args.of)?;
    let mut question = AccountListEarnings {
        account,
        from_time: args.from.map(|day| day.0),
        until_time: args.to.map(|day| day.0.saturating_add(1)),
        order: HistoryOrder::OldestFirst,
        cursor: None,
        limit: Limit::new(rpc::types::LIMIT_MAX).expect("the largest limit is one"),
    };
    let (mut rows, mut total) = (BTreeMap::<Group, Sums>::new(), Sums::default());
    let tip = loop {
        let page = session.client.call(question.clone()).await?;
        for earning in &page.items {
            rows.entry(group(earning, args)).or_default().add(earning);
            total.add(earning);
        }
        question.cursor = page.next_cursor;
        if question.cursor.is_none() {
            break page.tip;
        }
    };
    let text = match args.format {
        SheetFormat::Text => shown(&session, &rows, &total),
        SheetFormat::Csv => sheet(&session, &rows),
    };
    let rows: Vec<_> = rows.iter().map(|(group, sums)| Row { group, sums }).collect();
    let document = json!({
        "tip": tip, "account": account, "by": args.by, "per": args.per, "rows": rows, "total": total,
    });
    Ok(Answer::new(&document, text))
}

/// A row of a document.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    group: &'a Group,
    #[serde(flatten)]
    sums: &'a Sums,
}

impl Sums {
    fn add(&mut self, earning: &EarningView) {
        let add = |sum: &mut Text<Change>, more: Change| sum.0 = sum.0.and(more);
        self.payments = self.payments.saturating_add(earning.payments);
        add(&mut self.gross, Change::of(earning.gross.0));
        add(&mut self.received, Change::of(earning.received.0));
        add(&mut self.shared, Change::of(earning.shared.0));
        add(&mut self.commission, earning.commission.0);
        add(&mut self.refunded, Change::of(earning.refunded.0));
        add(&mut self.net, earning.net.0);
    }

    /// The columns of sums.
    const fn columns(&self) -> [Change; 6] {
        let Self { gross, received, shared, commission, refunded, net, .. } = *self;
        [gross.0, received.0, shared.0, commission.0, refunded.0, net.0]
    }
}

/// The row that a line belongs to.
fn group(earning: &EarningView, args: &EarningsArgs) -> Group {
    let day = when::show_day(earning.day);
    let period = match args.by {
        Period::Day => day,
        Period::Month => day.rsplit_once('-').map_or(String::new(), |(month, _)| month.to_owned()),
    };
    let (source, market, host) = match &earning.source {
        Some(EarningSourceView::Contract { market_name, host, .. }) => {
            ("contract", Some(escape(market_name)), host.map(|host| host.to_string()))
        }
        Some(EarningSourceView::Channel { .. }) => ("channel", None, None),
        Some(EarningSourceView::Hold { .. }) => ("hold", None, None),
        None => ("unknown", None, None),
    };
    let host = host.filter(|_| args.per != Per::Market);
    let deal = (args.per == Per::Deal).then(|| earning.of.to_string());
    Group { period, source, market, host, deal }
}

/// The rows for people, and what they come to.
fn shown(session: &Session, rows: &BTreeMap<Group, Sums>, total: &Sums) -> String {
    let short =
        |name: &Option<String>| name.as_ref().map_or("-".to_owned(), |name| name[..12].to_owned());
    let line = |about: [String; 4], sums: &Sums| {
        let columns = sums.columns().map(|sum| amount(session, sum));
        about.into_iter().chain([sums.payments.to_string()]).chain(columns).collect::<Vec<_>>()
    };
    if rows.is_empty() {
        return "nothing was earned".to_owned();
    }
    let mut lines: Vec<_> = rows
        .iter()
        .map(|(group, sums)| {
            let Group { period, source, market, host, deal } = group;
            let market = market.clone().unwrap_or_else(|| (*source).to_owned());
            line([period.clone(), market, short(host), short(deal)], sums)
        })
        .collect();
    lines.push(line(["total", "", "", ""].map(ToOwned::to_owned), total));
    let mut headers = vec![
        "PERIOD",
        "MARKET",
        "HOST",
        "DEAL",
        "PAYMENTS",
        "GROSS",
        "RECEIVED",
        "SHARED",
        "COMMISSION",
        "REFUNDED",
        "NET",
    ];
    // A column in which nothing stands is left out.
    let zero = amount(session, Change::default());
    let empty: Vec<bool> = (0..headers.len())
        .map(|at| lines.iter().all(|line| ["-", "", zero.as_str()].contains(&line[at].as_str())))
        .collect();
    let keep = |at: usize| !empty[at] || matches!(at, 0 | 1 | 5 | 10);
    let mut at = 0..;
    headers.retain(|_| at.next().is_some_and(keep));
    for line in &mut lines {
        let mut at = 0..;
        line.retain(|_| at.next().is_some_and(keep));
    }
    table(&headers, lines, "nothing was earned")
}

/// The rows for programs that calculate.
fn sheet(session: &Session, rows: &BTreeMap<Group, Sums>) -> String {
    let sheet = Sheet { token: &session.token };
    let mut text = Sheet::row(HEAD.map(ToOwned::to_owned));
    for (group, sums) in rows {
        let Group { period, source, market, host, deal } = group.clone();
        let names = [market, host, deal].map(Option::unwrap_or_default);
        let about = [period, source.to_owned()].into_iter().chain(names);
        let sums = [sums.payments.to_string()]
            .into_iter()
            .chain(sums.columns().map(|sum| sheet.change(sum)));
        let row = about.chain(sums).chain([session.token.symbol.clone()]);
        text.push('\n');
        text.push_str(&Sheet::row(row));
    }
    text
}

/// A sum with its unit; with its sign where it is less than nothing.
fn amount(session: &Session, sum: Change) -> String {
    match sum.applied_to(Amount::ZERO) {
        Some(amount) => session.show(amount),
        None => change(&session.token, sum),
    }
}
