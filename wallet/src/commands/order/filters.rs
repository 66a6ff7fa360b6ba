//! With whom an order trades, as people write it: grades, parties, and what hosts must be or have.

use chain::limits::{PARTIES_MAX, PREDICATES_MAX};
use chain::market::Grade;
use chain::parties::{Accounts, Parties, Preference};
use chain::predicate::{Predicate, Predicates};
use clap::Args;
use rpc::text::{Address, Text};
use rpc::types::{MarketView, PartiesView, PredicateView};

use crate::attribute::{Required, shown_predicate};
use crate::context::{Context, Session};
use crate::failure::{Exit, Failure};
use crate::text::escape;

/// With whom a bid or an ask trades.
#[derive(Debug, Args)]
#[command(next_help_heading = "With whom")]
pub(crate) struct FilterArgs {
    /// The grade that a bid needs at least, or that an ask offers: its name or its number
    #[arg(long, value_name = "GRADE")]
    grade: Option<String>,
    /// Trade with this account alone: an address or a key of your own; may be given several times
    #[arg(long, value_name = "ACCOUNT")]
    only: Vec<String>,
    /// Do not trade with this account; may be given several times
    #[arg(long, value_name = "ACCOUNT")]
    deny: Vec<String>,
}

/// Which sellers a bid wants.
#[derive(Debug, Args)]
#[command(next_help_heading = "With whom")]
pub(crate) struct SellerArgs {
    /// What the host must be or have, as 'memory>=64' or tee@attested; may be given several times
    #[arg(long, value_name = "TEST")]
    require: Vec<Required>,
    /// Rather trade with this account; may be given several times
    #[arg(long, value_name = "ACCOUNT")]
    prefer: Vec<String>,
    /// How much of a preferred seller's price is overlooked, in basis points [default: 0]
    #[arg(long, value_name = "BPS", requires = "prefer")]
    tolerance: Option<u16>,
}

/// What an order says of those it trades with.
pub(crate) struct Filters {
    pub(crate) grade: Grade,
    pub(crate) parties: Parties,
    pub(crate) predicates: Predicates,
}

impl Filters {
    /// What `args`, and for a bid `sellers`, say in `market`.
    ///
    /// # Errors
    /// [`Failure`] when the market knows no such grade or attribute, or a list is too long.
    pub(crate) fn resolve(
        context: &Context,
        session: &Session,
        market: &MarketView,
        args: &FilterArgs,
        sellers: Option<&SellerArgs>,
    ) -> Result<Self, Failure> {
        let accounts = |named: &[String]| accounts(context, session, named);
        let grade = args.grade.as_deref().map_or(Ok(Grade::BASE), |text| grade(market, text))?;
        let (only, deny) = (accounts(&args.only)?, accounts(&args.deny)?);
        let Some(sellers) = sellers else {
            let parties = Parties { only, deny, prefer: None };
            return Ok(Self { grade, parties, predicates: Predicates::default() });
        };
        let preferred = accounts(&sellers.prefer)?;
        let tolerance = sellers.tolerance.unwrap_or(0);
        let prefer = if preferred.is_empty() {
            None
        } else {
            let below = "the tolerance is below 10000 basis points";
            Some(Preference::new(preferred, tolerance).ok_or_else(|| Failure::usage(below))?)
        };
        let required = sellers.require.iter().map(|it| it.resolve(&market.attributes));
        let required: Vec<Predicate> = required.collect::<Result<_, Failure>>()?;
        let predicates = Predicates::new(required).ok_or_else(|| {
            Failure::usage(format!("a bid asks at most {PREDICATES_MAX} things, each once"))
        })?;
        Ok(Self { grade, parties: Parties { only, deny, prefer }, predicates })
    }

    /// A line for each thing that is said.
    pub(crate) fn facts(
        &self,
        session: &Session,
        market: &MarketView,
    ) -> Vec<(&'static str, String)> {
        let list = |accounts: &Accounts| {
            let addresses = accounts.iter().map(|it| session.address(it));
            shown_accounts(&addresses.collect::<Vec<_>>())
        };
        let mut lines = Vec::new();
        if self.grade > Grade::BASE {
            lines.push(("grade", shown_grade(market, self.grade.0)));
        }
        if !self.predicates.is_empty() {
            let views: Vec<PredicateView> = self.predicates.iter().map(Into::into).collect();
            lines.push(("requires", shown_predicates(&views)));
        }
        lines.extend((!self.parties.only.is_empty()).then(|| ("only", list(&self.parties.only))));
        lines.extend(
            (!self.parties.deny.is_empty()).then(|| ("not with", list(&self.parties.deny))),
        );
        if let Some(preference) = &self.parties.prefer {
            let (who, bps) = (list(preference.accounts()), preference.tolerance_bps());
            lines.push(("rather", format!("{who}; {bps} basis points of their price overlooked")));
        }
        lines
    }
}

/// What an order that stands says of those it trades with, a line for each thing.
pub(crate) fn shown(
    parties: &PartiesView,
    predicates: &[PredicateView],
) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if !predicates.is_empty() {
        lines.push(("requires", shown_predicates(predicates)));
    }
    let lists = [("only", &parties.only), ("not with", &parties.deny)];
    let named = lists.into_iter().filter(|(_, accounts)| !accounts.is_empty());
    lines.extend(named.map(|(name, accounts)| (name, shown_accounts(accounts))));
    if !parties.prefer.is_empty() {
        let (who, bps) = (shown_accounts(&parties.prefer), parties.tolerance_bps);
        lines.push(("rather", format!("{who}; {bps} basis points of their price overlooked")));
    }
    lines
}

fn shown_predicates(predicates: &[PredicateView]) -> String {
    let shown: Vec<String> = predicates.iter().map(shown_predicate).collect();
    shown.join(", ")
}

fn shown_accounts(accounts: &[Text<Address>]) -> String {
    let shown: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    shown.join(", ")
}

fn shown_grade(market: &MarketView, grade: u8) -> String {
    let name = usize::from(grade).checked_sub(1).and_then(|at| market.grades.get(at));
    name.map_or_else(|| grade.to_string(), |name| format!("{} ({grade})", escape(name)))
}

fn grade(market: &MarketView, text: &str) -> Result<Grade, Failure> {
    let by_name = market.grades.iter().position(|name| name == text).map(|at| at + 1);
    let number = by_name.or_else(|| text.parse().ok());
    let known = number.filter(|number| *number <= market.grades.len());
    let grade = known.and_then(|number| u8::try_from(number).ok()).map(Grade);
    grade.ok_or_else(|| {
        let name = escape(&market.name);
        let message = format!("market {name} has no grade '{}'", escape(text));
        let names: Vec<String> = market.grades.iter().map(|name| escape(name)).collect();
        let failure = Failure::new(Exit::Usage, "GRADE_UNKNOWN", message);
        failure.hint(match names.len() {
            0 => "it has none but 0, which everything has".to_owned(),
            _ => format!("it has: {}", names.join(", ")),
        })
    })
}

fn accounts(context: &Context, session: &Session, named: &[String]) -> Result<Accounts, Failure> {
    let accounts = named.iter().map(|text| context.account(text, session.network()));
    Accounts::new(accounts.collect::<Result<_, Failure>>()?).ok_or_else(|| {
        Failure::usage(format!(
            "an order names at most {PARTIES_MAX} accounts in a list, each once"
        ))
    })
}
