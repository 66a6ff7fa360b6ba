//! Questions whose answers a client verifies by itself.

use chain::hash::Hash;
use chain::state::Key;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::canonical::Canonical;
use crate::error::Error;
use crate::methods::Method;
use crate::text::{Address, Text};
use crate::types::{
    AtTip, CertificateView, EPOCHS_MAX, EpochsView, GenesisView, Limit, StateProofView, TxProofView,
};

/// `chain_get_genesis`: what the chain began with; the chain's identity is its digest.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainGetGenesis {}

impl Method for ChainGetGenesis {
    const NAME: &'static str = "chain_get_genesis";
    const SUMMARY: &'static str = "What the chain began with; the chain's identity is its digest.";
    type Answer = AtTip<GenesisView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.chain_get_genesis()
    }
}

/// `chain_get_epochs`: the last headers of epochs in a row, each with the certificate of its block.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainGetEpochs {
    /// The first epoch.
    pub from: u64,
    /// How many.
    #[serde(default)]
    pub count: Limit<EPOCHS_MAX>,
}

impl Method for ChainGetEpochs {
    const NAME: &'static str = "chain_get_epochs";
    const SUMMARY: &'static str =
        "The last headers of epochs in a row, each with the certificate of its block.";
    type Answer = EpochsView;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.chain_get_epochs(&self)
    }
}

/// `chain_get_certificate`: the first certificate at or above a height, and the headers that link to it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainGetCertificate {
    /// The height.
    pub height: u64,
}

impl Method for ChainGetCertificate {
    const NAME: &'static str = "chain_get_certificate";
    const SUMMARY: &'static str =
        "The first certificate at or above a height, and the headers that link to it.";
    type Answer = AtTip<CertificateView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.chain_get_certificate(&self)
    }
}

/// `chain_get_proof`: what the state of the tip holds under a key, with a proof.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainGetProof {
    /// The key.
    pub key: Text<Canonical<Key>>,
}

impl Method for ChainGetProof {
    const NAME: &'static str = "chain_get_proof";
    const SUMMARY: &'static str =
        "What the state of the tip holds under a key, or that it holds nothing, with a proof.";
    type Answer = AtTip<StateProofView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.chain_get_proof(&self)
    }
}

/// `account_get_proof`: an account with a proof, or the proof that there is none.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountGetProof {
    /// The account.
    pub account: Text<Address>,
}

impl Method for AccountGetProof {
    const NAME: &'static str = "account_get_proof";
    const SUMMARY: &'static str = "An account with a proof, or the proof that there is none.";
    type Answer = AtTip<StateProofView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.account_get_proof(&self)
    }
}

/// `tx_get_proof`: a transaction in a block and what it did, with proofs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TxGetProof {
    /// The id of the transaction.
    pub id: Text<Hash>,
}

impl Method for TxGetProof {
    const NAME: &'static str = "tx_get_proof";
    const SUMMARY: &'static str = "A transaction in a block and what it did, with proofs.";
    type Answer = AtTip<TxProofView>;

    fn ask(self, api: &dyn Api) -> Result<Self::Answer, Error> {
        api.tx_get_proof(&self)
    }
}
