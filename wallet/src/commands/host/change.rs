//! What the owner of a host does with it.

use std::path::PathBuf;

use chain::amount::Amount;
use chain::attribute::{Attribute, Attributes};
use chain::host::{BlackoutChange, PoolId};
use chain::id::ObjectId;
use chain::limits::ATTRIBUTES_MAX;
use chain::market::MarketId;
use chain::operation::Operation;
use chain::quantity::Quantity;
use chain::sealed::Sealed;
use chain::time::Time;
use chain::word::Word;
use clap::Args;
use rpc::methods::{HostGet, HostPools, MarketGet};
use rpc::types::{Limit, MarketView, PoolView, SchemaEntryView};

use super::{in_short, known};
use crate::args::{SignArgs, object_id};
use crate::attribute::{Said, declared};
use crate::commands::order::{shown_window, window_view};
use crate::commands::sealed_file;
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::escape;
use crate::when::{self, When};
use crate::window::WindowArgs;

pub(super) const REGISTER_EXAMPLES: &str = "\
Examples:
  tally host register --attribute memory=64 --attribute os=linux
  tally host register --attribute tee --expires +90d --endpoint place.age

'tally market show MARKET' says which attributes bids may ask for. What you say
is a declaration: bids that ask for better evidence are not served by it.";

pub(super) const UPDATE_EXAMPLES: &str = "\
Examples:
  tally host update HOST --attribute memory=128
  tally host update HOST --remove tee --remove region

What you do not name stays as it is.";

pub(super) const CAPACITY_EXAMPLES: &str = "\
Examples:
  tally host capacity HOST cpu 32
  tally host capacity HOST cpu 0         sell nothing there any more

Asks over the pool ('tally order place ask --pool HOST') never sell more than
this in a slot, however many there are. It cannot fall below what is sold.";

pub(super) const BLACKOUT_EXAMPLES: &str = "\
Examples:
  tally host blackout HOST cpu --from 2026-11-28T00:00Z --slots 24
  tally host blackout HOST cpu --from +2slots --slots 4 --lift

What was sold before stays sold.";

/// What is said of a host.
#[derive(Debug, Args)]
pub(crate) struct SaidArgs {
    /// What it is or has, as KEY=VALUE, or KEY alone for what is there or not; may be given several times
    #[arg(long = "attribute", value_name = "ATTRIBUTE")]
    attributes: Vec<Said>,
    /// When these attributes end [default: when you say otherwise]
    #[arg(long, value_name = "TIME", requires = "attributes")]
    expires: Option<When>,
    /// A file with the place where it can be reached, encrypted to whoever is to read it
    #[arg(long, value_name = "FILE")]
    endpoint: Option<PathBuf>,
}

/// The arguments of `host register`.
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    #[command(flatten)]
    said: SaidArgs,
    #[command(flatten)]
    sign: SignArgs,
}

/// The arguments of `host update`.
#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    /// The host
    #[arg(value_parser = object_id)]
    host: ObjectId,
    #[command(flatten)]
    said: SaidArgs,
    /// An attribute that is said no more; may be given several times
    #[arg(long = "remove", value_name = "KEY")]
    removed: Vec<String>,
    #[command(flatten)]
    sign: SignArgs,
}

/// The arguments of `host capacity`.
#[derive(Debug, Args)]
pub(crate) struct CapacityArgs {
    /// The host
    #[arg(value_parser = object_id)]
    host: ObjectId,
    /// The market's name
    market: String,
    /// Units in every slot; 0 ends the pool
    #[arg(value_name = "N")]
    capacity: u64,
    #[command(flatten)]
    sign: SignArgs,
}

/// The arguments of `host blackout`.
#[derive(Debug, Args)]
pub(crate) struct BlackoutArgs {
    /// The host
    #[arg(value_parser = object_id)]
    host: ObjectId,
    /// The market's name
    market: String,
    #[command(flatten)]
    window: WindowArgs,
    /// Take it back: sell again in these slots
    #[arg(long)]
    lift: bool,
    #[command(flatten)]
    sign: SignArgs,
}

/// The arguments of `host close`.
#[derive(Debug, Args)]
pub(crate) struct CloseArgs {
    /// The host
    #[arg(value_parser = object_id)]
    host: ObjectId,
    #[command(flatten)]
    sign: SignArgs,
}

pub(super) async fn register(context: &Context, args: RegisterArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let schema = known(&session).await?;
    let attributes = list(args.said.resolve(&session, &schema)?)?;
    let endpoint = args.said.endpoint()?;
    let deposit = session.status.value.deposits.host.0;
    let mut facts = said(&attributes, endpoint.as_ref(), &schema);
    facts.push(("deposit", format!("{} (returned at the end)", session.show(deposit))));
    let operations = vec![Operation::HostRegister { attributes, endpoint }];
    let makes = Some("host");
    let plan = Plan { operations, action: "register a host", facts, needed: deposit, makes };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

pub(super) async fn update(context: &Context, args: UpdateArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let before = session.client.call(HostGet { host: args.host.into() }).await?.value;
    let schema = known(&session).await?;
    let more = args.said.resolve(&session, &schema)?;
    let replaced = |key: &Word| {
        args.removed.iter().any(|it| it == key.as_str()) || more.iter().any(|it| it.key == *key)
    };
    if let Some(key) =
        args.removed.iter().find(|key| before.attributes.iter().all(|it| it.key != **key))
    {
        let message = format!("'{}' is not said of the host", escape(key));
        return Err(Failure::new(Exit::Usage, "ATTRIBUTE_UNKNOWN", message));
    }
    let kept = before.attributes.iter().filter_map(declared).filter(|it| !replaced(&it.key));
    let attributes = list(kept.chain(more.iter().cloned()).collect())?;
    let endpoint = args.said.endpoint()?.or_else(|| before.endpoint.map(|sealed| sealed.0));
    let mut facts = vec![("host", args.host.to_string())];
    facts.extend(said(&attributes, endpoint.as_ref(), &schema));
    let operations = vec![Operation::HostUpdate { host: args.host, attributes, endpoint }];
    let action = "change what is said of a host";
    let plan = Plan { operations, action, facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

pub(super) async fn capacity(context: &Context, args: CapacityArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let market = session.client.call(MarketGet { market: args.market.clone() }).await?.value;
    let capacity = Quantity(args.capacity);
    let unit = escape(&market.unit);
    if !capacity.is_multiple_of(Quantity(market.lot)) {
        let message = format!("the capacity is a multiple of {} {unit}", market.lot);
        return Err(Failure::new(Exit::Usage, "QUANTITY_INVALID", message));
    }
    let before = pool(&session, args.host, &market).await?;
    let mut facts = about(args.host, &market);
    facts.push(("capacity", format!("{capacity} {unit} in every slot")));
    let deposit = match &before {
        Some(pool) => {
            facts.push(("so far", format!("{} {unit}", pool.capacity)));
            Amount::ZERO
        }
        None => session.status.value.deposits.pool.0,
    };
    if !deposit.is_zero() {
        facts.push(("deposit", format!("{} (returned at the end)", session.show(deposit))));
    }
    let pool = PoolId { host: args.host, market: MarketId(market.market) };
    let operations = vec![Operation::PoolSet { pool, capacity }];
    let action = if capacity.is_zero() { "end a pool" } else { "set the capacity of a pool" };
    let plan = Plan { operations, action, facts, needed: deposit, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

pub(super) async fn blackout(context: &Context, args: BlackoutArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let market = session.client.call(MarketGet { market: args.market.clone() }).await?.value;
    let window = args.window.resolve(session.time(), &market)?;
    let mut facts = about(args.host, &market);
    facts.push(("window", shown_window(window_view(window))));
    let pool = PoolId { host: args.host, market: MarketId(market.market) };
    let (change, action) = if args.lift {
        (BlackoutChange::Lift, "lift a blackout")
    } else {
        (BlackoutChange::Begin, "begin a blackout")
    };
    let operations = vec![Operation::PoolBlackout { pool, window, change }];
    let plan = Plan { operations, action, facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

pub(super) async fn close(context: &Context, args: CloseArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let facts = vec![("host", args.host.to_string())];
    let operations = vec![Operation::HostClose { host: args.host }];
    let plan =
        Plan { operations, action: "close a host", facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

impl SaidArgs {
    fn resolve(
        &self,
        session: &Session,
        schema: &[SchemaEntryView],
    ) -> Result<Vec<Attribute>, Failure> {
        let expires: Option<Time> =
            self.expires.map(|expires| expires.resolve(session.time(), None)).transpose()?;
        self.attributes.iter().map(|said| said.resolve(schema, expires)).collect()
    }

    fn endpoint(&self) -> Result<Option<Sealed>, Failure> {
        self.endpoint.as_deref().map(sealed_file).transpose()
    }
}

/// The pool of a host in a market, if it has one there.
async fn pool(
    session: &Session,
    host: ObjectId,
    market: &MarketView,
) -> Result<Option<PoolView>, Failure> {
    let limit = Limit::new(super::POOLS_MAX).unwrap_or_default();
    let pools = session.client.call(HostPools { host: host.into(), cursor: None, limit }).await?;
    Ok(pools.items.into_iter().find(|pool| pool.market == market.market))
}

fn about(host: ObjectId, market: &MarketView) -> Vec<(&'static str, String)> {
    vec![("host", host.to_string()), ("market", escape(&market.name))]
}

fn list(attributes: Vec<Attribute>) -> Result<Attributes, Failure> {
    Attributes::new(attributes).ok_or_else(|| {
        let message = format!("a host has at most {ATTRIBUTES_MAX} attributes, each key once");
        Failure::new(Exit::Usage, "ATTRIBUTES_INVALID", message)
    })
}

/// What will be said of a host, a line for each attribute.
fn said(
    attributes: &Attributes,
    endpoint: Option<&Sealed>,
    schema: &[SchemaEntryView],
) -> Vec<(&'static str, String)> {
    let line = |attribute: &Attribute| {
        let until = attribute.expires.map(|it| format!(", until {}", when::show(it.0)));
        let text = in_short(&attribute.into(), schema);
        ("attribute", text + until.as_deref().unwrap_or_default())
    };
    let mut lines: Vec<(&'static str, String)> = attributes.iter().map(line).collect();
    if lines.is_empty() {
        lines.push(("attributes", "none".to_owned()));
    }
    lines.extend(endpoint.map(|it| ("endpoint", format!("sealed, {} bytes", it.as_bytes().len()))));
    lines
}
