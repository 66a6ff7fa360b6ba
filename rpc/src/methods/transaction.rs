//! Submitting a transaction, and asking where it stands.

use chain::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::text::{Text, TransactionBytes};
use crate::types::{AtTip, SimulationView, SubmittedBatchView, SubmittedView, TxView};

/// Transactions in one [`TxSubmitBatch`].
pub const BATCH_TRANSACTIONS_MAX: usize = 1_000;

/// `tx_submit`: submits a signed transaction. Submitting the same bytes twice is harmless.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TxSubmit {
    /// The signed transaction.
    pub transaction: Text<TransactionBytes>,
}

impl Method for TxSubmit {
    const NAME: &'static str = "tx_submit";
    const SUMMARY: &'static str =
        "Submits a signed transaction. Submitting the same bytes twice is harmless.";
    type Answer = SubmittedView;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.tx_submit(&self)
    }
}

/// `tx_submit_batch`: submits up to 1 000 signed transactions, each as `tx_submit` does; what becomes of one
/// does not hang on the others. Its body alone may have up to 4 MiB.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TxSubmitBatch {
    /// The signed transactions, those of one sender in the order of their nonces.
    #[schemars(length(max = BATCH_TRANSACTIONS_MAX))]
    pub transactions: Vec<Text<TransactionBytes>>,
}

impl Method for TxSubmitBatch {
    const NAME: &'static str = "tx_submit_batch";
    const SUMMARY: &'static str = "Submits up to 1000 signed transactions; each has a result of its own, in their \
        order. Its body may have up to 4 MiB.";
    type Answer = SubmittedBatchView;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        let count = self.transactions.len();
        if count > BATCH_TRANSACTIONS_MAX {
            let reason = format!("{count} transactions are more than {BATCH_TRANSACTIONS_MAX}");
            return Err(Error::ParamsInvalid { reason });
        }
        api.tx_submit_batch(&self)
    }
}

/// `tx_simulate`: what a transaction would do on the tip, of which nothing is kept. Its signatures are not
/// verified, so that it can be asked before anybody signs: they may be zeros. The keys beside them count.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TxSimulate {
    /// The transaction with the keys that will sign it.
    pub transaction: Text<TransactionBytes>,
}

impl Method for TxSimulate {
    const NAME: &'static str = "tx_simulate";
    const SUMMARY: &'static str =
        "What a transaction would do on the tip. Nothing is kept; signatures are not verified.";
    type Answer = AtTip<SimulationView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.tx_simulate(&self)
    }
}

/// `tx_get`: where a transaction stands: pending, included, rejected, expired or unknown.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TxGet {
    /// The id of the transaction.
    pub id: Text<Hash>,
}

impl Method for TxGet {
    const NAME: &'static str = "tx_get";
    const SUMMARY: &'static str =
        "Where a transaction stands: pending, included, rejected, expired or unknown.";
    type Answer = AtTip<TxView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.tx_get(&self)
    }
}
