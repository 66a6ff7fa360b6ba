//! `tally contract`: matched deals.

mod act;

use chain::id::ObjectId;
use clap::Subcommand;
use rpc::methods::{ContractGet, ContractList};
use rpc::types::{ContractView, Limit};

use crate::args::{AccountArgs, ListArgs, object_id};
use crate::commands::order::{shown_length, shown_window};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::{escape, facts, listing};
use crate::when;

/// Matched deals
#[derive(Debug, Subcommand)]
pub(crate) enum ContractCommand {
    /// List the open contracts in which an account buys or sells
    List {
        #[command(flatten)]
        of: AccountArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show a contract, also after its end
    Show {
        /// The contract
        #[arg(value_parser = object_id)]
        contract: ObjectId,
    },
    #[command(flatten)]
    Act(act::Act),
}

/// Runs `tally contract`.
pub(super) async fn run(context: &Context, command: ContractCommand) -> Result<Answer, Failure> {
    match command {
        ContractCommand::Act(act) => act::run(context, act).await,
        ContractCommand::List { of, list } => {
            let session = context.connect(Trust::Pinned).await?;
            self::list(context, &session, &of, list).await
        }
        ContractCommand::Show { contract } => {
            let session = context.connect(Trust::Pinned).await?;
            let answer = session.client.call(ContractGet { contract: contract.into() }).await?;
            Ok(Answer::new(&answer, facts(&shown(&session, &answer.value))))
        }
    }
}

async fn list(
    context: &Context,
    session: &Session,
    of: &AccountArgs,
    list: ListArgs,
) -> Result<Answer, Failure> {
    let account = super::account_or_own(context, session, of)?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let page = session.client.call(ContractList { account, cursor: list.cursor, limit }).await?;
    let row = |contract: &ContractView| {
        let side = if contract.buyer == account { "buys" } else { "sells" };
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

fn shown(session: &Session, contract: &ContractView) -> Vec<(&'static str, String)> {
    vec![
        ("contract", contract.contract.to_string()),
        ("state", shown_state(contract)),
        ("buyer", contract.buyer.to_string()),
        ("seller", contract.seller.to_string()),
        ("market", escape(&contract.market_name)),
        ("quantity", contract.quantity.to_string()),
        ("window", shown_window(contract.window)),
        ("price", session.show_price(contract.price.0)),
        ("total", session.show(contract.total.0)),
        ("paid", session.show(contract.paid.0)),
        ("slots", format!("{} of {} paid", contract.slots_paid, contract.slots)),
        ("bid", contract.bid.to_string()),
        ("ask", contract.ask.to_string()),
        ("hold", contract.hold.to_string()),
    ]
}
