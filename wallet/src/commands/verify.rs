//! `tally verify`: what a node shows, proved from the name of the chain alone.

mod equivocation;
pub(super) mod market;

use std::path::PathBuf;

use chain::account::{Account, AccountId};
use chain::amount::Amount;
use chain::block::Header;
use chain::hash::Hash;
use chain::height::Height;
use chain::receipt::Outcome;
use chain::supply::Supply;
use chain::transaction::SignedTransaction;
use clap::Subcommand;
use rpc::canonical::Canonical;
use rpc::text::{Address, Text, TextForm};
use rpc::types::ColumnsView;
use serde_json::{Value, json};

use self::equivocation::EquivocationArgs;
use crate::args::{AccountArgs, hash};
use crate::context::{Context, Session, Trust};
use crate::failure::{Exit, Failure};
use crate::files;
use crate::output::Answer;
use crate::proof::{Auditor, ProofError, Proven};
use crate::text::facts;
use crate::when;

/// Bytes of what is kept of a chain that was followed, at most: a header with many authorities in hex.
const KNOWN_BYTES_MAX: u64 = 64 * 1024;

/// Check what a node shows against the authorities of the chain, trusting no node
#[derive(Debug, Subcommand)]
pub(crate) enum VerifyCommand {
    /// Prove what an account has, or that there is none
    Account {
        #[command(flatten)]
        of: AccountArgs,
    },
    /// Prove how much money there is
    Supply,
    /// Prove that a transaction is in a block, and what it did
    Tx {
        /// The transaction
        #[arg(value_parser = hash)]
        hash: Hash,
    },
    /// Prove that a block is final: its header, at any height
    Block {
        /// Its height
        height: u64,
    },
    /// Prove that an authority contradicted itself, from a file that a node kept of it
    Equivocation(EquivocationArgs),
}

/// Runs `tally verify`.
pub(super) async fn run(context: &Context, command: VerifyCommand) -> Result<Answer, Failure> {
    let anchor = Anchor::of(context)?;
    let session = context.connect(Trust::Pinned).await?;
    let known = anchor.known(context)?;
    let mut auditor = Auditor::begin(session.client.clone(), anchor.chain, known).await?;
    let answer = prove(context, &anchor, &mut auditor, command).await;
    anchor.keep(context, auditor.known())?;
    answer
}

async fn prove(
    context: &Context,
    anchor: &Anchor,
    auditor: &mut Auditor,
    command: VerifyCommand,
) -> Result<Answer, Failure> {
    match command {
        VerifyCommand::Account { of } => {
            let account = match &of.account {
                Some(text) => context.account(text, auditor.charter().network)?,
                None => context.own_key(of.key.as_ref())?.account(),
            };
            let proven = auditor.account(account).await?;
            Ok(anchor.account(auditor, account, &proven))
        }
        VerifyCommand::Supply => {
            let proven = auditor.supply().await?;
            Ok(anchor.supply(auditor, &proven))
        }
        VerifyCommand::Tx { hash } => {
            let proven = auditor.transaction(hash).await?;
            Ok(anchor.transaction(auditor, hash, &proven))
        }
        VerifyCommand::Block { height } => {
            let proven = auditor.header(Height(height)).await?;
            Ok(anchor.block(auditor, &proven))
        }
        VerifyCommand::Equivocation(args) => equivocation::prove(anchor, auditor, &args).await,
    }
}

/// What an account has and how much money there is, proved: an end for a statement.
#[derive(Debug)]
pub(super) struct Books {
    /// The account.
    pub(super) account: Proven<Option<Account>>,
    /// The supply, of the same block or a later one.
    pub(super) supply: Proven<Supply>,
    /// Who vouches for the account, for programs.
    pub(super) proof: Value,
}

/// What everything is led back to.
pub(super) struct Anchor {
    chain: Hash,
    source: Source,
}

/// Where the name of the chain comes from.
#[derive(Clone, Copy)]
enum Source {
    /// A flag, the environment or the profile.
    Given,
    /// The node that the profile asked first.
    SeenFirst,
}

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::SeenFirst => "seen_first",
        }
    }
}

impl Anchor {
    /// The chain that is meant. It must have been known before the node is asked, or nothing is proved.
    pub(super) fn of(context: &Context) -> Result<Self, Failure> {
        let settings = &context.settings;
        let given = settings.chain.map(|chain| Self { chain, source: Source::Given });
        let seen = settings.pin.map(|pin| Self { chain: pin.chain.0, source: Source::SeenFirst });
        given.or(seen).ok_or_else(|| {
            Failure::usage("which chain? nothing can be proved of one that nobody has named")
                .hint("name it with --chain HASH: the hash that 'tallyd init' printed")
        })
    }

    /// Proves what `account` has, and how much money there is.
    pub(super) async fn books(
        &self,
        context: &Context,
        session: &Session,
        account: AccountId,
    ) -> Result<Books, Failure> {
        let known = self.known(context)?;
        let mut auditor = Auditor::begin(session.client.clone(), self.chain, known).await?;
        let account = auditor.account(account).await?;
        let supply = auditor.supply().await?;
        self.keep(context, auditor.known())?;
        let proof = self.proof(&account);
        Ok(Books { account, supply, proof })
    }

    /// What was followed of the chain before; none when nothing, or nothing readable, was kept.
    fn known(&self, context: &Context) -> Result<Option<Header>, Failure> {
        let bytes = match files::read_bounded(&self.file(context), KNOWN_BYTES_MAX) {
            Err(error) if error.is_missing() => return Ok(None),
            bytes => bytes?,
        };
        let text = String::from_utf8(bytes).ok();
        let header = text.and_then(|text| Canonical::<Header>::parse(text.trim()));
        Ok(header.map(|Canonical(header)| header))
    }

    /// Keeps how far the chain was followed, for the next time.
    fn keep(&self, context: &Context, known: Option<&Header>) -> Result<(), Failure> {
        let Some(header) = known else { return Ok(()) };
        files::make_folder(&context.settings.home)?;
        let file = self.file(context);
        if let Some(folder) = file.parent() {
            files::make_folder(folder)?;
        }
        Ok(files::replace_private(&file, Canonical(header.clone()).to_string().as_bytes())?)
    }

    fn file(&self, context: &Context) -> PathBuf {
        context.settings.home.join("followed").join(self.chain.to_string())
    }

    fn account(
        &self,
        auditor: &Auditor,
        id: AccountId,
        proven: &Proven<Option<Account>>,
    ) -> Answer {
        let network = auditor.charter().network;
        let address = Text(Address { network, account: id });
        let show = |amount: Amount| auditor.charter().token.format(amount);
        let mut lines = vec![("address", address.to_string())];
        match &proven.value {
            None => lines.push(("account", "there is none".to_owned())),
            Some(account) => {
                let ColumnsView { amount, held, balance, credit, available } = columns(account);
                lines.extend([
                    ("amount", show(amount.0)),
                    ("held", show(held.0)),
                    ("balance", show(balance.0)),
                    ("credit", show(credit.0)),
                    ("available", show(available.0)),
                    ("nonce", account.nonce.to_string()),
                ]);
            }
        }
        let account = proven.value.as_ref().map(|account| {
            let ColumnsView { amount, held, balance, credit, available } = columns(account);
            json!({
                "amount": amount,
                "held": held,
                "balance": balance,
                "credit": credit,
                "available": available,
                "nonce": account.nonce.0,
            })
        });
        let document = json!({ "address": address, "account": account });
        of_now(self.answer(proven, lines, &document), &proven.header)
    }

    fn supply(&self, auditor: &Auditor, proven: &Proven<Supply>) -> Answer {
        let (supply, Supply { minted, burned }) = (proven.value.cash(), proven.value);
        let show = |amount| auditor.charter().token.format(amount);
        let lines =
            vec![("supply", show(supply)), ("minted", show(minted)), ("burned", show(burned))];
        let document =
            json!({ "supply": Text(supply), "minted": Text(minted), "burned": Text(burned) });
        of_now(self.answer(proven, lines, &document), &proven.header)
    }

    fn transaction(
        &self,
        auditor: &Auditor,
        id: Hash,
        proven: &Proven<(SignedTransaction, chain::receipt::Receipt)>,
    ) -> Answer {
        let (signed, receipt) = &proven.value;
        let (network, account) = (auditor.charter().network, signed.transaction.sender);
        let sender = Text(Address { network, account });
        let (outcome, text) = match &receipt.outcome {
            Outcome::Applied { events } => {
                let events = events.len();
                (json!({ "outcome": "applied" }), format!("applied, {events} events"))
            }
            Outcome::Failed { operation, code } => (
                json!({ "outcome": "failed", "operation": operation, "code": code }),
                format!("failed at operation {operation} with code {code}"),
            ),
        };
        let lines = vec![
            ("transaction", id.to_string()),
            ("sender", sender.to_string()),
            ("fee", auditor.charter().token.format(receipt.fee)),
            ("outcome", text),
        ];
        let document = json!({
            "hash": Text(id),
            "sender": sender,
            "nonce": signed.transaction.nonce.0,
            "fee": Text(receipt.fee),
            "receipt": outcome,
        });
        self.answer(proven, lines, &document)
    }

    fn block(&self, auditor: &Auditor, proven: &Proven<()>) -> Answer {
        let header = &proven.header;
        let network = auditor.charter().network;
        let address = |account| Text(Address { network, account });
        let next = header.next_authorities.as_ref().map(|next| {
            next.iter().map(|it| json!({ "key": Text(it.key), "account": address(it.account) }))
        });
        let next = next.map(Iterator::collect::<Vec<_>>);
        let (digest, proposer) = (Text(header.digest()), Text(header.proposer));
        let mut lines = vec![
            ("hash", digest.to_string()),
            ("parent", header.parent.to_string()),
            ("proposer", proposer.to_string()),
            ("transactions root", header.transactions_root.to_string()),
            ("receipts root", header.receipts_root.to_string()),
            ("state root", header.state_root.to_string()),
        ];
        if let Some(next) = &next {
            lines.push(("ends", format!("epoch {}; then {} vote", header.epoch, next.len())));
        }
        let document = json!({
            "hash": digest,
            "parent": Text(header.parent),
            "proposer": proposer,
            "transactions_root": Text(header.transactions_root),
            "receipts_root": Text(header.receipts_root),
            "state_root": Text(header.state_root),
            "next_authorities": next,
        });
        self.answer(proven, lines, &document)
    }

    /// The chain, and where its name comes from.
    fn named(&self) -> String {
        let source = match self.source {
            Source::Given => "as given",
            Source::SeenFirst => "as the profile saw it first",
        };
        format!("{}, {source}", self.chain)
    }

    /// What was proved, and by whom it is vouched for.
    fn answer<T>(
        &self,
        proven: &Proven<T>,
        mut lines: Vec<(&'static str, String)>,
        document: &Value,
    ) -> Answer {
        let Proven { header, finality, .. } = proven;
        let (height, time) = (header.height.0, header.time.0);
        let vouched = format!(
            "{} of {} authorities, epoch {}",
            finality.votes, finality.voters, header.epoch
        );
        lines.extend([
            ("block", format!("{height}, {}", when::show(time))),
            ("vouched for", vouched),
            ("chain", self.named()),
        ]);
        Answer::new(document, facts(&lines)).with("proof", &self.proof(proven))
    }

    /// Who vouches for what was proved, for programs.
    fn proof<T>(&self, proven: &Proven<T>) -> Value {
        let Proven { header, finality, .. } = proven;
        json!({
            "chain": Text(self.chain),
            "trust": self.source.name(),
            "height": header.height.0,
            "block_hash": Text(header.digest()),
            "time": header.time.0,
            "epoch": header.epoch,
            "certified_height": finality.certified.0,
            "votes": finality.votes,
            "authorities": finality.voters,
        })
    }
}

/// An answer that says how things are, with a warning when the block of `header` is old.
fn of_now(answer: Answer, header: &Header) -> Answer {
    let warning = when::stale(header.time.0, when::now());
    let text =
        warning.iter().map(|warning| facts(&[("mind", warning.clone())])).collect::<String>();
    answer.with("warning", &warning).with_text(&text)
}

fn columns(account: &Account) -> ColumnsView {
    ColumnsView::new(account.cash, account.held).expect("no more is held than there is")
}

impl From<ProofError> for Failure {
    fn from(error: ProofError) -> Self {
        let message = error.to_string();
        match error {
            ProofError::Client(error) => error.into(),
            ProofError::TooManyEpochs { reached, epoch } => {
                Self::new(Exit::Unknown, "EPOCHS_TOO_MANY", message)
                    .data(json!({ "reached": reached, "epoch": epoch }))
                    .hint("run the same command again: it goes on where this one ended")
            }
            error => Self::new(Exit::Network, "PROOF_INVALID", message)
                .data(json!({ "link": error.link() }))
                .hint("do not trust this node: ask another one with --node URL"),
        }
    }
}
