//! `tally tx sign|send|decode|simulate`: transactions in files.

use std::path::Path;

use chain::address::Network;
use chain::hash::Hash;
use chain::keys::PublicKey;
use chain::token::Token;
use chain::transaction::{SignedTransaction, Transaction};
use serde_json::{Value, json};

use super::{SendFileArgs, SignFileArgs};
use crate::args::PasswordArgs;
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::keystore::KeyName;
use crate::output::Answer;
use crate::prompt;
use crate::settings::network_name;
use crate::shown::{Fact, Style};
use crate::signer::Signer;
use crate::signing::{self, submit_kept};
use crate::simulation;
use crate::submit::{Submitted, Waiting};
use crate::text::facts;
use crate::transaction_file::{self, Draft};

/// Adds a signature to a file. Everything that is signed is shown first, from the bytes that are signed.
pub(super) async fn sign(context: &Context, args: &SignFileArgs) -> Result<Answer, Failure> {
    let mut draft = Draft::read(&args.file)?;
    check_chain_offline(context, &draft)?;
    let signer = context.who_signs(args.key.as_ref(), args.signer.as_ref()).await?;
    let review = review(&draft, &signer);
    if args.yes {
        context.output.note(&review);
    } else {
        context.output.review(&review);
        prompt::confirm("Sign?")?;
    }
    add_signature(context, &signer, &args.password, &mut draft).await?;
    draft.write(&args.file)?;
    let (hash, signers) = (draft.signed.transaction.id().to_string(), signers(&draft.signed));
    let count = signers.len();
    let text = format!(
        "transaction {hash}\nsigned by {count} of its keys in {file}: send it with 'tally tx send {file}'",
        file = args.file.display()
    );
    let document = json!({ "hash": hash, "file": args.file, "signers": signers });
    Ok(Answer::new(&document, text))
}

async fn add_signature(
    context: &Context,
    signer: &Signer,
    password: &PasswordArgs,
    draft: &mut Draft,
) -> Result<(), Failure> {
    let signed_already = |key: &PublicKey| draft.signed.witnesses.iter().any(|it| it.key == *key);
    if let Some(key) = signer.public_key().filter(signed_already) {
        return Err(transaction_file::TransactionFileError::SignedAlready(key).into());
    }
    let ready = signer.unlock(context, password)?;
    let witness = ready.sign(&draft.to_sign()).await?;
    Ok(draft.add(witness)?)
}

/// Submits a file and waits for the transaction's end.
pub(super) async fn send(context: &Context, args: &SendFileArgs) -> Result<Answer, Failure> {
    let draft = Draft::read(&args.file)?;
    if draft.signed.witnesses.is_empty() {
        let file = args.file.display();
        let failure = Failure::usage(format!("nobody has signed {file} yet"));
        return Err(failure.hint(format!("sign it with 'tally tx sign {file}'")));
    }
    let session = context.connect(Trust::Pinned).await?;
    check_chain(&session, &draft.signed.transaction)?;
    let (signed, hash) = (draft.signed.clone(), draft.signed.transaction.id());
    if submit_kept(context, &session, &signed).await? == Submitted::NonceUsed {
        context.pending.forget(&hash)?;
        let message = "the nonce was used by another transaction since the file was built";
        let failure = Failure::new(Exit::Rejected, "NONCE_TOO_LOW", message);
        let hint = "nothing took effect: build and sign it anew";
        return Err(signing::with_transaction(failure.hint(hint), hash));
    }
    context.output.early(&format!("transaction {hash}"));
    let fields = if args.no_wait {
        json!({ "status": "pending" })
    } else {
        signing::settle(context, &session.client, Waiting::for_end_of(signed)).await?
    };
    let text = match fields["height"].as_u64() {
        Some(height) => format!("applied in block {height}"),
        None => format!("pending: {}", crate::interrupt::resume(hash)),
    };
    Ok(Answer::new(&fields, text).with("hash", &hash.to_string()))
}

/// Shows a transaction. Signatures are verified; nobody is asked.
pub(super) fn decode(context: &Context, text: &str) -> Result<Answer, Failure> {
    let network = context.settings.network_offline();
    let found = read(network, text)?;
    let id = found.signed.transaction.id();
    let verified = |key: &PublicKey| {
        let witness = found.signed.witnesses.iter().find(|witness| witness.key == *key);
        witness.is_some_and(|witness| key.verify(&id, &witness.signature).is_ok())
    };
    let keys: Vec<PublicKey> = found.signed.witnesses.iter().map(|witness| witness.key).collect();
    let mut lines = vec![
        ("transaction", id.to_string()),
        ("network", network_name(found.network).to_owned()),
        ("chain", found.signed.transaction.chain.to_string()),
    ];
    lines.extend(found.shown());
    lines.extend(keys.iter().map(|key| {
        let state = if verified(key) { "verifies" } else { "does NOT verify" };
        ("signature", format!("of {key} {state}"))
    }));
    if keys.is_empty() {
        lines.push(("signature", "none yet".to_owned()));
    }
    let signatures: Vec<Value> = keys
        .iter()
        .map(|key| json!({ "key": key.to_string(), "verifies": verified(key) }))
        .collect();
    let document = json!({
        "hash": id.to_string(),
        "network": network_name(found.network),
        "chain": found.signed.transaction.chain.to_string(),
        "transaction": transaction_file::view(found.network, &found.signed),
        "signatures": signatures,
    });
    Ok(Answer::new(&document, facts(&lines)))
}

/// Asks what a transaction would do.
pub(super) async fn simulate(
    context: &Context,
    text: &str,
    key: Option<&KeyName>,
) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let found = read(session.network(), text)?;
    check_chain(&session, &found.signed.transaction)?;
    let mut keys: Vec<PublicKey> =
        found.signed.witnesses.iter().map(|witness| witness.key).collect();
    if keys.is_empty() || key.is_some() {
        let key = context.own_key(key)?.public_key;
        keys.extend(Some(key).filter(|key| !keys.contains(key)));
    }
    simulation::run(&session, &found.signed.transaction, &keys).await
}

/// A transaction from a file or from digits. What digits are for people only a file says.
struct Found {
    network: Network,
    token: Option<Token>,
    signed: SignedTransaction,
}

impl Found {
    fn shown(&self) -> Vec<Fact> {
        let unit = self.token.as_ref().map_or_else(|| " base units".to_owned(), Token::base_unit);
        Style::Base(&unit).transaction(&transaction_file::view(self.network, &self.signed))
    }
}

fn read(network: Network, text: &str) -> Result<Found, Failure> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_digits {
        let Draft { network, token, signed } = Draft::read(Path::new(text))?;
        return Ok(Found { network, token: Some(token), signed });
    }
    let malformed = || {
        let message = "these digits are no transaction, signed or not";
        Failure::new(Exit::Usage, "TRANSACTION_MALFORMED", message)
    };
    let bytes = hex::decode(text).map_err(|_| malformed())?;
    let signed = SignedTransaction::from_bytes(&bytes).ok().or_else(|| {
        let transaction = transaction_file::unsigned_from_bytes(&bytes)?;
        Some(SignedTransaction { transaction, witnesses: Vec::new() })
    });
    signed.map(|signed| Found { network, token: None, signed }).ok_or_else(malformed)
}

/// What a signer must see before: everything, as the bytes say it.
fn review(draft: &Draft, signer: &Signer) -> String {
    let transaction = &draft.signed.transaction;
    let (symbol, base) = (&draft.token.symbol, draft.token.base_unit());
    let unit = 10_u128.pow(draft.token.decimals.into());
    let mut lines = vec![
        ("network", network_name(draft.network).to_owned()),
        ("chain", transaction.chain.to_string()),
        ("transaction", transaction.id().to_string()),
        ("unit", format!("1{symbol} is {unit}{base}, as the file says")),
        ("signer", signer.name.clone()),
    ];
    lines.extend(Style::Base(&base).transaction(&draft.view()));
    lines.extend(signers(&draft.signed).into_iter().map(|key| ("signed by", key)));
    facts(&lines).trim_end().to_owned()
}

fn signers(signed: &SignedTransaction) -> Vec<String> {
    signed.witnesses.iter().map(|witness| witness.key.to_string()).collect()
}

/// Refuses a file of another chain than the one that is meant, and one where nobody said which is.
fn check_chain_offline(context: &Context, draft: &Draft) -> Result<(), Failure> {
    let settings = &context.settings;
    let found = draft.signed.transaction.chain;
    let Some(meant) = settings.chain.or(settings.pin.map(|pin| pin.chain.0)) else {
        let message =
            format!("the file is for chain {found}; which one is meant is not known here");
        let failure = Failure::new(Exit::Usage, "CHAIN_UNKNOWN", message);
        return Err(
            failure.hint("say it with --chain HASH, or once with 'tally config set chain HASH'")
        );
    };
    if meant != found {
        return Err(wrong_chain(meant, found));
    }
    let network = settings.network.or(settings.pin.map(|pin| pin.network.into()));
    match network.filter(|meant| *meant != draft.network) {
        Some(meant) => {
            let (meant, found) = (network_name(meant), network_name(draft.network));
            let message = format!("the file is for network '{found}', but '{meant}' is meant");
            let data = json!({ "expected": meant, "found": found });
            Err(Failure::new(Exit::Network, "WRONG_NETWORK", message).data(data))
        }
        None => Ok(()),
    }
}

fn check_chain(session: &Session, transaction: &Transaction) -> Result<(), Failure> {
    let meant = session.status.value.chain.0;
    if transaction.chain == meant { Ok(()) } else { Err(wrong_chain(meant, transaction.chain)) }
}

fn wrong_chain(meant: Hash, found: Hash) -> Failure {
    let message = format!("the transaction is for chain {found}, but {meant} is meant");
    let data = json!({ "expected": meant.to_string(), "found": found.to_string() });
    Failure::new(Exit::Network, "WRONG_NETWORK", message).data(data)
}
