//! `tally quote accept`: a contract out of somebody's quote.

use std::path::PathBuf;

use chain::amount::Amount;
use chain::conditions::{Conditions, Kind};
use chain::operation::Operation;
use chain::quantity::{Price, Quantity};
use chain::quote::{Capacity, Offer, Quote};
use chain::time::Millis;
use clap::Args;
use rpc::methods::ContractGet;
use rpc::types::{ContractStateView, ContractView};

use super::{cost, market, side};
use crate::args::SignArgs;
use crate::commands::order::says::{self, BrokerArgs, UserArgs};
use crate::commands::order::steps::{Figures, Towards, check_steps};
use crate::commands::order::{shown_window, window_view};
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::quote_file::QuoteDraft;
use crate::signer::Signer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, grouped};
use crate::when;

/// Whatever its seller may do: what a contract that is taken over is like was shown.
const ANY_KIND: Kind = Kind::Interruptible { notice: Millis(0) };

/// The arguments of `quote accept`.
#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// The file
    file: PathBuf,
    /// How many units [default: all that it offers]
    #[arg(long, value_name = "N")]
    quantity: Option<u64>,
    #[command(flatten)]
    broker: BrokerArgs,
    #[command(flatten)]
    user: UserArgs,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally quote accept`.
pub(super) async fn run(context: &Context, args: AcceptArgs) -> Result<Answer, Failure> {
    let draft = QuoteDraft::read(&args.file)?;
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    check(&session, &signer, &draft)?;
    let own = Conditions {
        broker: args.broker.broker(context, &session)?,
        user: args.user.user(context, &session)?,
        ..Conditions::default()
    };
    says::check(&own, signer.account)?;
    let plan = plan(&session, &draft, args.quantity, own).await?;
    let answer = carry_out(context, &session, &signer, &args.sign, plan).await?;
    Ok(match made(&answer) {
        Some(contract) => {
            let text = format!("\ncontract {contract}");
            answer.with("contract", &contract).with_text(&text)
        }
        None => answer,
    })
}

/// Refuses what could only cost a fee.
fn check(session: &Session, signer: &Signer, draft: &QuoteDraft) -> Result<(), Failure> {
    let quote: &Quote = &draft.signed.quote;
    let refused =
        |code: &'static str, message: String| Err(Failure::new(Exit::Rejected, code, message));
    if draft.chain() != session.status.value.chain.0 {
        let message = format!("the quote is for chain {}", draft.chain());
        return Err(Failure::new(Exit::Network, "WRONG_NETWORK", message));
    }
    if draft.signed.witnesses.is_empty() {
        return refused("QUOTE_NOT_SIGNED", "nobody has signed the quote yet".to_owned());
    }
    if quote.maker == signer.account {
        let message = format!("the quote is your own ({}): somebody else accepts it", signer.name);
        return refused("SELF_TRADE", message);
    }
    if let Some(taker) = quote.taker.filter(|taker| *taker != signer.account) {
        let taker = session.address(taker);
        return refused("NOT_QUOTED", format!("the quote is for {taker}, not {}", signer.name));
    }
    if quote.expires <= session.time() {
        let expired = when::show(quote.expires.0);
        return refused("QUOTE_ENDED", format!("the quote has expired: {expired}"));
    }
    Ok(())
}

async fn plan(
    session: &Session,
    draft: &QuoteDraft,
    quantity: Option<u64>,
    own: Conditions,
) -> Result<Plan, Failure> {
    let quote = &draft.signed.quote;
    let maker =
        format!("{} {}", grouped(&session.address(quote.maker).to_string()), side(&quote.offer));
    let mut facts = vec![("quote", quote.id().to_string()), ("maker", maker)];
    let said = (quote.conditions.kind, quote.conditions.agreement);
    let (action, quantity, needed, agreed) = match &quote.offer {
        Offer::Sell(capacity) => {
            let quantity = quantity.map_or(capacity.quantity, Quantity);
            let cost = priced(session, capacity, quantity, &mut facts).await?;
            ("accept a quote and buy", quantity, cost, said)
        }
        Offer::Buy(capacity) => {
            let quantity = quantity.map_or(capacity.quantity, Quantity);
            priced(session, capacity, quantity, &mut facts).await?;
            ("accept a quote and sell", quantity, Amount::ZERO, said)
        }
        Offer::Resell { contract, price } => {
            let view = session.client.call(ContractGet { contract: (*contract).into() }).await?;
            let (quantity, needed) = resold(session, &view.value, *price, &mut facts)?;
            let agreed = (ANY_KIND, view.value.agreement.map(|digest| digest.0));
            ("take over a contract", quantity, needed, agreed)
        }
    };
    facts.extend(super::kind(quote.conditions.kind));
    // What the maker says of it is shown, and accepted; for a contract, what it is.
    let (kind, agreement) = agreed;
    let conditions = Conditions { kind, agreement, ..own };
    let address = |account| session.address(account);
    let (broker, user) = (conditions.broker.map(address), conditions.user.map(address));
    facts.extend(says::people(agreement, broker, user));
    let quote = Box::new(draft.signed.clone());
    let operations = vec![Operation::QuoteAccept { quote, quantity, conditions }];
    Ok(Plan { operations, action, facts, needed, makes: None })
}

/// Adds what so many units of some capacity are and cost. Returns the cost.
async fn priced(
    session: &Session,
    capacity: &Capacity,
    quantity: Quantity,
    facts: &mut Vec<(&'static str, String)>,
) -> Result<Amount, Failure> {
    let market = market(session, capacity).await?;
    let (limit, stretch, towards) = (capacity.price, None, Towards::Dearer);
    check_steps(session, &market, &Figures { quantity, limit, stretch, towards })?;
    let (slots, cost) = cost(&market, capacity, quantity)?;
    let unit = escape(&market.unit);
    let window = shown_window(window_view(capacity.window));
    facts.extend([
        ("quantity", format!("{quantity} {unit} in market {}", escape(&market.name))),
        ("price", format!("{} for one {unit} and slot", session.show_price(capacity.price))),
        ("amount", format!("{} (set aside by the buyer)", session.show(cost))),
        ("window", format!("{window} ({slots} slots)")),
    ]);
    Ok(cost)
}

/// Adds what is taken over, and at which price. Returns its units, and what must be available.
fn resold(
    session: &Session,
    contract: &ContractView,
    price: Price,
    facts: &mut Vec<(&'static str, String)>,
) -> Result<(Quantity, Amount), Failure> {
    if contract.state != ContractStateView::Matched {
        let message = "the contract has begun: it can no longer be passed on";
        return Err(Failure::new(Exit::Rejected, "CONTRACT_STATE", message));
    }
    let (quantity, total) = (Quantity(contract.quantity), contract.total.0);
    let paid = Amount::cost(price, quantity, contract.slots);
    let paid = paid.ok_or_else(|| Failure::usage("it costs more than any amount"))?;
    let notice = contract.notice_ms.map(when::show_span);
    let kind = notice.map_or_else(
        || "firm".to_owned(),
        |notice| format!("interruptible: the seller may take it back, {notice} after it says so"),
    );
    facts.extend([
        ("contract", contract.contract.to_string()),
        ("seller", grouped(&contract.seller.to_string())),
        ("quantity", format!("{quantity} in market {}", escape(&contract.market_name))),
        ("window", shown_window(contract.window)),
        ("kind", kind),
        ("set aside", format!("{} for the seller", session.show(total))),
        ("in all", format!("{} at {}", session.show(paid), session.show_price(price))),
        ("stage by", contract.due.map_or_else(String::new, when::show)),
    ]);
    Ok((quantity, total.max(paid)))
}

/// The contract that came of it, as the receipt says.
fn made(answer: &Answer) -> Option<String> {
    let events = answer.field("events")?.as_array()?;
    let accepted = events.iter().find(|event| event["type"] == "quote_accepted")?;
    accepted["contract"].as_str().map(escape)
}
