//! Submitting a transaction, and asking where it stands.

use chain::hash::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::error::Error;
use crate::methods::Method;
use crate::text::{Text, TransactionBytes};
use crate::types::{AtTip, SubmittedView, TxView};

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
