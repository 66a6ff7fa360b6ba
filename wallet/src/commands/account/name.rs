//! `tally account name`: what an account is called.

use chain::amount::Amount;
use chain::name::Name;
use chain::operation::Operation;
use clap::Args;
use rpc::methods::AccountGet;

use crate::args::SignArgs;
use crate::context::{Context, Trust};
use crate::failure::{Exit, Failure};
use crate::output::Answer;
use crate::signing::{Plan, carry_out};

/// The arguments of `account name`.
#[derive(Debug, Args)]
pub(crate) struct NameArgs {
    /// The name: 3 to 32 small letters, digits and '-'
    #[arg(value_parser = name, required_unless_present = "drop")]
    name: Option<Name>,
    /// Give the name up; its deposit returns
    #[arg(long, conflicts_with = "name")]
    drop: bool,
    #[command(flatten)]
    sign: SignArgs,
}

/// Reads a name.
///
/// # Errors
/// A sentence for people when it is none.
pub(crate) fn name(text: &str) -> Result<Name, &'static str> {
    Name::new(text).ok_or("a name has 3 to 32 small letters, digits and '-', no '-' at either end")
}

/// Runs `tally account name`.
pub(super) async fn run(context: &Context, args: NameArgs) -> Result<Answer, Failure> {
    let signer = context.signer(&args.sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let account = session.address(signer.account);
    let before = session.client.call(AccountGet { account }).await?.value.name;
    if before.map(|name| name.0) == args.name {
        let message = "the account is called so already";
        return Err(Failure::new(Exit::Rejected, "NAME_UNCHANGED", message));
    }
    let deposit = session.status.value.deposits.name.0;
    let shown = |name: Option<Name>| name.map_or_else(|| "none".to_owned(), |it| it.to_string());
    let mut facts = vec![("name", shown(args.name)), ("before", shown(before.map(|name| name.0)))];
    let needed = if before.is_none() { deposit } else { Amount::ZERO };
    if before.is_none() {
        let text = format!("{} (returned when the name is given up)", session.show(deposit));
        facts.push(("deposit", text));
    }
    let operations = vec![Operation::AccountUpdate { name: args.name }];
    let plan = Plan { operations, action: "change the account's name", facts, needed, makes: None };
    carry_out(context, &session, &signer, &args.sign, plan).await
}
