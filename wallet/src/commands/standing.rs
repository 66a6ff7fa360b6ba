//! `tally standing`: orders that are placed anew every week.

mod put;

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::operation::Operation;
use chain::standing::StandingAct;
use clap::Subcommand;
use rpc::methods::{StandingGet, StandingList};
use rpc::types::{
    Limit, ObjectStatus, OrderPlaceView, SideView, StandingStateView, StandingView, WeekdayView,
};

pub(crate) use self::put::PutCommand;
use crate::args::{AccountArgs, ListArgs, SignArgs, object_id};
use crate::commands::order::{filters, prices, shown_length, shown_window, side};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, facts, listing};
use crate::when;

/// Orders that are placed anew every week
#[derive(Debug, Subcommand)]
pub(crate) enum StandingCommand {
    /// Have an order placed for every window of a weekly pattern
    #[command(subcommand)]
    Put(Box<PutCommand>),
    /// Let windows pass without an order
    Pause(ActArgs),
    /// Go on with the first window that can still be traded
    Resume(ActArgs),
    /// End a standing order; what it has placed stands
    End(ActArgs),
    /// List the standing orders of an account
    List {
        #[command(flatten)]
        of: AccountArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show a standing order, also after its end
    Show {
        /// The standing order
        #[arg(value_parser = object_id)]
        standing: ObjectId,
    },
}

/// The arguments of `standing pause | resume | end`.
#[derive(Debug, clap::Args)]
pub(crate) struct ActArgs {
    /// The standing order
    #[arg(value_parser = object_id)]
    standing: ObjectId,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally standing`.
pub(super) async fn run(context: &Context, command: StandingCommand) -> Result<Answer, Failure> {
    match command {
        StandingCommand::Put(command) => put::run(context, *command).await,
        StandingCommand::Pause(args) => act(context, args, StandingAct::Pause).await,
        StandingCommand::Resume(args) => act(context, args, StandingAct::Resume).await,
        StandingCommand::End(args) => act(context, args, StandingAct::End).await,
        StandingCommand::List { of, list } => self::list(context, &of, list).await,
        StandingCommand::Show { standing } => {
            let session = context.connect(Trust::Pinned).await?;
            let answer = session.client.call(StandingGet { standing: standing.into() }).await?;
            Ok(Answer::new(&answer, facts(&shown(&session, &answer.value))))
        }
    }
}

async fn act(context: &Context, args: ActArgs, act: StandingAct) -> Result<Answer, Failure> {
    let ActArgs { standing, sign } = args;
    let signer = context.signer(&sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let view = session.client.call(StandingGet { standing: standing.into() }).await?.value;
    let action = match act {
        StandingAct::Pause => "pause a standing order",
        StandingAct::Resume => "resume a standing order",
        StandingAct::End => "end a standing order",
    };
    let facts = vec![
        ("standing", standing.to_string()),
        ("terms", summary(&session, &view)),
        ("pattern", pattern(&view)),
    ];
    let operations = vec![Operation::Standing { standing, act }];
    let plan = Plan { operations, action, facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &sign, plan).await
}

async fn list(context: &Context, of: &AccountArgs, list: ListArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let account = super::account_or_own(context, &session, of)?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let page = session.client.call(StandingList { account, cursor: list.cursor, limit }).await?;
    let row = |view: &StandingView| {
        let template = &view.terms.template;
        let cells = vec![
            side(&template.side).to_owned(),
            escape(&view.market_name),
            template.quantity.to_string(),
            price(&session, template),
            days(&view.terms.weekdays),
            when::show_minute(view.next.start),
            shown_length(view.next),
            super::word(&view.state).unwrap_or_default(),
        ];
        let next = format!("next {}", with_local(view.next.start));
        (cells, vec![format!("standing {}", view.standing), next])
    };
    let rows = page.items.iter().map(row).collect();
    let headers = ["SIDE", "MARKET", "QUANTITY", "LIMIT", "DAYS", "FROM", "FOR", "STATE"];
    let text = listing(&headers, rows, "no standing orders");
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

/// A standing order as facts.
fn shown(session: &Session, view: &StandingView) -> Vec<(&'static str, String)> {
    let template = &view.terms.template;
    let state = match view.status {
        ObjectStatus::Open => super::word(&view.state).unwrap_or_default(),
        ObjectStatus::Ended => "ended".to_owned(),
    };
    let mut lines = vec![
        ("standing", view.standing.to_string()),
        ("state", state),
        ("owner", view.owner.to_string()),
        ("side", side(&template.side).to_owned()),
        ("market", escape(&view.market_name)),
        ("quantity", template.quantity.to_string()),
        ("limit", price(session, template)),
        ("pattern", pattern(view)),
        ("placed", format!("{} orders", view.placed)),
    ];
    lines.extend(filters::shown(&template.parties, &template.predicates));
    if let SideView::Ask { host: Some(host) } = &template.side {
        lines.push(("out of", format!("the pool of host {host}")));
    }
    if view.status == ObjectStatus::Open {
        lines.push(("next", format!("{}, placed {}", with_local(view.next.start), due(view))));
        lines.push(("window", shown_window(view.next)));
    }
    lines.push(("until", with_local(view.terms.until)));
    lines.extend(view.terms.skip.iter().map(|day| ("skips", when::show_day(*day))));
    if let SideView::Bid { .. } = template.side {
        let spent = session.show(view.committed.0);
        lines.push(match view.terms.budget {
            Some(budget) => ("budget", format!("{spent} of {}", session.show(budget.0))),
            None => ("spent", spent),
        });
    }
    lines
}

fn due(view: &StandingView) -> String {
    match view.state {
        StandingStateView::Running => when::show(view.due),
        StandingStateView::Paused => "only when it is resumed".to_owned(),
    }
}

/// What a standing order places, in a few words.
fn summary(session: &Session, view: &StandingView) -> String {
    let template = &view.terms.template;
    let (side, market) = (side(&template.side), escape(&view.market_name));
    format!("{side} {} in {market} at {}", template.quantity, price(session, template))
}

/// When it places it: `sat, sun from 08:00 for 12h (UTC)`.
fn pattern(view: &StandingView) -> String {
    let (from, length) = (when::show_minute(view.next.start), shown_length(view.next));
    format!("{} from {from} for {length} (UTC)", days(&view.terms.weekdays))
}

fn days(weekdays: &[WeekdayView]) -> String {
    if weekdays.len() == WeekdayView::ALL.len() {
        return "every day".to_owned();
    }
    let names: Vec<String> = weekdays.iter().filter_map(super::word).collect();
    names.join(", ")
}

/// A point in UTC, and beside it what a clock on this machine's wall says, where that is something else.
pub(super) fn with_local(millis: u64) -> String {
    let utc = when::show(millis);
    match when::show_local(millis) {
        Some(local) => format!("{utc} (here {local})"),
        None => utc,
    }
}

/// The limit of what is placed, and its stretch where it has one.
fn price(session: &Session, template: &OrderPlaceView) -> String {
    prices(session, template.limit.0, template.stretch.map(|stretch| stretch.0))
}
