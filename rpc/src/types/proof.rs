//! What a client verifies against the authorities of the genesis, trusting no node: values in their canonical
//! bytes, and the ways from them to a header that a quorum has signed.

use chain::block::Header;
use chain::certificate::Certificate;
use chain::charter::Charter;
use chain::merkle::{ListProof, StateProof};
use chain::receipt::Receipt;
use chain::state::{Key, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canonical::Canonical;
use crate::text::{Text, TransactionBytes};
use crate::types::PAGE_BYTES_MAX;
use crate::types::TipView;
use crate::types::page::json_bytes;

/// Headers in one answer to `chain_get_certificate` at most.
pub const HEADERS_MAX: usize = 64;
/// Epochs in one answer to `chain_get_epochs` at most.
pub const EPOCHS_MAX: u16 = 100;

/// What the chain began with. The chain's identity is the charter's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GenesisView {
    /// What the members agreed on; it names the first authorities.
    pub charter: Text<Canonical<Charter>>,
}

/// What the state of the tip holds under a key, or that it holds nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateProofView {
    /// The tip's header, whose state root the proof leads to.
    pub header: Text<Canonical<Header>>,
    /// The key.
    pub key: Text<Canonical<Key>>,
    /// What stands there; none when nothing does.
    pub object: Option<Text<Canonical<Object>>>,
    /// The way from the key to the state root.
    pub proof: Text<Canonical<StateProof>>,
}

/// A transaction in a block, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TxProofView {
    /// The block's header.
    pub header: Text<Canonical<Header>>,
    /// The signed transaction.
    pub transaction: Text<TransactionBytes>,
    /// The way from it to the transactions root.
    pub transaction_proof: Text<Canonical<ListProof>>,
    /// What it did.
    pub receipt: Text<Canonical<Receipt>>,
    /// The way from the receipt to the receipts root.
    pub receipt_proof: Text<Canonical<ListProof>>,
}

/// The first certificate at or above a height, and the headers that link to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertificateView {
    /// The headers from the height on, at most 64. The last is that of the certified block, unless
    /// `next_height` says otherwise.
    pub headers: Vec<Text<Canonical<Header>>>,
    /// The certificate of the last header's block; none when that is further away.
    pub certificate: Option<Text<Canonical<Certificate>>>,
    /// Where to ask again for the headers that follow; none when the certificate is here.
    pub next_height: Option<u64>,
}

/// The last blocks of epochs in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EpochsView {
    /// The block that the answer is about.
    pub tip: TipView,
    /// The epochs that are over, in order.
    pub items: Vec<EpochView>,
    /// Where to go on; none when no epoch after these is over.
    pub next_epoch: Option<u64>,
}

/// The end of an epoch: its last header names who votes in the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EpochView {
    /// The header of its last block.
    pub header: Text<Canonical<Header>>,
    /// The certificate of that block.
    pub certificate: Text<Canonical<Certificate>>,
}

impl EpochsView {
    /// As many of `epochs`, which begin with `first`, as fit [`PAGE_BYTES_MAX`]; at least one if there is
    /// one. `over` is how many epochs are over in all.
    pub fn fill(
        tip: TipView,
        first: u64,
        over: u64,
        epochs: impl IntoIterator<Item = EpochView>,
    ) -> Self {
        let (mut items, mut bytes) = (Vec::new(), 0);
        for epoch in epochs {
            bytes += json_bytes(&epoch);
            if bytes > PAGE_BYTES_MAX && !items.is_empty() {
                break;
            }
            items.push(epoch);
        }
        let next =
            items.last().map_or(first, |last: &EpochView| last.header.0.0.epoch.saturating_add(1));
        Self { tip, items, next_epoch: (next < over).then_some(next) }
    }
}
