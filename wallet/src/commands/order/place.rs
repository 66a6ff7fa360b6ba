//! `tally order place`: a bid or an ask.

use chain::conditions::{Conditions, Kind, Share, Split};
use chain::id::ObjectId;
use chain::limits::{SPLIT_MAX, WINDOW_SLOTS_MAX};
use chain::market::MarketId;
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Side, TimeInForce};
use chain::quantity::{Price, Quantity};
use chain::time::{Millis, Time};
use clap::{Args, Subcommand};
use rpc::methods::{MarketGet, OrderGet};
use rpc::types::MarketView;

use super::filters::{FilterArgs, Filters, SellerArgs};
use super::{fate, quote, set_aside, shown_window, window_view};
use crate::args::{AmountText, SignArgs, object_id};
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signer::Signer;
use crate::signing::{Plan, carry_out, made_id};
use crate::text::{escape, grouped};
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
aside; what the match costs less is free at once.";

const ASK_EXAMPLES: &str = "\
Examples:
  tally order place ask cpu --quantity 100 --price 40utly \\
      --from 2026-11-28T00:00Z --to 2026-11-29T00:00Z
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
    /// Trade the whole quantity at once or nothing of it
    #[arg(long, conflicts_with = "min_fill")]
    all_or_none: bool,
    /// Trade so many units at once or nothing
    #[arg(long, value_name = "N")]
    min_fill: Option<u64>,
    /// From how many sellers at most
    #[arg(long, value_name = "N")]
    max_sellers: Option<u16>,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    sellers: SellerArgs,
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
    /// Sell out of the pool of this host of yours; else the ask is its own capacity
    #[arg(long, value_name = "HOST", value_parser = object_id)]
    pool: Option<ObjectId>,
    /// Somebody who gets a part of what you are paid, as ADDRESS:BASIS-POINTS; may be given several times
    #[arg(long = "split", value_name = "ACCOUNT:BPS")]
    splits: Vec<String>,
    #[command(flatten)]
    filters: FilterArgs,
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

    /// What the order says of grade, parties and hosts.
    pub(super) fn filters(
        self,
        context: &Context,
        session: &Session,
        market: &MarketView,
    ) -> Result<Filters, Failure> {
        match self {
            Self::Bid(bid) => {
                Filters::resolve(context, session, market, &bid.filters, Some(&bid.sellers))
            }
            Self::Ask(ask) => Filters::resolve(context, session, market, &ask.filters, None),
        }
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
    #[command(flatten)]
    window: WindowArgs,
    /// How long it stands [default: as long as it can trade]
    #[arg(long, value_name = "TIME", conflicts_with = "ioc")]
    until: Option<When>,
    /// Trade in the block that places it, or not at all (immediate or cancel)
    #[arg(long)]
    ioc: bool,
    /// The seller may take the rest back if it says so this long before; a bid accepts such offers,
    /// with this notice at least, besides firm ones
    #[arg(long, value_name = "NOTICE", value_parser = when::span)]
    interruptible: Option<Millis>,
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
    let filters = terms.filters(context, &session, &market)?;
    let facts = filters.facts(&session, &market);
    let mut place = order_of(&session, &market, terms, filters)?;
    place.conditions.split = split(context, &session, terms)?;
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
    filters: Filters,
) -> Result<OrderPlace, Failure> {
    let common = terms.common();
    let slot = Millis(market.slot_ms);
    let window = common.window.resolve(session.time(), market)?;
    if window.slots(slot).is_none_or(|slots| slots > WINDOW_SLOTS_MAX) {
        return Err(Failure::usage(format!("a window has at most {WINDOW_SLOTS_MAX} slots")));
    }
    // A bid must trade some time before its window; an ask may sell what is left until its end.
    let (side, last) = match terms {
        Terms::Bid(bid) => {
            (Side::Bid(bid_terms(bid)), Time(window.start.0.saturating_sub(market.lead_ms)))
        }
        Terms::Ask(ask) => (Side::Ask(AskTerms { host: ask.pool }), window.end),
    };
    let time_in_force = match (common.ioc, common.until) {
        (true, _) => TimeInForce::ImmediateOrCancel,
        (false, None) => TimeInForce::Until(last),
        (false, Some(until)) => TimeInForce::Until(until.resolve(session.time(), Some(slot))?),
    };
    let (quantity, limit) = (Quantity(common.quantity), session.price(&common.price)?);
    check_steps(session, market, quantity, limit)?;
    let Filters { grade, parties, predicates } = filters;
    let (market, conditions) = (MarketId(market.market), conditions(common));
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
    })
}

/// Refuses what is off the market's steps before it costs a fee.
pub(crate) fn check_steps(
    session: &Session,
    market: &MarketView,
    quantity: Quantity,
    limit: Price,
) -> Result<(), Failure> {
    let unit = escape(&market.unit);
    if !quantity.is_multiple_of(Quantity(market.lot)) || quantity.0 < market.quantity_min {
        let (lot, least) = (market.lot, market.quantity_min);
        let message =
            format!("the quantity is a multiple of {lot} {unit}, {least} {unit} at least");
        return Err(Failure::new(Exit::Usage, "QUANTITY_INVALID", message));
    }
    if limit.0.checked_rem(market.tick.0.0) != Some(0) {
        let tick = session.show_price(market.tick.0);
        let message = format!("the price is a multiple of {tick}");
        return Err(Failure::new(Exit::Usage, "PRICE_INVALID", message));
    }
    Ok(())
}

fn plan(
    session: &Session,
    market: &MarketView,
    order: OrderPlace,
    filters: Vec<(&'static str, String)>,
) -> Result<Plan, Failure> {
    let OrderPlace { side, quantity, window, limit, time_in_force, .. } = order;
    let slots = window.slots(Millis(market.slot_ms)).expect("an order's window is whole slots");
    let unit = escape(&market.unit);
    let price = format!("{} for one {unit} and slot", session.show_price(limit));
    let stands = match time_in_force {
        TimeInForce::ImmediateOrCancel => "for one block (immediate or cancel)".to_owned(),
        TimeInForce::Until(time) => format!("until {}", when::show(time.0)),
    };
    let what = format!("{quantity} {unit} in market {}", escape(&market.name));
    let deposit = session.status.value.deposits.order.0;
    let shown_window = format!("{} ({slots} slots)", shown_window(window_view(window)));
    let (action, mut facts, aside) = match side {
        Side::Bid(_) => {
            let aside = set_aside(limit, quantity, slots)?;
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
    facts.extend(order.conditions.split.iter().map(|share| {
        let account = session.address(share.account).to_string();
        ("split", format!("{} basis points to {}", share.bps, grouped(&account)))
    }));
    if let Kind::Interruptible { notice } = order.conditions.kind {
        let notice = when::show_span(notice.0);
        facts.push(("kind", format!("interruptible, with a notice of {notice}")));
    }
    let operations = vec![Operation::OrderPlace(order)];
    Ok(Plan { operations, action, facts, needed, makes: Some("order") })
}

/// Who gets parts of what an ask earns.
fn split(context: &Context, session: &Session, terms: Terms<'_>) -> Result<Split, Failure> {
    let Terms::Ask(AskTermsArgs { splits, .. }) = terms else { return Ok(Split::default()) };
    let invalid = |message: String| Failure::new(Exit::Usage, "SPLIT_INVALID", message);
    let share = |text: &String| {
        let (account, bps) = text.rsplit_once(':').unwrap_or((text, ""));
        let bps = bps.parse().map_err(|_| {
            invalid(format!("'{}' is not ACCOUNT:BPS, as tallydev1…:2500", escape(text)))
        })?;
        Ok(Share { account: context.account(account, session.network())?, bps })
    };
    let shares = splits.iter().map(share).collect::<Result<Vec<_>, Failure>>()?;
    Split::new(shares).ok_or_else(|| {
        invalid(format!("at most {SPLIT_MAX} accounts, none twice, share no more than 10000"))
    })
}

/// On which conditions an order trades.
fn conditions(terms: &TermsArgs) -> Conditions {
    let kind = terms.interruptible.map_or(Kind::Firm, |notice| Kind::Interruptible { notice });
    Conditions { kind, ..Conditions::default() }
}

fn bid_terms(args: &BidTermsArgs) -> BidTerms {
    let fill = if args.all_or_none {
        FillRule::AllOrNone
    } else {
        FillRule::AtLeast(Quantity(args.min_fill.unwrap_or(0)))
    };
    BidTerms { fill, sellers_max: args.max_sellers }
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
