//! `tally agent`: keys that may do some things for an account, up to a sum and for a time.

use chain::agent::{Scope, Scopes};
use chain::amount::Amount;
use chain::keys::PublicKey;
use chain::operation::Operation;
use clap::{Args, Subcommand, ValueEnum};
use rpc::methods::AgentList;
use rpc::types::{AgentView, Limit};

use crate::args::{AccountArgs, AmountText, ListArgs, SignArgs};
use crate::context::{Context, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::listing;
use crate::when::{self, When};

const GRANT_EXAMPLES: &str = "\
Examples:
  tally agent grant bot --scope trade --scope pay --cap 50TLY --expires +7d
  tally send bob 1TLY --key bot --sender alice

The agent signs for your account with its own key, and pays its fees out of the
cap. No agent touches keys, names, grants or withdrawals. To renew a grant,
revoke it first.";

/// Keys that may do some things for your account
#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// Let a key act for your account
    #[command(after_help = GRANT_EXAMPLES)]
    Grant(GrantArgs),
    /// Take back what was granted to a key
    Revoke {
        /// The key: 64 hexadecimal digits, or the name of a key of your own
        agent: String,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// List what an account granted, and how much of it was used
    List {
        #[command(flatten)]
        of: AccountArgs,
        #[command(flatten)]
        list: ListArgs,
    },
}

/// The arguments of `agent grant`.
#[derive(Debug, Args)]
pub(crate) struct GrantArgs {
    /// The key: 64 hexadecimal digits, or the name of a key of your own
    agent: String,
    /// What it may do; may be given more than once
    #[arg(long = "scope", value_name = "SCOPE", value_enum, required = true)]
    scopes: Vec<ScopeArg>,
    /// The most that it may move or set aside in all, fees included
    #[arg(long, value_name = "AMOUNT")]
    cap: AmountText,
    /// When that ends: a time, or a span from now on
    #[arg(long, value_name = "TIME")]
    expires: When,
    #[command(flatten)]
    sign: SignArgs,
}

/// What an agent may do, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeArg {
    /// Transfer money
    Pay,
    /// Open, capture and release holds
    Hold,
    /// Place and cancel orders
    Trade,
    /// Open and close channels, and bring vouchers
    Channel,
    /// Give back what was paid
    Refund,
    /// Register hosts and say what they have to sell
    Host,
}

impl From<ScopeArg> for Scope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::Pay => Self::Pay,
            ScopeArg::Hold => Self::Hold,
            ScopeArg::Trade => Self::Trade,
            ScopeArg::Channel => Self::Channel,
            ScopeArg::Refund => Self::Refund,
            ScopeArg::Host => Self::Host,
        }
    }
}

/// Runs `tally agent`.
pub(super) async fn run(context: &Context, command: AgentCommand) -> Result<Answer, Failure> {
    match command {
        AgentCommand::Grant(args) => grant(context, args).await,
        AgentCommand::Revoke { agent, sign } => revoke(context, &agent, &sign).await,
        AgentCommand::List { of, list } => self::list(context, &of, list).await,
    }
}

async fn grant(context: &Context, args: GrantArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let key = context.public_key(&args.agent)?;
    let scopes = Scopes::new(args.scopes.into_iter().map(Into::into))
        .ok_or_else(|| Failure::usage("an agent needs a scope"))?;
    let cap = session.amount(&args.cap)?;
    let expires = args.expires.resolve(session.time(), None)?;
    let deposit = session.status.value.deposits.agent.0;
    let names = scopes.iter().map(|scope| format!("{scope:?}").to_lowercase());
    let facts = vec![
        ("agent", agent(&key, &args.agent)),
        ("scopes", names.collect::<Vec<_>>().join(", ")),
        ("cap", format!("{} in all, fees included", session.show(cap))),
        ("until", when::show(expires.0)),
        ("deposit", format!("{} (returned at the end)", session.show(deposit))),
    ];
    let operations = vec![Operation::AgentGrant { key, scopes, cap, expires }];
    let plan =
        Plan { operations, action: "let a key act for you", facts, needed: deposit, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

async fn revoke(context: &Context, named: &str, sign: &SignArgs) -> Result<Answer, Failure> {
    let signer = context.signer(sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let key = context.public_key(named)?;
    let facts = vec![("agent", agent(&key, named))];
    let operations = vec![Operation::AgentRevoke { key }];
    let action = "take a grant back";
    let plan = Plan { operations, action, facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, sign, plan).await
}

async fn list(context: &Context, of: &AccountArgs, list: ListArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let account = super::account_or_own(context, &session, of)?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let page = session.client.call(AgentList { account, cursor: list.cursor, limit }).await?;
    let row = |agent: &AgentView| {
        let scopes = agent.scopes.iter().filter_map(super::word);
        let cells = vec![
            scopes.collect::<Vec<_>>().join(", "),
            session.show(agent.cap.0),
            session.show(agent.spent.0),
            when::show(agent.expires),
        ];
        (cells, vec![format!("key {}", agent.key)])
    };
    let rows = page.items.iter().map(row).collect();
    let text = listing(&["MAY", "CAP", "USED", "EXPIRES"], rows, "no agents");
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

/// The key for a review, and the name by which it was given.
fn agent(key: &PublicKey, named: &str) -> String {
    if named == key.to_string() { named.to_owned() } else { format!("{key} ({named})") }
}
