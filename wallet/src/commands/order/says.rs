//! What a bid or an ask says besides how much, when and at which price, as people write it.

use chain::conditions::{Conditions, Kind, Share, Split};
use chain::id::ObjectId;
use chain::limits::SPLIT_MAX;
use chain::order::{AskTerms, BidTerms, FillRule};
use chain::quantity::Quantity;
use chain::time::Millis;
use clap::Args;

use crate::args::object_id;
use crate::context::{Context, Session};
use crate::failure::{Exit, Failure};
use crate::text::{escape, grouped};
use crate::when;

/// How much of a bid must trade, and from how many sellers.
#[derive(Debug, Args)]
pub(crate) struct FillArgs {
    /// Trade the whole quantity at once or nothing of it
    #[arg(long, conflicts_with = "min_fill")]
    all_or_none: bool,
    /// Trade so many units at once or nothing
    #[arg(long, value_name = "N")]
    min_fill: Option<u64>,
    /// From how many sellers at most
    #[arg(long, value_name = "N")]
    max_sellers: Option<u16>,
}

impl FillArgs {
    /// A bid that says so.
    pub(crate) fn terms(&self) -> BidTerms {
        let fill = if self.all_or_none {
            FillRule::AllOrNone
        } else {
            FillRule::AtLeast(Quantity(self.min_fill.unwrap_or(0)))
        };
        BidTerms { fill, sellers_max: self.max_sellers }
    }
}

/// What an ask sells out of, and who is paid.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Sell out of the pool of this host of yours; else the ask is its own capacity
    #[arg(long, value_name = "HOST", value_parser = object_id)]
    pool: Option<ObjectId>,
    /// Somebody who gets a part of what you are paid, as ADDRESS:BASIS-POINTS; may be given several times
    #[arg(long = "split", value_name = "ACCOUNT:BPS")]
    splits: Vec<String>,
}

impl SourceArgs {
    /// An ask that says so.
    pub(crate) const fn terms(&self) -> AskTerms {
        AskTerms { host: self.pool }
    }

    /// Who gets parts of what the ask earns.
    ///
    /// # Errors
    /// [`Failure`] when one is no account or no part, or together they are too many or too much.
    pub(crate) fn split(&self, context: &Context, session: &Session) -> Result<Split, Failure> {
        let invalid = |message: String| Failure::new(Exit::Usage, "SPLIT_INVALID", message);
        let share = |text: &String| {
            let (account, bps) = text.rsplit_once(':').unwrap_or((text, ""));
            let bps = bps.parse().map_err(|_| {
                invalid(format!("'{}' is not ACCOUNT:BPS, as tallydev1…:2500", escape(text)))
            })?;
            Ok(Share { account: context.account(account, session.network())?, bps })
        };
        let shares = self.splits.iter().map(share).collect::<Result<Vec<_>, Failure>>()?;
        Split::new(shares).ok_or_else(|| {
            invalid(format!("at most {SPLIT_MAX} accounts, none twice, share no more than 10000"))
        })
    }
}

/// Whether the seller may take capacity back.
#[derive(Debug, Args)]
pub(crate) struct KindArgs {
    /// The seller may take the rest back if it says so this long before; a bid accepts such offers,
    /// with this notice at least, besides firm ones
    #[arg(long, value_name = "NOTICE", value_parser = when::span)]
    interruptible: Option<Millis>,
}

impl KindArgs {
    /// The kind of capacity.
    pub(crate) fn kind(&self) -> Kind {
        self.interruptible.map_or(Kind::Firm, |notice| Kind::Interruptible { notice })
    }
}

/// A line for each thing that the conditions say.
pub(crate) fn shown(session: &Session, conditions: &Conditions) -> Vec<(&'static str, String)> {
    let share = |share: Share| {
        let account = session.address(share.account).to_string();
        ("split", format!("{} basis points to {}", share.bps, grouped(&account)))
    };
    let mut facts: Vec<_> = conditions.split.iter().map(share).collect();
    if let Kind::Interruptible { notice } = conditions.kind {
        let notice = when::show_span(notice.0);
        facts.push(("kind", format!("interruptible, with a notice of {notice}")));
    }
    facts
}
