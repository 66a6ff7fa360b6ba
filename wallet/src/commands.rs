//! The commands: one noun a file. Each takes its arguments and answers with what to print.

mod account;
mod agent;
mod authority;
mod cashier;
mod channel;
mod config;
mod contract;
mod doctor;
mod hold;
mod host;
mod key;
mod life;
mod manual;
mod market;
mod order;
mod proposal;
mod quote;
mod refund;
mod send;
mod standing;
mod status;
mod tx;
mod verify;
mod withdraw;

use std::fs;
use std::path::Path;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::limits::SEALED_BYTES_MAX;
use chain::sealed::Sealed;
use rpc::text::{Address, Text};
use rpc::types::ObjectStatus;
use serde::Serialize;

pub(crate) use self::account::AccountCommand;
pub(crate) use self::agent::AgentCommand;
pub(crate) use self::authority::AuthorityCommand;
pub(crate) use self::cashier::CashierCommand;
pub(crate) use self::channel::ChannelCommand;
pub(crate) use self::config::ConfigCommand;
pub(crate) use self::contract::ContractCommand;
pub(crate) use self::hold::HoldCommand;
pub(crate) use self::host::HostCommand;
pub(crate) use self::key::KeyCommand;
pub(crate) use self::manual::{CompletionsArgs, ManArgs};
pub(crate) use self::market::MarketCommand;
pub(crate) use self::order::OrderCommand;
pub(crate) use self::proposal::{ApproveArgs, ProposalCommand, ProposeCommand};
pub(crate) use self::quote::QuoteCommand;
pub(crate) use self::refund::RefundArgs;
pub(crate) use self::send::SendArgs;
pub(crate) use self::standing::StandingCommand;
pub(crate) use self::status::StatusArgs;
pub(crate) use self::tx::TxCommand;
pub(crate) use self::verify::VerifyCommand;
pub(crate) use self::withdraw::WithdrawArgs;
use crate::args::{AccountArgs, Command};
use crate::context::{Context, Session};
use crate::failure::{Exit, Failure};
use crate::keystore::KeyName;
use crate::output::Answer;
use crate::signer::Signer;
use crate::text::{escape, grouped};

/// Runs `command`.
///
/// # Errors
/// [`Failure`] when it does not end well.
pub(crate) async fn run(context: &Context, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Key(command) => key::run(context, command),
        Command::Account(command) => account::run(context, command).await,
        Command::Send(args) => send::run(context, args).await,
        Command::Withdraw(args) => withdraw::run(context, args).await,
        Command::Refund(args) => refund::run(context, args).await,
        Command::Agent(command) => agent::run(context, command).await,
        Command::Propose(command) => proposal::propose(context, command).await,
        Command::Authority(command) => authority::run(context, command).await,
        Command::Approve(args) => proposal::approve(context, args).await,
        Command::Proposal(command) => proposal::run(context, command).await,
        Command::Hold(command) => hold::run(context, command).await,
        Command::Order(command) => order::run(context, command).await,
        Command::Quote(command) => quote::run(context, command).await,
        Command::Host(command) => host::run(context, command).await,
        Command::Standing(command) => standing::run(context, command).await,
        Command::Market(command) => market::run(context, command).await,
        Command::Contract(command) => contract::run(context, command).await,
        Command::Channel(command) => channel::run(context, command).await,
        Command::Cashier(command) => cashier::run(context, command).await,
        Command::Tx(command) => tx::run(context, command).await,
        Command::Verify(command) => verify::run(context, command).await,
        Command::Status(args) => status::run(context, &args).await,
        Command::Config(command) => config::run(context, command),
        Command::Doctor => doctor::run(context).await,
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args),
    }
}

/// The account that `args` name, or that of the key that would sign.
fn account_or_own(
    context: &Context,
    session: &Session,
    args: &AccountArgs,
) -> Result<Text<Address>, Failure> {
    let account = match &args.account {
        Some(text) => context.account(text, session.network())?,
        None => context.own_key(args.key.as_ref())?.account(),
    };
    Ok(session.address(account))
}

/// The other side of a payment for a review: its whole address in groups of four, and the own key's
/// name if that is how it was named.
fn party(session: &Session, account: AccountId, named: &str) -> String {
    let address = session.address(account).to_string();
    match named.parse::<KeyName>() {
        Ok(name) => format!("{} ({name})", grouped(&address)),
        Err(_) => grouped(&address),
    }
}

/// Refuses a payment to oneself before it costs a fee.
fn check_other(signer: &Signer, to: AccountId) -> Result<(), Failure> {
    if signer.account == to {
        let message = format!("the recipient is the sender, {}", signer.name);
        return Err(Failure::new(Exit::Rejected, "RECIPIENT_IS_SENDER", message));
    }
    Ok(())
}

/// Refuses a beneficiary or payee that has no account yet before that costs a fee.
async fn check_exists(session: &Session, account: AccountId) -> Result<(), Failure> {
    if send::exists(session, account).await? {
        return Ok(());
    }
    let message = format!("{} has no account yet", session.address(account));
    let failure = Failure::new(Exit::Rejected, "RECIPIENT_UNKNOWN", message);
    Err(failure.hint("a payment to this address opens one"))
}

/// The sum of what an operation needs.
fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, Failure> {
    Amount::sum(amounts).ok_or_else(|| {
        Failure::new(Exit::Usage, "AMOUNT_INVALID", "the sum is larger than any amount")
    })
}

/// Whether an object is open, and why it ended if it did and that is known.
fn status(status: ObjectStatus, reason: Option<&str>) -> String {
    match (status, reason) {
        (ObjectStatus::Open, _) => "open".to_owned(),
        (ObjectStatus::Ended, None) => "ended".to_owned(),
        (ObjectStatus::Ended, Some(reason)) => format!("ended ({reason})"),
    }
}

/// The word by which JSON names a value, for people: `not_matched` becomes "not matched".
pub(crate) fn word(value: &impl Serialize) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    value.as_str().map(|word| word.replace('_', " "))
}

/// The bytes of a file that only its reader can open.
fn sealed_file(path: &Path) -> Result<Sealed, Failure> {
    let bytes = fs::read(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    Sealed::new(bytes).ok_or_else(|| {
        let path = path.display();
        Failure::usage(format!("{path} has more than {SEALED_BYTES_MAX} bytes"))
    })
}

/// Where a list goes on, if it does.
fn more(next_cursor: Option<&str>) -> String {
    next_cursor.map(|cursor| format!("\nmore: --cursor {}", escape(cursor))).unwrap_or_default()
}
