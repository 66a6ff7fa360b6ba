//! `tally contract`: matched deals.

use chain::id::ObjectId;
use clap::Subcommand;
use rpc::methods::{ContractGet, ContractList};
use rpc::types::{ContractView, Limit};

use crate::args::{ListArgs, object_id};
use crate::commands::order::shown_window;
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::text::{escape, facts, table};
use crate::when;

/// Matched deals
#[derive(Debug, Subcommand)]
pub(crate) enum ContractCommand {
    /// List the open contracts in which an account buys or sells
    List {
        /// The account: an address or the name of a key [default: the key that would sign]
        account: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show a contract, also after its end
    Show {
        /// The contract
        #[arg(value_parser = object_id)]
        contract: ObjectId,
    },
}

/// Runs `tally contract`.
pub(super) async fn run(context: &Context, command: ContractCommand) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    match command {
        ContractCommand::List { account, list } => {
            self::list(context, &session, account.as_deref(), list).await
        }
        ContractCommand::Show { contract } => {
            let answer = session.client.call(ContractGet { contract: contract.into() }).await?;
            Ok(Answer::new(&answer, facts(&shown(&session, &answer.value))))
        }
    }
}

async fn list(
    context: &Context,
    session: &Session,
    account: Option<&str>,
    list: ListArgs,
) -> Result<Answer, Failure> {
    let account = super::account_or_own(context, session, account)?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let page = session.client.call(ContractList { account, cursor: list.cursor, limit }).await?;
    let row = |contract: &ContractView| {
        let side = if contract.buyer == account { "buys" } else { "sells" };
        vec![
            contract.contract.to_string(),
            side.to_owned(),
            escape(&contract.market_name),
            contract.quantity.to_string(),
            session.show_price(contract.price.0),
            when::show(contract.window.start),
            when::show(contract.window.end),
            format!("{} of {}", session.show(contract.paid.0), session.show(contract.total.0)),
        ]
    };
    let rows = page.items.iter().map(row).collect();
    let headers = ["CONTRACT", "SIDE", "MARKET", "QUANTITY", "PRICE", "FROM", "TO", "PAID"];
    let text = table(&headers, rows, "no open contracts");
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}

fn shown(session: &Session, contract: &ContractView) -> Vec<(&'static str, String)> {
    vec![
        ("contract", contract.contract.to_string()),
        ("status", super::status(contract.status, None)),
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
