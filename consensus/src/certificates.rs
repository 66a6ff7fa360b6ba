//! Certificates, from the engine's archive to the application, in the chain's own bytes.
//!
//! A block has a certificate of its own, or is final because one above it in its epoch has. The last block of
//! an epoch has nothing above it, so its certificate is waited for: it names the voters of the next epoch,
//! and without it nobody could follow the chain past it.

use std::time::Duration;

use chain::authority::AuthoritySignature;
use chain::certificate::{Certificate, Vote};
use chain::hash::Hash;
use chain::height::Height;
use commonware_codec::types::lazy::Lazy;
use commonware_codec::{Copying, DecodeExt};
use commonware_consensus::simplex::types::{Finalization, Proposal};
use commonware_consensus::types::{Epoch, Epocher, FixedEpocher, Round, View};
use commonware_consensus::{Epochable, Viewable};
use commonware_cryptography::certificate::{Scheme as _, Signers};
use commonware_cryptography::ed25519::Signature;
use commonware_cryptography::ed25519::certificate::Certificate as EngineCertificate;
use commonware_cryptography::sha256::Digest;
use commonware_macros::select;
use commonware_runtime::{Clock, Handle, Spawner};
use commonware_utils::Participant;
use commonware_utils::channel::mpsc;
use commonware_utils::ordered::Quorum;

use crate::block::engine_height;
use crate::committed::{DELIVERIES_MAX, Delivery};
use crate::committee::{Committees, Scheme, name, point};
use crate::epochs::Marshal;

/// How often the archive is asked for what is not there yet, and how many times.
const RETRY: Duration = Duration::from_millis(50);
const TRIES_MAX: u32 = 200;

/// The engine's certificates of final blocks.
pub(crate) struct Certificates {
    marshal: Marshal,
    committees: Committees,
    epocher: FixedEpocher,
}

/// What there is on a block.
enum Found {
    /// Its own certificate, or none.
    Certificate(Option<Certificate>),
    /// The engine stops; whether there is one is not known.
    Stopped,
}

impl Certificates {
    /// Those that `marshal` keeps; `committees` knows who voted.
    pub(crate) const fn new(
        marshal: Marshal,
        committees: Committees,
        epocher: FixedEpocher,
    ) -> Self {
        Self { marshal, committees, epocher }
    }

    /// Adds to every block `delivered` its certificate, in the same order.
    pub(crate) fn start<E: Spawner + Clock>(
        self,
        context: E,
        mut delivered: mpsc::Receiver<Delivery>,
    ) -> (Handle<()>, mpsc::Receiver<Delivery>) {
        let (sender, certified) = mpsc::channel(DELIVERIES_MAX);
        let handle = context.spawn(move |context| async move {
            while let Some(mut delivery) = delivered.recv().await {
                match self.find(&context, delivery.height()).await {
                    Found::Certificate(certificate) => delivery.certificate = certificate,
                    Found::Stopped => break,
                }
                // Closed when the engine stops; the block is delivered again after the next start.
                if sender.send(delivery).await.is_err() {
                    break;
                }
            }
        });
        (handle, certified)
    }

    /// The certificate of the final block at `height`.
    async fn find<E: Spawner + Clock>(&self, context: &E, height: Height) -> Found {
        let place = self.epocher.containing(engine_height(height));
        let closes = place.is_some_and(|place| place.last().get() == height.0);
        let mut stopped = context.stopped();
        for _ in 0..TRIES_MAX {
            let found = self.archived(height).await;
            if found.is_some() || !closes {
                return Found::Certificate(found);
            }
            select! {
                _ = &mut stopped => return Found::Stopped,
                () = context.sleep(RETRY) => {},
            }
        }
        tracing::warn!(%height, "the last block of an epoch has no certificate: it cannot be proved");
        Found::Certificate(None)
    }

    async fn archived(&self, height: Height) -> Option<Certificate> {
        let finalization = self.marshal.get_finalization(engine_height(height)).await?;
        let scheme = self.committees.of(finalization.epoch())?;
        Some(translate(&finalization, &scheme))
    }
}

/// The chain's form of a certificate that the engine has verified under `scheme`.
pub(crate) fn translate(
    finalization: &Finalization<Scheme, Digest>,
    scheme: &Scheme,
) -> Certificate {
    let Finalization { proposal, certificate } = finalization;
    let voters = certificate.signers.iter().zip(&certificate.signatures);
    let votes = voters.map(|(voter, signature)| {
        let key = scheme.participants().key(voter).expect("only participants sign");
        let signature = signature.get().expect("a verified signature decodes");
        let signature = signature.as_ref().try_into().expect("an ed25519 signature has 64 bytes");
        Vote { authority: name(key), signature: AuthoritySignature(signature) }
    });
    Certificate {
        epoch: proposal.epoch().get(),
        view: proposal.view().get(),
        parent_view: proposal.parent.get(),
        block: Hash(proposal.payload.0),
        votes: votes.collect(),
    }
}

/// The engine's form of a certificate that was voted on under `scheme`; `None` when one who voted has no vote under
/// it, or voted twice. Whether the signatures verify is for whoever uses it.
pub(crate) fn translate_back(
    certificate: &Certificate,
    scheme: &Scheme,
) -> Option<Finalization<Scheme, Digest>> {
    let Certificate { epoch, view, parent_view, block, votes } = certificate;
    let mut voters: Vec<(Participant, &Vote)> = votes
        .iter()
        .map(|vote| Some((scheme.participants().index(&point(&vote.authority)?)?, vote)))
        .collect::<Option<_>>()?;
    voters.sort_unstable_by_key(|(voter, _)| *voter);
    let count = u32::try_from(scheme.participants().len()).ok()?;
    let signers = Signers::new(count, voters.iter().map(|(voter, _)| *voter)).ok()?;
    let signatures = voters.iter().map(|(_, vote)| {
        Some(Lazy::new(Signature::decode(Copying(vote.signature.0.as_slice())).ok()?))
    });
    let signatures = signatures.collect::<Option<_>>()?;
    let round = Round::new(Epoch::new(*epoch), View::new(*view));
    let proposal = Proposal::new(round, View::new(*parent_view), Digest(block.0));
    Some(Finalization { proposal, certificate: EngineCertificate { signers, signatures } })
}

#[cfg(test)]
mod tests;
