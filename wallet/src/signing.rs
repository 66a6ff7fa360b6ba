//! From operations to a definite end: build, show, ask, sign, submit, wait.
//!
//! Nothing is signed before its owner saw network, parties, amounts, fee, total, nonce and expiry, and
//! said yes or `--yes`. What the account cannot pay is refused before it costs a fee.

use chain::amount::Amount;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::operation::Operation;
use chain::transaction::Transaction;
use rpc::client::{Client, ClientError};
use rpc::methods::AccountGet;
use rpc::types::AccountView;
use serde_json::{Value, json};
use tokio::signal;

use crate::args::SignArgs;
use crate::compose::{Terms, compose, made_by};
use crate::context::{Context, Session};
use crate::failure::{Exit, Failure};
use crate::keystore::KeyEntry;
use crate::output::Answer;
use crate::prompt;
use crate::settings::network_name;
use crate::submit::{self, Ending, Inclusion};
use crate::text::{facts, grouped};

/// What is to be signed, and what its owner must see before.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The steps.
    pub(crate) operations: Vec<Operation>,
    /// What it is in a few words, as "transfer".
    pub(crate) action: &'static str,
    /// The parties, the amount and what else matters, one fact a line.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// What leaves the account or is set aside, deposits included, without the fee.
    pub(crate) needed: Amount,
    /// What kind of object the first operation makes, as `hold`, where it makes one.
    pub(crate) makes: Option<&'static str>,
}

/// A transaction on its way.
#[derive(Debug)]
struct Sent {
    transaction: Transaction,
    hash: Hash,
    made: Option<(&'static str, String)>,
}

/// Carries out `plan` with the key `signer`.
///
/// # Errors
/// [`Failure`] when it is declined, refused, or ends in anything but applied.
pub(crate) async fn carry_out(
    context: &Context,
    session: &Session,
    signer: &KeyEntry,
    sign: &SignArgs,
    plan: Plan,
) -> Result<Answer, Failure> {
    let account = account_of(session, signer).await?;
    let (nonce, sender) = (Nonce(account.next_nonce), account.address.0.account);
    let terms = Terms { valid_for_blocks: sign.valid_for, ..Terms::of(&session.status) };
    let mut transaction = compose(&terms, sender, nonce, plan.operations.clone())?;
    let total = check_funds(session, &account, &plan, transaction.fee_max)?;
    let review = review(session, signer, &Review { plan: &plan, transaction: &transaction, total });
    if sign.yes {
        context.output.note(&review);
    } else {
        context.output.review(&review);
        prompt::confirm("Sign and send?")?;
    }
    let password = sign.password.source().ask(signer.name.as_str())?;
    let key = context.keystore.unlock(&signer.name, &password)?;

    let submitted =
        submit::submit_renewed(&session.client, &key, account.address.0, &mut transaction).await;
    drop(key);
    submitted.map_err(|error| not_submitted(error, &transaction))?;

    let hash = transaction.id();
    let made = plan.makes.map(|kind| (kind, made_by(&transaction, 0).to_string()));
    let sent = Sent { transaction, hash, made };
    context.output.early(&sent.shown());
    if sign.no_wait {
        return Ok(sent.answer(&json!({ "status": "pending" })));
    }
    let ending = wait(context, &session.client, hash, Some(sent.transaction.valid_until)).await?;
    let fields = applied(ending).map_err(|failure| with_transaction(failure, hash))?;
    Ok(sent.answer(&fields))
}

/// Waits for the end of a transaction with a spinner; a key press of Ctrl-C stops the waiting alone.
///
/// # Errors
/// [`Failure`] when the node stops answering or the user stops waiting.
pub(crate) async fn wait(
    context: &Context,
    client: &Client,
    hash: Hash,
    valid_until: Option<Height>,
) -> Result<Ending, Failure> {
    let spinner = context.output.spinner("waiting for the block");
    let advice = resume(hash, valid_until);
    let ended = tokio::select! {
        ended = submit::wait(client, hash, valid_until) => {
            ended.map_err(|error| Failure::from(error).hint(&advice))
        }
        _ = signal::ctrl_c() => {
            let message = "interrupted: the transaction goes on without you";
            let data = json!({ "hash": hash.to_string() });
            Err(Failure::new(Exit::Interrupted, "INTERRUPTED", message).hint(&advice).data(data))
        }
    };
    spinner.finish_and_clear();
    ended.map_err(|failure| with_transaction(failure, hash))
}

/// The fields of a document about a transaction that was applied.
///
/// # Errors
/// [`Failure`] for every other ending, each with its own exit code.
pub(crate) fn applied(ending: Ending) -> Result<Value, Failure> {
    match ending {
        Ending::Applied { inclusion, events } => {
            let mut fields = included(&inclusion, "applied");
            fields["events"] = json!(events);
            Ok(fields)
        }
        Ending::Failed { inclusion, operation, rejection } => {
            let message = format!(
                "included in block {} but failed at operation {operation}: {}",
                inclusion.height, rejection.message
            );
            let mut data = included(&inclusion, "failed");
            data["operation"] = json!(operation);
            data["rejection"] = json!(rejection.code);
            let failure = Failure::new(Exit::Failed, "", message).data(data);
            let hint = "nothing took effect; nonce and fee are spent";
            Err(Failure { code: rejection.name.into(), ..failure }.hint(hint))
        }
        Ending::Rejected(rejection) => Err(Failure::rejected(&rejection)),
        Ending::Expired => {
            let message = "the transaction expired: it is in no block and never will be";
            let hint = "nothing took effect and nothing was paid: send it again";
            Err(Failure::new(Exit::Unknown, "EXPIRED", message).hint(hint))
        }
        Ending::Unknown => {
            let message = "the node knows nothing of this transaction";
            let hint =
                "is it the right network? a node forgets what expired or was refused long ago";
            Err(Failure::new(Exit::Unknown, "UNKNOWN", message).hint(hint))
        }
    }
}

/// The name of the object that an answer says was made, as `order`.
pub(crate) fn made_id(answer: &Answer, kind: &str) -> Option<ObjectId> {
    answer.field(kind)?.as_str().and_then(ObjectId::from_hex)
}

/// Adds the hash to the facts of a failure.
#[must_use]
pub(crate) fn with_transaction(mut failure: Failure, hash: Hash) -> Failure {
    if failure.data.is_object() {
        failure.data["hash"] = json!(hash.to_string());
    }
    failure
}

fn included(inclusion: &Inclusion, status: &str) -> Value {
    json!({
        "status": status,
        "height": inclusion.height,
        "block_hash": inclusion.block_hash.to_string(),
        "time": inclusion.time,
        "index": inclusion.index,
        "fee": inclusion.fee.to_string(),
    })
}

async fn account_of(session: &Session, signer: &KeyEntry) -> Result<AccountView, Failure> {
    let account = session.address(signer.account());
    match session.client.call(AccountGet { account }).await {
        Ok(answer) => Ok(answer.value),
        Err(ClientError::Refused(refusal)) if refusal.name == "NOT_FOUND" => {
            let message = format!("{account} (key '{}') has no account yet", signer.name);
            let failure = Failure::new(Exit::Rejected, "SENDER_UNKNOWN", message);
            Err(failure.hint("a payment to this address opens one"))
        }
        Err(error) => Err(error.into()),
    }
}

/// What the plan costs in all; refused when the account has less.
fn check_funds(
    session: &Session,
    account: &AccountView,
    plan: &Plan,
    fee: Amount,
) -> Result<Amount, Failure> {
    let available = account.available.0;
    let total = plan.needed.checked_add(fee).filter(|total| *total <= available);
    total.ok_or_else(|| {
        let needed = plan.needed.checked_add(fee).unwrap_or(Amount::MAX);
        let message = format!(
            "too little money is available: {} of the {} needed",
            session.show(available),
            session.show(needed)
        );
        let data = json!({ "available": available.to_string(), "needed": needed.to_string() });
        Failure::new(Exit::Rejected, "BALANCE_TOO_LOW", message).data(data)
    })
}

struct Review<'a> {
    plan: &'a Plan,
    transaction: &'a Transaction,
    total: Amount,
}

fn review(session: &Session, signer: &KeyEntry, review: &Review<'_>) -> String {
    let Review { plan, transaction, total } = review;
    let status = &session.status.value;
    let from = session.address(signer.account()).to_string();
    let network = network_name(session.network());
    let name = crate::text::escape(&status.name);
    let mut lines = vec![
        ("network", format!("{network} ({name})")),
        ("chain", status.chain.to_string()),
        ("from", format!("{} ({})", grouped(&from), signer.name)),
    ];
    lines.push(("action", plan.action.to_owned()));
    lines.extend(plan.facts.clone());
    let expires = format!("after block {}", transaction.valid_until);
    lines.extend([
        ("fee", session.show(transaction.fee_max)),
        ("total", session.show(*total)),
        ("nonce", transaction.nonce.to_string()),
        ("expires", expires),
    ]);
    facts(&lines).trim_end().to_owned()
}

/// A submission that failed: when no answer came, the transaction may have arrived all the same.
fn not_submitted(error: ClientError, transaction: &Transaction) -> Failure {
    let unclear = matches!(error, ClientError::Unreachable { .. } | ClientError::Timeout { .. });
    let failure = Failure::from(error);
    if !unclear {
        return failure;
    }
    let hash = transaction.id();
    let advice = resume(hash, Some(transaction.valid_until));
    with_transaction(failure.hint(format!("it may have arrived all the same; {advice}")), hash)
}

fn resume(hash: Hash, valid_until: Option<Height>) -> String {
    let until = valid_until.map(|height| format!(" --valid-until {height}")).unwrap_or_default();
    format!("see how it ends with: tally tx wait {hash}{until}")
}

impl Sent {
    fn shown(&self) -> String {
        match &self.made {
            Some((kind, id)) => format!("transaction {}\n{kind} {id}", self.hash),
            None => format!("transaction {}", self.hash),
        }
    }

    /// The answer with the fields of `ending`.
    fn answer(&self, ending: &Value) -> Answer {
        let text = match ending["height"].as_u64() {
            Some(height) => format!("applied in block {height}"),
            None => {
                format!("pending: {}", resume(self.hash, Some(self.transaction.valid_until)))
            }
        };
        let answer = Answer::new(ending, text)
            .with("hash", &self.hash.to_string())
            .with("nonce", &self.transaction.nonce.0)
            .with("valid_until", &self.transaction.valid_until.0);
        match &self.made {
            Some((kind, id)) => answer.with(kind, id),
            None => answer,
        }
    }
}
