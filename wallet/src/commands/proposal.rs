//! `tally propose`, `tally approve` and `tally proposal`: what authorities change together.

mod market;
mod network;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chain::amount::Amount;
use chain::id::ObjectId;
use chain::operation::Operation;
use chain::proposal::{Change, Office};
use clap::Subcommand;
use rpc::methods::{AuthorityProposals, MarketList, ProposalGet};
use rpc::types::{ChangeView, Limit, ProposalStageView, ProposalView};

use self::network::{AuthoritiesArgs, ParamsArgs, UpgradeArgs};
use crate::args::{ListArgs, SignArgs, object_id};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, facts, listing};
use crate::transaction_file::translator;
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

const PARAMS_EXAMPLES: &str = "\
Examples:
  tally propose params --set fees.base=0.002TLY --set proposals.delay=2d

Names are those of a genesis file: fees.base, deposits.order, holds.span_max,
contracts.holdback_bps and so on; 'tally propose params --set x=1' lists them.
What is not set stays. Whoever approves is shown what each is and becomes; a
param that changes meanwhile makes the proposal void.";

const AUTHORITY_EXAMPLES: &str = "\
Examples:
  tallyd key offer --account tallydev1... > dave.json      on dave's machine
  tally propose authority --add dave.json --key authority
  tally propose authority --remove tallydev1... --key authority

In one epoch no more can join than a quorum of them all can do without, and one
in any case. A removal names the account, whatever its key is by then.";

const UPGRADE_EXAMPLES: &str = "\
Examples:
  tally propose upgrade --version 2 --height 72000 --key authority
  tally propose upgrade --call-off --key authority

A node that does not know the version stops cleanly before that height.";

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
    /// Params: fees, deposits, spans and shares
    #[command(after_help = PARAMS_EXAMPLES)]
    Params {
        #[command(flatten)]
        params: ParamsArgs,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// Authorities who join or leave with the next epoch
    #[command(after_help = AUTHORITY_EXAMPLES)]
    Authority {
        #[command(flatten)]
        change: AuthoritiesArgs,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// Another cashier
    Cashier {
        /// Who it is to be: an address, or a key's name
        account: String,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// Another account for the treasury
    Treasury {
        /// Which it is to be: an address, or a key's name
        account: String,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// Freeze an account: it is paid, and only ends what it has begun
    Freeze {
        /// The account: an address, or a key's name
        account: String,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// Release a frozen account
    Unfreeze {
        /// The account: an address, or a key's name
        account: String,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// Another version of the rules from a height on
    #[command(after_help = UPGRADE_EXAMPLES)]
    Upgrade {
        #[command(flatten)]
        upgrade: UpgradeArgs,
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
    let (ProposeCommand::Market { sign, .. }
    | ProposeCommand::Params { sign, .. }
    | ProposeCommand::Authority { sign, .. }
    | ProposeCommand::Cashier { sign, .. }
    | ProposeCommand::Treasury { sign, .. }
    | ProposeCommand::Freeze { sign, .. }
    | ProposeCommand::Unfreeze { sign, .. }
    | ProposeCommand::Upgrade { sign, .. }) = &command;
    let signer = context.signer(sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let (change, mut facts) = change(context, &session, &command).await?;
    let deposit = session.status.value.deposits.proposal.0;
    facts.push(("deposit", format!("{} (returned at the end)", session.show(deposit))));
    let operations = vec![Operation::Propose { change }];
    let makes = Some("proposal");
    let plan = Plan { operations, action: "propose a change", facts, needed: deposit, makes };
    carry_out(context, &session, &signer, sign, plan).await
}

/// What `command` asks to change, and the facts for a review.
async fn change(
    context: &Context,
    session: &Session,
    command: &ProposeCommand,
) -> Result<(Change, Vec<(&'static str, String)>), Failure> {
    let account = |text: &str| context.account(text, session.network());
    let change = match command {
        ProposeCommand::Market { file, .. } => return market::change(session, file).await,
        ProposeCommand::Params { params, .. } => network::params(session, params).await?,
        ProposeCommand::Authority { change, .. } => network::authorities(context, session, change)?,
        ProposeCommand::Cashier { account, .. } => {
            network::office(context, session, (Office::Cashier, account))?
        }
        ProposeCommand::Treasury { account, .. } => {
            network::office(context, session, (Office::Treasury, account))?
        }
        ProposeCommand::Freeze { account: text, .. } => Change::Freeze(account(text)?),
        ProposeCommand::Unfreeze { account: text, .. } => Change::Unfreeze(account(text)?),
        ProposeCommand::Upgrade { upgrade, .. } => network::upgrade(upgrade),
    };
    let view = translator(session.network()).change(&change);
    let mut facts = vec![("change", network::title(&view))];
    facts.extend(network::shown(session, &view));
    Ok((change, facts))
}

/// Runs `tally approve`.
pub(super) async fn approve(context: &Context, args: ApproveArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let question = ProposalGet { proposal: args.proposal.into() };
    let mut view = session.client.call(question).await?.value;
    // What is shown is what is signed, whatever else the node says of it.
    let change = &view.bytes.0.0;
    let approved = Operation::Approve { proposal: args.proposal, change: change.digest() };
    view.change = translator(session.network()).change(change);
    let operations = vec![approved];
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
        other => network::title(other),
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
