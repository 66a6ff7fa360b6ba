//! From operations to a definite end: build, show, ask, sign, submit, wait.
//!
//! Nothing is signed before its owner saw network, parties, amounts, fee, total, nonce and expiry, and
//! said yes or `--yes`. What the account cannot pay is refused before it costs a fee.

use std::path::Path;

use chain::amount::Amount;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::operation::Operation;
use chain::transaction::{SignedTransaction, Transaction};
use rpc::client::{Client, ClientError};
use rpc::methods::AccountGet;
use rpc::types::AccountView;
use serde_json::{Value, json};

use crate::args::SignArgs;
use crate::compose::{Terms, compose, made_by};
use crate::context::{Context, Session};
use crate::failure::{Exit, Failure};
use crate::interrupt::resume;
use crate::output::Answer;
use crate::prompt;
use crate::settings::network_name;
use crate::signer::{Ready, Signer};
use crate::simulation;
use crate::submit::{self, Ending, Inclusion, Submitted, Waiting};
use crate::text::{facts, grouped};
use crate::transaction_file::Draft;

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

/// Carries out `plan` for `signer`: signs and sends it, or writes it to a file, or asks what it would do.
///
/// # Errors
/// [`Failure`] when it is declined, refused, or ends in anything but applied.
pub(crate) async fn carry_out(
    context: &Context,
    session: &Session,
    signer: &Signer,
    sign: &SignArgs,
    plan: Plan,
) -> Result<Answer, Failure> {
    session.check_network(signer)?;
    let account = account_of(session, signer).await?;
    let (nonce, sender) = (Nonce(account.next_nonce), account.address.0.account);
    let signatures = sign.signatures.map_or(1, usize::from);
    let terms =
        Terms { valid_for_blocks: sign.valid_for, signatures, ..Terms::of(&session.status) };
    let transaction = compose(&terms, sender, nonce, plan.operations.clone())?;
    let total = check_funds(session, &account, &plan, transaction.fee_max)?;
    let signed = SignedTransaction { transaction, witnesses: Vec::new() };
    let draft = Draft { network: session.network(), token: session.token.clone(), signed };
    let transaction = &draft.signed.transaction;
    let review = review(session, signer, &Review { plan: &plan, transaction, total });
    if let Some(path) = &sign.build {
        context.output.note(&review);
        return build(&draft, path);
    }
    if sign.dry_run {
        context.output.note(&review);
        let keys = signer.public_key();
        return simulation::run(session, transaction, keys.as_slice()).await;
    }
    agree(context, sign, &review)?;
    let ready = signer.unlock(context, &sign.password)?;
    let signed = sign_and_submit(context, session, &ready, draft).await?;

    let (hash, transaction) = (signed.transaction.id(), signed.transaction.clone());
    let made = plan.makes.map(|kind| (kind, made_by(&transaction, 0).to_string()));
    let sent = Sent { transaction, hash, made };
    context.output.early(&sent.shown());
    if sign.no_wait {
        return Ok(sent.answer(&json!({ "status": "pending" })));
    }
    let fields = settle(context, &session.client, Waiting::for_end_of(signed)).await?;
    Ok(sent.answer(&fields))
}

/// Shows what is to be signed, and asks unless that was answered before.
///
/// # Errors
/// [`Failure`] when the user declines, or there is no terminal to ask on.
fn agree(context: &Context, sign: &SignArgs, review: &str) -> Result<(), Failure> {
    if sign.yes {
        context.output.note(review);
        return Ok(());
    }
    context.output.review(review);
    prompt::confirm("Sign and send?")
}

fn build(draft: &Draft, path: &Path) -> Result<Answer, Failure> {
    draft.write(path)?;
    let hash = draft.signed.transaction.id();
    let file = path.display();
    let text =
        format!("transaction {hash}\nwritten to {file}: sign it with 'tally tx sign {file}'");
    let fields = json!({ "hash": hash.to_string(), "file": path, "transaction": draft.view() });
    Ok(Answer::new(&fields, text))
}

/// Signs the transaction of `draft`, keeps the bytes and submits them. When the node certainly did not take
/// them because another transaction has the nonce, the next nonce is signed, once.
async fn sign_and_submit(
    context: &Context,
    session: &Session,
    ready: &Ready,
    mut draft: Draft,
) -> Result<SignedTransaction, Failure> {
    let first = signed(ready, &draft).await?;
    match submit_kept(context, session, &first).await? {
        Submitted::Accepted => return Ok(first),
        Submitted::Unanswered => return unanswered(context, first),
        Submitted::NonceUsed => context.pending.forget(&first.transaction.id())?,
    }
    context.interrupt.ended();
    let sender = session.address(first.transaction.sender).0;
    let nonce = submit::next_nonce(&session.client, sender).await?;
    context.output.note(&format!("nonce {} was used meanwhile: {nonce} is next", draft.nonce()));
    draft.signed.transaction.nonce = nonce;
    let second = signed(ready, &draft).await?;
    match submit_kept(context, session, &second).await? {
        Submitted::Accepted => Ok(second),
        Submitted::Unanswered => unanswered(context, second),
        Submitted::NonceUsed => {
            context.pending.forget(&second.transaction.id())?;
            let message = "another program sends from this account all the time";
            let failure = Failure::new(Exit::Rejected, "NONCE_TOO_LOW", message);
            Err(failure.hint("nothing took effect: try again"))
        }
    }
}

async fn signed(ready: &Ready, draft: &Draft) -> Result<SignedTransaction, Failure> {
    let mut draft = draft.clone();
    draft.add(ready.sign(&draft.to_sign()).await?)?;
    Ok(draft.signed)
}

/// Submits what is on disk before anybody sees it, and stays there unless the node certainly refused it.
///
/// # Errors
/// [`Failure`] when it cannot be kept, and then it is not submitted; or when the node refuses it.
pub(crate) async fn submit_kept(
    context: &Context,
    session: &Session,
    signed: &SignedTransaction,
) -> Result<Submitted, Failure> {
    let hash = signed.transaction.id();
    context.pending.keep(signed, Height(session.status.tip.height))?;
    context.interrupt.sent(hash);
    match submit::submit(&session.client, signed).await {
        Err(error @ ClientError::Refused(_)) => {
            context.pending.forget(&hash)?;
            Err(error.into())
        }
        Err(error) => Err(with_transaction(Failure::from(error).hint(resume(hash)), hash)),
        Ok(submitted) => Ok(submitted),
    }
}

/// No answer came to a transaction: it is waited for, and sent again, as any other.
#[expect(clippy::unnecessary_wraps, reason = "one arm of a match whose others may fail")]
fn unanswered(context: &Context, signed: SignedTransaction) -> Result<SignedTransaction, Failure> {
    context
        .output
        .note("no answer: the transaction is kept, and sent again until its end is known");
    Ok(signed)
}

/// Waits for the end of a transaction with a spinner, and forgets it then. Answers with the fields of one
/// that was applied.
///
/// # Errors
/// [`Failure`] for every other ending, or when the node stops answering.
pub(crate) async fn settle(
    context: &Context,
    client: &Client,
    waiting: Waiting,
) -> Result<Value, Failure> {
    let hash = waiting.id;
    context.interrupt.sent(hash);
    let spinner = context.output.spinner("waiting for the block");
    let ended = submit::wait(client, &waiting).await;
    spinner.finish_and_clear();
    context.interrupt.ended();
    let ending =
        ended.map_err(|error| with_transaction(Failure::from(error).hint(resume(hash)), hash))?;
    if !matches!(ending, Ending::Unknown { .. }) {
        context.pending.forget(&hash)?;
    }
    applied(ending).map_err(|failure| with_transaction(failure, hash))
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
        Ending::Unknown { blocks_from } => Err(unknown(blocks_from)),
    }
}

/// What to say of a transaction that a node knows nothing of which keeps blocks from `blocks_from` on.
pub(crate) fn unknown(blocks_from: u64) -> Failure {
    let failure =
        Failure::new(Exit::Unknown, "UNKNOWN", "the node knows nothing of this transaction");
    if blocks_from == 0 {
        return failure
            .hint("is it the right network? a node forgets what expired or was refused long ago");
    }
    failure.data(json!({ "blocks_from": blocks_from })).hint(format!(
        "it may have taken effect: this node keeps no block before {blocks_from}; ask one that keeps all of them, \
         with --node URL, before you do it again"
    ))
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

async fn account_of(session: &Session, signer: &Signer) -> Result<AccountView, Failure> {
    let account = session.address(signer.account);
    match session.client.call(AccountGet { account }).await {
        Ok(answer) => Ok(answer.value),
        Err(ClientError::Refused(refusal)) if refusal.name == "NOT_FOUND" => {
            let message = format!("{account} ({}) has no account yet", signer.name);
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

fn review(session: &Session, signer: &Signer, review: &Review<'_>) -> String {
    let Review { plan, transaction, total } = review;
    let status = &session.status.value;
    let from = session.address(signer.account).to_string();
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
                format!("pending: {}", resume(self.hash))
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
