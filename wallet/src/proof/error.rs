//! Which link of a proof does not hold.

use chain::hash::Hash;
use chain::height::Height;
use chain::light::NotFinal;
use rpc::client::ClientError;
use runtime::batch::BatchInvalid;

use super::EPOCHS_MAX;

/// Why nothing is proved. All but [`Self::Client`] and [`Self::TooManyEpochs`] say that the node is not to be
/// trusted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProofError {
    /// The node does not answer, or refuses.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The charter is not that of the chain.
    #[error("the node's charter is that of chain {found}, not {expected}")]
    Charter {
        /// The chain that is meant.
        expected: Hash,
        /// The chain that the charter names.
        found: Hash,
    },
    /// The end of an epoch is not vouched for by its authorities.
    #[error("the end of epoch {epoch} is not proved: {reason}")]
    Epoch {
        /// The epoch.
        epoch: u64,
        /// What is wrong.
        reason: NotFinal,
    },
    /// The node shows a block of an epoch, but not how the epoch before it ended.
    #[error("the node does not show the end of epoch {epoch}")]
    EpochMissing {
        /// The epoch.
        epoch: u64,
    },
    /// More epochs than are followed at one go.
    #[error("followed {EPOCHS_MAX} epochs up to {reached}; the block is in {epoch}")]
    TooManyEpochs {
        /// The epoch that was reached.
        reached: u64,
        /// The epoch of the block.
        epoch: u64,
    },
    /// The certificate is for another chain of headers than the proof's.
    #[error("the node shows two headers for height {height}")]
    Header {
        /// The height.
        height: Height,
    },
    /// The certificate does not make the block final.
    #[error("the block at height {height} is not proved final: {reason}")]
    Certificate {
        /// The height.
        height: Height,
        /// What is wrong.
        reason: NotFinal,
    },
    /// The node shows no certificate within reach.
    #[error("the node shows no certificate near height {height}")]
    CertificateTooFar {
        /// The height.
        height: Height,
    },
    /// The path does not lead from what is shown to the state root.
    #[error("the object is not what the state root commits to")]
    State,
    /// What stands under the key is of another kind.
    #[error("the object is of another kind than its key")]
    Kind,
    /// What is shown of a match does not lead to it.
    #[error("the match is not proved: {0}")]
    Match(#[from] BatchInvalid),
    /// The answer is about another block than the question.
    #[error("the node shows the block at height {shown}, and that at {asked} was asked for")]
    Height {
        /// The height that was asked for.
        asked: u64,
        /// The height of the block that is shown.
        shown: Height,
    },
    /// The parts of an answer do not fit together.
    #[error("the parts of the answer do not fit together")]
    Parts,
    /// The node shows more of a match than any may.
    #[error("the node shows {items} things and {bytes} bytes of the match, more than there can be")]
    MatchTooLarge {
        /// How many things it has shown so far.
        items: usize,
        /// How many bytes these are.
        bytes: usize,
    },
    /// The transaction is another one, or its path does not lead to the transactions root.
    #[error("the transaction is not what the transactions root commits to")]
    Transaction,
    /// The receipt is another transaction's, or its path does not lead to the receipts root.
    #[error("the receipt is not what the receipts root commits to")]
    Receipt,
}

impl ProofError {
    /// The link that does not hold, in a word; none when the node did not answer or there is more to follow.
    pub const fn link(&self) -> Option<&'static str> {
        match self {
            Self::Client(_) | Self::TooManyEpochs { .. } => None,
            Self::Charter { .. } => Some("charter"),
            Self::Epoch { .. } | Self::EpochMissing { .. } => Some("epoch"),
            Self::Header { .. } | Self::Height { .. } => Some("header"),
            Self::Certificate { .. } | Self::CertificateTooFar { .. } => Some("certificate"),
            Self::State => Some("state"),
            Self::Kind => Some("object"),
            Self::Match(BatchInvalid::Outcome) => Some("outcome"),
            Self::Match(_) | Self::Parts | Self::MatchTooLarge { .. } => Some("match"),
            Self::Transaction => Some("transaction"),
            Self::Receipt => Some("receipt"),
        }
    }
}
