//! `tally doctor`: is everything as it should be, and what to do where it is not.

use std::path::Path;

use rpc::methods::NodeStatus;
use serde::Serialize;
use serde_json::json;

use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::files;
use crate::output::Answer;
use crate::settings::network_name;
use crate::text::escape;
use crate::when;

/// The versions of the rules that this wallet knows.
const PROTOCOL_VERSION: u16 = 1;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing is wrong yet.
    Warning,
    /// Something will not work.
    Problem,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
struct Check {
    check: &'static str,
    state: State,
    found: String,
    /// What to do.
    next: Option<String>,
    /// As another command would have failed.
    #[serde(skip)]
    failure: Option<Failure>,
}

impl Check {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), next: None, failure: None }
    }

    fn warning(check: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { state: State::Warning, next: Some(next.into()), ..Self::ok(check, found) }
    }

    fn problem(check: &'static str, failure: Failure) -> Self {
        let (found, next) = (failure.message.clone(), failure.hint.clone());
        Self { state: State::Problem, next, failure: Some(failure), ..Self::ok(check, found) }
    }
}

/// Runs `tally doctor`. Exits as the first problem would, were it met by another command.
pub(super) async fn run(context: &Context) -> Result<Answer, Failure> {
    let mut checks = vec![Check::ok("wallet", format!("version {}", env!("CARGO_PKG_VERSION")))];
    checks.push(home(&context.settings.home));
    checks.extend(keys(context));
    checks.extend(pending(context));
    match context.connect(Trust::Pinned).await {
        Ok(session) => checks.extend(node(context, &session).await),
        Err(failure) => checks.push(Check::problem("node", failure)),
    }
    let text = checks.iter().map(shown).collect::<String>();
    let answer = Answer::new(&json!({ "checks": checks }), text);
    let first = checks.into_iter().find_map(|check| check.failure);
    Ok(match first {
        Some(failure) => answer.with_failure(&failure),
        None => answer,
    })
}

fn shown(check: &Check) -> String {
    let state = match check.state {
        State::Ok => "ok     ",
        State::Warning => "warning",
        State::Problem => "PROBLEM",
    };
    let next = check.next.iter().map(|next| format!("{:19}next: {next}\n", "")).collect::<String>();
    format!("{state}  {:<8}  {}\n{next}", check.check, check.found)
}

fn home(home: &Path) -> Check {
    match files::check_own_folder(home) {
        Err(error) if error.is_missing() => {
            let found = format!("{} is not there yet", home.display());
            Check::warning("home", found, "make a key with 'tally key new NAME'")
        }
        Err(error) => Check::problem("home", error.into()),
        Ok(()) => Check::ok("home", home.display().to_string()),
    }
}

/// The keystore's folder, then every key that does not read.
fn keys(context: &Context) -> Vec<Check> {
    let listed = match context.keystore.list() {
        Ok(listed) => listed,
        Err(error) => return vec![Check::problem("keys", error.into())],
    };
    let (good, bad): (Vec<_>, Vec<_>) = listed.into_iter().partition(|(_, entry)| entry.is_ok());
    let mut checks = vec![match good.len() {
        0 => Check::warning("keys", "none", "make one with 'tally key new NAME'"),
        count => Check::ok("keys", format!("{count} in {}", context.keystore.folder().display())),
    }];
    let errors = bad.into_iter().filter_map(|(_, entry)| entry.err());
    checks.extend(errors.map(|error| Check::problem("keys", error.into())));
    checks
}

fn pending(context: &Context) -> Option<Check> {
    match context.pending.all() {
        Err(error) => Some(Check::problem("pending", error.into())),
        Ok(kept) if kept.is_empty() => None,
        Ok(kept) => {
            let found = format!("{} transactions whose end has not been seen", kept.len());
            Some(Check::warning("pending", found, "see them with 'tally tx pending'"))
        }
    }
}

async fn node(context: &Context, session: &Session) -> Vec<Check> {
    let status = &session.status.value;
    let name = escape(&status.name);
    let chain = format!("{} ({name}), {}", network_name(session.network()), status.chain);
    let mut checks =
        vec![Check::ok("chain", chain), protocol(status.protocol_version), clock(session)];
    checks.push(match session.client.call(NodeStatus {}).await {
        Ok(node) => version(&context.settings.node, &node.value.version),
        Err(error) => Check::problem("node", error.into()),
    });
    checks
}

fn protocol(version: u16) -> Check {
    if version == PROTOCOL_VERSION {
        return Check::ok("protocol", format!("version {version}"));
    }
    let message = format!("the chain has version {version}, this wallet knows {PROTOCOL_VERSION}");
    let failure = Failure::new(Exit::Network, "NODE_INCOMPATIBLE", message);
    Check::problem("protocol", failure.hint("use a wallet of that version"))
}

fn version(url: &str, version: &str) -> Check {
    let own = env!("CARGO_PKG_VERSION");
    let found = format!("{url}, version {}", escape(version));
    if version == own {
        return Check::ok("node", found);
    }
    Check::warning("node", found, format!("this wallet has version {own}; update the older one"))
}

/// The clock of this machine against the time of the last block.
fn clock(session: &Session) -> Check {
    let tip = session.time().0;
    let now = when::now();
    let shown = format!("here {}, last block {}", when::show(now), when::show(tip));
    let apart = now.abs_diff(tip);
    if apart <= when::CLOCK_MS_MAX {
        return Check::ok("clock", format!("{} from the last block", when::show_span(apart)));
    }
    let next = if now < tip {
        "set this machine's clock: it is behind the network's"
    } else {
        "either the network makes no blocks or this machine's clock is ahead: compare with another"
    };
    Check::warning("clock", shown, next)
}
