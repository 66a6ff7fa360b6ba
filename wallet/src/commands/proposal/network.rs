//! Changes of the network itself: what people write of them, and what they are shown before they sign.

use std::path::PathBuf;

use chain::height::Height;
use chain::param::{Param, ParamChange, ParamUnit, ParamsChange};
use chain::params::{Params, Upgrade};
use chain::proposal::{AuthoritiesChange, Change, Office};
use chain::state::{Key, Object};
use chain::time::Millis;
use clap::Args;
use rpc::canonical::Canonical;
use rpc::methods::ChainGetProof;
use rpc::text::Text;
use rpc::types::{ChangeView, OfficeView, ParamChangeView, ParamUnitView};

use crate::args::AmountText;
use crate::commands::authority::Offer;
use crate::context::{Context, Session};
use crate::failure::Failure;
use crate::text::escape;
use crate::when;

/// The arguments of `tally propose params`.
#[derive(Debug, Args)]
pub(crate) struct ParamsArgs {
    /// What a param is to become, by the name that a genesis file gives it
    #[arg(long = "set", value_name = "NAME=VALUE", required = true)]
    set: Vec<String>,
}

/// The arguments of `tally propose authority`.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct AuthoritiesArgs {
    /// Who joins: the file that 'tallyd key offer' wrote on its machine
    #[arg(long, value_name = "FILE")]
    add: Vec<PathBuf>,
    /// Who leaves: the account of an authority
    #[arg(long, value_name = "ACCOUNT")]
    remove: Vec<String>,
}

/// The arguments of `tally propose upgrade`.
#[derive(Debug, Args)]
pub(crate) struct UpgradeArgs {
    /// The version of the rules that follows the present one
    #[arg(long, value_name = "N", requires = "height", required_unless_present = "call_off")]
    version: Option<u16>,
    /// The first block that follows them: the first of an epoch
    #[arg(long, value_name = "HEIGHT", requires = "version")]
    height: Option<u64>,
    /// Call off the version that was to follow
    #[arg(long, conflicts_with_all = ["version", "height"])]
    call_off: bool,
}

/// Other numbers for some params.
pub(super) async fn params(session: &Session, args: &ParamsArgs) -> Result<Change, Failure> {
    let now = present(session).await?;
    let changes: Result<Vec<ParamChange>, Failure> =
        args.set.iter().map(|text| param(session, &now, text)).collect();
    let change = ParamsChange::new(changes?);
    change.map(Change::Params).ok_or_else(|| Failure::usage("the same param is set twice"))
}

/// The params as the node has them. What it says wrongly of them is refused by the rules.
async fn present(session: &Session) -> Result<Params, Failure> {
    let question = ChainGetProof { key: Text(Canonical(Key::Params)) };
    let answer = session.client.call(question).await?;
    match answer.value.object.map(|object| object.0.0) {
        Some(Object::Params(params)) => Ok(*params),
        _ => Err(Failure::usage("the node does not say what the params are")),
    }
}

fn param(session: &Session, now: &Params, text: &str) -> Result<ParamChange, Failure> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(Failure::usage("write --set NAME=VALUE, as fees.base=0.002TLY"));
    };
    let Some(param) = Param::named(name) else {
        let names: Vec<&str> = Param::ALL.into_iter().map(Param::name).collect();
        let failure = Failure::usage(format!("no param is called '{}'", escape(name)));
        return Err(failure.hint(format!("params are {}", names.join(", "))));
    };
    let value = number(session, param.unit(), value)
        .map_err(|reason| Failure::usage(format!("{name}: {reason}")))?;
    Ok(ParamChange { param, before: now.value(param), value })
}

fn number(session: &Session, unit: ParamUnit, text: &str) -> Result<u128, String> {
    match unit {
        ParamUnit::Amount => {
            let AmountText(text) = text.parse().map_err(|reason: &str| reason.to_owned())?;
            let amount = session.token.parse(&text).map_err(|error| error.to_string())?;
            Ok(amount.base_units())
        }
        ParamUnit::Millis if text == "0s" => Ok(0),
        ParamUnit::Millis => {
            let Millis(span) = when::span(text).map_err(|error| error.to_string())?;
            Ok(span.into())
        }
        ParamUnit::Bps | ParamUnit::Blocks => {
            text.parse().map_err(|_| "write a whole number".to_owned())
        }
    }
}

/// Others who vote from the next epoch on.
pub(super) fn authorities(
    context: &Context,
    session: &Session,
    args: &AuthoritiesArgs,
) -> Result<Change, Failure> {
    let add: Result<Vec<_>, Failure> =
        args.add.iter().map(|path| Offer::read(path)?.admission(session)).collect();
    let account = |text: &String| context.account(text, session.network());
    let remove: Result<Vec<_>, Failure> = args.remove.iter().map(account).collect();
    let change = AuthoritiesChange::new(add?, remove?);
    let twice = || Failure::usage("the same key or account is named twice");
    change.map(Change::Authorities).ok_or_else(twice)
}

/// Somebody else in an office.
pub(super) fn office(
    context: &Context,
    session: &Session,
    (office, account): (Office, &str),
) -> Result<Change, Failure> {
    Ok(Change::Appoint { office, account: context.account(account, session.network())? })
}

/// Other rules from a height on.
pub(super) fn upgrade(args: &UpgradeArgs) -> Change {
    let upgrade = args.version.zip(args.height).filter(|_| !args.call_off);
    let upgrade = upgrade.map(|(version, height)| Upgrade { version, height: Height(height) });
    Change::Upgrade(upgrade)
}

/// What a proposal is about, in a few words.
pub(super) fn title(change: &ChangeView) -> String {
    let title = match change {
        ChangeView::Params { changes } => {
            let names: Vec<String> = changes.iter().map(|change| escape(&change.param)).collect();
            return format!("set {}", names.join(", "));
        }
        ChangeView::Authorities { add, remove } => {
            return format!("authorities: {} join, {} leave", add.len(), remove.len());
        }
        ChangeView::Appoint { office: OfficeView::Cashier, .. } => "another cashier",
        ChangeView::Appoint { office: OfficeView::Treasury, .. } => "another treasury",
        ChangeView::Freeze { .. } => "freeze an account",
        ChangeView::Unfreeze { .. } => "release a frozen account",
        ChangeView::Upgrade { upgrade: Some(_) } => "other rules from a height on",
        ChangeView::Upgrade { upgrade: None } => "call off the rules that were to follow",
        ChangeView::MarketAdd { .. } | ChangeView::MarketSet { .. } => "a market",
    };
    title.to_owned()
}

/// What a change makes of the network, one fact a line: of each param, what it is and what it becomes.
pub(super) fn shown(session: &Session, change: &ChangeView) -> Vec<(&'static str, String)> {
    match change {
        ChangeView::Params { changes } => changes.iter().map(|it| becomes(session, it)).collect(),
        ChangeView::Authorities { add, remove } => {
            let leaves = remove.iter().map(|account| ("leaves", account.to_string()));
            let joins = add.iter().flat_map(|admission| {
                let address = admission.address.map_or_else(
                    || "not said: every node's config must name it".to_owned(),
                    |address| address.to_string(),
                );
                [
                    ("joins", admission.account.to_string()),
                    ("its key", admission.key.to_string()),
                    ("its node", address),
                ]
            });
            leaves.chain(joins).chain([("when", "from the next epoch on".to_owned())]).collect()
        }
        ChangeView::Appoint { account, .. } => vec![("to be", account.to_string())],
        ChangeView::Freeze { account } => vec![
            ("account", account.to_string()),
            ("then", "it is paid, and only ends what it has begun".to_owned()),
        ],
        ChangeView::Unfreeze { account } => vec![("account", account.to_string())],
        ChangeView::Upgrade { upgrade: Some(upgrade) } => vec![
            ("version", upgrade.version.to_string()),
            ("from height", upgrade.height.to_string()),
            ("nodes", "a node that does not know the version stops before that height".to_owned()),
        ],
        ChangeView::Upgrade { upgrade: None }
        | ChangeView::MarketAdd { .. }
        | ChangeView::MarketSet { .. } => Vec::new(),
    }
}

fn becomes(session: &Session, change: &ParamChangeView) -> (&'static str, String) {
    let name = Param::named(&change.param).map_or("unknown param", Param::name);
    let show = |number: u128| written(session, change.unit, number);
    (name, format!("{} -> {}", show(change.before.0.0), show(change.value.0.0)))
}

fn written(session: &Session, unit: ParamUnitView, number: u128) -> String {
    let amount = || chain::amount::Amount::new(number).map(|amount| session.show(amount));
    let span = || u64::try_from(number).ok().map(when::show_span);
    let written = match unit {
        ParamUnitView::Amount => amount(),
        ParamUnitView::Millis => span(),
        ParamUnitView::Bps => Some(format!("{number} basis points")),
        ParamUnitView::Blocks => Some(format!("{number} blocks")),
    };
    written.unwrap_or_else(|| number.to_string())
}
