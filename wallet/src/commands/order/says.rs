//! What a bid or an ask says besides how much, when and at which price, as people write it.

use chain::account::AccountId;
use chain::conditions::{Conditions, Kind, Share, Split};
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::limits::SPLIT_MAX;
use chain::order::{AskTerms, BidTerms, FillRule, Side};
use chain::quantity::Quantity;
use chain::time::Millis;
use clap::Args;
use rpc::text::{Address, Text};
use rpc::types::MarketView;

use super::filters::{FilterArgs, Filters, SellerArgs};
use crate::args::{hash, object_id};
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

/// Who uses what a bid buys.
#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    /// Who uses what you pay for, and acts in the contract besides you: an address, or a key of your own
    #[arg(long, value_name = "ACCOUNT")]
    user: Option<String>,
}

impl UserArgs {
    /// Who it is, if anybody.
    ///
    /// # Errors
    /// [`Failure`] when it is no account.
    pub(crate) fn user(
        &self,
        context: &Context,
        session: &Session,
    ) -> Result<Option<AccountId>, Failure> {
        named(context, session, self.user.as_deref())
    }
}

/// Who brought a deal.
#[derive(Debug, Args)]
pub(crate) struct BrokerArgs {
    /// Who brought you here, and gets a share of the commission: an address, or a key of your own
    #[arg(long, value_name = "ACCOUNT")]
    broker: Option<String>,
}

impl BrokerArgs {
    /// Who it is, if anybody.
    ///
    /// # Errors
    /// [`Failure`] when it is no account.
    pub(crate) fn broker(
        &self,
        context: &Context,
        session: &Session,
    ) -> Result<Option<AccountId>, Failure> {
        named(context, session, self.broker.as_deref())
    }
}

/// What a bid says.
#[derive(Debug, Args)]
pub(crate) struct BidSays {
    #[command(flatten)]
    fill: FillArgs,
    #[command(flatten)]
    user: UserArgs,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    sellers: SellerArgs,
}

/// What an ask says.
#[derive(Debug, Args)]
pub(crate) struct AskSays {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    filters: FilterArgs,
}

/// What an order says, by its side.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says<'a> {
    /// A bid.
    Bid(&'a BidSays),
    /// An ask.
    Ask(&'a AskSays),
}

impl Says<'_> {
    /// The side.
    pub(crate) fn side(self) -> Side {
        match self {
            Self::Bid(bid) => Side::Bid(bid.fill.terms()),
            Self::Ask(ask) => Side::Ask(ask.source.terms()),
        }
    }

    /// With whom it trades, as `market` knows them.
    ///
    /// # Errors
    /// [`Failure`] when the market knows no such grade or attribute, or a list is too long.
    pub(crate) fn filters(
        self,
        context: &Context,
        session: &Session,
        market: &MarketView,
    ) -> Result<Filters, Failure> {
        let (filters, sellers) = match self {
            Self::Bid(bid) => (&bid.filters, Some(&bid.sellers)),
            Self::Ask(ask) => (&ask.filters, None),
        };
        Filters::resolve(context, session, market, filters, sellers)
    }

    /// On which conditions it trades, with those that both sides have in `common`.
    ///
    /// # Errors
    /// [`Failure`] when somebody who is named is no account, or a split is none.
    pub(crate) fn conditions(
        self,
        context: &Context,
        session: &Session,
        common: &ConditionArgs,
    ) -> Result<Conditions, Failure> {
        let conditions = common.conditions(context, session)?;
        Ok(match self {
            Self::Bid(bid) => Conditions { user: bid.user.user(context, session)?, ..conditions },
            Self::Ask(ask) => {
                Conditions { split: ask.source.split(context, session)?, ..conditions }
            }
        })
    }
}

/// What both sides may say of how a deal is carried out.
#[derive(Debug, Args)]
pub(crate) struct ConditionArgs {
    /// The seller may take the rest back if it says so this long before; a bid accepts such offers,
    /// with this notice at least, besides firm ones
    #[arg(long, value_name = "NOTICE", value_parser = when::span)]
    interruptible: Option<Millis>,
    /// The SHA-256 digest of a text that buyers agree to, or that you agree to as a buyer
    #[arg(long, value_name = "DIGEST", value_parser = hash)]
    agreement: Option<Hash>,
    #[command(flatten)]
    broker: BrokerArgs,
}

impl ConditionArgs {
    /// What they say.
    ///
    /// # Errors
    /// [`Failure`] when the broker is no account.
    pub(crate) fn conditions(
        &self,
        context: &Context,
        session: &Session,
    ) -> Result<Conditions, Failure> {
        let kind = self.interruptible.map_or(Kind::Firm, |notice| Kind::Interruptible { notice });
        let broker = self.broker.broker(context, session)?;
        Ok(Conditions { kind, agreement: self.agreement, broker, ..Conditions::default() })
    }
}

fn named(
    context: &Context,
    session: &Session,
    text: Option<&str>,
) -> Result<Option<AccountId>, Failure> {
    text.map(|text| context.account(text, session.network())).transpose()
}

/// Refuses what names the account that would sign it: that would only cost a fee.
///
/// # Errors
/// [`Failure`] when it is its own broker, user or part of its split.
pub(crate) fn check(conditions: &Conditions, signer: AccountId) -> Result<(), Failure> {
    let Conditions { broker, user, split, .. } = conditions;
    let shares = split.iter().map(|share| ("--split", share.account));
    let named = broker.map(|it| ("--broker", it)).into_iter();
    let named = named.chain(user.map(|it| ("--user", it))).chain(shares);
    match named.into_iter().find(|(_, account)| *account == signer) {
        Some((flag, _)) => {
            let message = format!("{flag} names somebody else than the account that signs");
            Err(Failure::new(Exit::Usage, "RECIPIENT_IS_SENDER", message))
        }
        None => Ok(()),
    }
}

/// A line for each thing that the conditions say.
pub(crate) fn shown(session: &Session, conditions: &Conditions) -> Vec<(&'static str, String)> {
    let address = |account| session.address(account);
    let share = |share: Share| {
        let account = grouped(&address(share.account).to_string());
        ("split", format!("{} basis points to {account}", share.bps))
    };
    let mut facts: Vec<_> = conditions.split.iter().map(share).collect();
    if let Kind::Interruptible { notice } = conditions.kind {
        let notice = when::show_span(notice.0);
        facts.push(("kind", format!("interruptible, with a notice of {notice}")));
    }
    let Conditions { agreement, broker, user, .. } = conditions;
    facts.extend(people(*agreement, broker.map(address), user.map(address)));
    facts
}

/// A line for the agreement, the broker and the user, where there are some.
pub(crate) fn people(
    agreement: Option<Hash>,
    broker: Option<Text<Address>>,
    user: Option<Text<Address>>,
) -> impl Iterator<Item = (&'static str, String)> {
    let agreement = agreement.map(|digest| ("agreement", digest.to_string()));
    let broker = broker.map(|address| ("broker", grouped(&address.to_string())));
    let user = user.map(|address| ("user", grouped(&address.to_string())));
    [agreement, broker, user].into_iter().flatten()
}
