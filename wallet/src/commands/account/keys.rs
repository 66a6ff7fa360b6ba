//! `tally account keys`: who signs for an account.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::keys::PublicKey;
use chain::limits::SIGNERS_MAX;
use chain::operation::Operation;
use chain::signers::Signers;
use clap::Args;
use rpc::methods::AccountGet;

use crate::args::SignArgs;
use crate::context::{Context, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signing::{Plan, carry_out};

/// The arguments of `account keys`.
#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    /// The keys: each 64 hexadecimal digits, or the name of a key of your own
    #[arg(value_name = "KEY", required_unless_present = "own")]
    keys: Vec<String>,
    /// How many of them sign
    #[arg(long, value_name = "N", required_unless_present = "own")]
    threshold: Option<u8>,
    /// Let the account's own key alone sign again; the deposit returns
    #[arg(long, value_name = "KEY", conflicts_with_all = ["keys", "threshold"])]
    own: Option<String>,
    #[command(flatten)]
    sign: SignArgs,
}

/// Runs `tally account keys`.
pub(super) async fn run(context: &Context, args: KeysArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let account = session.address(signer.account);
    let before = session.client.call(AccountGet { account }).await?.value.signers;
    let signers = signers(context, &args, signer.account)?;
    let own = signers.is_own_key_of(signer.account);
    let (deposit, first) = (session.status.value.deposits.keys.0, before.is_none());
    let mut facts =
        vec![("threshold", format!("{} of {}", signers.threshold(), signers.keys().len()))];
    facts.extend(signers.keys().iter().map(|key| ("key", key.to_string())));
    if first {
        let text = format!("{} (returned when the own key signs again)", session.show(deposit));
        facts.push(("deposit", text));
    }
    if !own {
        let warning = "whoever loses these keys loses the account: try them before you rely on it";
        facts.push(("mind", warning.to_owned()));
    }
    let needed = if first { deposit } else { Amount::ZERO };
    let operations = vec![Operation::KeySet { signers }];
    let plan = Plan { operations, action: "change who signs", facts, needed, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}

/// The keys that shall sign for `account`.
fn signers(context: &Context, args: &KeysArgs, account: AccountId) -> Result<Signers, Failure> {
    if let Some(named) = &args.own {
        let key = context.public_key(named)?;
        return Signers::new(1, vec![key]).filter(|it| it.is_own_key_of(account)).ok_or_else(
            || {
                let message = format!("{key} is not the key that the account is named after");
                Failure::new(Exit::Usage, "KEY_INVALID", message)
            },
        );
    }
    let keys: Result<Vec<PublicKey>, Failure> =
        args.keys.iter().map(|named| context.public_key(named)).collect();
    Signers::new(args.threshold.unwrap_or_default(), keys?).ok_or_else(|| {
        let message =
            format!("a set is 1 to {SIGNERS_MAX} different keys, and a threshold among them");
        Failure::usage(message)
    })
}
