//! `tally quote make`: a deal in a file, signed.

use std::path::PathBuf;

use chain::conditions::Conditions;
use chain::market::{Grade, MarketId};
use chain::quantity::Quantity;
use chain::quote::{Capacity, Offer, Quote, SignedQuote};
use chain::time::Time;
use clap::{Args, ValueEnum};
use rpc::methods::MarketGet;
use rpc::types::MarketView;

use super::{HandArgs, sign, written};
use crate::args::AmountText;
use crate::commands::order::says::{self, ConditionArgs, UserArgs};
use crate::commands::order::steps::{Figures, Towards, check_steps};
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::quote_file::QuoteDraft;
use crate::when::When;
use crate::window::WindowArgs;

/// What the maker of a quote does.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Side {
    /// Sells capacity
    Sell,
    /// Buys capacity
    Buy,
}

/// The arguments of `quote make`.
#[derive(Debug, Args)]
pub(crate) struct MakeArgs {
    /// The file to write
    file: PathBuf,
    /// Whether you sell or buy
    side: Side,
    /// The market's name
    market: String,
    /// How many units in every slot of the window, over all who accept
    #[arg(long, value_name = "N")]
    quantity: u64,
    /// The price for one unit and slot, with its unit
    #[arg(long, value_name = "AMOUNT")]
    price: AmountText,
    #[command(flatten)]
    window: WindowArgs,
    /// Its grade, by number
    #[arg(long, value_name = "N", default_value_t = 0)]
    grade: u8,
    /// Who alone may accept it: an address, or the name of a key of your own [default: anybody]
    #[arg(long, value_name = "ACCOUNT")]
    taker: Option<String>,
    /// When it expires [default: as late as the window can be bought]
    #[arg(long, value_name = "TIME")]
    expires: Option<When>,
    #[command(flatten)]
    conditions: ConditionArgs,
    #[command(flatten)]
    user: UserArgs,
    /// The account whose word it is: an address, or a key of your own [default: the signer's]
    #[arg(long, value_name = "ACCOUNT")]
    maker: Option<String>,
    /// Write the file for 'tally quote sign', and do not sign it
    #[arg(long, requires = "maker", conflicts_with_all = ["key", "signer", "yes", "password_file", "password_stdin"])]
    unsigned: bool,
    #[command(flatten)]
    hand: HandArgs,
}

/// Runs `tally quote make`.
pub(super) async fn run(context: &Context, args: MakeArgs) -> Result<Answer, Failure> {
    let signer = if args.unsigned {
        None
    } else {
        let hand = &args.hand;
        Some(context.who_signs(hand.key.as_ref(), hand.signer.as_ref()).await?)
    };
    let session = context.connect(Trust::Pinned).await?;
    let market = session.client.call(MarketGet { market: args.market.clone() }).await?.value;
    let named = |text: &Option<String>| {
        text.as_deref().map(|text| context.account(text, session.network())).transpose()
    };
    let maker = named(&args.maker)?.or_else(|| signer.as_ref().map(|signer| signer.account));
    let maker = maker.ok_or_else(|| Failure::usage("say whose quote it is with --maker"))?;
    let taker = named(&args.taker)?;
    if taker == Some(maker) {
        let message = "nobody trades with itself: the quote is for its own maker";
        return Err(Failure::new(Exit::Rejected, "SELF_TRADE", message));
    }
    let (offer, expires) = terms(&session, &market, &args)?;
    let chain = session.status.value.chain.0;
    let user = args.user.user(context, &session)?;
    if user.is_some() && matches!(args.side, Side::Sell) {
        return Err(Failure::usage("a seller names no --user: it uses nothing"));
    }
    let conditions = Conditions { user, ..args.conditions.conditions(context, &session)? };
    says::check(&conditions, maker)?;
    let quote = Quote { chain, maker, taker, expires, salt: salt()?, offer, conditions };
    let signed = SignedQuote { quote, witnesses: Vec::new() };
    let draft = QuoteDraft { network: session.network(), token: session.token.clone(), signed };
    match signer {
        Some(signer) => sign(context, &signer, &args.hand, draft, &args.file).await,
        None => {
            draft.write(&args.file)?;
            Ok(written(&draft, &args.file))
        }
    }
}

/// What is offered, and until when.
fn terms(
    session: &Session,
    market: &MarketView,
    args: &MakeArgs,
) -> Result<(Offer, Time), Failure> {
    let window = args.window.resolve(session.time(), market)?;
    let (quantity, price) = (Quantity(args.quantity), session.price(&args.price)?);
    check_steps(
        session,
        market,
        &Figures { quantity, limit: price, stretch: None, towards: Towards::Dearer },
    )?;
    let (market_id, grade) = (MarketId(market.market), Grade(args.grade));
    let capacity = Capacity { market: market_id, window, quantity, price, grade };
    let last = Time(window.start.0.saturating_sub(market.lead_ms));
    let expires = match args.expires {
        Some(expires) => expires.resolve(session.time(), None)?,
        None => last,
    };
    if expires <= session.time() {
        let message = "the quote expires before anybody could accept it";
        return Err(Failure::new(Exit::Usage, "QUOTE_ENDED", message));
    }
    let offer = match args.side {
        Side::Sell => Offer::Sell(capacity),
        Side::Buy => Offer::Buy(capacity),
    };
    Ok((offer, expires))
}

/// A number that no other quote has.
pub(crate) fn salt() -> Result<u64, Failure> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|_| {
        Failure::new(Exit::Unexpected, "NO_RANDOMNESS", "the system has no random numbers")
    })?;
    Ok(u64::from_le_bytes(bytes))
}
