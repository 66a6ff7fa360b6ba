//! Signing, submitting and waiting for the end, of which there is always one: in a block (applied or
//! failed), rejected, or expired.

use std::time::Duration;

use chain::account::AccountId;
use chain::amount::Amount;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::keys::SecretKey;
use chain::operation::Operation;
use chain::transaction::Transaction;
use rpc::client::{Client, ClientError};
use rpc::methods::{AccountGet, ChainStatus, TxGet, TxSubmit};
use rpc::text::{Address, Text, TransactionBytes};
use rpc::types::{EventView, IncludedView, OutcomeView, RejectionView, TxView};
use tokio::time::{Instant, sleep};

use crate::compose::{ComposeError, Terms, compose};

/// How often a waiting wallet asks.
pub const POLL: Duration = Duration::from_millis(100);
/// How long a waiting wallet puts up with a node that does not answer.
pub const SILENCE_MAX: Duration = Duration::from_secs(30);

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
    /// The node knows nothing of it, and nobody said until when it is valid.
    Unknown,
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
    submit_renewed(client, key, sender, &mut transaction).await?;
    let ending = wait(client, transaction.id(), Some(transaction.valid_until)).await?;
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

/// Signs `transaction` and submits it. When its nonce was used meanwhile, it is signed once more with
/// the next one: refused as it was, it can never take effect twice. Whatever the outcome, `transaction`
/// is what was signed last.
///
/// # Errors
/// [`ClientError`] when the node refuses it or does not answer. In the latter case it may have arrived:
/// submitting the same bytes again is harmless.
pub async fn submit_renewed(
    client: &Client,
    key: &SecretKey,
    sender: Address,
    transaction: &mut Transaction,
) -> Result<(), ClientError> {
    match submit(client, key, transaction).await {
        Err(ClientError::Refused(refusal))
            if ["NONCE_TOO_LOW", "NONCE_TAKEN"].contains(&refusal.name.as_str()) =>
        {
            transaction.nonce = next_nonce(client, sender).await?;
            submit(client, key, transaction).await
        }
        submitted => submitted,
    }
}

/// Waits until the transaction `id` has come to its end. A node that is away for a while, for instance
/// to start anew, is waited for.
///
/// # Errors
/// [`ClientError`] when the node refuses to answer, or is away too long.
pub async fn wait(
    client: &Client,
    id: Hash,
    valid_until: Option<Height>,
) -> Result<Ending, ClientError> {
    let mut heard = Instant::now();
    loop {
        match client.call(TxGet { id: Text(id) }).await {
            Ok(answer) => {
                heard = Instant::now();
                let tip = Height(answer.tip.height);
                if let Some(ending) = ending(answer.value, tip, valid_until) {
                    return Ok(ending);
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

/// The account that `key` controls on `network`.
pub fn sender_of(key: &SecretKey, network: chain::address::Network) -> Address {
    Address { network, account: AccountId::of_key(&key.public_key()) }
}

async fn submit(
    client: &Client,
    key: &SecretKey,
    transaction: &Transaction,
) -> Result<(), ClientError> {
    let bytes = encode(&transaction.clone().sign(key));
    let bytes = TransactionBytes::new(bytes).expect("composed transactions are within the bound");
    client.call(TxSubmit { transaction: Text(bytes) }).await.map(drop)
}

/// What the answer means, at `tip`, for a transaction that is valid until a known height or not; `None`
/// when it is not over.
fn ending(answer: TxView, tip: Height, valid_until: Option<Height>) -> Option<Ending> {
    match (answer, valid_until) {
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
        (TxView::Unknown, None) => Some(Ending::Unknown),
        (TxView::Unknown, Some(last)) => (tip > last).then_some(Ending::Expired),
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
        let at = |tip, last| ending(TxView::Unknown, Height(tip), last);
        assert_eq!(at(10, Some(Height(10))), None);
        assert_eq!(at(11, Some(Height(10))), Some(Ending::Expired));
        assert_eq!(at(11, None), Some(Ending::Unknown));
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
