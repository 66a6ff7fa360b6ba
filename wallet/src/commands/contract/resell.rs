//! `tally contract resell`: a contract that has not begun, offered to another buyer.

use std::path::PathBuf;

use chain::conditions::Conditions;
use chain::id::ObjectId;
use chain::quote::{Offer, Quote, SignedQuote};
use chain::time::Time;
use clap::Args;
use rpc::methods::ContractGet;
use rpc::types::ContractStateView;

use crate::args::{AmountText, object_id};
use crate::commands::quote::{HandArgs, salt, sign};
use crate::context::{Context, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::quote_file::QuoteDraft;
use crate::when::{self, When};

pub(super) const EXAMPLES: &str = "\
Examples:
  tally contract resell CONTRACT offer.json --price 48utly
  tally contract resell CONTRACT offer.json --price 30utly --taker tallydev1…

The other side accepts it with 'tally quote accept offer.json'. It sets the
contract's price aside for the seller; what yours is above that, it pays you,
and what yours is below, you pay it. Nothing happens before.";

/// The arguments of `contract resell`.
#[derive(Debug, Args)]
pub(crate) struct ResellArgs {
    /// The contract, of which you are the buyer
    #[arg(value_parser = object_id)]
    contract: ObjectId,
    /// The file to write
    file: PathBuf,
    /// What the new buyer pays in all for one unit and slot, with its unit
    #[arg(long, value_name = "AMOUNT")]
    price: AmountText,
    /// Who alone may accept it: an address, or the name of a key of your own [default: anybody]
    #[arg(long, value_name = "ACCOUNT")]
    taker: Option<String>,
    /// When it expires [default: when you would have to stage]
    #[arg(long, value_name = "TIME")]
    expires: Option<When>,
    #[command(flatten)]
    hand: HandArgs,
}

/// Runs `tally contract resell`.
pub(super) async fn run(context: &Context, args: ResellArgs) -> Result<Answer, Failure> {
    let hand = &args.hand;
    let signer = context.who_signs(hand.key.as_ref(), hand.signer.as_ref()).await?;
    let session = context.connect(Trust::Pinned).await?;
    let contract = args.contract;
    let answer = session.client.call(ContractGet { contract: contract.into() }).await?;
    let (view, now) = (answer.value, answer.tip.time);
    if view.buyer != session.address(signer.account) {
        let message = format!("its buyer, {}, does that, not {}", view.buyer, signer.name);
        return Err(Failure::new(Exit::Rejected, "NOT_BUYER", message));
    }
    if view.state != ContractStateView::Matched {
        let message = "the contract has begun: it can no longer be passed on";
        return Err(Failure::new(Exit::Rejected, "CONTRACT_STATE", message));
    }
    if let Some(due) = view.due.filter(|due| *due <= now) {
        let message = format!("it is too late to pass it on: {}", when::relative(due, now));
        return Err(Failure::new(Exit::Rejected, "CONTRACT_DUE_PASSED", message));
    }
    let taker = args.taker.as_deref().map(|text| context.account(text, session.network()));
    let expires = match args.expires {
        Some(expires) => expires.resolve(session.time(), None)?,
        None => Time(view.due.unwrap_or_default()),
    };
    let quote = Quote {
        chain: session.status.value.chain.0,
        maker: signer.account,
        taker: taker.transpose()?,
        expires,
        salt: salt()?,
        offer: Offer::Resell { contract, price: session.price(&args.price)? },
        conditions: Conditions::default(),
    };
    let signed = SignedQuote { quote, witnesses: Vec::new() };
    let draft = QuoteDraft { network: session.network(), token: session.token.clone(), signed };
    sign(context, &signer, hand, draft, &args.file).await
}
