//! Submitting, submitting again and waiting for the end, of which there is always one: in a block (applied
//! or failed), rejected, or expired.
//!
//! Invariant: something is signed anew only when the node certainly did not take what was signed before.

use std::time::Duration;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::keys::SecretKey;
use chain::limits::VALID_FOR_BLOCKS_MAX;
use chain::operation::Operation;
use chain::transaction::{SignedTransaction, Transaction};
use rpc::client::{Client, ClientError, Refusal};
use rpc::methods::{AccountGet, ChainStatus, TxGet, TxSubmit};
use rpc::text::{Address, Text, TransactionBytes};
use rpc::types::{EventView, IncludedView, OutcomeView, RejectionView, TxView};
use tokio::time::{Instant, sleep};

use crate::compose::{ComposeError, Terms, compose};

/// How often a waiting wallet asks.
pub const POLL: Duration = Duration::from_millis(100);
/// How long a waiting wallet puts up with a node that does not answer.
pub const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How long a waiting wallet lets pass before it submits the same bytes again, at least.
pub const RESUBMIT_EVERY: Duration = Duration::from_secs(2);

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is in a block, and every operation took effect.
    Applied {
        /// Where.
        inclusion: Inclusion,
        /// What changed, in order.
        events: Vec<EventView>,
    },
    /// It is in a block and had no effect; nonce and fee are spent.
    Failed {
        /// Where.
        inclusion: Inclusion,
        /// Which operation was refused, counted from 0.
        operation: u8,
        /// Why.
        rejection: RejectionView,
    },
    /// It was refused after it was accepted; it cost nothing.
    Rejected(RejectionView),
    /// Its last height passed; it is in no block and never will be.
    Expired,
    /// The node knows nothing of it, which does not say that it took no effect: nobody said until when it is valid,
    /// or it may be in a block that the node does not keep.
    Unknown {
        /// The first block that the node keeps; 0 when it keeps all.
        blocks_from: u64,
    },
}

/// Where a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The block's height.
    pub height: u64,
    /// The digest of the block's header.
    pub block_hash: Hash,
    /// The block's time in milliseconds.
    pub time: u64,
    /// The transaction's position in the block.
    pub index: u32,
    /// What it paid, in base units.
    pub fee: Amount,
}

/// Why a transaction did not get as far as an ending.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SubmitError {
    /// No transaction could be built.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The node refused it, or did not answer.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// A transaction that was sent, and how it ended.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What was signed.
    pub transaction: Transaction,
    /// How it ended.
    pub ending: Ending,
}

/// Builds, signs and submits a transaction of `operations` from the account of `key`, and waits for its
/// end.
///
/// # Errors
/// [`SubmitError`] when it was not accepted, or the node stopped answering.
pub async fn send(
    client: &Client,
    key: &SecretKey,
    operations: Vec<Operation>,
) -> Result<Sent, SubmitError> {
    let status = client.call(ChainStatus {}).await?;
    let sender = sender_of(key, status.value.network.into());
    let nonce = next_nonce(client, sender).await?;
    let mut transaction = compose(&Terms::of(&status), sender.account, nonce, operations)?;
    let mut signed = transaction.clone().sign(key);
    if submit(client, &signed).await? == Submitted::NonceUsed {
        transaction.nonce = next_nonce(client, sender).await?;
        signed = transaction.clone().sign(key);
        submit(client, &signed).await?;
    }
    let ending = wait(client, &Waiting::for_end_of(signed)).await?;
    Ok(Sent { transaction, ending })
}

/// The nonce of the account's next transaction; those that wait are counted.
///
/// # Errors
/// [`ClientError`] when the node does not answer; an account that does not exist is `NOT_FOUND`.
pub async fn next_nonce(client: &Client, account: Address) -> Result<Nonce, ClientError> {
    let answer = client.call(AccountGet { account: Text(account) }).await?;
    Ok(Nonce(answer.value.next_nonce))
}

/// What came of the first time that a transaction was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It waits, or is in a block.
    Accepted,
    /// Another transaction has its nonce. The node never took it: it may be signed anew with the next.
    NonceUsed,
    /// No answer came: it may have arrived. It must not be signed anew; the same bytes may be sent again.
    Unanswered,
}

/// Submits `signed` once.
///
/// # Errors
/// [`ClientError::Refused`] when the node refuses it for anything but its nonce, and
/// [`ClientError::Incompatible`] when the answer is not understood.
pub async fn submit(client: &Client, signed: &SignedTransaction) -> Result<Submitted, ClientError> {
    let bytes = TransactionBytes::new(encode(signed)).expect("it was composed within the bound");
    match client.call(TxSubmit { transaction: Text(bytes) }).await {
        Ok(_) => Ok(Submitted::Accepted),
        Err(ClientError::Refused(refusal))
            if ["NONCE_TOO_LOW", "NONCE_TAKEN"].contains(&refusal.name.as_str()) =>
        {
            Ok(Submitted::NonceUsed)
        }
        Err(ClientError::Unreachable { .. } | ClientError::Timeout { .. }) => {
            Ok(Submitted::Unanswered)
        }
        // What the node did before it said so is not known.
        Err(ClientError::Refused(refusal))
            if ["INTERNAL", "SHUTTING_DOWN", "TIMEOUT"].contains(&refusal.name.as_str()) =>
        {
            Ok(Submitted::Unanswered)
        }
        Err(error) => Err(error),
    }
}

/// What is waited for.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The transaction's id.
    pub id: Hash,
    /// The last height that may hold it, where it is known.
    pub valid_until: Option<Height>,
    /// The transaction, where it is at hand: a node that knows nothing of it gets it again.
    pub signed: Option<SignedTransaction>,
}

impl Waiting {
    /// For the end of `signed`, which is submitted again as often as it takes.
    pub fn for_end_of(signed: SignedTransaction) -> Self {
        let (id, valid_until) = (signed.transaction.id(), signed.transaction.valid_until);
        Self { id, valid_until: Some(valid_until), signed: Some(signed) }
    }

    /// `ending`, if a node that keeps blocks from `blocks_from` on would know of any other: one that began with a
    /// snapshot or was pruned refuses what it has given up as it refuses what never was.
    fn as_far_as_known(&self, ending: Ending, blocks_from: u64) -> Ending {
        let last = self.valid_until.map_or(0, |last| last.0);
        let is_kept = blocks_from <= last.saturating_sub(VALID_FOR_BLOCKS_MAX);
        if is_kept { ending } else { Ending::Unknown { blocks_from } }
    }
}

/// Waits until a transaction has come to its end. A node that is away for a while, for instance to start
/// anew, is waited for; one that knows nothing of the transaction gets its bytes again.
///
/// # Errors
/// [`ClientError`] when the node refuses to answer, or is away too long.
pub async fn wait(client: &Client, waiting: &Waiting) -> Result<Ending, ClientError> {
    let mut heard = Instant::now();
    let mut resubmitted = None::<Instant>;
    loop {
        match client.call(TxGet { id: Text(waiting.id) }).await {
            Ok(answer) => {
                heard = Instant::now();
                let tip = Height(answer.tip.height);
                let unknown = match &answer.value {
                    TxView::Unknown { blocks_from } => Some(*blocks_from),
                    _ => None,
                };
                if let Some(ending) = ending(answer.value, tip, waiting) {
                    return Ok(ending);
                }
                let due = resubmitted.is_none_or(|last| last.elapsed() > RESUBMIT_EVERY);
                if let Some((signed, blocks_from)) = waiting.signed.as_ref().zip(unknown)
                    && due
                {
                    resubmitted = Some(Instant::now());
                    if let Some(ending) = resubmit(client, signed).await? {
                        return Ok(waiting.as_far_as_known(ending, blocks_from));
                    }
                }
            }
            Err(error) => {
                let silent = heard.elapsed() > SILENCE_MAX;
                if silent || !may_come_back(&error) {
                    return Err(error);
                }
            }
        }
        sleep(POLL).await;
    }
}

/// Submits the same bytes again. A refusal is the end, unless it may be otherwise in a moment.
async fn resubmit(
    client: &Client,
    signed: &SignedTransaction,
) -> Result<Option<Ending>, ClientError> {
    let bytes = TransactionBytes::new(encode(signed)).expect("it was within the bound before");
    match client.call(TxSubmit { transaction: Text(bytes) }).await {
        Ok(_) => Ok(None),
        Err(ClientError::Refused(refusal)) => Ok(refused_again(&refusal)),
        Err(error) if may_come_back(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The end of a transaction that was submitted before and is now refused; `None` when it may be taken
/// later.
fn refused_again(refusal: &Refusal) -> Option<Ending> {
    match refusal.name.as_str() {
        "EXPIRED" => Some(Ending::Expired),
        "MEMPOOL_FULL" | "SENDER_FULL" | "NONCE_TOO_HIGH" | "SHUTTING_DOWN" | "TIMEOUT" => None,
        _ => {
            let code = refusal.data["rejection"].as_u64().and_then(|code| u16::try_from(code).ok());
            let (name, message) = (refusal.name.clone(), refusal.message.clone());
            Some(Ending::Rejected(RejectionView { code: code.unwrap_or(0), name, message }))
        }
    }
}

/// The account that `key` controls on `network`.
pub fn sender_of(key: &SecretKey, network: chain::address::Network) -> Address {
    Address { network, account: AccountId::of_key(&key.public_key()) }
}

/// What the answer means, at `tip`; `None` when it is not over.
fn ending(answer: TxView, tip: Height, waiting: &Waiting) -> Option<Ending> {
    match (answer, waiting.valid_until) {
        (TxView::Pending { .. }, _) => None,
        (TxView::Included { height, block_hash, time, included }, _) => {
            let IncludedView { index, receipt, .. } = included;
            let (block_hash, fee) = (block_hash.0, receipt.fee.0);
            let inclusion = Inclusion { height, block_hash, time, index, fee };
            Some(match receipt.outcome {
                OutcomeView::Applied { events } => Ending::Applied { inclusion, events },
                OutcomeView::Failed { operation, rejection } => {
                    Ending::Failed { inclusion, operation, rejection }
                }
            })
        }
        (TxView::Rejected(rejection), _) => Some(Ending::Rejected(rejection)),
        (TxView::Expired, _) => Some(Ending::Expired),
        (TxView::Unknown { blocks_from }, None) => Some(Ending::Unknown { blocks_from }),
        (TxView::Unknown { blocks_from }, Some(last)) => {
            (tip > last).then(|| waiting.as_far_as_known(Ending::Expired, blocks_from))
        }
    }
}

fn may_come_back(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. } | ClientError::Timeout { .. } => true,
        ClientError::Refused(refusal) => refusal.name == "SHUTTING_DOWN",
        ClientError::Incompatible { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_transaction_has_expired_when_its_last_height_passed() {
        let at = |tip, valid_until| {
            let waiting = Waiting { id: Hash::ZERO, valid_until, signed: None };
            ending(TxView::Unknown { blocks_from: 0 }, Height(tip), &waiting)
        };
        assert_eq!(at(10, Some(Height(10))), None);
        assert_eq!(at(11, Some(Height(10))), Some(Ending::Expired));
        assert_eq!(at(11, None), Some(Ending::Unknown { blocks_from: 0 }));
    }

    /// Whoever is told that nothing was paid pays again.
    #[test]
    fn nothing_is_said_to_have_expired_that_a_node_may_have_given_up() {
        let at = |blocks_from, last| {
            let waiting = Waiting { id: Hash::ZERO, valid_until: Some(Height(last)), signed: None };
            let answer = TxView::Unknown { blocks_from };
            let refused = refused_again(&refusal("EXPIRED")).unwrap();
            let again = waiting.as_far_as_known(refused, blocks_from);
            let ending = ending(answer, Height(last + 1), &waiting).unwrap();
            assert_eq!(ending, again);
            ending
        };
        let (last, earliest) = (VALID_FOR_BLOCKS_MAX + 500, 500);
        assert_eq!(at(0, last), Ending::Expired);
        assert_eq!(at(earliest, last), Ending::Expired);
        assert_eq!(at(earliest + 1, last), Ending::Unknown { blocks_from: 501 });
        assert_eq!(at(1, 10), Ending::Unknown { blocks_from: 1 });
    }

    fn refusal(name: &str) -> Refusal {
        let (name, message, data) = (name.to_owned(), String::new(), serde_json::json!({}));
        Refusal { code: 1, name, message, data }
    }

    fn again(name: &str) -> Option<Ending> {
        refused_again(&refusal(name))
    }

    #[test]
    fn what_was_sent_before_ends_by_a_refusal_that_will_not_change() {
        assert_eq!(again("EXPIRED"), Some(Ending::Expired));
        assert!(matches!(again("NONCE_TOO_LOW"), Some(Ending::Rejected(_))));
        assert_eq!(again("MEMPOOL_FULL"), None);
    }

    #[test]
    fn a_silent_node_is_waited_for_and_a_strange_one_is_not() {
        let url = String::new();
        let reason = String::new();
        assert!(may_come_back(&ClientError::Unreachable { url: url.clone(), reason }));
        let reason = String::new();
        assert!(!may_come_back(&ClientError::Incompatible { url, reason }));
    }
}
