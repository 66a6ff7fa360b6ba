//! `tally contract`: matched deals.

mod act;
mod resell;
mod show;
mod timeline;
mod turn;

use chain::id::ObjectId;
use clap::{Subcommand, ValueEnum};
use rpc::methods::{ContractGet, ContractList, ContractListHistory};
use rpc::types::{ContractView, Limit, PartyView};

use crate::args::{AccountArgs, ListArgs, object_id};
use crate::commands::life::{self, LifeArgs};
use crate::commands::order::shown_length;
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::keystore::KeyName;
use crate::output::Answer;
use crate::text::{escape, listing};
use crate::when;

/// Matched deals
#[derive(Debug, Subcommand)]
pub(crate) enum ContractCommand {
    /// List the open contracts in which an account buys or sells
    List {
        #[command(flatten)]
        of: AccountArgs,
        /// Only those of this market
        #[arg(long, value_name = "NAME")]
        market: Option<String>,
        /// Only those in which it has this part: buyer or seller
        #[arg(long = "as", value_name = "PART", value_enum, hide_possible_values = true)]
        part: Option<Part>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show what happened in a contract, who acts next and until when
    Show {
        /// The contract
        #[arg(value_parser = object_id)]
        contract: ObjectId,
        /// The key whose account is you
        #[arg(long, value_name = "NAME")]
        key: Option<KeyName>,
    },
    /// List what happened to a contract, the first first
    History(LifeArgs),
    /// As the buyer, offer to pass on a contract that has not begun
    #[command(after_help = resell::EXAMPLES)]
    Resell(resell::ResellArgs),
    #[command(flatten)]
    Act(act::Act),
}

/// A part in a contract.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Part {
    Buyer,
    Seller,
}

/// Runs `tally contract`.
pub(super) async fn run(context: &Context, command: ContractCommand) -> Result<Answer, Failure> {
    match command {
        ContractCommand::History(args) => history(context, args).await,
        ContractCommand::Act(act) => act::run(context, act).await,
        ContractCommand::Resell(args) => resell::run(context, args).await,
        ContractCommand::List { of, market, part, list } => {
            let session = context.connect(Trust::Pinned).await?;
            let role = part.map(|part| match part {
                Part::Buyer => PartyView::Buyer,
                Part::Seller => PartyView::Seller,
            });
            self::list(context, &session, &of, (market, role), list).await
        }
        ContractCommand::Show { contract, key } => show::run(context, contract, key.as_ref()).await,
    }
}

async fn history(context: &Context, args: LifeArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let (contract, limit) = (args.object.into(), Limit::new(args.list.limit).unwrap_or_default());
    let deal = session.client.call(ContractGet { contract }).await?.value;
    let own = context.own_key(None).is_ok_and(|key| key.account() == deal.seller.0.account);
    let teller = if own { deal.seller } else { deal.buyer };
    let question = ContractListHistory { contract, cursor: args.list.cursor, limit };
    let page = session.client.call(question).await?;
    Ok(life::answer(&session, teller.0.account, &page))
}

async fn list(
    context: &Context,
    session: &Session,
    of: &AccountArgs,
    of_these: (Option<String>, Option<PartyView>),
    list: ListArgs,
) -> Result<Answer, Failure> {
    let account = super::account_or_own(context, session, of)?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let (market, role) = of_these;
    let cursor = list.cursor;
    let question = ContractList { account, market, role, state: None, cursor, limit };
    let page = session.client.call(question).await?;
    let row = |contract: &ContractView| {
        let side = match account {
            account if account == contract.buyer => "buys",
            account if account == contract.seller => "sells",
            _ => "uses",
        };
        let cells = vec![
            side.to_owned(),
            escape(&contract.market_name),
            contract.quantity.to_string(),
            session.show_price(contract.price.0),
            when::show(contract.window.start),
            shown_length(contract.window),
            format!("{} of {}", session.show(contract.paid.0), session.show(contract.total.0)),
        ];
        (cells, vec![format!("contract {}", contract.contract)])
    };
    let rows = page.items.iter().map(row).collect();
    let headers = ["SIDE", "MARKET", "QUANTITY", "PRICE", "FROM", "FOR", "PAID"];
    let text = listing(&headers, rows, "no open contracts");
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

/// How far it has come, and until when; or why it is over.
fn shown_state(contract: &ContractView) -> String {
    let state = super::word(&contract.state).unwrap_or_default();
    match (contract.reason, contract.due) {
        (Some(reason), _) => format!("{state} ({})", super::word(&reason).unwrap_or_default()),
        (None, Some(due)) => format!("{state} until {}", when::show(due)),
        (None, None) => state,
    }
}
