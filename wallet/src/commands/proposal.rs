//! `tally propose`, `tally approve` and `tally proposal`: what authorities change together.

mod market;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::operation::Operation;
use clap::Subcommand;
use rpc::methods::{AuthorityProposals, MarketList, ProposalGet};
use rpc::types::{ChangeView, Limit, ProposalStageView, ProposalView};

use crate::args::{ListArgs, SignArgs, object_id};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, facts, listing};
use crate::when;

const MARKET_EXAMPLES: &str = "\
Examples:
  tally propose market --file ram.toml --key authority

A market that is not there yet is added:
  name = \"ram\"            # small letters, digits and '-'
  unit = \"GiB\"
  slot = \"1h\"
  lot = 1                 # quantities are multiples of this
  tick = \"1utly\"          # prices are multiples of this
  quantity_min = 1        # the smallest order
  horizon = \"31d\"         # how far ahead a window may end, in whole slots
  lead = \"0s\"             # how long before its window a bid must trade
  k_bps = 5000            # 0: the ask's price, 10000: the bid's
  grades = []             # names above the grade that everything has

Of a market that is there, quantity_min, horizon, lead and k_bps may change, and
its status: with status = \"closed\" it takes no orders any more, those it has
end, and contracts go on.";

/// Propose a change to the other authorities
#[derive(Debug, Subcommand)]
pub(crate) enum ProposeCommand {
    /// A market from a file: another one, or other terms of one that is there
    #[command(after_help = MARKET_EXAMPLES)]
    Market {
        /// A file that says what the market is to be
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        sign: SignArgs,
    },
}

/// What authorities are to agree on
#[derive(Debug, Subcommand)]
pub(crate) enum ProposalCommand {
    /// List the proposals that are not over
    List {
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show a proposal, also after its end
    Show {
        /// The proposal
        #[arg(value_parser = object_id)]
        proposal: ObjectId,
    },
}

/// The arguments of `tally approve`.
#[derive(Debug, clap::Args)]
pub(crate) struct ApproveArgs {
    /// The proposal
    #[arg(value_parser = object_id)]
    proposal: ObjectId,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally propose`.
pub(super) async fn propose(context: &Context, command: ProposeCommand) -> Result<Answer, Failure> {
    let ProposeCommand::Market { file, sign } = command;
    let signer = context.signer(&sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let (change, mut facts) = market::change(&session, &file).await?;
    let deposit = session.status.value.deposits.proposal.0;
    facts.push(("deposit", format!("{} (returned at the end)", session.show(deposit))));
    let operations = vec![Operation::Propose { change }];
    let makes = Some("proposal");
    let plan = Plan { operations, action: "propose a market", facts, needed: deposit, makes };
    carry_out(context, &session, &signer, &sign, plan).await
}

/// Runs `tally approve`.
pub(super) async fn approve(context: &Context, args: ApproveArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let question = ProposalGet { proposal: args.proposal.into() };
    let view = session.client.call(question).await?.value;
    let operations = vec![Operation::Approve { proposal: args.proposal }];
    let facts = shown(&session, &names(&session).await?, &view);
    let plan =
        Plan { operations, action: "approve a proposal", facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

/// Runs `tally proposal`.
pub(super) async fn run(context: &Context, command: ProposalCommand) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    match command {
        ProposalCommand::List { list } => self::list(&session, list).await,
        ProposalCommand::Show { proposal } => {
            let question = ProposalGet { proposal: proposal.into() };
            let answer = session.client.call(question).await?;
            let lines = shown(&session, &names(&session).await?, &answer.value);
            Ok(Answer::new(&answer, facts(&lines)))
        }
    }
}

async fn list(session: &Session, list: ListArgs) -> Result<Answer, Failure> {
    let limit = Limit::new(list.limit).unwrap_or_default();
    let page = session.client.call(AuthorityProposals { cursor: list.cursor, limit }).await?;
    let names = names(session).await?;
    let row = |it: &ProposalView| {
        let cells =
            vec![title(&names, &it.change), it.approvals.len().to_string(), stage(&it.stage)];
        (cells, vec![format!("proposal {}", it.proposal)])
    };
    let rows = page.items.iter().map(row).collect();
    let text = listing(&["CHANGE", "APPROVALS", "STAGE"], rows, "no proposals");
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

/// What each market is called, by number.
async fn names(session: &Session) -> Result<BTreeMap<u32, String>, Failure> {
    let markets = session.client.call(MarketList {}).await?.items;
    Ok(markets.into_iter().map(|market| (market.market, market.name)).collect())
}

fn shown(
    session: &Session,
    names: &BTreeMap<u32, String>,
    view: &ProposalView,
) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("proposal", view.proposal.to_string()),
        ("by", view.proposer.to_string()),
        ("change", title(names, &view.change)),
    ];
    facts.extend(market::shown(session, &view.change));
    let approvals: Vec<String> = view.approvals.iter().map(ToString::to_string).collect();
    facts.push(("approved by", approvals.join(", ")));
    facts.push(("stage", stage(&view.stage)));
    facts
}

fn title(names: &BTreeMap<u32, String>, change: &ChangeView) -> String {
    match change {
        ChangeView::MarketAdd { market } => format!("add market {}", escape(&market.name)),
        ChangeView::MarketSet { market, .. } => {
            let name = names.get(market).map_or_else(|| market.to_string(), |name| escape(name));
            format!("other terms for market {name}")
        }
    }
}

fn stage(stage: &ProposalStageView) -> String {
    match stage {
        ProposalStageView::Open { until } => format!("open until {}", when::show(*until)),
        ProposalStageView::Approved { enacts } => {
            format!("approved, takes effect at {}", when::show(*enacts))
        }
        ProposalStageView::Closing => "in effect, the market's orders end".to_owned(),
        ProposalStageView::Ended { reason } => {
            format!("ended ({})", super::word(reason).unwrap_or_default())
        }
    }
}
