//! `tally standing put`: a bid or an ask for every window of a weekly pattern.

use std::str::FromStr;

use chain::conditions::Conditions;
use chain::limits::WINDOW_SLOTS_MAX;
use chain::market::MarketId;
use chain::operation::{Operation, OrderPlace};
use chain::order::{Side, TimeInForce};
use chain::quantity::Quantity;
use chain::standing::{DAY, Day, Days, StandingTerms, Weekdays};
use chain::time::{Millis, Time, Window};
use clap::{Args, Subcommand};
use rpc::methods::MarketGet;
use rpc::types::{MarketView, WeekdayView};

use super::with_local;
use crate::args::{AmountText, SignArgs};
use crate::commands::order::filters::Filters;
use crate::commands::order::says::{self, AskSays, BidSays, ConditionArgs, Says};
use crate::commands::order::steps::{Figures, Towards, check_steps};
use crate::commands::order::{prices, set_aside};
use crate::commands::word;
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::escape;
use crate::when::{self, Minute};

const ASK_EXAMPLES: &str = "\
Examples:
  tally standing put ask cpu --quantity 100 --price 40utly \\
      --on sat --from 00:00 --for 24h
  tally standing put ask cpu --quantity 20 --price 35utly \\
      --on mon,tue,wed,thu,fri --from 20:00 --for 10h --skip 2026-12-24

Days and times are those of UTC. Every order is placed so long ahead as --ahead
says, with a deposit of its own, and ends with its window.";

const BID_EXAMPLES: &str = "\
Examples:
  tally standing put bid cpu --quantity 100 --price 50utly \\
      --on sat --from 12:00 --for 6h --budget 1TLY

Every order sets aside what it may cost. One for which there is too little money
is tried again every hour until its window begins. What all of them set aside
and pay stays within --budget.";

/// Have an order placed for every window of a weekly pattern
#[derive(Debug, Subcommand)]
pub(crate) enum PutCommand {
    /// Say what you need every week
    #[command(after_help = BID_EXAMPLES)]
    Bid(BidArgs),
    /// Say what you offer every week
    #[command(after_help = ASK_EXAMPLES)]
    Ask(AskArgs),
}

impl PutCommand {
    /// What is placed, and when.
    const fn pattern(&self) -> &PatternArgs {
        match self {
            Self::Bid(args) => &args.pattern,
            Self::Ask(args) => &args.pattern,
        }
    }

    /// What its orders say.
    const fn says(&self) -> Says<'_> {
        match self {
            Self::Bid(args) => Says::Bid(&args.says),
            Self::Ask(args) => Says::Ask(&args.says),
        }
    }
}

/// The arguments of `standing put bid`.
#[derive(Debug, Args)]
pub(crate) struct BidArgs {
    #[command(flatten)]
    pattern: PatternArgs,
    #[command(flatten)]
    says: BidSays,
    /// What all of them together set aside and pay at most
    #[arg(long, value_name = "AMOUNT")]
    budget: Option<AmountText>,
    #[command(flatten)]
    sign: SignArgs,
}

/// The arguments of `standing put ask`.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    pattern: PatternArgs,
    #[command(flatten)]
    says: AskSays,
    #[command(flatten)]
    sign: SignArgs,
}

/// What is placed, and when.
#[derive(Debug, Args)]
pub(crate) struct PatternArgs {
    /// The market's name
    market: String,
    /// How many units in every slot of the window
    #[arg(long, value_name = "N")]
    quantity: u64,
    /// The price for one unit and slot, with its unit: at most for a bid, at least for an ask
    #[arg(long, value_name = "AMOUNT")]
    price: AmountText,
    /// How far to go beyond the price with what finds no match at it, one for one unit and slot
    #[arg(long, value_name = "AMOUNT")]
    stretch: Option<AmountText>,
    /// The days on which a window begins: sat,sun
    #[arg(long, value_name = "DAYS")]
    on: DaysText,
    /// The time of the day at which it begins, in UTC: 08:00
    #[arg(long, value_name = "TIME", value_parser = when::minute)]
    from: Minute,
    /// How long it is: 12h
    #[arg(long = "for", value_name = "SPAN", value_parser = when::span)]
    length: Millis,
    /// The first day on which one may begin: 2026-11-28 [default: today]
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    begin: Option<Time>,
    /// The first day on which none begins any more [default: in a year]
    #[arg(long, value_name = "DAY", value_parser = when::day)]
    until: Option<Time>,
    /// Days to leave out: 2026-12-24,2026-12-31
    #[arg(long, value_name = "DAY", value_delimiter = ',', value_parser = when::day)]
    skip: Vec<Time>,
    /// How long before its window an order is placed [default: a week, or as long as the market allows]
    #[arg(long, value_name = "SPAN", value_parser = when::span)]
    ahead: Option<Millis>,
    #[command(flatten)]
    conditions: ConditionArgs,
}

/// Days of the week as people write them: `sat,sun`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DaysText(Weekdays);

impl FromStr for DaysText {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bits = 0_u8;
        for name in text.split(',') {
            let known = |day: &WeekdayView| word(day).is_some_and(|word| word == name.trim());
            let place = WeekdayView::ALL.iter().position(known);
            bits |= 1 << place.ok_or("write days as mon,tue,wed,thu,fri,sat,sun")?;
        }
        Weekdays::from_bits(bits).map(Self).ok_or("write days as mon,tue,wed,thu,fri,sat,sun")
    }
}

/// Runs `tally standing put`.
pub(super) async fn run(context: &Context, command: PutCommand) -> Result<Answer, Failure> {
    let (PutCommand::Bid(BidArgs { sign, .. }) | PutCommand::Ask(AskArgs { sign, .. })) = &command;
    let signer = context.signer(sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let market =
        session.client.call(MarketGet { market: command.pattern().market.clone() }).await?.value;
    let filters = command.says().filters(context, &session, &market)?;
    let facts = filters.facts(&session, &market);
    let conditions = command.says().conditions(context, &session, &command.pattern().conditions)?;
    says::check(&conditions, signer.account)?;
    let terms = terms(&session, &market, &command, (filters, conditions))?;
    let plan = plan(&session, &market, terms, facts)?;
    carry_out(context, &session, &signer, sign, plan).await
}

fn terms(
    session: &Session,
    market: &MarketView,
    command: &PutCommand,
    (filters, conditions): (Filters, Conditions),
) -> Result<StandingTerms, Failure> {
    let pattern = command.pattern();
    let window = first_window(session, market, pattern)?;
    let (quantity, limit) = (Quantity(pattern.quantity), session.price(&pattern.price)?);
    let stretch = pattern.stretch.as_ref().map(|price| session.price(price)).transpose()?;
    let (towards, last, budget) = match command {
        PutCommand::Bid(args) => {
            let last = Time(window.start.0.saturating_sub(market.lead_ms));
            (Towards::Dearer, last, args.budget.as_ref())
        }
        PutCommand::Ask(_) => (Towards::Cheaper, window.end, None),
    };
    check_steps(session, market, &Figures { quantity, limit, stretch, towards })?;
    let template = OrderPlace {
        market: MarketId(market.market),
        side: command.says().side(),
        quantity,
        window,
        limit,
        time_in_force: TimeInForce::Until(last),
        grade: filters.grade,
        parties: filters.parties,
        conditions,
        predicates: filters.predicates,
        stretch,
    };
    let year = Day::of(session.time().after(DAY.times(365))).start();
    let skip = pattern.skip.iter().map(|day| Day::of(*day)).collect();
    let skip = Days::new(skip).ok_or_else(|| {
        Failure::usage("a day to leave out stands twice, or there are more than 32 of them")
    })?;
    let terms = StandingTerms {
        template,
        weekdays: pattern.on.0,
        until: pattern.until.unwrap_or(year),
        skip,
        horizon: horizon(market, window, pattern.ahead),
        budget: budget.map(|budget| session.amount(budget)).transpose()?,
    };
    if terms.window_from(Day::of(session.time())).is_none() {
        let message = format!("no window begins before {}", when::show(terms.until.0));
        return Err(Failure::new(Exit::Usage, "STANDING_END", message));
    }
    Ok(terms)
}

/// The first window of the pattern, whole slots of the market.
fn first_window(
    session: &Session,
    market: &MarketView,
    pattern: &PatternArgs,
) -> Result<Window, Failure> {
    let slot = Millis(market.slot_ms);
    let mut day = Day::of(pattern.begin.unwrap_or_else(|| session.time()));
    while !pattern.on.0.include(day) {
        day = day.next();
    }
    let start = day.start().after(pattern.from.0);
    let window = Window { start, end: start.after(pattern.length) };
    let whole = window.slots(slot).is_some_and(|slots| slots <= WINDOW_SLOTS_MAX);
    if !whole || DAY.0.checked_rem(slot.0) != Some(0) {
        let message = format!(
            "windows begin and end on slots of {}, of which a day has a whole number",
            when::show_span(slot.0)
        );
        return Err(Failure::new(Exit::Usage, "WINDOW_INVALID", message));
    }
    Ok(window)
}

/// How long ahead orders are placed: as it was said, or else a week, or as long as the market allows.
fn horizon(market: &MarketView, window: Window, ahead: Option<Millis>) -> Millis {
    let length = window.end.since(window.start);
    let most = Millis(market.slot_ms).times(market.horizon_slots);
    ahead.unwrap_or_else(|| DAY.times(7).min(Millis(most.0.saturating_sub(length.0))))
}

fn plan(
    session: &Session,
    market: &MarketView,
    terms: StandingTerms,
    filters: Vec<(&'static str, String)>,
) -> Result<Plan, Failure> {
    let StandingTerms { template, weekdays, until, skip, horizon, budget } = &terms;
    let OrderPlace { window, quantity, limit, stretch, .. } = template;
    let unit = escape(&market.unit);
    let deposit = session.status.value.deposits.order.0;
    let days: Vec<String> = (0..)
        .zip(WeekdayView::ALL)
        .filter(|(bit, _)| weekdays.bits() >> bit & 1 == 1)
        .filter_map(|(_, day)| word(&day))
        .collect();
    let next = terms.window_from(Day::of(session.time())).unwrap_or(*window);
    let price = prices(session, *limit, *stretch);
    let mut facts = vec![
        ("quantity", format!("{quantity} {unit} in market {}", escape(&market.name))),
        (at(template.side), format!("{price} for one {unit} and slot")),
        (
            "pattern",
            format!(
                "{} from {} for {} (UTC)",
                days.join(", "),
                when::show_minute(window.start.0),
                when::show_span(window.end.since(window.start).0)
            ),
        ),
        ("next", with_local(next.start.0)),
        ("until", with_local(until.0)),
        ("placed", format!("{} ahead", when::show_span(horizon.0))),
    ];
    facts.extend(skip.iter().map(|day| ("skips", when::show_day(day.start().0))));
    facts.extend(filters);
    facts.extend(says::shown(session, &template.conditions));
    let action = match template.side {
        Side::Bid(_) => {
            let slots = window.slots(Millis(market.slot_ms)).unwrap_or(0);
            let each = set_aside(template.reach(), *quantity, slots)?;
            facts.push(("amount", format!("{} (set aside for each)", session.show(each))));
            let budget = budget.map_or_else(|| "none".to_owned(), |most| session.show(most));
            facts.push(("budget", budget));
            "put a standing bid"
        }
        Side::Ask(ask) => {
            facts.extend(ask.host.map(|host| ("out of", format!("the pool of host {host}"))));
            "put a standing ask"
        }
    };
    facts.push((
        "deposit",
        format!("{0}, and {0} for each order (returned at the end)", session.show(deposit)),
    ));
    let operations = vec![Operation::StandingPut(Box::new(terms))];
    Ok(Plan { operations, action, facts, needed: deposit, makes: Some("standing") })
}

const fn at(side: Side) -> &'static str {
    match side {
        Side::Bid(_) => "at most",
        Side::Ask(_) => "at least",
    }
}
