//! `tally host`: computers whose capacity you sell.

mod change;

use chain::id::ObjectId;
use clap::Subcommand;
use rpc::methods::{HostGet, HostList, HostPools, MarketList, OrderForHost};
use rpc::types::{AttributeView, HostView, Limit, PoolView, SchemaEntryView, SoldView, WindowView};

use crate::args::{AccountArgs, ListArgs, object_id};
use crate::attribute::shown_value;
use crate::commands::order::{self, shown_window};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::{escape, facts, listing, table};
use crate::when;

/// Pools that one answer shows; a network has no more markets than that.
const POOLS_MAX: u16 = 200;

const BIDS_EXAMPLES: &str = "\
Examples:
  tally host bids HOST cpu

What is listed can be served by an ask over the host's pool: the host has what
the bid asks for, and a lot free in every slot. Place it with
  tally order place ask cpu --pool HOST --quantity N --price AMOUNT ...";

/// Computers whose capacity you sell
#[derive(Debug, Subcommand)]
pub(crate) enum HostCommand {
    /// Register a host
    #[command(after_help = change::REGISTER_EXAMPLES)]
    Register(change::RegisterArgs),
    /// Change what is said of a host
    #[command(after_help = change::UPDATE_EXAMPLES)]
    Update(change::UpdateArgs),
    /// Say how many units a host has to sell in a market, in every slot
    #[command(after_help = change::CAPACITY_EXAMPLES)]
    Capacity(change::CapacityArgs),
    /// Say when a host sells nothing more in a market, or take that back
    #[command(after_help = change::BLACKOUT_EXAMPLES)]
    Blackout(change::BlackoutArgs),
    /// End a host and its pools; the deposits return
    Close(change::CloseArgs),
    /// List the hosts of an account, or all there are
    List {
        #[command(flatten)]
        of: AccountArgs,
        /// List everybody's
        #[arg(long, conflicts_with_all = ["account", "key"])]
        all: bool,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show a host, what is said of it, and what it has to sell
    Show {
        /// The host
        #[arg(value_parser = object_id)]
        host: ObjectId,
    },
    /// List the bids of a market that a host can serve
    #[command(after_help = BIDS_EXAMPLES)]
    Bids {
        /// The host
        #[arg(value_parser = object_id)]
        host: ObjectId,
        /// The market's name
        market: String,
        #[command(flatten)]
        list: ListArgs,
    },
}

/// Runs `tally host`.
pub(super) async fn run(context: &Context, command: HostCommand) -> Result<Answer, Failure> {
    match command {
        HostCommand::Register(args) => change::register(context, args).await,
        HostCommand::Update(args) => change::update(context, args).await,
        HostCommand::Capacity(args) => change::capacity(context, args).await,
        HostCommand::Blackout(args) => change::blackout(context, args).await,
        HostCommand::Close(args) => change::close(context, args).await,
        HostCommand::List { of, all, list } => self::list(context, &of, all, list).await,
        HostCommand::Show { host } => show(context, host).await,
        HostCommand::Bids { host, market, list } => bids(context, host, market, list).await,
    }
}

async fn list(
    context: &Context,
    of: &AccountArgs,
    all: bool,
    list: ListArgs,
) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let account = if all { None } else { Some(super::account_or_own(context, &session, of)?) };
    let limit = Limit::new(list.limit).unwrap_or_default();
    let page = session.client.call(HostList { account, cursor: list.cursor, limit }).await?;
    let schema = known(&session).await?;
    let row = |host: &HostView| {
        let said = host.attributes.iter().map(|it| in_short(it, &schema));
        let said: Vec<String> = said.collect();
        let said = if said.is_empty() { "nothing".to_owned() } else { said.join(", ") };
        (vec![host.host.to_string()], vec![format!("owner {}", host.owner), format!("says {said}")])
    };
    let text = listing(&["HOST"], page.items.iter().map(row).collect(), "no hosts");
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

async fn show(context: &Context, host: ObjectId) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let answer = session.client.call(HostGet { host: host.into() }).await?;
    let limit = Limit::new(POOLS_MAX).unwrap_or_default();
    let question = HostPools { host: host.into(), cursor: None, limit };
    let pools = session.client.call(question).await?.items;
    let schema = known(&session).await?;
    let view = &answer.value;
    let mut lines = vec![("host", view.host.to_string()), ("owner", view.owner.to_string())];
    lines.extend(view.endpoint.as_ref().map(|sealed| ("endpoint", format!("sealed, {sealed}"))));
    let text = [facts(&lines), shown_attributes(&view.attributes, &schema), shown_pools(&pools)];
    Ok(Answer::new(&answer, text.join("\n")).with("pools", &pools))
}

async fn bids(
    context: &Context,
    host: ObjectId,
    market: String,
    list: ListArgs,
) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let question = OrderForHost { host: host.into(), market, cursor: list.cursor, limit };
    let page = session.client.call(question).await?;
    let text = order::shown_list(&session, &page.items);
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

/// The schemas of all markets as one: a key means the same in each.
async fn known(session: &Session) -> Result<Vec<SchemaEntryView>, Failure> {
    let markets = session.client.call(MarketList {}).await?.items;
    let mut entries: Vec<SchemaEntryView> =
        markets.into_iter().flat_map(|market| market.attributes).collect();
    entries.sort_by(|one, other| one.key.cmp(&other.key));
    entries.dedup_by(|one, other| one.key == other.key);
    Ok(entries)
}

/// An attribute in one piece: `memory 64 GiB`, or the key alone for a flag.
fn in_short(view: &AttributeView, schema: &[SchemaEntryView]) -> String {
    let key = escape(&view.key);
    match view.value {
        rpc::types::AttributeValueView::Flag => key,
        _ => format!("{key} {}", shown_value(view, schema)),
    }
}

fn shown_attributes(attributes: &[AttributeView], schema: &[SchemaEntryView]) -> String {
    let row = |it: &AttributeView| {
        let until = it.expires.map_or_else(|| "-".to_owned(), when::show);
        let evidence = super::word(&it.evidence).unwrap_or_default();
        vec![escape(&it.key), shown_value(it, schema), evidence, until]
    };
    let headers = ["ATTRIBUTE", "VALUE", "EVIDENCE", "UNTIL"];
    table(&headers, attributes.iter().map(row).collect(), "nothing is said of it\n")
}

fn shown_pools(pools: &[PoolView]) -> String {
    let row = |pool: &PoolView| {
        let sold = |it: &SoldView| format!("sold {}: {}", it.quantity, shown_window(it.window));
        let dark = |it: &WindowView| format!("blackout: {}", shown_window(*it));
        let below = pool.sold.iter().map(sold).chain(pool.blackouts.iter().map(dark)).collect();
        let most = pool.sold.iter().map(|it| it.quantity).max().unwrap_or(0);
        let cells = vec![
            escape(&pool.market_name),
            pool.capacity.to_string(),
            if most == 0 { "nothing".to_owned() } else { format!("up to {most}") },
            pool.asks.to_string(),
        ];
        (cells, below)
    };
    let headers = ["MARKET", "CAPACITY", "SOLD", "OPEN ASKS"];
    listing(&headers, pools.iter().map(row).collect(), "it sells in no market\n")
}
