//! `tally tx`: transactions between building, signing and sending, and how they ended.

mod file;
mod show;

use std::path::PathBuf;

use chain::hash::Hash;
use chain::height::Height;
use clap::{Args, Subcommand};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::args::{PasswordArgs, hash};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::keystore::KeyName;
use crate::output::Answer;
use crate::signer::Program;
use crate::signing;
use crate::submit::{POLL, SILENCE_MAX, Waiting};
use crate::text::listing;

const BUILD_EXAMPLES: &str = "\
Examples:
  tally tx build pay.json send tallydev1… 1.5TLY --sender tallydev1…
  tally tx build ask.json order place ask cpu --quantity 8 --price 40utly \\
      --start +2slots --slots 6

The same as --build FILE behind any command that makes a transaction. Then,
where the key is:
  tally tx sign pay.json --key alice
and back where the network is:
  tally tx send pay.json";

const SIGN_EXAMPLES: &str = "\
Examples:
  tally tx sign pay.json --key alice
  tally tx sign pay.json --signer exec:./signer

No node is asked. The chain is --chain, TALLY_CHAIN, the profile's, or the one
the profile saw first; a file of another is refused. Each of several signers
signs the same file in turn.

A signer is a program that reads one JSON document from its stdin and writes one
to its stdout, in hexadecimal digits:
  {\"version\": 1, \"request\": \"key\"}
      {\"key\": …}
  {\"version\": 1, \"request\": \"sign\", \"digest\": …, \"bytes\": …,
   \"network\": …, \"chain\": …, \"transaction\": {…}}
   with \"quote\" in place of \"transaction\" where it is a quote
      {\"key\": …, \"signature\": …}
The signature is BIP-340 of the digest, and is verified before it is used.";

const SEND_EXAMPLES: &str = "\
Sending the same signed bytes twice is harmless: a transaction takes effect at
most once.";

/// Transactions and how they ended
#[derive(Debug, Subcommand)]
pub(crate) enum TxCommand {
    /// Write a transaction to a file, to be signed elsewhere
    #[command(after_help = BUILD_EXAMPLES)]
    Build(BuildArgs),
    /// Sign a transaction in a file; asks no node
    #[command(after_help = SIGN_EXAMPLES)]
    Sign(SignFileArgs),
    /// Send a signed transaction in a file, and wait for its end
    #[command(after_help = SEND_EXAMPLES)]
    Send(SendFileArgs),
    /// Show what a transaction in a file, or as hexadecimal digits, asks for; asks no node
    Decode {
        /// The file, or the transaction's bytes in hexadecimal digits
        transaction: String,
    },
    /// Ask what a transaction in a file, or as hexadecimal digits, would do
    Simulate {
        /// The file, or the transaction's bytes in hexadecimal digits
        transaction: String,
        /// The key that will sign it [default: those that have signed, or the key that would sign]
        #[arg(long, value_name = "NAME")]
        key: Option<KeyName>,
    },
    /// Show where a transaction stands, what it asked for and what it did
    Show {
        /// The transaction
        #[arg(value_parser = hash)]
        hash: Hash,
    },
    /// Wait until a transaction has come to its end; one that was sent from here is sent again as needed
    Wait {
        /// The transaction
        #[arg(value_parser = hash)]
        hash: Hash,
        /// Its last height: wait until then even if the node knows nothing of it
        #[arg(long, value_name = "HEIGHT")]
        valid_until: Option<u64>,
    },
    /// List the transactions sent from here whose end has not been seen
    Pending,
}

/// The arguments of `tx build`.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// The file to write
    pub(crate) file: PathBuf,
    /// The command that makes the transaction, with its arguments
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) command: Vec<std::ffi::OsString>,
}

/// The arguments of `tx sign`.
#[derive(Debug, Args)]
pub(crate) struct SignFileArgs {
    /// The file, in which the signature is written
    file: PathBuf,
    /// The key that signs [default: TALLY_KEY, the profile's, or the only one there is]
    #[arg(long, value_name = "NAME")]
    key: Option<KeyName>,
    /// A program that signs in place of a key, as exec:./signer [default: TALLY_SIGNER]
    #[arg(long, value_name = "exec:PROGRAM", conflicts_with = "key")]
    signer: Option<Program>,
    /// Sign without asking
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

/// The arguments of `tx send`.
#[derive(Debug, Args)]
pub(crate) struct SendFileArgs {
    /// The file
    file: PathBuf,
    /// Print the hash and do not wait for the end
    #[arg(long)]
    no_wait: bool,
}

/// Runs `tally tx`.
pub(super) async fn run(context: &Context, command: TxCommand) -> Result<Answer, Failure> {
    match command {
        TxCommand::Build(_) => Err(Failure::usage("'tx build' is written once")),
        TxCommand::Sign(args) => file::sign(context, &args).await,
        TxCommand::Send(args) => file::send(context, &args).await,
        TxCommand::Decode { transaction } => file::decode(context, &transaction),
        TxCommand::Simulate { transaction, key } => {
            file::simulate(context, &transaction, key.as_ref()).await
        }
        TxCommand::Show { hash } => show::run(&context.connect(Trust::Pinned).await?, hash).await,
        TxCommand::Wait { hash, valid_until } => wait(context, hash, valid_until).await,
        TxCommand::Pending => pending(context),
    }
}

async fn wait(context: &Context, hash: Hash, valid_until: Option<u64>) -> Result<Answer, Failure> {
    let kept = context.pending.find(&hash)?;
    let waiting = match kept {
        Some(signed) => Waiting::for_end_of(signed),
        None => Waiting { id: hash, valid_until: valid_until.map(Height), signed: None },
    };
    context.interrupt.sent(hash);
    let session = connect_patiently(context).await?;
    let fields = signing::settle(context, &session.client, waiting).await?;
    let text = format!("applied in block {}", fields["height"]);
    Ok(Answer::new(&fields, text).with("hash", &hash.to_string()))
}

/// Connects to a node that may be about to start anew.
async fn connect_patiently(context: &Context) -> Result<Session, Failure> {
    let begun = Instant::now();
    loop {
        match context.connect(Trust::Pinned).await {
            Err(failure) if failure.code == "NODE_UNREACHABLE" && begun.elapsed() < SILENCE_MAX => {
                sleep(POLL).await;
            }
            connected => return connected,
        }
    }
}

fn pending(context: &Context) -> Result<Answer, Failure> {
    let network = context.settings.network_offline();
    let kept = context.pending.all()?;
    let entries = kept.iter().map(|signed| {
        let transaction = &signed.transaction;
        let sender = chain::address::encode(network, &transaction.sender);
        let cells =
            vec![transaction.nonce.to_string(), format!("block {}", transaction.valid_until)];
        (cells, vec![format!("transaction {}", transaction.id()), format!("from {sender}")])
    });
    let text = listing(&["NONCE", "VALID UNTIL"], entries.collect(), "none");
    let items: Vec<_> = kept
        .iter()
        .map(|signed| {
            let transaction = &signed.transaction;
            json!({
                "hash": transaction.id().to_string(),
                "chain": transaction.chain.to_string(),
                "sender": chain::address::encode(network, &transaction.sender),
                "nonce": transaction.nonce.0,
                "valid_until": transaction.valid_until.0,
            })
        })
        .collect();
    Ok(Answer::new(&json!({ "items": items }), text))
}
