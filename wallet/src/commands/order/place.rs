//! `tally order place`: a bid or an ask.

use chain::conditions::Conditions;
use chain::limits::WINDOW_SLOTS_MAX;
use chain::market::MarketId;
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, Side, TimeInForce};
use chain::quantity::Quantity;
use chain::time::{Millis, Time};
use clap::{Args, Subcommand};
use rpc::methods::{MarketGet, OrderGet};
use rpc::types::MarketView;

use super::filters::Filters;
use super::says::{self, AskSays, BidSays, ConditionArgs, Says};
use super::steps::{Figures, Towards, check_steps};
use super::{fate, quote, set_aside, shown_window, window_view};
use crate::args::{AmountText, SignArgs};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signer::Signer;
use crate::signing::{Plan, carry_out, made_id};
use crate::text::escape;
use crate::when::{self, When};
use crate::window::WindowArgs;

const BID_EXAMPLES: &str = "\
Examples:
  tally order place bid cpu --quantity 100 --price 50utly \\
      --from 2026-11-28T12:00Z --to 2026-11-28T18:00Z --ioc
  tally order place bid cpu --quantity 8 --price 45utly \\
      --from +2slots --slots 6 --all-or-none
  tally order place bid gpu --quantity 2 --price 900utly --from +2slots \\
      --slots 6 --require 'gpu_memory>=40' --require gpu_model=a100,h100

The price is for one unit and one slot. Price times quantity times slots is set
aside; what the match costs less is free at once. What finds no match at the
price is offered once more at --stretch, which is set aside instead.";

const ASK_EXAMPLES: &str = "\
Examples:
  tally order place ask cpu --quantity 100 --price 40utly \\
      --from 2026-11-28T00:00Z --to 2026-11-29T00:00Z --stretch 35utly
  tally order place ask gpu --quantity 2 --price 900utly \\
      --start +1slots --slots 24";

/// Place an order
#[derive(Debug, Subcommand)]
pub(crate) enum PlaceCommand {
    /// Say what you need and what you pay for it at most
    #[command(after_help = BID_EXAMPLES)]
    Bid(BidArgs),
    /// Say what you offer and what you want for it at least
    #[command(after_help = ASK_EXAMPLES)]
    Ask(AskArgs),
}

/// The arguments of `order place bid`.
#[derive(Debug, Args)]
pub(crate) struct BidArgs {
    #[command(flatten)]
    bid: BidTermsArgs,
    #[command(flatten)]
    sign: SignArgs,
}

/// What a bid says.
#[derive(Debug, Args)]
pub(crate) struct BidTermsArgs {
    #[command(flatten)]
    terms: TermsArgs,
    #[command(flatten)]
    says: BidSays,
}

/// The arguments of `order place ask`.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    ask: AskTermsArgs,
    #[command(flatten)]
    sign: SignArgs,
}

/// What an ask says.
#[derive(Debug, Args)]
pub(crate) struct AskTermsArgs {
    #[command(flatten)]
    terms: TermsArgs,
    #[command(flatten)]
    says: AskSays,
}

/// What an order says, by its side.
#[derive(Clone, Copy, Debug)]
pub(super) enum Terms<'a> {
    /// A bid.
    Bid(&'a BidTermsArgs),
    /// An ask.
    Ask(&'a AskTermsArgs),
}

impl<'a> Terms<'a> {
    /// What both sides have in common.
    pub(super) const fn common(self) -> &'a TermsArgs {
        match self {
            Self::Bid(bid) => &bid.terms,
            Self::Ask(ask) => &ask.terms,
        }
    }

    /// What they have not.
    pub(super) const fn says(self) -> Says<'a> {
        match self {
            Self::Bid(bid) => Says::Bid(&bid.says),
            Self::Ask(ask) => Says::Ask(&ask.says),
        }
    }

    /// On which conditions it trades.
    pub(super) fn conditions(
        self,
        context: &Context,
        session: &Session,
    ) -> Result<Conditions, Failure> {
        self.says().conditions(context, session, &self.common().conditions)
    }
}

/// What bids and asks have in common.
#[derive(Debug, Args)]
pub(crate) struct TermsArgs {
    /// The market's name
    pub(super) market: String,
    /// How many units in every slot of the window
    #[arg(long, value_name = "N")]
    quantity: u64,
    /// The price for one unit and slot, with its unit: at most for a bid, at least for an ask
    #[arg(long, value_name = "AMOUNT")]
    price: AmountText,
    /// How far to go beyond the price with what finds no match at it, one for one unit and slot
    #[arg(long, value_name = "AMOUNT")]
    stretch: Option<AmountText>,
    #[command(flatten)]
    window: WindowArgs,
    /// How long it stands [default: as long as it can trade]
    #[arg(long, value_name = "TIME", conflicts_with = "ioc")]
    until: Option<When>,
    /// Trade in the block that places it, or not at all (immediate or cancel)
    #[arg(long)]
    ioc: bool,
    #[command(flatten)]
    pub(super) conditions: ConditionArgs,
}

/// Runs `tally order place`.
pub(super) async fn run(context: &Context, command: PlaceCommand) -> Result<Answer, Failure> {
    let (terms, sign) = match &command {
        PlaceCommand::Bid(args) => (Terms::Bid(&args.bid), &args.sign),
        PlaceCommand::Ask(args) => (Terms::Ask(&args.ask), &args.sign),
    };
    let signer = context.signer(sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let market = terms.common().market.clone();
    let market = session.client.call(MarketGet { market }).await?.value;
    let filters = terms.says().filters(context, &session, &market)?;
    let facts = filters.facts(&session, &market);
    let conditions = terms.conditions(context, &session)?;
    says::check(&conditions, signer.account)?;
    let place = order_of(&session, &market, terms, (filters, conditions))?;
    // What it would get is good to know and no condition: nodes may not say.
    let quote = quote::ask(&session, signer.account, &place).await.ok();
    let mut plan = plan(&session, &market, place, facts)?;
    if let (Some(quote), [Operation::OrderPlace(place), ..]) = (quote, &plan.operations[..]) {
        let now = quote::in_short(&session, &place.side.into(), &quote.value);
        plan.facts.push(("now", now));
    }
    let answer = carry_out(context, &session, &signer, sign, plan).await?;
    Ok(if made_id(&answer, "order").is_none() || sign.no_wait {
        answer
    } else {
        with_fate(&session, &signer, answer).await
    })
}

/// The order that `terms` describe, checked against the steps of its market.
pub(super) fn order_of(
    session: &Session,
    market: &MarketView,
    terms: Terms<'_>,
    (filters, conditions): (Filters, Conditions),
) -> Result<OrderPlace, Failure> {
    let common = terms.common();
    let slot = Millis(market.slot_ms);
    let window = common.window.resolve(session.time(), market)?;
    if window.slots(slot).is_none_or(|slots| slots > WINDOW_SLOTS_MAX) {
        return Err(Failure::usage(format!("a window has at most {WINDOW_SLOTS_MAX} slots")));
    }
    // A bid must trade some time before its window; an ask may sell what is left until its end.
    let side = terms.says().side();
    let last = match side {
        Side::Bid(_) => Time(window.start.0.saturating_sub(market.lead_ms)),
        Side::Ask(_) => window.end,
    };
    let time_in_force = match (common.ioc, common.until) {
        (true, _) => TimeInForce::ImmediateOrCancel,
        (false, None) => TimeInForce::Until(last),
        (false, Some(until)) => TimeInForce::Until(until.resolve(session.time(), Some(slot))?),
    };
    let (quantity, limit) = (Quantity(common.quantity), session.price(&common.price)?);
    let stretch = common.stretch.as_ref().map(|stretch| session.price(stretch)).transpose()?;
    let towards = match side {
        Side::Bid(_) => Towards::Dearer,
        Side::Ask(_) => Towards::Cheaper,
    };
    check_steps(session, market, &Figures { quantity, limit, stretch, towards })?;
    let Filters { grade, parties, predicates } = filters;
    let market = MarketId(market.market);
    Ok(OrderPlace {
        market,
        side,
        quantity,
        window,
        limit,
        time_in_force,
        grade,
        parties,
        conditions,
        predicates,
        stretch,
    })
}

fn plan(
    session: &Session,
    market: &MarketView,
    order: OrderPlace,
    filters: Vec<(&'static str, String)>,
) -> Result<Plan, Failure> {
    let OrderPlace { side, quantity, window, limit, stretch, time_in_force, .. } = order;
    let slots = window.slots(Millis(market.slot_ms)).expect("an order's window is whole slots");
    let unit = escape(&market.unit);
    let price = match stretch {
        None => format!("{} for one {unit} and slot", session.show_price(limit)),
        Some(stretch) => format!(
            "{}, then {} for one {unit} and slot",
            session.show_price(limit),
            session.show_price(stretch)
        ),
    };
    let stands = match time_in_force {
        TimeInForce::ImmediateOrCancel => "for one block (immediate or cancel)".to_owned(),
        TimeInForce::Until(time) => format!("until {}", when::show(time.0)),
    };
    let what = format!("{quantity} {unit} in market {}", escape(&market.name));
    let deposit = session.status.value.deposits.order.0;
    let shown_window = format!("{} ({slots} slots)", shown_window(window_view(window)));
    let (action, mut facts, aside) = match side {
        Side::Bid(_) => {
            let aside = set_aside(order.reach(), quantity, slots)?;
            let facts = vec![
                ("quantity", what),
                ("at most", price),
                ("amount", format!("{} (set aside)", session.show(aside))),
            ];
            ("place a bid", facts, Some(aside))
        }
        Side::Ask(AskTerms { host }) => {
            let mut facts = vec![("quantity", what), ("at least", price)];
            facts.extend(host.map(|host| ("out of", format!("the pool of host {host}"))));
            ("place an ask", facts, None)
        }
    };
    facts.extend([
        ("window", shown_window),
        ("stands", stands),
        ("deposit", format!("{} (returned at the end)", session.show(deposit))),
    ]);
    facts.extend(filters);
    let needed = crate::commands::sum(aside.into_iter().chain([deposit]))?;
    facts.extend(says::shown(session, &order.conditions));
    let operations = vec![Operation::OrderPlace(order)];
    Ok(Plan { operations, action, facts, needed, makes: Some("order") })
}

/// Adds what has become of the order in the block that placed it.
async fn with_fate(session: &Session, signer: &Signer, answer: Answer) -> Answer {
    let Some(order) = made_id(&answer, "order") else {
        return answer;
    };
    // The order stands whether or not the node tells its fate.
    let Ok(detail) = session.client.call(OrderGet { order: order.into() }).await else {
        return answer;
    };
    let detail = detail.value;
    let text = format!("\norder is {}", fate(&detail));
    let traded = detail.order.filled > 0 || !detail.sold.is_empty();
    let hint = format!("\nsee the deals with: tally contract list {}", signer.name);
    let answer = answer.with("order_state", &detail).with_text(&text);
    if traded { answer.with_text(&hint) } else { answer }
}
