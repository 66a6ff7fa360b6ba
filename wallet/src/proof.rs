//! Answers that no node need be trusted for: each is led back, link by link, to the name of the chain.
//!
//! ```text
//! chain -> charter -> authorities of every epoch -> certificate -> header -> root -> what was asked
//! ```
//! A node can refuse to answer, or show the chain as it was some time ago; [`Proven::header`] says when. It
//! cannot show what never was.

mod batch;
mod error;
#[cfg(test)]
mod tests;

use std::time::Duration;

use chain::account::{Account, AccountId};
use chain::block::Header;
use chain::certificate::{Certificate, Voters};
use chain::charter::Charter;
use chain::hash::Hash;
use chain::height::Height;
use chain::light::{Final, LightClient};
use chain::receipt::Receipt;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::transaction::SignedTransaction;
use rpc::canonical::Canonical;
use rpc::client::{Client, ClientError};
use rpc::methods::{
    ChainGetCertificate, ChainGetEpochs, ChainGetGenesis, ChainGetProof, TxGetProof,
};
use rpc::text::Text;
use rpc::types::{CertificateView, EpochView, Limit, StateProofView, TxProofView};
use tokio::time::{Instant, sleep};

pub use error::ProofError;

/// Epochs followed at one go at most. [`Auditor::known`] lets the next go on from there.
pub const EPOCHS_MAX: u64 = 16_384;
/// Headers between a block and the certificate above it at most.
const HEADERS_MAX: usize = 16_384;
/// How long to wait until the newest block has a certificate, and how often to ask.
const CERTIFICATE_WAIT: Duration = Duration::from_secs(10);
const CERTIFICATE_POLL: Duration = Duration::from_millis(100);

/// Something that a quorum of the chain's authorities vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven<T> {
    /// What was asked.
    pub value: T,
    /// The block that it is about: when, and at which height.
    pub header: Header,
    /// Who vouches for the block.
    pub finality: Final,
}

/// Asks one node, and believes what is proved.
#[derive(Clone, Debug)]
pub struct Auditor {
    client: Client,
    charter: Charter,
    light: LightClient,
    known: Option<Header>,
}

/// An account that no node need be trusted for, or that there is none. For more than one question make an
/// [`Auditor`]: it follows the chain once.
///
/// # Errors
/// [`ProofError`] names the link that does not hold.
pub async fn prove_account(
    client: Client,
    chain: Hash,
    account: AccountId,
) -> Result<Proven<Option<Account>>, ProofError> {
    Auditor::begin(client, chain, None).await?.account(account).await
}

impl Auditor {
    /// An auditor of `chain`. It follows the epochs from the first on, or from `known`, which another auditor
    /// of the chain has verified ([`Self::known`]).
    ///
    /// # Errors
    /// [`ProofError`] when the node does not answer or shows another charter.
    pub async fn begin(
        client: Client,
        chain: Hash,
        known: Option<Header>,
    ) -> Result<Self, ProofError> {
        let Canonical(charter) = client.call(ChainGetGenesis {}).await?.value.charter.0;
        if charter.chain() != chain {
            return Err(ProofError::Charter { expected: chain, found: charter.chain() });
        }
        let light = first(&charter)?;
        let resumed = known.as_ref().map(|closing| light.clone().resumed(closing));
        match resumed {
            Some(Ok(light)) => Ok(Self { client, charter, light, known }),
            // What was kept is of another chain, or damaged: begin anew.
            Some(Err(_)) | None => Ok(Self { client, charter, light, known: None }),
        }
    }

    /// What the chain began with.
    pub const fn charter(&self) -> &Charter {
        &self.charter
    }

    /// The last header of the last epoch that was followed to its end; none in the first.
    pub const fn known(&self) -> Option<&Header> {
        self.known.as_ref()
    }

    /// An account as the node's tip has it, or that there is none.
    ///
    /// # Errors
    /// [`ProofError`] names the link that does not hold.
    pub async fn account(
        &mut self,
        account: AccountId,
    ) -> Result<Proven<Option<Account>>, ProofError> {
        let proven = self.state(Key::Account(account)).await?;
        let value = match &proven.value {
            None => None,
            Some(Object::Account(account)) => Some(*account),
            Some(_) => return Err(ProofError::Kind),
        };
        Ok(Proven { value, header: proven.header, finality: proven.finality })
    }

    /// All the money there is, as the node's tip has it.
    ///
    /// # Errors
    /// [`ProofError`] names the link that does not hold.
    pub async fn supply(&mut self) -> Result<Proven<Supply>, ProofError> {
        let Proven { value, header, finality } = self.state(Key::Supply).await?;
        match value {
            Some(Object::Supply(value)) => Ok(Proven { value, header, finality }),
            _ => Err(ProofError::Kind),
        }
    }

    /// What the state of the node's tip holds under `key`, or that it holds nothing.
    ///
    /// # Errors
    /// [`ProofError`] names the link that does not hold.
    pub async fn state(&mut self, key: Key) -> Result<Proven<Option<Object>>, ProofError> {
        let question = ChainGetProof { key: Text(Canonical(key)) };
        let shown = self.client.call(question).await?.value;
        let (value, header) = state(&key, shown)?;
        let finality = self.finality(&header).await?;
        Ok(Proven { value, header, finality })
    }

    /// A transaction in a block, and what it did.
    ///
    /// # Errors
    /// [`ProofError`] names the link that does not hold; `NOT_FOUND` when the node knows of none in a block.
    pub async fn transaction(
        &mut self,
        id: Hash,
    ) -> Result<Proven<(SignedTransaction, Receipt)>, ProofError> {
        let shown = self.client.call(TxGetProof { id: Text(id) }).await?.value;
        let (value, header) = transaction(id, shown)?;
        let finality = self.finality(&header).await?;
        Ok(Proven { value, header, finality })
    }

    /// The header of the block at `height`.
    ///
    /// # Errors
    /// [`ProofError`] names the link that does not hold; `HEIGHT_UNAVAILABLE` when the node has no such block.
    pub async fn header(&mut self, height: Height) -> Result<Proven<()>, ProofError> {
        let (headers, certificate) = self.certified(height).await?;
        let first = headers.first().filter(|header| header.height == height).cloned();
        let header = first.ok_or(ProofError::Header { height })?;
        let finality = self.vouched(&headers, &certificate).await?;
        Ok(Proven { value: (), header, finality })
    }

    /// Who votes in `epoch`.
    ///
    /// # Errors
    /// [`ProofError`] names the link that does not hold; [`ProofError::EpochMissing`] when the epoch before it has
    /// not ended.
    pub async fn voters(&mut self, epoch: u64) -> Result<&Voters, ProofError> {
        self.follow(epoch).await?;
        Ok(self.light.voters())
    }

    /// Who vouches for the block of `header`.
    async fn finality(&mut self, header: &Header) -> Result<Final, ProofError> {
        let (headers, certificate) = self.certified(header.height).await?;
        if headers.first().map(Header::digest) != Some(header.digest()) {
            return Err(ProofError::Header { height: header.height });
        }
        self.vouched(&headers, &certificate).await
    }

    /// Who vouches for the block of the first of `headers`, which lead to the block that `certificate` is for.
    async fn vouched(
        &mut self,
        headers: &[Header],
        certificate: &Certificate,
    ) -> Result<Final, ProofError> {
        let height = headers.first().map_or(Height::GENESIS, |header| header.height);
        self.follow(self.light.epoch_of(height)).await?;
        let verified = self.light.verify(headers, certificate);
        verified.map_err(|reason| ProofError::Certificate { height, reason })
    }

    /// The headers from `height` on to the first block with a certificate, and that, once there is one.
    async fn certified(&self, height: Height) -> Result<(Vec<Header>, Certificate), ProofError> {
        let begun = Instant::now();
        loop {
            match self.link(height).await {
                Err(ProofError::Client(ClientError::Refused(refusal)))
                    if refusal.name == "CERTIFICATE_UNAVAILABLE"
                        && begun.elapsed() < CERTIFICATE_WAIT =>
                {
                    sleep(CERTIFICATE_POLL).await;
                }
                link => return link,
            }
        }
    }

    /// The headers from `height` on to the first block with a certificate, and that.
    async fn link(&self, height: Height) -> Result<(Vec<Header>, Certificate), ProofError> {
        let (mut headers, mut next) = (Vec::new(), height.0);
        loop {
            let answer = self.client.call(ChainGetCertificate { height: next }).await?;
            let CertificateView { headers: more, certificate, next_height } = answer.value;
            headers.extend(more.into_iter().map(|header| header.0.0));
            match (certificate, next_height) {
                (Some(certificate), _) => return Ok((headers, certificate.0.0)),
                (None, Some(further)) if further > next && headers.len() < HEADERS_MAX => {
                    next = further;
                }
                (None, _) => return Err(ProofError::CertificateTooFar { height }),
            }
        }
    }

    /// Follows the epochs until the voters of `epoch` are known.
    async fn follow(&mut self, epoch: u64) -> Result<(), ProofError> {
        if epoch < self.light.epoch() {
            self.light = first(&self.charter)?;
        }
        let last = self.light.epoch().saturating_add(EPOCHS_MAX);
        while self.light.epoch() < epoch {
            let from = self.light.epoch();
            if from >= last {
                return Err(ProofError::TooManyEpochs { reached: from, epoch });
            }
            let count = u16::try_from(epoch.saturating_sub(from)).unwrap_or(u16::MAX);
            let count = Limit::new(count).or(Limit::new(rpc::types::EPOCHS_MAX));
            let count = count.unwrap_or_default();
            let ends = self.client.call(ChainGetEpochs { from, count }).await?.items;
            if ends.is_empty() {
                return Err(ProofError::EpochMissing { epoch: from });
            }
            for EpochView { header, certificate } in ends {
                let epoch = self.light.epoch();
                let advanced = self.light.advance(&header.0.0, &certificate.0.0);
                advanced.map_err(|reason| ProofError::Epoch { epoch, reason })?;
                let known = self.known.as_ref().map(|known| known.epoch);
                if known < Some(header.0.0.epoch) {
                    self.known = Some(header.0.0);
                }
            }
        }
        Ok(())
    }
}

fn first(charter: &Charter) -> Result<LightClient, ProofError> {
    LightClient::of(charter).map_err(|reason| ProofError::Epoch { epoch: 0, reason })
}

/// What `shown` holds under `key`, if its path leads to the state root of its header.
fn state(key: &Key, shown: StateProofView) -> Result<(Option<Object>, Header), ProofError> {
    let Canonical(header) = shown.header.0;
    let object = shown.object.map(|object| object.0.0);
    if shown.key.0.0 != *key {
        return Err(ProofError::State);
    }
    let proved = shown.proof.0.0.verify(&header.state_root, key, object.as_ref());
    proved.map_err(|_| ProofError::State)?;
    Ok((object, header))
}

/// The transaction `id` and its receipt, if their paths lead to the roots of the header.
fn transaction(
    id: Hash,
    shown: TxProofView,
) -> Result<((SignedTransaction, Receipt), Header), ProofError> {
    let (Canonical(header), Canonical(receipt)) = (shown.header.0, shown.receipt.0);
    let signed = SignedTransaction::from_bytes(shown.transaction.0.as_bytes())
        .map_err(|_| ProofError::Transaction)?;
    if signed.transaction.id() != id {
        return Err(ProofError::Transaction);
    }
    let (root, digest) = (&header.transactions_root, signed.witnessed_id());
    let listed = shown.transaction_proof.0.0.verify(root, &digest);
    listed.map_err(|_| ProofError::Transaction)?;
    let listed = shown.receipt_proof.0.0.verify(&header.receipts_root, &receipt.digest());
    listed.map_err(|_| ProofError::Receipt)?;
    if receipt.transaction != id {
        return Err(ProofError::Receipt);
    }
    Ok(((signed, receipt), header))
}
