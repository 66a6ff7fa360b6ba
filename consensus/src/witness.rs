//! Hearing of votes that contradict each other: the engine says so once, and cuts their sender off.
//!
//! The engine compares votes before it looks at their signatures, which only their sender could have got wrong. What
//! is handed on has been verified, so that it is a proof to everybody.

use std::sync::Arc;

use chain::authority::AuthoritySignature;
use chain::certificate::{Ballot, Voted};
use chain::equivocation::{Equivocation, Signed};
use chain::hash::Hash;
use commonware_actor::Feedback;
use commonware_codec::{Encode, Error, Read};
use commonware_consensus::simplex::types::{
    Activity, ConflictingFinalize, ConflictingNotarize, Finalize, Notarize, Nullify,
    NullifyFinalize, Proposal,
};
use commonware_consensus::{Epochable, Reporter, Viewable};
use commonware_cryptography::certificate::{Attestation, Scheme as _};
use commonware_cryptography::sha256::Digest;
use commonware_utils::ordered::Quorum;

use crate::Application;
use crate::committee::{Scheme, name};
use crate::epochs::Wrapped;
use crate::wiring::Runtime;

/// What hears of everything that the engine of one epoch sees.
pub(crate) struct Witness<E: Runtime> {
    inner: Wrapped<E>,
    application: Arc<dyn Application>,
    scheme: Scheme,
    chain: Hash,
}

impl<E: Runtime> Clone for Witness<E> {
    fn clone(&self) -> Self {
        let Self { inner, application, scheme, chain } = self;
        let (inner, application) = (inner.clone(), Arc::clone(application));
        Self { inner, application, scheme: scheme.clone(), chain: *chain }
    }
}

impl<E: Runtime> Witness<E> {
    /// Tells `application` of contradictions on `chain`, and `inner` of everything. `scheme` knows who votes.
    pub(crate) fn new(
        inner: Wrapped<E>,
        application: Arc<dyn Application>,
        (scheme, chain): (Scheme, Hash),
    ) -> Self {
        Self { inner, application, scheme, chain }
    }
}

impl<E: Runtime> Reporter for Witness<E> {
    type Activity = Activity<Scheme, Digest>;

    fn report(&mut self, activity: Self::Activity) -> Feedback {
        if let Some(found) = equivocation(&activity, &self.scheme)
            && let Ok(contradiction) = found.verify(self.chain)
        {
            self.application.accuse(&found, contradiction);
        }
        self.inner.report(activity)
    }
}

/// The votes that contradict each other in what happened, in the chain's form; `None` when there are none.
/// Signatures may be wrong.
pub(crate) fn equivocation(
    activity: &Activity<Scheme, Digest>,
    scheme: &Scheme,
) -> Option<Equivocation> {
    let (one, other) = match activity {
        Activity::ConflictingNotarize(found) => notarizes(found).ok()?,
        Activity::ConflictingFinalize(found) => finalizes(found).ok()?,
        Activity::NullifyFinalize(found) => given_up(found).ok()?,
        _ => return None,
    };
    let authority = name(scheme.participants().key(one.0.signer)?);
    let (one, other) = (signed(&one)?, signed(&other)?);
    let (first, second) = if one.ballot <= other.ballot { (one, other) } else { (other, one) };
    let (epoch, view) = (activity.epoch().get(), activity.view().get());
    Some(Equivocation { authority, epoch, view, first, second })
}

/// A vote of the engine's, taken apart.
type Cast = (Attestation<Scheme>, Ballot);

/// The engine shows the two votes in its encoding alone: one after the other.
fn notarizes(found: &ConflictingNotarize<Scheme, Digest>) -> Result<(Cast, Cast), Error> {
    let mut bytes = found.encode();
    let [one, other] = [(); 2].map(|()| Notarize::<Scheme, Digest>::read_cfg(&mut bytes, &()));
    let cast = |vote: Notarize<Scheme, Digest>| {
        (vote.attestation, Ballot::Notarize(voted(&vote.proposal)))
    };
    Ok((cast(one?), cast(other?)))
}

fn finalizes(found: &ConflictingFinalize<Scheme, Digest>) -> Result<(Cast, Cast), Error> {
    let mut bytes = found.encode();
    let [one, other] = [(); 2].map(|()| Finalize::read_cfg(&mut bytes, &()));
    Ok((finalize(one?), finalize(other?)))
}

fn given_up(found: &NullifyFinalize<Scheme, Digest>) -> Result<(Cast, Cast), Error> {
    let mut bytes = found.encode();
    let nullify = Nullify::<Scheme>::read_cfg(&mut bytes, &())?;
    let other = finalize(Finalize::read_cfg(&mut bytes, &())?);
    Ok(((nullify.attestation, Ballot::Nullify), other))
}

fn finalize(vote: Finalize<Scheme, Digest>) -> Cast {
    (vote.attestation, Ballot::Finalize(voted(&vote.proposal)))
}

fn voted(proposal: &Proposal<Digest>) -> Voted {
    Voted { parent_view: proposal.parent.get(), block: Hash(proposal.payload.0) }
}

/// The chain's form of a vote; `None` when its signature is none.
fn signed((attestation, ballot): &Cast) -> Option<Signed> {
    let signature = attestation.signature.get()?;
    let bytes = signature.as_ref().try_into().expect("an ed25519 signature has 64 bytes");
    Some(Signed { ballot: *ballot, signature: AuthoritySignature(bytes) })
}

#[cfg(test)]
mod tests;
